"""Root works on an office's data as the one it belongs to."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.owner import become_owner_of
from gateway.store.keys import KEY_FILE, Keys
from tests.office import ANNA, Clock, Office

NOBODY = 65534
root = pytest.mark.skipif(os.geteuid() != 0, reason="not run here: needs root")


def _after(folder: Path) -> tuple[int, int]:
    """User and group of a process once it became the owner of a folder."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            become_owner_of(folder)
            os.write(writer, f"{os.geteuid()} {os.getegid()} {0 in os.getgroups()}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        user, group, still = answer.read().split()
    assert user == "0" or still == "False"
    return int(user), int(group)


@root
def test_root_becomes_the_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    assert _after(tmp_path) == (NOBODY, NOBODY)


@root
def test_an_owner_without_a_name_is_no_trouble(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)
    assert _after(tmp_path) == (54321, 54321)


@root
@pytest.mark.parametrize("name", [".", "not-there-yet"])
def test_what_is_roots_own_or_new_changes_nobody(tmp_path: Path, name: str) -> None:
    assert _after(tmp_path / name) == (0, os.getegid())


# --- what only root sees, or may write ----------------------------------------------------------------


@pytest.fixture
def nobodys(empty_database: Path) -> Iterator[Path]:
    """A data folder that is somebody else's."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        Keys(folder)
        for path in (folder, folder / KEY_FILE, Path(shutil.copy(empty_database, folder))):
            os.chown(path, NOBODY, NOBODY)
        yield folder


def said_to_root(folder: Path, *words: str) -> str:
    """What a command prints, run by root on that folder."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            done = CliRunner().invoke(main, words, env={"SMS_GATEWAY_DATA_DIR": str(folder)})
            os.write(writer, done.output.encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()


@root
def test_root_is_told_who_holds_a_port(nobodys: Path, tmp_path: Path) -> None:
    port = tmp_path / "port"
    port.touch()
    with port.open() as held:
        other = subprocess.Popen(["/bin/sleep", "60"], stdin=held)
    with other:
        said = said_to_root(nobodys, "modems", str(port))
        other.kill()
    assert f"sleep (process {other.pid}) is using it" in said


@root
def test_root_may_write_a_trace_where_the_datas_owner_may_not(nobodys: Path, tmp_path: Path) -> None:
    said = said_to_root(nobodys, "doctor", "--trace", "front", "--output", str(tmp_path / "trace.txt"))
    assert "There is no line called front" in said
    assert (tmp_path / "trace.txt").stat().st_uid == 0


@root
def test_root_may_export_into_a_home_that_the_datas_owner_may_not_enter(
    nobodys: Path, tmp_path: Path
) -> None:
    with Office(nobodys / "gateway.db", Clock(datetime(2026, 3, 2, 12, tzinfo=UTC))) as office:
        office.text_from(ANNA, "please crown my tooth")
    for path in nobodys.iterdir():
        os.chown(path, NOBODY, NOBODY)
    home, target = tmp_path / "home", tmp_path / "home" / "ann.json"
    home.mkdir(mode=0o700)
    os.chown(home, 54321, 54321)
    assert "with 1 text" in said_to_root(nobodys, "export", ANNA, "--to", str(target))
    assert "please crown my tooth" in target.read_text()
    assert (target.stat().st_uid, target.stat().st_mode & 0o777) == (54321, 0o600)
