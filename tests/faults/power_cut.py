"""What a power cut could leave of a database, worked out from what a process wrote and synced.

A life of an office is recorded by strace: every write to the database and its journal, every sync, and
every acknowledgement. At each of these events the files are rebuilt as they may be found after the power
was cut just then: what was synced is there; of what was not, nothing, all, some, some in another order, or
torn within a sector of 512 octets. Every such state must open, be whole, and hold what was acknowledged.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.nursery import Child, Nursery, traced

SECTOR = 512
DATABASE, JOURNAL = "gateway.db", "gateway.db-wal"
CALLS = "pwrite64,ftruncate,fdatasync,fsync,unlink,write"


@dataclass(frozen=True)
class Event:
    """One thing a process did. `call` is the system call's name, or `accepted` with the id as `at`."""

    call: str
    file: str = ""
    at: int = 0
    data: bytes = b""


def record(nursery: Nursery, folder: Path, **plan: object) -> list[Event]:
    """Let an office live its life; what it did, in order."""
    return recorded(nursery.office(folder, waits=True, **plan), folder)


def recorded(child: Child, folder: Path) -> list[Event]:
    """Let a child that waits live to its end; what it did in `folder`, in order."""
    log = folder / "strace"
    paths = [word for name in (DATABASE, JOURNAL, "accepted") for word in ("-P", str(folder / name))]
    with traced(child.pid, "-o", str(log), "-y", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", *paths):
        child.go_on()
        assert child.wait() == 0, child.said()
    return list(_events(log.read_text().splitlines()))


_LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(.*)")
_WRITE = re.compile(r'\(\d+<([^>]*)>, "([^"]*)", \d+(?:, (\d+))?')
_OTHER = re.compile(r'\((?:\d+<([^>]*)>|"([^"]*)")(?:, (\d+))?')


def _events(lines: list[str]) -> Iterator[Event]:
    """Writes count from their beginning, syncs from their end."""
    begun: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line)
        if found is None:
            continue
        thread, call, rest = found.groups()
        if rest.startswith(" resumed>"):
            rest = begun.pop(thread, "")
        elif "<unfinished" in rest and call in ("fdatasync", "fsync"):
            begun[thread] = rest
            continue
        if rest:
            yield from _event(call, rest)


def _event(call: str, rest: str) -> Iterator[Event]:
    if call in ("pwrite64", "write"):
        if (found := _WRITE.match(rest)) is None:
            return
        file, data, at = found.groups()
        name, octets = Path(_octets(file).decode()).name, _octets(data)
        if call == "pwrite64":
            yield Event(call, name, int(at), octets)
        elif name == "accepted":
            yield Event("accepted", at=json.loads(octets)[0])
    elif found := _OTHER.match(rest):
        path, other, at = found.groups()
        yield Event(call, Path(_octets(path or other).decode()).name, int(at or 0))


def _octets(shown: str) -> bytes:
    return bytes.fromhex(shown.replace("\\x", ""))


# --- what could be left ------------------------------------------------------------------------------


@dataclass
class _File:
    """A file on a disk with a cache: what is safe, and what was done since."""

    safe: bytes | None
    since: list[Event] = field(default_factory=list)

    def sync(self) -> None:
        self.safe = played(self.safe, self.since)
        self.since = []


def played(content: bytes | None, events: list[Event]) -> bytes | None:
    """A file's content after these events; None: there is no such file."""
    found = None if content is None else bytearray(content)
    for event in events:
        if event.call == "unlink":
            found = None
            continue
        found = bytearray() if found is None else found
        if event.call == "ftruncate":
            del found[event.at :]
            found.extend(bytes(max(0, event.at - len(found))))
        else:
            found.extend(bytes(max(0, event.at - len(found))))
            found[event.at : event.at + len(event.data)] = event.data
    return None if found is None else bytes(found)


def _torn(events: list[Event], chance: random.Random) -> list[Event]:
    """Every write as far as its sectors happened to reach the disk."""
    pieces = []
    for event in events:
        if event.call != "pwrite64":
            pieces.append(event)
            continue
        place = event.at
        end = event.at + len(event.data)
        while place < end:
            until = min(end, (place // SECTOR + 1) * SECTOR)
            if chance.random() < 0.5:
                data = event.data[place - event.at : until - event.at]
                pieces.append(Event("pwrite64", event.file, place, data))
            place = until
    return pieces


def _half(events: list[Event], chance: random.Random) -> list[Event]:
    return [event for event in events if chance.random() < 0.5]


def _mixed(events: list[Event], chance: random.Random) -> list[Event]:
    kept = _half(events, chance)
    chance.shuffle(kept)
    return kept


def _cut_short(events: list[Event], chance: random.Random) -> list[Event]:
    """All, but the last write ends within its sectors."""
    last = events[-1] if events else None
    if last is None or last.call != "pwrite64":
        return events
    octets = last.data[: chance.randrange(len(last.data) // SECTOR + 1) * SECTOR]
    return [*events[:-1], Event("pwrite64", last.file, last.at, octets)]


HOW = {
    "nothing": lambda events, chance: [],
    "all": lambda events, chance: events,
    "half": _half,
    "reordered": _mixed,
    "torn": _torn,
    "cut short": _cut_short,
}


@dataclass(frozen=True)
class Left:
    """A state of the disk, and the ids that had been acknowledged."""

    how: str
    files: dict[str, bytes | None]
    accepted: tuple[int, ...]


def left_by_power_cuts(
    events: list[Event], began: bytes, chance: random.Random, share: float = 1.0
) -> Iterator[Left]:
    """A share of the states that cuts could leave. `began`: the database before the first event."""
    files = {DATABASE: _File(began), JOURNAL: _File(None)}
    accepted: list[int] = []
    for event in events:
        if event.call == "accepted":
            accepted.append(event.at)
        elif event.call in ("fdatasync", "fsync"):
            files[event.file].sync()
        else:
            files[event.file].since.append(event)
        unsafe = any(file.since for file in files.values())
        for how, choose in HOW.items() if unsafe else [("nothing", HOW["nothing"])]:
            if chance.random() < share:
                left = {name: played(file.safe, choose(file.since, chance)) for name, file in files.items()}
                yield Left(how, left, tuple(accepted))


@dataclass
class Explored:
    """What was found in all states."""

    states: int = 0
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def explore(states: Iterator[Left], folder: Path) -> Explored:
    """Open every state and look: is it whole, and is everything there that was acknowledged?"""
    explored = Explored()
    for number, left in enumerate(states):
        explored.states += 1
        lay(left, folder)
        whole, stored = _look(folder / DATABASE)
        if not whole:
            explored.damaged.append(f"{number} ({left.how})")
        if not set(left.accepted) <= stored:
            explored.missing.append(f"{number} ({left.how}): {set(left.accepted) - stored}")
    return explored


def lay(left: Left, folder: Path) -> None:
    """Put the files there as they were left."""
    for name in (DATABASE, JOURNAL, f"{DATABASE}-shm"):
        (folder / name).unlink(missing_ok=True)
    for name, content in left.files.items():
        if content is not None:
            (folder / name).write_bytes(content)


def _look(path: Path) -> tuple[bool, set[int]]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous=OFF")  # this state is thrown away
        whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return whole, {row[0] for row in connection.execute("SELECT id FROM messages")}
    except sqlite3.DatabaseError:
        return False, set()
    finally:
        connection.close()
