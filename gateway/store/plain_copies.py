"""Copies of the database that lie open in the data folder and that no rotation of backups removes: the ones
made before an update (`gateway.store.precopy`), and what a restore put aside."""

from __future__ import annotations

from pathlib import Path

from gateway.store import precopy

REPLACED = "replaced-"
"""How the folder that a restore puts aside begins."""


def every(database: Path, data_dir: Path) -> list[Path]:
    """Those there are of the database at that path: files, and folders that a restore put aside."""
    aside = [path for path in data_dir.glob(f"{REPLACED}*") if path.is_dir()]
    return [*precopy.copies(database), *sorted(aside)]
