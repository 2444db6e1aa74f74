"""Searching from the keyboard."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import search
from tests.office import ANNA, BEN, Office


@pytest.fixture(autouse=True)
def said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "now", office.clock)
    office.text_from(ANNA, "La Réparation est prête")
    office.text_from(BEN, "Hello")


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["search", *arguments], env={"SMS_GATEWAY_DATA_DIR": folder})


def test_words_filters_and_pieces_of_numbers_find(office: Office) -> None:
    (text,) = office.messages(ANNA)
    line = (
        f"texts: {text.public_id}  2025-03-03T09:30:00.000000Z  received  {ANNA}  La Réparation est prête\n"
    )
    assert run(office, "reparat", f"with:{ANNA}").stdout == line
    assert run(office, "900123").stdout == f"people: {ANNA}  no name\n"
    found = json.loads(run(office, "reparat", "--kind", "texts", "--json").stdout)
    assert [one["id"] for one in found["groups"]["texts"]["data"]] == [text.public_id]
    assert run(office, "nothing", "like", "it").stdout == "Nothing found.\n"


def test_what_is_not_understood_is_told(office: Office) -> None:
    told = run(office, "hello", "is:odd", "tag:two words", "from:me")
    assert told.exit_code == 0
    for words in (
        "“is:odd” was left out. There are: is:failed",
        "no tag “two words”",
        "somebody who is signed in",
    ):
        assert words in told.stderr
    assert run(office).exit_code == 2
