"""Telling an alarm by a text to staff: on a line that works, never on the one it is about, a few a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import suspicion
from gateway.desk.acceptance import accept
from gateway.desk.alarms import tried
from gateway.desk.drafts import Author, Draft
from gateway.domain import alarm_words, phone
from gateway.domain.alarms import Kind
from gateway.domain.line import LineStatus
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import alarms, lines, settings
from gateway.store.database import Tx

AGAIN_AFTER = timedelta(minutes=5)
"""When a line is looked for again, while none works."""
GIVE_UP_AFTER = timedelta(hours=24)
USELESS_AFTER = timedelta(hours=6)
"""A text about an alarm that lay in a line's queue for so long is not sent any more."""
_DAY = timedelta(days=1)
_AUTHOR = Author("rule", None, "alarm")


def tell(tx: Tx, notice: Row[Any], now: datetime) -> None:
    """Hand a notice in as a text, put it off while no line can take it, or settle why it is not told."""
    if _is_stale(tx, notice):
        tried(tx, notice, now, alarm_words.OVER_BEFORE)
    elif alarms.texts_between(tx, now - _DAY, now) >= int(settings.get(tx, "alarms.texts_a_day")):
        tried(tx, notice, now, alarm_words.TOO_MANY)
    else:
        problem = _hand_in(tx, notice, now)
        is_late = now - notice.made_at >= GIVE_UP_AFTER
        tried(tx, notice, now, problem, now + AGAIN_AFTER if problem and not is_late else None)


def _hand_in(tx: Tx, notice: Row[Any], now: datetime) -> str | None:
    """Give the text to the first line that takes it; what is in the way where none does."""
    body = alarm_words.as_text(Kind(notice.alarm_kind), notice.what, notice.alarm_detail)
    number = phone.parse(notice.number)
    draft = Draft(number, body, Purpose.INTERNAL, _AUTHOR, send_by=now + USELESS_AFTER)
    problem = alarm_words.NO_LINE
    for line in lines.every(tx):
        if line.name == notice.alarm_subject or not _works(tx, line, now):
            continue
        try:
            accept(tx, line, draft, now)
        except Refused as refused:
            problem = refused.text
        else:
            return None
    return problem


def _works(tx: Tx, line: Row[Any], now: datetime) -> bool:
    up = line.status == LineStatus.UP.value and line.paused_at is None
    return up and suspicion.of(tx, line.id, now) is None


def _is_stale(tx: Tx, notice: Row[Any]) -> bool:
    """Whether there is nothing left to tell: an alarm that ended untold, the end of one that was not told."""
    if notice.what in ("raised", "reminder"):
        return notice.alarm_ended_at is not None
    earlier = alarms.notices_of(tx, [notice.alarm_id])
    was_told = any(
        one.way == notice.way and one.number == notice.number and one.done_at is not None for one in earlier
    )
    return notice.what == "ended" and not was_told
