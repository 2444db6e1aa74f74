"""Rows 9, 14 and 26 of the fault matrix: backups beside a full disk and beside work, an old one restored."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import shutil
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from gateway import restore as restoring
from gateway.desk import backups, restored, unclear
from gateway.domain.backup_words import NO_ROOM
from gateway.domain.backups import Kind
from gateway.domain.line import Accepted, CannotTell
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.queue import attempts
from gateway.store import alarms, archive, backup, erasures, invitations, sealing
from gateway.store.backup import BackupFailed
from gateway.store.database import Tx
from gateway.store.suppression_log import Log
from gateway.store.tables import audit, idempotency_keys
from gateway.store.tables import backups as backups_table
from tests.faults.conftest import Founded
from tests.faults.judged import connected, judge
from tests.faults.nursery import Nursery, Program, needs_mount, small_disk
from tests.faults.test_rows_storage import accepted
from tests.office import ANNA, BEN, CARA, SAM, SHOP, Office
from tests.stories.harness import until

WRITTEN, RECIPIENT = sealing.new_key()


def grow(office: Office, megabytes: int) -> None:
    """Let the database be as large as one of some years."""
    now = office.clock()
    row = {"at": now, "actor": "test", "action": "grow", "object": "it"}
    rows = [{**row, "after": secrets.token_hex(2000)} for _ in range(megabytes * 250)]
    office.write(lambda tx: tx.execute(insert(audit), rows))


# --- 9: the disk is full ------------------------------------------------------------------------------


@needs_mount
def test_row_09_full_while_the_copy_is_written(office: Office, tmp_path: Path) -> None:
    grow(office, 8)
    with small_disk(tmp_path / "disk", "4m") as disk:
        before = office.accept(ANNA, "before")
        with pytest.raises(BackupFailed) as caught:
            backup.copy(office.path, disk / "copy.db")
        assert str(caught.value) == NO_ROOM
        assert list(disk.iterdir()) == []
    assert office.state(before) == office.state(office.accept(ANNA, "after")) == "queued"


@needs_mount
def test_row_09_full_while_the_backup_goes_to_a_stick(office: Office, tmp_path: Path) -> None:
    grow(office, 8)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    backup.copy(office.path, scratch / archive.DATABASE)
    shutil.copy(tmp_path / archive.KEY, scratch)
    (scratch / archive.LOG).touch()
    manifest = archive.described(scratch, office.clock(), "1", "0004", "Our office")
    with small_disk(tmp_path / "disk", "1m") as disk:
        with pytest.raises(BackupFailed) as caught:
            archive.pack(scratch, manifest, disk / "one.smsbackup", RECIPIENT)
        assert str(caught.value) == NO_ROOM
        assert list(disk.iterdir()) == []


@needs_mount
def test_row_09_a_backup_does_not_take_the_room_that_texts_need(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "64m") as disk:
        folder = disk / "office"
        shutil.copytree(new_folder("office"), folder)
        one = Program(nursery.program(folder, "run"), founded.token).open()
        try:
            accepted(one, "before")
            (disk / "films").write_bytes(bytes(22 << 20))
            command = nursery.program(folder, "backup", says=tmp_path)
            assert command.wait() == 1
            assert "Free some space" in command.said() and "Traceback" not in command.said()
            accepted(one, "after")
            until(lambda: set(one.states().values()) == {"delivered"}, what="texts go out")
            assert [path.name for path in (folder / "backups").iterdir()] == ["lock"]
            with contextlib.closing(connected(folder / "gateway.db")) as connection:
                ((problem,),) = connection.execute("SELECT problem FROM backups").fetchall()
            assert "MB free" in problem
            (disk / "films").unlink()
            command = nursery.program(folder, "backup", says=tmp_path)
            assert command.wait() == 0, command.said()
            assert one.end() == 0
        finally:
            one.child.kill()
        judge(folder)


# --- 14: beside work ----------------------------------------------------------------------------------

ROUNDS, AT_ONCE = 8, 25
AT_MOST = 3.0


def accept_times(office: Office, count: int) -> list[float]:
    """Seconds that each of so many texts took to be accepted."""
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        office.accept(CARA, "Your glasses are ready.")
        taken.append(time.perf_counter() - began)
        time.sleep(0.002)
    return taken


def p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def ratio(office: Office) -> float:
    """How much longer a text takes to be accepted beside one backup after another: p99 to p99, idle and busy
    in turns."""
    idle: list[float] = []
    busy: list[float] = []
    for _ in range(ROUNDS):
        idle += accept_times(office, AT_ONCE)
        over = threading.Event()
        made = threading.Thread(target=_keep_backing_up, args=(office, over))
        made.start()
        busy += accept_times(office, AT_ONCE)
        over.set()
        made.join()
    print(f"p99 idle {p99(idle) * 1000:.1f} ms, beside backups {p99(busy) * 1000:.1f} ms")
    return p99(busy) / p99(idle)


def _keep_backing_up(office: Office, over: threading.Event) -> None:
    while not over.is_set():
        made = backups.make(office.database, office.clock, Kind.NOW, sealed_for=RECIPIENT)
        Path(made.path).unlink()


@pytest.mark.slow
def test_row_14_texts_are_accepted_as_before_while_a_backup_is_made(office: Office) -> None:
    """A disk that stalls by itself is not the backup's doing: the best of three runs counts."""
    grow(office, 24)
    found: list[float] = []
    while not found or (found[-1] > AT_MOST and len(found) < 3):
        found.append(ratio(office))
    assert min(found) <= AT_MOST, found
    assert office.count(backups_table) >= ROUNDS


# --- 26: an old backup --------------------------------------------------------------------------------


def numbers() -> Iterator[str]:
    """One person a text, so that none waits for another."""
    return (f"+4477009001{number:02}" for number in itertools.count(40))


def test_row_26_nothing_of_an_old_backup_is_sent_again(
    office: Office, tmp_path: Path, any_hour: None
) -> None:
    """A text in every state; whatever became of each after the backup, none leaves again by itself."""
    to = numbers()
    doubtful = office.accept(next(to), "in doubt", on_unconfirmed="resend_once")
    office.send_one(CannotTell("timeout"))
    sent = office.accept(next(to), "sent")
    office.send_one(Accepted(7))
    flying = office.accept(next(to), "on the air")
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    half = office.accept(next(to), "half of it went " * 20)
    office.send_one(Accepted(8))
    waits = office.accept(next(to), "it waits")
    automatic = office.accept(next(to), "reminder", Purpose.TRANSACTIONAL, SHOP)
    chosen = office.accept(next(to), "at a chosen time")
    assert office.claim() is not None
    texts = (doubtful, sent, flying, half, waits, automatic, chosen)
    assert [office.state(one) for one in texts] == [
        "unconfirmed", "sent", "sending", "sending", "queued", "queued", "queued"
    ]  # fmt: skip
    now = office.clock()
    office.write(lambda tx: tx.execute(insert(idempotency_keys), _answer(now)))
    made = backups.make(office.database, office.clock, Kind.NOW)

    office.clock.step(days=2)
    place = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    done = restoring.restore(
        Path(made.path), None, place, replace=False, logs=[], actor="command:test", now=office.clock()
    )
    assert done.state.unclear == len(texts) - 1
    with Office(place.database, office.clock) as back:
        assert [back.state(one) for one in texts if one != sent] == ["unconfirmed"] * done.state.unclear
        assert back.state(sent) == "sent"
        assert back.message(waits).reason == restored.RESTORED
        for _ in range(50):
            assert back.write(lambda tx: attempts.resend_unconfirmed(tx, back.line_id, back.clock())) == 0
            assert back.claim() is None
            back.clock.step(hours=3)
        assert back.count(idempotency_keys) == 1, "a program that repeats its request gets the old answer"
        back.report(7, back.message(sent).peer, when=now)
        assert back.claim() is None
        held_then_free(back, next(to), next(to))


def test_row_26_the_later_parts_of_a_text_that_was_on_the_air_do_not_go(
    office: Office, tmp_path: Path
) -> None:
    """Not even when somebody knows of the first one."""
    flying = office.accept(ANNA, "on the air " * 30)
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    made = backups.make(office.database, office.clock, Kind.NOW)
    place = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    assert brought_back(made, place, office.clock()).state.unclear == 1
    with Office(place.database, office.clock) as back:
        back.write(lambda tx: restored.seen(tx, "person:Ruth", back.clock()))
        back.write(lambda tx: unclear.mark_sent(tx, flying, SAM, back.clock()))
        assert (back.claim(), back.state(flying)) == (None, "sent")


def test_row_26_what_was_sent_again_is_asked_about_no_more(office: Office, tmp_path: Path) -> None:
    text = office.accept(ANNA, "in doubt")
    office.send_one(CannotTell("timeout"))
    office.write(lambda tx: unclear.send_again(tx, text, SAM, office.clock()))
    office.send_one(Accepted(7))
    made = backups.make(office.database, office.clock, Kind.NOW)
    place = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    assert brought_back(made, place, office.clock()).state.unclear == 0


def _answer(now: object) -> dict[str, object]:
    return {"caller": "t", "key": "k", "request_hash": "h", "created_at": now, "status": 202, "answer": {}}


def held_then_free(back: Office, one: str, another: str) -> None:
    """Automatic texts wait until an admin has looked; what people write goes."""
    fresh = back.accept(one, "reminder", Purpose.TRANSACTIONAL, SHOP)
    person = back.accept(another, "written by a person")
    back.send_one(Accepted(20))
    assert (back.state(person), back.state(fresh)) == ("sent", "queued")
    assert back.message(fresh).waiting_for == "approval"
    back.clock.step(hours=5)
    assert back.claim() is None
    assert back.write(lambda tx: restored.seen(tx, "person:Ruth", back.clock()))
    assert not back.write(lambda tx: restored.seen(tx, "person:Ruth", back.clock()))
    back.send_one(Accepted(21))
    assert back.state(fresh) == "sent"


def test_row_26_who_said_stop_since_is_heard(office: Office, tmp_path: Path, any_hour: None) -> None:
    """The log of the old disk counts, in its order: a START after a STOP too."""
    office.text_from(CARA, "STOP")
    made = backups.make(office.database, office.clock, Kind.NOW)
    office.clock.step(hours=1)
    office.text_from(ANNA, "STOP")
    office.text_from(BEN, "STOP")
    office.text_from(BEN, "START")
    office.text_from(CARA, "START")
    whole = (tmp_path / "suppressions.log").read_bytes()
    (tmp_path / "whole").write_bytes(whole)
    (tmp_path / "torn").write_bytes(whole + b'{"at": "2025')
    for name, known, expected in (
        ("whole", True, {ANNA}),
        ("torn", False, {ANNA, CARA}),  # the line that cannot be read may be another STOP of Cara's
        ("", False, {CARA}),
    ):
        place = restoring.Place(tmp_path / f"new{name}", tmp_path / f"new{name}" / "gateway.db")
        now = office.clock()
        logs = [restoring.read_log(tmp_path / name)] if name else []
        done = brought_back(made, place, now, logs=logs)
        assert (done.state.newer_log, done.damaged) == (known, int(name == "torn"))
        with Office(place.database, office.clock) as back:
            assert {one for one in (ANNA, BEN, CARA) if refused(back, one)} == expected
            back.write(lambda tx, at=now: restored.seen(tx, "person:Ruth", at))  # type: ignore[misc]
            again = back.database.read(lambda tx: restored.state(tx))
            assert again is not None and again.seen_at == now


def brought_back(
    made: Any, place: restoring.Place, now: datetime, *, logs: Sequence[Log] = (), replace: bool = False
) -> restoring.Result:
    return restoring.restore(
        Path(made.path), None, place, replace=replace, logs=logs, actor="command:test", now=now
    )


@pytest.mark.parametrize("torn", [b'{"at": "2025', b""])
def test_row_26_a_stop_is_lifted_only_where_nothing_speaks_against_it(
    office: Office, tmp_path: Path, any_hour: None, torn: bytes
) -> None:
    """The newer STOPs are known to the database alone, or to a log that an older one follows."""
    log = tmp_path / "suppressions.log"
    for said in ("STOP", "START"):
        office.text_from(ANNA, said)
        office.text_from(BEN, said)
        office.clock.step(minutes=1)
    old = restoring.read_log(log)
    office.text_from(ANNA, "STOP")
    office.text_from(BEN, "STOP")
    newer = restoring.read_log(log)
    log.write_bytes(b"".join(log.read_bytes().splitlines(True)[:4]) + torn)
    made = backups.make(office.database, office.clock, Kind.NOW)
    for number, logs in enumerate(([], [Log(old.entries)], [newer, old])):
        place = restoring.Place(tmp_path / str(number), tmp_path / str(number) / "gateway.db")
        done = brought_back(made, place, office.clock(), logs=logs)
        assert done.state.newer_log is bool(logs and not torn)
        with Office(place.database, office.clock) as back:
            assert refused(back, ANNA) and refused(back, BEN)
            again = backups.make(back.database, back.clock, Kind.NOW)
        place = restoring.Place(tmp_path / f"{number}-b", tmp_path / f"{number}-b" / "gateway.db")
        assert brought_back(again, place, office.clock()).damaged == int(bool(torn)), (
            "it is no less doubtful for being copied"
        )
        with Office(place.database, office.clock) as back:
            assert refused(back, ANNA) and refused(back, BEN)


def test_row_26_a_second_restore_knows_no_more_than_the_first(office: Office, tmp_path: Path) -> None:
    """What the first wrote into the folder is no log of the old disk."""
    office.text_from(ANNA, "STOP")
    made = backups.make(office.database, office.clock, Kind.NOW)
    place = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    whole = restoring.read_log(tmp_path / "suppressions.log")
    for number, (logs, known) in enumerate((([], False), ([], False), ([whole], True), ([], True))):
        now = office.clock.step(minutes=1)
        done = brought_back(made, place, now, logs=logs, replace=bool(number))
        assert done.state.newer_log is known, number


def test_row_26_the_log_counts_where_the_database_cannot_be_read(
    office: Office, tmp_path: Path, any_hour: None
) -> None:
    """The log lies beside it for that; unless an earlier restore left a gap in it."""
    made = backups.make(office.database, office.clock, Kind.NOW)
    office.clock.step(hours=1)
    office.text_from(ANNA, "STOP")
    whole = restoring.read_log(tmp_path / "suppressions.log")
    here = restoring.Place(tmp_path, tmp_path / "gateway.db")
    office.database.close()
    for logs, known in (([], True), ([], True), ([Log(whole.entries[:0])], True)):
        here.database.write_bytes(b"not a database" * 1000)
        done = brought_back(made, here, office.clock.step(minutes=1), logs=logs, replace=True)
        assert done.state.newer_log is known
        with Office(here.database, office.clock) as back:
            assert refused(back, ANNA)
    new = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    for number, (logs, known) in enumerate((([], False), ([], False), ([whole], True), ([], True))):
        if number:
            new.database.write_bytes(b"not a database" * 1000)
        done = brought_back(made, new, office.clock.step(minutes=1), logs=logs, replace=bool(number))
        assert done.state.newer_log is known, number
        assert (new.data_dir / restoring.GAP).exists() is not known


def test_row_26_a_log_without_a_line_is_no_newer_one(office: Office, tmp_path: Path) -> None:
    made = backups.make(office.database, office.clock, Kind.NOW)
    place = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    (tmp_path / "empty").touch()
    logs = [restoring.read_log(tmp_path / "empty")]
    assert not brought_back(made, place, office.clock(), logs=logs).state.newer_log


def test_row_26_what_makes_it_safe_comes_along_or_nothing_does(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The closing checkpoint fails, as on a full disk: somebody reads the scratch copy, so it is not done."""
    made = backups.make(office.database, office.clock, Kind.NOW)
    place = restoring.Place(tmp_path / "new", tmp_path / "new" / "gateway.db")
    reading: list[sqlite3.Connection] = []

    def read_on(tx: Tx) -> None:
        path = tx.connection.exec_driver_sql("PRAGMA database_list").fetchone()[2]  # type: ignore[index]
        reading.append(sqlite3.connect(path, isolation_level=None, check_same_thread=False))
        reading[0].execute("BEGIN").execute("SELECT * FROM settings").fetchall()

    monkeypatch.setattr("gateway.store.restoring.end_sessions", read_on)
    with pytest.raises(BackupFailed, match="Nothing was changed"):
        brought_back(made, place, office.clock())
    assert not place.database.exists()
    reading[0].close()


def test_row_26_what_was_promised_before_does_not_count_again(office: Office, tmp_path: Path) -> None:
    """Alarms that waited are not told, open invitations end, and who was erased since is spoken of."""
    now = office.clock()

    def waits(tx: Tx) -> None:
        alarm = alarms.add(tx, "disk", "", {}, now)
        alarms.add_notice(tx, alarm, "raised", "webhook", None, now)
        values = {"role": "agent", "created_at": now, "created_by": "x", "created_by_id": 1}
        invitations.add(tx, secret_hash="h", expires_at=now + timedelta(days=7), **values)

    office.write(waits)
    office.accept(ANNA, "hello")
    made = backups.make(office.database, office.clock, Kind.NOW)
    office.clock.step(hours=1)
    office.write(lambda tx: erasures.add(tx, **ERASED, at=office.clock(), number_hash="a"))
    place = restoring.Place(tmp_path, office.path)
    office.database.close()
    done = brought_back(made, place, office.clock(), replace=True)
    assert done.state.erased == 1
    with Office(office.path, office.clock) as back:
        assert back.read(lambda tx: alarms.backlog(tx, "webhook")) == 0
        assert back.read(lambda tx: invitations.counting(tx, now)) == []


ERASED = {"kind": erasures.CONTACT, "actor": "x", "why": "asked", "counts": {}}


def refused(office: Office, number: str) -> bool:
    try:
        office.accept(number, "A reminder", Purpose.TRANSACTIONAL, SHOP)
    except Refused as error:
        return error.key == "opted_out"
    return False


def test_row_26_a_living_database_is_not_touched_unless_told(office: Office, tmp_path: Path) -> None:
    """What is there is moved aside whole, with the journal that would be replayed into what was restored."""
    made = backups.make(office.database, office.clock, Kind.NOW)
    office.accept(ANNA, "after the backup")
    office.text_from(BEN, "STOP")
    living = tmp_path / "living"
    living.mkdir()
    for name in ("gateway.db", "gateway.db-wal", "gateway.db-shm", "secret.key", "suppressions.log"):
        shutil.copy(tmp_path / name, living / name)
    place, now = restoring.Place(living, living / "gateway.db"), office.clock() + timedelta(hours=1)

    def go(replace: bool) -> restoring.Result:
        file = Path(made.path)
        return restoring.restore(file, None, place, replace=replace, logs=[], actor="command:test", now=now)

    with pytest.raises(BackupFailed, match="--replace"):
        go(replace=False)
    done = go(replace=True)
    assert done.moved_to is not None
    aside = {path.name for path in done.moved_to.iterdir()}
    assert aside == {"gateway.db", "gateway.db-wal", "gateway.db-shm", "secret.key", "suppressions.log"}
    assert not (living / "gateway.db-wal").exists()
    assert [path.name for path in living.glob(".*")] == []
    with Office(living / "gateway.db", office.clock) as back:
        assert [row.body for row in back.messages()] == []
        assert refused(back, BEN), "the log that lay there was read"
        assert (
            back.read(lambda tx: tx.scalar(select(audit.c.action).order_by(audit.c.id.desc()))) == "restore"
        )
