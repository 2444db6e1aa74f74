"""The second factor on pages: the picture for the app, and the question for a code after the password."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import Markup
from sqlalchemy import Row

from gateway.desk import second_factor as desk
from gateway.desk.second_factor import WrongCode
from gateway.domain import one_time_codes, setup_words
from gateway.domain.language import t
from gateway.store import settings, team
from gateway.store.database import Tx
from gateway.web import password_check, qr
from gateway.web.sessions import visit
from gateway.web.site import author, now, read, visitor, write

ANSWER_WITHIN = timedelta(minutes=5)
"""How long after the password the code may be typed."""
JUST_NOW = timedelta(minutes=15)
"""How long after an account was made the first run does not ask for its password again."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is shown to set up an app: the picture, and the same as letters to type."""

    picture: Markup
    letters: str


def begin() -> None:
    """Draw a seed for whoever is signed in."""
    user_id = visitor().user_id
    write(lambda tx, _: desk.begin(tx, user_id))


def confirm(*, asks_password: bool) -> tuple[tuple[str, ...], dict[str, str]]:
    """Turn it on by the form's code, the first of the app. Returns the recovery codes, shown in this answer
    and nowhere else, and what is wrong, by field; neither where it is on already."""
    typed, secret = request.form.get("code", ""), visit().secret
    user_id, actor = visitor().user_id, str(author())
    trouble = password_check.trouble(request.form.get("current", "")) if asks_password else ""
    if trouble:
        return (), {"on": trouble}
    try:
        return write(lambda tx, at: desk.turn_on(tx, user_id, typed, actor, secret, at)), {}
    except WrongCode:
        return (), {"code": setup_words.FACTOR_WRONG}


def is_just_made() -> bool:
    """Whether the account of whoever is here was made a moment ago, as in the first run."""
    user_id = visitor().user_id
    age = now() - read(lambda tx: team.user(tx, user_id)).created_at
    return bool(timedelta(0) <= age < JUST_NOW)


def standing(recovery_codes: Sequence[str]) -> dict[str, Any]:
    """What a page shows of the second factor of whoever is signed in; recovery codes as they are read."""
    user_id = visitor().user_id

    def look(tx: Tx) -> dict[str, Any]:
        user = team.user(tx, user_id)
        store_codes = [row.used_at for row in team.recovery_codes_of(tx, user_id)]
        return {
            "is_on": desk.is_on(user),
            "kept_codes": store_codes,
            "enrolment": _enrolment(tx, user),
            "required": setup_words.FACTOR_REQUIRED if desk.is_due(tx, user) else "",
            "asked_for": setup_words.ASKED_FOR if desk.is_wanted(user) else "",
            "without": setup_words.FACTOR_LATER if desk.is_required(tx) else setup_words.FACTOR_SKIP,
            "recovery": [one_time_codes.grouped(code) for code in recovery_codes],
        }

    return read(look)


def _enrolment(tx: Tx, user: Row[Any]) -> Enrolment | None:
    """The picture for the seed that was drawn and not confirmed yet; None where there is none."""
    seed = desk.seed(tx, user)
    if seed is None or desk.is_on(user):
        return None
    address = desk.address(seed, user.username, settings.get(tx, "office.name"))
    letters = " ".join(seed[start : start + 4] for start in range(0, len(seed), 4))
    return Enrolment(qr.svg(address, str(t("Picture for the authenticator app"))), letters)


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
    return hashlib.sha256(f"{visit().secret}:{user.password_hash}".encode()).hexdigest()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="second-factor")
