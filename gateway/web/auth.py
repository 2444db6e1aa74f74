"""Signing in and out."""

from __future__ import annotations

from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import quote

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import second_factor as desk_factor
from gateway.desk import setup as desk_setup
from gateway.desk import team as desk
from gateway.desk.second_factor import Given
from gateway.desk.tries import TooSoon
from gateway.domain import setup_words
from gateway.domain.language import t, tn
from gateway.domain.people import Right
from gateway.store import team
from gateway.store.database import Tx
from gateway.web import password_check, second_factor
from gateway.web.access import DOOR, before_factor, needs
from gateway.web.frame import office_name, page
from gateway.web.sessions import visit
from gateway.web.site import may, read, visitor, write
from gateway.web.wizard import seen_elsewhere

auth = Blueprint("auth", __name__)

WRONG = t("That username and password do not fit together. Check both and try again.")
TOO_LATE = t("That took too long. Sign in again; then you have five minutes to type the code.")
_NOT_THIS_CODE = {Given.WRONG: setup_words.FACTOR_WRONG, Given.USED: setup_words.FACTOR_USED}


def _form(status: int = 200, *, error: str = "", unsent: str = "", ended: bool = False) -> Response:
    visit().keep()
    html = render_template(
        "sign_in.html",
        office=office_name(),
        forgotten=setup_words.FORGOTTEN,
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
    return _form(401, ended=visit().had_cookie, unsent=request.form.get("body", ""))


@auth.get("/sign-in")
@needs(DOOR)
def sign_in_form() -> ResponseReturnValue:
    return _form()


@auth.post("/sign-in")
@needs(DOOR)
def sign_in() -> ResponseReturnValue:
    username = request.form.get("username", "").strip().lower()
    password = request.form.get("password", "")
    try:
        user = password_check.whose(username, password)
    except TooSoon as early:
        return paused(_form(429, error=too_many(early)), early)
    if user is None:
        return _form(401, error=WRONG)
    if desk_factor.is_on(user):
        return _code_form(user)
    begin_session(user)
    return redirect(_local(request.form.get("then", "")), 303)


def begin_session(user: Row[Any]) -> None:
    """Sign somebody in with this answer; whoever was signed in with this browser is no more."""
    agent, address, before = request.user_agent.string, request.remote_addr, visit().secret

    def begin(tx: Tx, at: datetime) -> str:
        desk.sign_out(tx, before)
        return desk.sign_in(tx, user, agent, at, address)

    visit().begin(write(begin))


def _code_form(user: Row[Any], status: int = 200, error: str = "") -> Response:
    visit().keep()
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
    """The app's code, or a recovery code, after the password."""
    user = second_factor.whose(request.form.get("pending", ""))
    if user is None:
        return _form(401, error=TOO_LATE)
    typed, address = request.form.get("code", ""), request.remote_addr or ""
    used = read(lambda tx: _codes_used(tx, user.id))
    try:
        given = write(lambda tx, at: desk_factor.give(tx, user.id, typed, address, at))
    except TooSoon as early:
        stolen = setup_words.NOT_YOU.format(name=user.username)
        return paused(_code_form(user, 429, f"{too_many(early)} {stolen}"), early)
    if given is not Given.FITS:
        return _code_form(user, 401, _NOT_THIS_CODE[given])
    begin_session(user)
    if read(lambda tx: _codes_used(tx, user.id)) > used:
        return redirect("/account?recovered=1", 303)
    return redirect(_local(request.form.get("then", "")), 303)


def _codes_used(tx: Tx, user_id: int) -> int:
    return sum(row.used_at is not None for row in team.recovery_codes_of(tx, user_id))


def too_many(early: TooSoon) -> str:
    """What somebody is told who has to wait before the next try."""
    seconds = ceil(early.wait.total_seconds())
    if seconds <= 120:
        return tn(
            "Too many tries. Wait {count} second and try again.",
            "Too many tries. Wait {count} seconds and try again.",
            seconds,
        )
    return tn(
        "Too many tries. Wait {count} minute and try again.",
        "Too many tries. Wait {count} minutes and try again.",
        ceil(seconds / 60),
    )


def paused(answer: Response, early: TooSoon) -> Response:
    """The same answer, with when the next try counts (RFC 9110, 10.2.3)."""
    answer.headers["Retry-After"] = str(ceil(early.wait.total_seconds()))
    return answer


@auth.post("/sign-out")
@needs(Right.READ)
@before_factor
def sign_out() -> ResponseReturnValue:
    secret = visit().secret
    write(lambda tx, _: desk.sign_out(tx, secret))
    visit().forget()
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
        may_keep_templates=may(Right.TEMPLATE_OWN),
        may_set_office=may(Right.WINDOWS_SET),
        may_back_up=may(Right.BACKUP),
        may_invite=may(Right.TEAM_SET),
        may_audit=may(Right.AUDIT_READ),
        steps_left=read(lambda tx: desk_setup.left(tx, elsewhere)) if may(Right.SETUP) else 0,
        asked_for=setup_words.ASKED_FOR if desk_factor.is_wanted(visitor()) else "",
    )
