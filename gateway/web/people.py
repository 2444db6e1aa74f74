"""Colleagues: who there is, what each may do and see, inviting, removing and letting in again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import invitations as desk_invitations
from gateway.desk import second_factor
from gateway.desk import team as desk
from gateway.desk.team import BadUser
from gateway.domain import role_words, setup_words
from gateway.domain.language import t
from gateway.domain.people import Right, Role
from gateway.store import invitations, lines, team
from gateway.store.database import Tx
from gateway.web import qr
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.other_machines import base, trust_first
from gateway.web.site import author, now, read, visitor, write

people_pages = Blueprint("people", __name__)

_PEOPLE = "/settings/people"
_PERSON = f"{_PEOPLE}/<int(max=9223372036854775807):user_id>"


@dataclass(frozen=True, slots=True)
class Colleague:
    """One row of the list. `lines` are ids they are limited to; none: all of them."""

    id: int
    username: str
    name: str
    role: str
    lines: frozenset[int]
    has_factor: bool
    signed_in_at: datetime | None
    available: bool
    removed_at: datetime | None
    is_me: bool


# --- the page ----------------------------------------------------------------------------------------


@people_pages.get(_PEOPLE)
@needs(Right.TEAM_SET)
def show() -> ResponseReturnValue:
    return _page()


def _page(status: int = 200, refused: str = "", **made: Any) -> Response:
    at, me = now(), visitor().user_id

    def look(tx: Tx) -> dict[str, Any]:
        every = [_colleague(tx, row, me) for row in team.every_user(tx)]
        return {
            "people": [one for one in every if one.removed_at is None],
            "removed": [one for one in every if one.removed_at is not None],
            "every_line": [(row.id, row.name) for row in lines.every(tx)],
            "invited": [row for row in invitations.counting(tx, at) if row.for_user_id is None],
        }

    return page(
        "people.html",
        status,
        roles=list(role_words.ROLES.items()),
        usual=Role.AGENT,
        refused=refused,
        **{"link": "", **made},
        **read(look),
    )


def _colleague(tx: Tx, row: Row[Any], me: int) -> Colleague:
    return Colleague(
        id=row.id,
        username=row.username,
        name=row.name,
        role=row.role,
        lines=team.lines_of(tx, row.id) or frozenset(),
        has_factor=second_factor.is_on(row),
        signed_in_at=row.signed_in_at,
        available=row.available,
        removed_at=row.disabled_at,
        is_me=row.id == me,
    )


# --- links -------------------------------------------------------------------------------------------


@people_pages.post(f"{_PEOPLE}/invite")
@needs(Right.TEAM_SET)
def invite() -> ResponseReturnValue:
    """Make a link for somebody new; it is shown in this answer, and nowhere else."""
    given, actor, me = request.form.get("role", ""), str(author()), visitor().user_id
    if given not in set(Role):
        abort(400)
    secret = write(lambda tx, at: desk_invitations.invite(tx, Role(given), actor, me, at))
    heading = t("Link for one {role}").format(role=role_words.NAMES[Role(given)])
    return _with_link(secret, heading, now() + desk_invitations.COUNTS_FOR)


@people_pages.post(f"{_PERSON}/reset-link")
@needs(Right.TEAM_SET)
def reset_link(user_id: int) -> ResponseReturnValue:
    """Make a link by which a colleague chooses another password; shown in this answer, and nowhere else."""
    row, actor, me = _row(user_id), str(author()), visitor().user_id
    try:
        secret = write(lambda tx, at: desk_invitations.reset(tx, row.username, actor, me, at))
    except BadUser as error:
        return _page(409, str(error))
    heading = t("Link for {name} to choose another password").format(name=row.name)
    return _with_link(secret, heading, now() + desk_invitations.RESET_COUNTS_FOR)


def _with_link(secret: str, heading: str, until: datetime) -> Response:
    link, at = f"{base()}/join/{secret}", now()
    said = read(lambda tx: times(tx, at)).since(until)
    return _page(
        link=link,
        heading=heading,
        said=f"{setup_words.INVITED.format(until=said)} {trust_first()}".rstrip(),
        picture=qr.svg(link, str(t("Picture of the link, for a phone’s camera"))),
    )


@people_pages.post(f"{_PEOPLE}/links/<int(max=9223372036854775807):invitation_id>/take-back")
@needs(Right.TEAM_SET)
def take_back(invitation_id: int) -> ResponseReturnValue:
    actor = str(author())
    write(lambda tx, at: desk_invitations.take_back(tx, invitation_id, actor, at))
    return redirect(f"{_PEOPLE}#links", 303)


# --- one colleague -----------------------------------------------------------------------------------

Verb = Callable[[Tx, str, str, datetime], object]
"""What is done with a colleague: (tx, username, actor, now)."""


def _row(user_id: int) -> Row[Any]:
    found = read(lambda tx: [row for row in team.every_user(tx) if row.id == user_id])
    return found[0] if found else abort(404)


def _do(user_id: int, verb: Verb) -> ResponseReturnValue:
    row, actor = _row(user_id), str(author())
    try:
        write(lambda tx, at: verb(tx, row.username, actor, at))
    except BadUser as error:
        return _page(409, str(error))
    return redirect(f"{_PEOPLE}#person-{user_id}", 303)


@people_pages.post(f"{_PERSON}/role")
@needs(Right.TEAM_SET)
def set_role(user_id: int) -> ResponseReturnValue:
    """Give them another role, for which they sign in anew."""
    given = request.form.get("role", "")
    if given not in set(Role):
        abort(400)
    return _do(user_id, lambda tx, name, actor, at: desk.change_role(tx, name, Role(given), actor, at))


@people_pages.post(f"{_PERSON}/lines")
@needs(Right.TEAM_SET)
def set_lines(user_id: int) -> ResponseReturnValue:
    """Limit them to the lines that are ticked; none: all of them."""
    given = request.form.getlist("line")
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in given):
        abort(400)
    chosen = frozenset(map(int, given))
    return _do(user_id, lambda tx, name, actor, at: desk.set_lines(tx, name, chosen, actor, at))


@people_pages.post(f"{_PERSON}/remove")
@needs(Right.TEAM_SET)
def remove(user_id: int) -> ResponseReturnValue:
    """End their access at once; they can be let in again from the same page."""
    return _do(user_id, desk.disable_user)


@people_pages.post(f"{_PERSON}/let-in")
@needs(Right.TEAM_SET)
def let_in(user_id: int) -> ResponseReturnValue:
    return _do(user_id, desk.enable_user)


@people_pages.post(f"{_PERSON}/sign-out")
@needs(Right.TEAM_SET)
def sign_out(user_id: int) -> ResponseReturnValue:
    """Sign them out everywhere; they may sign in again."""
    return _do(user_id, desk.sign_out_everywhere)


@people_pages.post(f"{_PERSON}/second-factor/off")
@needs(Right.TEAM_SET)
def forget_factor(user_id: int) -> ResponseReturnValue:
    """Ask them for the second factor no more, until they set it up anew."""
    return _do(user_id, second_factor.remove)
