"""What changes the state of a conversation: whose it is, whether it is put off or closed, how much it
presses, its tags, and who has read it. Each change is a row of its log and an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain.contact import folded
from gateway.domain.conversation import ConversationState, Happened, Priority
from gateway.domain.events import Event
from gateway.domain.message import DID_NOT_ARRIVE, Purpose
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import FURTHEST
from gateway.domain.typed import one_line
from gateway.store import (
    box_state,
    colleagues,
    conversation_log,
    conversations,
    events,
    messages,
    reads,
    settings,
    tags,
    turns,
)
from gateway.store.database import Tx

_TO_MANY = frozenset({Purpose.MARKETING.value, Purpose.FEEDBACK.value})

BY_ITSELF = Author("rule", None, "inbox")
TURNS = "inbox_turns"
"""Name in `box_state` of when each person was given a conversation last, by their id."""

_HOW_PERSON, _HOW_FIRST, _HOW_TURN = "person", "first reply", "turn"
HOW_UNDO = "undo"


# --- whose it is -------------------------------------------------------------------------------------


def assign(
    tx: Tx, conversation: Row[Any], to: int | None, who: Author, now: datetime, how: str = _HOW_PERSON
) -> bool:
    """Give it to a person of the office, or with None back to everybody. False: it is theirs already.

    Raises:
        Refused: there is no such person, or they may not answer on that line.
    """
    if to == conversation.assignee_id:
        return False
    new = _who_answers(tx, conversation.line_id).get(to) if to is not None else None
    if to is not None and new is None:
        raise Refused("cannot_assign")
    was = conversation.assignee_id
    conversations.change(tx, conversation.id, assignee_id=to)
    _log(
        tx,
        conversation,
        Happened.ASSIGNED,
        who,
        now,
        Event.CONVERSATION_ASSIGNED,
        to=to,
        to_name=new.name if new is not None else None,
        was=was,
        was_name=colleagues.name_of(tx, was) if was is not None else None,
        how=how,
    )
    if to is not None:
        box_state.put(tx, TURNS, box_state.get(tx, TURNS) | {str(to): now.isoformat()})
    return True


def assign_first_reply(tx: Tx, conversation: Row[Any], who: Author, now: datetime) -> None:
    """Somebody answered: what was nobody's is theirs."""
    if conversation.assignee_id is None and who.id in _who_answers(tx, conversation.line_id):
        assign(tx, conversation, who.id, who, now, _HOW_FIRST)


def assign_in_turn(tx: Tx, conversation: Row[Any], now: datetime) -> None:
    """Give what is nobody's to whoever is available and was given one longest ago; to nobody where nobody
    is."""
    if conversation.assignee_id is not None:
        return
    given = box_state.get(tx, TURNS)
    here = [row for row in _who_answers(tx, conversation.line_id).values() if row.available]
    if here:
        next_one = min(here, key=lambda row: (given.get(str(row.id), ""), row.id))
        assign(tx, conversation, next_one.id, BY_ITSELF, now, _HOW_TURN)


def give_back(tx: Tx, user_id: int, who: Author, now: datetime) -> int:
    """Somebody leaves: what they have that is not closed is nobody's. Returns how many those are."""
    theirs = conversations.of_assignee(tx, user_id)
    for conversation in theirs:
        assign(tx, conversation, None, who, now)
    return len(theirs)


def _who_answers(tx: Tx, line_id: int) -> dict[int | None, Row[Any]]:
    return {row.id: row for row in colleagues.on_line(tx, line_id) if row.role != "viewer"}


# --- put off, closed, open again ---------------------------------------------------------------------


def snooze(tx: Tx, conversation: Row[Any], until: datetime | None, who: Author, now: datetime) -> None:
    """Put it off until a time, or with None until they write. Its log keeps how it stood, for an undo.

    Raises:
        Refused: the time has passed, or lies too far ahead.
    """
    if until is not None and until <= now:
        raise Refused("time_past")
    if until is not None and until - now > FURTHEST:
        raise Refused("time_far", days=FURTHEST.days)
    conversations.change(
        tx, conversation.id, state=ConversationState.SNOOZED.value, snoozed_until=until, closed_at=None
    )
    stood = {
        "was": conversation.state,
        "was_until": _written(conversation.snoozed_until),
        "closed_at": _written(conversation.closed_at),
    }
    _log(
        tx,
        conversation,
        Happened.SNOOZED,
        who,
        now,
        Event.CONVERSATION_SNOOZED,
        until=_written(until),
        **stood,
    )


def close(tx: Tx, conversation: Row[Any], who: Author, now: datetime) -> bool:
    """Nobody has to do anything. False: it is closed already. Its log keeps how it stood, for an undo."""
    if conversation.state == ConversationState.CLOSED.value:
        return False
    conversations.change(
        tx,
        conversation.id,
        state=ConversationState.CLOSED.value,
        closed_at=now,
        waiting_since=None,
        snoozed_until=None,
    )
    stood = {
        "was": conversation.state,
        "waiting_since": _written(conversation.waiting_since),
        "snoozed_until": _written(conversation.snoozed_until),
    }
    _log(tx, conversation, Happened.CLOSED, who, now, Event.CONVERSATION_CLOSED, **stood)
    return True


def reopen(tx: Tx, conversation: Row[Any], why: str, who: Author, now: datetime) -> bool:
    """Open it again. `why`: person, text, failed, undo; an undo of a close, or of putting it off, lets it
    stand as before. False: it is open."""
    if conversation.state == ConversationState.OPEN.value:
        return False
    stood: dict[str, Any] = {"state": ConversationState.OPEN.value, "snoozed_until": None, "closed_at": None}
    if why == "undo":
        is_closed = conversation.state == ConversationState.CLOSED.value
        stood |= (_before_close if is_closed else _before_snooze)(tx, conversation, now)
    conversations.change(tx, conversation.id, **stood)
    _log(tx, conversation, Happened.REOPENED, who, now, Event.CONVERSATION_REOPENED, why=why)
    return True


def _before_close(tx: Tx, conversation: Row[Any], now: datetime) -> dict[str, Any]:
    """The state the newest close ended; a snooze that would have ended meanwhile has."""
    row = conversation_log.newest(tx, conversation.id, Happened.CLOSED)
    if row is None:
        return {}
    before: dict[str, Any] = {"waiting_since": _read(row.detail.get("waiting_since"))}
    if row.detail.get("was") == ConversationState.SNOOZED:
        before |= _snoozed(_read(row.detail.get("snoozed_until")), now)
    return before


def _before_snooze(tx: Tx, conversation: Row[Any], now: datetime) -> dict[str, Any]:
    row = conversation_log.newest(tx, conversation.id, Happened.SNOOZED)
    was = row.detail.get("was") if row is not None else None
    if row is not None and was == ConversationState.SNOOZED:
        return _snoozed(_read(row.detail.get("was_until")), now)
    if row is not None and was == ConversationState.CLOSED:
        return {"state": ConversationState.CLOSED.value, "closed_at": _read(row.detail.get("closed_at"))}
    return {}


def _snoozed(until: datetime | None, now: datetime) -> dict[str, Any]:
    if until is not None and until <= now:
        return {}
    return {"state": ConversationState.SNOOZED.value, "snoozed_until": until}


def wake(tx: Tx, conversation: Row[Any], why: str, now: datetime) -> None:
    """It was put off until now (`why`: time), or they wrote (text)."""
    conversations.change(tx, conversation.id, state=ConversationState.OPEN.value, snoozed_until=None)
    _log(tx, conversation, Happened.WOKEN, BY_ITSELF, now, Event.CONVERSATION_REOPENED, why=why)


def they_wrote(tx: Tx, conversation_id: int, now: datetime) -> None:
    """Their text or call opens what was put off or closed, and an assignee who left by then has it no longer;
    what is nobody's then is somebody's turn."""
    conversation = _row(tx, conversation_id)
    if conversation.state == ConversationState.SNOOZED.value:
        wake(tx, conversation, "text", now)
    elif conversation.state == ConversationState.CLOSED.value:
        reopen(tx, conversation, "text", BY_ITSELF, now)
    if conversation.assignee_id is not None:
        _drop_who_left(tx, conversation, now)
    if settings.get(tx, "inbox.round_robin") == "on":
        assign_in_turn(tx, _row(tx, conversation_id), now)


def somebody_wrote(tx: Tx, conversation_id: int, who: Author, now: datetime) -> None:
    """A person of the office wrote to them: they have read it, it is theirs when it was nobody's, and what
    was closed goes on."""
    conversation = _row(tx, conversation_id)
    if who.id is not None and colleagues.name_of(tx, who.id) is not None:
        reads.put(tx, who.id, conversation_id, conversation.last_inbound_id)
    if conversation.state == ConversationState.CLOSED.value:
        reopen(tx, conversation, "person", who, now)
    if settings.get(tx, "inbox.assign_first_reply") == "on":
        assign_first_reply(tx, conversation, who, now)


def text_failed(tx: Tx, message_id: int, now: datetime) -> None:
    """A text did not arrive: somebody has to do something again where it was the last of a closed
    conversation. Offers and polls open nothing: many of them fail at once, and nobody writes to each."""
    message = messages.get(tx, message_id)
    if message is None or message.state not in DID_NOT_ARRIVE or message.purpose in _TO_MANY:
        return
    conversation = _row(tx, message.conversation_id)
    is_closed = conversation.state == ConversationState.CLOSED.value
    if is_closed and conversation.last_message_id == message_id:
        reopen(tx, conversation, "failed", BY_ITSELF, now)


def _row(tx: Tx, conversation_id: int) -> Row[Any]:
    row = conversations.get(tx, conversation_id)
    if row is None:
        raise LookupError(f"conversation {conversation_id} is not there")
    return row


def _drop_who_left(tx: Tx, conversation: Row[Any], now: datetime) -> None:
    if conversation.assignee_id not in _who_answers(tx, conversation.line_id):
        assign(tx, conversation, None, BY_ITSELF, now)


def wake_due(tx: Tx, now: datetime, limit: int = 200) -> int:
    """Open what was put off until now. Returns how many those were."""
    due = conversations.due_to_wake(tx, now, limit)
    for conversation in due:
        wake(tx, conversation, "time", now)
    return len(due)


def close_idle(tx: Tx, before: datetime, now: datetime, limit: int = 200) -> int:
    """Close what is open, where we wrote last and that before then. Returns how many those were."""
    idle = conversations.idle(tx, before, limit)
    for conversation in idle:
        close(tx, conversation, BY_ITSELF, now)
    return len(idle)


# --- priority and tags -------------------------------------------------------------------------------


def set_priority(
    tx: Tx, conversation: Row[Any], priority: Priority, who: Author, now: datetime, how: str = ""
) -> bool:
    """How soon it should be answered. False: it is so already."""
    if conversation.priority == priority.value:
        return False
    conversations.change(tx, conversation.id, priority=priority.value)
    turns.follow_priority(tx, conversation.id, conversation.priority, priority.value)
    detail = {"was": conversation.priority, "now": priority.value, **({"how": how} if how else {})}
    _log(tx, conversation, Happened.PRIORITY, who, now, Event.CONVERSATION_CHANGED, **detail)
    return True


def tag(tx: Tx, conversation: Row[Any], name: str, who: Author, now: datetime) -> bool:
    """Tag it, with a tag that is made when there is none of that name yet. False: it has it already.

    Raises:
        Refused: the name is empty or too long.
    """
    name = one_line(name)
    if not name or len(name) > tags.LONGEST or not folded(name):
        raise Refused("bad_tag", most=tags.LONGEST)
    if not tags.put_on_conversation(tx, conversation.id, tags.find_or_add(tx, name, now)):
        return False
    found = tags.find(tx, name)
    said = found.name if found is not None else name
    _log(tx, conversation, Happened.TAGGED, who, now, Event.CONVERSATION_CHANGED, tag=said)
    return True


def untag(tx: Tx, conversation: Row[Any], name: str, who: Author, now: datetime) -> bool:
    """Take a tag off it. False: it has no such tag."""
    found = tags.find(tx, name)
    if found is None or not tags.take_from_conversation(tx, conversation.id, found.id):
        return False
    _log(tx, conversation, Happened.UNTAGGED, who, now, Event.CONVERSATION_CHANGED, tag=found.name)
    return True


# --- who has read it ---------------------------------------------------------------------------------


def mark_unread(tx: Tx, conversation: Row[Any], user_id: int, now: datetime) -> None:
    """One person wants to come back to it: their newest text is unread for them, for nobody else."""
    reads.put(tx, user_id, conversation.id, conversation.last_inbound_id - 1)
    _record(tx, conversation, Event.CONVERSATION_READ, now)


# --- shared ------------------------------------------------------------------------------------------


def _log(
    tx: Tx,
    conversation: Row[Any],
    kind: Happened,
    who: Author,
    now: datetime,
    event: Event,
    /,
    **detail: Any,
) -> None:
    conversation_log.add(tx, conversation.id, kind, (who.kind, who.id, who.name), now, **detail)
    _record(tx, conversation, event, now)


def _record(tx: Tx, conversation: Row[Any], event: Event, now: datetime) -> None:
    events.record(tx, event, now, line_id=conversation.line_id, conversation_id=conversation.id)


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _read(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
