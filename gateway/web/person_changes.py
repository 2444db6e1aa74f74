"""What is done with a person from their page: numbers, tags, blocking, merging. Each form leads back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.desk import blocking, hygiene, merging
from gateway.desk import contacts as desk
from gateway.desk import numbers as desk_numbers
from gateway.desk.drafts import Author
from gateway.domain import phone
from gateway.domain.contact import Health
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import contact_list, contacts
from gateway.store.contact_list import Wanted
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.contacts import made, parsed
from gateway.web.frame import page
from gateway.web.person import person, person_page
from gateway.web.rights import visible_lines
from gateway.web.site import author, read, write

person_changes = Blueprint("person_changes", __name__)

Change = Callable[[Tx, Row[Any], Author, datetime], None]
FOUND = 20
"""So many people are offered to be made one with somebody."""


def _do(public_id: str, change: Change, done: str) -> ResponseReturnValue:
    """Make a change and show the page anew, or say on it why nothing was changed."""
    who, seen = author(), visible_lines()
    try:
        write(lambda tx, at: change(tx, person(tx, public_id, seen), who, at))
    except Refused as refused:
        return person_page(public_id, 422, refused.text, **_remedy(refused))
    return redirect(url_for("person.show", public_id=public_id, done=done), 303)


def _remedy(refused: Refused) -> dict[str, Any]:
    """Of a number that is somebody else's: whose it is, so that it can be moved, shared, or both made one."""
    if refused.key != "number_taken":
        return {}
    number = str(refused.data["number"])
    return {"taken": read(lambda tx: contacts.by_number(tx, number)), "typed_number": number}


# --- numbers -----------------------------------------------------------------------------------------


@person_changes.post("/contacts/<public_id>/numbers")
@needs(Right.CONTACT_SET)
def add_number(public_id: str) -> ResponseReturnValue:
    """Give them a number: a new one, or (`how`) one that somebody else has, to be moved or shared."""
    typed, how = request.form.get("number", ""), request.form.get("how", "")

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        number = parsed(tx, typed)
        if how == "move":
            desk_numbers.move(tx, row.id, number.text, who, at)
        elif how == "share":
            desk_numbers.share(tx, row.id, number.text, who, at)
        else:
            desk_numbers.add(tx, row.id, number, who, at)

    return _do(public_id, change, "number")


@person_changes.post("/contacts/<public_id>/numbers/remove")
@needs(Right.CONTACT_SET)
def remove_number(public_id: str) -> ResponseReturnValue:
    number = request.form.get("number", "")
    return _do(
        public_id, lambda tx, row, who, at: desk_numbers.remove(tx, row.id, number, who, at), "removed"
    )


@person_changes.post("/contacts/<public_id>/numbers/health")
@needs(Right.CONTACT_SET)
def set_health(public_id: str) -> ResponseReturnValue:
    """A person says of one of their numbers that it is right, or that it does not work."""
    number = request.form.get("number", "")
    health = Health.BAD if request.form.get("health") == Health.BAD else Health.OK

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        if number not in contacts.numbers_of(tx, row.id):
            raise Refused("no_contact", number=number)
        hygiene.decide(tx, number, health, who, at)

    return _do(public_id, change, "health")


# --- tags and blocking -------------------------------------------------------------------------------


@person_changes.post("/contacts/<public_id>/tags")
@needs(Right.CONTACT_SET)
def change_tags(public_id: str) -> ResponseReturnValue:
    added, removed = request.form.get("add", ""), request.form.get("remove", "")

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        if removed:
            desk.untag(tx, row.id, removed, who, at)
        else:
            desk.tag(tx, row.id, added, who, at)

    return _do(public_id, change, "tags")


@person_changes.post("/contacts/<public_id>/block")
@needs(Right.BLOCK)
def block(public_id: str) -> ResponseReturnValue:
    why = request.form.get("why", "")
    return _do(public_id, lambda tx, row, who, at: blocking.block(tx, row.id, why, who, at), "blocked")


@person_changes.post("/contacts/<public_id>/block/undo")
@needs(Right.BLOCK)
def take_block_back(public_id: str) -> ResponseReturnValue:
    """Whoever blocked them just now did not mean to."""
    return _do(public_id, lambda tx, row, who, at: blocking.take_back(tx, row.id, who, at), "unblocked")


@person_changes.post("/contacts/<public_id>/unblock")
@needs(Right.UNBLOCK)
def unblock(public_id: str) -> ResponseReturnValue:
    return _do(public_id, lambda tx, row, who, at: blocking.unblock(tx, row.id, who, at), "unblocked")


# --- merging -----------------------------------------------------------------------------------------


@person_changes.get("/contacts/<public_id>/merge")
@needs(Right.CONTACT_IMPORT)
def choose(public_id: str) -> ResponseReturnValue:
    """Whom to make one with them: looked for by name or number."""
    seen, words = visible_lines(), request.args.get("q", "")[:200]

    def look(tx: Tx) -> dict[str, Any]:
        row = person(tx, public_id, seen)
        found = contact_list.page(tx, Wanted(words=words, lines=seen), FOUND + 1) if words.strip() else []
        others = [one for one in found if one.id != row.id][:FOUND]
        theirs = contacts.numbers_of(tx, row.id)
        return {
            "title": row.name or phone.pretty(theirs[0] if theirs else ""),
            "others": made(tx, others),
        }

    return page("person_merge.html", address=f"/contacts/{public_id}", words_typed=words, **read(look))


@person_changes.post("/contacts/<public_id>/merge")
@needs(Right.CONTACT_IMPORT)
def merge(public_id: str) -> ResponseReturnValue:
    other, seen = request.form.get("other", ""), visible_lines()

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        merging.merge(tx, row.id, person(tx, other, seen).id, who, at)

    return _do(public_id, change, "merged")


@person_changes.post("/contacts/<public_id>/part")
@needs(Right.CONTACT_IMPORT)
def part(public_id: str) -> ResponseReturnValue:
    """Part somebody (`other`) who was made one with them."""
    other, seen = request.form.get("other", ""), visible_lines()

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        merging.part(tx, person(tx, other, seen).id, who, at)

    return _do(public_id, change, "parted")
