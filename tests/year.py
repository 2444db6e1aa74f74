"""`python -m tests.year`: a year of house-keeping over a real database, told in figures.

An office with one line works through every day of a year by an injected clock: texts both ways with their
reports, missed calls, programs that repeat requests, people who sign in and mistype. Once an hour every
chore of `gateway.queue.chores` that is due by its own trigger is run, once, as the program's scheduler does
after an hour of sleep. What is to be forgotten must be forgotten, and nothing else may grow but with the
texts.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import logging
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.desk import inbox, line_requests, team, tries
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.line import Accepted, LineState, LineStatus, MissedCall, Received, Removed, Report
from gateway.domain.line_requests import Kind, State
from gateway.domain.message import Purpose
from gateway.domain.people import Role
from gateway.queue import attempts, outcomes
from gateway.queue.chores import scheduler
from gateway.store import line_history, messages, schema
from gateway.store import team as store_team
from gateway.store.database import Tx
from tests.office import OWNER, SAM, Clock, Office, delivers, report
from tests.soak.memory import resident_mb

START = datetime(2025, 1, 1, tzinfo=UTC)
OPEN = range(9, 18)
"""Hours of a day in which people write."""
PEOPLE = tuple(f"+4477009{number:05}" for number in range(800))
WORDS = (
    "please",
    "could",
    "you",
    "move",
    "my",
    "appointment",
    "to",
    "that",
    "day",
    "as",
    "the",
    "bus",
    "is",
    "late",
)
LONG = 0.15
"""Share of texts that need a second part."""
JOURNAL_MB = 65.0
MEMORY_MAY_GROW = 1.15
"""Resident memory at the end in terms of that after the first month."""

FORGOTTEN = {
    "events": ("at", 31),
    "idempotency_keys": ("created_at", 8),
    "sign_in_failures": ("at", 2),
    "sessions": ("expires_at", 1),
    "line_samples": ("at", 31),
    "line_log": ("at", 366),
    "line_requests": ("done_at", 366),
}
"""Tables that are emptied: by which time, and how many days their oldest row may be old."""


@dataclass(frozen=True)
class Figures:
    """How large everything is at one moment. Sizes are in MiB."""

    at: datetime
    texts: int
    database: float
    journal: float
    log: float
    memory: float
    rows: dict[str, int]

    def told(self) -> str:
        """One line of the table."""
        emptied = " ".join(f"{name} {self.rows[name]}" for name in FORGOTTEN)
        return (
            f"{self.at:%Y-%m-%d}  {self.texts:6} texts  database {self.database:7.1f}  journal "
            f"{self.journal:5.1f}  log {self.log:5.2f}  memory {self.memory:6.1f} MiB  {emptied}"
        )


@dataclass
class Told:
    """What came of a year; `wrong` in words, empty when all is well."""

    figures: list[Figures] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Year:
    """An office that lives through its days."""

    def __init__(self, path: Path, texts_a_day: int, seed: int) -> None:
        self.clock = Clock(START)
        self.office = Office(path, self.clock)
        self.path, self.texts_a_day = path, texts_a_day
        self.chance = random.Random(seed)
        self.told = Told()
        self.texts = 0
        self._reference = 0
        self._chores = scheduler(self.office.database, self.clock)
        self._next = {job.id: job.trigger.get_next_fire_time(None, START) for job in self._chores.get_jobs()}

    def open(self) -> None:
        """The people, and a line that works."""
        self.office.hear(LineState(LineStatus.UP, "ready"))
        hashed = team.hash_password("a short sentence is good", "")
        for name in ("ruth", "anna", "tom"):
            self.office.write(
                lambda tx, who=name: team.add_user(tx, who, who.title(), Role.AGENT, hashed, "test", START)
            )

    async def live(self, days: int, said: Callable[[str], None]) -> Told:
        """Live through so many days, telling the figures of each month."""
        self._look(said)
        for day in range(1, days + 1):
            for _ in range(24):
                ends = self.clock() + timedelta(hours=1)
                self._hour()
                self.clock.now = ends
                await self._house_keeping()
            if day % 30 == 0 or day == days:
                self._look(said)
        self._judge()
        return self.told

    # --- a day -----------------------------------------------------------------------------------------

    def _hour(self) -> None:
        hour = self.clock().hour
        self.office.write(self._sampled)
        if hour == OPEN[0]:
            self.office.write(self._morning)
        if hour in OPEN and self.texts_a_day:
            due = self.texts_a_day * (hour - OPEN[0] + 1) // len(OPEN)
            done = self.texts_a_day * (hour - OPEN[0]) // len(OPEN)
            for number in range(done, due):
                self.office.write(self._received if number % 2 else self._sent)
                self.texts += 1

    def _sampled(self, tx: Tx) -> None:
        for minutes in range(0, 60, 5):
            at = self.clock() + timedelta(minutes=minutes)
            line_history.add_sample(tx, self.office.line_id, "ready", -71 - minutes % 7, at)

    def _morning(self, tx: Tx) -> None:
        now, line_id = self.clock(), self.office.line_id
        for name in ("ruth", "anna", "tom"):
            user = store_team.user_by_name(tx, name)
            assert user is not None
            tries.failed(tx, name, "192.168.1.20", now)
            team.sign_in(tx, user, "test", now)
        line_history.note(tx, line_id, "state", "port_lost", "", now)
        line_history.note(tx, line_id, "state", "ready", "", now)
        inbox.hear(tx, line_id, MissedCall(self._somebody(), 14.0), now)
        asked = line_requests.ask(tx, "front", Kind.USSD, "*100#", "person:Ruth", now)
        line_requests.answer(tx, asked, State.DONE, "Your balance is 12.50", now)

    def _somebody(self) -> str:
        return self.chance.choice(PEOPLE)

    def _words(self) -> str:
        length = 30 if self.chance.random() < LONG else self.chance.randint(4, 24)
        return " ".join(self.chance.choice(WORDS) for _ in range(length))

    def _received(self, tx: Tx) -> None:
        now = self.clock.step(seconds=5)
        reference = self._next_reference()
        for pdu in delivers(self._somebody(), self._words(), now, ref=reference):
            slot = self.office.slot()
            inbox.hear(tx, self.office.line_id, Received(pdu, slot), now)
            inbox.hear(tx, self.office.line_id, Removed(slot), now)

    def _sent(self, tx: Tx) -> None:
        now, line, to = self.clock.step(seconds=5), self.office.line(), self._somebody()
        by_program = self.chance.random() < 0.3
        purpose = Purpose.TRANSACTIONAL if by_program else Purpose.CONVERSATIONAL
        author = Author("token", 1, "shop") if by_program else SAM
        message_id = accept(tx, line, Draft(phone.parse(to), self._words(), purpose, author), now)
        if by_program:
            self._answer(tx, message_id, now)
        while (claimed := attempts.claim_next(tx, line.id, OWNER, now)) is not None:
            if not attempts.submit(tx, claimed.part_id, line.id, OWNER, now):
                break
            reference = self._next_reference()
            outcomes.record(tx, claimed.part_id, Accepted(reference), now)
            slot, whose = self.office.slot(), messages.get(tx, claimed.message_id)
            assert whose is not None
            inbox.hear(tx, line.id, Report(report(reference, whose.peer, 0, now), slot), now)
            inbox.hear(tx, line.id, Removed(slot), now)

    def _answer(self, tx: Tx, message_id: int, now: datetime) -> None:
        row = messages.get(tx, message_id)
        assert row is not None
        answer = {"id": row.public_id, "to": row.peer, "body": row.body}
        store_team.store_answer(
            tx, caller="token:1", key=row.public_id, request_hash="0" * 64, created_at=now, status=202,
            answer=answer,
        )  # fmt: skip

    def _next_reference(self) -> int:
        self._reference = (self._reference + 1) % 256
        return self._reference

    # --- house-keeping ---------------------------------------------------------------------------------

    async def _house_keeping(self) -> None:
        now = self.clock()
        for job in self._chores.get_jobs():
            if self._next[job.id] <= now:
                began = time.perf_counter()
                await job.func()
                took = time.perf_counter() - began
                self.told.slowest[job.id] = max(took, self.told.slowest.get(job.id, 0.0))
                self._next[job.id] = job.trigger.get_next_fire_time(None, now)

    # --- figures ---------------------------------------------------------------------------------------

    def _look(self, said: Callable[[str], None]) -> None:
        log = self.path.with_name("log")
        figures = Figures(
            self.clock(), self.texts, _mib(self.path), _mib(self.path.with_name(f"{self.path.name}-wal")),
            _mib(log), resident_mb(), self._rows(),
        )  # fmt: skip
        self.told.figures.append(figures)
        said(figures.told())

    def _rows(self) -> dict[str, int]:
        with self._reading() as connection:
            names = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            tables = [row[0] for row in connection.execute(names)]
            count = 'SELECT count(*) FROM "{}"'
            return {name: connection.execute(count.format(name)).fetchone()[0] for name in tables}

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            yield connection

    def _judge(self) -> None:
        wrong, figures = self.told.wrong, self.told.figures
        with self._reading() as connection:
            for table, (column, days) in FORGOTTEN.items():
                oldest = connection.execute(f'SELECT min("{column}") FROM "{table}"').fetchone()[0]
                limit = (self.clock() - timedelta(days=days)).timestamp() * 1e6
                if oldest is not None and oldest < limit:
                    wrong.append(f"{table} holds rows older than {days} days")
        if max(one.journal for one in figures) > JOURNAL_MB:
            wrong.append(f"the journal grew to {max(one.journal for one in figures):.0f} MiB")
        if len(figures) > 2 and figures[-1].memory > figures[1].memory * MEMORY_MAY_GROW:
            wrong.append(f"memory grew from {figures[1].memory:.0f} to {figures[-1].memory:.0f} MiB")
        if self.office.database.check() != "ok":
            wrong.append("the database is damaged")


def _mib(path: Path) -> float:
    return path.stat().st_size / (1 << 20) if path.exists() else 0.0


def grows(told: Told, last: int = 3) -> list[tuple[str, float]]:
    """Tables that still grew in the last months, in rows a day: those that hold the history."""
    first, final = told.figures[-1 - last], told.figures[-1]
    days = (final.at - first.at).days
    rates = {name: (final.rows[name] - first.rows.get(name, 0)) / days for name in final.rows}
    return [(name, rate) for name, rate in sorted(rates.items(), key=lambda item: -item[1]) if rate >= 0.05]


async def live(
    path: Path, days: int, texts_a_day: int, seed: int = 1, said: Callable[[str], None] = lambda _: None
) -> Told:
    """A whole life over the database at `path`."""
    year = Year(path, texts_a_day, seed)
    with year.office:
        year.open()
        try:
            return await year.live(days, said)
        finally:
            await _close_loop(year.office)


async def _close_loop(office: Office) -> None:
    engine: Any = office.database._loop_engine
    office.database._loop_engine = None
    if engine is not None:
        await engine.dispose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--texts", type=int, default=200, help="a day, both ways; 0: an idle office")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to; the default is thrown away")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "gateway.db"
        logging.basicConfig(filename=path.with_name("log"), level=logging.INFO)
        schema.prepare(path)
        began = time.monotonic()
        told = asyncio.run(
            live(path, given.days, given.texts, given.seed, functools.partial(print, flush=True))
        )
        print(f"{given.days} days in {time.monotonic() - began:.0f} s")
    if len(told.figures) > 4:
        print("still growing, rows a day:", ", ".join(f"{name} {rate:.1f}" for name, rate in grows(told)))
    print("longest chores, ms:", ", ".join(f"{name} {s * 1000:.0f}" for name, s in told.slowest.items()))
    print("\n".join(told.wrong) or "Nothing grew that should not.")
    return 1 if told.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
