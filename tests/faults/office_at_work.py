"""An office as a process of its own, without the panel, made to be killed anywhere.

The real database and a real lane on a device that is played in the process, as `Plan` says. What it
promised and what it did stands in files beside the database, each line written whole by one system call:
`accepted` (after the commit), `air` (when a modem would have taken Ctrl-Z). What waits on the SIM is a file
in `sim`, removed when the device's copy would be.

    python -m tests.faults.office_at_work

is a nursery: for every line of JSON on its standard input a child is born that has everything imported
already, so that hundreds of lives take no longer than a few starts would.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import resource
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event, select

from gateway.cli import main as command_line
from gateway.clock import utc_now
from gateway.daemon import _settle
from gateway.desk import inbox
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.line import Abilities, Accepted, Go, Received, Removed, Slot, Submission, Withdrawn
from gateway.domain.message import Purpose
from gateway.lines import Box, Lines
from gateway.modem.rhythm import Rhythm
from gateway.queue.dispatcher import Lane
from gateway.store import database as database_module
from gateway.store import engines, lines
from gateway.store.database import Database, DatabaseError, Tx
from gateway.store.keys import Keys
from gateway.store.tables import messages, raw_pdus

T = TypeVar("T")
SIM = "8944100000000000001"
STORES = ("SM",)
IDLE_S, WAITED_S = 0.1, 60.0
"""Where nothing happened for so long, so much time is taken to have passed."""
LIFE_S = 30.0
"""Longest life: one that has not ended by then hangs."""


@dataclass
class Plan:
    """What a child does. `folder` holds the database; `kill_at`: it dies before its n-th step, a step being
    one callback of the event loop or one octet given to a device; `ahead_s`: how far its clock is ahead.
    `modem`: the line is the one in the database, on its port; then `receives` texts are waited for. It
    may live longer by `blocked_s`, for which its loop stands still, and by `locked_s`, for which another
    program holds the database."""

    folder: str
    texts: list[list[str]] = field(default_factory=list)
    kill_at: int = 0
    ahead_s: float = 0.0
    modem: bool = False
    receives: int = 0
    blocked_s: float = 0.0
    locked_s: float = 0.0
    leaks: bool = False
    pragmas: list[str] = field(default_factory=list)


class Steps:
    """Counts steps and dies at the one that is asked for; the count of a whole life is left in `steps`."""

    def __init__(self, kill_at: int) -> None:
        self.taken = 0
        self._kill_at = kill_at
        run = asyncio.Handle._run

        def counted(handle: asyncio.Handle) -> None:
            self.take()
            run(handle)

        asyncio.Handle._run = counted  # type: ignore[method-assign]

    def take(self) -> None:
        self.taken += 1
        if self.taken == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def by_octet(self, is_device: Callable[[int], bool]) -> None:
        """Let devices take one octet at a time, each of them a step."""
        write = os.write

        def slowly(fd: int, data: Any) -> int:
            if len(data) > 1 and is_device(fd):
                self.take()
                data = data[:1]
            return write(fd, data)

        os.write = slowly


def note(path: Path, *words: object) -> None:
    """Add one line to a file by one system call: it is there whole, or not at all."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, (json.dumps(words) + "\n").encode())
    finally:
        os.close(handle)


class Played:
    """A device without a wire, which is up and stays up; as a holder it holds itself."""

    def __init__(self, folder: Path) -> None:
        self._air = folder / "air"
        self._references = itertools.count(1)
        self.before_ctrl_z: Callable[[], None] = lambda: None

    @property
    def line(self) -> Played:
        return self

    async def wait_up(self) -> None:
        return

    @property
    def abilities(self) -> Abilities:
        return Abilities()

    async def send(self, submission: Submission, go: Go) -> Accepted:
        """As `gateway.domain.line.Line.send`."""
        await asyncio.sleep(0)  # the prompt
        try:
            allowed = await go()
        except Exception as problem:
            raise Withdrawn(str(problem)) from problem
        if not allowed:
            raise Withdrawn("not allowed to leave")
        self.before_ctrl_z()
        note(self._air, submission.part_id)
        await asyncio.sleep(0)  # the network
        return Accepted(next(self._references) % 256)


class Office:
    """One life of an office."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.folder = Path(plan.folder)
        self.failed: list[str] = []
        self.database = Database(self.folder / "gateway.db", Keys(self.folder), self.failed.append)
        self._rows = self.database.read(lines.every)
        self._blocked = False
        self._lanes: Lane | Lines

    def clock(self) -> datetime:
        return utc_now() + timedelta(seconds=self.plan.ahead_s)

    async def live(self) -> None:
        """Settle what the last life left open, do what is planned, and end when nothing is left to do."""
        await self.database.write(lambda tx: _settle(tx, self.clock()))
        async with asyncio.TaskGroup() as tasks:
            stop = self._work(tasks) if self.plan.modem else self._play(tasks)
            ends = [tasks.create_task(self._hand_in())]
            if self.plan.leaks:
                tasks.create_task(_leak())
            await asyncio.wait(ends)
            await self._settled()
            await stop()
        await self.database.aclose()

    def _play(self, tasks: asyncio.TaskGroup) -> Callable[[], Any]:
        played = Played(self.folder)
        played.before_ctrl_z = self._block
        lane = Lane(self._rows[0].id, played, self.database, "office", self.clock)
        sending = tasks.create_task(lane.run())
        listening = tasks.create_task(self._listen())
        self._lanes = lane
        kicking = tasks.create_task(self._kick())

        async def stop() -> None:
            lane.stop()
            await asyncio.wait({sending, listening})
            kicking.cancel()

        return stop

    def _work(self, tasks: asyncio.TaskGroup) -> Callable[[], Any]:
        """The line of the database, on its modem."""
        served = Lines(self.database, self.clock, tasks, 20.0, Box(rhythm=Rhythm(listing=0.5)))
        self._lanes = served
        following = [tasks.create_task(served.keep_following()), tasks.create_task(self._kick())]

        async def stop() -> None:
            await served.close()
            for task in following:
                task.cancel()

        return stop

    async def _kick(self) -> None:
        cursor = self.database.feed.last
        while True:
            cursor = await self.database.feed.wait(cursor)
            self._lanes.kick()

    def _block(self) -> None:
        """Once, with a text about to leave, nothing else gets its turn."""
        if self.plan.blocked_s and not self._blocked:
            self._blocked = True
            signal.sigtimedwait([], self.plan.blocked_s)

    async def _hand_in(self) -> None:
        author = Author("token", 1, "office")
        for number, body in self.plan.texts:
            draft = Draft(phone.parse(number), body, Purpose.CONVERSATIONAL, author)

            def verb(tx: Tx, draft: Draft = draft) -> int:
                return accept(tx, self._rows[0], draft, self.clock())

            message_id = await self._insist(verb)
            note(self.folder / "accepted", message_id, body)

    async def _listen(self) -> None:
        """Read what lies on the SIM, as `gateway.modem.inbox` does: told first, deleted then."""
        for file in sorted((self.folder / "sim").iterdir()):
            slot = Slot(SIM, STORES[0], int(file.name))
            await self._hear(Received(file.read_text(), slot, SIM))
            file.unlink()
            await self._hear(Removed(slot))

    async def _hear(self, heard: Received | Removed) -> None:
        line_id = self._rows[0].id
        await self._insist(lambda tx: inbox.hear(tx, line_id, heard, self.clock()))

    async def _insist(self, verb: Callable[[Tx], T]) -> T:
        """As programs that hand in texts and modems that hold some do: what was refused is tried again."""
        while True:
            try:
                return await self.database.write(verb)
            except DatabaseError as error:
                if self.failed:
                    raise
                note(self.folder / "refused", str(error))
                await asyncio.sleep(IDLE_S)

    async def _settled(self) -> None:
        """Return when nothing is on its way any more, and all that was written to us was read. What is held
        back for a while, behind a text in doubt say, finds that the clock went on."""
        cursor = self.database.feed.last
        while await self.database.aread(_is_open):
            try:
                async with asyncio.timeout(IDLE_S):
                    cursor = await self.database.feed.wait(cursor)
            except TimeoutError:
                self.plan.ahead_s += WAITED_S
                self._lanes.kick()
        while await self.database.aread(_received) < self.plan.receives:
            cursor = await self.database.feed.wait(cursor)


def _is_open(tx: Tx) -> bool:
    waiting = select(messages.c.id).where(messages.c.state.in_(["queued", "sending"])).limit(1)
    return tx.scalar(waiting) is not None


def _received(tx: Tx) -> int:
    return len(set(tx.execute(select(raw_pdus.c.pdu).where(raw_pdus.c.kind == "deliver")).scalars()))


async def _leak() -> None:
    kept = []
    while True:
        kept.append(b"x" * 4_000_000)
        await asyncio.sleep(0)


# --- tasks that die ----------------------------------------------------------------------------------


class _Doomed(Coroutine[Any, Any, Any]):
    """A coroutine in which, instead of a cancellation, an error is raised where it stands."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner
        self.is_due = False

    def send(self, value: Any) -> Any:
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        if self.is_due:
            self.is_due = False
            return self._inner.throw(RuntimeError("planted by a test"))
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Any:
        return self._inner.__await__()


def with_a_task_that_dies(name: str) -> None:
    """On SIGUSR1 the task whose name begins so gets an error where it waits."""
    doomed: list[tuple[asyncio.Task[Any], _Doomed]] = []
    create = asyncio.BaseEventLoop.create_task

    def created(loop: Any, inner: Any, **more: Any) -> asyncio.Task[Any]:
        coroutine = _Doomed(inner)
        task = create(loop, coroutine, **more)
        doomed.append((task, coroutine))
        return task

    def strike() -> None:
        task, coroutine = next(
            one for one in doomed if not one[0].done() and one[0].get_name().startswith(name)
        )
        coroutine.is_due = True
        task.cancel()

    asyncio.BaseEventLoop.create_task = created  # type: ignore[method-assign, assignment]
    signal.signal(signal.SIGUSR1, lambda *_: doomed[0][0].get_loop().call_soon_threadsafe(strike))


def with_pragmas(pragmas: list[str]) -> None:
    """Let every writing connection be told these after our own."""
    ours = engines.write_engine

    def told(path: Path) -> Engine:
        engine = ours(path)

        @event.listens_for(engine, "connect")
        def _connected(connection: sqlite3.Connection, _record: object) -> None:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")

        return engine

    database_module.write_engine = told


def _is_terminal(fd: int) -> bool:
    return os.isatty(fd)


def live(plan: Plan) -> int:
    """A whole life; the exit code."""
    with_pragmas(plan.pragmas)
    steps = Steps(plan.kill_at)
    if plan.modem:
        steps.by_octet(_is_terminal)
    office = Office(plan)
    try:
        asyncio.run(asyncio.wait_for(office.live(), LIFE_S + plan.blocked_s + plan.locked_s))
    finally:
        note(office.folder / "steps", steps.taken)
    return 1 if office.failed else 0


# --- the nursery -------------------------------------------------------------------------------------


def _bear(order: dict[str, Any]) -> int:
    """A child that does what is ordered. Told to wait it stops itself until somebody lets it go on."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for name, limit in order.get("limits", {}).items():
            resource.setrlimit(getattr(resource, name), (limit, limit))
        if user := order.get("user"):
            os.setgid(user)
            os.setuid(user)
        signal.alarm(150)
        for fd, name in ((1, "out"), (2, "err")):
            os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), fd)
        if name := order.get("dies"):
            with_a_task_that_dies(name)
        os.environ.update(order.get("environment", {}))
        if order.get("waits"):
            os.kill(os.getpid(), signal.SIGSTOP)
        if "plan" in order:
            code = live(Plan(**order["plan"]))
        else:
            command_line(order["words"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - a child that fails says so, and is no second nursery
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def nursery() -> None:
    """Bear children by order: {"plan": {...}} or {"words": ["run"]}; {"ended": pid} tells how one ended."""
    engines.loop_engine(Path("nowhere"))  # imports what is imported late
    for order in map(json.loads, sys.stdin):
        answer: dict[str, int | None]
        if "ended" in order:
            pid, status = os.waitpid(order["ended"], os.WNOHANG)
            answer = {"code": os.waitstatus_to_exitcode(status) if pid else None}
        else:
            pid = _bear(order)
            if order.get("waits"):
                os.waitpid(pid, os.WUNTRACED)
            answer = {"pid": pid}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    nursery()
