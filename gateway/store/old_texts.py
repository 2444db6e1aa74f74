"""Rows of texts that were brought in from an old phone. They are messages like any other, with ids below zero
that follow their own time: what orders by id shows them before all that was said here, whenever they come."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, text, update

from gateway.domain.conversation import ConversationState
from gateway.store import conversations, erasure
from gateway.store.database import Tx
from gateway.store.ids import same_id
from gateway.store.tables import calls, contacts, messages, notes, text_drafts
from gateway.store.tables import conversations as conversations_table

_NEAR = 1 << 16
_INDEX = text("INSERT INTO messages_fts (rowid, body) VALUES (:id, :body)")


def public_id(at: datetime, digest: bytes) -> str:
    """The id of an old text: the same for the same text, so that none is brought in twice."""
    return same_id("msg", at, hashlib.sha256(b"old text\0" + digest).digest())


def known(tx: Tx, public_ids: Collection[str]) -> set[str]:
    """Those of the ids that are there already."""
    query = select(messages.c.public_id).where(messages.c.public_id.in_(sorted(public_ids)))
    return set(tx.execute(query).scalars())


def id_of(tx: Tx, public_id: str) -> int | None:
    """The id of an old text; None where it is not there."""
    found: int | None = tx.scalar(select(messages.c.id).where(messages.c.public_id == public_id))
    return found


def free(tx: Tx, wanted: Sequence[int]) -> list[int]:
    """An id for each of these, itself or one soon after it that nothing has yet."""
    taken = set(tx.execute(select(messages.c.id).where(messages.c.id.in_(sorted(set(wanted))))).scalars())
    found: list[int] = []
    for one in wanted:
        while one in taken:
            near = select(func.max(messages.c.id)).where(messages.c.id.between(one, one + _NEAR))
            one = max(one, int(tx.scalar(near) or one)) + 1
        taken.add(one)
        found.append(one)
    return found


def put(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Keep messages, with their ids, and find them by their words."""
    if rows:
        tx.execute(insert(messages), rows)
        tx.execute(_INDEX, [{"id": row["id"], "body": row["body"]} for row in rows])


def conversation(tx: Tx, line_id: int, contact_id: int, peer: str, now: datetime) -> int:
    """Id of the conversation with somebody on a line; a new one is closed, for nobody waits in it."""
    found = conversations.find(tx, line_id, contact_id)
    if found is not None:
        return int(found.id)
    made = conversations.add(tx, line_id, contact_id, peer, now)
    conversations.change(tx, made, state=ConversationState.CLOSED.value, closed_at=now)
    return made


def show(tx: Tx, conversation_ids: Collection[int]) -> None:
    """Let those of the conversations that hold nothing newer stand where their newest old text puts them."""
    last, ids = conversations_table.c.last_message_id, sorted(conversation_ids)
    older = and_(conversations_table.c.id.in_(ids), or_(last.is_(None), last < 0))
    called = select(calls.c.conversation_id).where(calls.c.conversation_id.in_(ids)).distinct()
    with_calls = set(tx.execute(called).scalars())
    for one in tx.execute(select(conversations_table.c.id).where(older)).scalars().all():
        if one in with_calls:
            conversations.show_newest(tx, one)
    newest = messages.c.conversation_id == conversations_table.c.id
    by_id = select(messages.c.id).where(newest).order_by(messages.c.id.desc()).limit(1)
    at = select(messages.c.created_at).where(newest).order_by(messages.c.id.desc()).limit(1)
    values = {"last_message_id": by_id.scalar_subquery(), "last_message_at": at.scalar_subquery()}
    without = conversations_table.c.id.not_in(sorted(with_calls))
    tx.execute(update(conversations_table).where(older, without).values(values))


def of_import(tx: Tx, import_id: int, limit: int) -> list[int]:
    """Ids of some texts of an import which no legal hold keeps."""
    query = select(messages.c.id).where(messages.c.import_id == import_id, ~_is_held())
    return list(tx.execute(query.order_by(messages.c.id).limit(limit)).scalars())


def count_held(tx: Tx, import_id: int) -> int:
    """How many texts of an import a legal hold keeps."""
    query = select(func.count()).select_from(messages).where(messages.c.import_id == import_id, _is_held())
    return int(tx.scalar(query))


def _is_held() -> ColumnElement[bool]:
    theirs = select(conversations_table.c.id).join(
        contacts, contacts.c.id == conversations_table.c.contact_id
    )
    here = conversations_table.c.id == messages.c.conversation_id
    return theirs.where(here, contacts.c.held_since.is_not(None)).correlate(messages).exists()


def remove(tx: Tx, message_ids: Collection[int], since: datetime) -> None:
    """Take these old texts back, and with them conversations that were made since then for nothing else."""
    touched = erasure.conversations_with(tx, message_ids)
    erasure.remove_texts(tx, message_ids, proof_too=False)
    query = select(conversations_table.c.id).where(
        conversations_table.c.id.in_(sorted(touched - _used(tx, touched))),
        conversations_table.c.created_at >= since,
    )
    ours = set(tx.execute(query).scalars())
    gone = {one for one in ours if _is_empty(tx, one)}
    erasure.tidy(tx, gone, since)
    show(tx, touched - gone)


def _used(tx: Tx, conversation_ids: Collection[int]) -> set[int]:
    """Those in which somebody wrote a note or began a text, or whom somebody called from."""
    used: set[int] = set()
    for table in (notes, text_drafts, calls):
        here = table.c.conversation_id.in_(sorted(conversation_ids))
        used |= set(tx.execute(select(table.c.conversation_id).where(here).distinct()).scalars())
    return used


def _is_empty(tx: Tx, conversation_id: int) -> bool:
    here = select(messages.c.id).where(messages.c.conversation_id == conversation_id)
    return tx.scalar(here.limit(1)) is None
