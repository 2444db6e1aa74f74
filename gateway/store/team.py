"""Rows of the people who sign in, their sessions, the tokens of programs, and the audit log."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, delete, exists, func, insert, or_, select, update

from gateway.store.database import Tx
from gateway.store.tables import (
    api_tokens,
    audit,
    idempotency_keys,
    recovery_codes,
    sessions,
    sign_in_failures,
    user_lines,
    users,
)

# --- users -------------------------------------------------------------------------------------------


def add_user(tx: Tx, **values: Any) -> int:
    """Insert a user and return their id."""
    return tx.insert(users, values)


def change_user(tx: Tx, user_id: int, **values: Any) -> None:
    """Update columns of one user."""
    tx.execute(update(users).where(users.c.id == user_id).values(**values))


def user_by_name(tx: Tx, username: str) -> Row[Any] | None:
    """A user by the name they sign in with, disabled ones too."""
    return tx.execute(select(users).where(users.c.username == username)).one_or_none()


def user(tx: Tx, user_id: int) -> Row[Any]:
    """A user by their id, who has to exist."""
    return tx.execute(select(users).where(users.c.id == user_id)).one()


def is_any(tx: Tx) -> bool:
    """Whether there is any user, disabled ones too."""
    return bool(tx.scalar(select(exists().select_from(users))))


def every_user(tx: Tx) -> list[Row[Any]]:
    """All users, by name."""
    return list(tx.execute(select(users).order_by(users.c.username)))


def lines_of(tx: Tx, user_id: int) -> frozenset[int] | None:
    """The lines somebody is limited to; None: all of them."""
    found = tx.execute(select(user_lines.c.line_id).where(user_lines.c.user_id == user_id))
    return frozenset(found.scalars()) or None


def limit_to(tx: Tx, user_id: int, line_ids: frozenset[int]) -> None:
    """Limit somebody to those lines; none: to no lines in particular."""
    tx.execute(delete(user_lines).where(user_lines.c.user_id == user_id))
    for line_id in sorted(line_ids):
        tx.execute(insert(user_lines), {"user_id": user_id, "line_id": line_id})


# --- sessions ----------------------------------------------------------------------------------------


def add_session(tx: Tx, **values: Any) -> None:
    """Insert a session."""
    tx.execute(insert(sessions), values)


def session(tx: Tx, id_hash: str, now: datetime) -> Row[Any] | None:
    """A session that still counts, with its user."""
    query = (
        select(
            sessions,
            users.c.username,
            users.c.name,
            users.c.role,
            users.c.totp_since,
            users.c.created_at.label("joined_at"),
            users.c.language,
            users.c.available,
            users.c.shortcuts,
            users.c.hints,
            users.c.notify,
            users.c.signed_in_before,
            users.c.reads_from_id,
        )
        .join(users, users.c.id == sessions.c.user_id)
        .where(sessions.c.id_hash == id_hash, sessions.c.expires_at > now, users.c.disabled_at.is_(None))
    )
    return tx.execute(query).one_or_none()


def touch_session(tx: Tx, id_hash: str, now: datetime) -> None:
    """Note that the session was used."""
    tx.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(last_seen_at=now))


def end_session(tx: Tx, id_hash: str) -> None:
    """Forget one session."""
    tx.execute(delete(sessions).where(sessions.c.id_hash == id_hash))


def end_sessions_of(tx: Tx, user_id: int) -> None:
    """Forget every session of a user."""
    tx.execute(delete(sessions).where(sessions.c.user_id == user_id))


def end_other_sessions(tx: Tx, user_id: int, id_hash: str) -> None:
    """Forget every session of a user but one."""
    tx.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id_hash != id_hash))


def sessions_of(tx: Tx, user_id: int, now: datetime) -> list[Row[Any]]:
    """Where a user is signed in, the one used last first."""
    here = (sessions.c.user_id == user_id) & (sessions.c.expires_at > now)
    return list(tx.execute(select(sessions).where(here).order_by(sessions.c.last_seen_at.desc())))


# --- recovery codes ----------------------------------------------------------------------------------


def put_recovery_codes(tx: Tx, user_id: int, hashes: Collection[str]) -> None:
    """Keep these codes of a user, and none of those before."""
    tx.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    for code_hash in hashes:
        tx.execute(insert(recovery_codes), {"user_id": user_id, "code_hash": code_hash})


def use_recovery_code(tx: Tx, user_id: int, code_hash: str, now: datetime) -> bool:
    """Use up a code; False: a user has no such code left."""
    here = (recovery_codes.c.user_id == user_id) & (recovery_codes.c.code_hash == code_hash)
    unused = here & recovery_codes.c.used_at.is_(None)
    return tx.execute(update(recovery_codes).where(unused).values(used_at=now)).rowcount == 1


def recovery_codes_of(tx: Tx, user_id: int) -> list[Row[Any]]:
    """A user's codes, those that were used first, in the order of their use."""
    query = select(recovery_codes).where(recovery_codes.c.user_id == user_id)
    return list(tx.execute(query.order_by(recovery_codes.c.used_at.is_(None), recovery_codes.c.used_at)))


# --- failed sign-ins ---------------------------------------------------------------------------------


def add_failure(tx: Tx, username: str, address: str, now: datetime, *, of_code: bool = False) -> None:
    """Note a password that was wrong, or a code after a right one."""
    values = {"username": username, "address": address, "at": now, "of_code": of_code}
    tx.execute(insert(sign_in_failures), values)


def failures(
    tx: Tx, username: str, address: str, since: datetime, until: datetime
) -> tuple[int, int, datetime | None]:
    """In that span: how many passwords were wrong for the name from this address, how many from this address
    for any name, and when the last of these was."""
    theirs = func.sum(case((sign_in_failures.c.username == username, 1), else_=0))
    query = select(func.coalesce(theirs, 0), func.count(), func.max(sign_in_failures.c.at)).where(
        sign_in_failures.c.at.between(since, until),
        sign_in_failures.c.address == address,
        ~sign_in_failures.c.of_code,
    )
    row = tx.execute(query).one()
    return row[0], row[1], row[2]


def failed_codes(tx: Tx, username: str, since: datetime, until: datetime) -> tuple[int, datetime | None]:
    """In that span: how many codes were wrong after the name's password, from any address, and when the last
    was."""
    here = sign_in_failures.c.at.between(since, until) & _codes_of(username)
    row = tx.execute(select(func.count(), func.max(sign_in_failures.c.at)).where(here)).one()
    return row[0], row[1]


def forget_failures(tx: Tx, username: str, address: str) -> None:
    """The password was right: the name from this address starts afresh."""
    here = (sign_in_failures.c.username == username) & (sign_in_failures.c.address == address)
    tx.execute(delete(sign_in_failures).where(here, ~sign_in_failures.c.of_code))


def forget_codes(tx: Tx, username: str) -> None:
    """Wrong codes of the name count no more."""
    tx.execute(delete(sign_in_failures).where(_codes_of(username)))


def _codes_of(username: str) -> ColumnElement[bool]:
    return (sign_in_failures.c.username == username) & sign_in_failures.c.of_code


# --- tokens ------------------------------------------------------------------------------------------


def add_token(tx: Tx, **values: Any) -> int:
    """Insert a token and return its id."""
    return tx.insert(api_tokens, values)


def token_by_hash(tx: Tx, token_hash: str) -> Row[Any] | None:
    """A token that still counts, by the hash of its secret."""
    here = (api_tokens.c.token_hash == token_hash) & api_tokens.c.revoked_at.is_(None)
    return tx.execute(select(api_tokens).where(here)).one_or_none()


def tokens_named(tx: Tx, name: str) -> list[Row[Any]]:
    """Tokens in use with that name or public id."""
    here = or_(api_tokens.c.name == name, api_tokens.c.public_id == name)
    return list(tx.execute(select(api_tokens).where(here, api_tokens.c.revoked_at.is_(None))))


def every_token(tx: Tx) -> list[Row[Any]]:
    """All tokens, newest first."""
    return list(tx.execute(select(api_tokens).order_by(api_tokens.c.id.desc())))


def tokens_of(tx: Tx, user_id: int) -> list[Row[Any]]:
    """The tokens of a user that still count."""
    here = (api_tokens.c.owner_id == user_id) & api_tokens.c.revoked_at.is_(None)
    return list(tx.execute(select(api_tokens).where(here)))


def revoke_token(tx: Tx, token_id: int, now: datetime) -> None:
    """The token counts no more."""
    tx.execute(update(api_tokens).where(api_tokens.c.id == token_id).values(revoked_at=now))


# --- idempotency keys --------------------------------------------------------------------------------


def stored_answer(tx: Tx, caller: str, key: str) -> Row[Any] | None:
    """What was answered to this caller's key before."""
    here = (idempotency_keys.c.caller == caller) & (idempotency_keys.c.key == key)
    return tx.execute(select(idempotency_keys).where(here)).one_or_none()


def store_answer(tx: Tx, **values: Any) -> None:
    """Keep an answer under its key, in the transaction that made it true."""
    tx.execute(insert(idempotency_keys), values)


# --- audit -------------------------------------------------------------------------------------------


_ADDRESS: ContextVar[str | None] = ContextVar("address", default=None)


@contextmanager
def noting_from(address: str | None) -> Iterator[None]:
    """What is noted within was done from that address."""
    before = _ADDRESS.set(address)
    try:
        yield
    finally:
        _ADDRESS.reset(before)


def note(
    tx: Tx, now: datetime, actor: str, action: str, what: str, before: object = None, after: object = None
) -> None:
    """Append to the audit log: who did what to what, with the values before and after."""
    values = {
        "at": now,
        "actor": actor,
        "action": action,
        "object": what,
        "before": before,
        "after": after,
        "address": _ADDRESS.get(),
    }
    tx.execute(insert(audit), values)
