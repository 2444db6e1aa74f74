"""House-keeping of what goes for good: erasures that broke off, what the office's rules no longer keep, and
the file written anew, so that what was removed is in it no more. All on threads: none of it may hold up the
loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.desk import erasure
from gateway.queue.progress import Progress
from gateway.store import erasures, precopy, rewriting
from gateway.store.database import Database, DatabaseError, Tx

log = logging.getLogger(__name__)

RULES_REWRITE_EVERY = timedelta(days=7)
"""What went by rule is overwritten at once; the whole file is written anew for it once a week."""
REWRITE_WITHIN_S = 3600.0
"""Seconds writing the file anew may take: years of texts on a slow card take many minutes."""


class Erasing:
    """Each function is a chore; all may break off anywhere and are begun again. `rewriting` goes on while the
    file is written anew: nothing else can be written meanwhile."""

    def __init__(self, database: Database, clock: Callable[[], datetime], rewriting: Progress) -> None:
        self._db, self._clock, self._rewriting = database, clock, rewriting
        self._is_cut = True

    async def finish(self) -> None:
        """Go on with erasures of contacts that broke off, and cut a journal that somebody was reading."""
        await asyncio.to_thread(self._finish)

    def _finish(self) -> None:
        if erasure.finish(self._db.read, self._db.write_now, self._clock) or not self._is_cut:
            self._is_cut = rewriting.cut_journal(self._db.path)

    async def retain(self) -> None:
        """Remove what the office's rules no longer keep, in small portions, and what came of the erased."""
        await asyncio.to_thread(self._retain)

    def _retain(self) -> None:
        self._db.write_now(lambda tx: erasure.sweep(tx, self._clock()))
        precopy.forget_before(self._db.path, self._clock() - self._db.read(erasure.copies_kept))
        if erasure.retain(self._db.read, self._db.write_now, self._clock, "rule:retention"):
            self._is_cut = rewriting.cut_journal(self._db.path)

    async def rewrite(self) -> None:
        """Write the file anew: the night after a contact was erased, once a week for what went by rule."""
        began = self._clock()
        if not await asyncio.to_thread(self._db.read, lambda tx: _is_due(tx, began)):
            return
        over = threading.Event()
        self._rewriting.expect(REWRITE_WITHIN_S)
        try:
            async with asyncio.timeout(REWRITE_WITHIN_S):
                await asyncio.to_thread(rewrite_now, self._db, self._clock, over.is_set)
        except (DatabaseError, TimeoutError) as error:
            log.warning("what was erased is not out of the file yet: %s", error or "it took too long")
        finally:  # a program that is to stop waits for no rewriting either
            over.set()
            self._rewriting.done()


def _is_due(tx: Tx, now: datetime) -> bool:
    of_rules = erasures.first_left_in_file(tx, erasures.RETENTION)
    return erasures.first_left_in_file(tx, erasures.CONTACT) is not None or (
        of_rules is not None and now - of_rules >= RULES_REWRITE_EVERY
    )


def rewrite_now(
    database: Database, clock: Callable[[], datetime], breaks_off: Callable[[], bool] = lambda: False
) -> None:
    """Write the file anew, and note that nothing erased until now is in it.

    Raises:
        DatabaseError: there is no room, others were writing, or it was broken off; nothing was changed.
    """
    began = clock()
    rewriting.rewrite(database.path, breaks_off)
    database.write_now(lambda tx: erasures.note_rewritten(tx, began, clock()))
