"""House-keeping stays out of the way of texts."""

from __future__ import annotations

import threading
from pathlib import Path

from gateway.clock import utc_now
from gateway.queue.chores import scheduler
from gateway.store.database import Database
from gateway.store.keys import Keys


class Watched(Database):
    """Notes on which thread 16 MiB are written."""

    laid_on: threading.Thread | None = None

    def lay_ballast(self) -> bool:
        self.laid_on = threading.current_thread()
        return super().lay_ballast()


async def test_the_reserve_is_not_written_in_the_loop(database_path: Path) -> None:
    database = Watched(database_path, Keys(database_path.parent))
    try:
        await scheduler(database, utc_now).get_job("lay-ballast").func()
        assert (database_path.parent / "ballast").exists()
        assert database.laid_on not in (None, threading.current_thread())
    finally:
        await database.aclose()
