"""What happened to a conversation beside texts, in one line each: rows of `conversation_log`, of the consent
ledger and of missed calls. Names and times are put in by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.domain.conversation import Happened, Priority
from gateway.domain.language import t

PRIORITIES: dict[str, str] = {
    Priority.LOW.value: t("low"),
    Priority.NORMAL.value: t("normal"),
    Priority.HIGH.value: t("high"),
    Priority.URGENT.value: t("urgent"),
}

NOBODY = t("somebody")
"""Whoever did it, where no name was kept."""

_BY_PERSON: dict[Happened, str] = {
    Happened.CLOSED: t("Closed by {who}"),
    Happened.REOPENED: t("Opened again by {who}"),
    Happened.PRIORITY: t("Priority set to {now} by {who}"),
    Happened.TAGGED: t("Tagged {tag} by {who}"),
    Happened.UNTAGGED: t("Tag {tag} taken off by {who}"),
    Happened.BLOCKED: t("Blocked by {who}: {why}"),
    Happened.UNBLOCKED: t("No longer blocked, says {who}"),
    Happened.MERGED: t("Made one with {name} by {who}"),
    Happened.PARTED: t("Parted from {name} by {who}"),
}

_BY_ITSELF: dict[Happened, str] = {
    Happened.CLOSED: t("Closed by itself"),
    Happened.REOPENED: t("Open again"),
    Happened.PRIORITY: t("Priority set to {now} by a rule"),
    Happened.TAGGED: t("Tagged {tag} by a rule"),
    Happened.UNTAGGED: t("Tag {tag} taken off by a rule"),
    Happened.BLOCKED: t("Blocked by a rule: {why}"),
    Happened.UNBLOCKED: t("No longer blocked"),
    Happened.MERGED: t("Made one with {name}"),
    Happened.PARTED: t("Parted from {name}"),
}

_REOPENED: dict[str, str] = {
    "text": t("Open again: they wrote"),
    "failed": t("Open again: our last text did not arrive"),
    "undo": t("Closing undone by {who}"),
}

_WOKEN: dict[str, str] = {
    "time": t("Back: it was put off until now"),
    "text": t("Back: they wrote"),
}

OPT_OUT = t("They asked us to stop")
OPT_IN = t("They allowed texts again")
OPT_OUT_NOTED = t("That they want no texts was noted by {who}")
OPT_IN_NOTED = t("That they allow texts was noted by {who}")

MISSED = t("Missed call")
MISSED_RANG = t("Missed call, rang {seconds} s")


def happened(
    kind: Happened, by: str, name: str | None, actor_id: int | None, detail: Mapping[str, Any], until: str
) -> str:
    """The line for a row of `conversation_log`: `by` is the kind of its actor, `name` and `actor_id` who that
    is, `until` the time of a snooze in words."""
    who = name or str(NOBODY)
    if kind is Happened.ASSIGNED:
        return _assigned(who, actor_id, detail)
    if kind is Happened.SNOOZED:
        return (
            t("Put off until {when} by {who}") if until else t("Put off by {who} until they write")
        ).format(when=until, who=who)
    if kind is Happened.WOKEN:
        return str(_WOKEN.get(detail.get("why", ""), _WOKEN["time"]))
    words = (_BY_ITSELF if by == "rule" else _BY_PERSON)[kind]
    if kind is Happened.REOPENED:
        words = _REOPENED.get(detail.get("why", ""), words)
    now = PRIORITIES.get(detail.get("now", ""), "")
    given = {name: detail.get(name) or "" for name in ("tag", "why", "name")}
    return words.format(who=who, now=now, **given).removesuffix(": ")


def _assigned(who: str, actor_id: int | None, detail: Mapping[str, Any]) -> str:
    to, how = detail.get("to"), detail.get("how")
    to_name = detail.get("to_name") or str(NOBODY)
    if to is None:
        return t("Given back to everybody by {who}").format(who=who)
    if how == "first reply":
        return t("Assigned to {to}, who answered first").format(to=to_name)
    if how == "turn":
        return t("Assigned to {to}, whose turn it was").format(to=to_name)
    if to == actor_id:
        return t("Taken on by {who}").format(who=who)
    return t("Assigned to {to} by {who}").format(to=to_name, who=who)


LISTED = t("A customer list says that they agreed to be texted")


def consent(kind: str, recorded_by: str | None) -> str:
    """The line for an event of the consent ledger; `recorded_by` is who noted it by hand."""
    if kind == "listed":
        return str(LISTED)
    if recorded_by:
        words = OPT_OUT_NOTED if kind == "opt_out" else OPT_IN_NOTED
        return words.format(who=recorded_by.partition(":")[2] or recorded_by)
    return str(OPT_OUT if kind == "opt_out" else OPT_IN)


def missed(seconds: int) -> str:
    """The line for a call that nobody took."""
    return MISSED_RANG.format(seconds=seconds) if seconds else str(MISSED)
