"""What the checks look at: found out once, and only when a check asks for it."""

from __future__ import annotations

import contextlib
import os
import pwd
import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row

from gateway.clock import utc_now
from gateway.config import Settings
from gateway.doctor.asking import Answer, ask
from gateway.lock import is_running
from gateway.store import lines, looking, schema
from gateway.store.database import DatabaseError, Tx
from gateway.store.keys import Keys
from gateway.store.looking import Onlooker

T = TypeVar("T")


class NotSeen(Exception):
    """It cannot be looked at. The text says why, `advice` what to do."""

    def __init__(self, why: str, advice: str = "") -> None:
        super().__init__(why)
        self.advice = advice


class Look:
    """One installation, as seen from outside the running program. Nothing of it is changed."""

    def __init__(self, boot: Settings) -> None:
        self.boot, self.folder, self.path = boot, boot.data_dir, boot.database_path
        self.now: datetime = utc_now()

    @cached_property
    def is_open(self) -> bool:
        """Whether there is a data folder, and this user may look into it."""
        return self.folder.is_dir() and os.access(self.folder, os.R_OK | os.X_OK)

    @cached_property
    def running(self) -> bool:
        """Whether the program serves this data folder now."""
        return is_running(self.folder)

    @cached_property
    def revision(self) -> str | None:
        """The schema's revision; None where there is none, or it cannot be read."""
        try:
            return looking.revision(self.path)
        except (looking.Foreign, sqlite3.Error, OSError):
            return None

    @cached_property
    def database(self) -> Onlooker | None:
        """The database, where there is one that this program understands."""
        if self.revision != schema.HEAD:
            return None
        with contextlib.suppress(DatabaseError, OSError):
            return Onlooker(self.path, Keys(self.folder, may_make=False))
        return None

    def denied(self, *paths: Path) -> Path | None:
        """The first of these that is there and may not be read by this user. Raises OSError."""
        return next((path for path in paths if path.exists() and not os.access(path, os.R_OK)), None)

    def read(self, fn: Callable[[Tx], T]) -> T:
        """Run a query. Raises NotSeen where there is no database to ask."""
        if self.database is None:
            raise NotSeen("there is no database that can be read")
        return self.database.read(fn)

    @cached_property
    def lines(self) -> list[Row[Any]]:
        """Rows of the lines in use."""
        return self.read(lines.every)

    @cached_property
    def answers(self) -> dict[int, Answer]:
        """How the modems of the lines answer, by the lines' ids, where no program runs that knows."""
        return {} if self.running else ask(self.lines, self.boot.serial_ports)

    @property
    def owner_id(self) -> int:
        """The user the data folder belongs to: the service's."""
        return self.folder.stat().st_uid

    @property
    def owner(self) -> str:
        """That user's name."""
        return user_name(self.owner_id)


def user_name(uid: int) -> str:
    """A user's name; the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def rights(path: Path) -> str:
    """The rights of a file as chmod writes them: "0600"."""
    return f"{path.stat().st_mode & 0o7777:04o}"
