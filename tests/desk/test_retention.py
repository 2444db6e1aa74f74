"""What the office's settings no longer keep goes at night, in portions, and nothing else does."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from datetime import timedelta

import pytest

from gateway.desk import erasure
from gateway.desk import settings as desk_settings
from gateway.desk.settings import BadSetting
from gateway.domain.line import Accepted, MissedCall
from gateway.domain.message import Purpose
from gateway.queue.chores import scheduler
from gateway.queue.erasing import Erasing
from gateway.queue.progress import Progress
from gateway.store import contacts, erasures, retention, rewriting
from gateway.store.looking import journal_of
from gateway.store.tables import calls
from tests.desk.remains import Traces
from tests.office import ANNA, BEN, SAM, SHOP, Office


def keep(office: Office, kind: str, days: int) -> None:
    office.write(
        lambda tx: desk_settings.change(tx, f"retention.{kind}", str(days), "person:Sam", office.clock())
    )


def retain(office: Office) -> dict[str, int]:
    return erasure.retain(office.database.read, office.database.write_now, office.clock, "person:Sam")


def bodies(office: Office) -> list[str]:
    return [row.body for row in office.messages()]


@pytest.fixture(autouse=True)
def a_past(office: Office) -> None:
    """A text each way on one day, and more on another, 40 days later."""
    office.text_from(ANNA, "an old question")
    office.accept(ANNA, "an old answer")
    office.send_one(Accepted(1))
    office.accept(ANNA, "an old reminder", Purpose.TRANSACTIONAL, SHOP)
    office.send_one(Accepted(2))
    office.hear(MissedCall(ANNA, 10.0))
    office.clock.step(days=40)
    office.text_from(BEN, "a new question")


def test_by_default_everything_stays(office: Office) -> None:
    office.clock.step(days=36500)
    assert office.read(lambda tx: retention.count_due(tx, office.clock())) == {}
    assert retain(office) == {}
    assert len(bodies(office)) == 4


def test_each_kind_goes_by_its_own_setting(office: Office) -> None:
    keep(office, "transactional", 30)
    assert retain(office) == {"transactional": 1}
    assert bodies(office) == ["an old question", "an old answer", "a new question"]
    keep(office, "received", 41)
    assert retain(office) == {}
    office.clock.step(days=2)
    assert retain(office) == {"received": 1}
    assert bodies(office) == ["an old answer", "a new question"]
    keep(office, "calls", 30)
    assert retain(office) == {"calls": 1}
    assert office.count(calls) == 0


def test_a_dry_run_counts_and_removes_nothing(office: Office) -> None:
    keep(office, "received", 30)
    keep(office, "marketing", 30)
    assert office.read(lambda tx: retention.count_due(tx, office.clock())) == {"received": 1, "marketing": 0}
    assert len(bodies(office)) == 4


def test_a_person_of_whom_nothing_is_left_is_forgotten(office: Office) -> None:
    for kind in ("received", "transactional", "conversational"):
        keep(office, kind, 30)
    retain(office)
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is not None, "they called"
    keep(office, "calls", 30)
    retain(office)
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is None
    traces = Traces.of_number(ANNA)
    traces.words |= {"an old question", "an old answer", "reminder"}
    assert traces.in_rows(office.path) == []
    assert office.conversation(BEN).last_message_id is not None


def test_what_is_left_of_a_conversation_is_its_newest(office: Office) -> None:
    keep(office, "transactional", 30)
    retain(office)
    (answer,) = office.messages(ANNA, "outbound")
    assert office.conversation(ANNA).last_message_id == answer.id


def test_a_legal_hold_keeps_everything(office: Office) -> None:
    keep(office, "received", 30)
    contact = office.read(lambda tx: contacts.by_number(tx, ANNA))
    assert contact is not None
    office.write(lambda tx: erasure.hold(tx, contact.id, "Claim 4711", SAM, office.clock()))
    assert retain(office) == {}
    office.write(lambda tx: erasure.lift_hold(tx, contact.id, SAM, office.clock()))
    assert retain(office) == {"received": 1}


def test_what_is_still_to_go_stays(office: Office) -> None:
    keep(office, "conversational", 30)
    office.accept(BEN, "waits for the modem")
    office.clock.step(days=100)
    assert retain(office) == {"conversational": 1}
    assert "waits for the modem" in bodies(office)


async def test_the_chore_records_what_it_removed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "STEP", 2)
    monkeypatch.setattr(erasure, "_AT_ONCE", 4)
    for number in range(9):
        office.text_from(BEN, f"text {number}")
        office.clock.step(minutes=1)
    keep(office, "received", 30)
    office.clock.step(days=31)
    doubt: str | None = "jumped"
    chores = scheduler(office.database, office.clock, lambda: doubt)
    await chores.get_job("retain").func()
    assert len(bodies(office)) == 13, "not by a clock that is in doubt"
    doubt = None
    await chores.get_job("retain").func()
    assert bodies(office) == ["an old answer", "an old reminder"]
    (record,) = office.read(lambda tx: erasures.every(tx, 10))
    assert (record.kind, record.actor, record.counts) == ("retention", "rule:retention", {"received": 11})
    assert record.ended_at is not None and record.rewritten_at is None
    await chores.get_job("rewrite").func()
    assert office.read(lambda tx: erasures.every(tx, 10))[0].rewritten_at is None, "once a week"
    office.clock.step(days=7)
    await chores.get_job("rewrite").func()
    assert office.read(lambda tx: erasures.every(tx, 10))[0].rewritten_at == office.clock()


@pytest.mark.parametrize("typed", ["29", "1", "-1", "a year"])
def test_nothing_is_kept_for_less_than_a_month(office: Office, typed: str) -> None:
    with pytest.raises(BadSetting):
        office.write(
            lambda tx: desk_settings.change(tx, "retention.received", typed, "person:Sam", office.clock())
        )


def test_a_copy_of_an_update_goes_when_a_backup_of_its_age_would(office: Office) -> None:
    copies = [office.path.with_name(name) for name in ("pre-0001-0002.db", "pre-0002-0003.db")]
    for copy, days in zip(copies, (36, 34), strict=True):
        copy.touch()
        os.utime(copy, (at := (office.clock() - timedelta(days=days)).timestamp(), at))
    asyncio.run(Erasing(office.database, office.clock, Progress()).retain())
    assert [copy.exists() for copy in copies] == [False, True]


def test_a_journal_that_somebody_read_is_cut_with_the_next_chore(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "_PATIENCE_MS", 10)
    office.text_from(ANNA, "hello")
    keep(office, "received", 30)
    office.clock.step(days=31)
    erasing, journal = Erasing(office.database, office.clock, Progress()), journal_of(office.path)
    with contextlib.closing(sqlite3.connect(office.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM settings").fetchall()
        asyncio.run(erasing.retain())
        assert journal.stat().st_size > 0
    asyncio.run(erasing.finish())
    assert journal.stat().st_size == 0
