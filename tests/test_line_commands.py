"""What a person at the keyboard does with a line, and is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import line_requests as commands
from gateway.desk import line_requests as desk
from gateway.desk import setup
from gateway.domain.line import Abilities, LineState, LineStatus, MissedCall, Recovery, Rung
from gateway.domain.line_requests import State
from gateway.lock import only_one
from gateway.store import line_requests
from tests.office import ANNA, Office


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, arguments, env={"SMS_GATEWAY_DATA_DIR": folder})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pin.txt"


# --- set, pin, confirm -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value", "kept"),
    [
        ("roaming", "yes", "yes"),
        ("smsc", "+44 7700 900999", "+447700900999"),
        ("port", "/dev/elsewhere", "/dev/elsewhere"),
        ("number", "+1 202 555 0100", "+12025550100"),
        ("limits", "9/minute, 100/day", "9/minute,100/day"),
        ("limits", "none", ""),
    ],
)
def test_what_is_set_is_said_and_printed_without_a_value(
    office: Office, option: str, value: str, kept: str
) -> None:
    done = run(office, "line", "set", "front", option, value)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        f"{option} of front is {kept}.\n" if kept else f"{option} of front is empty now.\n"
    )
    assert run(office, "line", "set", "front", option).stdout == f"{kept}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("front", "color"), "There are: port, number, limits, roaming"),
        (("front", "color", "red"), "There are: port, number, limits, roaming"),
        (("side", "roaming", "yes"), "There is no line called side. Lines: front."),
        (("front", "roaming", "perhaps"), "it must be one of: yes, no."),
        (("front", "limits", "many"), "Write a number and a span"),
        (("front", "number", "12345"), "short code"),
        (("front", "fallback", "front"), "Name another line."),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(
    office: Office, arguments: tuple[str, ...], said: str
) -> None:
    done = run(office, "line", "set", *arguments)
    assert done.exit_code == 1
    assert said in done.stderr
    assert office.line().options == {}


def test_a_pin_is_given_by_a_file(office: Office, file: Path) -> None:
    file.write_text("4711\n")
    done = run(office, "line", "pin", "front", "--pin-file", str(file))
    assert (done.exit_code, "4711" in done.stdout) == (0, False)
    assert office.database.keys.unseal(office.line().pin_sealed) == "4711"


def test_another_sim_is_confirmed(office: Office) -> None:
    assert "nothing to confirm" in run(office, "line", "confirm", "front").stderr
    office.hear(LineState(LineStatus.UP, "ready", {"iccid": "89441"}))
    office.hear(LineState(LineStatus.DOWN, "other_sim", {"iccid": "89442"}))
    assert run(office, "line", "confirm", "front").exit_code == 0
    assert office.line().bound_iccid == "89442"


# --- show --------------------------------------------------------------------------------------------


@pytest.fixture
def lived(office: Office) -> Office:
    """An office whose line has seen something."""
    able = Abilities(delivery_reports=False)
    office.hear(LineState(LineStatus.UP, "ready", {"imei": "350", "iccid": "89441", "maker": "Huawei"}, able))
    office.hear(LineState(LineStatus.DOWN, "not_registered", {"detail": "+CREG: 0,2"}))
    office.hear(Recovery(Rung.RADIO, "not_registered"))
    office.hear(MissedCall(ANNA, 12.0))
    office.hear(MissedCall(None, 3.0))
    return office


def test_all_that_is_known_of_a_line_is_shown(lived: Office) -> None:
    run(lived, "line", "set", "front", "calls", "hang-up")
    with only_one(lived.path.parent):
        shown = run(lived, "line", "show", "front").stdout
    for said in (
        "front: no network.",
        "  Check the antenna, or move the modem to a window.",
        "  maker: Huawei",
        "  SIM (ICCID): 89441",
        "Cannot:\n  tell whether a text arrived\n",
        "  calls = hang_up (changed from: ring)",
        "  roaming = no\n",
        "2025-03-03 09:30:00 Switched the modem's radio off and on, because no network.",
        "2025-03-03 09:30:00 No network (+CREG: 0,2).",
        "2025-03-03 09:30:00 +44 7700 900123, rang 12 s",
        "2025-03-03 09:30:00 withheld, rang 3 s",
    ):
        assert said in shown
    assert "front: the program is not running." in run(lived, "line", "show", "front").stdout


def test_the_same_as_json(lived: Office) -> None:
    shown: dict[str, Any] = json.loads(run(lived, "line", "show", "front", "--json").stdout)
    assert (shown["code"], shown["cause"]) == (
        "not_registered",
        "No mast is in reach, or the antenna is loose.",
    )
    assert shown["bound"] == {"imei": "350", "iccid": "89441"}
    assert [entry["kind"] for entry in shown["history"]] == ["recovery", "state", "state", "state"]
    assert [call["from"] for call in shown["missed_calls"]] == [None, ANNA]
    assert shown["options"]["fallback_after"] == "15"


# --- what only the running program can do ------------------------------------------------------------


class Program:
    """Answers requests as the running program does, with what it is told to."""

    def __init__(self, office: Office, state: State, text: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self._office, self._state, self._text = office, state, text
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Program:
        self._lock = only_one(self._office.path.parent)
        self._lock.__enter__()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._lock.__exit__(None, None, None)

    def _serve(self) -> None:
        while not self._stop.wait(0.02):
            for row in self._office.read(line_requests.open_requests):
                self.asked.append((row.kind, row.argument))
                self._office.write(
                    lambda tx, row=row: desk.answer(tx, row.id, self._state, self._text, self._office.clock())
                )


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(commands, "LOOK_EVERY_S", 0.02)
    monkeypatch.setattr(commands, "ANSWER_WITHIN_S", 5.0)
    return


def test_a_balance_is_asked_for_and_printed(office: Office) -> None:
    with Program(office, State.DONE, "Balance 12.50") as program:
        done = run(office, "ussd", "front", "*100#")
    assert (done.exit_code, done.stdout) == (0, "Balance 12.50\n")
    assert program.asked == [("ussd", "*100#")]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("timeout", "The network did not answer."),
        ("refused: +CME ERROR: 30", "refused the service code. Check it with the operator. (It said: +CME"),
        ("port_lost", "The line lost contact with the modem."),
    ],
)
def test_why_there_is_no_answer_is_said(office: Office, told: str, said: str) -> None:
    with Program(office, State.FAILED, told):
        done = run(office, "ussd", "front", "*100#")
    assert done.exit_code == 1
    assert said in done.stderr


def test_a_program_that_does_not_answer_is_not_waited_for_forever(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "ANSWER_WITHIN_S", 0.1)
    with only_one(office.path.parent):
        done = run(office, "line", "restart", "front")
    assert done.exit_code == 1 and "did not answer" in done.stderr
    assert office.read(line_requests.open_requests) == [], "it is not done later, when nobody wants it"


@pytest.mark.parametrize(
    "arguments", [("ussd", "front", "*100#"), ("line", "restart", "front"), ("doctor", "--trace", "front")]
)
def test_nothing_is_asked_of_a_program_that_does_not_run(office: Office, arguments: tuple[str, ...]) -> None:
    done = run(office, *arguments)
    assert done.exit_code == 1 and "Start it with: sms-gateway run" in done.stderr
    assert office.read(line_requests.open_requests) == []


OBEYED = "a\x1b[2J\x9b1m\u202eb\x07"
"""What a terminal would obey."""


def test_what_a_device_said_cannot_move_the_terminal(office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "sim_error", {"maker": OBEYED, "detail": OBEYED}))
    with only_one(office.path.parent):
        for arguments in (
            ("line", "show", "front"),
            ("line", "list"),
            ("doctor",),
            ("modems", "/dev/\x1b[2J"),
        ):
            for json_too in ((), ("--json",)):
                done = run(office, *arguments, *json_too)
                assert done.stdout and not set("\x1b\x9b\u202e\x07") & set(done.output), arguments
    shown = json.loads(run(office, "line", "show", "front", "--json").stdout)
    assert shown["facts"]["maker"] == OBEYED
    for arguments in (("ussd", "front", "*100#"), ("doctor", "--trace", "front")):
        with Program(office, State.DONE, f"Balance\n{OBEYED}"):
            assert run(office, *arguments).stdout == "Balance\na\\x1b[2J\\x9b1m\\u202eb\\x07\n"
    with Program(office, State.FAILED, f"refused: {OBEYED}"):
        assert "a\\x1b[2J" in run(office, "ussd", "front", "*100#").stderr


def test_a_restart_is_asked_for(office: Office) -> None:
    with Program(office, State.DONE, "") as program:
        assert run(office, "line", "restart", "front").exit_code == 0
    assert program.asked == [("restart", "")]


def test_a_trace_is_printed_or_written(office: Office, file: Path) -> None:
    with Program(office, State.DONE, "> AT\n< OK\n"):
        assert run(office, "doctor", "--trace", "front").stdout == "> AT\n< OK\n"
        assert run(office, "doctor", "--trace", "front", "--output", str(file)).stdout == ""
        assert run(office, "doctor", "--trace", "front", "--output", "-").stdout == "> AT\n< OK\n"
    assert file.read_text() == "> AT\n< OK\n"


def test_a_file_is_kept_until_the_trace_is_there(office: Office, file: Path) -> None:
    file.write_text("my notes, which are longer than a trace\n")
    for arguments in ((), ("--trace", "frnt")):
        assert run(office, "doctor", *arguments, "--output", str(file)).exit_code != 0
    assert file.read_text().startswith("my notes")
    with Program(office, State.DONE, "> AT\n"):
        run(office, "doctor", "--trace", "front", "--output", str(file))
    assert file.read_text() == "> AT\n"


def test_a_test_text_is_queued_by_the_line(office: Office) -> None:
    back = office.add_line("back")
    done = run(office, "line", "test", "back", ANNA)
    (text,) = office.messages()
    assert (text.line_id, text.purpose) == (back, "internal")
    assert done.stdout == f"{text.public_id} queued for {ANNA} by back.\n"
    of_first_run = office.read(setup.test_text)
    assert of_first_run is not None and of_first_run.id == text.id


def test_who_holds_the_port_is_named(office: Office) -> None:
    facts = {"holder": "ModemManager (process 812)"}
    office.hear(LineState(LineStatus.DOWN, "port_busy", facts))
    with only_one(office.path.parent):
        assert "ModemManager (process 812)" in run(office, "line", "list").stdout
