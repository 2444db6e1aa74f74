"""Reading `suppressions.log` (`gateway.store.keys`): who said STOP and START, told outside the database."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

NAME = "suppressions.log"
OPT_OUT, OPT_IN = "opt_out", "opt_in"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `number_hash` is keyed with the secret of the box that wrote it."""

    at: datetime
    kind: str
    number_hash: str
    line: str


@dataclass(frozen=True, slots=True)
class Log:
    """A log as far as it can be read; `unread` are the lines that cannot."""

    entries: tuple[Entry, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def damaged(self) -> int:
        """How many lines cannot be read. Each may have been anybody's STOP."""
        return len(self.unread)


def read(path: Path) -> Log:
    """Read a log; one that is not there is empty. A crash may have cut its last line short.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        lines = path.read_bytes().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return Log()
    found = [(line, _entry(line)) for line in lines if line]
    entries = tuple(entry for _, entry in found if entry is not None)
    return Log(entries, tuple(line for line, entry in found if entry is None))


def _entry(line: str) -> Entry | None:
    try:
        value = json.loads(line)
        at, kind, number_hash = datetime.fromisoformat(value["at"]), value["kind"], value["number_hash"]
    except (ValueError, KeyError, TypeError):
        return None
    if kind not in (OPT_OUT, OPT_IN) or not isinstance(number_hash, str) or at.tzinfo is None:
        return None
    return Entry(at, kind, number_hash, line)


def merged(first: Log, *others: Log) -> Log:
    """One log of several of the same box: each continues the ones before it, and what they share counts once,
    where it stood first."""
    logs = (first, *others)
    entries = {entry.line: entry for log in logs for entry in log.entries}
    return Log(tuple(entries.values()), tuple(dict.fromkeys(line for log in logs for line in log.unread)))


def write(path: Path, log: Log) -> None:
    """Write a log anew, what cannot be read of it first: it is no less doubtful for being copied."""
    lines = (*log.unread, *(entry.line for entry in log.entries))
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    path.chmod(0o600)
