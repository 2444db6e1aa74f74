"""`sms-gateway doctor`: what is checked, what was found, and what to do about it.

Nothing is changed by it, it needs no root, and it ends whatever hangs: each check has a limit of time. What
cannot be looked at is said, and how it can be. The checks are `table.ROWS`, a file for each theme beside it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from gateway.config import ConfigError, Settings
from gateway.doctor.check import Check, in_two, said, said_of_any
from gateway.doctor.look import Look, NotSeen
from gateway.doctor.table import ROWS, Needs, Row
from gateway.domain import doctor_words
from gateway.domain.doctor_finding import AS_ROOT
from gateway.domain.doctor_words import SUBJECTS

__all__ = ["Check", "Needs", "Row", "examine", "examine_from", "in_order", "summary"]

T = TypeVar("T")

LOOK_WITHIN_S = 15.0
"""Seconds the data folder may take to answer at all."""
ALTOGETHER_S = 180.0
"""Seconds after which no further check is begun."""
_ORDER = {subject: place for place, subject in enumerate(SUBJECTS)}


def examine_from(load: Callable[[], Settings]) -> list[Check]:
    """`examine` what the settings say that `load` gives; with settings that cannot be used, that is all that
    is found."""
    try:
        boot = load()
    except ConfigError as error:
        why, advice = in_two(str(error))
        hidden = isinstance(error.__context__, PermissionError)
        return [said("settings", "not_ours" if hidden else "wrong", why=why, advice=advice)]
    return [said("settings", "well"), *examine(boot)]


def examine(boot: Settings, rows: Sequence[Row] = ROWS) -> list[Check]:
    """Run every check that can be made, in the order of the table."""
    look = Look(boot)
    end = time.monotonic() + ALTOGETHER_S
    there = _in_time(lambda: _there(look), LOOK_WITHIN_S, Needs.NOTHING)  # the disk may hang
    found: list[Check] = []
    for row in rows:
        if row.needs <= there:
            left = min(row.limit_s, end - time.monotonic())
            found += _in_time(partial(_made, row, look), left, [_too_long(row, left)])
    skipped = [row for row in rows if row.needs > there]
    return found + ([_skipped(skipped)] if skipped else [])


def in_order(found: Sequence[Check]) -> list[Check]:
    """What needs a person first, then what could not be looked at, then what is well; each by what
    matters."""
    return sorted(found, key=lambda one: (one.ok, one.seen, _ORDER[one.subject]))


def summary(found: Sequence[Check]) -> str:
    """The last sentence: how many things need a person, and which is the first."""
    wrong = [f"{one.name}: {one.found.partition('. ')[0]}" for one in in_order(found) if not one.ok]
    return doctor_words.summary(wrong, len([one for one in found if not one.seen]))


def _there(look: Look) -> Needs:
    """What there is to look at."""
    try:
        if not look.is_open:
            return Needs.NOTHING
    except OSError:
        return Needs.NOTHING
    return Needs.FOLDER if look.database is None else Needs.DATABASE


def _in_time(work: Callable[[], T], seconds: float, otherwise: T) -> T:
    """What `work` gives, or `otherwise` when it does not end in that time; it is left to itself then."""
    done: list[T] = []
    thread = threading.Thread(target=lambda: done.append(work()), daemon=True)
    thread.start()
    thread.join(max(seconds, 0.0))
    return done[0] if done else otherwise


def _made(row: Row, look: Look) -> list[Check]:
    name = row.subjects[0]
    try:
        return list(row.run(look))
    except NotSeen as unseen:
        return [_not_seen(row, str(unseen), unseen.advice)]
    except PermissionError as error:
        return [_not_seen(row, f"{error.filename}: {error.strerror}", AS_ROOT)]
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        return [_not_seen(row, str(getattr(error, "orig", None) or error), doctor_words.DAMAGED)]
    except Exception as error:  # noqa: BLE001 - one mistake of ours must not hide what the others find
        why = f"{type(error).__name__} in {name}: {error}"
        return [said_of_any(_plain_name(row), doctor_words.MISTAKE, name, why=why)]


def _not_seen(row: Row, why: str, advice: str) -> Check:
    return said_of_any(_plain_name(row), doctor_words.COULD_NOT, row.subjects[0], why=why, advice=advice)


def _too_long(row: Row, seconds: float) -> Check:
    return said_of_any(
        _plain_name(row), doctor_words.TOO_LONG, row.subjects[0], seconds=max(round(seconds), 0)
    )


def _skipped(rows: Sequence[Row]) -> Check:
    """What needs a folder or a database that is not there, or that this user may not read."""
    names = ", ".join(map(_plain_name, rows))
    return said_of_any(doctor_words.REST, doctor_words.SKIPPED, rows[0].subjects[0], names=names)


def _plain_name(row: Row) -> str:
    """The subject's name without what it is filled with: "line" for "line {line}"."""
    return SUBJECTS[row.subjects[0]].name.partition(" {")[0]
