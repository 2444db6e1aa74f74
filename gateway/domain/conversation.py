"""What a conversation can be, and what can happen to it beside texts."""

from __future__ import annotations

from enum import StrEnum


class ConversationState(StrEnum):
    """Who has to do something: us (open), nobody until a time or their next text (snoozed), nobody."""

    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"


class Priority(StrEnum):
    """How soon somebody should answer, from least to most; of contacts as well as of conversations."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


BY_URGENCY = tuple(reversed(Priority))
"""The most urgent first: the order in which what waits is sent, within a rank."""


class Happened(StrEnum):
    """Kinds of rows of `conversation_log`, each with what `detail` holds."""

    ASSIGNED = "assigned"  # to (user id or null), to_name, was, was_name, how: person, first reply, turn
    SNOOZED = "snoozed"  # until (ISO 8601, or null: until they write)
    WOKEN = "woken"  # why: time, text
    CLOSED = "closed"
    REOPENED = "reopened"  # why: text, failed, person, undo
    PRIORITY = "priority"  # was, now
    TAGGED = "tagged"  # tag
    UNTAGGED = "untagged"  # tag
    BLOCKED = "blocked"  # why
    UNBLOCKED = "unblocked"
    MERGED = "merged"  # name
    PARTED = "parted"  # name
