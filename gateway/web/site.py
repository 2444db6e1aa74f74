"""What every request handler may reach: the store, the boot settings, the time, and who is asking.

The one place that knows where Flask keeps them; there are no module globals, so several panels can run in
one process.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, current_app, g, has_request_context, request
from sqlalchemy import Row

from gateway import languages as shipped
from gateway.config import Settings
from gateway.desk.drafts import Author
from gateway.domain.language import Language, speaking, spoken
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import team
from gateway.store.database import Database, Tx
from gateway.web.opening import NOT_OPENED, Opening
from gateway.web.plainness import Paces
from gateway.web.presence import Presence

T = TypeVar("T")

_EXTENSION = "sms-gateway"
_LINES: ContextVar[frozenset[int] | None] = ContextVar("lines", default=None)
"""The lines a verb may see, while it runs on the writer's thread."""


class Languages(Protocol):
    """The languages the panel speaks: `gateway.languages`, or a test's own."""

    NAMES: dict[str, str]

    def of(self, code: str) -> Language: ...

    def preferred(self, accepted: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Site:
    """What `create_app` was given. `clock` returns the time now, aware."""

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    opening: Opening = NOT_OPENED
    languages: Languages = shipped
    presence: Presence = field(default_factory=Presence)
    paces: Paces = field(default_factory=Paces)

    def attach(self, extensions: dict[str, Any]) -> None:
        """Hang it on an application."""
        extensions[_EXTENSION] = self


def site() -> Site:
    """The site of this request."""
    return cast(Site, current_app.extensions[_EXTENSION])


def site_of(app: Flask) -> Site:
    """The site an application was made with."""
    return cast(Site, app.extensions[_EXTENSION])


def now() -> datetime:
    """The time, UTC."""
    return site().clock()


def read(fn: Callable[[Tx], T]) -> T:
    """Run a read; see `Database.read`."""
    return site().database.read(fn)


def write(fn: Callable[[Tx, datetime], T]) -> T:
    """Run `fn(tx, now)` and wait until its rows are on disk; see `Database.write_now`.

    It runs on the writer's thread, where there is no request: what it needs of one is taken before, as are
    the language in which it says why it refuses, the lines it may see, and from where it is asked for.
    """
    at, language, lines = now(), spoken(), lines_seen()
    address = request.remote_addr if has_request_context() else None

    def verb(tx: Tx) -> T:
        before = _LINES.set(lines)
        try:
            with speaking(language), team.noting_from(address):
                return fn(tx, at)
        finally:
            _LINES.reset(before)

    return site().database.write_now(verb)


def limit_to_lines(lines: frozenset[int] | None) -> None:
    """Show this request those lines only; None: all of them."""
    g.lines = lines


def lines_seen() -> frozenset[int] | None:
    """The lines this request, or the verb it has had written, may see; None: all of them."""
    return g.get("lines") if has_request_context() else _LINES.get()


def visitor() -> Row[Any]:
    """The session of whoever is signed in, with their user."""
    return cast("Row[Any]", g.visitor)


def may(right: Right) -> bool:
    """Whether whoever is signed in has that right."""
    return right in RIGHTS[Role(visitor().role)]


def author() -> Author:
    """Whoever is signed in, as the author of what they write."""
    return Author("person", visitor().user_id, visitor().name)
