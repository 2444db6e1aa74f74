"""The box: its clock, its time zones, the program's parts."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from gateway import __version__, kernel_clock, timekeeper
from gateway.doctor.check import Check, said
from gateway.doctor.look import Look
from gateway.domain import clock_words
from gateway.queue.replan import data_version

LEAST_SQLITE = (3, 35, 0)
_SHOWN = ("SQLAlchemy", "Flask", "cryptography", "pyserial")
_EDITION = re.compile(r"\b(20\d\d)(?:[a-z]|\.\d+)\b")
"""How editions of the IANA database are called: 2025b; by tzdata on PyPI, 2025.2."""
_ZONES_AGE_YEARS = 2


def clock(look: Look) -> Iterator[Check]:
    """Whether this box's clock is believed."""
    kernel = kernel_clock.look()
    doubt = look.read(lambda tx: timekeeper.examine(tx, look.now, kernel)).doubt
    if doubt is None:
        yield said("clock", "well")
        return
    shows = clock_words.SHOWS.format(time=f"{look.now:%Y-%m-%d %H:%M:%S} UTC")
    yield said("clock", "doubt", why=f"{clock_words.in_doubt(doubt)} {shows} {clock_words.MEANWHILE}")


def time_service(look: Look) -> Iterator[Check]:
    """Whether a time service keeps it right."""
    kernel = kernel_clock.look()
    if kernel.synchronised is None:
        yield said("time_service", "untold")
    elif kernel.synchronised:
        yield said("time_service", "well")
    else:
        yield said("time_service", "failing" if kernel.has_time_service else "none")


def zones(look: Look) -> Iterator[Check]:
    """How old the data of time zones is; of several editions the first that is looked for counts."""
    found = _EDITION.search(data_version().removeprefix(__version__))
    if found is None:
        yield said("zones", "untold")
    else:
        old = look.now.year - int(found[1]) >= _ZONES_AGE_YEARS
        yield said("zones", "old" if old else "well", edition=found[0])


def versions(look: Look) -> Iterator[Check]:
    """Python, SQLite, and the packages the program is made of."""
    packages = ", ".join(f"{name} {found}" for name in _SHOWN if (found := _version(name)))
    python = ".".join(map(str, sys.version_info[:3]))
    values = {"own": __version__, "python": python, "sqlite": sqlite3.sqlite_version, "packages": packages}
    missing = [name for name in _required() if _version(name) is None]
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        yield said("versions", "old_sqlite", **values)
    elif missing:
        yield said("versions", "packages", **{**values, "packages": ", ".join(missing)})
    else:
        yield said("versions", "well", **values)


def _required() -> list[str]:
    try:
        wanted = requires("sms-gateway") or []
    except PackageNotFoundError:  # run from its source
        return []
    return [found[0] for line in wanted if ";" not in line and (found := re.match(r"[\w.-]+", line))]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
