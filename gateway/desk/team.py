"""People and programs: who may come in. Passwords are argon2id, tokens are 256 random bits kept as a hash."""

from __future__ import annotations

import functools
import hashlib
import re
import secrets
import threading
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import Row

from gateway.desk import conversation_state
from gateway.desk.drafts import Author
from gateway.domain import passwords
from gateway.domain.events import Event
from gateway.domain.language import t
from gateway.domain.message import Purpose
from gateway.domain.people import Role, Scope
from gateway.domain.settings import SETTINGS, BadValue
from gateway.domain.typed import one_line, shown
from gateway.store import events, invitations, lines, reads, team
from gateway.store.database import Tx
from gateway.store.ids import new_id

# 19 MiB, two passes, one lane (OWASP's floor); two at once, or a login flood eats a small box's memory
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_two_at_once = threading.BoundedSemaphore(2)

SESSION_LENGTH = timedelta(days=7)
SESSION_IDLE = timedelta(hours=12)
MIN_PASSWORD, MAX_PASSWORD = 12, 128
MAX_NAME = 60
TOKEN_PREFIX = "gw_"  # noqa: S105 - what scanners for leaked secrets look for, not a secret
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")


class BadUser(ValueError):
    """A user or token cannot be made or changed like this; the text says what to change."""


# --- passwords ---------------------------------------------------------------------------------------


def hash_password(password: str, *about: str) -> str:
    """argon2id hash of an acceptable password. Slow on purpose: call it outside a transaction. `about` is
    what everybody knows: username, name, the office's name.

    Raises:
        BadUser: too short, too long, or one of those that are guessed first.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise BadUser(
            t("A password needs {fewest} to {most} characters. A short sentence is good.").format(
                fewest=MIN_PASSWORD, most=MAX_PASSWORD
            )
        )
    if passwords.is_common(password):
        raise BadUser(t("Many people have this password, so it is guessed first. A short sentence is good."))
    if passwords.is_simple(password, about):
        raise BadUser(
            t(
                "This password is guessed fast: it follows the keyboard, repeats itself, or is made of a "
                "name that people know. A short sentence is good."
            )
        )
    with _two_at_once:
        return _hasher.hash(password)


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex())


def password_fits(user: Row[Any] | None, password: str) -> bool:
    """Whether the password is the user's; takes as long when there is no such user."""
    with _two_at_once:
        try:
            _hasher.verify(
                user.password_hash if user is not None else _nobodys_hash(), password[:MAX_PASSWORD]
            )
        except (VerifyMismatchError, InvalidHashError):
            return False
    return user is not None and user.disabled_at is None and len(password) <= MAX_PASSWORD


# --- users -------------------------------------------------------------------------------------------


def add_user(
    tx: Tx, username: str, name: str, role: Role, password_hash: str, actor: str, now: datetime
) -> int:
    """Add somebody who may sign in.

    Raises:
        BadUser: the username is taken or cannot be one, or the name is none or too long.
    """
    name = one_line(name)
    if not 1 <= len(name) <= MAX_NAME:
        sentence = t("A name has 1 to {most} characters. Give the one colleagues know.")
        raise BadUser(sentence.format(most=MAX_NAME))
    if not _USERNAME.fullmatch(username):
        sentence = t("{name} cannot be a username. Use small letters, digits, dots and dashes.")
        raise BadUser(sentence.format(name=shown(username)))
    if team.user_by_name(tx, username) is not None:
        raise BadUser(t("There is a user called {name} already. Choose another name.").format(name=username))
    user_id = team.add_user(
        tx,
        username=username,
        name=name,
        role=role.value,
        password_hash=password_hash,
        created_at=now,
        reads_from_id=reads.newest_message(tx),
    )
    team.note(tx, now, actor, "user.add", username, after={"role": role.value})
    return user_id


def known(tx: Tx, username: str) -> Row[Any]:
    """The user of that name.

    Raises:
        BadUser: there is none.
    """
    user = team.user_by_name(tx, username)
    if user is None:
        raise BadUser(f"There is no user called {username}. See them with: sms-gateway user list")
    return user


def change_password(tx: Tx, username: str, password_hash: str, actor: str, now: datetime) -> None:
    """Set a password; whoever is signed in with the old one is signed out.

    Raises:
        BadUser: there is no such user.
    """
    user = known(tx, username)
    team.change_user(tx, user.id, password_hash=password_hash)
    team.end_sessions_of(tx, user.id)
    team.forget_codes(tx, username)  # whoever typed them does not know this password
    team.note(tx, now, actor, "user.password", username)
    events.record(tx, Event.USER_CHANGED, now)


def set_language(tx: Tx, username: str, language: str, actor: str, now: datetime) -> None:
    """In which language the panel speaks to somebody; empty: in the office's.

    Raises:
        BadUser: there is no such user, or the panel does not speak it.
    """
    user = known(tx, username)
    try:
        chosen = SETTINGS["office.language"].parse(language) or None
    except BadValue as error:
        raise BadUser(str(error)) from None
    team.change_user(tx, user.id, language=chosen)
    team.note(tx, now, actor, "user.language", username, before=user.language, after=chosen)


def set_hints(tx: Tx, username: str, *, on: bool, actor: str, now: datetime) -> None:
    """Whether somebody is told of words in their texts that may read oddly.

    Raises:
        BadUser: there is no such user.
    """
    user = known(tx, username)
    team.change_user(tx, user.id, hints=on)
    team.note(tx, now, actor, "user.hints", username, before=user.hints, after=on)


def disable_user(tx: Tx, username: str, actor: str, now: datetime) -> int:
    """End somebody's access at once, by links and tokens of theirs as well; what they wrote keeps their name,
    and conversations that were theirs are nobody's. Returns how many links that were.

    Raises:
        BadUser: there is no such user, or they are the last admin.
    """
    user = known(tx, username)
    _keep_an_admin(tx, user)
    team.change_user(tx, user.id, disabled_at=now)
    team.end_sessions_of(tx, user.id)
    links = _take_back_all(tx, user, actor, now)
    for row in team.tokens_of(tx, user.id):
        team.revoke_token(tx, row.id, now)
        team.note(tx, now, actor, "token.revoke", row.name)
    kind, _, name = actor.partition(":")
    given_back = conversation_state.give_back(tx, user.id, Author(kind, None, name), now)
    team.note(
        tx, now, actor, "user.disable", username, after={"given_back": given_back} if given_back else None
    )
    events.record(tx, Event.USER_CHANGED, now)
    return links


def change_role(tx: Tx, username: str, role: Role, actor: str, now: datetime) -> int:
    """Give somebody another role, for which they sign in anew. Links that somebody made who is no admin any
    more are taken back; returns how many that were.

    Raises:
        BadUser: there is no such user, or they are the last admin.
    """
    user = known(tx, username)
    if user.role == role.value:
        return 0
    _keep_an_admin(tx, user)
    team.change_user(tx, user.id, role=role.value)
    team.end_sessions_of(tx, user.id)
    links = _take_back_all(tx, user, actor, now)
    team.note(tx, now, actor, "user.role", username, before={"role": user.role}, after={"role": role.value})
    events.record(tx, Event.USER_CHANGED, now)
    return links


def enable_user(tx: Tx, username: str, actor: str, now: datetime) -> None:
    """Let somebody in again who was disabled, with the password and second factor they had.

    Raises:
        BadUser: there is no such user.
    """
    user = known(tx, username)
    if user.disabled_at is None:
        return
    team.change_user(tx, user.id, disabled_at=None)
    team.note(tx, now, actor, "user.enable", username)
    events.record(tx, Event.USER_CHANGED, now)


def set_lines(tx: Tx, username: str, line_ids: Collection[int], actor: str, now: datetime) -> None:
    """Limit somebody to some lines; none: they see all of them, also those that are added later.

    Raises:
        BadUser: there is no such user or no such line, or an admin was to be limited.
    """
    user = known(tx, username)
    names = {row.id: row.name for row in lines.every(tx)}
    if not set(line_ids) <= set(names):
        raise BadUser(str(t("One of these lines is not there any more. Look at the lines again.")))
    if line_ids and user.role == Role.ADMIN.value:
        raise BadUser(str(t("An admin sees all lines. Give them another role first.")))
    before = team.lines_of(tx, user.id)
    if before == (frozenset(line_ids) or None):
        return
    team.limit_to(tx, user.id, frozenset(line_ids))
    team.note(tx, now, actor, "user.lines", username, before=_called(tx, before), after=_called(tx, line_ids))
    events.record(tx, Event.USER_CHANGED, now)


def _called(tx: Tx, line_ids: Collection[int] | None) -> object:
    """Lines by their names; none is all of them."""
    found = (lines.get(tx, line_id) for line_id in sorted(line_ids or ()))
    return [row.name for row in found if row is not None] or "all"


def require_admin(tx: Tx, role: Role) -> None:
    """Nobody but an admin is added to a box that has none: the first user ends the first run, and only an
    admin can go on with it.

    Raises:
        BadUser: there is no admin yet, and this would be none.
    """
    if role is not Role.ADMIN and not _admins(tx):
        raise BadUser(
            "There is no admin yet, who alone may set the office up. Add one first: "
            "sms-gateway user add NAME --role admin"
        )


def _admins(tx: Tx) -> list[Row[Any]]:
    return [u for u in team.every_user(tx) if u.role == Role.ADMIN.value and u.disabled_at is None]


def _keep_an_admin(tx: Tx, user: Row[Any]) -> None:
    if [admin.id for admin in _admins(tx)] == [user.id]:
        last = t("{name} is the last admin. Make another one first.")
        raise BadUser(last.format(name=user.username))


def _take_back_all(tx: Tx, user: Row[Any], actor: str, now: datetime) -> int:
    links = invitations.counting_of(tx, user.id, now)
    for link in links:
        take_back(tx, link, actor, now)
    return len(links)


def take_back(tx: Tx, invitation: Row[Any], actor: str, now: datetime) -> None:
    """Let a link count no more that lets somebody join."""
    invitations.change(tx, invitation.id, revoked_at=now)
    team.note(tx, now, actor, "user.uninvite", invitation.role)


# --- signing in --------------------------------------------------------------------------------------


def secret_hash(secret: str) -> str:
    """What is kept of a secret of 256 random bits: no search finds it, so a fast hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in(tx: Tx, user: Row[Any], agent: str, now: datetime, address: str | None = None) -> str:
    """Start a session and return its secret, which only the cookie holds."""
    secret = secrets.token_urlsafe(32)
    last = team.user(tx, user.id).signed_in_at
    team.change_user(tx, user.id, signed_in_at=now, signed_in_before=last)
    team.add_session(
        tx,
        id_hash=secret_hash(secret),
        user_id=user.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + SESSION_LENGTH,
        agent=agent[:200],
        address=address,
    )
    team.note(tx, now, f"person:{user.username}", "sign_in", user.username)
    return secret


def session(tx: Tx, secret: str, now: datetime) -> Row[Any] | None:
    """The session a cookie stands for, with its user; None when it is over."""
    found = team.session(tx, secret_hash(secret), now)
    if found is None or now - found.last_seen_at > SESSION_IDLE:
        return None
    return found


def touch(tx: Tx, secret: str, now: datetime) -> None:
    """Note that a session is in use."""
    team.touch_session(tx, secret_hash(secret), now)


def sign_out(tx: Tx, secret: str) -> None:
    """End a session."""
    team.end_session(tx, secret_hash(secret))


def sign_out_there(tx: Tx, user_id: int, id_hash: str, actor: str, now: datetime) -> bool:
    """End a session of a user on another device. False: there is none of that id."""
    ids = [row.id_hash for row in team.sessions_of(tx, user_id, now)]
    if id_hash not in ids:
        return False
    team.end_session(tx, id_hash)
    team.note(tx, now, actor, "user.sign_out", team.user(tx, user_id).username, after={"sessions": 1})
    return True


def sign_out_elsewhere(tx: Tx, user_id: int, secret: str, actor: str, now: datetime) -> None:
    """End all sessions of a user but the one with that secret."""
    team.end_other_sessions(tx, user_id, secret_hash(secret))
    team.note(tx, now, actor, "user.sign_out", team.user(tx, user_id).username, after={"sessions": "others"})


def sign_out_everywhere(tx: Tx, username: str, actor: str, now: datetime) -> None:
    """End all sessions of somebody.

    Raises:
        BadUser: there is no such user.
    """
    user = known(tx, username)
    team.end_sessions_of(tx, user.id)
    team.note(tx, now, actor, "user.sign_out", username, after={"sessions": "all"})


# --- tokens ------------------------------------------------------------------------------------------


def create_token(
    tx: Tx,
    name: str,
    scopes: Sequence[Scope],
    purposes: Sequence[Purpose],
    actor: str,
    now: datetime,
    owner: str | None = None,
) -> str:
    """Make a token for a program and return its secret, shown this once. It ends with its owner's access,
    given by their username; None: it is the office's.

    Raises:
        BadUser: the name is in use, no scope was given, or the owner is nobody who may sign in.
    """
    owner_row = known(tx, owner) if owner is not None else None
    if owner_row is not None and owner_row.disabled_at is not None:
        raise BadUser(f"{owner} may not sign in any more. Give the token to somebody else.")
    if team.tokens_named(tx, name):
        raise BadUser(f"There is a token called {name} already. Choose another name, or revoke it first.")
    if not scopes:
        raise BadUser("A token needs at least one --scope, for example --scope messages:send.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    team.add_token(
        tx,
        public_id=new_id("tok", now),
        name=name,
        token_hash=secret_hash(secret),
        scopes=[scope.value for scope in scopes],
        purposes=[purpose.value for purpose in purposes],
        created_at=now,
        owner_id=owner_row.id if owner_row is not None else None,
    )
    team.note(tx, now, actor, "token.create", name, after={"scopes": [scope.value for scope in scopes]})
    return secret


def token(tx: Tx, secret: str) -> Row[Any] | None:
    """The token a secret belongs to, None when it does not count."""
    return team.token_by_hash(tx, secret_hash(secret))


def revoke_token(tx: Tx, name: str, actor: str, now: datetime) -> None:
    """End a token at once.

    Raises:
        BadUser: there is none of that name.
    """
    found = team.tokens_named(tx, name)
    if not found:
        raise BadUser(f"No token called {name} is in use. See them with: sms-gateway token list")
    for row in found:
        team.revoke_token(tx, row.id, now)
    team.note(tx, now, actor, "token.revoke", name)
