"""A text to a phone of one's own and its report, once somebody has asked for it: `doctor --send-
test NUMBER`."""

from __future__ import annotations

import time

from gateway.clock import utc_now
from gateway.desk.drafts import Author
from gateway.desk.lines import send_test
from gateway.doctor.check import Check, said
from gateway.domain.message import State
from gateway.domain.reason_words import reason
from gateway.store import messages
from gateway.store.database import Database

WITHIN_S = 120.0
_LOOK_EVERY_S = 0.5
_ON_ITS_WAY = frozenset({State.QUEUED, State.SENDING})


def round_trip(database: Database, name: str, to: str, author: Author, within_s: float = WITHIN_S) -> Check:
    """Send a test text by a line of the running program, and wait until its arrival is reported.

    Raises:
        Refused: it cannot be sent there; see `gateway.desk.acceptance.accept`.
    """
    message_id = database.write_now(lambda tx: send_test(tx, name, to, author, utc_now()))
    began = time.monotonic()
    state, public_id, why = _now(database, message_id)
    while state in (*_ON_ITS_WAY, State.SENT) and time.monotonic() - began < within_s:
        time.sleep(_LOOK_EVERY_S)
        state, public_id, why = _now(database, message_id)
    seconds = round(time.monotonic() - began)
    values = {"line": name, "seconds": seconds, "id": public_id, "why": why}
    if state is State.DELIVERED:
        return said("round_trip", "well", **values)
    if state is State.SENT:
        return said("round_trip", "no_report", **values)
    return said("round_trip", "waits" if state in _ON_ITS_WAY else "ended", **values)


def _now(database: Database, message_id: int) -> tuple[State, str, str]:
    row = database.read(lambda tx: messages.get(tx, message_id))
    assert row is not None  # no text is ever deleted while it is on its way
    return State(row.state), row.public_id, (reason(row.reason) or row.state).rstrip(".")
