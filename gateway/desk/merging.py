"""Making two contacts one, and parting them again. No text is lost on either way: what the two said on one
line becomes one thread, in the order it was said, and each text goes back to its own when they are parted.

The contact that is merged stays as a row that leads to the other; it has no numbers while that lasts. Where
both have a conversation on a line, its texts, calls, notes and events move, and an empty conversation stays
behind; where only one has, that conversation changes hands. `merges.moved` holds every id that moved, so
parting moves back just these, and what came since by whose number it came from.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import hygiene
from gateway.desk.conversations import find_or_open
from gateway.desk.drafts import Author
from gateway.desk.merged_rows import fill, join, put_back, unfill
from gateway.desk.numbers import MERGED
from gateway.domain import phone
from gateway.domain.conversation import Happened
from gateway.domain.language import t
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, conversation_log, conversations, merges, numbers, team
from gateway.store.database import Tx
from gateway.store.merges import Point


def merge(tx: Tx, kept_id: int, merged_id: int, who: Author, now: datetime) -> None:
    """Make two contacts one: the first stays, with the numbers, texts and tags of both. What is noted of the
    second fills what is empty of the first.

    Raises:
        Refused: they are one already.
    """
    kept, merged = _contact(tx, kept_id), _contact(tx, merged_id)
    if kept.id == merged.id or kept.merged_into_id is not None or merged.merged_into_id is not None:
        raise Refused("not_mergeable")
    text_id, call_id = merges.newest(tx)
    moved = {
        "text": text_id,
        "call": call_id,
        "conversations": [join(tx, kept.id, row) for row in merges.conversations_of(tx, merged.id)],
        "numbers": _take_numbers(tx, kept, merged, now),
        "shares": _take_shares(tx, kept, merged),
        "filled": fill(tx, kept, merged),
    }
    contacts.change(tx, merged.id, merged_into_id=kept.id, changed_at=now)
    contacts.sort(tx, kept.id)
    merges.add(tx, kept.id, merged.id, now, str(who), moved)
    after = {"merged": merged.public_id, "name": merged.name}
    team.note(tx, now, str(who), "contact.merge", kept.public_id, after=after)
    _tell(tx, [kept.id], Happened.MERGED, merged, who, now)


def part(tx: Tx, merged_id: int, who: Author, now: datetime) -> None:
    """Part two contacts that were made one. What came since the merge goes to whom its number belongs.

    Raises:
        Refused: they are not one, or the one was merged with somebody else since; these are parted first.
    """
    row = merges.of(tx, merged_id)
    if row is None:
        raise Refused("not_merged")
    kept, merged = _contact(tx, row.kept_id), _contact(tx, merged_id)
    _check_newest(tx, kept, row)
    moved = row.moved
    _give_numbers_back(tx, kept, merged, moved)
    contacts.change(tx, merged.id, merged_into_id=None, changed_at=now)
    for entry in moved["conversations"]:
        put_back(tx, kept.id, merged.id, entry)
    _sort_out(tx, kept, merged, Point(moved["text"], moved["call"], row.at), now)
    unfill(tx, kept, merged, moved["filled"])
    contacts.sort(tx, kept.id)
    contacts.sort(tx, merged.id)
    merges.end(tx, row.id, now)
    after = {"parted": merged.public_id, "name": merged.name}
    team.note(tx, now, str(who), "contact.part", kept.public_id, after=after)
    _tell(tx, [kept.id, merged.id], Happened.PARTED, merged, who, now)


def part_by_number(tx: Tx, kept_id: int, number: str, who: Author, now: datetime) -> None:
    """The same, of whoever brought this number.

    Raises:
        Refused: nobody did, or see `part`.
    """
    for row in merges.standing(tx, kept_id):
        if any(one["number"] == number for one in row.moved["numbers"]):
            part(tx, row.merged_id, who, now)
            return
    raise Refused("not_merged")


def _contact(tx: Tx, contact_id: int) -> Row[Any]:
    row = contacts.get(tx, contact_id)
    if row is None:
        raise LookupError(f"contact {contact_id} is not there")
    return row


def _check_newest(tx: Tx, kept: Row[Any], merge: Row[Any]) -> None:
    """Merges are undone in the opposite order, for a later one moved what an earlier one brought."""
    newest = merges.standing(tx, kept.id)[0]
    if newest.id != merge.id:
        raise Refused("merged_since", name=_contact(tx, newest.merged_id).name or t("the other"))
    if kept.merged_into_id is not None:
        raise Refused("merged_since", name=_contact(tx, kept.merged_into_id).name or t("the other"))


# --- numbers -----------------------------------------------------------------------------------------


def _take_numbers(tx: Tx, kept: Row[Any], merged: Row[Any], now: datetime) -> list[dict[str, Any]]:
    taken = []
    for row in numbers.of(tx, [merged.id])[merged.id]:
        note_id = numbers.note_owner(tx, row.number, merged.id, row.created_at, now, MERGED)
        numbers.give(tx, row.number, kept.id, row.created_at)
        taken.append({"number": row.number, "note": note_id})
    return taken


def _take_shares(tx: Tx, kept: Row[Any], merged: Row[Any]) -> list[int]:
    theirs = [row.id for row in numbers.had_by(tx, merged.id) if row.until is None]
    numbers.give_shares(tx, theirs, kept.id)
    return theirs


def _give_numbers_back(tx: Tx, kept: Row[Any], merged: Row[Any], moved: dict[str, Any]) -> None:
    numbers.give_shares(tx, moved["shares"], merged.id)
    numbers.forget_owners(tx, [one["note"] for one in moved["numbers"]])
    for one in moved["numbers"]:
        row = numbers.get(tx, one["number"])
        if row is not None and row.contact_id == kept.id:
            numbers.give(tx, row.number, merged.id, row.created_at)
            conversations.answer_at(tx, kept.id, row.number)


# --- what came since ---------------------------------------------------------------------------------


def _sort_out(tx: Tx, kept: Row[Any], merged: Row[Any], point: Point, now: datetime) -> None:
    """What came since the merge from a number of the other of the two goes to their conversation."""
    of = {one.id: [row.number for row in numbers.of(tx, [one.id])[one.id]] for one in (kept, merged)}
    touched = set()
    for one, other in ((kept, merged), (merged, kept)):
        for row in merges.conversations_of(tx, one.id):
            touched.add(row.id)
            for name, entries in merges.since(tx, row.id, point, of[other.id]).items():
                for number in sorted({number for _, number in entries}):
                    to = find_or_open(tx, row.line_id, _number(tx, number), now)
                    merges.take(
                        tx, row.id, to, {name: [held for held, theirs in entries if theirs == number]}
                    )
                    touched.add(to)
    for conversation_id in sorted(touched):
        _stand(tx, conversation_id)


def _number(tx: Tx, number: str) -> phone.Number:
    row = numbers.get(tx, number)
    assert row is not None  # it is one of theirs
    return phone.Number(row.number, phone.Kind(row.kind))


def _stand(tx: Tx, conversation_id: int) -> None:
    """A conversation stands as what it holds now says."""
    row = merges.conversation(tx, conversation_id)
    assert row is not None  # it was just looked at
    was_read = row.seen_message_id >= row.last_inbound_id
    newest = merges.newest_inbound(tx, conversation_id)
    waits = merges.waiting_since(tx, conversation_id) if row.waiting_since is not None else None
    conversations.change(
        tx,
        conversation_id,
        last_inbound_id=newest,
        seen_message_id=max(newest, row.seen_message_id) if was_read else row.seen_message_id,
        waiting_since=waits,
    )
    conversations.show_newest(tx, conversation_id)


def _tell(
    tx: Tx, contact_ids: Iterable[int], kind: Happened, merged: Row[Any], who: Author, now: datetime
) -> None:
    actor = (who.kind, who.id, who.name)
    for contact_id in contact_ids:
        for conversation_id in contacts.conversations_of(tx, contact_id):
            conversation_log.add(tx, conversation_id, kind, actor, now, name=merged.name)
        hygiene.announce(tx, contact_id, now)
