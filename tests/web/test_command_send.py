"""The command `send`: what a person at the keyboard is told."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.store import messages, settings
from tests.office import ANNA, CARA, Office


def _send(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["send", *arguments], env={"SMS_GATEWAY_DATA_DIR": folder})


@pytest.mark.parametrize(("to", "warnings"), [(ANNA, 1), (CARA, 0)])
def test_a_doubtful_number_is_pointed_out_beside_the_answer(office: Office, to: str, warnings: int) -> None:
    done = _send(office, to, "hello")
    assert done.exit_code == 0 and f"queued for {to}" in done.stdout
    assert done.stderr.count("in no range that is known to be in use") == warnings
    answer = json.loads(_send(office, to, "hello", "--json").stdout)
    assert [warning["code"] for warning in answer["warnings"]] == ["not_valid"] * warnings


def test_what_a_terminal_would_obey_is_shown_as_escapes(office: Office) -> None:
    nasty = "a\x1b[2J\x00\u202eb\nc \U0001f469\u200d\U0001f467 é"
    office.text_from(ANNA, "x")
    office.write(lambda tx: messages.change(tx, office.messages()[0].id, body=nasty))
    folder = {"SMS_GATEWAY_DATA_DIR": str(office.path.parent)}
    shown = CliRunner().invoke(main, ["messages"], env=folder).stdout
    assert shown.endswith("] a\\x1b[2J\\x00\\u202eb\\nc \U0001f469\u200d\U0001f467 é\n")
    exact = CliRunner().invoke(main, ["messages", "--json"], env=folder).stdout
    assert json.loads(exact)[0]["body"] == nasty


def test_an_extension_is_refused(office: Office) -> None:
    done = _send(office, "+1 202 555 0123 ext. 5", "hello")
    assert done.exit_code == 1 and "letters" in done.stderr
    assert office.messages() == []


def test_messages_are_listed_by_id_and_by_the_clock_of_the_office(office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "office.zone", "Asia/Kathmandu"))
    office.text_from(ANNA, "hello")
    row = office.messages()[0]
    folder = {"SMS_GATEWAY_DATA_DIR": str(office.path.parent)}
    shown = CliRunner().invoke(main, ["messages"], env=folder).stdout
    at = row.created_at.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert shown == f"{at:%Y-%m-%d %H:%M:%S} {row.public_id} < {ANNA} [received] hello\n"
