"""Signing in and out."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Any, cast
from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import second_factor as desk_factor
from gateway.desk import setup as desk_setup
from gateway.desk import team as desk
from gateway.domain import setup_words
from gateway.domain.people import Right
from gateway.store import team
from gateway.web import second_factor
from gateway.web.access import DOOR, needs
from gateway.web.frame import office_name, page
from gateway.web.sessions import Visit
from gateway.web.site import may, now, read, visitor, write
from gateway.web.wizard import seen_elsewhere

auth = Blueprint("auth", __name__)

WRONG = "That username and password do not fit together. Check both and try again."
TOO_LATE = "That took too long. Sign in again; then you have five minutes to type the code."


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
@needs(DOOR)
def sign_in_form() -> ResponseReturnValue:
    return _form()


@auth.post("/sign-in")
@needs(DOOR)
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
    if desk_factor.is_on(user):
        return _code_form(user)
    begin_session(user)
    return redirect(_local(request.form.get("then", "")), 303)


def begin_session(user: Row[Any]) -> None:
    """Sign somebody in with this answer."""
    address, agent = request.remote_addr or "", request.user_agent.string
    secret = write(lambda tx, at: desk.sign_in(tx, user, address, agent, at))
    _visit().remember(secret)


def _code_form(user: Row[Any], status: int = 200, error: str = "") -> Response:
    _visit().remember()
    html = render_template(
        "sign_in_code.html",
        office=office_name(),
        error=error,
        lost=setup_words.LOST_BOTH.format(name=user.username),
        pending=second_factor.pending(user),
        then=_local(request.form.get("then", "")),
    )
    return make_response(html, status)


@auth.post("/sign-in/code")
@needs(DOOR)
def sign_in_code() -> ResponseReturnValue:
    """The app's code, or the recovery code, after the password."""
    user = second_factor.whose(request.form.get("pending", ""))
    if user is None:
        return _form(401, error=TOO_LATE)
    name, address, at = user.username, request.remote_addr or "", now()
    pause = read(lambda tx: desk.pause_before_sign_in(tx, name, address, at))
    if pause:
        return _paused(_code_form(user, 429, _too_many(pause)), pause)
    typed = request.form.get("code", "")
    if not write(lambda tx, at: desk_factor.take(tx, user.id, typed, at)):
        write(lambda tx, at: desk.sign_in_failed(tx, name, address, at))
        return _code_form(user, 401, setup_words.FACTOR_WRONG)
    begin_session(user)
    after = read(lambda tx: team.user(tx, user.id))
    if user.recovery_hash is not None and after.recovery_hash is None:
        return redirect("/account?recovered=1", 303)
    return redirect(_local(request.form.get("then", "")), 303)


def _wait(pause: timedelta) -> Response:
    return _paused(_form(429, error=_too_many(pause)), pause)


def _too_many(pause: timedelta) -> str:
    return f"Too many tries. Wait {ceil(pause.total_seconds())} seconds and try again."


def _paused(answer: Response, pause: timedelta) -> Response:
    answer.headers["Retry-After"] = str(ceil(pause.total_seconds()))
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
    elsewhere = seen_elsewhere()
    return page(
        "more.html",
        may_set_hours=may(Right.HOURS_SET),
        may_back_up=may(Right.BACKUP),
        may_invite=may(Right.TEAM_SET),
        steps_left=read(lambda tx: desk_setup.left(tx, elsewhere)) if may(Right.SETUP) else 0,
        asked_for=setup_words.ASKED_FOR if desk_factor.is_wanted(visitor()) else "",
    )
