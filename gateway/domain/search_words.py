"""What the page of a search says: its groups, its filters, what was not found."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.language import t
from gateway.domain.search import Is, Kind

GROUPS: Mapping[Kind, str] = {
    Kind.PEOPLE: t("People"),
    Kind.CONVERSATIONS: t("Conversations"),
    Kind.TEXTS: t("Texts"),
    Kind.NOTES: t("Internal notes"),
}

ALL_OF: Mapping[Kind, str] = {
    Kind.PEOPLE: t("All people found"),
    Kind.CONVERSATIONS: t("All conversations found"),
    Kind.TEXTS: t("All texts found"),
    Kind.NOTES: t("All notes found"),
}
"""Where a group goes on."""

STATES: Mapping[Is, str] = {
    Is.FAILED: t("Failed to send"),
    Is.UNCONFIRMED: t("Unclear"),
    Is.SCHEDULED: t("Scheduled"),
    Is.STARRED: t("Starred"),
    Is.OPEN: t("Open"),
    Is.WAITING: t("Waiting"),
    Is.SNOOZED: t("Put off"),
    Is.CLOSED: t("Closed"),
    Is.MINE: t("Mine"),
    Is.UNASSIGNED: t("Unassigned"),
    Is.UNREAD: t("Unread"),
    Is.BLOCKED: t("Blocked"),
}
"""How the form calls what the filter `is:` knows."""
