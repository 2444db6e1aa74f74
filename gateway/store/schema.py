"""The schema's version: creating it, checking it, upgrading it. Alembic is imported only to migrate."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gateway.store.database import CannotOpen
from gateway.store.keys import Keys

HEAD = "0004"
"""Revision this program works with; a test holds it against the migrations."""


def version(path: Path) -> str | None:
    """Revision of the database at `path`, None when there is no schema yet.

    Raises:
        CannotOpen: the file cannot be opened, is not a database, or is another program's.
    """
    if not path.exists():
        return None
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            if not tables:
                return None
            if "alembic_version" not in tables:
                raise CannotOpen(
                    f"{path} is the database of another program. Choose another file with the database "
                    "setting. Nothing was changed."
                )
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return str(row[0]) if row else None
        finally:
            connection.close()
    except sqlite3.Error as error:
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


def prepare(path: Path) -> None:
    """Create the schema in an empty place, or check that it is ours.

    Raises:
        CannotOpen: it belongs to a newer program, or needs `migrate`, or cannot be created.
    """
    found = version(path)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise CannotOpen(
            f"{path} was written by a newer sms-gateway (schema {found}, this program knows {HEAD}). "
            "Install that version again, or restore a backup made before the update. Nothing was changed."
        )
    migrate(path)


def migrate(path: Path) -> None:
    """Bring the database to `HEAD`, each revision in one transaction."""
    from alembic import command
    from alembic.config import Config

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise CannotOpen(
            f"{path} cannot be created: {error.strerror}. Give this user the right to write there, "
            "or choose another folder with the data_dir setting."
        ) from None
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["path"] = path
    command.upgrade(config, HEAD)
