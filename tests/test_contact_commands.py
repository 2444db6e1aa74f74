"""Contacts from the keyboard: listed, changed, blocked, merged, with several numbers."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import contacts
from gateway.store import contacts as rows
from tests.office import ANNA, BEN, Office


@pytest.fixture(autouse=True)
def people(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "now", office.clock)
    office.text_from(ANNA, "Hello")
    office.text_from(BEN, "Hello")


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["contact", *arguments], env={"SMS_GATEWAY_DATA_DIR": folder})


def must(office: Office, *arguments: str) -> str:
    done = run(office, *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def numbers(office: Office, number: str) -> list[str]:
    def look(tx: object) -> list[str]:
        row = rows.by_number(tx, number)  # type: ignore[arg-type]
        assert row is not None
        return rows.numbers_of(tx, row.id)  # type: ignore[arg-type]

    return office.read(look)


def test_a_contact_is_set_listed_and_shown(office: Office) -> None:
    fields = ("--name", "Anna Lee", "--stage", "customer", "--priority", "high", "--tag", "VIP")
    assert "Anna Lee" in must(office, "set", ANNA, *fields, "--email", "anna@example.org")
    assert must(office, "list", "--stage", "customer") == f"{ANNA}, customer, Anna Lee\n"
    assert must(office, "list", "lee") == f"{ANNA}, customer, Anna Lee\n"
    found = json.loads(must(office, "list", "--tag", "vip", "--json"))["data"]
    assert [(one["email"], one["priority"]) for one in found] == [("anna@example.org", "high")]
    assert "Stage: customer, priority: high" in must(office, "show", ANNA)
    refused = run(office, "set", ANNA, "--email", "nobody")
    assert refused.exit_code == 1 and "no e-mail address" in refused.stderr


def test_r84_somebody_is_blocked_and_unblocked(office: Office) -> None:
    assert run(office, "block", ANNA).exit_code == 1
    must(office, "block", ANNA, "--why", "Insults")
    assert "Insults" in must(office, "show", ANNA)
    assert must(office, "list", "--blocked").startswith(ANNA)
    must(office, "block", ANNA, "--lift")
    assert must(office, "list", "--blocked") == ""


def test_r62_two_are_made_one_and_parted(office: Office) -> None:
    must(office, "merge", ANNA, BEN)
    assert numbers(office, ANNA) == [ANNA, BEN]
    must(office, "merge", ANNA, BEN, "--part")
    assert numbers(office, ANNA) == [ANNA]
    assert run(office, "merge", ANNA, BEN, "--part").exit_code == 1


def test_r62_numbers_are_added_moved_and_removed(office: Office) -> None:
    must(office, "number", "add", ANNA, "+447700900199")
    must(office, "number", "remove", "+447700900199")
    assert numbers(office, ANNA) == [ANNA]
    taken = run(office, "number", "add", ANNA, BEN)
    assert taken.exit_code == 1 and "belongs to" in taken.stderr
    must(office, "number", "add", ANNA, BEN, "--move")
    assert numbers(office, ANNA) == [ANNA, BEN]
