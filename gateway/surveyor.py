"""Asks every port of this box what is there, for the panel: it may not open one itself."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.exc import DBAPIError

from gateway.clock import Clock
from gateway.desk import ports
from gateway.desk.ports import Survey
from gateway.domain.ports import Port
from gateway.modem.candidates import Candidate, list_candidates, usb_without_port
from gateway.modem.finder import Asked
from gateway.modem.survey import best_of, survey
from gateway.store.database import Database, DatabaseError

log = logging.getLogger(__name__)


class Surveyor:
    """Answers what the panel wants to know, one question after the other: two at once would find the ports
    busy with each other. `patterns` as of `list_candidates`; `line_by_port` gives the ports of lines at work,
    which are left alone, as are the other ports of their sticks."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        patterns: Sequence[str],
        line_by_port: Callable[[], Mapping[str, str]],
    ) -> None:
        self._db, self._clock = database, clock
        self._patterns, self._line_by_port = patterns, line_by_port
        self._asking = asyncio.Lock()

    async def answer(self) -> None:
        """Ask the ports if the panel waits for an answer, and write down what was found.

        Whatever goes wrong is told there: to look for a modem is no reason to stop the lines.
        """
        try:
            async with self._asking:
                await self._answer()
        except (DatabaseError, DBAPIError) as error:
            log.error("what is on the ports could not be told: %s", error)

    async def _answer(self) -> None:
        wanted = await self._db.aread(lambda tx: ports.last(tx, self._clock()))
        if wanted is None or wanted.found is not None:
            return
        found = await self._found(wanted)
        await self._db.write(lambda tx: ports.answer(tx, wanted, found, self._clock()))

    async def _found(self, wanted: Survey) -> list[Port] | None:
        try:
            return await _look(wanted, self._patterns, self._line_by_port())
        except Exception:
            log.exception("the ports could not be asked")
            return None


async def _look(wanted: Survey, patterns: Sequence[str], line_by_port: Mapping[str, str]) -> list[Port]:
    candidates = list_candidates(patterns)
    if wanted.address and wanted.address not in {one.path for one in candidates}:
        candidates.append(Candidate(wanted.address))
    of_line = {_real(path): name for path, name in line_by_port.items()}
    busy = {one.stick: name for one in candidates if (name := of_line.get(_real(one.path)))}
    left = {one.path for one in candidates if one.stick in busy}
    found = [
        _port(asked, stick, busy.get(asked.port.stick, ""))
        for stick in await survey(candidates, left)
        for asked in stick
    ]
    return found + [Port(usb, "stick_without_port", mode=mode) for usb, mode in usb_without_port()]


def _port(asked: Asked, stick: list[Asked], line: str) -> Port:
    return Port(
        path=asked.port.path,
        code=asked.result.code,
        facts=asked.facts,
        use=asked.port.by_id or asked.port.path,
        product=asked.port.product,
        is_best=asked is best_of(stick),
        line=line,
    )


def _real(path: str) -> str:
    return path if "://" in path else os.path.realpath(path)
