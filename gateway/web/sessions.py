"""The session cookie: one random secret, nothing else.

Who is signed in stands in the database under the secret's hash. The CSRF token of a browser is derived
from the same secret, so it lives exactly as long as the session and needs no storage.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any, cast

from flask import Flask, Request, Response, request, session
from flask.sessions import SessionInterface, SessionMixin

from gateway.desk.team import SESSION_LENGTH


class Visit(dict[str, Any], SessionMixin):
    """One browser. Before sign-in it holds a secret of its own, so that the sign-in form is protected too."""

    def __init__(self, secret: str, had_cookie: bool) -> None:
        super().__init__(csrf_token=hashlib.sha256(b"csrf:" + secret.encode()).hexdigest())
        self.secret = secret
        self.had_cookie = had_cookie
        self.set_cookie = False
        self.clear_cookie = False

    def begin(self, secret: str) -> None:
        """Send the cookie of another secret with this answer."""
        self.secret = secret
        self.set_cookie = True

    def keep(self) -> None:
        """Send the cookie with this answer, where the browser has none: of a form that is sent twice, the
        second answer must not take back what the first one began."""
        self.set_cookie = self.set_cookie or not self.had_cookie

    def forget(self) -> None:
        """Take the cookie away with this answer."""
        self.clear_cookie = True


def visit() -> Visit:
    """The browser of this request."""
    return cast(Visit, session)


def cookie_name(is_secure: bool) -> str:
    """Name of the session cookie. Browsers bind `__Host-` names to this host and to TLS, and take them over
    nothing else; without TLS, which only this machine's own programs may do, it is another."""
    return "__Host-sid" if is_secure else "sid"


class CookieSessions(SessionInterface):
    """Reads and writes the cookie of the way a request came by."""

    def open_session(self, app: Flask, request: Request) -> Visit:
        """The visit a request belongs to; a new one when it brings no cookie."""
        found = request.cookies.get(cookie_name(request.is_secure), "")
        return Visit(found or secrets.token_urlsafe(32), bool(found))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set or clear the cookie where a handler asked for it."""
        if not isinstance(session, Visit):
            return
        secure = request.is_secure
        name = cookie_name(secure)
        if session.clear_cookie:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Lax")
        elif session.set_cookie:
            response.set_cookie(
                name,
                session.secret,
                max_age=SESSION_LENGTH,
                path="/",
                secure=secure,
                httponly=True,
                samesite="Lax",
            )
