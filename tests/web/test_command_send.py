"""The command `send`: what a person at the keyboard is told."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
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


def test_an_extension_is_refused(office: Office) -> None:
    done = _send(office, "+1 202 555 0123 ext. 5", "hello")
    assert done.exit_code == 1 and "letters" in done.stderr
    assert office.messages() == []
