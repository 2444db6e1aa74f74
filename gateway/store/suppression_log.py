"""Reading `suppressions.log` (`gateway.store.keys`): who said STOP and START, told outside the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    """A log as far as it can be read; `damaged` counts lines that cannot."""

    entries: tuple[Entry, ...] = ()
    damaged: int = 0


def read(path: Path) -> Log:
    """Read a log; one that is not there is empty. A crash may have cut its last line short.

    Raises:
        OSError: it is there and cannot be read.
    """
    try:
        lines = path.read_bytes().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return Log()
    entries = [_entry(line) for line in lines if line]
    return Log(tuple(entry for entry in entries if entry is not None), entries.count(None))


def _entry(line: str) -> Entry | None:
    try:
        value = json.loads(line)
        at, kind, number_hash = datetime.fromisoformat(value["at"]), value["kind"], value["number_hash"]
    except (ValueError, KeyError, TypeError):
        return None
    if kind not in (OPT_OUT, OPT_IN) or not isinstance(number_hash, str) or at.tzinfo is None:
        return None
    return Entry(at, kind, number_hash, line)


def merged(first: Sequence[Entry], *others: Sequence[Entry]) -> list[Entry]:
    """One log of several of the same box: each continues the ones before it, and what they share counts once,
    where it stood first."""
    return list({entry.line: entry for log in (first, *others) for entry in log}.values())


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Write a log anew."""
    path.write_text("".join(f"{entry.line}\n" for entry in entries), encoding="utf-8")
    path.chmod(0o600)
