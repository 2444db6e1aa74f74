"""Making backups and rotating them; trying them out is `drills`.

These take minutes where the history is long, so they are no verbs: each runs in a thread that may wait, and
writes what came of it in short transactions. Only one is at work in a data folder at a time.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway import __version__
from gateway.desk import drills
from gateway.domain import backup_words as words
from gateway.domain import backups as rules
from gateway.domain.backups import ROTATED, Kind, Recipient
from gateway.store import archive, backup, backup_log, box_state, schema, settings, team
from gateway.store.archive import DATABASE, KEY, LOG
from gateway.store.backup import BackupFailed, NoRoom, alone, place, scratch
from gateway.store.database import Database, DatabaseError, Tx
from gateway.store.keys import Keys
from gateway.store.sealing import by_file_key

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

_ON_ANOTHER_DISK = "backups_on_another_disk"
"""Kept (`box_state`): the folder that was on another disk than the data when a backup was made there, and
where that disk was mounted."""
_PUT_OFF, _PUT_OFF_FOR = "drill_put_off", timedelta(days=1)
"""When there was no room for a drill, by its name in `box_state`; and how long it is not tried again then."""
_LEFT_AFTER = timedelta(days=1)
"""An unfinished file of this age is nobody's: on a share another box may be writing."""


def recipient(tx: Tx) -> Recipient | None:
    """For whom backups are sealed; None: for nobody, so they stay on this box."""
    typed = settings.get(tx, "backup.recipient")
    return Recipient.parse(typed) if typed else None


# --- making one --------------------------------------------------------------------------------------


def make(
    database: Database,
    clock: Clock,
    kind: Kind,
    *,
    to: Path | None = None,
    sealed_for: Recipient | None = None,
) -> Row[Any]:
    """Make a backup, read it back, and keep its row, which is returned.

    `to`: a file or a folder; None: where the nightly ones go. `sealed_for`: None: for whom the nightly ones
    are sealed.

    Raises:
        BackupFailed: there is none; what was written of it is removed, and why is kept.
        DatabaseError: the database did not take what is kept of it.
    """
    work, at = place(database.keys.folder), clock()
    office, folder, usual, disk = database.read(_plan)
    whom = sealed_for or usual
    where = to or _usual_folder(database.keys, folder, whom)
    with alone(work):
        sealed = whom is not None
        backup_id = database.write_now(lambda tx: _begin(tx, kind, where, at, sealed=sealed))
        try:
            target = _target(where, whom, at, database.keys.folder)
            _refuse_unplugged(disk, target.parent)
            _forget_unfinished(target.parent, at)
            key = _written(database, work, target, whom, at, office)
            values = {
                "path": str(target),
                "problem": None,
                "ended_at": clock(),
                "verified_at": clock(),
                "size": target.stat().st_size,
                "key_sealed": database.keys.seal(key.hex()) if key else None,
            }
            away = target.parent if _is_away(target.parent, database.keys.folder) else None
        except (BackupFailed, OSError, sqlite3.Error) as found:
            error = found if isinstance(found, BackupFailed) else BackupFailed(backup.why(found))
            _note_failure(database, backup_id, str(error), clock())
            raise error from None
        except Exception as error:
            log.exception("a backup failed")
            problem = words.UNEXPECTED.format(error=type(error).__name__)
            _note_failure(database, backup_id, problem, clock())
            raise BackupFailed(problem) from error
        database.write_now(lambda tx: _keep(tx, backup_id, values, away if where == Path(folder) else None))
    made = database.read(lambda tx: backup_log.get(tx, backup_id))
    assert made is not None  # no row of a backup is ever deleted
    return made


def _plan(tx: Tx) -> tuple[str, str, Recipient | None, dict[str, str]]:
    names = settings.get(tx, "office.name"), settings.get(tx, "backup.folder")
    return *names, recipient(tx), _disk(tx)


def _begin(tx: Tx, kind: Kind, where: Path, at: datetime, *, sealed: bool) -> int:
    backup_log.end_open(tx, words.CUT_SHORT, at)  # only one is at work: a command that was killed
    return backup_log.begin(tx, kind.value, str(where), at, sealed=sealed)


def _keep(tx: Tx, backup_id: int, values: dict[str, Any], away: Path | None) -> None:
    backup_log.change(tx, backup_id, **values)
    if away is not None:
        disk = {"folder": str(away), "mount_point": str(_mount_point(away))}
        if _disk(tx) != disk:
            box_state.put(tx, _ON_ANOTHER_DISK, disk)


def _disk(tx: Tx) -> dict[str, str]:
    """The folder that is on another disk, and where that disk is mounted; empty where none is known."""
    return dict(box_state.get(tx, _ON_ANOTHER_DISK) or {})


def _is_away(folder: Path, data_dir: Path) -> bool:
    return _device(folder) != _device(data_dir)


def _mount_point(folder: Path) -> Path:
    resolved = folder.resolve()
    return next(path for path in (resolved, *resolved.parents) if path.is_mount())


def _refuse_unplugged(disk: dict[str, str], folder: Path) -> None:
    """Raises BackupFailed where only the mount point of the other disk is left."""
    if disk.get("folder") == str(folder) and not _mount_point(folder).is_relative_to(disk["mount_point"]):
        raise BackupFailed(words.NO_FOLDER.format(folder=folder))


def _forget_unfinished(folder: Path, now: datetime) -> None:
    """Remove what one that was killed left of a file."""
    for left in folder.glob(".sms-gateway-*.part"):
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < (now - _LEFT_AFTER).timestamp():
                left.unlink()


def _usual_folder(keys: Keys, chosen: str, whom: Recipient | None) -> Path:
    """Where nightly ones go: what is not sealed stays here."""
    return Path(chosen) if chosen and whom is not None else place(keys.folder)


def _target(to: Path, whom: Recipient | None, at: datetime, data_dir: Path) -> Path:
    """The file to write.

    Raises:
        BackupFailed: it must not be written there, or is there already.
    """
    ending = archive.SEALED_NAME if whom is not None else archive.PLAIN_NAME
    target = to.absolute()
    if backup.is_folder(to):
        target = target / f"sms-gateway-{at:%Y-%m-%d-%H%M%S}{ending}"
    elif not backup.is_folder(target.parent) or not to.suffix:
        raise BackupFailed(words.NO_FOLDER.format(folder=target if not to.suffix else target.parent))
    if whom is None and data_dir.resolve() not in target.resolve().parents:
        raise BackupFailed(words.UNSEALED_LEAVES)
    if backup.is_there(target):
        raise BackupFailed(words.EXISTS.format(path=target))
    return target


def _written(
    database: Database, work: Path, target: Path, whom: Recipient | None, at: datetime, office: str
) -> bytes | None:
    """Copy, describe, pack, and read back what the disk has then; returns the key of that file."""
    _need_room(database.path, work, target.parent)
    with scratch(work) as made:
        counts = backup.copy(database.path, made / DATABASE, synced=False)
        shutil.copyfile(database.keys.folder / KEY, made / KEY)
        _copy_log(database.keys.folder / LOG, made / LOG)  # after the database: it knows no less
        manifest = archive.described(made, at, __version__, schema.HEAD, office, counts)
        key = archive.pack(made, manifest, target, whom)
    try:
        if archive.look(target, by_file_key(key) if key else None) != manifest:
            raise BackupFailed(archive.NOT_WHOLE)
    except BaseException:
        with contextlib.suppress(OSError):
            target.unlink(missing_ok=True)
        raise
    return key


def _copy_log(source: Path, target: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        shutil.copyfile(source, target)
    target.touch(mode=0o600)


def _need_room(database: Path, work: Path, folder: Path) -> None:
    """Raises BackupFailed where the room that texts need would be taken."""
    journal = database.with_name(f"{database.name}-wal")
    size = database.stat().st_size + (journal.stat().st_size if journal.exists() else 0)
    at_once = 2 if _device(work) == _device(folder) else 1
    for one, octets in ((work, size * at_once), (folder, size)):
        backup.need_room(one, octets)


def _device(folder: Path) -> int:
    return folder.stat().st_dev


def _note_failure(database: Database, backup_id: int, problem: str, now: datetime) -> None:
    try:
        database.write_now(lambda tx: backup_log.change(tx, backup_id, ended_at=now, problem=problem))
    except DatabaseError as error:  # the disk is full, say: the next start says that it was cut short
        log.warning("that a backup failed could not be kept: %s", error)


def settle(tx: Tx, now: datetime) -> None:
    """The program starts: what was being made is not made any more."""
    backup_log.end_open(tx, words.CUT_SHORT, now)


# --- every night -------------------------------------------------------------------------------------


def nightly(database: Database, clock: Clock, *, clock_is_trusted: bool = True) -> None:
    """Make the backup of the night and try one out each week, where they are due; remove old ones, unless the
    clock may be wrong. What fails is kept and told, and tried again within the hour."""
    now = clock()
    zone, good, newest, drill = database.read(_last)
    try:
        if rules.is_due(_begun(good), _begun(newest), now, zone):
            made = make(database, clock, Kind.NIGHT)
            log.info("a backup was made: %s", made.path)
            if clock_is_trusted:
                rotate(database, now)
            good = made
        if (
            good is not None
            and backup.is_there(Path(good.path))
            and rules.drill_is_due(
                drill.at if drill is not None else None, now, failed_before=_failed_before(drill, good)
            )
        ):
            _try_out(database, clock, now)
    except (BackupFailed, DatabaseError) as error:
        log.warning("backups: %s", error)


def _try_out(database: Database, clock: Clock, now: datetime) -> None:
    """Where there is no room for it, it is tried again the next day, not in ten minutes: to find that out, it
    unpacks as much as there is room for."""
    put_off = database.read(lambda tx: box_state.get(tx, _PUT_OFF)).get("at")
    if put_off and abs(now - datetime.fromisoformat(put_off)) < _PUT_OFF_FOR:
        return
    try:
        drills.try_out(database, clock)
    except NoRoom:
        database.write_now(lambda tx: box_state.put(tx, _PUT_OFF, {"at": now.isoformat()}))
        raise


def _failed_before(drill: Row[Any] | None, good: Row[Any]) -> bool:
    return drill is not None and bool(drill.problem) and good.id > (drill.backup_id or 0)


def _begun(row: Row[Any] | None) -> datetime | None:
    return None if row is None else row.started_at


def _last(tx: Tx) -> tuple[ZoneInfo, Row[Any] | None, Row[Any] | None, Row[Any] | None]:
    zone = ZoneInfo(settings.get(tx, "office.zone"))
    return zone, backup_log.newest_good(tx), backup_log.newest(tx), backup_log.newest_drill(tx)


def rotate(database: Database, now: datetime) -> list[str]:
    """Remove old nightly backups, as the settings say; returns their files. What is on a stick that is not
    plugged in goes when it is there again."""

    def known(tx: Tx) -> tuple[list[Row[Any]], list[Row[Any]], int, int, ZoneInfo, dict[str, str]]:
        kinds = [kind.value for kind in ROTATED]
        days, weeks = (int(settings.get(tx, f"backup.keep_{span}")) for span in ("days", "weeks"))
        zone = ZoneInfo(settings.get(tx, "office.zone"))
        return backup_log.good(tx, kinds), backup_log.removed(tx, kinds), days, weeks, zone, _disk(tx)

    good, gone, days, weeks, zone, disk = database.read(known)
    rows = [*(row for row in gone if backup.is_there(Path(row.path))), *good]
    rows.sort(key=lambda row: row.id)
    kept = rules.to_keep([row.started_at for row in rows], now, zone, days, weeks)
    newest = good[-1].path if good else None
    removed = []
    for row in rows:
        if row.started_at in kept or row.path == newest:
            continue
        folder = Path(row.path).parent
        try:
            if not backup.is_folder(folder):
                continue  # the stick is not plugged in: next time
            _refuse_unplugged(disk, folder)
            Path(row.path).unlink(missing_ok=True)
        except (BackupFailed, OSError) as error:
            log.warning("an old backup could not be removed: %s", error)
            continue
        removed.append(row.path)
        database.write_now(lambda tx, at=row.id: backup_log.forget(tx, at, now))  # type: ignore[misc]
    return removed


# --- how they are ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How backups are: the newest good one, the newest drill, whether they are sealed, and what is wrong with
    them, in words for which `when` says a time."""

    good: Row[Any] | None
    drill: Row[Any] | None
    sealed: bool
    warnings: tuple[str, ...]


def standing(tx: Tx, now: datetime, when: Callable[[datetime], str]) -> Standing:
    """How backups are now."""
    good, newest, drill = backup_log.newest_good(tx), backup_log.newest(tx), backup_log.newest_drill(tx)
    sealed = recipient(tx) is not None
    return Standing(good, drill, sealed, tuple(_warnings(tx, good, newest, drill, sealed, now, when)))


def _warnings(
    tx: Tx,
    good: Row[Any] | None,
    newest: Row[Any] | None,
    drill: Row[Any] | None,
    sealed: bool,
    now: datetime,
    when: Callable[[datetime], str],
) -> Iterator[str]:
    if newest is not None and newest.problem:
        yield words.FAILED.format(when=when(newest.started_at), problem=words.why_failed(newest.problem))
    if good is None:
        yield words.NONE_YET
    elif rules.is_old(good.started_at, now):
        yield words.OLD.format(when=when(good.started_at))
    if not sealed:
        yield words.NOT_SEALED
    elif is_on_same_disk(tx):
        yield words.SAME_DISK
    if drill is not None and drill.problem:
        yield words.DRILL_FAILED.format(when=when(drill.at), problem=words.why_failed(drill.problem))
    else:
        first = backup_log.first(tx)
        since = drill.at if drill is not None else first.started_at if first is not None else now
        if now - since > rules.DRILL_OLD_AFTER:
            yield words.DRILL_OLD.format(when=when(since))


def is_on_same_disk(tx: Tx) -> bool:
    """Whether nightly backups go to the disk that the data folder is on."""
    chosen = settings.get(tx, "backup.folder")
    try:
        return not chosen or _device(Path(chosen)) == _device(tx.keys.folder)
    except OSError:
        return False  # not plugged in: the backup that fails says so


def note_download(tx: Tx, backup_id: int, who: str, now: datetime) -> None:
    """Somebody took a backup away."""
    team.note(tx, now, who, "backup.download", str(backup_id))
