"""Invitations: an admin makes a link, whoever opens it chooses a name and a password. It counts once,
and for a week. Links by which a colleague chooses another password are of the same kind; they count for a
day."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import team
from gateway.domain.events import Event
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import events, invitations
from gateway.store import team as store_team
from gateway.store.database import Tx

COUNTS_FOR = timedelta(days=7)
RESET_COUNTS_FOR = timedelta(days=1)


class LinkOver(Exception):
    """The link was used, taken back, or is too old."""


def invite(tx: Tx, role: Role, actor: str, user_id: int, now: datetime) -> str:
    """Make an invitation of a user and return its secret (256 random bits), which is kept as a hash only."""
    secret = secrets.token_urlsafe(32)
    invitations.add(
        tx,
        secret_hash=team.secret_hash(secret),
        role=role.value,
        created_at=now,
        created_by=actor,
        created_by_id=user_id,
        expires_at=now + COUNTS_FOR,
    )
    store_team.note(tx, now, actor, "user.invite", role.value)
    return secret


def reset(tx: Tx, username: str, actor: str, user_id: int, now: datetime) -> str:
    """Make a link by which a colleague chooses another password, in place of one before, and return its
    secret. Until it is used the password they have counts.

    Raises:
        BadUser: there is no such user, or they may not sign in.
    """
    user = team.known(tx, username)
    if user.disabled_at is not None:
        raise team.BadUser(f"{username} may not sign in. Let them in again first.")
    for former in invitations.resets_of(tx, user.id, now):
        invitations.change(tx, former.id, revoked_at=now)
    secret = secrets.token_urlsafe(32)
    invitations.add(
        tx,
        secret_hash=team.secret_hash(secret),
        role=user.role,
        created_at=now,
        created_by=actor,
        created_by_id=user_id,
        for_user_id=user.id,
        expires_at=now + RESET_COUNTS_FOR,
    )
    store_team.note(tx, now, actor, "user.reset_link", username)
    return secret


def choose_password(tx: Tx, secret: str, password_hash: str, now: datetime) -> Row[Any]:
    """Set the password that was chosen by a link, and return the user; the link counts no more.

    Raises:
        LinkOver: it does not count, or lets somebody new join.
    """
    link = find(tx, secret, now)
    if link.for_user_id is None:
        raise LinkOver
    user = store_team.user(tx, link.for_user_id)
    invitations.change(tx, link.id, used_at=now)
    team.change_password(tx, user.username, password_hash, f"person:{user.name}", now)
    return store_team.user(tx, user.id)


def find(tx: Tx, secret: str, now: datetime) -> Row[Any]:
    """The invitation of a link.

    Raises:
        LinkOver: it does not count.
    """
    found = invitations.by_hash(tx, team.secret_hash(secret), now)
    if found is None or not _may_invite(store_team.user(tx, found.created_by_id)):
        raise LinkOver
    if found.for_user_id is not None and store_team.user(tx, found.for_user_id).disabled_at is not None:
        raise LinkOver
    return found


def _may_invite(host: Row[Any]) -> bool:
    """Whether who made a link still may: one that was being made while they were removed is not among those
    that were taken back then."""
    return host.disabled_at is None and Right.TEAM_SET in RIGHTS[Role(host.role)]


def take_back(tx: Tx, invitation_id: int, actor: str, now: datetime) -> bool:
    """Let an invitation count no more. False: none of that id did."""
    found = [row for row in invitations.counting(tx, now) if row.id == invitation_id]
    for row in found:
        team.take_back(tx, row, actor, now)
    return bool(found)


def join(tx: Tx, secret: str, username: str, name: str, password_hash: str, now: datetime) -> Row[Any]:
    """Add whoever opened the link, and return their user; the link counts no more.

    Raises:
        LinkOver: it does not count.
        BadUser: the username is taken or cannot be one; the link still counts.
    """
    invitation = find(tx, secret, now)
    if invitation.for_user_id is not None:
        raise LinkOver
    role, host = Role(invitation.role), invitation.created_by
    user_id = team.add_user(tx, username, name, role, password_hash, host, now)
    invitations.change(tx, invitation.id, used_at=now)
    events.record(tx, Event.USER_CHANGED, now)
    return store_team.user(tx, user_id)
