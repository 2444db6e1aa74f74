"""One's own account: password, second factor, recovery code."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import second_factor as desk
from gateway.desk import team as desk_team
from gateway.desk.second_factor import WrongCode
from gateway.desk.team import BadUser, hash_password
from gateway.domain import setup_words
from gateway.domain.people import Right
from gateway.store import team
from gateway.web import second_factor
from gateway.web.access import needs
from gateway.web.auth import begin_session
from gateway.web.frame import page
from gateway.web.site import author, read, visitor, write

account_pages = Blueprint("account", __name__)

WRONG_PASSWORD = "This is not your password. Type the one you signed in with."  # noqa: S105 - a sentence


@account_pages.get("/account")
@needs(Right.READ)
def show() -> ResponseReturnValue:
    return _page()


def _page(status: int = 200, recovery: str = "", **errors: str) -> Response:
    user_id = visitor().user_id
    user = read(lambda tx: team.user(tx, user_id))
    values: dict[str, Any] = {
        "is_on": desk.is_on(user),
        "has_recovery": user.recovery_hash is not None,
        "enrolment": read(lambda tx: second_factor.enrolment(tx, user_id)),
        "asked_for": setup_words.ASKED_FOR if desk.is_wanted(user) else "",
        "recovery": second_factor.shown(recovery),
        "recovered": setup_words.RECOVERED if "recovered" in request.args else "",
        "changed": "changed" in request.args,
    }
    return page("account.html", status, texts=setup_words, errors=errors, **values)


def _knows_password(typed: str) -> bool:
    user_id = visitor().user_id
    return desk_team.password_fits(read(lambda tx: team.user(tx, user_id)), typed)


@account_pages.post("/account/password")
@needs(Right.READ)
def change_password() -> ResponseReturnValue:
    """Set another password; every other browser is signed out."""
    username, password = visitor().username, request.form.get("password", "")
    if not _knows_password(request.form.get("current", "")):
        return _page(422, current=WRONG_PASSWORD)
    if password != request.form.get("again", ""):
        return _page(422, again=setup_words.PASSWORDS_DIFFER)
    try:
        hashed = hash_password(password, username)
    except BadUser as error:
        return _page(422, password=str(error))
    actor = str(author())
    write(lambda tx, at: desk_team.change_password(tx, username, hashed, actor, at))
    begin_session(read(lambda tx: desk_team.known(tx, username)))
    return redirect("/account?changed=1", 303)


@account_pages.post("/account/factor/begin")
@needs(Right.READ)
def begin() -> ResponseReturnValue:
    user_id = visitor().user_id
    write(lambda tx, _: desk.begin(tx, user_id))
    return redirect("/account#factor", 303)


@account_pages.post("/account/factor")
@needs(Right.READ)
def turn_on() -> ResponseReturnValue:
    """The first code of the app turns it on; the recovery code is shown in this answer, and nowhere else."""
    user_id, typed, actor = visitor().user_id, request.form.get("code", ""), str(author())
    try:
        recovery = write(lambda tx, at: desk.turn_on(tx, user_id, typed, actor, at))
    except WrongCode:
        return _page(422, code=setup_words.FACTOR_WRONG)
    return _page(recovery=recovery)


@account_pages.post("/account/factor/off")
@needs(Right.READ)
def turn_off() -> ResponseReturnValue:
    username, actor = visitor().username, str(author())
    if not _knows_password(request.form.get("current", "")):
        return _page(422, off=WRONG_PASSWORD)
    write(lambda tx, at: desk.remove(tx, username, actor, at))
    return redirect("/account#factor", 303)


@account_pages.post("/account/recovery")
@needs(Right.READ)
def new_recovery() -> ResponseReturnValue:
    """Another recovery code, shown in this answer, and nowhere else."""
    user_id, actor = visitor().user_id, str(author())
    if not _knows_password(request.form.get("current", "")):
        return _page(422, renew=WRONG_PASSWORD)
    return _page(recovery=write(lambda tx, at: desk.renew_recovery(tx, user_id, actor, at)))
