"""Who may call what. Every route declares one thing: a right (panel), a scope (API), or that it is public.

A route that declares nothing is refused, and a test that walks the URL map fails on it.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from math import ceil
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Row
from werkzeug.exceptions import TooManyRequests

from gateway.desk import second_factor, team
from gateway.desk import setup as desk_setup
from gateway.domain import setup_words
from gateway.domain.language import t
from gateway.domain.people import Right, Scope
from gateway.web import hosts, plainness, rights, speech
from gateway.web.sessions import visit
from gateway.web.site import may, now, read, site, write

_View = TypeVar("_View", bound=Callable[..., Any])

TOUCH_EVERY = timedelta(minutes=1)
"""A session in use is noted this often, not at every request."""


FIRST_RUN = timedelta(days=1)
"""For so long after their account was made an admin gets through the first run without the second factor."""


class Open(Enum):
    """What the routes declare that ask for no right: anybody may call them, at any time (public), only once
    somebody can sign in (door), only before that (first). In between the first run (setup): whoever gave its
    code while nobody can sign in, an admin afterwards."""

    PUBLIC = "public"
    DOOR = "door"
    FIRST = "first"
    SETUP = "setup"


Access = Right | Scope | Open
PUBLIC, DOOR, FIRST, SETUP = Open


@dataclass(frozen=True, slots=True)
class Doors:
    """What answers a browser that may not have what it asks for: somebody has to sign in, or, while nobody
    can, to give the code of the first run."""

    sign_in: Callable[[], ResponseReturnValue]
    set_up: Callable[[], ResponseReturnValue]


class _Accounts:
    """Whether anybody can sign in. Nobody is ever deleted, so once it is so it need not be asked again."""

    def __init__(self) -> None:
        self._are_any = False

    def are_any(self) -> bool:
        self._are_any = self._are_any or not read(desk_setup.is_open)
        return self._are_any


def needs(access: Access) -> Callable[[_View], _View]:
    """Declare what a route asks for."""

    def declare(view: _View) -> _View:
        view.__dict__["access"] = access
        return view

    return declare


def takes(octets: int) -> Callable[[_View], _View]:
    """Declare that a route takes a larger request than others: a file, or very many fields."""

    def declare(view: _View) -> _View:
        view.__dict__["takes"] = octets
        return view

    return declare


def _make_room(view: Callable[..., Any]) -> None:
    octets = getattr(view, "takes", None)
    if octets is None:
        return
    request.max_content_length = octets
    request.max_form_parts = plainness.MOST_FIELDS
    if (request.content_length or 0) > octets:
        abort(413, t("The file is larger than {most} MiB. Cut it into several.").format(most=octets >> 20))


def before_factor(view: _View) -> _View:
    """Declare that an admin who has to set up the second factor may call a route before that."""
    view.__dict__["before_factor"] = True
    return view


def access_of(view: Callable[..., Any]) -> Access | None:
    """What a view declared, None when it declared nothing."""
    return cast("Access | None", getattr(view, "access", None))


def install(app: Flask, names: Container[str], doors: Doors) -> None:
    """Check every request before its view runs. `names` are the hosts to answer to."""
    csrf = CSRFProtect(app)
    accounts = _Accounts()

    @app.before_request
    def gate() -> ResponseReturnValue | None:
        speech.speak_to_programs()
        if not hosts.is_trusted(request.host, names):
            abort(400, "This panel does not answer to that name. Add it to trusted_hosts in config.toml.")
        if request.endpoint is None:
            g.visitor = _visitor()  # for the frame round the page that says so
            if g.visitor is not None:
                rights.note_lines()
            speech.speak_to(g.visitor.language if g.visitor else None)
            return None  # no such page, or not with this method: Flask says so
        view = current_app.view_functions[request.endpoint]
        access = access_of(view)
        _make_room(view)
        plainness.refuse_many()
        if isinstance(access, Scope):
            _token_with(access)
            plainness.refuse_repeated()
            return None
        if access is None:
            abort(403, "This address declares no right.")
        if request.endpoint != "static":
            speech.speak_to_strangers()
        if access is not PUBLIC and not accounts.are_any():
            return _before_anybody(access, csrf, doors)
        return _browser(access, csrf, doors)


# --- programs ----------------------------------------------------------------------------------------


def _token_with(scope: Scope) -> None:
    """The token of the request, kept in `g.token`. A browser's cookie never counts here."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    found = read(lambda tx: team.token(tx, secret.strip())) if kind.lower() == "bearer" else None
    if found is None:
        abort(401, "Send a token that counts: Authorization: Bearer gw_...")
    if scope.value not in found.scopes:
        abort(403, f"This token lacks the scope {scope}. It has: {', '.join(found.scopes)}.")
    g.token = found


# --- people ------------------------------------------------------------------------------------------


def _browser(access: Right | Open, csrf: CSRFProtect, doors: Doors) -> ResponseReturnValue | None:
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _same_site()
    if access is FIRST:
        return doors.sign_in()
    if access is not PUBLIC and access is not DOOR:
        g.visitor = _visitor()
        if g.visitor is None:
            is_late = access is SETUP and request.method not in ("GET", "HEAD")
            return _set_up_already() if is_late else doors.sign_in()
        speech.speak_to(g.visitor.language)
        rights.note_lines()
        if _lacks_factor():
            return _to_factor()
        if not may(Right.SETUP if isinstance(access, Open) else access):
            abort(403, t("Your role does not include this. An admin in your office can change it."))
        rights.guard()
        _not_too_often()
    _of_this_session(csrf)
    plainness.refuse_repeated()
    return None


def _lacks_factor() -> bool:
    """Whether whoever asks has to set up the second factor first. The first run is not held up by it."""
    is_exempt = hasattr(current_app.view_functions[str(request.endpoint)], "before_factor")
    if is_exempt or not read(lambda tx: second_factor.is_due(tx, g.visitor)):
        return False
    is_first_run = request.path == "/setup" or request.path.startswith("/setup/")
    return not (is_first_run and now() - g.visitor.joined_at < FIRST_RUN)


def _to_factor() -> ResponseReturnValue:
    """Lead to where it is set up. What a form brought is not thrown away by leaving its page unasked."""
    if request.method not in ("GET", "HEAD"):
        abort(403, setup_words.FACTOR_REQUIRED)
    return redirect("/account?required=1", 303)


def _set_up_already() -> ResponseReturnValue:
    """Answer a form of the first run that comes late: sent twice, its first copy has made the account and
    signed this browser in."""
    return redirect("/setup", 303)


def _before_anybody(access: Right | Open, csrf: CSRFProtect, doors: Doors) -> ResponseReturnValue | None:
    """Nobody can sign in yet: whatever is asked for, the first run answers."""
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        _same_site()
    secret, at = visit().secret, now()
    if access is FIRST or (access is SETUP and read(lambda tx: desk_setup.may_set_up(tx, secret, at))):
        _of_this_session(csrf)
        return None
    return doors.set_up()


def _same_site() -> None:
    """Refuse what another site's page sends. Origin is "null" under our own referrer policy."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "null")
    if fetch_site is not None:
        foreign = fetch_site not in ("same-origin", "none")
    else:
        foreign = origin != "null" and urlsplit(origin).netloc != request.host
    if foreign:
        abort(403, t("This was sent by a page of another site, so it was not done."))


def _not_too_often() -> None:
    pace = getattr(current_app.view_functions[str(request.endpoint)], "pace", None)
    seconds = ceil(site().paces.wait(pace, g.visitor.user_id)) if pace is not None else 0
    if seconds:
        words = t("You asked for this very often. Wait {count} s, then try again.").format(count=seconds)
        raise TooManyRequests(words, retry_after=seconds)


def _of_this_session(csrf: CSRFProtect) -> None:
    """Refuse a form without the token that a page of this session gave it."""
    try:
        csrf.protect()
    except CSRFError:
        words = t(
            "Nothing was done: the page was open for too long. Go back and load it again; "
            "your text is still in its box."
        )
        abort(403, words)


def _visitor() -> Row[Any] | None:
    if not visit().had_cookie:
        return None
    secret, at = visit().secret, now()
    found = read(lambda tx: team.session(tx, secret, at))
    if found is not None:
        _touch(secret, found.last_seen_at, at)
    return found


def _touch(secret: str, last_seen_at: datetime, at: datetime) -> None:
    """Note that the session is used by a person; a page that refreshes itself is no person."""
    if at - last_seen_at > TOUCH_EVERY and "Live" not in request.headers:
        write(lambda tx, _: team.touch(tx, secret, at))
