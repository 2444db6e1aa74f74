"""Who may do what: roles of people, scopes of tokens."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody who signs in may do, from most to least."""

    ADMIN = "admin"
    MANAGER = "manager"
    AGENT = "agent"
    VIEWER = "viewer"


class Notify(StrEnum):
    """What somebody is told of while they do not look at the panel, from least to most. Notes that mention
    them are in all but the first."""

    NOTHING = "nothing"
    MENTIONS = "mentions"
    MINE = "mine"  # texts in conversations that are theirs or nobody's
    ALL = "all"


class Right(StrEnum):
    """One thing a role may do; every page asks for one."""

    READ = "read"
    WRITE = "write"
    SCHEDULE = "schedule"  # move, change and cancel what waits: one's own
    SCHEDULE_ANY = "schedule.any"
    URGENT = "urgent"  # past quiet hours, with a reason
    NOTE = "note"  # write notes, tag, assign, snooze, close
    TEMPLATE_OWN = "template.own"
    TEMPLATE_SHARED = "template.shared"
    CONTACT_SET = "contact.set"
    CONTACT_IMPORT = "contact.import"  # bring in lists, merge, delete filters
    BLOCK = "block"
    UNBLOCK = "unblock"
    CONTACT_EXPORT = "contact.export"
    CONTACT_ERASE = "contact.erase"
    HOURS_SET = "hours.set"  # when the office is open
    WINDOWS_SET = "windows.set"  # when and how much customers are texted
    LINE_SEE = "line.see"
    LINE_PAUSE = "line.pause"
    LINE_TEST = "line.test"
    LINE_RESTART = "line.restart"
    LINE_SET = "line.set"
    ALARM_SEEN = "alarm.seen"
    ALARM_SET = "alarm.set"  # how alarms are told, and test ones
    BACKUP = "backup"  # make, take away, seal, and say that a restore was looked at
    SETUP = "setup"  # the steps of the first run
    TEAM_SET = "team.set"  # invite, change and remove colleagues
    AUDIT_READ = "audit.read"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(Right),
    Role.MANAGER: frozenset(Right)
    - {
        Right.CONTACT_ERASE,
        Right.LINE_SET,
        Right.ALARM_SET,
        Right.WINDOWS_SET,
        Right.BACKUP,
        Right.SETUP,
        Right.TEAM_SET,
    },
    Role.AGENT: frozenset(
        {
            Right.READ,
            Right.WRITE,
            Right.SCHEDULE,
            Right.NOTE,
            Right.TEMPLATE_OWN,
            Right.CONTACT_SET,
            Right.BLOCK,
            Right.LINE_SEE,
            Right.LINE_TEST,
            Right.ALARM_SEEN,
        }
    ),
    Role.VIEWER: frozenset({Right.READ, Right.LINE_SEE}),
}


class Scope(StrEnum):
    """What a token may do on the API."""

    MESSAGES_READ = "messages:read"
    MESSAGES_SEND = "messages:send"
    MESSAGES_OVERRIDE = "messages:override"
    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    METRICS_READ = "metrics:read"
    LINE_READ = "line:read"
    LINE_CONTROL = "line:control"
