"""Asking every port what is there: the panel asks, the running program answers, what was found is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from gateway.domain.events import Event
from gateway.domain.ports import Port
from gateway.store import box_state, events
from gateway.store.database import Tx

_STATE = "ports"
ANSWERED_WITHIN = timedelta(minutes=2)
"""Longer than all ports may take; what is not answered by then never will be."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was asked, when, and what was found: None while it is not answered. `address`: a network adapter
    that was asked as well; `failed`: the ports could not be asked."""

    asked_at: datetime
    address: str
    found: tuple[Port, ...] | None
    failed: bool


def ask(tx: Tx, address: str, now: datetime) -> None:
    """Have every port asked, and a network adapter where its address is given. The same question, while it is
    not answered, stays the one it was."""
    waiting = last(tx, now)
    if waiting is None or waiting.found is not None or waiting.address != address:
        box_state.put(tx, _STATE, {"asked_at": now.isoformat(), "address": address})
    events.record(tx, Event.PORTS_ASKED, now)


def last(tx: Tx, now: datetime) -> Survey | None:
    """The last survey; None where there was none, or nobody answered it."""
    state = box_state.get(tx, _STATE)
    if not state:
        return None
    asked_at = datetime.fromisoformat(state["asked_at"])
    found = state.get("found")
    if found is None and now - asked_at > ANSWERED_WITHIN:
        return None
    ports = None if found is None else tuple(Port(**port) for port in found)
    return Survey(asked_at, state["address"], ports, state.get("failed", False))


def answer(tx: Tx, survey: Survey, found: Sequence[Port] | None, now: datetime) -> None:
    """Keep what was found, None where the ports could not be asked; unless they were asked anew meanwhile."""
    state = box_state.get(tx, _STATE)
    if state.get("asked_at") != survey.asked_at.isoformat():
        return
    said = {"found": [asdict(port) for port in found or ()], "failed": found is None}
    box_state.put(tx, _STATE, {**state, **said})
    events.record(tx, Event.PORTS_ANSWERED, now)
