"""Who may do what: roles of people, scopes of tokens."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody who signs in may do, from most to least."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


class Right(StrEnum):
    """One thing a role may do; every page asks for one."""

    READ = "read"
    WRITE = "write"
    LINE_SEE = "line.see"
    LINE_PAUSE = "line.pause"
    LINE_TEST = "line.test"
    LINE_RESTART = "line.restart"
    LINE_SET = "line.set"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.LINE_SET},
    Role.AGENT: frozenset({Right.READ, Right.WRITE, Right.LINE_SEE, Right.LINE_TEST}),
    Role.VIEWER: frozenset({Right.READ, Right.LINE_SEE}),
}


class Scope(StrEnum):
    """What a token may do on the API."""

    MESSAGES_READ = "messages:read"
    MESSAGES_SEND = "messages:send"
    METRICS_READ = "metrics:read"
    LINE_READ = "line:read"
    LINE_CONTROL = "line:control"
