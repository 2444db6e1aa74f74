"""The second factor on pages: the picture for the app, and the question for a code after the password."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import current_app, session
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import Markup
from sqlalchemy import Row

from gateway.desk import second_factor as desk
from gateway.domain import one_time_codes
from gateway.store import settings, team
from gateway.store.database import Tx
from gateway.web import qr
from gateway.web.sessions import Visit
from gateway.web.site import now, read

ANSWER_WITHIN = timedelta(minutes=5)
"""How long after the password the code may be typed."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is shown to set up an app: the picture, and the same as letters to type."""

    picture: Markup
    letters: str


def enrolment(tx: Tx, user_id: int) -> Enrolment | None:
    """The picture for the seed that was drawn and not confirmed yet; None where there is none."""
    user = team.user(tx, user_id)
    seed = desk.seed(tx, user)
    if seed is None or desk.is_on(user):
        return None
    address = desk.address(seed, user.username, settings.get(tx, "office.name"))
    letters = " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))
    return Enrolment(qr.svg(address, "Picture for the authenticator app"), letters)


def shown(recovery_code: str) -> str:
    """A recovery code as it is read."""
    return one_time_codes.grouped(recovery_code)


# --- between the password and the code ---------------------------------------------------------------


def pending(user: Row[Any]) -> str:
    """What the page that asks for the code carries: that this browser knew this password, just now."""
    return _serializer().dumps([user.id, _mark(user), (now() + ANSWER_WITHIN).timestamp()])


def whose(carried: str) -> Row[Any] | None:
    """The user who may give a code by that page; None when it does not count (any more)."""
    try:
        user_id, mark, until = _serializer().loads(carried)
    except (BadSignature, ValueError, TypeError):
        return None
    user = read(lambda tx: team.user(tx, user_id))
    good = hmac.compare_digest(_mark(user), mark) and now().timestamp() < until
    return user if good and user.disabled_at is None else None


def _mark(user: Row[Any]) -> str:
    """Binds it to this browser, and to the password as it is."""
    secret = cast(Visit, session).secret
    return hashlib.sha256(f"{secret}:{user.password_hash}".encode()).hexdigest()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="second-factor")
