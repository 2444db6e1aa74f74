"""The header of a thread: whose it is, how it stands, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.domain import happened_words
from gateway.domain.conversation import ConversationState, Priority
from gateway.domain.language import t
from gateway.store import colleagues
from gateway.store import tags as stored_tags
from gateway.store.database import Tx
from gateway.web.conversation_list import Chip
from gateway.web.present import Times
from gateway.web.thread_items import moment

_PRIORITY_KINDS = {Priority.HIGH.value: "warn", Priority.URGENT.value: "bad"}


@dataclass(frozen=True, slots=True)
class Head:
    """What the header says: `assignee` is empty for nobody's, `mine` whether it is the reader's. `people` are
    those it can be given to: (id, name); `priorities` the choices: (value, words)."""

    assignee: str
    mine: bool
    assignee_id: int | None
    chips: tuple[Chip, ...]
    tags: tuple[str, ...]
    every_tag: tuple[str, ...]
    people: tuple[tuple[int, str], ...]
    priority: str
    priorities: tuple[tuple[str, str], ...]
    is_closed: bool
    is_snoozed: bool
    call: str


def head(
    tx: Tx, conversation: Row[Any], contact: Row[Any] | None, reader_id: int, times: Times, stopped: bool
) -> Head:
    """As it stands for that reader; `stopped`: whom it is with wants no texts."""
    people = colleagues.on_line(tx, conversation.line_id)
    names = {row.id: row.name for row in people}
    state = ConversationState(conversation.state)
    tags = tuple(stored_tags.of_conversations(tx, [conversation.id])[conversation.id])
    return Head(
        assignee=names.get(conversation.assignee_id, ""),
        mine=conversation.assignee_id == reader_id,
        assignee_id=conversation.assignee_id,
        chips=tuple(_chips(conversation, contact, state, times, stopped)),
        tags=tags,
        every_tag=tuple(row.name for row in stored_tags.every(tx) if row.name not in tags),
        people=tuple((row.id, row.name) for row in people if row.role != "viewer"),
        priority=conversation.priority,
        priorities=tuple((value, str(words)) for value, words in happened_words.PRIORITIES.items()),
        is_closed=state is ConversationState.CLOSED,
        is_snoozed=state is ConversationState.SNOOZED,
        call=conversation.peer if conversation.peer.startswith("+") else "",
    )


def _chips(
    conversation: Row[Any], contact: Row[Any] | None, state: ConversationState, times: Times, stopped: bool
) -> list[Chip]:
    found = []
    if stopped:
        found.append(Chip(str(t("Stopped")), "bad"))
    if contact is not None and contact.blocked_at is not None:
        found.append(Chip(str(t("Blocked")), "bad"))
    if state is ConversationState.CLOSED:
        found.append(Chip(str(t("Closed"))))
    elif state is ConversationState.SNOOZED:
        until = conversation.snoozed_until
        words = (
            t("Put off until {when}").format(when=moment(times, until))
            if until
            else t("Put off until they write")
        )
        found.append(Chip(str(words), "waiting"))
    if conversation.priority in _PRIORITY_KINDS:
        words = happened_words.PRIORITIES[conversation.priority]
        found.append(Chip(str(words).capitalize(), _PRIORITY_KINDS[conversation.priority]))
    if contact is not None and contact.language:
        found.append(Chip(contact.language.upper()))
    return found
