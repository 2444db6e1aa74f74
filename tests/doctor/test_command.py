"""`sms-gateway doctor` at the keyboard: what it prints, its exit code, and the text it sends when
asked to."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.clock import utc_now
from gateway.desk.drafts import Author
from gateway.doctor import Check
from gateway.doctor.round_trip import round_trip
from gateway.domain.line import Accepted, RefusedForGood
from gateway.lock import only_one
from tests import any_hour
from tests.office import ANNA, Office
from tests.stories.harness import until

AUTHOR = Author("command", None, "anna")


def run(folder: Path, *arguments: str, **more: str) -> Result:
    env = {"SMS_GATEWAY_DATA_DIR": str(folder), "SMS_GATEWAY_LISTEN": "127.0.0.1:0", **more}
    return CliRunner().invoke(main, ("doctor", *arguments), env=env)


def test_what_needs_somebody_is_first_and_counted_last(office: Office) -> None:
    done = run(office.path.parent)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    wrong = [line for line in lines if line.startswith("[!!]")]
    assert lines[0] == wrong[0] == "[!!] program: not running"
    assert lines[1] == "     What to do: Start it with: sms-gateway run"
    assert lines[-1] == f"{len(wrong)} things need you, the first is program: not running."
    marks = [line[:4] for line in lines if line.startswith("[")]
    assert marks == sorted(marks, key=["[!!]", "[??]", "[ok]"].index)


def test_programs_get_the_same_in_the_same_order(office: Office) -> None:
    done = run(office.path.parent, "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found[0] == {
        "name": "program",
        "ok": False,
        "found": "not running",
        "remedy": "Start it with: sms-gateway run",
        "seen": True,
        "subject": "program",
        "finding": "stopped",
    }
    assert {"disk", "schema", "file", "line", "backup"} <= {one["subject"] for one in found}


def test_settings_that_cannot_be_used_are_a_finding(tmp_path: Path) -> None:
    done = run(tmp_path, SMS_GATEWAY_LISTEN="everywhere")
    assert done.exit_code == 1
    assert done.stdout.startswith("[!!] settings: the program cannot start with them. SMS_GATEWAY_LISTEN: ")
    assert "1 thing needs you" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--send-test", ANNA), "Start it with: sms-gateway run"),
        (("--line", "front"), "--line goes with --send-test"),
        (("--output", "/dev/null"), "--output goes with --trace"),
    ],
)
def test_what_cannot_be_asked_for_is_said(office: Office, arguments: tuple[str, ...], said: str) -> None:
    done = run(office.path.parent, *arguments)
    assert done.exit_code != 0 and said in done.stderr
    assert office.messages() == []


def test_of_several_lines_one_has_to_be_named(office: Office) -> None:
    office.add_line("back")
    with only_one(office.path.parent):
        assert "Say by which line" in run(office.path.parent, "--send-test", ANNA).stderr
    assert office.messages() == []


# --- the text of one's own ---------------------------------------------------------------------------


def send_test(office: Office, answer: Callable[[Office], None], within_s: float) -> Check:
    """A test text, and what the modem and the network make of it."""
    office.clock.now = utc_now()
    office.write(any_hour.lift)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(round_trip, office.database, "front", ANNA, AUTHOR, within_s)
        until(office.messages, what="the text is queued")
        office.clock.now = utc_now()
        answer(office)
        return asked.result()


def goes(office: Office) -> None:
    office.send_one(Accepted(7))


def arrives(office: Office) -> None:
    office.send_one(Accepted(7))
    office.report(7, ANNA)


def fails(office: Office) -> None:
    office.send_one(RefusedForGood("CMS 1"))


@pytest.mark.parametrize(
    ("answer", "within_s", "finding"),
    [
        (arrives, 20.0, "well"),
        (goes, 1.0, "no_report"),
        (lambda office: None, 0.2, "waits"),
        (fails, 20.0, "ended"),
    ],
)
def test_a_text_of_ones_own_tells_whether_texts_arrive(
    office: Office, answer: Callable[[Office], None], within_s: float, finding: str
) -> None:
    check = send_test(office, answer, within_s)
    assert check.finding == finding, check
    assert check.ok is (finding == "well")
    (text,) = office.messages()
    assert text.purpose == "internal"
    assert finding in ("well", "no_report") or text.public_id in check.remedy
