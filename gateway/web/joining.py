"""Colleagues: a link for each, made by an admin; whoever opens it chooses a name and a password."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import invitations as desk
from gateway.desk import second_factor
from gateway.desk import setup as desk_setup
from gateway.desk.invitations import LinkOver
from gateway.desk.team import BadUser
from gateway.domain import role_words, setup_words
from gateway.domain.language import t
from gateway.domain.people import Right, Role
from gateway.domain.setup import Step
from gateway.store import invitations, settings, team
from gateway.store.database import Tx
from gateway.web import hosts, qr
from gateway.web.access import DOOR, needs
from gateway.web.auth import begin_session
from gateway.web.frame import office_name
from gateway.web.new_person import NewPerson, new_password
from gateway.web.other_machines import base, trust_first
from gateway.web.present import Times
from gateway.web.sessions import visit
from gateway.web.site import now, read, visitor, write
from gateway.web.wizard import FINISH, place_of, who, wizard

join_pages = Blueprint("joining", __name__)

# --- inviting ----------------------------------------------------------------------------------------


@join_pages.get("/setup/colleagues")
@needs(Right.TEAM_SET)
def colleagues() -> ResponseReturnValue:
    return _colleagues()


def _colleagues(**made: Any) -> Response:
    at = now()
    every = read(
        lambda tx: [
            (row.id, row.role, row.expires_at)
            for row in invitations.counting(tx, at)
            if row.for_user_id is None
        ]
    )
    return wizard(
        "setup_colleagues.html",
        Step.COLLEAGUES,
        roles=role_words.ROLES.items(),
        usual=Role.AGENT,
        invited=every,
        is_box_only=hosts.is_box_only(urlsplit(base()).netloc),
        **made,
    )


@join_pages.post("/setup/colleagues")
@needs(Right.TEAM_SET)
def invite() -> ResponseReturnValue:
    """Make a link; it is shown in this answer, and nowhere else."""
    given = request.form.get("role", "")
    role = Role(given) if given in set(Role) else Role.AGENT
    actor, user_id = who(), visitor().user_id

    def make(tx: Tx, at: datetime) -> str:
        desk_setup.done(tx, Step.COLLEAGUES, at)
        return desk.invite(tx, role, actor, user_id, at)

    secret, at = write(make), now()
    link = f"{base()}/join/{secret}"
    zone = read(lambda tx: settings.get(tx, "office.zone"))
    until = Times(ZoneInfo(zone), at).since(at + desk.COUNTS_FOR)
    return _colleagues(
        link=link,
        role=role,
        said=f"{setup_words.INVITED.format(until=until)} {trust_first()}".rstrip(),
        picture=qr.svg(link, str(t("Picture of the link, for a phone’s camera"))),
    )


@join_pages.post("/setup/colleagues/<int(max=9223372036854775807):invitation_id>/take-back")
@needs(Right.TEAM_SET)
def take_back(invitation_id: int) -> ResponseReturnValue:
    actor = who()
    write(lambda tx, at: desk.take_back(tx, invitation_id, actor, at))
    return redirect(place_of(Step.COLLEAGUES), 303)


@join_pages.post("/setup/colleagues/next")
@needs(Right.SETUP)
def no_more() -> ResponseReturnValue:
    write(lambda tx, at: desk_setup.done(tx, Step.COLLEAGUES, at))
    return redirect(FINISH, 303)


# --- joining -----------------------------------------------------------------------------------------


@join_pages.get("/join/<secret>")
@needs(DOOR)
def joining(secret: str) -> ResponseReturnValue:
    return _join(secret, {}, {})


def _join(secret: str, typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    at = now()
    visit().keep()
    chooser = ""
    try:
        link = read(lambda tx: desk.find(tx, secret, at))
        role, chooser = link.role, read(lambda tx: _chooser(tx, link))
    except LinkOver:
        role, status = "", 404
    html = render_template(
        "join.html",
        office=office_name(),
        role=role_words.ROLES[Role(role)] if role else "",
        chooser=chooser,
        over=setup_words.LINK_OVER,
        secret=secret,
        typed=typed,
        errors=errors,
    )
    return make_response(html, status)


@join_pages.post("/join/<secret>")
@needs(DOOR)
def join(secret: str) -> ResponseReturnValue:
    """Add whoever was invited, and sign them in."""
    at = now()
    try:
        link = read(lambda tx: desk.find(tx, secret, at))  # hashing is slow: not for one that does not count
        if link.for_user_id is not None:
            return _choose_password(secret, link)
        given = NewPerson.read(request.form)
        if given.errors:
            return _join(secret, given.typed, given.errors, 422)
        who_is = (given.username, given.name, given.password_hash)
        user = write(lambda tx, at: desk.join(tx, secret, *who_is, at))
    except LinkOver:
        return _join(secret, {}, {})
    except BadUser as error:
        return _join(secret, given.typed, {"username": str(error)}, 422)
    begin_session(user)
    return redirect("/account" if second_factor.is_wanted(user) else "/", 303)


def _chooser(tx: Tx, link: Row[Any]) -> str:
    """The name of who chooses another password by a link; empty for one by which somebody new joins."""
    return team.user(tx, link.for_user_id).name if link.for_user_id is not None else ""


def _choose_password(secret: str, link: Row[Any]) -> ResponseReturnValue:
    """Set the password they chose; they sign in with it, and their second factor."""
    user = read(lambda tx: team.user(tx, link.for_user_id))
    hashed, errors = new_password(request.form, user.username, user.name)
    if errors:
        return _join(secret, {}, errors, 422)
    write(lambda tx, at: desk.choose_password(tx, secret, hashed, at))
    return redirect("/sign-in", 303)
