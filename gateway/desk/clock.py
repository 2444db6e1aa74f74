"""Whether this box's clock is trusted, as everybody reads it: doubts, and who said that it is right.

What is held back meanwhile waits with `waiting_for` clock; when the doubt ends it is due again and decided
anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.domain.events import Event
from gateway.domain.message import WaitingFor
from gateway.store import box_state, events, held, team
from gateway.store.database import Tx

AT_ONCE = 500
"""Texts made due again in one transaction."""

_NAME = "clock"
_LONGEST = {
    None: timedelta(0),  # it was due already
    WaitingFor.CLOCK: timedelta(0),
    WaitingFor.RETRY: timedelta(hours=1),
    WaitingFor.LINE: timedelta(hours=1),
    WaitingFor.QUIET_HOURS: timedelta(days=31),
    WaitingFor.CAP: timedelta(days=31),
}
"""Nothing is put off further than this for these reasons by a clock that is right."""


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of the clock.

    `doubt`: a code of `gateway.domain.clock_trust`, since `since`. `confirmed_by`: who said that it is right,
    at `confirmed_at`; it holds until the clock is stepped or the box is started anew, which `boot` tells.
    `right_at`: when it was last known to be right, and the newest event then.
    """

    doubt: str | None = None
    since: datetime | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    boot: str = ""
    right_at: datetime | None = None
    right_event: int = 0


def doubt(tx: Tx) -> str | None:
    """Why the clock is not trusted; None while it is."""
    code: str | None = box_state.get(tx, _NAME).get("doubt")
    return code


def state(tx: Tx) -> State:
    """All that is remembered of it."""
    kept = box_state.get(tx, _NAME)
    return State(
        doubt=kept.get("doubt"),
        since=_time(kept, "since"),
        confirmed_by=kept.get("confirmed_by", ""),
        confirmed_at=_time(kept, "confirmed_at"),
        boot=kept.get("boot", ""),
        right_at=_time(kept, "right_at"),
        right_event=kept.get("right_event", 0),
    )


def set_doubt(tx: Tx, code: str | None, now: datetime) -> None:
    """The clock is in doubt, for another reason or anew, or with None in none: judged by evidence, so that
    nobody's word for an earlier time counts any more."""
    since = now.isoformat() if code else None
    _keep(tx, doubt=code, since=since, confirmed_by="", confirmed_at=None)
    events.record(tx, Event.CLOCK_CHANGED, now)


def confirm(tx: Tx, who: str, now: datetime, since: datetime | None = None) -> bool:
    """A person says that the time shown is right. False, and nothing changes, when it is not in doubt, or was
    stepped since the doubt they saw began (`since`)."""
    before = state(tx)
    if before.doubt is None or (since is not None and since != before.since):
        return False
    _keep(tx, doubt=None, since=None, confirmed_by=who, confirmed_at=now.isoformat())
    team.note(tx, now, who, "clock.confirm", _NAME, before=before.doubt, after=now.isoformat())
    events.record(tx, Event.CLOCK_CHANGED, now)
    return True


def started(tx: Tx, boot: str) -> State:
    """The program starts. What a person said of the clock, and that it was stepped, counts only while the box
    runs on; `boot` is which of its lives this is."""
    before = state(tx)
    if before.boot != boot:
        _keep(tx, boot=boot, confirmed_by="", confirmed_at=None)
    return before


def last_attempt(tx: Tx) -> int:
    """Id of the newest attempt to send; 0 for none."""
    return held.last_attempt(tx)


def moved(tx: Tx, after: int, by: timedelta, now: datetime) -> None:
    """The clock was stepped by that much, to `now`. What this life of the program sent (attempts after that
    id) is told by the clock as it is now, or a step forward would empty every window of the lines' limits.
    What an earlier one sent may have been recorded by a clock that was as right as this is now."""
    held.move_attempts(tx, after, by, now)


def note_right(tx: Tx, now: datetime) -> None:
    """The clock is known to be right: what was recorded before says nothing against it from now on."""
    _keep(tx, right_at=now.isoformat(), right_event=events.last_id(tx))


def newest_record(tx: Tx) -> datetime | None:
    """The newest time in the records that a clock which is right cannot lie before; None without any."""
    known = state(tx)
    times = (known.right_at, held.newest_record(tx, known.right_event))
    return max((at for at in times if at is not None), default=None)


def release(tx: Tx, now: datetime) -> int:
    """Make some of what waits for the clock due, and of what a clock that was ahead put off too far; it is
    decided anew. What that clock says has yet to leave has left by now. Returns how many, 0 for none."""
    held.sent_by_now(tx, now)
    return sum(held.make_due(tx, why, now + longest, now, AT_ONCE) for why, longest in _LONGEST.items())


def _keep(tx: Tx, **changes: Any) -> None:
    box_state.put(tx, _NAME, {**box_state.get(tx, _NAME), **changes})


def _time(kept: Mapping[str, Any], name: str) -> datetime | None:
    value = kept.get(name)
    return datetime.fromisoformat(value) if value else None
