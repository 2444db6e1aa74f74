"""Copies of the database that lie open in the data folder and that no rotation of backups removes: the ones
made before an update (`gateway.store.precopy`), and what a restore put aside. One of the former can be
restored, with the secret and the log of STOPs that lie beside it."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from gateway.store import archive, backup, looking, precopy
from gateway.store.archive import DATABASE, KEY, LOG, Manifest
from gateway.store.backup import BackupFailed

REPLACED = "replaced-"
"""How the folder that a restore puts aside begins."""

_MAGIC = b"SQLite format 3\0"  # SQLite file format, 1.3


def every(database: Path, data_dir: Path) -> list[Path]:
    """Those there are of the database at that path: files, and folders that a restore put aside."""
    aside = [path for path in data_dir.glob(f"{REPLACED}*") if path.is_dir()]
    return [*precopy.copies(database), *sorted(aside)]


def is_one(source: archive.Source) -> bool:
    """Whether a file is a bare database and no backup.

    Raises:
        BackupFailed: it cannot be read.
    """
    return archive.begins_with(source, _MAGIC)


def unpack(path: Path, folder: Path) -> Manifest:
    """Put a copy that was made before an update into a folder, with the secret and the log beside it.

    Raises:
        BackupFailed: it is damaged, or no copy of ours, or its secret is not beside it.
    """
    if not path.name.startswith("pre-") or looking.journal_of(path).exists():
        raise BackupFailed(
            f"{path} is a database and no backup. Name a backup, or the copy that an update made (pre-...db)."
        )
    try:
        made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        for name, source in ((DATABASE, path), (KEY, path.with_name(KEY)), (LOG, path.with_name(LOG))):
            (folder / name).touch(mode=0o600)
            with contextlib.nullcontext() if name != LOG else contextlib.suppress(FileNotFoundError):
                shutil.copyfile(source, folder / name)
        return archive.described(folder, made_at, "", looking.revision(folder / DATABASE) or "", "")
    except looking.Foreign:
        raise BackupFailed(archive.NOT_WHOLE) from None
    except (sqlite3.Error, OSError) as error:
        raise BackupFailed(backup.why(error)) from None
