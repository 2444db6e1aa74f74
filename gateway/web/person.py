"""The page of one person: everything that is known of them, and the form that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import blocking
from gateway.desk import contacts as desk
from gateway.desk.contact_fields import LONGEST_FIELD, LONGEST_FIELD_NAME
from gateway.desk.drafts import Author
from gateway.domain import contact_words, phone, zones
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.languages import NAMES
from gateway.store import consent, contacts, conversations, lines, merges, numbers
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.contact_card import Card, card
from gateway.web.frame import page, times
from gateway.web.place_choice import every_zone
from gateway.web.present import Times
from gateway.web.rights import visible_lines
from gateway.web.site import author, may, now, read, write

person_pages = Blueprint("person", __name__)

FORM = ("name", "stage", "priority", "language", "zone", "company", "email", "address")
MOST_NEW = 3
"""Empty pairs offered for further fields of the office's own."""


@dataclass(frozen=True, slots=True)
class Had:
    """A number they had before."""

    said: str


@dataclass(frozen=True, slots=True)
class Consented:
    """One entry of the consent ledger."""

    at: datetime
    what: str
    number: str
    how: str
    words: str


@dataclass(frozen=True, slots=True)
class Merged:
    """Somebody who is one with them since then; only the newest can be parted."""

    id: str
    name: str
    at: datetime
    can_part: bool


# --- finding them ------------------------------------------------------------------------------------


def person(tx: Tx, public_id: str, seen: frozenset[int] | None) -> Row[Any]:
    """A contact by the id in the address; 404 for one there is not, or on lines one may not see."""
    row = contacts.by_public_id(tx, public_id)
    if row is None or not contacts.is_seen(tx, contacts.live(tx, row).id, seen):
        abort(404)
    return row


@person_pages.get("/conversations/<public_id>/contact")
@needs(Right.READ)
def of_conversation(public_id: str) -> ResponseReturnValue:
    """Whom a conversation is with."""
    row = read(lambda tx: conversations.by_public_id(tx, public_id))
    if row is None:
        abort(404)
    return redirect(url_for("person.show", public_id=row.contact_public_id), 303)


@person_pages.get("/contacts/<public_id>")
@needs(Right.READ)
def show(public_id: str) -> ResponseReturnValue:
    seen = visible_lines()
    row = read(lambda tx: person(tx, public_id, seen))
    if row.merged_into_id is not None:
        kept = read(lambda tx: contacts.live(tx, row))
        return redirect(url_for("person.show", public_id=kept.public_id), 303)
    return person_page(public_id)


# --- the page ----------------------------------------------------------------------------------------


def person_page(public_id: str, status: int = 200, refused: str = "", **more: Any) -> Response:
    """Everything that is known of somebody; `refused` says why nothing was changed."""
    seen = visible_lines()

    def look(tx: Tx) -> dict[str, Any]:
        row, said = person(tx, public_id, seen), times(tx, now())
        shown = _card(tx, row, seen)
        return {
            "card": shown,
            "can_take_back": may(Right.BLOCK) and blocking.can_take_back(row, author(), said.now),
            "contact": row,
            "had": _had(tx, row, said),
            "consents": _consents(tx, row, shown),
            "merged": _merged(tx, row),
            "address": f"/contacts/{public_id}",
        }

    return page(
        "person.html",
        status,
        refused=refused,
        may_set=may(Right.CONTACT_SET),
        may_block=may(Right.BLOCK),
        may_unblock=may(Right.UNBLOCK),
        may_merge=may(Right.CONTACT_IMPORT),
        may_export=may(Right.CONTACT_EXPORT),
        may_erase=may(Right.CONTACT_ERASE),
        done=request.args.get("done", ""),
        words_bad=contact_words.HEALTH["bad"].words,
        **{"taken": None, "typed_number": "", **more},
        **read(look),
    )


def _card(tx: Tx, row: Row[Any], seen: frozenset[int] | None) -> Card:
    first = next(iter(conversations.of_contact(tx, row.id)), None)
    theirs = contacts.numbers_of(tx, row.id)
    peer = first.peer if first is not None else theirs[0] if theirs else ""
    every = lines.every(tx, seen)
    line = lines.get(tx, first.line_id) if first is not None else every[0] if every else None
    return card(tx, row, peer, line, seen)


def _had(tx: Tx, row: Row[Any], said: Times) -> list[str]:
    """Numbers they had before, and who had theirs before them."""
    told = []
    for one in numbers.had_by(tx, row.id):
        if one.until is None or one.why not in contact_words.HAD:
            continue
        name = one.owner_name or str(t("somebody without a name"))
        values = {"number": phone.pretty(one.number), "date": said.date_words(one.until), "name": name}
        told.append(contact_words.HAD[one.why].format(**values))
    for number in contacts.numbers_of(tx, row.id):
        for one in numbers.owners(tx, number):
            if one.why == "moved" and one.until is not None:
                values = {"number": phone.pretty(number), "date": said.date_words(one.until)}
                name = one.name or str(t("somebody without a name"))
                told.append(t("{number} was {name}'s until {date}").format(name=name, **values))
    return told


def _consents(tx: Tx, row: Row[Any], shown: Card) -> list[Consented]:
    found = [
        Consented(
            one.at,
            str(contact_words.CONSENT.get(one.kind, one.kind)),
            phone.pretty(one.number),
            contact_words.HOW.get(one.how, one.how).format(who=one.recorded_by or ""),
            one.words or "",
        )
        for number in shown.numbers
        for one in consent.history(tx, number.number)
    ]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _merged(tx: Tx, row: Row[Any]) -> list[Merged]:
    found = []
    for place, one in enumerate(merges.standing(tx, row.id)):
        other = contacts.get(tx, one.merged_id)
        if other is not None:
            name = other.name or phone.pretty(_first_number(one)) or str(t("somebody without a name"))
            found.append(Merged(other.public_id, name, one.at, place == 0))
    return found


def _first_number(merge: Row[Any]) -> str:
    moved = merge.moved["numbers"]
    return str(moved[0]["number"]) if moved else ""


# --- changing it -------------------------------------------------------------------------------------


@person_pages.get("/contacts/<public_id>/edit")
@needs(Right.CONTACT_SET)
def edit(public_id: str) -> ResponseReturnValue:
    return _edit_page(public_id)


def _edit_page(public_id: str, status: int = 200, refused: Refused | None = None) -> Response:
    """The form; what was typed into one that could not be used stands in it again."""
    seen = visible_lines()

    def look(tx: Tx) -> tuple[Row[Any], Card]:
        row = person(tx, public_id, seen)
        return row, _card(tx, row, seen)

    row, shown = read(look)
    form = request.form
    value = {name: form.get(name, row._mapping[name] or "") for name in FORM}
    typed_own = list(zip(form.getlist("own_name"), form.getlist("own_value"), strict=False))
    own = typed_own or [*shown.own, *[("", "")] * MOST_NEW]
    return page(
        "person_edit.html",
        status,
        card=shown,
        value=value,
        own=own,
        address=f"/contacts/{public_id}",
        areas=every_zone(),
        known={zone for _, group in every_zone() for zone, _ in group},
        label=zones.label,
        languages=NAMES,
        named=contact_words,
        refused=refused.text if refused else "",
        field=str(refused.data.get("field", "own")) if refused else "",
        most=desk.LONGEST_NAME,
        most_own_name=LONGEST_FIELD_NAME,
        most_own=LONGEST_FIELD,
    )


@person_pages.post("/contacts/<public_id>")
@needs(Right.CONTACT_SET)
def save(public_id: str) -> ResponseReturnValue:
    who, seen = author(), visible_lines()
    values = {name: request.form[name] for name in FORM if name in request.form}
    own = dict(zip(request.form.getlist("own_name"), request.form.getlist("own_value"), strict=False))

    def change(tx: Tx, at: datetime) -> None:
        _save(tx, person(tx, public_id, seen), values, own, who, at)

    try:
        write(change)
    except Refused as refused:
        return _edit_page(public_id, 422, refused)
    return redirect(url_for("person.show", public_id=public_id, done="saved"), 303)


def _save(
    tx: Tx, row: Row[Any], values: dict[str, str], own: dict[str, str], who: Author, at: datetime
) -> None:
    desk.change(tx, row.id, values, who, at)
    if own:
        desk.set_own_fields(tx, row.id, own, who, at)
