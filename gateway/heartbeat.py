"""Tells the service manager that the program is alive, only while it is.

Alive means: the loop turns (what is told here is told from it), the writer commits a row and it can be read
back, and the lane of each line goes on. A modem that is dead is none of this: its line says so, and a restart
of the program would heal no radio. A disk that takes nothing is none of it either: the writer answers, the
panel shows it, and a restart gives no room but forgets what came of the text on the air. Nor is a file that
is written anew: nothing else is written meanwhile, and a restart would only begin that again the next night.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.domain import service_words
from gateway.domain.line import LineStatus
from gateway.domain.message import State
from gateway.queue.progress import Progress
from gateway.service_manager import ServiceManager
from gateway.store import box_state, line_figures, lines
from gateway.store.database import Database, DatabaseError, Locked, Tx

log = logging.getLogger(__name__)

EVERY_S = 15.0
"""Seconds between two signs of life where no watchdog asks for more."""
IN_A_WATCH = 4
"""Signs of life in the time in which one is asked for: one that is late is no reason to end the program."""
UNWRITTEN_S = 60.0
"""Seconds the last row may be old: another program's transaction may hold the writer up so long."""
NAME = "heartbeat"
"""Of the row, in `box_state`: what was written last, and when."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was read back: the last row's number, texts by state, how many lines there are and are down."""

    beat: int
    texts: Counter[str]
    lines: int
    down: int


class Heartbeat:
    """`overdue` names the lanes that do not go on; `rewriting` goes on while the file is written anew."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        manager: ServiceManager,
        overdue: Callable[[], Sequence[str]],
        rewriting: Progress,
    ) -> None:
        self._db, self._clock, self._manager, self._overdue = database, clock, manager, overdue
        self._rewriting = rewriting
        watch_s = manager.watchdog_s
        self._every_s = EVERY_S if watch_s is None else watch_s / IN_A_WATCH
        self._unwritten_s = UNWRITTEN_S if watch_s is None else min(watch_s, UNWRITTEN_S)
        self._numbers = itertools.count(1)
        self._written_at = 0.0
        self._refuses = False
        self._seen: _Seen | None = None
        self._told: list[str] = []

    async def run(self) -> None:
        """Beat until cancelled."""
        self._written_at = _now()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_writing(), name="heartbeat of the writer")
            tasks.create_task(self._keep_telling(), name="heartbeat")

    # --- the writer ----------------------------------------------------------------------------------

    async def _keep_writing(self) -> None:
        while True:
            try:
                await self._write(next(self._numbers))
            except Locked:
                pass  # said by whoever waited for it; here it is a sign of life that is missing
            except DatabaseError:
                self._written_at, self._refuses = _now(), True
            except Exception:
                log.exception("the heartbeat could not be written")
            self._say(self._hanging())
            await asyncio.sleep(self._every_s)

    async def _write(self, number: int) -> None:
        row = {"beat": number, "at": self._clock().isoformat()}
        await self._db.write(lambda tx: box_state.put(tx, NAME, row))
        self._seen = await self._db.aread(_look)
        if self._seen.beat == number:
            self._written_at, self._refuses = _now(), False

    # --- the sign of life ----------------------------------------------------------------------------

    async def _keep_telling(self) -> None:
        """Awaits nothing but time, so that whatever hangs elsewhere does not hold this up."""
        while True:
            trouble = self._hanging()
            if trouble and trouble != self._told:
                log.critical("no sign of life from %s", " and ".join(trouble))
            self._told = trouble
            self._say(trouble)
            if not trouble:
                self._manager.alive()
            await asyncio.sleep(self._every_s)

    def _hanging(self) -> list[str]:
        """Names of what has not gone on for too long."""
        if self._rewriting.goes_on:
            self._written_at = _now()
            return []
        unwritten = _now() - self._written_at > self._unwritten_s
        return [*([service_words.DATABASE] if unwritten else []), *self._overdue()]

    def _say(self, trouble: list[str]) -> None:
        """The line Status, once there is something to say."""
        if trouble:
            self._manager.status(service_words.hangs(trouble))
        elif self._rewriting.goes_on:
            self._manager.status(service_words.REWRITING)
        elif self._seen is not None:
            self._manager.status(
                service_words.working(
                    queued=self._seen.texts[State.QUEUED],
                    sending=self._seen.texts[State.SENDING],
                    lines=self._seen.lines,
                    down=self._seen.down,
                    refuses=self._refuses,
                )
            )


def _look(tx: Tx) -> _Seen:
    every = lines.every(tx)
    return _Seen(
        beat=box_state.get(tx, NAME).get("beat", 0),
        texts=Counter(line_figures.on_their_way(tx)),
        lines=len(every),
        down=sum(row.status != LineStatus.UP for row in every),
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
