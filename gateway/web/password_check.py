"""Whether somebody knows a password: at sign-in, and again before what an open session alone may not do."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import Row

from gateway.desk import team as desk
from gateway.desk import tries
from gateway.desk.tries import TooSoon
from gateway.domain.language import t
from gateway.domain.refusal_words import Refused
from gateway.store import team
from gateway.web.site import read, visitor, write

WAIT = t("Several wrong passwords came from here. Wait a minute, then try again.")


def whose(username: str, password: str) -> Row[Any] | None:
    """The user who has that password; None where it is wrong, or there is no such user.

    Raises:
        TooSoon: too many passwords were wrong; this one was not looked at.
    """
    address = request.remote_addr or ""
    write(lambda tx, at: tries.begin(tx, username, address, at))
    user = read(lambda tx: team.user_by_name(tx, username))
    if not desk.password_fits(user, password):
        return None
    write(lambda tx, _: tries.worked(tx, username, address))
    return user


def trouble(password: str) -> str:
    """Why whoever is signed in may not go on; empty when that is their password."""
    try:
        return "" if whose(visitor().username, password) else Refused("wrong_password").text
    except TooSoon:
        return WAIT
