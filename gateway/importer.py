"""Goes on with long lists and histories that the panel began, and with those a crash broke off."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from gateway.desk import importing, list_folders, old_phone
from gateway.domain.imports import HISTORY
from gateway.store import imports
from gateway.store.database import Database, DatabaseError

log = logging.getLogger(__name__)

AGAIN_S = 30.0


class Importer:
    """Works on a thread, in steps of a transaction each, so that nothing else waits for it."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._db, self._clock = database, clock

    async def run(self) -> None:
        """Work until cancelled. The caller gives it its own task."""
        while True:
            seen = self._db.feed.last
            try:
                await self.work()
            except DatabaseError as error:
                log.warning("a list is gone on with once the database takes it: %s", error)
                await asyncio.sleep(AGAIN_S)
            else:
                await self._db.feed.wait(seen)

    async def work(self) -> None:
        """Bring everything to its end that was begun."""
        for import_id in await self._db.aread(imports.at_work):
            await asyncio.to_thread(self._finish, import_id)

    async def watch(self) -> None:
        """Look into the watched folders that are due. What is new there is brought in."""
        for source_id in await self._db.aread(lambda tx: list_folders.due(tx, self._clock())):
            try:
                taken = await asyncio.to_thread(
                    list_folders.take, self._db.read, self._db.write_now, self._clock, source_id
                )
            except Exception:
                log.exception("a watched folder failed; it is looked into again in a minute")
                continue
            if taken is not None:
                log.info("a list was brought in from a watched folder", extra={"import_id": taken})

    def _finish(self, import_id: int) -> None:
        database, folder = self._db, self._db.keys.folder
        row = database.read(lambda tx: imports.get(tx, import_id))
        if row is not None and row.kind == HISTORY:
            old_phone.work(database.read, database.write_now, self._clock, folder, import_id)
        else:
            importing.work(database.read, database.write_now, self._clock, import_id)
