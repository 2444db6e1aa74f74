"""The page of the office's name, place and language."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway import languages
from gateway.domain.people import Role
from gateway.domain.settings import SETTINGS
from gateway.store import settings
from gateway.store.tables import audit
from tests.office import Office
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]
PLACE = "/settings/office"


def _stored(office: Office, name: str) -> str:
    return str(office.read(lambda tx: settings.get(tx, name)))


def test_an_admin_changes_what_the_office_is(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get("/more")
    assert PLACE in ruth.html
    ruth.get(PLACE)
    assert ruth.page.forms[PLACE]["office.name"] == "Alderwick Dental"
    named = {"office.name": "Cabinet Martin", "office.country": "FR", "office.zone": ""}
    ruth.submit(PLACE, **named, **{"office.language": "fr"})
    assert "Cabinet Martin" in ruth.text and '<html lang="fr">' in ruth.html
    assert [_stored(office, name) for name in ("office.country", "office.zone", "office.language")] == [
        "FR",
        "Europe/Paris",
        "fr",
    ]
    rows = office.read(lambda tx: list(tx.execute(audit.select().where(audit.c.object == "office.language"))))
    assert [(row.actor, row.before, row.after) for row in rows] == [("person:Ruth Lindqvist", "", "fr")]
    ruth.submit(PLACE, **{"office.language": ""})
    assert '<html lang="en">' in ruth.html


def test_what_cannot_be_used_is_said_at_its_field_and_nothing_changes(
    browser_of: BrowserOf, office: Office
) -> None:
    ruth = browser_of("admin")
    ruth.get(PLACE)
    answer = ruth.submit(PLACE, **{"office.name": "Elsewhere", "office.country": "US", "office.zone": ""})
    assert answer.status_code == 422 and "several time zones" in ruth.text
    assert 'value="Elsewhere"' in ruth.html and 'aria-describedby="office-zone-error' in ruth.html
    assert _stored(office, "office.name") == "Alderwick Dental"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_others_may_not(browser_of: BrowserOf, role: str) -> None:
    browser = browser_of(role)
    assert browser.get(PLACE).status_code == 403
    browser.get("/more")
    assert PLACE not in browser.html


@pytest.mark.parametrize("code", [*languages.NAMES, ""])
def test_the_setting_takes_every_language_there_is(code: str) -> None:
    assert SETTINGS["office.language"].parse(code) == code
