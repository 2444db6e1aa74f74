"""House-keeping stays out of the way of texts."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

from gateway.clock import utc_now
from gateway.desk import line_requests as desk
from gateway.domain.line import LineState, LineStatus
from gateway.domain.line_requests import Kind, State
from gateway.queue.chores import scheduler
from gateway.store import line_history, line_requests
from gateway.store.database import Database
from gateway.store.keys import Keys
from tests.office import Office


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


async def test_what_lines_said_long_ago_is_forgotten(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    now = office.clock()
    asked = office.write(lambda tx: desk.ask(tx, "front", Kind.USSD, "*100#", "person:Sam", now))
    office.write(lambda tx: desk.answer(tx, asked, State.DONE, "Balance 12.50", now))
    chores = scheduler(office.database, lambda: now + timedelta(days=31))
    for chore in ("empty-answers", "forget-old"):
        await chores.get_job(chore).func()
    request = office.read(lambda tx: line_requests.get(tx, asked))
    assert request is not None and request.answer == ""
    assert office.read(lambda tx: line_history.last_sample(tx, office.line_id)) is None
    assert office.read(lambda tx: line_history.log(tx, office.line_id)) != []
