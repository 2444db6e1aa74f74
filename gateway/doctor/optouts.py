"""The log of opt-outs beside the database: whether it can be read, and says what the database says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.check import Check, said
from gateway.doctor.look import Look, rights
from gateway.store import standing, suppression_log
from gateway.store.suppression_log import OPT_OUT


def optouts(look: Look) -> Iterator[Check]:
    """Whether log and table name the same people.

    The log is read before and after the table, for people go on writing meanwhile, and is written first.
    """
    path = look.folder / suppression_log.NAME
    if path.exists() and path.stat().st_mode & 0o600 != 0o600:
        why = f"its owner may not read and write it ({rights(path)})"
        yield said("optouts", "unreadable", why=why, path=path)
        return
    try:
        before, torn = _stopped(path)
        known = look.read(standing.suppressed)
        after, _ = _stopped(path)
    except OSError as error:
        yield said("optouts", "unreadable", why=error.strerror, path=path)
        return
    if torn:
        yield said("optouts", "torn", count=torn)
    if missing := before - known:
        yield said("optouts", "not_in_table", count=len(missing))
    if missing := known - after:
        yield said("optouts", "not_in_log", count=len(missing), path=path)
    elif not torn and before <= known:
        yield said("optouts", "well", count=len(known))


def _stopped(path: Path) -> tuple[set[str], int]:
    """Hashes of the numbers whose last line says stop, and how many lines cannot be read."""
    log = suppression_log.read(path)
    last = {entry.number_hash: entry.kind for entry in log.entries}
    return {number_hash for number_hash, kind in last.items() if kind == OPT_OUT}, log.damaged
