"""Rights per line in lists: no page shows somebody who is limited to one line what stands on another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from gateway.desk import alarms
from gateway.desk import contacts as desk_contacts
from gateway.domain.alarms import Kind
from gateway.domain.line import Abilities, LineState, LineStatus, Received
from gateway.domain.people import Role
from gateway.domain.schedule import at_instant
from gateway.store import alarms as store_alarms
from gateway.store import contacts
from tests.office import ANNA, BEN, Office, delivers
from tests.web import practice
from tests.web.browser import Browser
from tests.web.test_rights import limit

LINE, TEXT, ANSWER, PERSON, LATER = "Zorblegarage", "quibblewrench", "flummoxbolt", "Xanthippe", "vexedgasket"
MARKS = [LINE, TEXT, ANSWER, PERSON, LATER, BEN[-6:]]
WHOLE = {
    "/settings/audit": "the proof of what happened is one, and only whoever may read it may limit others",
    "/settings/people": "says who is limited to which line; an administrator can give themselves every line",
    "/setup": "adds and connects lines: an administrator has to see what is there",
}
"""Pages of managers and administrators that speak of every line, by how they begin, and why."""
SIMPLE = ("ready", {}, Abilities())


@pytest.fixture
def garage(panel: Flask, office: Office) -> int:
    """A second line on which a customer of its own wrote and was answered, with a text that waits; on the
    first line somebody else did the same."""
    line_id = office.add_line(LINE)
    for one in (office.line_id, line_id):
        office.hear(LineState(LineStatus.UP, *SIMPLE), one)
    office.text_from(ANNA, "Is the front desk open on Friday?")
    (pdu,) = delivers(BEN, f"Is my {TEXT} ready on Friday?", office.clock())
    office.hear(Received(pdu, office.slot()), line_id)
    office.write(lambda tx: _name(tx, office))
    who, front = practice.person(office), office.line_id
    for of_line, to, word in ((front, ANNA, "open"), (line_id, BEN, ANSWER)):
        office.line_id = of_line
        office.accept(to, f"Yes, the {word} is", author=who)
        office.accept(to, f"Bring the {LATER if word == ANSWER else 'card'}", author=who, **_tomorrow(office))
    office.line_id = front
    office.write(lambda tx: _alarm(tx, office))
    return line_id


def _alarm(tx: Any, office: Office) -> None:
    """Two of the second line: one that is over, and one that nobody has seen."""
    detail = {"line": LINE, "used": 9, "total": 10}
    over = alarms.raise_(tx, Kind.SIM_FULL, LINE, detail, office.clock())
    store_alarms.change(tx, over, ended_at=office.clock())
    alarms.raise_(tx, Kind.SIM_FULL, LINE, detail, office.clock())


def _name(tx: Any, office: Office) -> None:
    contact = contacts.by_number(tx, BEN)
    assert contact is not None
    desk_contacts.set_name(tx, contact.id, PERSON, practice.person(office), office.clock())


def _tomorrow(office: Office) -> dict[str, Any]:
    return {"when": at_instant(office.clock() + timedelta(days=1), "Europe/London")}


def opened(panel: Flask, office: Office, role: Role) -> list[str]:
    """Addresses to open: each page, and lists narrowed to what is marked."""
    asked = [
        f"{path}?{name}={word.removeprefix('+')}"
        for path, name in (("/contacts", "q"), ("/", "q"))
        for word in (*MARKS, "Friday")
    ]
    return [*practice.pages(panel, office, role).values(), *asked, "/?tab=all", "/schedule?show=theirs"]


def leaks(browser: Browser, addresses: list[str]) -> list[tuple[str, str]]:
    """Which marked words stand in which answers; what was asked for stands in its own search field."""
    found = []
    for address in addresses:
        answer = browser.client.get(address)
        assert answer.status_code < 500, address
        body, asked = answer.get_data(as_text=True), address.partition("=")[2]
        found += [(address, mark) for mark in MARKS if mark in body and mark != asked]
    return found


@pytest.mark.parametrize("role", list(Role))
def test_no_page_shows_what_is_on_another_line(
    panel: Flask, browser_of: Callable[[str], Browser], office: Office, garage: int, role: Role
) -> None:
    addresses = opened(panel, office, role)
    limit(office, role.value, office.line_id)
    found = leaks(browser_of(role.value), addresses)
    hidden = [(one, mark) for one, mark in found if not one.startswith(tuple(WHOLE))]
    assert not hidden


def test_the_marks_are_on_the_pages_of_somebody_who_sees_all_lines(
    panel: Flask, browser_of: Callable[[str], Browser], office: Office, garage: int
) -> None:
    found = leaks(browser_of("agent"), opened(panel, office, Role.AGENT))
    assert {mark for _, mark in found} == set(MARKS)
    assert {"/schedule", "/lines", "/contacts", "/?tab=all"} <= {one for one, _ in found}
