"""`sms-gateway alarm`: what is wrong, that somebody saw it, and a test of each way."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import alarms as commands
from gateway.desk import alarms as desk
from gateway.domain import alarm_words
from gateway.domain.alarms import Kind
from gateway.domain.line import LineState, LineStatus
from gateway.store import alarms, settings
from tests.office import Office

DISK = {"percent": 9, "free": "1 GB", "folder": "/data"}
DOWN = {"line": "front", "minutes": 5, "how": "no network", "doing": "", "remedy": ""}


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["alarm", *arguments], env={"SMS_GATEWAY_DATA_DIR": folder})


def test_what_is_wrong_is_listed_and_seen(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    assert "Nothing is wrong" in run(office, "list").stdout
    alarm_id = office.write(lambda tx: desk.raise_(tx, Kind.DISK, "", DISK, office.clock()))
    said = run(office, "list").stdout
    assert "The disk is nearly full: 9 of 100 are free" in said and "What to do: Remove" in said
    (listed,) = json.loads(run(office, "list", "--json").stdout)
    assert (listed["kind"], listed["severity"], listed["ended_at"]) == ("disk", "serious", None)
    assert listed["over"] is None
    assert run(office, "seen", str(alarm_id)).stdout == "Seen: 1.\n"
    assert "There is no such alarm" in run(office, "seen", str(alarm_id)).stdout
    (row,) = office.read(alarms.every_open)
    assert row.seen_by


def test_a_line_that_is_down_is_told_before_it_is_an_alarm(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "now", office.clock)
    office.hear(LineState(LineStatus.UP, "ready"))
    assert "Nothing is wrong" in run(office, "list").stdout
    office.hear(LineState(LineStatus.DOWN, "port_lost"))
    told = (
        "No alarm yet: line front has not worked since today at 09:30. It becomes an alarm after 5 minutes.\n"
    )
    assert run(office, "list").stdout == told
    office.write(lambda tx: desk.raise_(tx, Kind.LINE_DOWN, "front", DOWN, office.clock()))
    said = run(office, "list").stdout
    assert "[serious] today at 09:30: " in said and "No alarm yet" not in said


def test_past_ones_are_listed_when_asked_for(office: Office) -> None:
    office.write(lambda tx: desk.raise_(tx, Kind.DISK, "", DISK, office.clock()))
    (row,) = office.read(alarms.every_open)
    office.write(lambda tx: desk.end(tx, row, office.clock()))
    assert "nearly full" not in run(office, "list").stdout
    said = run(office, "list", "--past").stdout
    assert "nearly full" in said and f"     {alarm_words.over(Kind.DISK, DISK)}\n" in said
    (listed,) = json.loads(run(office, "list", "--past", "--json").stdout)
    assert listed["over"] == alarm_words.over(Kind.DISK, DISK)


def test_a_test_says_that_nothing_is_set_or_that_nobody_runs(office: Office) -> None:
    assert run(office, "test").stdout.strip() == alarm_words.NO_WAYS
    office.write(lambda tx: settings.put(tx, "alarms.webhook", "http://127.0.0.1:9/"))
    found = run(office, "test")
    assert found.stdout.strip() == alarm_words.NOT_RUNNING and found.exit_code == 1


def test_a_secret_is_printed_alone(office: Office) -> None:
    printed = run(office, "secret").stdout.strip()
    assert printed.startswith("whsec_") and office.read(desk.secret) == printed
