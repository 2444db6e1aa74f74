"""Telling an alarm by a text to staff: on a line that works, never on the one it is about, a few a day. Where
that line could not send it, another one is asked; where nobody can tell, it is sent once more.
"""

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
from gateway.domain.message import Purpose, State
from gateway.domain.refusal_words import Refused
from gateway.store import alarm_figures, alarms, lines, settings
from gateway.store.database import Tx

AGAIN_AFTER = timedelta(minutes=5)
"""When a line is looked for again, while none works, and the text looked at that one took."""
GIVE_UP_AFTER = timedelta(hours=24)
USELESS_AFTER = timedelta(hours=6)
"""A text about an alarm that lay in a line's queue for so long is not sent any more."""
_DAY = timedelta(days=1)
_RULE = "alarm"
_AUTHOR = Author("rule", None, _RULE)
_ON_ITS_WAY = frozenset({State.QUEUED.value, State.SENDING.value, State.UNCONFIRMED.value})
_NOT_SENT = frozenset({State.FAILED.value, State.EXPIRED.value})


def tell(tx: Tx, notice: Row[Any], now: datetime) -> None:
    """Hand a notice in as a text, put it off while no line can take it, see what became of one that was
    taken, or settle why it is not told."""
    text = alarms.text_of(tx, notice.message_id) if notice.message_id is not None else None
    is_late = now - notice.made_at >= GIVE_UP_AFTER
    if notice.message_id is None or (text is not None and text.state in _NOT_SENT):
        _tell(tx, notice, text, now, again_at=None if is_late else now + AGAIN_AFTER)
    else:
        looks = text is not None and text.state in _ON_ITS_WAY and not is_late
        alarms.change_notice(tx, notice.id, due_at=now + AGAIN_AFTER if looks else None)


def _tell(
    tx: Tx, notice: Row[Any], failed: Row[Any] | None, now: datetime, again_at: datetime | None
) -> None:
    if _is_stale(tx, notice):
        tried(tx, notice, now, alarm_words.OVER_BEFORE)
    elif alarm_figures.texts_of_rule(tx, _RULE, now - _DAY, now) >= int(
        settings.get(tx, "alarms.texts_a_day")
    ):
        tried(tx, notice, now, alarm_words.TOO_MANY)
    else:
        tried(tx, notice, now, _hand_in(tx, notice, failed, now), again_at)


def _hand_in(tx: Tx, notice: Row[Any], failed: Row[Any] | None, now: datetime) -> str | None:
    """Give the text to the first line that takes it and was not asked before; what is in the way where none
    does."""
    body = alarm_words.as_text(Kind(notice.alarm_kind), notice.what, notice.alarm_detail)
    number = phone.parse(notice.number)
    useful = now + USELESS_AFTER
    draft = Draft(number, body, Purpose.INTERNAL, _AUTHOR, send_by=useful, on_unconfirmed="resend_once")
    problem = alarm_words.NO_LINE if failed is None else alarm_words.NOT_SENT.format(line=failed.line_name)
    for line in lines.every(tx):
        is_its_own = line.name == notice.alarm_subject
        if is_its_own or line.id in notice.asked or not _works(tx, line, now):
            continue
        try:
            message_id = accept(tx, line, draft, now)
        except Refused as refused:
            problem = refused.text
        else:
            alarms.change_notice(tx, notice.id, message_id=message_id, asked=[*notice.asked, line.id])
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


def became(tx: Tx, notice: Row[Any], number: str) -> str:
    """What became of telling somebody by a text, without its full stop. `number` as it is shown."""
    text = alarms.text_of(tx, notice.message_id) if notice.message_id and not notice.problem else None
    if text is None:
        return alarm_words.told(alarm_words.BY_TEXT.format(number=number), notice.what, notice.problem)
    return alarm_words.texted(number, notice.what, text.line_name, State(text.state))
