"""`sms-gateway restore`: a backup becomes a data folder that is safe to start.

All of it is prepared in a scratch folder beside the database, and put in place by renames at the end; the
database comes last, so that a restore which breaks off can be repeated.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from gateway.desk import restored as desk
from gateway.desk.restored import Restored
from gateway.domain import backup_words as words
from gateway.lock import only_one
from gateway.queue import attempts
from gateway.store import archive, backup, erasures, looking, plain_copies, schema, settings, suppression_log
from gateway.store.archive import DATABASE, KEY, LOG, Manifest, Source
from gateway.store.backup import BackupFailed
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from gateway.store.sealing import Secret
from gateway.store.suppression_log import Log

GAP = "suppressions.gap"
"""A file beside the log of STOPs, there while a restore has left a gap in it: who said STOP between the
backup and that restore is not in it. It is asked where the database cannot be read."""
_GAP_SAYS = "A restore left a gap in suppressions.log: who said STOP before it is not known here.\n"
_JOURNALS = ("-wal", "-shm", "-journal")
_NOTE = "check-database"


@dataclass(frozen=True, slots=True)
class Result:
    """What a restore came to. `office`, `zone`: its name and clock; `damaged`: lines of the logs of STOPs
    that could not be read; `moved_to`: where what was there before lies now."""

    manifest: Manifest
    state: Restored
    office: str
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
        beside = [self.data_dir / GAP, self.data_dir / _NOTE, *beside]
        found = [self.data_dir / KEY, self.data_dir / LOG, *beside, self.database]
        return [path for path in found if path.exists()]


def read_log(path: Path) -> Log:
    """A log of STOPs that was named.

    Raises:
        BackupFailed: it cannot be used.
    """
    try:
        found = suppression_log.read(path)
        there = path.exists()
    except OSError as error:
        raise BackupFailed(f"{path} cannot be read: {error.strerror}. Nothing was changed.") from None
    if not there:
        raise BackupFailed(
            f"{path} is not there. Look for it beside gateway.db; if the old disk holds none, nobody had "
            "said STOP, and --suppressions can be left out. Nothing was changed."
        )
    if found.damaged and not found.entries:
        raise BackupFailed(f"{path} is no log of STOPs ({LOG}). Name the one of the old disk, or none.")
    return found


def restore(
    file: Source,
    secret: Secret | None,
    place: Place,
    *,
    replace: bool,
    logs: Sequence[Log],
    actor: str,
    now: datetime,
) -> Result:
    """Bring a backup back to `place`. `file`: the backup, or the copy that was made before an update, beside
    the secret and the log of its folder. `logs`: newer logs of STOPs, from the disk that is gone; the one
    that lies in the data folder still is read as well. `replace`: what is there is moved aside.

    Raises:
        BackupFailed: the backup cannot be used, or something is there already; nothing was changed.
        AlreadyRunning, CannotOpen: the program runs, or the folder cannot be written.
    """
    with only_one(place.data_dir, place.database.parent), contextlib.ExitStack() as held:
        if place.database.exists() and not replace:
            raise BackupFailed(
                f"{place.database} is there already. To put the backup in its place, and move what is there "
                "aside, add --replace. Nothing was changed."
            )
        scratch = held.enter_context(_scratch(place.database.parent))
        if plain_copies.is_one(file):
            manifest = plain_copies.unpack(Path(archive.name_of(file)), scratch)
        else:
            manifest = archive.unpack(file, secret, scratch)
        made = _made_safe(scratch, manifest, place, logs, actor, now)
        moved_to = _move_aside(place, now) if place.files() else None
        _install(scratch, place, has_gap=not made.state.newer_log)
    return dataclasses.replace(made, moved_to=moved_to)


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    for left in folder.glob(".restore-*"):  # of one that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as made:
        yield Path(made)


def _made_safe(
    scratch: Path, manifest: Manifest, place: Place, logs: Sequence[Log], actor: str, now: datetime
) -> Result:
    """Bring the schema up to date, and settle what must not be done a second time.

    Raises:
        BackupFailed: the disk did not take it.
    """
    schema.prepare(scratch / DATABASE)
    keys = Keys(scratch, may_make=False)
    known, erased = _told_by(place, keys, manifest.newest or manifest.made_at)
    stops, is_newer = _log(scratch, place, logs, is_known=known)
    suppression_log.write(scratch / LOG, stops)
    database = Database(scratch / DATABASE, keys)
    try:

        def settle(tx: Tx) -> Restored:
            attempts.recover(tx, now)
            return desk.settle(tx, manifest.made_at, manifest.newest, stops, is_newer, actor, now, erased)

        office, zone = database.read(
            lambda tx: (settings.get(tx, "office.name"), settings.get(tx, "office.zone"))
        )
        made = Result(manifest, database.write_now(settle), office, zone, stops.damaged)
    finally:
        database.close()
    journal = looking.journal_of(scratch / DATABASE)
    if journal.exists() and journal.stat().st_size:  # what was settled is in there, and does not come along
        raise BackupFailed(words.NOT_SETTLED)
    return made


def _told_by(place: Place, keys: Keys, since: datetime) -> tuple[bool, int]:
    """What the database tells that is there now: whether its log of STOPs has no gap that an earlier restore
    left, and how many numbers were erased since then. Where it cannot be read, `GAP` tells of the first."""

    def told(tx: Tx) -> tuple[bool, int]:
        before = desk.state(tx)
        return before is None or before.newer_log, len(erasures.hashes_since(tx, since))

    try:
        return looking.Onlooker(place.database, keys).read(told)
    except (DBAPIError, OSError, ValueError, TypeError):
        return not (place.data_dir / GAP).exists(), 0


def _log(scratch: Path, place: Place, logs: Sequence[Log], *, is_known: bool) -> tuple[Log, bool]:
    """The log of STOPs of the backup, continued by newer ones, and whether it knows all who said STOP since.
    `is_known`: the one in the data folder does.

    Raises:
        BackupFailed: the one in the data folder cannot be read.
    """
    own = suppression_log.read(scratch / LOG)
    beside = [read_log(path) for path in _beside(scratch, place)]
    stops = suppression_log.merged(own, *beside, *logs)
    lines = {entry.line for entry in own.entries}
    newer = [{entry.line for entry in log.entries} for log in (*(beside if is_known else ()), *logs)]
    is_newer = any(other and lines <= other for other in newer)
    return stops, is_newer and not stops.damaged


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


def _install(scratch: Path, place: Place, *, has_gap: bool) -> None:
    """Put what was prepared in place, the database last, and bring it to the disk. Whoever calls this is the
    owner of the folders (`gateway.owner`): links that lie there lead nowhere that the owner may not go."""
    if has_gap:
        (scratch / GAP).touch(mode=0o600)
        (scratch / GAP).write_text(_GAP_SAYS, encoding="utf-8")
    for name, target in (
        *(((GAP, place.data_dir / GAP),) if has_gap else ()),
        (KEY, place.data_dir / KEY),
        (LOG, place.data_dir / LOG),
        (DATABASE, place.database),
    ):
        part = target.with_name(f".{target.name}.part")
        shutil.move(scratch / name, part)
        part.rename(target)
        backup.sync(target)
