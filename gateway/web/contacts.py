"""Whom a conversation is with: what they are called and what time it is there, and the form that says so."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import contacts as desk
from gateway.domain import zones
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.domain.zones import Source, Zones
from gateway.store import contacts, conversations, lines, settings
from gateway.store.database import Tx
from gateway.web import there
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.site import author, may, now, read, write

contact_pages = Blueprint("contacts", __name__)

_AREAS = frozenset(
    ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


@dataclass(frozen=True, slots=True)
class Card:
    """What the pane tells of a contact's place: the zone that was noted of them, what their number tells."""

    noted: str
    by_number: str


def contact_card(tx: Tx, conversation: Row[Any], line: Row[Any] | None) -> Card:
    """Where the contact of a conversation lives, as far as is known."""
    contact = contacts.get(tx, conversation.contact_id)
    noted = contact.zone if contact is not None and contact.zone else ""
    if line is None:
        return Card(noted, "")
    office_zone = settings.get(tx, "office.zone")
    told = there.zones_by(line, conversation.peer, None, office_zone, now())
    return Card(noted, _told(told))


def _told(where: Zones) -> str:
    """What a number tells of its owner's place."""
    if where.source is Source.LINE:
        return "it does not tell, so as on our line" if not where.unsure else "it does not tell"
    return there.place(where)


@cache
def every_zone() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Zones to choose from, by area: (area, ((zone, its place in words), ...))."""
    names = sorted(
        name for name in zoneinfo.available_timezones() if name.partition("/")[0] in _AREAS and "/" in name
    )
    return tuple(
        (area, tuple((name, _place(name)) for name in group))
        for area, group in groupby(names, key=lambda name: name.partition("/")[0])
    )


def _place(name: str) -> str:
    """ "Indianapolis, Indiana" for what lies a step deeper than most."""
    parts = name.split("/")[1:]
    return ", ".join(part.replace("_", " ") for part in reversed(parts))


@contact_pages.get("/conversations/<public_id>/contact")
@needs(Right.CONTACT_SET)
def show(public_id: str) -> ResponseReturnValue:
    return _page(public_id)


def _conversation(tx: Tx, public_id: str) -> Row[Any]:
    row = conversations.by_public_id(tx, public_id)
    if row is None:
        abort(404)
    return row


def _page(public_id: str, status: int = 200, errors: dict[str, str] | None = None) -> Response:
    """The form; what was typed into one that could not be used stands in it again."""

    def look(tx: Tx) -> tuple[Row[Any], Card]:
        row = _conversation(tx, public_id)
        return row, contact_card(tx, row, lines.get(tx, row.line_id))

    row, card = read(look)
    form = request.form
    return page(
        "contact.html",
        status,
        conversation=row,
        card=card,
        name=form.get("name", row.name or ""),
        zone=form.get("zone", card.noted),
        areas=every_zone(),
        known={zone for _, group in every_zone() for zone, _ in group},
        label=zones.label,
        errors=errors or {},
        may_export=may(Right.CONTACT_EXPORT),
        may_erase=may(Right.CONTACT_ERASE),
    )


@contact_pages.post("/conversations/<public_id>/contact")
@needs(Right.CONTACT_SET)
def save(public_id: str) -> ResponseReturnValue:
    who, name, zone = author(), request.form.get("name", ""), request.form.get("zone", "")

    def change(tx: Tx, at: Any) -> None:
        contact_id = _conversation(tx, public_id).contact_id
        desk.set_name(tx, contact_id, name, who, at)
        desk.set_zone(tx, contact_id, zone, who, at)

    try:
        write(change)
    except Refused as refused:
        where = "name" if refused.key == "bad_name" else "zone"
        return _page(public_id, 422, {where: refused.text})
    return redirect(url_for("conversations.show", public_id=public_id), 303)
