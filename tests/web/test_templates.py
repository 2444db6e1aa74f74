"""The pages of templates: who may keep which, a preview, removal with a way back, one made of a sent text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.desk import templates as desk
from gateway.store import contacts, messages, team
from gateway.store import templates as stored
from tests.office import ANNA as NADIA
from tests.office import SAM, Office
from tests.web.browser import Browser

LIST, NEW = "/settings/templates", "/settings/templates/new"
BrowserOf = Callable[[str], Browser]


@pytest.fixture
def ruth(browser_of: BrowserOf) -> Browser:
    """Somebody who may change the office's templates."""
    return browser_of("manager")


def _names(office: Office, username: str | None = None) -> list[str]:
    def look(tx: Any) -> list[str]:
        user = team.user_by_name(tx, username) if username else None
        return [row.name for row in stored.of(tx, user.id if user is not None else None)]

    return office.read(look)


def _shared(office: Office, name: str = "Hello", body: str = "Hello {first_name|there}") -> str:
    def add(tx: Any) -> str:
        made = desk.add(tx, name, {"en": body}, None, SAM, office.clock())
        return f"{LIST}/{stored.get(tx, made).public_id}"

    return office.write(add)


def test_a_template_is_kept_found_changed_removed_and_brought_back(ruth: Browser, office: Office) -> None:
    ruth.get(NEW)
    fields = {"name": "Hello", "whose": "office", "text-en": "Hello {name|there}", "text-fr": "Bonjour"}
    ruth.submit(NEW, **fields, do="save")
    assert "Hello {name|there}" in ruth.text and "Bonjour" in ruth.text and "The office's" in ruth.text
    ruth.get(f"{LIST}?q=bonj")
    assert "Hello" in ruth.text
    ruth.get(f"{LIST}?q=xyz")
    assert "No template holds that." in ruth.text
    (row,) = office.read(lambda tx: stored.of(tx, None))
    place = f"{LIST}/{row.public_id}"
    ruth.get(place)
    ruth.submit(place, name="Good day", do="save")
    assert _names(office) == ["Good day"]
    ruth.press("Remove Good day")
    assert _names(office) == [] and "Removed: Good day" in ruth.text
    ruth.press("Undo")
    assert _names(office) == ["Good day"]


def test_r35_a_preview_shows_it_for_a_contact_and_keeps_what_was_typed(ruth: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    person = office.read(lambda tx: contacts.by_number(tx, NADIA))
    assert person is not None
    office.write(lambda tx: contacts.change(tx, person.id, name="Nadia Farrell"))
    ruth.get(NEW)
    fields = {"name": "x", "text-en": "Hello {first_name}, {field:boiler}", "for": NADIA, "do": "preview"}
    ruth.submit(NEW, **fields)
    assert "For Nadia Farrell" in ruth.text and "Hello Nadia, {field:boiler}" in ruth.text
    assert "Missing: {field:boiler}" in ruth.text
    assert ruth.page.forms[NEW]["text-en"] == "Hello {first_name}, {field:boiler}"
    ruth.submit(NEW, **{**fields, "for": "nobody"})
    assert "For somebody we do not know" in ruth.text and "Missing: {first_name}, {field:boiler}" in ruth.text
    assert _names(office) == []


def test_r39_reserved_words_are_refused_with_a_suggested_wording(ruth: Browser, office: Office) -> None:
    ruth.get(NEW)
    body = "Reply CANCEL to cancel your visit"
    answer = ruth.submit(NEW, **{"name": "Visit", "text-en": body, "do": "save"})
    assert answer.status_code == 422
    assert "Write instead: Reply C to cancel your visit" in ruth.text
    assert ruth.page.forms[NEW]["text-en"] == body and _names(office, "manager") == []


def test_an_agent_keeps_own_ones_and_leaves_the_offices_alone(
    anna: Browser, browser_of: BrowserOf, office: Office
) -> None:
    ours = _shared(office)
    anna.get(NEW)
    assert "office" not in anna.html.partition('name="whose"')[2].partition("</select>")[0]
    anna.submit(NEW, **{"name": "Mine", "whose": "own", "text-en": "From me", "do": "save"})
    assert _names(office, "agent") == ["Hello", "Mine"] and _names(office, "manager") == ["Hello"]
    assert "Remove Mine" in anna.buttons() and "Remove Hello" not in anna.buttons()
    assert anna.get(ours).status_code == 403
    anna.get(NEW)
    answer = anna.submit(NEW, **{"name": "Sly", "whose": "office", "text-en": "x", "do": "save"})
    assert answer.status_code == 403
    (mine,) = [row for row in office.read(lambda tx: stored.of(tx, _id(office))) if row.name == "Mine"]
    manager = browser_of("manager")
    assert manager.get(f"{LIST}/{mine.public_id}").status_code == 404
    assert browser_of("viewer").get(LIST).status_code == 403


def _id(office: Office) -> int:
    user = office.read(lambda tx: team.user_by_name(tx, "agent"))
    assert user is not None
    return int(user.id)


def test_a_language_without_a_field_can_be_added(ruth: Browser, office: Office) -> None:
    ruth.get(NEW)
    given = {"name": "Hallo", "text-en": "Hello", "other-language": "NL", "other-text": "Hallo", "do": "save"}
    ruth.submit(NEW, **given)
    (row,) = [row for row in office.read(lambda tx: stored.of(tx, None)) if row.name == "Hallo"]
    ruth.get(f"{LIST}/{row.public_id}")
    assert ruth.page.forms[f"{LIST}/{row.public_id}"]["text-nl"] == "Hallo"


def test_r52_a_sent_text_becomes_a_template_with_a_place_for_the_name(ruth: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    person = office.read(lambda tx: contacts.by_number(tx, NADIA))
    assert person is not None
    office.write(lambda tx: contacts.change(tx, person.id, name="Nadia Farrell", language="fr"))
    sent = office.accept(NADIA, "Bonjour Nadia, une place est libre.")
    row = office.read(lambda tx: messages.get(tx, sent))
    assert row is not None
    ruth.get(f"/conversations/{row.conversation_public_id}")
    assert f'href="{NEW}?of={row.public_id}"' in ruth.html
    ruth.get(f"{NEW}?of={row.public_id}")
    assert ruth.page.forms[NEW]["text-fr"] == "Bonjour {first_name}, une place est libre."
    assert ruth.get(f"{NEW}?of=msg_nothing").status_code == 404
