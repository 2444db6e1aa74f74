"""House-keeping of what goes for good: erasures that broke off, what the office's rules no longer keep, and
the file written anew, so that what was removed is in it no more. All on threads: none of it may hold up the
loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from gateway.desk import erasure
from gateway.store import erasures, rewriting
from gateway.store.database import Database, DatabaseError, Tx

log = logging.getLogger(__name__)

RULES_REWRITE_EVERY = timedelta(days=7)
"""What went by rule is overwritten at once; the whole file is written anew for it once a week."""


class Erasing:
    """Each function is a chore; all may break off anywhere and are begun again."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = database, clock

    async def finish(self) -> None:
        """Go on with erasures of contacts that broke off."""
        await asyncio.to_thread(self._finish)

    def _finish(self) -> None:
        if erasure.finish(self._db.read, self._db.write_now, self._clock):
            rewriting.cut_journal(self._db.path)

    async def retain(self) -> None:
        """Remove what the office's rules no longer keep, in small portions, and what came of the erased."""
        await asyncio.to_thread(self._retain)

    def _retain(self) -> None:
        self._db.write_now(lambda tx: erasure.sweep(tx, self._clock()))
        if erasure.retain(self._db.read, self._db.write_now, self._clock, "rule:retention"):
            rewriting.cut_journal(self._db.path)

    async def rewrite(self) -> None:
        """Write the file anew: the night after a contact was erased, once a week for what went by rule."""
        began = self._clock()
        if await asyncio.to_thread(self._db.read, lambda tx: _is_due(tx, began)):
            try:
                await asyncio.to_thread(rewrite_now, self._db, self._clock)
            except DatabaseError as error:
                log.warning("what was erased is not out of the file yet: %s", error)


def _is_due(tx: Tx, now: datetime) -> bool:
    of_rules = erasures.first_left_in_file(tx, erasures.RETENTION)
    return erasures.first_left_in_file(tx, erasures.CONTACT) is not None or (
        of_rules is not None and now - of_rules >= RULES_REWRITE_EVERY
    )


def rewrite_now(database: Database, clock: Callable[[], datetime]) -> None:
    """Write the file anew, and note that nothing erased until now is in it.

    Raises:
        DatabaseError: there is no room, or others were writing; nothing was changed.
    """
    began = clock()
    rewriting.rewrite(database.path)
    database.write_now(lambda tx: erasures.note_rewritten(tx, began, clock()))
