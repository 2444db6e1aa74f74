"""What waits is decided anew when what the rules read has changed, so that the time shown is true and no text
sleeps on in a window that has widened. Whether a text may leave is still decided when it would leave.

How far this has come is remembered, so a change that a crash cut short is followed at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from gateway import __version__
from gateway.desk import schedules as desk
from gateway.domain.events import Event
from gateway.store import box_state, events, schedules
from gateway.store.database import Database, DatabaseError, Tx

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Texts decided anew in one transaction: a text on its way to a modem waits for no more."""
GATHER_S = 0.2
"""Seconds in which changes are gathered before they are followed: settings are often changed in a row."""
AGAIN_S = 5.0
"""Seconds until what the database refused is tried again."""

_KINDS = (Event.RULES_CHANGED.value, Event.CONTACT_CHANGED.value)
_COUNTS_NO_MORE = tuple(
    kind.value
    for kind in (
        Event.MESSAGE_CANCELED,
        Event.MESSAGE_EXPIRED,
        Event.MESSAGE_FAILED,
        Event.MESSAGE_BLOCKED,
        Event.MESSAGE_CHANGED,
    )
)
"""What becomes of a text that was to leave and does not, or not then: what a cap holds may leave instead."""
_NAME = "replan"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose texts a change is about; of neither a line nor a conversation: everybody's. `capped`: those
    to that number that a cap holds."""

    line_id: int | None = None
    conversation_id: int | None = None
    capped: str | None = None


EVERYBODY = Scope()


def data_version() -> str:
    """Which data the rules were reckoned with that no setting holds: that of zones, and the program's own."""
    return " ".join([__version__, *_zone_data()])


def _zone_data() -> list[str]:
    """The editions of the zone data there is, in the order it is looked for."""
    found = []
    for folder in zoneinfo.TZPATH:
        for name in ("tzdata.zi", "+VERSION"):  # the first line of either says so
            with contextlib.suppress(OSError), (Path(folder) / name).open(encoding="utf-8") as file:
                found.append(file.readline().strip("# \n"))
                break
    with contextlib.suppress(metadata.PackageNotFoundError):
        found.append(f"tzdata {metadata.version('tzdata')}")
    return found


class Replan:
    """Follows the changes of rules, from where the last life left off."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = database, clock
        self._cursor = 0

    async def run(self) -> None:
        """Work until cancelled. The caller gives it its own task."""
        scopes: list[Scope] | None = None
        while True:
            try:
                if scopes is None:
                    self._cursor, scopes = await self._db.aread(_left_open)
                if scopes:
                    await self._follow(scopes)
                scopes = []
                scopes = await self._news()
            except DatabaseError as error:
                log.warning("what waits is decided anew once the database takes it: %s", error)
                await asyncio.sleep(AGAIN_S)

    async def _follow(self, scopes: Sequence[Scope]) -> None:
        """Decide anew about everything these are about, then remember how far this has come."""
        for scope in [EVERYBODY] if EVERYBODY in scopes else dict.fromkeys(scopes):
            after: int | None = 0
            while after is not None:
                after = await self._db.write(lambda tx, at=after, of=scope: self._some(tx, of, at))  # type: ignore[misc]
        cursor = self._cursor
        done = {"event": cursor, "data": data_version()}
        await self._db.write(lambda tx: box_state.put(tx, _NAME, done))

    def _some(self, tx: Tx, scope: Scope, after: int) -> int | None:
        """Decide anew about the next texts of a scope; the last one's id, None when there were no more."""
        found = schedules.to_decide(
            tx,
            after,
            AT_ONCE,
            line_id=scope.line_id,
            conversation_id=scope.conversation_id,
            capped=scope.capped,
        )
        now = self._clock()
        for message_id in found:
            desk.decide_anew(tx, message_id, now)
        return found[-1] if found else None

    async def _news(self) -> list[Scope]:
        """Wait until something happens, and say whose texts it is about."""
        announced = await self._db.feed.wait(self._cursor)
        await asyncio.sleep(GATHER_S)
        found = await self._db.aread(lambda tx: _scopes(tx, self._cursor))
        # what came after it was announced is looked at once more
        self._cursor = announced
        return found


def _left_open(tx: Tx) -> tuple[int, list[Scope]]:
    """Where to follow from, and what the last life did not come to, or reckoned with other data."""
    last = events.last_id(tx)
    known = box_state.get(tx, _NAME)
    if known.get("data") != data_version():
        return last, [EVERYBODY]
    return last, _scopes(tx, known["event"])


def _scopes(tx: Tx, after: int) -> list[Scope]:
    """Whose texts what happened after that event is about."""
    numbers = schedules.capped_by_news(tx, after, _COUNTS_NO_MORE)
    return [*map(_scope, schedules.news(tx, after, _KINDS)), *(Scope(capped=number) for number in numbers)]


def _scope(row: Row[Any]) -> Scope:
    if row.kind == Event.CONTACT_CHANGED.value or row.conversation_id is not None:
        return Scope(conversation_id=row.conversation_id)
    return Scope(line_id=row.line_id)
