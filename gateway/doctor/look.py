"""What the checks look at: found out once, and only when a check asks for it."""

from __future__ import annotations

import contextlib
import os
import pwd
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row

from gateway.clock import utc_now
from gateway.config import Settings
from gateway.doctor.asking import Answer, ask
from gateway.domain.doctor_finding import AS_ROOT
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

    def may(self, path: Path, *, write: bool = False) -> bool:
        """Whether the service's user may read a file, and write it; the folders above it count. What holds is
        asked of the kernel as that user, since lists of rights (acl(5)) are not seen in a file's mode.

        Raises:
            NotSeen: this user may not ask as that one.
            OSError: it could not be asked.
        """
        user = os.geteuid()
        if user == self.owner_id:
            return os.access(path, os.R_OK | (os.W_OK if write else 0))
        if user != 0:
            raise NotSeen(f"only root can tell what {self.owner} may read", AS_ROOT)
        asks = 'test -r "$1"' + (' -a -w "$1"' if write else "")
        groups = _groups(self.owner_id)
        asked = subprocess.run(  # noqa: S603 - fixed words
            ["/bin/sh", "-c", asks, "sh", path],
            user=self.owner_id, group=groups[0], extra_groups=groups, check=False,
        )  # fmt: skip
        return asked.returncode == 0

    def denied(self, *paths: Path) -> Path | None:
        """The first of these that is there and may not be read by the service's user. Raises as `may`."""
        return next((path for path in paths if path.exists() and not self.may(path)), None)

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


def _groups(uid: int) -> list[int]:
    """The groups of a user, its own first; a user that is not listed is in nobody else's."""
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return [uid]
    return os.getgrouplist(user.pw_name, user.pw_gid)


def rights(path: Path) -> str:
    """The rights of a file as chmod writes them: "0600"."""
    return f"{path.stat().st_mode & 0o7777:04o}"
