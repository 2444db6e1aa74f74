"""Every trouble of a line is said with its cause and what to do; every step and ability has its words."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from gateway.domain import line_request_words, line_words
from gateway.domain.line import Abilities, Rung

CALM = {"ready", "opening", "restarting", "paused", "stopped"}
"""Not a trouble that somebody should do something about."""


@pytest.mark.parametrize("code", sorted(set(line_words.LINES) - CALM))
def test_every_trouble_has_all_four_sentences(code: str) -> None:
    said = line_words.line(code)
    assert said.is_[0].islower() and not said.is_.endswith(".")
    assert said.cause.endswith(".") and said.doing.endswith("."), "whole sentences"
    assert said.you_can[0].isupper()
    assert "remove NAME" not in said.you_can, "no line has to be added anew"


def test_commands_that_are_named_exist() -> None:
    from gateway.cli import main
    from tests.docs import commands

    known = {path for path, _ in commands(main)}
    for said in line_words.LINES.values():
        for named in said.you_can.split("sms-gateway ")[1:]:
            words = re.sub("[.,)]", " ", named).split()
            assert {f"sms-gateway {words[0]}", f"sms-gateway {' '.join(words[:2])}"} & known, named


def test_who_holds_the_port_is_named() -> None:
    said = line_words.line("port_busy", {"holder": "ModemManager (process 812)"})
    assert said.is_ == "ModemManager (process 812) is using the modem"
    assert line_words.line("port_busy", {}).is_ == "another program is using the modem"
    assert line_words.line("no_answer", {"holder": "x"}) == line_words.LINES["no_answer"]


def test_every_ability_has_words_for_not_having_it() -> None:
    assert set(line_words.ABILITIES) == {field.name for field in fields(Abilities) if field.type == "bool"}
    assert line_words.cannot(None) == line_words.cannot({}) == []
    assert line_words.cannot({"calls": False, "ussd": True}) == ["tell of missed calls"]


def test_every_step_of_recovery_has_words() -> None:
    assert set(line_words.RUNGS) == set(Rung)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("state", "port_lost", "read: EIO"), "The line lost contact with the modem (read: EIO)"),
        (("state", "sim_missing", ""), "There is no SIM in the modem"),
        (("recovery", "reset", "no_answer"), "Restarted the modem, because the modem does not answer"),
        (
            ("recovery", "radio", "denied: +CREG: 0,3"),
            "Switched the modem's radio off and on, because the network does not accept the SIM (+CREG: 0,3)",
        ),
        (("reroute", "back", "1"), "The line back took over 1 text"),
        (("reroute", "back", "12"), "The line back took over 12 texts"),
        (("device", "confirmed", "person:Sam"), "Confirmed by Sam: this SIM and this modem are its own"),
        (
            ("device", "confirmed", "command:root"),
            "Confirmed by the command line: this SIM and this modem are its own",
        ),
        (("recovery", "reset", "asked"), "The modem was restarted because somebody asked for it"),
        (("device", "other_modem", "350, now 351"), "Its SIM is in another modem: 350, now 351"),
    ],
)
def test_what_happened_is_told_in_words(entry: tuple[str, str, str], said: str) -> None:
    assert line_words.happened(*entry) == said


def test_why_a_request_failed_is_told() -> None:
    assert line_request_words.unanswered("timeout") == "The network did not answer. Ask again in a minute."
    assert line_request_words.unanswered("sim_missing") == "There is no SIM in the modem."
    assert "(It said: +CME ERROR: 30.)" in line_request_words.unanswered("refused: +CME ERROR: 30")


def test_no_command_runs_into_a_full_stop() -> None:
    for said in [*line_words.LINES.values(), *line_words.FINDINGS.values()]:
        assert not re.search(r"(sudo|sms-gateway) [^.,()]*\.($|\s)", said.you_can), said.you_can


def test_a_line_is_told_of_with_its_own_name_and_port() -> None:
    busy = line_words.line_of("Back office", "/dev/ttyUSB1", "port_busy", {"holder": "minicom (process 9)"})
    assert busy.you_can.endswith("sudo fuser -v /dev/ttyUSB1")
    pin = line_words.line_of("Back office", "/dev/ttyUSB1", "sim_pin")
    assert "line pin 'Back office' --pin-file" in pin.you_can
    found_nowhere = line_words.line_of("front", "auto", "port_missing")
    assert found_nowhere.cause == "No modem was found on the serial ports that may be asked."
    assert "sms-gateway modems" in found_nowhere.you_can and "serial_ports" in found_nowhere.you_can
    assert "line set" not in found_nowhere.you_can


@pytest.mark.parametrize(
    ("detail", "kept"),
    [
        ("no answer to AT, not even after ESC", False),
        ("python (process 16447)", False),
        ("AT+CSQ: no end of the answer", False),
        ("AT+CPIN?: +CME ERROR: 10", True),
        ("+CREG: 0,3", True),
        ("CMS 38", True),
        ("", False),
    ],
)
def test_only_the_devices_words_are_kept_of_a_detail(detail: str, kept: bool) -> None:
    assert line_words.devices_words(detail) == (detail if kept else "")
