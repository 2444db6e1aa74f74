"""Erasing, exporting and keeping at the keyboard."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import contacts, erasure
from gateway.domain import erasure_words
from gateway.lock import only_one
from tests.desk.remains import Traces
from tests.office import ANNA, BEN, Office


@pytest.fixture(autouse=True)
def a_text(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (contacts, erasure):
        monkeypatch.setattr(command, "now", office.clock)
    office.text_from(ANNA, "please crown my tooth")
    office.clock.step(minutes=5)


def run(office: Office, *arguments: str, typed: str = "") -> Result:
    env = {"SMS_GATEWAY_DATA_DIR": str(office.path.parent)}
    return CliRunner().invoke(main, arguments, env=env, input=typed)


def must(office: Office, *arguments: str) -> str:
    done = run(office, *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_a_dry_run_counts_and_erases_nothing(office: Office) -> None:
    told = must(office, "erase", ANNA, "--dry-run")
    assert told.startswith("This would be erased:") and "1 text received" in told
    assert len(office.messages()) == 1
    assert must(office, "erasures") == "Nothing was erased so far.\n"


def test_an_erasure_leaves_no_trace_in_the_files(office: Office) -> None:
    traces = Traces.of_number(ANNA)
    traces.words.add("crown")
    traces.note_radio(office.path, ANNA)
    assert traces.in_files(office.path) != []
    told = must(office, "erase", ANNA, "--why", "Asked for it", "--yes")
    assert erasure_words.CLEAN in told and told.endswith(f"{erasure_words.BACKUPS}\n")
    assert traces.in_rows(office.path) == []
    assert traces.in_files(office.path) == []
    assert "Asked for it. 1 text received" in must(office, "erasures")
    assert "Nobody with the number +447700900123 is known" in run(office, "erase", ANNA, "--dry-run").stderr


def test_copies_that_still_hold_it_are_named(office: Office) -> None:
    folder = office.path.parent
    (folder / "pre-0001-0002.db").touch()
    (folder / "replaced-2025-01-02-030405").mkdir()
    for told in (must(office, "erase", ANNA, "--why", "Asked for it", "--yes"), must(office, "erasures")):
        assert f"{folder}/pre-0001-0002.db, {folder}/replaced-2025-01-02-030405." in told


def test_while_the_program_runs_the_file_is_written_anew_by_it(office: Office) -> None:
    with only_one(office.path.parent):
        assert erasure_words.TONIGHT in must(office, "erase", ANNA, "--why", "Asked for it", "--yes")
    assert "Asked for it (traces may be in the database file until tonight). 1 text received" in must(
        office, "erasures"
    )


def test_without_a_reason_nothing_is_erased(office: Office) -> None:
    done = run(office, "erase", ANNA, "--yes")
    assert done.exit_code == 1 and "Say in up to 200 characters why" in done.stderr
    assert len(office.messages()) == 1


def test_nobody_is_erased_by_a_slip(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(office, "erase", ANNA, "--why", "Asked for it")
    assert done.exit_code == 2 and "If you are sure, add --yes." in done.stderr
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    done = run(office, "erase", ANNA, "--why", "Asked for it", typed=f"{BEN}\n")
    assert done.exit_code == 2 and "That is another number. Nothing was erased." in done.stderr
    assert len(office.messages()) == 1
    done = run(office, "erase", ANNA, "--why", "Asked for it", typed=f"{ANNA}\n")
    assert done.exit_code == 0 and done.stdout.startswith("This would be erased:\n  1 text received")
    assert office.messages() == []


def test_an_export_in_both_forms(office: Office, tmp_path: Path) -> None:
    whole, text = tmp_path / "ann.json", tmp_path / "ann.txt"
    assert "with 1 text." in must(office, "export", ANNA, "--to", str(whole))
    must(office, "export", ANNA, "--to", str(text))
    found = json.loads(whole.read_text())
    assert found["conversations"][0]["texts"][0]["body"] == "please crown my tooth"
    assert found["conversations"][0]["texts"][0]["pdus"]
    assert "they wrote:\n    please crown my tooth" in text.read_text()
    assert stat.S_IMODE(whole.stat().st_mode) == 0o600
    again = run(office, "export", ANNA, "--to", str(whole))
    assert again.exit_code == 2 and "is there already" in again.stderr
    assert run(office, "export", ANNA, "--to", str(tmp_path / "ann.docx")).exit_code == 2
    assert run(office, "export", BEN, "--to", str(tmp_path / "ben.json")).exit_code == 1
    assert not (tmp_path / "ben.json").exists()


def test_a_sender_with_a_name_can_be_erased(office: Office) -> None:
    office.text_from("Parcels", "Your parcel is here")
    assert "1 text received" in must(office, "erase", "Parcels", "--why", "No longer needed", "--yes")
    assert [row.body for row in office.messages()] == ["please crown my tooth"]


def test_a_legal_hold_at_the_keyboard(office: Office) -> None:
    must(office, "contact", "hold", ANNA, "--why", "Claim 4711")
    assert "A legal hold keeps their history since 2025-03-03: Claim 4711." in must(
        office, "contact", "show", ANNA
    )
    assert "A legal hold keeps their history" in run(office, "erase", ANNA, "--why", "Asked", "--yes").stderr
    must(office, "contact", "hold", ANNA, "--lift")
    must(office, "erase", ANNA, "--why", "Asked", "--yes")


def test_retention_at_the_keyboard(office: Office) -> None:
    assert "Everything is kept for ever" in must(office, "retention", "--dry-run")
    assert must(office, "retention") == "There is nothing to remove.\n"
    must(office, "setting", "set", "retention.received", "30")
    office.clock.step(days=31)
    assert must(office, "retention", "--dry-run") == "This would be removed:\n  1 text received\n"
    assert must(office, "retention") == "Removed:\n  1 text received\n"
    assert office.messages() == []
