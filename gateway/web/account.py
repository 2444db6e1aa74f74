"""One's own account: password, second factor, recovery codes, where one is signed in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import second_factor as desk
from gateway.desk import team as desk_team
from gateway.desk.team import BadUser
from gateway.domain import setup_words
from gateway.domain.people import Right
from gateway.store import team
from gateway.web import password_check, second_factor
from gateway.web.access import before_factor, needs
from gateway.web.auth import begin_session
from gateway.web.devices import Device
from gateway.web.frame import page
from gateway.web.new_person import new_password
from gateway.web.sessions import visit
from gateway.web.site import author, now, read, site, visitor, write

account_pages = Blueprint("account", __name__)


@account_pages.get("/account")
@needs(Right.READ)
@before_factor
def show() -> ResponseReturnValue:
    return _page()


def _page(status: int = 200, recovery: Sequence[str] = (), **errors: str) -> Response:
    me, at, own = visitor().user_id, now(), visitor().id_hash
    sessions = read(lambda tx: team.sessions_of(tx, me, at))
    return page(
        "account.html",
        status,
        texts=setup_words,
        errors=errors,
        recovered=setup_words.RECOVERED if "recovered" in request.args else "",
        changed="changed" in request.args,
        languages=site().languages.NAMES,
        devices=[Device.of(row, own) for row in sessions],
        **second_factor.standing(recovery),
    )


def _trouble() -> str:
    return password_check.trouble(request.form.get("current", ""))


@account_pages.post("/account/password")
@needs(Right.READ)
@before_factor
def change_password() -> ResponseReturnValue:
    """Set another password; every other browser is signed out."""
    if trouble := _trouble():
        return _page(422, current=trouble)
    username, actor = visitor().username, str(author())
    hashed, errors = new_password(request.form, username, visitor().name)
    if errors:
        return _page(422, **errors)
    write(lambda tx, at: desk_team.change_password(tx, username, hashed, actor, at))
    begin_session(read(lambda tx: desk_team.known(tx, username)))
    return redirect("/account?changed=1", 303)


@account_pages.post("/account/language")
@needs(Right.READ)
@before_factor
def set_language() -> ResponseReturnValue:
    """In which language the panel speaks to them."""
    username, actor, chosen = visitor().username, str(author()), request.form.get("language", "")
    try:
        write(lambda tx, at: desk_team.set_language(tx, username, chosen, actor, at))
    except BadUser:
        abort(400)  # no form of ours says that
    return redirect("/account#language-card", 303)


@account_pages.post("/account/devices/<device>/sign-out")
@needs(Right.READ)
@before_factor
def sign_out_there(device: str) -> ResponseReturnValue:
    """End one of their own sessions."""
    me, actor = visitor().user_id, str(author())
    if device == visitor().id_hash or not write(
        lambda tx, at: desk_team.sign_out_there(tx, me, device, actor, at)
    ):
        abort(404)
    return redirect("/account#devices", 303)


@account_pages.post("/account/devices/sign-out-elsewhere")
@needs(Right.READ)
@before_factor
def sign_out_elsewhere() -> ResponseReturnValue:
    """End all of their own sessions but this one."""
    me, actor, secret = visitor().user_id, str(author()), visit().secret
    write(lambda tx, at: desk_team.sign_out_elsewhere(tx, me, secret, actor, at))
    return redirect("/account#devices", 303)


@account_pages.post("/account/factor/begin")
@needs(Right.READ)
@before_factor
def begin() -> ResponseReturnValue:
    second_factor.begin()
    return redirect("/account#factor", 303)


@account_pages.post("/account/factor")
@needs(Right.READ)
@before_factor
def turn_on() -> ResponseReturnValue:
    recovery, errors = second_factor.confirm(asks_password=True)
    return _page(422, **errors) if errors else _page(recovery=recovery)


@account_pages.post("/account/factor/off")
@needs(Right.READ)
def turn_off() -> ResponseReturnValue:
    username, actor = visitor().username, str(author())
    if trouble := _trouble():
        return _page(422, off=trouble)
    write(lambda tx, at: desk.remove(tx, username, actor, at))
    return redirect("/account#factor", 303)


@account_pages.post("/account/recovery")
@needs(Right.READ)
def new_recovery() -> ResponseReturnValue:
    """Other recovery codes, shown in this answer, and nowhere else."""
    user_id, actor = visitor().user_id, str(author())
    if trouble := _trouble():
        return _page(422, renew=trouble)
    return _page(recovery=write(lambda tx, at: desk.renew_recovery(tx, user_id, actor, at)))
