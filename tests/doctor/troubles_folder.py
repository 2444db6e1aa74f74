"""Troubles of the data folder, its disk and the database."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from gateway.clock import utc_now
from gateway.failures import Failures
from gateway.store import consent
from gateway.store.database import Tx
from tests.doctor.place import Place
from tests.doctor.planted import planted
from tests.faults.nursery import _why_not_mounted, small_disk


def not_root() -> str:
    """What it takes to give files away."""
    return "" if os.geteuid() == 0 else "the right to give files to another user"


# --- the folder --------------------------------------------------------------------------------------


@planted("folder missing", "data folder", "sms-gateway line add", "is mounted")
def _(place: Place) -> Iterator[None]:
    """The data folder is moved away."""
    place.data.rename(place.around / "elsewhere")
    yield


@planted("read-only folder", "data folder", "sudo chmod 700")
def _(place: Place) -> Iterator[None]:
    """The folder's rights are 0500."""
    place.data.chmod(0o500)
    yield
    place.data.chmod(0o700)


@planted("folder open to others", "data folder", "sudo chmod 700")
def _(place: Place) -> Iterator[None]:
    """The folder's rights are 0755."""
    place.data.chmod(0o755)
    yield


@planted("file of another user", "files", "sudo chown -R", "give up root", lacks=not_root)
def _(place: Place) -> Iterator[None]:
    """The folder is the service's, the log of opt-outs belongs to whoever ran a command as root."""
    place.give_to_the_service(place.data, *place.data.rglob("*"))
    (place.data / "suppressions.log").touch(0o600)
    yield


@planted("world-readable database", "files", "sudo chmod -R go=")
def _(place: Place) -> Iterator[None]:
    """The database's rights are 0644."""
    place.path.chmod(0o644)
    yield


@planted("world-readable secret", "secret.key", "sudo chmod 600")
def _(place: Place) -> Iterator[None]:
    """The secret's rights are 0644."""
    (place.data / "secret.key").chmod(0o644)
    yield


@planted("secret missing", "secret.key", "Restore secret.key from the backup")
def _(place: Place) -> Iterator[None]:
    """secret.key is removed."""
    (place.data / "secret.key").unlink()
    yield


@planted("secret damaged", "secret.key", "Restore secret.key from the backup")
def _(place: Place) -> Iterator[None]:
    """secret.key is cut to half its length."""
    (place.data / "secret.key").write_bytes(bytes(16))
    yield


@planted("secret that the service may not read", "secret.key", "sudo chown nobody:", lacks=not_root)
def _(place: Place) -> Iterator[None]:
    """The rights of secret.key are 0000, and root looks."""
    with place.of_the_service():
        (place.data / "secret.key").chmod(0)
        yield


@planted("no space", "disk", "Free some space", "findmnt -no TARGET -T /", lacks=_why_not_mounted)
def _(place: Place) -> Iterator[None]:
    """The data folder lies on a disk of 24 MiB."""
    with small_disk(place.around / "disk", "24m") as disk:
        place.data = Path(shutil.copytree(place.data, disk / "data"))
        place.env["SMS_GATEWAY_DATA_DIR"] = str(place.data)
        yield


@planted(
    "no room for files", "files on the disk", "du --inodes", "findmnt -no TARGET -T /", lacks=_why_not_mounted
)
def _(place: Place) -> Iterator[None]:
    """The data folder lies on a disk that holds 50 files."""
    with small_disk(place.around / "disk", "24m,nr_inodes=50") as disk:
        place.data = Path(shutil.copytree(place.data, disk / "data"))
        place.env["SMS_GATEWAY_DATA_DIR"] = str(place.data)
        yield


@planted("reserve used up", "reserve", "Make room")
def _(place: Place) -> Iterator[None]:
    """The ballast is gone, as after a full disk."""
    (place.data / "ballast").unlink()
    yield


@planted("daemon not running, its lock left behind", "program", "sms-gateway run")
def _(place: Place) -> Iterator[None]:
    """daemon.lock is there and nobody holds it."""
    place.running = False
    yield


@planted("disk failed once", "failures", "journalctl -k")
def _(place: Place) -> Iterator[None]:
    """The program noted an I/O error an hour and a half ago."""
    Failures(place.data).note(utc_now() - timedelta(minutes=90))
    yield


@planted("disk failed three times", "failures", "copy the data folder to another one")
def _(place: Place) -> Iterator[None]:
    """The program noted three I/O errors within the hour."""
    place.running = False
    for _ in range(3):
        Failures(place.data).note(utc_now())
    yield


# --- the database ------------------------------------------------------------------------------------


@planted("foreign database", "database", "Choose another file, as database in config.toml")
def _(place: Place) -> Iterator[None]:
    """gateway.db is a database with another program's table."""
    place.path.unlink()
    with contextlib.closing(sqlite3.connect(place.path)) as other:
        other.execute("CREATE TABLE recipes (name)")
        other.commit()
    place.path.chmod(0o600)
    yield


def _revision(place: Place, revision: str) -> None:
    with contextlib.closing(sqlite3.connect(place.path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()


@planted("newer schema", "database", "Install that version again")
def _(place: Place) -> Iterator[None]:
    """The database says that a later version wrote it."""
    _revision(place, "0999")
    yield


@planted("older schema", "database", "sms-gateway migrate")
def _(place: Place) -> Iterator[None]:
    """The database says that an earlier version wrote it."""
    _revision(place, "0001")
    yield


@planted("damaged database", "database file", "restore the newest backup")
def _(place: Place) -> Iterator[None]:
    """Eight pages in the middle of the database are overwritten."""
    with place.path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xa5" * 8 * 4096)
    yield


@planted("no database at all", "database", "restore the newest backup")
def _(place: Place) -> Iterator[None]:
    """gateway.db holds something else."""
    place.path.write_bytes(b"This is not a database. " * 500)
    yield


@planted("database of another user", "database", "sudo chown")
def _(place: Place) -> Iterator[None]:
    """Whoever the data folder belongs to may not read gateway.db."""
    place.path.chmod(0)
    place.found = place.examine_as_its_owner()
    yield


@planted("journal removed", "journal", "put it back")
def _(place: Place) -> Iterator[None]:
    """The files of a program that was killed, without the one that ends in -wal."""
    place.running = False
    with place.office() as office:
        office.accept()
        killed = place.around / "killed"
        shutil.copytree(place.data, killed)
    (killed / "gateway.db-wal").unlink()
    shutil.rmtree(place.data)
    killed.rename(place.data)
    yield


@planted("journal mode changed", "durability", "Let no other program open the database")
def _(place: Place) -> Iterator[None]:
    """Another program set the database to journal_mode=DELETE."""
    with contextlib.closing(sqlite3.connect(place.path)) as other:
        assert other.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
    yield


# --- the log of opt-outs -----------------------------------------------------------------------------

ANNA, BEN = "+447700900123", "+447700900124"


def _stop(tx: Tx) -> None:
    now = utc_now()
    event = consent.record(tx, number=ANNA, kind="opt_out", at=now, how="text")
    consent.suppress(tx, ANNA, now, event)


@planted("opt-out log unreadable", "opt-out log", "the right to read and write")
def _(place: Place) -> Iterator[None]:
    """Its rights are 0000."""
    place.write(_stop)
    (place.data / "suppressions.log").chmod(0)
    yield


@planted("opt-out log torn", "opt-out log", "newest backup")
def _(place: Place) -> Iterator[None]:
    """Its last line is cut in half."""
    place.write(_stop)
    path = place.data / "suppressions.log"
    path.write_text(path.read_text() + '{"at": "2026-01-0')
    yield


@planted("opt-out unknown to the database", "opt-out log", "Start the program again")
def _(place: Place) -> Iterator[None]:
    """An older database was put back by hand: the log knows somebody who said stop since."""
    line = {"at": utc_now().isoformat(), "kind": "opt_out", "number_hash": "ab" * 32}
    (place.data / "suppressions.log").write_text(json.dumps(line) + "\n")
    (place.data / "suppressions.log").chmod(0o600)
    yield


@planted("opt-out log lost", "opt-out log", "newest backup")
def _(place: Place) -> Iterator[None]:
    """suppressions.log is removed, and somebody had said stop."""
    place.write(_stop)
    (place.data / "suppressions.log").unlink()
    yield
