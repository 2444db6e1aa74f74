"""`restore` as a command: beside a database that is broken, as root in another's folder, and of the copy
that an update made."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.desk import backups
from gateway.domain.backups import Kind
from gateway.lock import AlreadyRunning, only_one
from gateway.store import consent, precopy, sealing
from gateway.store.backup import BackupFailed
from gateway.store.keys import KEY_FILE
from tests.office import ANNA, BEN, Office
from tests.test_owner import NOBODY, root, said_to_root

PASSPHRASE = "four words from paper"


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, words, env={"SMS_GATEWAY_DATA_DIR": str(folder)})


@pytest.fixture
def sealed(office: Office) -> Path:
    """A backup that this box remembers how to open; the program does not run any more."""
    office.accept(ANNA, "before")
    whom = sealing.recipient_of_passphrase(PASSPHRASE)
    path = Path(backups.make(office.database, office.clock, Kind.NOW, sealed_for=whom).path)
    office.database.close()
    return path


# --- what is there is not asked more than it can answer ----------------------------------------------


def newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    connection.close()


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\x55" * (path.stat().st_size - 4096))


def without_secret(path: Path) -> None:
    path.with_name(KEY_FILE).unlink()


@pytest.mark.parametrize("harm", [damaged, without_secret])
def test_a_broken_database_does_not_stop_its_own_replacement(
    office: Office, sealed: Path, harm: object
) -> None:
    harm(office.path)  # type: ignore[operator]
    broken = office.path.read_bytes()
    for words in (["restore", str(sealed), "--replace"], ["backup", "verify", str(sealed)]):
        done = run(office.path.parent, *words)
        assert "Give what opens it" in done.stderr, done.output
    assert office.path.read_bytes() == broken
    (file := office.path.parent / "passphrase.txt").write_text(f"\ufeff{PASSPHRASE}\r\n", encoding="utf-8")
    done = run(office.path.parent, "restore", str(sealed), "--replace", "--passphrase-file", str(file))
    assert done.exit_code == 0 and "Our office is restored" in done.stdout, done.output


def test_a_newer_database_is_looked_at_and_not_changed(office: Office, sealed: Path) -> None:
    newer(office.path)
    there = office.path.read_bytes()
    assert run(office.path.parent, "backup", "verify", str(sealed)).exit_code == 0
    assert office.path.read_bytes() == there
    done = run(office.path.parent, "restore", str(sealed), "--replace")
    assert done.exit_code == 0 and "is restored" in done.stdout, done.output


# --- the copy that an update made --------------------------------------------------------------------


def test_going_back_to_the_copy_of_an_update_is_a_restore(office: Office, any_hour: None) -> None:
    waits = office.accept(ANNA, "it waits")
    copy = precopy.make(office.path, "0003", "0004")
    office.text_from(BEN, "STOP")
    office.database.close()
    folder = office.path.parent
    done = run(folder, "restore", str(copy), "--replace")
    assert done.exit_code == 0 and "Our office is restored" in done.stdout, done.output
    assert "1 text may have gone" in done.stdout and "nobody who did is texted" in done.stdout
    with Office(office.path, office.clock) as back:
        assert (back.state(waits), back.claim()) == ("unconfirmed", None)
        assert back.read(lambda tx: consent.suppressed_among(tx, [ANNA, BEN])) == {BEN}
    assert copy.exists()


def test_another_database_is_no_copy(office: Office) -> None:
    office.database.close()
    done = run(office.path.parent, "restore", str(office.path), "--replace")
    assert done.exit_code == 1 and "is a database and no backup" in done.stderr


# --- as root -----------------------------------------------------------------------------------------


@pytest.fixture
def theirs() -> Iterator[Path]:
    """A data folder of the service's user, empty yet."""
    with tempfile.TemporaryDirectory() as made:
        os.chown(made, NOBODY, NOBODY)
        yield Path(made)


@root
@pytest.mark.parametrize("planted", [False, True])
def test_root_restores_as_the_folders_owner(
    sealed: Path, theirs: Path, tmp_path: Path, planted: bool
) -> None:
    """Root alone may read the backup; what it writes there is the owner's, and links lead it nowhere."""
    aim = tmp_path / "aim"
    aim.mkdir()
    (aim / "file").write_text("root's own")
    if planted:
        for name in (".secret.key.part", ".gateway.db.part", ".suppressions.log.part"):
            (theirs / name).symlink_to(aim)
        (theirs / "daemon.lock").symlink_to(aim / "file")
    (file := tmp_path / "passphrase.txt").write_text(PASSPHRASE)
    said = said_to_root(theirs, "restore", str(sealed), "--passphrase-file", str(file))
    assert [path.name for path in aim.iterdir()] == ["file"]
    assert (aim / "file").stat().st_uid == 0 and (aim / "file").read_text() == "root's own"
    if planted:
        assert "cannot be used" in said
    else:
        assert "Our office is restored" in said
        assert {path.stat().st_uid for path in theirs.iterdir()} == {NOBODY}
        assert {path.stat().st_mode & 0o777 for path in theirs.iterdir()} == {0o600}


# --- the lock ----------------------------------------------------------------------------------------


def test_a_folder_is_locked_once_whatever_its_names(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with (
        only_one(tmp_path / "link", tmp_path / "real"),
        pytest.raises(AlreadyRunning),
        only_one(tmp_path / "link"),
    ):
        pass
    with only_one(tmp_path / "real"):
        pass


def test_a_drill_after_a_failure_says_that_it_tried_an_older_one(office: Office) -> None:
    folder = office.path.parent
    backups.make(office.database, office.clock, Kind.NOW)
    assert "can be restored" in run(folder, "drill").stdout and "failed" not in run(folder, "drill").stdout
    office.clock.step(minutes=5)
    with pytest.raises(BackupFailed):
        backups.make(office.database, office.clock, Kind.ASKED, to=folder / "nowhere" / "one.tar.gz")
    assert "It is not the one that failed " in run(folder, "drill").stdout
