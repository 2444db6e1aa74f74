"""House-keeping stays out of the way of texts."""

from __future__ import annotations

import asyncio
import contextlib
import io
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.clock import utc_now
from gateway.desk import erasure, importing, old_phone, old_phone_files
from gateway.desk import line_requests as desk
from gateway.desk import lines as desk_lines
from gateway.domain.line import LineState, LineStatus, RefusedForGood
from gateway.domain.line_requests import Kind, State
from gateway.queue import erasing
from gateway.queue.chores import Daily, begin_anew, scheduler
from gateway.queue.progress import Progress
from gateway.store import (
    erasures,
    events,
    holidays,
    imports,
    line_history,
    line_requests,
    rewriting,
    settings,
    waiting_lists,
)
from gateway.store.database import Database
from gateway.store.keys import Keys
from tests.office import ANNA, SAM, Office


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


async def test_lists_and_histories_that_nobody_took_in_are_forgotten_after_a_week(office: Office) -> None:
    content, now = f"Name,Phone\nAnna,{ANNA}\n".encode(), office.clock()
    form = importing.form_of(content)
    office.write(lambda tx: importing.add(tx, content, "list.csv", "upload", form, SAM, now))
    texts = f"Date,Direction,Number,Text\n2021-05-03 09:00,received,{ANNA},Hi\n".encode()
    of_texts = old_phone_files.form_of(texts, office.line_id)
    public_id = office.write(lambda tx: old_phone.add(tx, "old.csv", "upload", of_texts, SAM, now))
    kept = waiting_lists.path_of(office.database.keys.folder, public_id)
    old_phone_files.put_aside(office.database.keys.folder, public_id, io.BytesIO(texts))
    for days, states, is_there in ((6, {"uploaded"}, True), (8, {"failed"}, False)):
        at = now + timedelta(days=days)
        await scheduler(office.database, lambda at=at: at).get_job("forget-files").func()  # type: ignore[misc]
        rows = office.read(lambda tx: imports.newest(tx, 5))
        assert ({row.state for row in rows}, kept.exists()) == (states, is_there)
        assert (office.read(lambda tx, one=rows[-1].id: imports.content(tx, one)) == content) is is_there


async def test_while_the_clock_is_in_doubt_nothing_expires_or_is_forgotten(office: Office) -> None:
    sent = office.accept(send_by=office.clock() + timedelta(hours=1))
    kept = office.read(lambda tx: len(events.after(tx, 0)))
    doubt: str | None = "jumped"
    chores = scheduler(office.database, lambda: office.clock() + timedelta(days=365), lambda: doubt)
    for name in ("expire", "note-missing-reports", "empty-answers", "forget-old"):
        await chores.get_job(name).func()
    assert office.state(sent) == "queued"
    assert office.read(lambda tx: len(events.after(tx, 0))) == kept
    doubt = None
    await chores.get_job("expire").func()
    assert office.state(sent) == "expired"
    await office.database.aclose()


@pytest.mark.parametrize("years", [-56, 73])
def test_a_step_to_another_age_is_one_run_and_no_more(office: Office, years: int) -> None:
    """APScheduler walks from run to run until it has come to now."""
    now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    then = now.replace(year=now.year + years)
    for job in scheduler(office.database, utc_now).get_jobs():
        before = job.trigger.get_next_fire_time(None, now)
        after = job.trigger.get_next_fire_time(before, then)
        assert then < after <= then + timedelta(days=1), job.id


def test_no_run_is_due_at_the_moment_of_the_last() -> None:
    at = datetime(2026, 11, 22, 4, 10, tzinfo=UTC)
    assert Daily(hour=4, minute=10, timezone="UTC").get_next_fire_time(None, at) == at + timedelta(days=1)


async def test_a_step_back_does_not_put_off_what_is_due(office: Office) -> None:
    chores = scheduler(office.database, utc_now)
    chores.start(paused=True)
    try:
        for job in chores.get_jobs():
            job.modify(next_run_time=utc_now() + timedelta(days=400))
        begin_anew(chores)
        latest = max(job.next_run_time for job in chores.get_jobs())
        assert latest <= utc_now() + timedelta(days=1)
    finally:
        chores.shutdown(wait=False)


async def test_holidays_are_filled_in_as_soon_as_it_runs(office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "office.country", "GB"))
    today = office.clock().date()
    assert office.read(lambda tx: holidays.awaited(tx, {"GB"}, today))
    chores = scheduler(office.database, office.clock)
    cursor = office.database.feed.last
    chores.start()
    try:
        async with asyncio.timeout(30):
            while office.read(lambda tx: holidays.awaited(tx, {"GB"}, today)):
                cursor = await office.database.feed.wait(cursor)
        assert office.read(lambda tx: holidays.awaited(tx, {"GB", "US-FL"}, today)) == ("US-FL",)
    finally:
        chores.shutdown(wait=False)
        await office.database.aclose()


async def test_another_line_sends_for_one_whose_every_text_is_refused(office: Office) -> None:
    other = office.add_line("back", number="+447700900199")
    now = office.clock()
    office.write(lambda tx: desk_lines.set_option(tx, "front", "fallback", "back", "person:Sam", now))
    for line_id in (office.line_id, other):
        office.hear(LineState(LineStatus.UP, "ready"), line_id)
    texts = [office.accept(f"+44770090013{digit}") for digit in range(5)]
    for _ in range(3):
        office.send_one(RefusedForGood("CMS 38", 3, 30.0))
    office.clock.step(minutes=15)
    await scheduler(office.database, office.clock).get_job("let-others-send").func()
    await office.database.aclose()
    assert [office.message(text).line_name for text in texts] == ["front"] * 4 + ["back"]


async def test_while_the_file_is_written_anew_that_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program's transaction holds it up here; once it ends, the file is free of what was erased."""
    monkeypatch.setattr(rewriting, "_WRITERS_MS", 2_000)
    office.text_from(ANNA, "please forget me")
    contact = office.conversation(ANNA).contact_id
    erasure.erase(office.database.read, office.database.write_now, contact, SAM, "asked for it", office.clock)
    known = Progress()
    chore = scheduler(office.database, office.clock, rewriting=known).get_job("rewrite").func
    with contextlib.closing(sqlite3.connect(office.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        under_way = asyncio.create_task(chore())
        while not (known.goes_on or under_way.done()):  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert known.goes_on
        other.execute("ROLLBACK")
    await under_way
    assert not known.goes_on
    assert all(record.rewritten_at for record in office.read(lambda tx: erasures.every(tx, 10)))


@pytest.mark.parametrize("stops", [False, True])
async def test_writing_the_file_anew_ends_with_its_hour_and_with_the_program(
    office: Office, monkeypatch: pytest.MonkeyPatch, stops: bool
) -> None:
    """Another program's transaction holds it up until its time is over; then it does not go on."""
    monkeypatch.setattr(rewriting, "_STEPS", 1)
    monkeypatch.setattr(erasing, "REWRITE_WITHIN_S", 60.0 if stops else 0.05)
    office.text_from(ANNA, "please forget me")
    contact = office.conversation(ANNA).contact_id
    erasure.erase(office.database.read, office.database.write_now, contact, SAM, "asked for it", office.clock)
    known = Progress()
    chore = scheduler(office.database, office.clock, rewriting=known).get_job("rewrite").func
    with contextlib.closing(sqlite3.connect(office.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        under_way = asyncio.create_task(chore())
        while not (known.goes_on or under_way.done()):  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        if stops:
            under_way.cancel()
        await asyncio.wait([under_way])
        assert under_way.cancelled() == stops and not known.goes_on
        other.execute("ROLLBACK")
    await asyncio.get_running_loop().shutdown_default_executor()
    assert not any(record.rewritten_at for record in office.read(lambda tx: erasures.every(tx, 10)))
