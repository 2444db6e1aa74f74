"""Rows of merges: which contacts are one, with what it takes to part them; and the moving of what was said
from one conversation to another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, and_, delete, func, insert, or_, select, update

from gateway.domain.labels import NOTICES
from gateway.domain.message import Direction
from gateway.store.database import Tx
from gateway.store.tables import (
    calls,
    conversation_log,
    conversation_tags,
    conversations,
    imports,
    mentions,
    merges,
    messages,
    notes,
    reads,
    text_drafts,
)

HELD: Mapping[str, Table] = {
    "messages": messages,
    "calls": calls,
    "notes": notes,
    "log": conversation_log,
}
"""What a conversation holds, each row with an id of its own."""
_AT_ONCE = 500


def add(tx: Tx, kept_id: int, merged_id: int, now: datetime, by: str, moved: Mapping[str, Any]) -> int:
    """Note that two contacts are one, and return the note's id."""
    values = {"kept_id": kept_id, "merged_id": merged_id, "at": now, "by": by, "moved": dict(moved)}
    return tx.insert(merges, values)


def end(tx: Tx, merge_id: int, now: datetime) -> None:
    """Note that they were parted again."""
    tx.update(merges, merge_id, {"undone_at": now})


def standing(tx: Tx, kept_id: int) -> list[Row[Any]]:
    """The merges into a contact that stand, the newest first: that one can be undone."""
    query = select(merges).where(merges.c.kept_id == kept_id, merges.c.undone_at.is_(None))
    return list(tx.execute(query.order_by(merges.c.id.desc())))


def of(tx: Tx, merged_id: int) -> Row[Any] | None:
    """The merge by which a contact is one with another now."""
    query = select(merges).where(merges.c.merged_id == merged_id, merges.c.undone_at.is_(None))
    return tx.execute(query).one_or_none()


# --- what conversations hold -------------------------------------------------------------------------


def held_by(tx: Tx, conversation_id: int) -> dict[str, list[int]]:
    """Ids of everything a conversation holds, by the names of `HELD`."""
    return {
        name: list(
            tx.execute(
                select(table.c.id).where(table.c.conversation_id == conversation_id).order_by(table.c.id)
            ).scalars()
        )
        for name, table in HELD.items()
    }


def take(tx: Tx, from_id: int, to: int, held: Mapping[str, Sequence[int]]) -> None:
    """Let a conversation hold these of another's; of notes the mentions come along. What is not there any
    longer is left out."""
    for name, ids in held.items():
        table = HELD[name]
        for some in _pieces(ids):
            here = table.c.id.in_(some) & (table.c.conversation_id == from_id)
            tx.execute(update(table).where(here).values(conversation_id=to))
            if table is notes:
                tx.execute(update(mentions).where(mentions.c.note_id.in_(some)).values(conversation_id=to))


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for begin in range(0, len(ids), _AT_ONCE):
        yield ids[begin : begin + _AT_ONCE]


@dataclass(frozen=True, slots=True)
class Point:
    """When a merge was: the ids of the newest text and call of then. What an old phone brings later has ids
    below them all, and is told by the time."""

    text: int
    call: int
    at: datetime


def since(
    tx: Tx, conversation_id: int, point: Point, numbers: Collection[str]
) -> dict[str, list[tuple[int, str]]]:
    """Texts and calls that came into a conversation since then with one of the numbers: (id, number)."""
    brought_before = select(imports.c.id).where(
        imports.c.id == messages.c.import_id, imports.c.done_at < point.at
    )
    texts = select(messages.c.id, messages.c.peer).where(
        messages.c.conversation_id == conversation_id,
        or_(messages.c.id > point.text, and_(messages.c.id < 0, ~brought_before.exists())),
        messages.c.peer.in_(sorted(numbers)),
    )
    called = select(calls.c.id, calls.c.number).where(
        calls.c.conversation_id == conversation_id,
        calls.c.id > point.call,
        calls.c.number.in_(sorted(numbers)),
    )
    return {
        "messages": [(row[0], row[1]) for row in tx.execute(texts.order_by(messages.c.id))],
        "calls": [(row[0], row[1]) for row in tx.execute(called.order_by(calls.c.id))],
    }


def newest(tx: Tx) -> tuple[int, int]:
    """The highest ids of texts and calls there are; 0 for none, for those of old phones are below."""
    ids = (tx.scalar(select(func.max(table.c.id))) for table in (messages, calls))
    texts, called = (max(int(one or 0), 0) for one in ids)
    return texts, called


def newest_inbound(tx: Tx, conversation_id: int) -> int:
    """Id of the newest text somebody has to read in a conversation; 0 when there is none."""
    query = select(messages.c.id).where(
        messages.c.conversation_id == conversation_id,
        messages.c.id > 0,  # below are texts of old phones, which nobody has to read
        messages.c.direction == Direction.INBOUND.value,
        messages.c.twin_of_id.is_(None),
        func.coalesce(messages.c.label, "").not_in(sorted(NOTICES)),
    )
    return int(tx.scalar(query.order_by(messages.c.id.desc()).limit(1)) or 0)


def waiting_since(tx: Tx, conversation_id: int) -> datetime | None:
    """Since when nobody has answered in a conversation; None when a person wrote last, or nobody did."""
    here = messages.c.conversation_id == conversation_id
    answered = select(messages.c.id).where(
        here, messages.c.direction == Direction.OUTBOUND.value, messages.c.author_kind == "person"
    )
    last = int(tx.scalar(answered.order_by(messages.c.id.desc()).limit(1)) or 0)
    query = select(messages.c.created_at).where(
        here, messages.c.direction == Direction.INBOUND.value, messages.c.id > last
    )
    found: datetime | None = tx.scalar(query.order_by(messages.c.id).limit(1))
    return found


# --- what people have of them ------------------------------------------------------------------------


def tags_of(tx: Tx, conversation_id: int) -> set[int]:
    """Ids of the tags of a conversation."""
    query = select(conversation_tags.c.tag_id).where(conversation_tags.c.conversation_id == conversation_id)
    return set(tx.execute(query).scalars())


def tag(tx: Tx, conversation_id: int, tag_ids: Collection[int]) -> None:
    """Put these tags on a conversation that has none of them."""
    rows = [{"conversation_id": conversation_id, "tag_id": tag_id} for tag_id in sorted(tag_ids)]
    if rows:
        tx.execute(insert(conversation_tags), rows)


def untag(tx: Tx, conversation_id: int, tag_ids: Collection[int]) -> None:
    """Take these tags off a conversation."""
    here = conversation_tags.c.conversation_id == conversation_id
    tx.execute(delete(conversation_tags).where(here, conversation_tags.c.tag_id.in_(sorted(tag_ids))))


def reads_of(tx: Tx, conversation_id: int) -> dict[int, int]:
    """How far each person has read a conversation."""
    query = select(reads.c.user_id, reads.c.message_id).where(reads.c.conversation_id == conversation_id)
    return {row.user_id: row.message_id for row in tx.execute(query)}


def put_read(tx: Tx, user_id: int, conversation_id: int, message_id: int) -> None:
    """Somebody has read a conversation that far."""
    here = (reads.c.user_id == user_id) & (reads.c.conversation_id == conversation_id)
    if not tx.execute(update(reads).where(here).values(message_id=message_id)).rowcount:
        values = {"user_id": user_id, "conversation_id": conversation_id, "message_id": message_id}
        tx.execute(insert(reads), values)


def move_drafts(tx: Tx, from_id: int, to: int) -> None:
    """Let what somebody began to write in one conversation stand in the other, where nothing does."""
    there = text_drafts.alias("there")
    taken = select(there.c.user_id).where(
        there.c.conversation_id == to,
        there.c.user_id == text_drafts.c.user_id,
        there.c.kind == text_drafts.c.kind,
    )
    here = text_drafts.c.conversation_id == from_id
    tx.execute(update(text_drafts).where(here, ~taken.exists()).values(conversation_id=to))


def conversations_of(tx: Tx, contact_id: int) -> list[Row[Any]]:
    """The rows of the conversations with a contact."""
    query = select(conversations).where(conversations.c.contact_id == contact_id)
    return list(tx.execute(query.order_by(conversations.c.id)))


def conversation(tx: Tx, conversation_id: int) -> Row[Any] | None:
    """The row of one conversation."""
    return tx.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()
