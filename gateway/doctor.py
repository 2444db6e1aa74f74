"""`sms-gateway doctor`: what is checked, what was found, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from gateway import __version__, kernel_clock, timekeeper
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.desk import holidays
from gateway.desk.unclear import SENT_AGAIN
from gateway.domain import clock_words, line_words, port_words
from gateway.lock import is_running
from gateway.modem.candidates import usb_without_port
from gateway.modem.holders import known_troublemakers
from gateway.store import lines, messages, outbox, schema, team
from gateway.store.database import Database, DatabaseError, Tx
from gateway.store.keys import KEY_FILE, Keys

LEAST_FREE = 200 * 1024 * 1024
"""Bytes that should be free: room for the journal, the reserve and some years of texts."""
LEAST_SQLITE = (3, 35, 0)
MOST_OFFSET_S = 120.0
"""Seconds our clock and the network's may differ: its own is told to the minute by some."""
NEARLY_FULL = 0.8
SUSPECT = frozenset({"port_busy", "not_a_modem", "no_answer", "port_lost"})
"""Troubles of a line that another program may be behind."""
GONE = frozenset({"port_missing", "port_lost"})
"""Troubles of a line whose modem shows no port, or had one and lost it."""
OURSELVES, BRLTTY = "sms-gateway", "brltty"
_NO_SCHEMA = "not made yet"
_INSTALL_AGAIN = (
    "It is tried again every hour; texts that heed public holidays may wait for it. If it stays, install "
    "sms-gateway again, or take the word holidays out of the hours."
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what, whether it is well, what was found, and the remedy when it is not."""

    name: str
    ok: bool
    found: str
    remedy: str = ""

    def as_object(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)

    def as_text(self) -> str:
        """For people."""
        line = f"[{'ok' if self.ok else '!!'}] {self.name}: {self.found}"
        return line if self.ok or not self.remedy else f"{line}\n     What to do: {self.remedy}"


def examine(boot: Settings) -> list[Check]:
    """Run every check; none of them changes anything."""
    found = [_versions(), _folder(boot.data_dir)]
    if not found[-1].ok:
        return found
    path = boot.database_path
    database = _schema(path)
    has_schema = database.found != _NO_SCHEMA
    secret, keys = _secret(boot.data_dir, has_schema)
    found += [_space(boot.data_dir), secret, _program(boot.data_dir), database]
    if database.ok and has_schema and keys is not None:
        found += _inside(path, keys, is_running(boot.data_dir))
    elif not has_schema:
        found += _sticks(is_missed=True)
    return found


def _versions() -> Check:
    ok = sqlite3.sqlite_version_info >= LEAST_SQLITE
    python = ".".join(map(str, sys.version_info[:3]))
    text = f"sms-gateway {__version__}, Python {python}, SQLite {sqlite3.sqlite_version}"
    return Check("versions", ok, text, "Update SQLite to 3.35 or later.")


def _folder(data_dir: Path) -> Check:
    if not data_dir.exists():
        return Check(
            "data folder",
            False,
            f"{data_dir} is not there yet",
            "It is made by the first command that stores something, such as: sms-gateway line add",
        )
    if not os.access(data_dir, os.R_OK | os.W_OK | os.X_OK):
        return Check(
            "data folder", False, f"{data_dir} is not ours to write", "Run this as the service's user."
        )
    return Check("data folder", True, str(data_dir))


def _space(data_dir: Path) -> Check:
    free = shutil.disk_usage(data_dir).free
    text = f"{free // 1_000_000} MB free"
    return Check("disk", free >= LEAST_FREE, text, "Free some space before texts can no longer be kept.")


def _secret(data_dir: Path, has_schema: bool) -> tuple[Check, Keys | None]:
    path = data_dir / KEY_FILE
    if not path.exists() and not has_schema:
        return Check(KEY_FILE, True, "not made yet"), None
    try:
        keys = Keys(data_dir, may_make=False)
    except DatabaseError as error:
        return Check(KEY_FILE, False, str(error), f"Restore {KEY_FILE} from the backup."), None
    private = not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    text = "readable by its owner only" if private else "readable by others"
    return Check(KEY_FILE, private, text, f"Run: chmod 600 {path}"), keys


def _program(data_dir: Path) -> Check:
    running = is_running(data_dir)
    found = "running" if running else "not running"
    return Check("program", running, found, "Start it with: sms-gateway run")


def _schema(path: Path) -> Check:
    try:
        version = schema.version(path)
    except DatabaseError as error:
        return Check("database", False, str(error), "Restore a backup if the file is damaged.")
    if version is None:
        return Check("database", True, _NO_SCHEMA)
    remedy = "Install the version of sms-gateway that wrote it, or run: sms-gateway migrate"
    return Check("database", version == schema.HEAD, f"schema {version}", remedy)


def _inside(path: Path, keys: Keys, running: bool) -> Iterator[Check]:
    database = Database(path, keys)
    try:
        sound = database.check()
        yield Check("database file", sound == "ok", sound, "Stop the program and restore a backup.")
        yield _trust(database)
        for query in (_people, _lines_known, _unclear, _holidays):
            yield from database.read(query)
        rows = database.read(lambda tx: [(row, outbox.counts(tx, row.id)) for row in lines.every(tx)])
        for row, counts in rows:
            yield from _line(row, counts, running)
        codes = {row.code for row, _ in rows}
        yield from _sticks(is_missed=not codes or bool(codes & GONE))
        yield from _troublemakers(codes)
    finally:
        database.close()


def _trust(database: Database) -> Check:
    """Whether this box's clock is believed."""
    now, kernel = utc_now(), kernel_clock.look()
    doubt = database.read(lambda tx: timekeeper.examine(tx, now, kernel)).doubt
    shows = clock_words.SHOWS.format(time=f"{now:%Y-%m-%d %H:%M:%S} UTC")
    wrong = f"{clock_words.in_doubt(doubt)} {shows} {clock_words.MEANWHILE}"
    return Check("clock", doubt is None, wrong if doubt else clock_words.TRUSTED, clock_words.REMEDY)


def _people(tx: Tx) -> list[Check]:
    active = [user for user in team.every_user(tx) if user.disabled_at is None]
    remedy = "Add somebody with: sms-gateway user add NAME --role admin"
    return [Check("people", bool(active), f"{len(active)} may sign in", remedy)]


def _lines_known(tx: Tx) -> list[Check]:
    count = len(lines.every(tx))
    return [
        Check("lines", count > 0, f"{count} set up", "Add one with: sms-gateway line add NAME --port PATH")
    ]


def _unclear(tx: Tx) -> list[Check]:
    wanted = messages.Filter(state="unconfirmed")
    count = len([m for m in messages.page(tx, wanted, 500) if m.reason != SENT_AGAIN])
    remedy = "Open the conversations marked unclear and decide: Mark as sent, or Send again."
    return [Check("unclear texts", count == 0, str(count), remedy)]


def _holidays(tx: Tx) -> list[Check]:
    """Regions whose public holidays texts wait for in vain; and, no fault but good to know, those whose
    holidays the library does not know."""
    unknown = holidays.unknown(tx)
    found = f"none are known for {', '.join(unknown)}; there every day counts as a working day"
    checks = [Check("public holidays", True, found)] if unknown else []
    missing, why = holidays.trouble(tx, utc_now().date(), version("holidays"))
    if missing:
        found = f"those of {', '.join(missing)} could not be computed: {why}"
        checks.append(Check("public holidays", False, found, _INSTALL_AGAIN))
    return checks


# --- lines -------------------------------------------------------------------------------------------


def _line(row: Row[Any], counts: dict[str, int], running: bool) -> Iterator[Check]:
    code = line_words.line_now(row.status, row.code, row.paused_at) if running else "stopped"
    said = line_words.line_of(row.name, row.port, code, row.facts)
    waiting = counts.get("queued", 0) + counts.get("sending", 0)
    wait = "1 text waits" if waiting == 1 else f"{waiting} texts wait"
    text = f"{said.is_}; {wait}" if waiting else said.is_
    text += f". {said.cause}" if said.cause else ""
    yield Check(f"line {row.name}", code == "ready", text, said.you_can or said.doing)
    if not row.bound_iccid and not row.bound_imei:
        unbound = line_words.FINDINGS["unbound"]
        yield Check(f"line {row.name}, SIM", True, f"{unbound.is_}. {unbound.doing}")
    yield from _clock(row)
    yield from _storage(row)
    if unable := line_words.cannot(row.abilities):
        yield Check(f"line {row.name}, abilities", True, f"cannot {'; cannot '.join(unable)}")


def _clock(row: Row[Any]) -> Iterator[Check]:
    """The network's clock as a second opinion on ours."""
    offset = _number(row, "clock_offset_s")
    if offset is None:
        return
    said = line_words.FINDINGS["clock"]
    ok = abs(offset) <= MOST_OFFSET_S
    found = line_words.CLOCKS_AGREE if ok else said.is_.format(minutes=round(abs(offset) / 60))
    yield Check(f"line {row.name}, clock", ok, found, said.you_can)


def _storage(row: Row[Any]) -> Iterator[Check]:
    used, total = _number(row, "storage_used"), _number(row, "storage_total")
    if used is None or not total:
        return
    said = line_words.FINDINGS["storage"]
    ok = used / total < NEARLY_FULL
    found = said.is_.format(used=round(used), total=round(total))
    yield Check(f"line {row.name}, memory", ok, found if ok else f"{found}. {said.cause}", said.you_can)


def _number(row: Row[Any], fact: str) -> float | None:
    """A fact of a line that is a number; None where it is not known or is none."""
    try:
        return float(row.facts[fact])
    except (KeyError, ValueError):
        return None


# --- the machine -------------------------------------------------------------------------------------


def _sticks(*, is_missed: bool) -> Iterator[Check]:
    """Modems that show no port. Nothing is wrong with them unless a line has none, or there is no line."""
    for usb, mode in usb_without_port():
        what, remedy = port_words.stick_without_port(usb, mode)
        yield Check(f"modem {usb}", not is_missed, what, remedy)


def _troublemakers(codes: Collection[str]) -> Iterator[Check]:
    """Programs that open modems by themselves. They are to blame only while a line has trouble they make;
    `codes` say how the lines are."""
    names = sorted({found.name for found in known_troublemakers()} - {OURSELVES})
    if BRLTTY in names and GONE & set(codes):
        names.remove(BRLTTY)
        sign, remedy = port_words.BRLTTY_SIGN
        yield Check(BRLTTY, False, sign, remedy)
    if names:
        said = line_words.FINDINGS["troublemakers"]
        found = f"{said.is_.format(names=', '.join(names))}. {said.cause}"
        remedies = " ".join(port_words.troublemaker(name) for name in names)
        yield Check("other programs", not SUSPECT & set(codes), found, remedies)
