"""What staff do with lines: add, remove, pause, resume."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.domain.events import Event
from gateway.domain.limits import Limit
from gateway.domain.line import LineStatus
from gateway.domain.message import State
from gateway.domain.wording import Refused, list_of
from gateway.store import events, lines, outbox, team
from gateway.store.database import Tx

_NAME = re.compile(r"[\w][\w .-]{0,39}")


class BadLine(ValueError):
    """A line cannot be added like this; the text says what to change."""


def add(
    tx: Tx,
    name: str,
    port: str,
    actor: str,
    now: datetime,
    *,
    number: str | None = None,
    country: str | None = None,
    limits: Sequence[Limit] = (),
    pin: str | None = None,
) -> int:
    """Add a line; the running program opens its port within a second. Returns its id.

    A line of that name and number that was removed is taken up again, with its conversations: so a port or
    a PIN is changed. `pin` is the SIM's, kept sealed.

    Raises:
        BadLine: the name is taken or cannot be one, or another line has the port.
    """
    if not _NAME.fullmatch(name):
        raise BadLine(f"{name!r} cannot be a line's name. Use letters, digits, spaces, dots and dashes.")
    if lines.by_name(tx, name) is not None:
        raise BadLine(f"There is a line called {name} already. Choose another name, or remove it first.")
    if country is not None and not re.fullmatch(r"[A-Z]{2}", country):
        raise BadLine(f"{country!r} is not a country. Give its two capital letters, such as GB or US.")
    for other in lines.every(tx):
        if other.port == port:
            raise BadLine(f"The line {other.name} uses {port} already. One modem serves one line.")
        if number is not None and other.number == number:
            raise BadLine(f"The line {other.name} has the number {number} already. Give this one's own.")
    values = {
        "port": port,
        "number": number,
        "country": country,
        "limits": [str(limit) for limit in limits],
        "pin_sealed": tx.keys.seal(pin) if pin else None,
        "status": LineStatus.STARTING.value,
        "code": "opening",
        "status_since": now,
    }
    former = lines.removed_as(tx, name, number)
    if former is None:
        line_id = lines.add(tx, name=name, created_at=now, **values)
    else:
        line_id = int(former.id)
        lines.change(tx, line_id, removed_at=None, paused_at=None, **values)
    team.note(tx, now, actor, "line.add", name, after={"port": port, "number": number})
    events.record(tx, Event.LINE_CHANGED, now, line_id=line_id)
    return line_id


def named(tx: Tx, name: str) -> Row[Any]:
    """The line with that name.

    Raises:
        Refused: there is none.
    """
    line = lines.by_name(tx, name)
    if line is None:
        raise Refused("unknown_line", name=name, names=list_of([row.name for row in lines.every(tx)]))
    return line


def remove(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """Take a line out of use. Its conversations and texts stay; what waits on it is canceled."""
    line = named(tx, name)
    for message_id in outbox.unfinished_on(tx, line.id):
        outbox.end(tx, message_id, State.CANCELED, now, "line_removed", actor)
    lines.change(tx, line.id, removed_at=now)
    team.note(tx, now, actor, "line.remove", name, before={"port": line.port})
    events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)


def pause(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """Send nothing by the line until it is resumed; what comes in is still read."""
    _set_paused(tx, named(tx, name), now, "line.pause", actor, now)


def resume(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """Send by the line again."""
    _set_paused(tx, named(tx, name), None, "line.resume", actor, now)


def forget_states(tx: Tx, now: datetime) -> None:
    """The program starts: what lines said of themselves in its last life is no longer known."""
    for line in lines.every(tx):
        if line.code != "opening":
            changes = {"status": LineStatus.STARTING.value, "code": "opening", "status_since": now}
            lines.change(tx, line.id, **changes)
            events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)


def _set_paused(
    tx: Tx, line: Row[Any], paused_at: datetime | None, action: str, actor: str, now: datetime
) -> None:
    lines.change(tx, line.id, paused_at=paused_at)
    team.note(tx, now, actor, action, line.name)
    events.record(tx, Event.LINE_CHANGED, now, line_id=line.id)
