"""How somebody works in the inbox: whether conversations are given to them, whether single keys do things,
what they are told of while they do not look."""

from __future__ import annotations

from datetime import datetime

from gateway.domain.events import Event
from gateway.domain.people import Notify
from gateway.store import events, team
from gateway.store.database import Tx


def set_ways(tx: Tx, user_id: int, *, available: bool, shortcuts: bool, actor: str, now: datetime) -> None:
    """Keep what they chose for themselves."""
    user = team.user(tx, user_id)
    before = {"available": user.available, "shortcuts": user.shortcuts}
    after = {"available": available, "shortcuts": shortcuts}
    if before == after:
        return
    team.change_user(tx, user_id, **after)
    team.note(tx, now, actor, "user.ways", user.username, before=before, after=after)
    events.record(tx, Event.USER_CHANGED, now)


def set_notify(tx: Tx, user_id: int, notify: Notify, now: datetime) -> None:
    """Keep what they want to be told of."""
    team.change_user(tx, user_id, notify=notify.value)
    events.record(tx, Event.USER_CHANGED, now)
