"""The one table of checks, in the order in which they are made. What each says is
`domain/doctor_words.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from gateway.doctor import box, database, folder, lines, optouts, panel, ports, service, texts
from gateway.doctor.check import Check
from gateway.doctor.look import Look


class Needs(IntEnum):
    """What there must be for a check to be made."""

    NOTHING = 0
    FOLDER = 1
    DATABASE = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One check: the subjects it speaks of, how it is made, what it needs, and how long it may take."""

    subjects: tuple[str, ...]
    run: Callable[[Look], Iterable[Check]]
    needs: Needs = Needs.FOLDER
    limit_s: float = 10.0


ROWS: tuple[Row, ...] = (
    Row(("folder",), folder.folder, Needs.NOTHING),
    Row(("versions",), box.versions, Needs.NOTHING),
    Row(("time_service",), box.time_service, Needs.NOTHING),
    Row(("zones",), box.zones, Needs.NOTHING),
    Row(("service",), service.service, Needs.NOTHING, 15.0),
    Row(("program",), folder.program),
    Row(("failures",), folder.failures),
    Row(("journal",), database.journal),
    Row(("schema",), database.schema),
    Row(("file",), database.file, limit_s=database.CHECK_WITHIN_S + 10),
    Row(("secret",), folder.secret),
    Row(("files",), folder.files),
    Row(("disk",), folder.disk),
    Row(("inodes",), folder.inodes),
    Row(("reserve",), folder.reserve),
    Row(("sync",), folder.sync, limit_s=20.0),
    Row(("pragmas",), database.pragmas),
    Row(("panel",), panel.panel, limit_s=12.0),
    Row(("certificate",), panel.certificate),
    Row(("optouts",), optouts.optouts, Needs.DATABASE),
    Row(("clock",), box.clock, Needs.DATABASE),
    Row(("people",), texts.people, Needs.DATABASE),
    Row(("lines",), lines.lines, Needs.DATABASE),
    Row(
        ("line", "memory", "limits", "signal", "line_clock", "device"),
        lines.line,
        Needs.DATABASE,
        limit_s=45.0,
    ),
    Row(("stick",), ports.sticks, Needs.NOTHING),
    Row(("programs", "brltty"), ports.programs, Needs.NOTHING),
    Row(("rights",), ports.rights_of_ports, Needs.DATABASE),
    Row(("unclear",), texts.unclear, Needs.DATABASE),
    Row(("reports",), texts.reports, Needs.DATABASE),
    Row(("holidays",), texts.holidays, Needs.DATABASE),
    Row(("backup",), database.backup, Needs.DATABASE),
    Row(("drill",), database.drill, Needs.DATABASE),
)
