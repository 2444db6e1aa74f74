"""A dental practice with a past: people, lines, texts in every state, customers of every kind. Whatever a
page of the panel can show is in it, for tests that look at every page."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from gateway.desk import contacts as desk_contacts
from gateway.desk import lines as desk_lines
from gateway.desk.drafts import Author
from gateway.domain.line import Abilities, Accepted, CannotTell, LineState, LineStatus
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import contacts
from gateway.store import team as store_team
from gateway.store.tables import metadata
from gateway.web.access import DOOR, SETUP, access_of
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, Office

OURS = "+447700900100"
KAREN, TOM = "+447700900131", "+447700900132"
NAMES = {NADIA: "Nadia Farrell", BEN: "Ben Ortiz", KAREN: "Karen Ødegård"}


def person(office: Office, role: Role = Role.AGENT) -> Author:
    """Whoever has that role in the practice."""
    user = office.read(lambda tx: store_team.user_by_name(tx, role.value))
    assert user is not None
    return Author("person", user.id, user.name)


def fill(office: Office) -> None:
    """Let some days pass at the practice."""
    ready = {"signal_dbm": "-71", "operator": "Test Net", "maker": "huawei", "model": "E3372"}
    office.hear(LineState(LineStatus.UP, "ready", ready, Abilities()), office.line_id)
    office.write(lambda tx: desk_lines.set_number(tx, "front", OURS, "command:test", office.clock()))
    anna = person(office)
    for number, words in (
        (NADIA, "Good morning! Do you have anything on Friday?"),
        (BEN, "Could we move Thursday to the week after?"),
        (CARA, "Hello, are you taking new patients?"),
        (KAREN, "My filling fell out, it hurts. Réparation possible today?"),
        (TOM, "STOP"),
    ):
        office.text_from(number, words)
        office.clock.step(minutes=7)
    for number, name in NAMES.items():
        office.write(lambda tx, number=number, name=name: _named(tx, office, number, name))  # type: ignore[misc]
    _answered(office, NADIA, anna)
    _unclear(office, BEN, anna)
    office.accept(KAREN, "Come at four, we keep a place for you.", author=anna)
    office.clock.step(minutes=3)


def _named(tx: Any, office: Office, number: str, name: str) -> None:
    contact = contacts.by_number(tx, number)
    assert contact is not None
    desk_contacts.set_name(tx, contact.id, name, person(office), office.clock())


def _answered(office: Office, number: str, who: Author) -> None:
    office.accept(number, "Friday at ten is yours. See you then!", author=who)
    office.send_one(Accepted(7))
    office.report(7, number)
    office.clock.step(minutes=5)


def _unclear(office: Office, number: str, who: Author) -> None:
    office.accept(number, "Of course. Is Tuesday the 8th at nine good?", author=who)
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=5)


# --- its pages ---------------------------------------------------------------------------------------

_ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^>]*\))?:)?(\w+)>")


def pages(panel: Flask, office: Office, role: Role = Role.ADMIN) -> dict[str, str]:
    """Each page somebody of that role may open: its address, by the route's own. Files, streams and what
    needs a secret are left out."""
    found = {}
    for rule in panel.url_map.iter_rules():
        access = access_of(panel.view_functions[rule.endpoint])
        opens = access in (SETUP, DOOR) or (isinstance(access, Right) and access in RIGHTS[role])
        if "GET" in (rule.methods or set()) and opens and not _is_file(rule.rule):
            for number, address in enumerate(_addresses(rule.rule, office)):
                found[f"{rule.rule}#{number}" if number else rule.rule] = address
    return found


def _is_file(rule: str) -> bool:
    return bool(re.search(r"export|download|\.\w+$|/events|conversations/<public_id>/templates$", rule))


def _addresses(rule: str, office: Office) -> list[str]:
    """The addresses of a route, filled in with what the practice has; none where it has none."""
    places = _ARGUMENT.findall(rule)
    if len(places) > 1:
        return []
    return [_ARGUMENT.sub(value, rule) for value in _values(rule, office)] if places else [rule]


def _values(rule: str, office: Office) -> list[str]:
    if choice := re.search(r"<any\(([^)]*)\):\w+>", rule):
        return [one.strip() for one in choice[1].split(",")]
    noun = re.search(r"/(\w+)/<", rule)
    table = metadata.tables.get(noun[1] if noun else "")
    if table is None:
        return []
    column = table.c.id if "<int:" in rule else table.c.get("public_id", table.c.id)
    rows = office.read(lambda tx: list(tx.execute(select(column).order_by(table.c.id).limit(8)).scalars()))
    return [str(row) for row in rows]
