"""The table of contacts: searched, filtered, with filters kept under names; and noting somebody new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import contact_filters as desk_filters
from gateway.desk import contacts as desk
from gateway.desk.drafts import Author
from gateway.desk.settings import country
from gateway.domain import contact_words, phone
from gateway.domain.contact import known_as
from gateway.domain.contact_words import Mark
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import consent, contact_list, contacts, numbers, settings, tags
from gateway.store.contact_list import Wanted
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.contact_card import contact_card as contact_card
from gateway.web.contact_card import spoken_name
from gateway.web.frame import page
from gateway.web.rights import visible_lines
from gateway.web.site import author, may, read, write

contact_pages = Blueprint("contacts", __name__)

PAGE = 50
FILTERS = (
    "q", "stage", "priority", "tag", "health", "consent", "language", "after", "before", "blocked"
)  # fmt: skip
"""Fields of the form that narrow the table, and of a saved filter."""
_CHOICES: Mapping[str, frozenset[str]] = {
    "stage": frozenset(contact_words.STAGES),
    "priority": frozenset(contact_words.PRIORITIES),
    "health": frozenset(contact_words.HEALTH),
    "consent": frozenset({"stopped", "open"}),
    "blocked": frozenset({"yes", "no"}),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One contact in the table."""

    id: str
    title: str
    is_named: bool
    known: Mark | None
    numbers: tuple[str, ...]
    stage: str
    priority: str
    priority_kind: str
    tags: tuple[str, ...]
    stopped: bool
    blocked: bool
    heard_at: datetime | None
    health: Mark | None


# --- the table ---------------------------------------------------------------------------------------


@contact_pages.get("/contacts")
@needs(Right.READ)
def show() -> ResponseReturnValue:
    asked = asked_for(request.args)
    beyond, lines = request.args.get("from", ""), visible_lines()

    def look(tx: Tx) -> dict[str, Any]:
        wanted = wanted_by(tx, asked, lines)
        last = contacts.by_public_id(tx, beyond) if beyond else None
        rows = contact_list.page(tx, wanted, PAGE + 1, (last.sought, last.id) if last is not None else None)
        return {
            "lines": made(tx, rows[:PAGE]),
            "count": contact_list.count(tx, wanted),
            "older": rows[PAGE - 1].public_id if len(rows) > PAGE else None,
            "saved": _saved(tx),
            "tags": [row.name for row in tags.every(tx)],
            "languages": [(code, spoken_name(code)) for code in contact_list.languages(tx)],
        }

    return page(
        "contacts.html",
        asked=asked,
        beyond=beyond,
        query=urlencode(asked),
        is_narrowed=bool(set(asked) - {"q"}),
        most=contact_list.COUNTED,
        named=contact_words,
        health_choices=[(health, mark.words) for health, mark in contact_words.HEALTH.items()],
        zip=zip,
        may_set=may(Right.CONTACT_SET),
        may_import=may(Right.CONTACT_IMPORT),
        may_export=may(Right.CONTACT_EXPORT),
        refused=request.args.get("refused", ""),
        longest_name=desk_filters.LONGEST_NAME,
        **read(look),
    )


def asked_for(given: Mapping[str, str]) -> dict[str, str]:
    """The fields of a filter that narrow anything, those that are no choice left out."""
    found = {name: given.get(name, "").strip() for name in FILTERS}
    return {
        name: value[:200]
        for name, value in found.items()
        if value and (name not in _CHOICES or value in _CHOICES[name])
    }


def wanted_by(tx: Tx, asked: Mapping[str, str], lines: frozenset[int] | None) -> Wanted:
    """The question those fields ask; days are the office's."""
    zone = ZoneInfo(settings.get(tx, "office.zone"))
    yes_no = {"stopped": True, "open": False, "yes": True, "no": False}
    return Wanted(
        words=asked.get("q", ""),
        stage=asked.get("stage"),
        priority=asked.get("priority"),
        tag=asked.get("tag"),
        health=asked.get("health"),
        stopped=yes_no.get(asked.get("consent", "")),
        blocked=yes_no.get(asked.get("blocked", "")),
        language=asked.get("language"),
        heard_after=_day(asked.get("after", ""), zone),
        heard_before=_day(asked.get("before", ""), zone),
        lines=lines,
    )


def _day(typed: str, zone: ZoneInfo) -> datetime | None:
    """When a day begins at the office; None for what is no day."""
    try:
        day = datetime.strptime(typed, "%Y-%m-%d").date()
    except ValueError:
        return None
    return datetime.combine(day, time(), zone)


def made(tx: Tx, rows: Sequence[Row[Any]]) -> list[Line]:
    """Contacts as the table shows them."""
    ids = [row.id for row in rows]
    of, tagged = numbers.of(tx, ids), tags.of_contacts(tx, ids)
    stopped = consent.suppressed_among(tx, [one.number for row in rows for one in of[row.id]])
    return [_line(row, of[row.id], tagged[row.id], stopped) for row in rows]


_KINDS = {"high": "warn", "urgent": "bad"}
_WORST = list(contact_words.HEALTH)


def _line(row: Row[Any], theirs: list[Row[Any]], tagged: list[str], stopped: set[str]) -> Line:
    first = theirs[0] if theirs else None
    known = known_as(
        row.name, row.stage, row.external_id, first.number if first else "", first.kind if first else None
    )
    worst = max((one.health for one in theirs), key=_WORST.index, default="ok")
    shown = tuple(phone.pretty(one.number) or str(t("Number withheld")) for one in theirs)
    return Line(
        id=row.public_id,
        title=row.name or (shown[0] if shown else str(t("No name"))),
        is_named=row.name is not None,
        known=contact_words.KNOWN.get(known),
        numbers=shown,
        stage=str(contact_words.STAGES[row.stage]),
        priority="" if row.priority == "normal" else str(contact_words.PRIORITIES[row.priority]),
        priority_kind=_KINDS.get(row.priority, ""),
        tags=tuple(tagged),
        stopped=any(one.number in stopped for one in theirs),
        blocked=row.blocked_at is not None,
        heard_at=row.heard_at,
        health=contact_words.HEALTH[worst] if worst != "ok" else None,
    )


# --- saved filters -----------------------------------------------------------------------------------


def _saved(tx: Tx) -> list[tuple[str, str, str]]:
    """Saved filters: (public id, name, query of the address)."""
    return [(row.public_id, row.name, urlencode(asked_for(row.query))) for row in contact_list.filters(tx)]


@contact_pages.post("/contacts/filters")
@needs(Right.CONTACT_SET)
def save_filter() -> ResponseReturnValue:
    asked, name, who = asked_for(request.form), request.form.get("name", ""), author()
    refused = {}
    try:
        write(lambda tx, at: desk_filters.save(tx, name, asked, who, at))
    except Refused as trouble:
        refused = {"refused": trouble.text}
    return redirect(url_for("contacts.show", **asked, **refused), 303)  # type: ignore[arg-type]


@contact_pages.post("/contacts/filters/<public_id>/remove")
@needs(Right.CONTACT_IMPORT)
def remove_filter(public_id: str) -> ResponseReturnValue:
    who = author()
    write(lambda tx, at: desk_filters.remove(tx, public_id, who, at))
    return redirect(url_for("contacts.show"), 303)


# --- somebody new ------------------------------------------------------------------------------------


@contact_pages.get("/contacts/new")
@needs(Right.CONTACT_SET)
def new() -> ResponseReturnValue:
    return _new_page()


def _new_page(status: int = 200, refused: str = "", taken: str = "") -> Response:
    typed = request.form or request.args
    return page(
        "contact_new.html",
        status,
        typed=typed,
        refused=refused,
        taken=taken,
        named=contact_words,
        most=desk.LONGEST_NAME,
    )


@contact_pages.post("/contacts")
@needs(Right.CONTACT_SET)
def add() -> ResponseReturnValue:
    who, typed = author(), dict(request.form)
    try:
        public_id = write(lambda tx, at: _add(tx, typed, who, at))
    except Refused as refused:
        number = str(refused.data["number"]) if refused.key == "number_taken" else ""
        return _new_page(422, refused.text, read(lambda tx: _owner(tx, number)))
    return redirect(url_for("person.show", public_id=public_id), 303)


def _owner(tx: Tx, number: str) -> str:
    row = contacts.by_number(tx, number)
    return row.public_id if row is not None else ""


def _add(tx: Tx, typed: Mapping[str, str], who: Author, at: datetime) -> str:
    number = parsed(tx, typed.get("number", ""))
    values = {name: typed.get(name, "") for name in ("name", "stage", "company", "email") if typed.get(name)}
    row = contacts.get(tx, desk.add(tx, [number], values, who, at))
    assert row is not None  # just added
    return str(row.public_id)


def parsed(tx: Tx, typed: str) -> phone.Number:
    """A number as somebody typed it.

    Raises:
        Refused: it is none.
    """
    try:
        return phone.parse(typed, country(tx))
    except phone.NotANumber as error:
        raise Refused("bad_number", detail=str(error)) from None
