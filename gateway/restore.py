"""`sms-gateway restore`: a backup becomes a data folder that is safe to start.

All of it is prepared in a scratch folder beside the database, and put in place by renames at the end; the
database comes last, so that a restore which breaks off can be repeated.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.desk import restored as desk
from gateway.desk.restored import Restored
from gateway.lock import only_one
from gateway.queue import attempts
from gateway.store import archive, backup, plain_copies, schema, settings, suppression_log
from gateway.store.archive import DATABASE, KEY, LOG, Manifest
from gateway.store.backup import BackupFailed
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from gateway.store.sealing import Secret
from gateway.store.suppression_log import Entry

_JOURNALS = ("-wal", "-shm", "-journal")
_NOTE = "check-database"


@dataclass(frozen=True, slots=True)
class Result:
    """What a restore came to. `zone`: the office's; `damaged`: lines of the logs of STOPs that could not be
    read; `moved_to`: where what was there before lies now."""

    manifest: Manifest
    state: Restored
    zone: str
    damaged: int
    moved_to: Path | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data goes: its folder, and the database's file, which may lie elsewhere."""

    data_dir: Path
    database: Path

    def files(self) -> list[Path]:
        """What a restore replaces, as far as it is there."""
        beside = [self.database.with_name(self.database.name + suffix) for suffix in _JOURNALS]
        found = [self.data_dir / KEY, self.data_dir / LOG, self.data_dir / _NOTE, *beside, self.database]
        return [path for path in found if path.exists()]


def restore(
    file: Path,
    secret: Secret | None,
    place: Place,
    *,
    replace: bool,
    logs: Sequence[Path],
    actor: str,
    now: datetime,
) -> Result:
    """Bring a backup back to `place`. `logs`: newer logs of STOPs, from the disk that is gone; the one that
    lies in the data folder still is read as well. `replace`: what is there is moved aside.

    Raises:
        BackupFailed: the backup cannot be used, or something is there already; nothing was changed.
        AlreadyRunning, CannotOpen: the program runs, or the folder cannot be written.
    """
    with contextlib.ExitStack() as held:
        for folder in sorted({place.data_dir, place.database.parent}):
            held.enter_context(only_one(folder))
        if place.database.exists() and not replace:
            raise BackupFailed(
                f"{place.database} is there already. To put the backup in its place, and move what is there "
                "aside, add --replace. Nothing was changed."
            )
        scratch = held.enter_context(_scratch(place.database.parent))
        manifest = archive.unpack(file, secret, scratch)
        made = _made_safe(scratch, manifest, place, logs, actor, now)
        moved_to = _move_aside(place, now) if place.files() else None
        _install(scratch, place)
    return dataclasses.replace(made, moved_to=moved_to)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    for left in folder.glob(".restore-*"):  # of one that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as made:
        yield Path(made)


def _made_safe(
    scratch: Path, manifest: Manifest, place: Place, logs: Sequence[Path], actor: str, now: datetime
) -> Result:
    """Bring the schema up to date, and settle what must not be done a second time."""
    schema.prepare(scratch / DATABASE)
    keys = Keys(scratch, may_make=False)
    entries, is_newer, damaged = _log(scratch, place, logs)
    suppression_log.write(scratch / LOG, entries)
    database = Database(scratch / DATABASE, keys)
    try:

        def settle(tx: Tx) -> Restored:
            attempts.recover(tx, now)
            return desk.settle(tx, manifest.made_at, manifest.newest, entries, is_newer, actor, now)

        zone = database.read(lambda tx: settings.get(tx, "office.zone"))
        return Result(manifest, database.write_now(settle), zone, damaged)
    finally:
        database.close()


def _log(scratch: Path, place: Place, logs: Sequence[Path]) -> tuple[list[Entry], bool, int]:
    """The log of STOPs of the backup, continued by newer ones; whether there was a newer one; and how many
    lines could not be read.

    Raises:
        BackupFailed: one that was named cannot be used.
    """
    own = suppression_log.read(scratch / LOG)
    others, damaged = [], own.damaged
    for path in (*_beside(scratch, place), *logs):
        try:
            found = suppression_log.read(path)
        except OSError as error:
            raise BackupFailed(f"{path} cannot be read: {error.strerror}. Nothing was changed.") from None
        if path in logs and not path.exists():
            raise BackupFailed(
                f"{path} is not there. Look for it beside gateway.db; if the old disk holds none, nobody had "
                "said STOP, and --suppressions can be left out. Nothing was changed."
            )
        if path in logs and found.damaged and not found.entries:
            raise BackupFailed(f"{path} is no log of STOPs ({LOG}). Name the one of the old disk, or none.")
        others.append(found.entries)
        damaged += found.damaged
    lines = {entry.line for entry in own.entries}
    is_newer = any(lines <= {entry.line for entry in other} for other in others)
    return suppression_log.merged(own.entries, *others), is_newer, damaged


def _beside(scratch: Path, place: Place) -> list[Path]:
    """The log that lies in the data folder, if it is that of the same box: the secret says so."""
    key, there = place.data_dir / KEY, place.data_dir / LOG
    if not there.exists() or not key.exists() or key.read_bytes() != (scratch / KEY).read_bytes():
        return []
    return [there]


def _move_aside(place: Place, now: datetime) -> Path:
    folder = place.data_dir / f"{plain_copies.REPLACED}{now:%Y-%m-%d-%H%M%S}"
    folder.mkdir(mode=0o700)
    for path in reversed(place.files()):  # the database first: without it nothing starts on half of it
        shutil.move(path, folder / path.name)
    return folder


def _install(scratch: Path, place: Place) -> None:
    """Put what was prepared in place, the database last, and bring it to the disk."""
    owner = place.data_dir.stat()
    for name, target in (
        (KEY, place.data_dir / KEY),
        (LOG, place.data_dir / LOG),
        (DATABASE, place.database),
    ):
        part = target.with_name(f".{target.name}.part")
        shutil.move(scratch / name, part)
        part.chmod(0o600)
        if os.geteuid() == 0:  # the service must be able to open what root restored
            os.chown(part, owner.st_uid, owner.st_gid)
        part.rename(target)
        backup.sync(target)
