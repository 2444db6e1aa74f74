"""The second factor: six digits of an authenticator app (RFC 6238), or one of ten recovery codes, each once.

The seed is sealed with the box's secret. A code counts in its own half minute and the one on either side,
and none twice: the last step a code was taken for is kept, and only later ones count.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from enum import Enum
from typing import Any

import pyotp
from sqlalchemy import Row

from gateway.desk import one_time_codes, team, tries
from gateway.domain.events import Event
from gateway.domain.people import Role
from gateway.domain.settings import REQUIRED
from gateway.store import events, settings
from gateway.store import team as store_team
from gateway.store.database import Tx

STEP_S = 30
DRIFT = 1
"""Steps a clock may be off, either way."""
RECOVERY_LENGTH = 10
"""Characters of a recovery code, five bits each: what is tried is throttled."""
RECOVERY_CODES = 10
ASKED_OF = frozenset({Role.ADMIN, Role.MANAGER})
"""Roles whose owners are asked to set it up."""
_PURPOSE = "recovery-code"


class WrongCode(Exception):
    """The code does not fit."""


class Given(Enum):
    """What came of a code at sign-in: `USED` is the one that was taken last, so no guess."""

    FITS = "fits"
    WRONG = "wrong"
    USED = "used"


def begin(tx: Tx, user_id: int) -> None:
    """Draw a seed; it counts only once a code of it was typed. One that is in use stays."""
    if is_on(store_team.user(tx, user_id)):
        return
    sealed = tx.keys.seal(pyotp.random_base32())
    store_team.change_user(tx, user_id, totp_sealed=sealed, totp_since=None, totp_step=None)


def seed(tx: Tx, user: Row[Any]) -> str | None:
    """A user's seed (base 32); None where there is none, or the box's secret is another one now."""
    return tx.keys.unseal(user.totp_sealed)


def address(seed: str, username: str, office: str) -> str:
    """What the picture for the app holds: otpauth://totp/..."""
    return pyotp.TOTP(seed).provisioning_uri(name=username, issuer_name=office)


def is_on(user: Row[Any]) -> bool:
    """Whether a user is asked for it at sign-in."""
    return user.totp_since is not None


def is_wanted(user: Row[Any]) -> bool:
    """Whether a user should set it up and has not."""
    return Role(user.role) in ASKED_OF and not is_on(user)


def is_required(tx: Tx) -> bool:
    """Whether the office lets no admin go on without it."""
    return bool(settings.get(tx, "office.second_factor") == REQUIRED)


def is_due(tx: Tx, user: Row[Any]) -> bool:
    """Whether a user (a row of users, or of a session) has to set it up before anything else."""
    return Role(user.role) is Role.ADMIN and not is_on(user) and is_required(tx)


def turn_on(tx: Tx, user_id: int, code: str, actor: str, session: str, now: datetime) -> tuple[str, ...]:
    """Ask for it from now on, once a code of the new seed was typed; of the user's sessions only the one with
    that secret goes on. Returns the recovery codes, which are kept as hashes; none where it is on already,
    since they were shown then.

    Raises:
        WrongCode: the code is not of the seed; nothing was changed.
    """
    user = store_team.user(tx, user_id)
    if is_on(user):
        return ()
    if not _take(tx, user, code, now):
        raise WrongCode
    store_team.change_user(tx, user_id, totp_since=now)
    store_team.end_other_sessions(tx, user_id, team.secret_hash(session))
    store_team.note(tx, now, actor, "user.second_factor", user.username, before="off", after="on")
    return renew_recovery(tx, user_id, actor, now)


def renew_recovery(tx: Tx, user_id: int, actor: str, now: datetime) -> tuple[str, ...]:
    """Draw other recovery codes, in place of those before, used up or not."""
    codes = tuple(one_time_codes.draw(RECOVERY_LENGTH) for _ in range(RECOVERY_CODES))
    hashes = [one_time_codes.kept(tx, f"{_PURPOSE}:{user_id}", code) for code in codes]
    store_team.put_recovery_codes(tx, user_id, hashes)
    store_team.note(tx, now, actor, "user.recovery_code", store_team.user(tx, user_id).username)
    return codes


def give(tx: Tx, user_id: int, typed: str, address: str, now: datetime) -> Given:
    """Try a code from that address after the right password; what came of it is noted.

    Raises:
        TooSoon: too many codes were wrong; this one was not looked at.
    """
    user = store_team.user(tx, user_id)
    tries.begin_code(tx, user.username, now)
    if take(tx, user_id, typed, now):
        return Given.FITS
    if _was_taken(tx, user, typed):
        return Given.USED
    tries.code_failed(tx, user.username, address, now)
    about = {"address": address}
    store_team.note(tx, now, f"person:{user.username}", "sign_in.wrong_code", user.username, after=about)
    return Given.WRONG


def take(tx: Tx, user_id: int, typed: str, now: datetime) -> bool:
    """Whether what was typed lets a user in: the app's code, or a recovery code, which is then used up."""
    user = store_team.user(tx, user_id)
    if _take(tx, user, typed, now):
        return True
    if not store_team.use_recovery_code(
        tx, user_id, one_time_codes.kept(tx, f"{_PURPOSE}:{user_id}", typed), now
    ):
        return False
    store_team.note(tx, now, f"person:{user.username}", "user.recovered", user.username)
    return True


def _take(tx: Tx, user: Row[Any], typed: str, now: datetime) -> bool:
    step = int(now.timestamp()) // STEP_S
    for each in range(step - DRIFT, step + DRIFT + 1):
        if each > (user.totp_step or 0) and _is_of(tx, user, typed, each):
            store_team.change_user(tx, user.id, totp_step=each)
            return True
    return False


def _was_taken(tx: Tx, user: Row[Any], typed: str) -> bool:
    return user.totp_step is not None and _is_of(tx, user, typed, user.totp_step)


def _is_of(tx: Tx, user: Row[Any], typed: str, step: int) -> bool:
    """Whether what was typed is the code of that half minute since 1970."""
    own = seed(tx, user)
    code = "".join(typed.split())
    if own is None or not (code.isascii() and code.isdigit()):
        return False
    return hmac.compare_digest(pyotp.TOTP(own, interval=STEP_S).generate_otp(step), code)


def remove(tx: Tx, username: str, actor: str, now: datetime) -> None:
    """Ask a user for it no more, and forget the recovery codes.

    Raises:
        BadUser: there is no such user.
    """
    user = team.known(tx, username)
    values = dict.fromkeys(("totp_sealed", "totp_since", "totp_step"))
    store_team.change_user(tx, user.id, **values)
    store_team.put_recovery_codes(tx, user.id, [])
    store_team.forget_codes(tx, username)
    if not is_on(user):
        return
    store_team.note(tx, now, actor, "user.second_factor", username, before="on", after="off")
    events.record(tx, Event.USER_CHANGED, now)
