"""Starting with a long queue after SIGKILL: when texts are accepted again, and when the first one goes.

Some hundred texts are accepted as usual, most of them due at one moment, others scheduled for another day or
held by quiet hours; then their rows are copied, each copy for people of its own, until so many are queued.
The first life of the program ends by SIGKILL before that moment, the second begins after it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Column, Integer, String, Table, cast, func, insert, literal, select, text

from gateway.desk import acceptance, drafts
from gateway.desk.drafts import Draft
from gateway.domain import phone, schedule
from gateway.domain.message import Purpose, State, WaitingFor
from gateway.store import settings, tables
from gateway.store.database import Tx
from tests import any_hour
from tests.fake_modem import FakeModem

from . import wire
from .idle import cpu_seconds
from .office import AUTHOR, BODY, LINE, Office, wait_for
from .rows import Row, at_most

FAKE_OPTIONS = ("--report-delay", "-1", "--seed", "1")
READY_S = 5.0
PATTERN = 100
DUE, SCHEDULED = 60, 80
"""Of each hundred: so many are due at the moment, those up to here go tomorrow, the rest is held."""
FIRST_LIFE = timedelta(seconds=45)
_OFFICE_ZONE = "UTC"
_COPIED = (tables.contacts, tables.phone_numbers, tables.conversations, tables.messages, tables.parts)


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds from exec to the first yes of /healthz/ready and to the first AT+CMGS, processor seconds used
    until ready, and what was queued."""

    ready_s: float
    wire_s: float
    cpu_s: float
    queued: int
    scheduled: int
    held: int


def fill(tx: Tx, count: int, moment: datetime, now: datetime) -> None:
    """Queue `count` texts, a multiple of `PATTERN`."""
    line = drafts.choose_line(tx, LINE)
    closed = _closed_at(now)
    for place in range(PATTERN):
        due = moment if place < DUE else now + timedelta(days=1)
        when = schedule.at_instant(due, _OFFICE_ZONE) if place < SCHEDULED else None
        if place == SCHEDULED:
            settings.put(tx, "hours.transactional", closed)
        to = phone.parse(f"+1202555{101 + place:04d}")
        acceptance.accept(tx, line, Draft(to, BODY, Purpose.TRANSACTIONAL, AUTHOR, when=when), now)
    any_hour.lift(tx)
    for copy in range(1, count // PATTERN):
        for table in _COPIED:
            _copy(tx, table, copy * PATTERN)
    tx.execute(text("INSERT INTO messages_fts (messages_fts) VALUES ('rebuild')"))


def _closed_at(now: datetime) -> str:
    """Hours of one weekday, three days from now: everywhere on earth they are closed now."""
    day = (now + timedelta(days=3)).strftime("%a")
    return f"{day} 10:00-12:00"


def _copy(tx: Tx, table: Table, shift: int) -> None:
    """Copy the first rows of a table, their ids and what they refer to `shift` further."""
    tx.execute(
        insert(table).from_select(
            [column.name for column in table.columns],
            select(*(_shifted(column, shift) for column in table.columns)).where(table.c.id <= PATTERN),
        )
    )


def _shifted(column: Column[object], shift: int) -> object:
    if column.name in ("id", "contact_id", "conversation_id", "message_id", "last_message_id"):
        return column + shift
    if column.name == "public_id":
        return cast(column, String) + literal(f"-{shift}")
    if column.name in ("number", "peer"):
        return literal("+") + cast(cast(func.substr(column, 2), Integer) + shift, String)
    return column


def measure(folder: Path, count: int) -> Found:
    """Live once, be killed, live again."""
    with FakeModem(*FAKE_OPTIONS) as fake:
        office = Office(folder, fake.path)
        now = datetime.now(UTC)
        moment = now + FIRST_LIFE + timedelta(seconds=count / 5_000)
        office.write(lambda tx: fill(tx, count, moment, now))
        waiting = office.read(_waiting)
        with office:
            if datetime.now(UTC) >= moment:
                raise TimeoutError("the first start took so long that the texts fell due")
            office.kill()
            time.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))
            began = time.monotonic()
            ready = office.restart()
            used = cpu_seconds(office.pid)
            first = wait_for(lambda: _requests(fake, began), every=0.05)[0] - began
        held = waiting.get(WaitingFor.QUIET_HOURS.value, 0)
        later = waiting.get(WaitingFor.SCHEDULE.value, 0)
        return Found(ready, first, used, sum(waiting.values()), later, held)


def _waiting(tx: Tx) -> dict[str | None, int]:
    """How many texts are queued, by what they wait for."""
    messages = tables.messages
    query = select(messages.c.waiting_for, func.count()).where(messages.c.state == State.QUEUED.value)
    return {row[0]: row[1] for row in tx.execute(query.group_by(messages.c.waiting_for))}


def _requests(fake: FakeModem, began: float) -> list[float]:
    chunks = fake.control("chunks", line=fake.number, after=began)["chunks"]
    return wire.requests([(one[0], one[1], one[2]) for one in chunks])


def row(found: Found) -> Row:
    """Ready, with the first text beside it."""
    how = (
        f"{found.queued} texts queued: {found.scheduled} scheduled, of which three quarters fell due between "
        f"the lives of the program, {found.held} held by quiet hours. From exec to the first yes of "
        f"/healthz/ready, with {found.cpu_s:.1f} s of processor time; the first AT+CMGS was on "
        f"the wire after {found.wire_s:.1f} s, the opening of the device included."
    )
    what = f"start with {found.queued:,} queued after SIGKILL"
    verdict = at_most(found.ready_s, READY_S)
    return Row(what, f"ready in {READY_S:g} s", f"{found.ready_s:.1f} s", verdict, how)
