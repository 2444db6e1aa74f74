"""How much may wait for parts that never come: whoever sends pieces without end must not burden anybody.

Past a bound the set that has waited longest is ended as it is: shown with its gaps, labelled damaged, nothing
thrown away. So what is newest, and most likely to be completed, is always joined.
"""

from __future__ import annotations

from datetime import datetime

from gateway.desk.arrivals import ended
from gateway.domain.labels import Label
from gateway.domain.message import State
from gateway.store import messages, received
from gateway.store.database import Tx

OPEN_SETS = 20
"""Texts of one sender that may wait for parts on one line."""
WAITING_PARTS = 2000
"""Parts of everybody that may wait for others."""


def bound(tx: Tx, line_id: int, sender: str, message_id: int, now: datetime) -> None:
    """A part of `message_id` from `sender` was kept: end what has waited longest where too much waits."""
    theirs = received.open_sets(tx, line_id, sender)
    for oldest in theirs[: max(0, len(theirs) - OPEN_SETS)]:
        _end(tx, oldest, now)
    too_many = received.count_waiting_parts(tx) - WAITING_PARTS
    while too_many > 0:
        other = received.oldest_open_set(tx, message_id)
        if other is None:
            return
        too_many -= len(received.parts_of(tx, other))
        _end(tx, other, now)


def _end(tx: Tx, message_id: int, now: datetime) -> None:
    message = messages.get(tx, message_id)
    label = message.label if message is not None and message.label else Label.DAMAGED.value
    messages.change(tx, message_id, state=State.RECEIVED.value, label=label)
    ended(tx, message_id, now)
