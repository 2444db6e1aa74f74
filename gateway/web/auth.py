"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import cast
from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import team as desk
from gateway.domain.people import Right
from gateway.store import team
from gateway.web.access import PUBLIC, needs
from gateway.web.frame import office_name, page
from gateway.web.sessions import Visit
from gateway.web.site import may, now, read, write

auth = Blueprint("auth", __name__)

WRONG = "That username and password do not fit together. Check both and try again."


def _visit() -> Visit:
    return cast(Visit, session)


def _form(status: int = 200, *, error: str = "", unsent: str = "", ended: bool = False) -> Response:
    _visit().remember()
    html = render_template(
        "sign_in.html",
        office=office_name(),
        error=error,
        unsent=unsent,
        ended=ended,
        username=request.form.get("username", ""),
        then=_local(request.values.get("then", "")),
    )
    return make_response(html, status)


def _local(path: str) -> str:
    """A path of this panel to go to after signing in; anything else leads to the inbox."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if safe else "/"


def show_sign_in() -> ResponseReturnValue:
    """Answer a page that needs somebody signed in; what was typed is shown, so that it is not lost."""
    if request.method == "GET":
        then = request.full_path.rstrip("?")
        return redirect("/sign-in" if then == "/" else f"/sign-in?then={quote(then)}", 303)
    return _form(401, ended=_visit().had_cookie, unsent=request.form.get("body", ""))


@auth.get("/sign-in")
@needs(PUBLIC)
def sign_in_form() -> ResponseReturnValue:
    return _form()


@auth.post("/sign-in")
@needs(PUBLIC)
def sign_in() -> ResponseReturnValue:
    username = request.form.get("username", "").strip().lower()
    password = request.form.get("password", "")
    address = request.remote_addr or ""
    at = now()
    pause = read(lambda tx: desk.pause_before_sign_in(tx, username, address, at))
    if pause:
        return _wait(pause)
    user = read(lambda tx: team.user_by_name(tx, username))
    if not desk.password_fits(user, password) or user is None:
        write(lambda tx, at: desk.sign_in_failed(tx, username, address, at))
        return _form(401, error=WRONG)
    agent = request.user_agent.string
    secret = write(lambda tx, at: desk.sign_in(tx, user, address, agent, at))
    _visit().remember(secret)
    return redirect(_local(request.form.get("then", "")), 303)


def _wait(pause: timedelta) -> Response:
    seconds = ceil(pause.total_seconds())
    answer = _form(429, error=f"Too many tries. Wait {seconds} seconds and try again.")
    answer.headers["Retry-After"] = str(seconds)
    return answer


@auth.post("/sign-out")
@needs(Right.READ)
def sign_out() -> ResponseReturnValue:
    secret = _visit().secret
    write(lambda tx, _: desk.sign_out(tx, secret))
    _visit().forget()
    answer = redirect("/sign-in", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@auth.get("/more")
@needs(Right.READ)
def more() -> ResponseReturnValue:
    """Who is signed in; on a phone also the way out."""
    return page("more.html", may_set_hours=may(Right.HOURS_SET))
