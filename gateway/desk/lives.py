"""How often the program was started again without having been stopped: after a crash, a kill, a power cut."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from gateway.store import box_state
from gateway.store.database import Tx

_NAME = "lives"
_KEPT = 20


def started(tx: Tx, now: datetime) -> None:
    """The program starts. Where the last life did not end in order, this is noted."""
    before = box_state.get(tx, _NAME)
    restarts = _restarts(before)
    if before and not before.get("ended"):
        restarts.append(now)
    _keep(tx, restarts, ended=False)


def ended(tx: Tx) -> None:
    """The program stops in order."""
    _keep(tx, _restarts(box_state.get(tx, _NAME)), ended=True)


def restarts(tx: Tx, now: datetime, within: timedelta) -> int:
    """How often it was started again by itself within that time."""
    return sum(timedelta(0) <= now - at < within for at in _restarts(box_state.get(tx, _NAME)))


def _restarts(kept: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(at) for at in kept.get("restarts", [])]


def _keep(tx: Tx, restarts: list[datetime], *, ended: bool) -> None:
    times = [at.isoformat() for at in restarts[-_KEPT:]]
    box_state.put(tx, _NAME, {"restarts": times, "ended": ended})
