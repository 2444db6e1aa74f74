"""The composition root: builds the rooms, wires them, starts and stops them. It decides nothing.

Reads as the life of the program: take the address, lock the data folder, open the store, settle what a
crash left open, open the doors, keep a supervisor and a lane for each line, and on SIGTERM close all of it
in reverse order, waiting for a text that is on the air.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime
from typing import Any

from gateway import service_manager
from gateway.alarm_post import Post
from gateway.alarm_watch import Watch
from gateway.clock import Clock, WatchedClock, utc_now
from gateway.config import Settings
from gateway.desk import backups, consent, line_requests, lives
from gateway.desk import lines as desk_lines
from gateway.desk import setup as desk_setup
from gateway.domain import one_time_codes, service_words, setup_words
from gateway.failures import Failures
from gateway.heartbeat import Heartbeat
from gateway.importer import Importer
from gateway.lines import Box, Lines
from gateway.lock import is_running, only_one
from gateway.modem.recovery import Means
from gateway.queue import attempts
from gateway.queue.chores import Every, begin_anew, scheduler
from gateway.queue.progress import Progress
from gateway.queue.replan import Replan
from gateway.queue.waking import Waking
from gateway.service_manager import ServiceManager
from gateway.store import events, schema
from gateway.store.database import CannotOpen, Database, DatabaseError, Tx
from gateway.store.looking import is_journal_gone
from gateway.timekeeper import Timekeeper
from gateway.tls import Certificates, upkeep
from gateway.web.app import create_app
from gateway.web.server import CannotListen, listen, serve

log = logging.getLogger(__name__)

NOTICE_WITHIN = 1.0
"""Seconds until another process's writes are noticed: the only poll there is."""
GRACE_S = 60.0
"""Seconds a stop waits for the answer to a text on the air; then it is unknown whether it went."""
CLOSE_WITHIN = 15.0
"""Seconds after those in which its outcome is recorded and everything is closed."""
OPEN_WITHIN = 3600.0
"""Seconds a start may take: after an update the database is copied and brought up to date first, after a
crash it is read from end to end, and on a slow disk with years of texts either takes many minutes."""

Doors = Callable[..., Coroutine[Any, Any, None]]
"""`gateway.web.server.serve`, knowing its address already."""


# --- the program -------------------------------------------------------------------------------------


def _open(settings: Settings, on_fatal: Callable[[str], None], clock: Clock) -> Database:
    path = settings.database_path
    failures = Failures(settings.data_dir)
    failures.refuse_if_too_many(clock())
    journal_gone = is_journal_gone(path)
    keys = schema.prepare_with_keys(path, settings.data_dir)

    def note_and_stop(reason: str) -> None:
        failures.note(clock())
        on_fatal(reason)

    database = Database(path, keys, note_and_stop)
    if failures.is_any() or journal_gone:
        found = database.check()
        if found != "ok":
            database.close()
            raise CannotOpen(f"{path} is damaged ({found}). Restore a backup; nothing was changed.")
        failures.found_whole(clock())
    if journal_gone:
        log.critical("%s-wal was removed: the newest texts may be lost. Let no other program touch it", path)
    if not database.lay_ballast():
        log.warning("the disk is nearly full: there is no room for the reserve of 16 MiB")
    return database


async def run(
    settings: Settings, ready: Callable[[str], None], clock: Clock = utc_now, grace_s: float = GRACE_S
) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code. `ready` is told the panel's address.

    Raises:
        ConfigError, CannotListen, AlreadyRunning, DatabaseError: it could not start; nothing was changed.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    manager = service_manager.from_environment()
    failed: list[str] = []

    def fatal(reason: str) -> None:
        failed.append(reason)
        loop.call_soon_threadsafe(stopping.set)

    def started(address: str) -> None:
        ready(address)
        manager.ready()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    folders = (settings.data_dir, settings.database_path.parent)  # neither may be served twice
    with contextlib.closing(_listen(settings)) as listener, only_one(*folders):
        manager.needs(OPEN_WITHIN, service_words.OPENING)
        database = _open(settings, fatal, clock)
        doors = functools.partial(serve, settings=settings, started=started, listener=listener)
        try:
            await _serve(database, settings, doors, WatchedClock(clock), stopping, grace_s, manager)
        except BaseExceptionGroup as group:
            failed.extend(_worded(group))
        finally:
            await database.aclose()
    for reason in failed:
        log.critical("stopped: %s", reason)
    return 1 if failed else 0


def _listen(settings: Settings) -> socket.socket:
    """The panel's address, before anything else: where it cannot be had, nothing is changed."""
    try:
        return listen(settings)
    except CannotListen:
        if is_running(settings.data_dir):
            with only_one(settings.data_dir):  # says whose the address is most likely
                pass
        raise


def _worded(group: BaseExceptionGroup[BaseException]) -> list[str]:
    """What ended the program, in words; raises what is our own mistake."""
    leaves = list(_leaves(group))
    if all(isinstance(error, DatabaseError | OSError) for error in leaves):
        return [str(error) or "what was running did not end in time" for error in leaves]
    raise group


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _settle(tx: Tx, now: datetime) -> int:
    """What the last life left open; returns how many texts it leaves in doubt."""
    desk_lines.forget_states(tx, now)
    line_requests.fail_open(tx, now)
    lives.started(tx, now)
    backups.settle(tx, now)
    return attempts.recover(tx, now)


async def _take_stops(database: Database) -> None:
    """What a crash left in the log of STOPs alone."""
    try:
        heard = await database.write(consent.take_from_log)
    except OSError as error:
        log.error("suppressions.log cannot be read: %s. See: sms-gateway doctor", error.strerror)
        return
    if heard:
        log.warning("STOPs of the log that the database did not know: %d; they count now", heard)


async def _serve(
    database: Database,
    settings: Settings,
    doors: Doors,
    clock: WatchedClock,
    stopping: asyncio.Event,
    grace_s: float,
    manager: ServiceManager,
) -> None:
    rewriting = Progress()
    chores = scheduler(database, clock, lambda: clock.doubt, rewriting)
    keeper = Timekeeper(database, clock, on_step=lambda: begin_anew(chores))
    await keeper.start()  # before anything is written by this clock
    await _take_stops(database)
    unsettled = await database.write(lambda tx: _settle(tx, clock()))
    if unsettled:
        log.warning("texts whose outcome a crash left open: %d; they are shown as unclear", unsettled)
    if code := await database.write(desk_setup.offer_code):
        log.warning(setup_words.CODE_LOGGED, one_time_codes.grouped(code))
    opening = Certificates(settings)
    renewing = upkeep(settings, opening, clock, lambda: clock.doubt)
    chores.add_job(renewing, Every(hours=1), id="renew-certificate", next_run_time=clock())
    importer = Importer(database, clock)
    chores.add_job(importer.watch, Every(minutes=1), id="watch-folders")
    app = create_app(database, settings, clock, opening)
    box = Box(settings.serial_ports, Means(power_command=settings.power_command))
    async with asyncio.TaskGroup() as tasks:
        served = Lines(database, clock, tasks, grace_s, box, lambda: clock.doubt)
        watch = Watch(database, settings.data_dir, clock, lambda: clock.doubt, lambda: _ends(opening))
        following = [
            tasks.create_task(_wake(database, served), name="feed"),
            tasks.create_task(served.keep_following(), name="lines"),
            tasks.create_task(_watch(database), name="other writers"),
            tasks.create_task(Replan(database, clock).run(), name="rules"),
            tasks.create_task(Waking(database, clock, lambda: clock.doubt).run(), name="put off"),
            tasks.create_task(importer.run(), name="imports"),
            tasks.create_task(keeper.run(), name="clock"),
            tasks.create_task(watch.run(), name="alarms"),
            tasks.create_task(Post(database, clock).run(), name="alarm notices"),
        ]
        if manager.listens:
            heart = Heartbeat(database, clock, manager, served.overdue, rewriting)
            following.append(tasks.create_task(heart.run(), name="heartbeat"))
        serving = doors(app, database, clock=clock, stopping=stopping, opening=opening)
        panel = tasks.create_task(serving, name="panel")
        chores.start()
        await _first(stopping.wait(), panel)
        stopping.set()
        log.info("stopping: nothing more is sent; waiting for what is on the air")
        manager.stopping(service_words.STOPPING)
        chores.shutdown(wait=False)
        async with asyncio.timeout(grace_s + CLOSE_WITHIN):
            await served.close()
        with contextlib.suppress(DatabaseError):
            await database.write(lives.ended)
        for task in following:
            task.cancel()


def _ends(opening: Certificates) -> datetime | None:
    """When the certificate the panel is served with ends; None without one."""
    found = opening.look()
    return found.ends if found is not None else None


async def _first(event: object, task: asyncio.Task[None]) -> None:
    waiting = asyncio.ensure_future(event)  # type: ignore[call-overload]
    await asyncio.wait({waiting, task}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


async def _wake(database: Database, served: Lines) -> None:
    """Everything that happens lets the lanes look again."""
    cursor = database.feed.last
    while True:
        cursor = await database.feed.wait(cursor)
        served.kick()


async def _watch(database: Database) -> None:
    """Notice what other processes wrote."""
    seen = -1
    while True:
        version = await database.data_version()
        if version != seen:
            seen = version
            database.feed.announce(await database.aread(events.last_id))
        await asyncio.sleep(NOTICE_WITHIN)
