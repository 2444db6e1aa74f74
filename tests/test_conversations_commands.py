"""Conversations from the keyboard."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import conversations
from tests.office import ANNA, Office


@pytest.fixture(autouse=True)
def talk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "now", office.clock)
    office.text_from(ANNA, "Hello")
    office.person("Sam")


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["conversations", *arguments], env={"SMS_GATEWAY_DATA_DIR": folder})


def test_they_are_listed_given_away_put_off_and_closed(office: Office) -> None:
    here = office.conversation(ANNA).public_id
    assert run(office, "assign", here, "sam").exit_code == 0
    assert run(office, "list").stdout == f"{here}  open  sam  {ANNA}  -\n"
    assert run(office, "assign", here).exit_code == 0
    assert run(office, "snooze", here, "2025-03-04 08:00").exit_code == 0
    (one,) = json.loads(run(office, "list", "--show", "snoozed", "--json").stdout)["data"]
    assert (one["assignee"], one["snoozed_until"]) == (None, "2025-03-04T08:00:00.000000Z")
    assert run(office, "close", here).exit_code == 0
    assert office.conversation(ANNA).state == "closed"
    assert run(office, "list").stdout == ""


def test_what_cannot_be_done_is_told(office: Office) -> None:
    here = office.conversation(ANNA).public_id
    assert run(office, "close", "cnv_0").exit_code == 1
    assert run(office, "assign", here, "nobody").exit_code == 1
    assert run(office, "snooze", here, "2020-01-01 08:00").exit_code == 1
    assert run(office, "snooze", here, "soon").exit_code == 2
    assert office.conversation(ANNA).state == "open"
