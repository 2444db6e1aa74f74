"""Watched folders: a new list is brought in by itself, a bad one is not, and is said."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Row, select

from gateway.desk import alarm_readings, list_folders
from gateway.domain import alarm_words
from gateway.domain.alarms import Kind
from gateway.domain.refusal_words import Refused
from gateway.importer import Importer
from gateway.store import contacts, import_sources, imports
from gateway.store.tables import audit
from gateway.store.tables import contacts as contacts_table
from tests.desk.test_importing import take
from tests.office import ANNA, BEN, CARA, SAM, Office

HEAD = "Id,Name,Phone\n"
FOUR = HEAD + f"1,Anna,{ANNA}\n2,Ben,{BEN}\n3,Cara,{CARA}\n4,Dan,+12025550144\n"


@pytest.fixture
def folder(tmp_path: Path, office: Office) -> Path:
    """A watched folder, set up with a list of two people."""
    here = tmp_path / "lists"
    here.mkdir()
    first = take(office, (HEAD + f"1,Anna,{ANNA}\n2,Ben,{BEN}\n").encode(), stage="customer")
    office.write(lambda tx: list_folders.add(tx, "crm", here, first.public_id, 60, SAM, office.clock()))
    return here


def source(office: Office) -> Row:
    return office.read(lambda tx: list_folders.found(tx, "crm"))


def look(office: Office, *, anyway: bool = False) -> str | None:
    return list_folders.take(office.read, office.write, office.clock, source(office).id, anyway=anyway)


def put(office: Office, folder: Path, content: str, name: str = "clients.csv", *, age_s: float = 120) -> None:
    path = folder / name
    path.write_text(content)
    at = office.clock().timestamp() - age_s
    os.utime(path, (at, at))


def everybody(office: Office) -> set[str]:
    return {str(row.name) for row in office.read(lambda tx: list(tx.execute(select(contacts_table))))}


def counts(office: Office, public_id: str | None) -> dict[str, int]:
    assert public_id is not None
    row = office.read(lambda tx: imports.by_public_id(tx, public_id))
    assert row is not None and (row.state, row.source) == ("done", "folder")
    return {name: count for name, count in row.counts.items() if count}


def test_r58_a_new_list_is_brought_in_and_the_same_again_changes_nothing(
    office: Office, folder: Path
) -> None:
    put(office, folder, FOUR)
    assert counts(office, look(office)) == {"same": 2, "new": 2}
    assert everybody(office) == {"Anna", "Ben", "Cara", "Dan"}
    assert look(office) is None and source(office).last_problem is None
    put(office, folder, FOUR, "again.csv", age_s=90)
    assert look(office) is None, "another name, the same list"
    put(office, folder, FOUR.replace("Dan", "Daniel"), "newer.csv", age_s=70)
    assert counts(office, look(office)) == {"same": 3, "update": 1}
    row = office.read(lambda tx: contacts.by_number(tx, CARA))
    assert row is not None and row.stage == "customer", "as the list it is like"


def test_a_file_that_is_still_being_written_is_left_alone(office: Office, folder: Path) -> None:
    put(office, folder, FOUR[:40], age_s=5)
    assert look(office) is None and source(office).last_problem is None
    assert everybody(office) == {"Anna", "Ben"}
    put(office, folder, FOUR, ".clients.csv.part")
    put(office, folder, FOUR, "clients.csv.tmp")
    (folder / "clients.csv").unlink()
    assert look(office) is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "list_empty"),
        (HEAD, "list_empty"),
        (HEAD + f"1,,{ANNA}\n", "list_short"),
        ("Id,Name,Town,Phone\n" + f"1,Anna,Leeds,{ANNA}\n" * 4, "list_shape"),
    ],
)
def test_r58_a_list_that_looks_wrong_changes_nobody_and_is_an_alarm(
    office: Office, folder: Path, content: str, problem: str
) -> None:
    put(office, folder, FOUR)
    look(office)
    put(office, folder, content, age_s=61)
    assert look(office) is None
    assert source(office).last_problem == problem
    assert everybody(office) == {"Anna", "Ben", "Cara", "Dan"}
    (reading,) = (
        one
        for one in office.read(lambda tx: list(alarm_readings.often(tx, office.clock(), office.clock())))
        if one.kind is Kind.LIST
    )
    assert (reading.subject, reading.value) == ("crm", 1)
    assert "crm was not brought in: its newest file" in alarm_words.happened(Kind.LIST, reading.detail)
    put(office, folder, FOUR.replace("Dan", "Daniel"), "good.csv", age_s=60)
    assert look(office) is not None and source(office).last_problem is None


def test_a_short_list_is_taken_when_somebody_says_so_and_removes_nobody(office: Office, folder: Path) -> None:
    put(office, folder, FOUR)
    look(office)
    put(office, folder, HEAD + f"1,Anne,{ANNA}\n", age_s=61)
    assert look(office) is None
    assert counts(office, look(office, anyway=True)) == {"update": 1}
    assert everybody(office) == {"Anne", "Ben", "Cara", "Dan"}


def test_a_folder_that_fails_is_looked_into_less_and_less(office: Office, folder: Path) -> None:
    folder.rmdir()
    pauses = []
    for _ in range(7):
        look(office)
        pauses.append(source(office).due_at - office.clock())
        office.clock.now = source(office).due_at
    assert source(office).last_problem == "list_unreadable"
    assert [pause / timedelta(hours=1) for pause in pauses] == [1, 2, 4, 8, 16, 24, 24]
    folder.mkdir()
    put(office, folder, FOUR)
    look(office)
    assert source(office).due_at - office.clock() == timedelta(hours=1)


def test_the_daemon_looks_when_it_is_due_and_not_while_paused(office: Office, folder: Path) -> None:
    put(office, folder, FOUR)
    office.write(lambda tx: list_folders.pause(tx, "crm", SAM, office.clock(), paused=True))
    assert office.read(lambda tx: list_folders.due(tx, office.clock())) == []
    office.write(lambda tx: list_folders.pause(tx, "crm", SAM, office.clock(), paused=False))

    async def watch() -> None:
        await Importer(office.database, office.clock).watch()
        await office.database.aclose()

    asyncio.run(watch())
    office.restart()
    assert everybody(office) == {"Anna", "Ben", "Cara", "Dan"}
    assert office.read(lambda tx: list_folders.due(tx, office.clock())) == []


def test_what_cannot_be_watched_is_refused_and_changes_are_noted(office: Office, folder: Path) -> None:
    like = office.read(lambda tx: imports.newest(tx, 1))[0].public_id
    for name, path, one, minutes in (
        ("crm", folder, like, 60),
        ("", folder, like, 60),
        ("x", Path("lists"), like, 60),
        ("x", folder, "imp_0", 60),
        ("x", folder, like, 1),
    ):
        with pytest.raises(Refused):
            office.write(
                lambda tx, a=(name, path, one, minutes): list_folders.add(tx, *a, SAM, office.clock())  # type: ignore[misc]
            )
    office.write(lambda tx: list_folders.remove(tx, "crm", SAM, office.clock()))
    assert office.read(import_sources.every) == []
    noted = office.read(lambda tx: [row.action for row in tx.execute(select(audit))])
    assert noted[-1] == "list.remove" and "list.watch" in noted


def test_a_folder_that_cannot_be_read_at_all_keeps_none_of_the_others_waiting(
    office: Office, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    like = office.read(lambda tx: imports.newest(tx, 1))[0].public_id
    office.write(lambda tx: list_folders.add(tx, "zoo", other, like, 60, SAM, office.clock()))
    put(office, folder, FOUR, "k\udce4rnten.csv")
    put(office, other, FOUR)

    async def watch() -> None:
        await Importer(office.database, office.clock).watch()
        await office.database.aclose()

    asyncio.run(watch())
    office.restart()
    assert everybody(office) == {"Anna", "Ben", "Cara", "Dan"}
    assert office.read(lambda tx: list_folders.due(tx, office.clock())) == []
    assert "k\ufffdrnten.csv" in {one.file_name for one in office.read(lambda tx: imports.newest(tx, 3))}


def test_a_list_that_breaks_off_is_not_taken(office: Office, folder: Path) -> None:
    put(office, folder, FOUR + '5,"Eve,+12025550155\n' + "x" * 200_000)
    assert look(office) is None
    assert source(office).last_problem == "list_broken"
    assert everybody(office) == {"Anna", "Ben"}


def test_a_clock_that_was_wrong_puts_no_folder_off(office: Office, folder: Path) -> None:
    office.clock.step(hours=24 * 400)
    assert look(office) is None
    office.clock.step(hours=-24 * 400)
    put(office, folder, FOUR, age_s=-3600)
    (due,) = office.read(lambda tx: list_folders.due(tx, office.clock()))
    assert due == source(office).id
    assert counts(office, look(office)) == {"same": 2, "new": 2}, "written by a box whose clock is ahead"
