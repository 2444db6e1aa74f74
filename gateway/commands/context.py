"""What every command works with: boot settings, the open database, and who acts."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from gateway import config
from gateway.clock import utc_now
from gateway.config import Settings
from gateway.desk.drafts import Author
from gateway.domain.typed import shown
from gateway.lock import only_one
from gateway.owner import become_owner_of
from gateway.store import schema
from gateway.store.database import Database, Tx

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])
now = utc_now


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a uid without a name, as in a container
        return "command"


class Context:
    """Made once per command; opens the database only when the command asks for it."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.author = Author("command", None, _who())

    @property
    def actor(self) -> str:
        """The person at the keyboard, for the audit log."""
        return str(self.author)

    def settings(self) -> Settings:
        """Boot settings."""
        return config.load(self.file)

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """The database, created when there is none; root works on it as its owner does.

        Raises:
            AlreadyRunning: it needs an update, and the program before that update still serves it.
        """
        boot = self.settings()
        path = boot.database_path
        become_owner_of(boot.data_dir)
        if schema.is_behind(path):
            with only_one(boot.data_dir, path.parent):
                schema.prepare(path)
        # a failing disk is said once, by the error the command ends with
        database = Database(path, schema.prepare_with_keys(path, boot.data_dir), lambda reason: None)
        try:
            yield database
        finally:
            database.close()

    def write(self, verb: Callable[[Tx], T]) -> T:
        """Run one verb in one transaction."""
        with self.database() as database:
            return database.write_now(verb)

    def read(self, query: Callable[[Tx], T]) -> T:
        """Run one query."""
        with self.database() as database:
            return database.read(query)


pass_context = click.make_pass_decorator(Context)


class _Count(click.IntRange):
    """How many: click's own errors are formulas."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(f"{shown(str(value))} is no whole number from {self.min} to {self.max}.", param, ctx)


def limit(default: int) -> Callable[[Command], Command]:
    """--limit, for what shows a list."""
    return click.option("--limit", default=default, show_default=True, type=_Count(1, 500))


as_json = click.option("--json", "as_json", is_flag=True, help="Print the API's own objects.")
