"""Failures of the disk are counted over starts, and only those of the last hour."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.failures import Failures
from gateway.store.database import CannotOpen
from tests.office import Clock


def fail(failures: Failures, clock: Clock, *minutes: float) -> None:
    for pause in minutes:
        failures.note(clock.step(minutes=pause))


def test_the_third_within_an_hour_keeps_it_down(tmp_path: Path, clock: Clock) -> None:
    failures = Failures(tmp_path)
    fail(failures, clock, 0, 29)
    failures.refuse_if_too_many(clock())
    fail(failures, clock, 29)
    with pytest.raises(CannotOpen, match="stays down"):
        failures.refuse_if_too_many(clock())


def test_three_in_two_hours_do_not(tmp_path: Path, clock: Clock) -> None:
    failures = Failures(tmp_path)
    fail(failures, clock, 0, 59, 59)
    failures.refuse_if_too_many(clock())


def test_they_are_forgotten_once_the_file_was_found_whole_an_hour_later(tmp_path: Path, clock: Clock) -> None:
    failures = Failures(tmp_path)
    assert not failures.is_any()
    fail(failures, clock, 0)
    failures.found_whole(clock.step(minutes=59))
    assert failures.is_any()
    failures.found_whole(clock.step(minutes=2))
    assert not failures.is_any()


def test_a_clock_that_was_wrong_keeps_nothing_down(tmp_path: Path, clock: Clock) -> None:
    failures = Failures(tmp_path)
    fail(failures, clock, 0, 0, 0)
    clock.now -= timedelta(days=3)
    failures.refuse_if_too_many(clock())


def test_a_mark_of_an_older_version_asks_for_the_check_alone(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "check-database").touch()
    failures = Failures(tmp_path)
    failures.refuse_if_too_many(clock())
    assert failures.is_any()


def test_a_disk_that_takes_nothing_raises_nothing(tmp_path: Path, clock: Clock) -> None:
    Failures(tmp_path / "gone").note(clock())


@pytest.mark.parametrize("torn", [b"2026-03-0", b"2026-03-02T10:00:00\n", b"\0\0\0\0", b"\xff\xfe half"])
def test_what_cannot_be_read_counts_as_one_failure_when_it_was_written(
    tmp_path: Path, clock: Clock, torn: bytes
) -> None:
    failures, path = Failures(tmp_path), tmp_path / "check-database"
    path.write_bytes(torn.split()[0])
    failures.refuse_if_too_many(clock())
    fail(failures, clock, 0, 0)
    os.utime(path, (clock().timestamp(), clock().timestamp()))
    with pytest.raises(CannotOpen, match="stays down"):
        failures.refuse_if_too_many(clock())
    failures.found_whole(clock.step(hours=1))
    assert not failures.is_any()


def test_a_torn_line_takes_no_later_one_along(tmp_path: Path, clock: Clock) -> None:
    failures, path = Failures(tmp_path), tmp_path / "check-database"
    path.write_bytes(b"2026-03-0")
    fail(failures, clock, 0, 0, 0)
    os.utime(path, (0, 0))
    with pytest.raises(CannotOpen, match="stays down"):
        failures.refuse_if_too_many(clock())
