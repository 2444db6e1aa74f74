"""The schema's version: creating it, checking it, upgrading it. Alembic is imported only to migrate."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
from pathlib import Path

from gateway import __version__
from gateway.store import engines, looking, precopy
from gateway.store.database import CannotOpen, DatabaseError, Locked
from gateway.store.keys import Keys

log = logging.getLogger(__name__)

HEAD = "0005"
"""Revision this program works with; a test holds it against the migrations."""


def version(path: Path) -> str | None:
    """Revision of the database at `path`, None when there is no schema yet.

    Raises:
        CannotOpen: the file cannot be opened, is not a database, or is another program's.
        Locked: another program keeps it locked.
    """
    if not path.exists():
        return None
    try:
        with contextlib.closing(_onlooking(path)) as connection:
            return looking.revision_in(connection)
    except looking.Foreign:
        raise CannotOpen(
            f"{path} is the database of another program. Choose another file with the database setting. "
            "Nothing was changed."
        ) from None
    except sqlite3.Error as error:
        if _is_busy(error):
            raise Locked.at(path) from None
        raise CannotOpen(
            f"{path} cannot be opened as a database ({error}). "
            "Check its owner and rights, or restore a backup."
        ) from None


def prepare_with_keys(path: Path, data_dir: Path) -> Keys:
    """`prepare`, and the secret of the data folder: a new one only where there is no schema yet.

    The secret comes first, so that a start that breaks off between the two can be repeated.

    Raises:
        CannotOpen: see `prepare` and `Keys`.
    """
    keys = Keys(data_dir, may_make=version(path) is None)
    prepare(path)
    return keys


def is_behind(path: Path) -> bool:
    """Whether the database at `path` is of an earlier schema than this program's.

    Raises:
        CannotOpen: see `version`.
    """
    found = version(path)
    return found is not None and found < HEAD


def prepare(path: Path) -> None:
    """Create the schema in an empty place, check that it is ours, or bring it to `HEAD` (`migrate`).

    Raises:
        CannotOpen: it belongs to a newer program, or cannot be created or brought to this schema.
        Locked: another program keeps it locked.
    """
    found = version(path)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        writer = _made_by(path) or "a newer sms-gateway"
        raise CannotOpen(
            f"{path} was written by {writer} (schema {found}); this is sms-gateway {__version__}, "
            f"which knows schema {HEAD}. Install that version again, "
            "or restore a backup made before the update. Nothing was changed."
        )
    migrate(path)


def _made_by(path: Path) -> str | None:
    """The program that brought the database at `path` to its schema, as it wrote down itself."""
    try:
        with contextlib.closing(_onlooking(path)) as connection:
            row = connection.execute("SELECT value FROM box_state WHERE name = 'schema'").fetchone()
        return f"sms-gateway {json.loads(row[0])['program']}" if row else None
    except (sqlite3.Error, ValueError, KeyError, TypeError):  # a newer program may keep it elsewhere
        return None


def _onlooking(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=engines.BUSY_TIMEOUT_MS / 1000)


def migrate(path: Path) -> None:
    """Bring the database to `HEAD`: first a verified copy (`precopy`), then all revisions in one transaction,
    so that whatever ends the program leaves the old schema or the new one.

    Raises:
        CannotOpen: there is no room for the copy, or a revision failed; nothing was changed.
        Locked: another program keeps it locked.
    """
    _make_place(path)
    found = version(path)
    if found is not None:
        copy = precopy.make(path, found, HEAD)
        log.info("updating the database from schema %s to %s; the copy before it is %s", found, HEAD, copy)
    _run_revisions(path)
    precopy.forget_old(path)


def _make_place(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise CannotOpen(
            f"{path} cannot be created: {error.strerror}. Give this user the right to write there, "
            "or choose another folder with data_dir in config.toml."
        ) from None


def _run_revisions(path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["path"] = path
    try:
        command.upgrade(config, HEAD)
    except Exception as error:  # whatever it is: the next start would copy everything and end the same way
        raise _failed(path, error) from error


def _failed(path: Path, error: Exception) -> DatabaseError:
    reason = getattr(error, "orig", None) or error
    if _is_busy(reason):
        return Locked.at(path)
    why = str(reason) if isinstance(reason, sqlite3.Error | OSError) else repr(reason)
    return CannotOpen(
        f"{path} could not be brought to schema {HEAD} ({why}). Make sure that its disk is well and has "
        "room, then start again; or install the version that was there before. Nothing was changed."
    )


def _is_busy(error: BaseException) -> bool:
    return getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY"
