"""Has the public holidays of the next years computed where they are missing, by a process that ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from importlib.metadata import version

from gateway.desk import holidays
from gateway.store import holidays as stored
from gateway.store.database import Database

log = logging.getLogger(__name__)

Found = dict[str, dict[str, str] | None]
"""For each region its days (ISO) and their names; None where the library does not know it."""
YEARS_AHEAD = 2
"""Whole years computed beyond this one."""
WITHIN_S = 120.0
AGAIN_AFTER = timedelta(hours=1)
"""After a failure: texts wait for it, and each try takes some seconds of a processor."""


class CannotCompute(Exception):
    """The process that computes holidays failed; the text says how."""


async def compute(first: int, last: int, regions: Sequence[str]) -> Found:
    """What `gateway.holiday_list` prints for those years and regions.

    Raises:
        CannotCompute: it could not be started, failed, took too long, or printed something else.
    """
    command = (sys.executable, "-m", "gateway.holiday_list", str(first), str(last), *regions)
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
    except OSError as error:
        raise CannotCompute(f"it cannot be started: {error}") from None
    try:
        async with asyncio.timeout(WITHIN_S):
            printed, complaint = await process.communicate()
    except TimeoutError:
        raise CannotCompute(f"no answer within {WITHIN_S:.0f} s") from None
    finally:
        if process.returncode is None:  # too slow, or the program stops
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        last_line = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise CannotCompute(last_line or f"it ended with {process.returncode}")
    try:
        found: Found = json.loads(printed)
    except ValueError:
        raise CannotCompute("it printed no JSON") from None
    return found


class Holidays:
    """The chore. Where it fails, it says why, and tries again an hour later."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._failed_at: datetime | None = None

    async def fill(self) -> None:
        """Compute what is missing; nothing where nothing is."""
        while await self._database.aread(holidays.has_new_numbers):
            await self._database.write(holidays.look_at_numbers)
        started_at, edition = self._clock(), version("holidays")
        today = started_at.date()
        regions = await self._database.aread(lambda tx: holidays.missing(tx, today, edition))
        if not regions or self._rests(started_at):
            return
        last = today.year + YEARS_AHEAD
        try:
            found = await compute(today.year, last, regions)
        except CannotCompute as error:
            why = str(error)
            self._failed_at = started_at
            log.warning("public holidays of %s could not be computed: %s", ", ".join(regions), why)
            await self._database.write(lambda tx: stored.note_trouble(tx, why))
            return
        self._failed_at = None
        until, now = date(last, 12, 31), self._clock()
        await self._database.write(lambda tx: holidays.keep(tx, found, until, edition, now))

    def _rests(self, now: datetime) -> bool:
        return self._failed_at is not None and abs(now - self._failed_at) < AGAIN_AFTER
