"""Templates: kept, refused, filled in for a contact, made of a text that was sent."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from gateway.desk import contacts as desk_contacts
from gateway.desk import settings as desk_settings
from gateway.desk import templates as desk
from gateway.domain.events import Event
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, messages
from gateway.store import templates as rows
from gateway.store.tables import audit, events
from tests.office import ANNA as NADIA
from tests.office import SAM, Office

HELLO = {"en": "Hello {first_name|there}, {me} of {office} here.", "fr": "Bonjour {first_name}, ici {me}."}


def _add(office: Office, name: str = "Hello", texts: Any = None, owner: int | None = None) -> int:
    return office.write(lambda tx: desk.add(tx, name, texts or HELLO, owner, SAM, office.clock()))


def _row(office: Office, template_id: int) -> Any:
    return office.read(lambda tx: rows.get(tx, template_id))


def _known(office: Office, **fields: Any) -> None:
    def change(tx: Any) -> None:
        person = contacts.by_number(tx, NADIA)
        assert person is not None
        contacts.change(tx, person.id, **fields)

    office.write(change)


def _filled(office: Office, template_id: int) -> tuple[str, Any]:
    def fill(tx: Any) -> tuple[str, Any]:
        texts = rows.texts(tx, [template_id])[template_id]
        return desk.filled(tx, texts, contacts.by_number(tx, NADIA), office.line(), "Anna")

    return office.read(fill)


def test_a_template_is_kept_changed_removed_and_brought_back(office: Office) -> None:
    made = _add(office)

    def change(tx: Any) -> None:
        desk.change(tx, rows.get(tx, made), "Good day", {"en": "Good day {name}"}, None, SAM, office.clock())

    office.write(change)
    assert _row(office, made).name == "Good day"
    office.write(lambda tx: desk.remove(tx, rows.get(tx, made), SAM, office.clock()))
    assert office.read(lambda tx: rows.of(tx, None)) == []
    office.write(lambda tx: desk.restore(tx, rows.get(tx, made), SAM, office.clock()))
    assert [row.name for row in office.read(lambda tx: rows.of(tx, None))] == ["Good day"]
    noted = office.read(lambda tx: tx.execute(select(audit.c.action, audit.c.before, audit.c.after)).all())
    told = [row for row in noted if row.action.startswith("template.")]
    assert [row.action for row in told] == [
        "template.add",
        "template.change",
        "template.remove",
        "template.restore",
    ]
    assert (told[1].before["en"], told[1].after["en"]) == (HELLO["en"], "Good day {name}")
    assert told[2].after is None
    kinds = office.read(lambda tx: list(tx.execute(select(events.c.kind)).scalars()))
    assert kinds.count(Event.TEMPLATES_CHANGED) == 4


@pytest.mark.parametrize(
    ("name", "texts", "key"),
    [
        ("", HELLO, "bad_name"),
        ("x" * 61, HELLO, "bad_name"),
        ("a\u0007b", HELLO, "bad_name"),
        ("Empty", {"en": "  ", "fr": ""}, "bad_template"),
        ("Wrong", {"en": "Hello {frist_name}"}, "bad_template"),
        ("Half", {"en": "Hello \ud83d"}, "not_text"),
        ("Tongue", {"english": "Hello"}, "bad_language"),
        ("HELLO", HELLO, "template_name_taken"),
        ("Visit", {"en": "Reply CANCEL to cancel your visit"}, "reserved_word"),
    ],
)
def test_what_cannot_be_kept_is_refused(office: Office, name: str, texts: Any, key: str) -> None:
    _add(office)
    with pytest.raises(Refused) as refused:
        office.write(lambda tx: desk.add(tx, name, texts, None, SAM, office.clock()))
    assert refused.value.key == key
    assert len(office.read(lambda tx: rows.of(tx, None))) == 1


def test_reserved_words_are_refused_with_a_suggested_wording(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        _add(office, "Visit", {"en": "See you. Reply CANCEL to cancel your visit."})
    assert refused.value.text == (
        "Whoever answers CANCEL is opted out, or helped, by carriers and by us. "
        "Write instead: Reply C to cancel your visit"
    )


def test_own_templates_are_seen_by_their_owner_alone(office: Office) -> None:
    sam, kim = office.person("Sam"), office.person("Kim")
    _add(office, "Mine", owner=sam)
    _add(office, "Ours")
    seen = [
        [row.name for row in office.read(lambda tx, who=who: rows.of(tx, who))] for who in (sam, kim, None)
    ]
    assert seen == [["Mine", "Ours"], ["Ours"], ["Ours"]]
    _add(office, "Mine", owner=kim)  # another's name is free
    with pytest.raises(Refused):
        _add(office, "ours", owner=kim)


def test_it_is_filled_in_the_contacts_language(office: Office) -> None:
    made = _add(office)
    office.text_from(NADIA, "hello")
    code, done = _filled(office, made)
    assert (code, done.text) == ("en", "Hello there, Anna of Our office here.")
    _known(office, language="fr-CA")
    code, done = _filled(office, made)
    assert (code, done.text, done.missing) == ("fr", "Bonjour {first_name}, ici Anna.", ("first_name",))
    _known(office, name="Nadia Farrell", language=None)
    office.write(lambda tx: desk_settings.change(tx, "office.language", "fr", "command:test", office.clock()))
    assert _filled(office, made)[1].text == "Bonjour Nadia, ici Anna."


def test_fields_of_the_office_fill_places(office: Office) -> None:
    office.text_from(NADIA, "hello")
    made = _add(office, "Boiler", {"en": "Your {field:boiler} is due, {field:engineer|we} will call."})
    assert _filled(office, made)[1].missing == ("field:boiler",)
    _known(office, fields={"boiler": "Vaillant", "first_name": "Nad"}, name="Nadia Farrell")
    assert _filled(office, made)[1].text == "Your Vaillant is due, we will call."
    assert (
        office.read(lambda tx: desk.values(tx, contacts.by_number(tx, NADIA), office.line(), "x"))[
            "first_name"
        ]
        == "Nad"
    )


def test_a_text_with_a_place_left_open_is_no_text_to_send() -> None:
    desk.check_filled("Hello Nadia { 12 } {whatever}")
    with pytest.raises(Refused) as refused:
        desk.check_filled("Hello {first_name}, {field:boiler|x}")
    assert refused.value.text.startswith("{first_name}, {field:boiler} is not filled in")


def test_make_template_replaces_the_contacts_name(office: Office) -> None:
    office.text_from(NADIA, "hello")
    person = office.read(lambda tx: contacts.by_number(tx, NADIA))
    assert person is not None
    office.write(lambda tx: desk_contacts.set_name(tx, person.id, "Nadia Farrell", SAM, office.clock()))
    sent = office.accept(NADIA, "Hello Nadia, Ms Nadia Farrell may come at ten.")
    row = office.read(lambda tx: messages.get(tx, sent))
    made = office.read(lambda tx: desk.made_of(tx, row))
    assert made == "Hello {first_name}, Ms {name} may come at ten."
