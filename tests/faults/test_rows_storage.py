"""Rows 4 to 8, 10 to 13 and 15 to 17 of the fault matrix: the power, the disk, the file."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import power_cut
from tests.faults.conftest import Founded
from tests.faults.judged import connected, judge, noted
from tests.faults.nursery import Nursery, Program, injected, needs_mount, needs_strace, small_disk
from tests.office import ANNA, BEN
from tests.stories.harness import until

TEXTS = [[ANNA if n % 2 else BEN, f"Your table {n} is ready."] for n in range(1, 7)]

NOBODY = 65534
KILLED, FAILED, CONFIGURATION = -9, 1, 78


@pytest.fixture
def serve(nursery: Nursery, founded: Founded) -> Iterator[Callable[[Path], Program]]:
    """The program on a folder; what still runs at the end is killed."""
    begun: list[Program] = []

    def started(folder: Path) -> Program:
        begun.append(Program(nursery.program(folder, "run"), founded.token))
        return begun[-1]

    yield started
    for one in begun:
        one.child.kill()


# --- 4 and 5: the power is cut ------------------------------------------------------------------------


def explored(nursery: Nursery, folder: Path, share: float, seed: int, *pragmas: str) -> power_cut.Explored:
    """A share of what a power cut could leave of one life, each state opened and judged."""
    began = (folder / power_cut.DATABASE).read_bytes()
    events = power_cut.record(nursery, folder, texts=TEXTS, pragmas=["wal_autocheckpoint=40", *pragmas])
    assert {event.call for event in events} >= {"pwrite64", "fdatasync", "accepted"}
    states = power_cut.left_by_power_cuts(events, began, random.Random(seed), share)
    (folder / "left").mkdir()
    found = power_cut.explore(states, folder / "left")
    print(f"{len(events)} events, {found.states} states, {len(found.missing)} missing")
    return found


@needs_strace
def test_row_04_power_cut_at_any_write(nursery: Nursery, new_folder: Callable[[str], Path]) -> None:
    found = explored(nursery, new_folder("full"), 0.06, 4)
    assert (found.damaged, found.missing) == ([], [])
    assert found.states > 100


@needs_strace
def test_row_05_without_full_syncs_acknowledged_texts_would_be_lost(
    nursery: Nursery, new_folder: Callable[[str], Path]
) -> None:
    """The explorer can fail: with synchronous=NORMAL it finds what FULL prevents."""
    found = explored(nursery, new_folder("normal"), 0.06, 5, "synchronous=NORMAL")
    assert found.damaged == []
    assert found.missing


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(3))
def test_row_05_torn_and_reordered_sectors_at_every_write(
    nursery: Nursery, new_folder: Callable[[str], Path], seed: int
) -> None:
    found = explored(nursery, new_folder("full"), 1.0, seed)
    assert (found.damaged, found.missing) == ([], [])


# --- 6 and 7: a sync fails ----------------------------------------------------------------------------

FAILS_ONCE, FAILS = "fdatasync:error=EIO:when=1", "fdatasync:error=EIO"


def accepted(one: Program, body: str, to: str = ANNA) -> str:
    answer = one.post(to, body, Idempotency_Key=body[:20])
    assert answer.status == 202, answer
    return str(answer.body["id"])


def refused(one: Program, body: str) -> str:
    """A text that is not accepted; what is said about it."""
    answer = one.post(ANNA, body, Idempotency_Key=body)
    assert answer.status == 503, answer
    return str(answer.body["detail"])


def not_accepted(one: Program, body: str) -> None:
    """A text handed in to a program that is about to end."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        assert one.post(ANNA, body, Idempotency_Key=body).status >= 500


@needs_strace
def test_row_06_a_sync_that_fails_once(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path]
) -> None:
    """Nothing is acknowledged by that commit or after it; the program ends, and the next start checks."""
    folder = new_folder("office")
    one = serve(folder).open()
    accepted(one, "before")
    with injected(one.child.pid, FAILS_ONCE):
        not_accepted(one, "failed")
        assert one.child.wait() == FAILED
    assert "SQLITE_IOERR" in one.child.said()
    assert (folder / "check-database").exists()
    again = serve(folder).open()
    assert "before" in again.states()
    assert again.post(ANNA, "failed", Idempotency_Key="failed").status == 202
    assert list(again.states()).count("failed") == 1
    assert again.end() == 0
    judge(folder)


@needs_strace
def test_row_07_syncs_that_always_fail_keep_it_down_after_the_third_time(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path]
) -> None:
    folder = new_folder("office")
    for number in range(3):
        one = serve(folder).open()
        with injected(one.child.pid, FAILS):
            not_accepted(one, f"never {number}")  # the journal may have kept the one before
            assert one.child.wait() == FAILED
        assert "SQLITE_IOERR" in one.child.said()
    down = serve(folder)
    assert down.child.wait() == CONFIGURATION
    assert "failed 3 times within an hour" in down.child.said()
    assert str(folder / "check-database") in down.child.said()
    (folder / "check-database").unlink()  # as it says
    accepted(serve(folder).open(), "at last")


# --- 8, 10 and 11: the disk takes nothing -------------------------------------------------------------


@needs_strace
def test_row_08_no_space_for_the_journal(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path]
) -> None:
    """Nothing is accepted or taken from the SIM while it lasts; all goes on by itself afterwards."""
    folder = new_folder("office")
    child = nursery.office(folder, texts=TEXTS, waits=True)
    with injected(child.pid, "pwrite64:error=ENOSPC:when=20+"):
        child.go_on()
        until(lambda: len(noted(folder / "refused")) > 3, what="the disk is full")
        judge(folder, known=set(founded.pdus))
        assert list((folder / "sim").iterdir())
        assert len(noted(folder / "accepted")) < len(TEXTS)
    assert child.wait() == 0, child.said()
    assert "the disk is full" in noted(folder / "refused")[0][0]
    assert len(noted(folder / "accepted")) == len(TEXTS)
    judge(folder, known=set(founded.pdus)).sent_whole_or_unclear()


@needs_mount
def test_row_10_a_full_disk_until_the_reserve_is_given_up(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        folder = disk / "office"
        shutil.copytree(new_folder("office"), folder)
        one = serve(folder).open()
        assert (folder / "ballast").exists()
        fill(disk / "first")
        for number in range(20):
            accepted(one, f"{number} " + "x" * 1000, f"+4477009001{number:02}")  # one a person: no cap is met
        until(lambda: set(one.states().values()) == {"delivered"}, what="all are on their way and recorded")
        assert not (folder / "ballast").exists()
        fill(disk / "second")
        said = ""
        while not said:
            answer = one.post(BEN, "x" * 1000)
            said = answer.body.get("detail", "")
        assert answer.status == 503
        assert "disk is full" in said
        before = one.states()
        assert before, "what there is can be read"
        (disk / "first").unlink()
        accepted(one, "again")
        until(lambda: set(one.states().values()) == {"delivered"}, what="all were sent")
        assert one.end() == 0
        judge(folder)


def fill(file: Path) -> None:
    """Write until the disk takes no more."""
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as taken:
        while taken.write(bytes(4096)):
            pass


@needs_strace
def test_row_11_a_disk_that_became_read_only(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path]
) -> None:
    one = serve(new_folder("office")).open()
    accepted(one, "before")
    until(lambda: one.states()["before"] == "delivered")
    with injected(one.child.pid, "pwrite64:error=EROFS", "?access,?faccessat,?faccessat2:error=EROFS"):
        assert "read-only" in refused(one, "meanwhile")
        assert one.states() == {"before": "delivered"}, "what there is can be read"
        assert one.ask("GET", "/healthz/ready").status == 503
    accepted(one, "after")
    until(lambda: one.states() == {"before": "delivered", "after": "delivered"})
    assert one.end() == 0


# --- 12 and 13: the disk is slow, the database is locked ----------------------------------------------


@needs_strace
def test_row_12_a_slow_disk_fails_no_text(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path]
) -> None:
    """Syncs take longer than a device waits at its prompt: the text is withdrawn, and sent later."""
    folder = new_folder("office")
    child = nursery.office(folder, texts=TEXTS[:1], waits=True)
    with injected(child.pid, "fdatasync:delay_exit=2200000:when=4..9"):
        child.go_on()
        assert child.wait() == 0, child.said()
    assert "too slow to record a send" in child.said()
    judged = judge(folder, known=set(founded.pdus))
    assert set(judged.states.values()) == {"sent"}


@pytest.mark.parametrize(
    ("seconds", "pragma"),
    [(1.5, "busy_timeout=500"), pytest.param(30.0, "busy_timeout=5000", marks=pytest.mark.slow)],
)
def test_row_13_locked_by_another_program(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path], seconds: float, pragma: str
) -> None:
    """Longer than SQLite itself waits, which is shortened where the lock is held for a shorter time."""
    folder = new_folder("office")
    with contextlib.closing(connected(folder / "gateway.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        child = nursery.office(folder, texts=TEXTS, pragmas=[pragma], locked_s=seconds)
        threading.Event().wait(seconds)
        assert noted(folder / "accepted") == []
        other.execute("ROLLBACK")
        assert child.wait() == 0, child.said()
    judged = judge(folder, known=set(founded.pdus))
    assert set(judged.states.values()) == {"sent"}
    assert noted(folder / "refused") == []


# --- 15 to 17: the file ------------------------------------------------------------------------------


def not_started(one: Program) -> str:
    """A program that refuses to start; what it says."""
    assert one.child.wait() == CONFIGURATION, one.child.said()
    said = one.child.said()
    assert "Traceback" not in said
    return said


def pages_of(path: Path) -> int:
    with contextlib.closing(connected(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def damage(path: Path, page: int) -> None:
    """Overwrite a page."""
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xa5" * 4096)


@pytest.mark.parametrize("which", [0.0, 0.01, 0.3, 0.6, 1.0])
def test_row_15_a_damaged_page_is_found_by_the_check(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path], which: float
) -> None:
    folder = new_folder("office")
    path = folder / "gateway.db"
    damage(path, 1 + round(which * (pages_of(path) - 1)))
    before = path.read_bytes()
    (folder / "check-database").touch()
    said = not_started(serve(folder))
    assert "estore a backup" in said
    assert path.read_bytes() == before


def test_row_15_a_truncated_file(serve: Callable[[Path], Program], new_folder: Callable[[str], Path]) -> None:
    folder = new_folder("office")
    path = folder / "gateway.db"
    os.truncate(path, pages_of(path) // 2 * 4096)
    assert "estore a backup" in not_started(serve(folder))


def test_row_15_damage_that_is_met_while_it_runs(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path]
) -> None:
    """The program ends at the first damaged page it meets, and does not start again."""
    folder = new_folder("office")
    path = folder / "gateway.db"
    pages_of(path)
    with contextlib.closing(connected(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'messages'"
        (page,) = connection.execute(query).fetchone()
    damage(path, page)
    one = serve(folder).open()
    not_accepted(one, "where should it go?")
    assert one.child.wait() == FAILED
    assert "SQLITE_CORRUPT" in one.child.said()
    assert "estore a backup" in not_started(serve(folder))


def test_row_16_the_journal_was_deleted(
    serve: Callable[[Path], Program], new_folder: Callable[[str], Path]
) -> None:
    """It starts with what is in the database, and says that the newest may be lost."""
    folder = new_folder("office")
    one = serve(folder).open()
    accepted(one, "the newest")
    one.child.kill()
    assert one.child.wait() == KILLED
    (folder / "gateway.db-wal").unlink()
    again = serve(folder).open()
    assert "gateway.db-wal was removed" in again.child.said()
    accepted(again, "another")
    assert "the newest" not in again.states()
    assert again.end() == 0
    judge(folder)


@pytest.mark.parametrize("name", ["gateway.db", "secret.key"])
def test_row_17_a_file_that_is_not_ours_to_open(
    nursery: Nursery, new_folder: Callable[[str], Path], name: str
) -> None:
    folder = new_folder("office")
    (folder / name).chmod(0)
    with owned_by_somebody(folder) as user:
        said = not_started(Program(nursery.program(folder, "run", user=user), ""))
    assert str(folder / name) in said
    assert "right" in said


@contextlib.contextmanager
def owned_by_somebody(folder: Path) -> Iterator[int]:
    """Root may open anything: so the folder is given to somebody else, whose id this gives."""
    if os.geteuid() != 0:
        yield 0
        return
    closed = [one for one in folder.parents if one.stat().st_mode & 1 == 0]
    for one in closed:
        one.chmod(one.stat().st_mode | 0o111)
    for file in [folder, *folder.iterdir()]:
        os.chown(file, NOBODY, NOBODY)
    yield NOBODY
    for one in closed:
        one.chmod(one.stat().st_mode & ~0o011)
