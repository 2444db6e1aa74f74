"""Planted troubles: each is named by the check it belongs to, with a remedy, and by nothing before it is
planted.

`python -m tests.doctor` prints them as a table.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import doctor
from gateway.store import looking
from tests.doctor import troubles_box, troubles_folder, troubles_lines  # noqa: F401 - they fill the list
from tests.doctor.place import Place, copied, found, wrong
from tests.doctor.planted import TROUBLES, Trouble
from tests.doctor.troubles_box import certificate, in_days, serve_with
from tests.doctor.troubles_folder import not_root


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("founded") / "data"
    found(folder)
    return folder


@pytest.fixture
def place(founded: Path, tmp_path: Path) -> Iterator[Place]:
    yield copied(founded, tmp_path / "place")


@pytest.fixture(scope="module")
def wrong_here(founded: Path, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What this machine itself has to be told, whatever is planted: its disk is nearly full, say."""
    return wrong(copied(founded, tmp_path_factory.mktemp("healthy") / "place").examine())


def test_thirty_troubles_are_planted() -> None:
    assert len(TROUBLES) >= 30
    assert len({trouble.name for trouble in TROUBLES}) == len(TROUBLES)


@pytest.mark.alone("programs")
@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_a_planted_trouble_is_named_with_its_remedy(
    trouble: Trouble, place: Place, wrong_here: set[str]
) -> None:
    if lacking := trouble.lacks():
        pytest.skip(f"not run here: needs {lacking}")
    assert trouble.check not in wrong_here, "it would be named without being planted"
    with trouble.plant(place):
        checks = place.found or place.examine()
    named = [check for check in checks if check.name == trouble.check and not check.ok]
    assert named, "\n".join(check.as_text() for check in checks)
    remedy = " ".join(check.remedy for check in named)
    assert all(word in remedy for word in trouble.words), remedy
    assert "{" not in remedy + named[0].found
    assert doctor.summary(checks).startswith(("1 thing needs you: ", f"{len(wrong(checks))} "))


def test_nothing_is_wrong_where_nothing_is_planted(place: Place, wrong_here: set[str]) -> None:
    """What a machine may lack is left out: a time service of the system, room on its disk, new zone data."""
    assert wrong_here <= {"disk", "disk speed", "time zones", "other programs"}
    checks = place.examine()
    assert [check.name for check in checks if not check.seen] == []


@pytest.mark.skipif(bool(not_root()), reason="needs the right to give files to another user")
def test_root_finds_well_what_the_service_may_read(place: Place) -> None:
    key = serve_with(place, *certificate(in_days(90)))
    with place.of_the_service() as reached:
        for path in (key, key.with_name("cert.pem")):
            moved = Path(shutil.copy(path, reached))
            place.give_to_the_service(moved)
            place.env[f"SMS_GATEWAY_TLS_{path.stem.upper()}"] = str(moved)
        found = {check.name: check.finding for check in place.examine()}
    assert (found["secret.key"], found["database"], found["certificate"]) == ("well", "well", "well")


@pytest.mark.parametrize("name", ["secret.key", "gateway.db", "gateway.db-wal"])
def test_what_a_file_that_may_not_be_read_hides_is_said(place: Place, name: str) -> None:
    """And nobody is told to restore a backup for want of a right."""
    with place.office() as office:
        office.accept()
        (place.data / name).chmod(0)
        checks = place.examine_as_its_owner()
    assert not [check for check in checks if "restore the newest backup" in check.remedy]
    (rest,) = [check for check in checks if check.name == "the rest"]
    assert not rest.seen and "opt-out log" in rest.found and "backup" in rest.found
    (denied,) = [check for check in checks if check.finding == "denied"]
    assert not denied.ok and name in denied.found


def test_a_database_that_is_locked_is_not_called_damaged(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "_PATIENCE_S", 0.01)
    with contextlib.closing(sqlite3.connect(place.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM settings")
        checks = {check.name: check for check in place.examine()}
        other.execute("ROLLBACK")
    assert checks["database"].finding == "locked" and not checks["database"].seen
    assert not checks["database file"].seen and not checks["the rest"].seen


@pytest.mark.parametrize("killed", [False, True])
def test_the_doctor_changes_nothing(place: Place, killed: bool, tmp_path: Path) -> None:
    """Also where a killed program left its journal, which is read."""
    place.running = False
    if killed:
        with place.office() as office:
            office.accept()
            shutil.copytree(place.data, tmp_path / "killed")
        shutil.rmtree(place.data)
        (tmp_path / "killed").rename(place.data)
    before = _contents(place.data)
    assert len(place.examine()) > 20
    assert _contents(place.data) == before


def _contents(folder: Path) -> dict[str, str]:
    """What every file holds; the index of a journal is SQLite's own notes on it."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    } | {"files": str(sorted(path.name for path in folder.rglob("*")))}
