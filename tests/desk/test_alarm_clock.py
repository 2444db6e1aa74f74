"""Alarms after a clock that was a month ahead: what it left behind is dated later than now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from gateway.alarm_post import JITTER, PAUSES_S
from gateway.desk import alarm_readings
from gateway.desk import alarms as desk
from gateway.desk import clock as desk_clock
from gateway.domain.alarms import Kind, Reading, Step
from gateway.domain.line import CannotTell, LineState, LineStatus, Recovery, Rung
from gateway.store import alarm_figures, alarms, metric_rows, settings
from gateway.store.tables import sign_in_failures
from tests.desk.test_alarms import OWNER, back_up, tell, texts
from tests.office import ANNA, Office

AHEAD = timedelta(days=30)


def down(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    office.hear(LineState(LineStatus.DOWN, "not_registered"))


def unclear(office: Office) -> None:
    office.accept()
    office.send_one(CannotTell("timeout"))


def doubt(office: Office) -> None:
    office.write(lambda tx: desk_clock.set_doubt(tx, "jumped", office.clock()))


def readings(office: Office) -> dict[Kind, float | None]:
    """Each kind's measure, ten minutes after the clock was set right; the program began with that."""
    now = office.clock()
    started = now - timedelta(minutes=10)
    found = office.read(lambda tx: [*alarm_readings.often(tx, started, now)])
    return {one.kind: one.value for one in found}


@pytest.mark.parametrize(
    ("happens", "kind"), [(down, Kind.LINE_DOWN), (unclear, Kind.UNCLEAR), (doubt, Kind.CLOCK)]
)
def test_what_began_under_it_counts_from_when_the_program_began(
    office: Office, any_hour: None, happens: Any, kind: Kind
) -> None:
    office.clock.step(seconds=AHEAD.total_seconds())
    happens(office)
    office.clock.step(seconds=-AHEAD.total_seconds())
    assert readings(office)[kind] == 10


def test_texts_of_a_line_that_came_up_under_it_are_late_all_the_same(office: Office, any_hour: None) -> None:
    office.clock.step(seconds=AHEAD.total_seconds())
    office.hear(LineState(LineStatus.UP, "ready"))
    office.clock.step(seconds=-AHEAD.total_seconds())
    office.accept()
    office.clock.step(minutes=11)
    assert readings(office)[Kind.QUEUE] == 10


def test_what_happened_under_it_is_not_of_today(office: Office) -> None:
    office.clock.step(seconds=AHEAD.total_seconds())
    office.hear(Recovery(Rung.NOTICES, "notices_off"))
    office.text_from(ANNA, "Hello")
    failure = {"username": "ruth", "address": "192.168.1.9", "at": office.clock()}
    office.write(lambda tx: tx.execute(insert(sign_in_failures), [failure] * 12))
    office.clock.step(seconds=-AHEAD.total_seconds())
    found, now = readings(office), office.clock()
    assert (found[Kind.NOTICES], found[Kind.SIGN_INS]) == (0, 0)
    since = now - AHEAD
    assert office.read(lambda tx: alarm_figures.came_in(tx, office.line_id, since, now, 10)) == []


def test_a_backup_that_was_verified_under_it_hides_no_missing_one(office: Office) -> None:
    back_up(office)
    right = office.clock()
    office.clock.step(seconds=AHEAD.total_seconds())
    back_up(office)
    office.clock.step(seconds=-AHEAD.total_seconds(), hours=30)
    assert readings(office)[Kind.BACKUP] == 30
    office.clock.step(hours=-30)
    assert right == office.clock()
    back_up(office)
    assert office.read(metric_rows.last_verified)[0] == right, "the newest, not the latest"


def test_who_was_told_under_it_is_reminded(office: Office) -> None:
    office.clock.step(seconds=AHEAD.total_seconds())
    disk = {"percent": 9, "free": "1 GB", "folder": "/data"}
    office.write(lambda tx: desk.raise_(tx, Kind.DISK, "", disk, office.clock()))
    office.clock.step(seconds=-AHEAD.total_seconds())
    again = [Reading(Kind.DISK, "", 9.0, disk)]
    (move,) = office.read(lambda tx: desk.weigh(tx, again, {Kind.DISK}, office.clock()))
    assert move.step is Step.REMIND


@pytest.mark.parametrize(("pause", "found"), [(timedelta(hours=26.4), 0), (AHEAD, 1)])
def test_what_was_put_off_under_it_is_due(office: Office, pause: timedelta, found: int) -> None:
    assert timedelta(seconds=max(PAUSES_S) * (1 + JITTER)) <= timedelta(hours=26.4) < alarms.LONGEST_PAUSE
    office.write(lambda tx: settings.put(tx, "alarms.webhook", "http://127.0.0.1:9/"))
    office.write(lambda tx: desk.test(tx, "person:Ruth", office.clock()))
    office.write(lambda tx: alarms.change_notice(tx, 1, due_at=office.clock() + pause))
    due = office.read(lambda tx: alarms.due_notices(tx, desk.WEBHOOK, office.clock(), 9))
    assert len(due) == found


def test_texts_told_under_it_are_not_of_todays_budget(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    office.write(lambda tx: settings.put(tx, "alarms.numbers", OWNER))
    office.write(lambda tx: settings.put(tx, "alarms.texts_a_day", "1"))
    office.clock.step(seconds=AHEAD.total_seconds())
    notice(office)
    office.clock.step(seconds=-AHEAD.total_seconds())
    notice(office)
    assert len(texts(office)) == 2


def notice(office: Office) -> None:
    """An alarm is told by a text."""
    office.write(lambda tx: desk.test(tx, "person:Ruth", office.clock()))
    tell(office)
