"""Customer lists from the keyboard: looked at, brought in, listed, undone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import imports, list_folders, old_phone
from gateway.store import contacts
from tests.domain.test_old_texts import sms, xml
from tests.office import ANNA, BEN, CARA, Office

LIST = f"Nom;Tél;Chaudière\nZoé Farrell;{ANNA};X40\nPersonne;12;\nBen;{BEN};\n"


@pytest.fixture(autouse=True)
def at(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for commands in (imports, list_folders, old_phone):
        monkeypatch.setattr(commands, "now", office.clock)


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    file = tmp_path / "clients.csv"
    file.write_text(LIST, encoding="cp1252")
    return file


def run(office: Office, *arguments: object) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, ["import", *map(str, arguments)], env={"SMS_GATEWAY_DATA_DIR": folder})


def must(office: Office, *arguments: object) -> str:
    done = run(office, *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_r58_a_dry_run_says_what_would_become_of_each_row_and_writes_nothing(
    office: Office, clients: Path
) -> None:
    said = must(office, clients, "--dry-run")
    assert "Row 3: Cannot be used." in said and "Row 2" not in said
    assert "New: 2, Cannot be used: 1\nNothing was saved." in said
    assert "Row 2: New. (Zoé Farrell)" in must(office, clients, "--dry-run", "--rows")
    assert must(office, "list") == ""
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is None


def test_r58_a_file_is_brought_in_listed_shown_and_undone(office: Office, clients: Path) -> None:
    found = json.loads(
        must(office, clients, "--map", "Chaudière=field:Boiler", "--stage", "customer", "--json")
    )
    assert (found["state"], found["counts"]) == ("done", {"new": 2, "invalid": 1})
    assert [(row["row"], row["verdict"]) for row in found["rows"]] == [(3, "invalid")]
    zoe = office.read(lambda tx: contacts.by_number(tx, ANNA))
    assert zoe is not None
    assert (zoe.name, zoe._mapping["fields"], zoe.stage) == ("Zoé Farrell", {"Boiler": "X40"}, "customer")
    assert f"{found['id']}  " in must(office, "list")
    assert "clients.csv  New: 2, Cannot be used: 1" in must(office, "list")
    assert "Row 3: Cannot be used." in must(office, "show", found["id"])
    assert must(office, "undo", found["id"]) == "The list was undone.\n"
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is None
    again = run(office, "undo", found["id"])
    assert again.exit_code == 1 and "24 hours" in again.stderr


def test_r58_the_same_file_again_changes_nothing(office: Office, clients: Path) -> None:
    must(office, "file", clients, "--name", "Monday's list")
    assert "Already the same: 2" in must(office, clients)
    assert "Monday's list" in must(office, "list")


def test_columns_are_named_by_number_too_and_a_wrong_name_is_said(office: Office, tmp_path: Path) -> None:
    bare = tmp_path / "bare.csv"
    bare.write_text(f"Cara Lund,{CARA}\n")
    refused = run(office, bare)
    assert refused.exit_code == 1 and "No column holds a number" in refused.stderr
    assert "New: 1" in must(office, bare, "--map", "1=name", "--map", "2=number")
    wrong = run(office, bare, "--map", "5=name")
    assert wrong.exit_code == 2 and "There are: 1 to 2" in wrong.stderr
    wrong = run(office, bare, "--map", "1=salary")
    assert wrong.exit_code == 2 and "opt_in_source" in wrong.stderr


def test_what_is_no_list_is_said_in_words(office: Office, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as out:
        out.truncate((10 << 20) + 1)
    refused = run(office, large)
    assert refused.exit_code == 1 and "10 MiB" in refused.stderr
    assert run(office, "show", "imp_0").exit_code == 1
    assert run(office, tmp_path / "nowhere.csv").exit_code == 2


def test_the_texts_of_an_old_phone_are_brought_in_and_undone(office: Office, tmp_path: Path) -> None:
    backup = tmp_path / "sms.xml"
    backup.write_bytes(xml(sms('"Hello"', ANNA), sms('"STOP"', BEN), '<mms date="1"/>'))
    dry = must(office, "texts", backup, "--dry-run")
    assert "New: 2" in dry and "Pictures and group texts, not taken: 1" in dry and "Nothing was saved." in dry
    assert "They wrote STOP on 2020-09-13" in dry
    assert office.messages() == []
    found = json.loads(must(office, "texts", backup, "--line", "front", "--json"))
    assert (found["state"], found["counts"]["new"]) == ("done", 2)
    assert len(office.messages()) == 2
    assert must(office, "undo", found["id"]) == "The list was undone.\n"
    assert office.messages() == []
    bare = tmp_path / "texts.csv"
    bare.write_text(f"Wann,Wohin,Wer,Was\n2021-05-03 09:00,in,{ANNA},Hallo\n")
    refused = run(office, "texts", bare)
    assert refused.exit_code == 1 and "which columns" in refused.stderr
    named = ("--map", "Wann=at", "--map", "2=direction", "--map", "Wer=number", "--map", "Was=body")
    assert "New: 1" in must(office, "texts", bare, *named)
    broken = tmp_path / "broken.xml"
    broken.write_bytes(backup.read_bytes()[:-20])
    assert "breaks off" in must(office, "texts", broken)


def test_a_watched_folder_is_added_looked_into_paused_and_removed(office: Office, clients: Path) -> None:
    done = json.loads(must(office, clients, "--json"))
    here = clients.parent / "lists"
    here.mkdir()
    assert run(office, "folder", "add", "crm", "lists", "--like", done["id"]).exit_code == 1
    must(office, "folder", "add", "crm", here, "--like", done["id"], "--every", 30)
    assert "every 30 minutes  -  well" in must(office, "folder", "list")
    assert must(office, "folder", "run", "crm") == "There is nothing new.\n"
    newer = here / "clients.csv"
    newer.write_text(LIST + f"Cara;{CARA};\n", encoding="cp1252")
    at = office.clock().timestamp() - 300
    os.utime(newer, (at, at))
    assert "New: 1, Already the same: 2" in must(office, "folder", "run", "crm")
    newer.write_text("")
    os.utime(newer, (at, at))
    refused = run(office, "folder", "run", "crm")
    assert refused.exit_code == 1 and "its newest file is empty" in refused.stderr
    assert json.loads(must(office, "folder", "list", "--json"))["data"][0]["problem"] == "list_empty"
    must(office, "folder", "pause", "crm")
    assert "paused" in must(office, "folder", "list")
    must(office, "folder", "pause", "crm", "--lift")
    must(office, "folder", "remove", "crm")
    assert must(office, "folder", "list") == ""


def test_an_old_phones_file_that_the_disk_does_not_take_is_said_in_words(
    office: Office, tmp_path: Path
) -> None:
    backup = tmp_path / "sms.xml"
    backup.write_bytes(xml(sms('"Hello"', ANNA, 1620032400000)))
    in_its_way = office.database.keys.folder / "imports"
    in_its_way.touch()
    refused = run(office, "texts", backup)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "cannot be kept in" in refused.stderr and str(in_its_way) in refused.stderr
