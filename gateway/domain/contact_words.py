"""What the panel says of contacts: who they are to us, how their numbers are, what is noted of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.contact import Health, Known, Stage
from gateway.domain.conversation import Priority
from gateway.domain.flood import WITHIN
from gateway.domain.language import t, tn

STAGES: Mapping[str, str] = {
    Stage.PROSPECT: t("Prospect"),
    Stage.CUSTOMER: t("Customer"),
    Stage.FORMER: t("Former customer"),
}

PRIORITIES: Mapping[str, str] = {
    Priority.LOW: t("Low"),
    Priority.NORMAL: t("Normal"),
    Priority.HIGH: t("High"),
    Priority.URGENT: t("Urgent"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A chip: its words, and its kind (of panel.css, empty for a plain one)."""

    words: str
    kind: str = ""


KNOWN: Mapping[Known, Mark] = {
    Known.NEW_PROSPECT: Mark(t("New prospect"), "accent"),
    Known.PROSPECT: Mark(t("Prospect")),
    Known.CUSTOMER: Mark(t("Customer")),
    Known.FORMER: Mark(t("Former customer")),
}
"""What stands beside somebody's name; nothing beside a sender that is no person."""

HEALTH: Mapping[str, Mark] = {
    Health.OK: Mark(t("Works")),
    Health.SUSPECT: Mark(t("May not work"), "warn"),
    Health.BAD: Mark(t("Does not work"), "bad"),
    Health.CONFIRM: Mark(t("Still theirs?"), "warn"),
    Health.WRONG: Mark(t("Wrong number?"), "bad"),
}

ABOUT_HEALTH: Mapping[str, str] = {
    Health.SUSPECT: t(
        "Three texts in a row failed, or none arrived for two weeks. One that arrives, or that they write, "
        "puts it right."
    ),
    Health.BAD: t(
        "Five texts in a row failed. Nothing goes to it by itself until one arrives, they write, or you say "
        "that it works."
    ),
    Health.CONFIRM: t(
        "Nobody used it for two years. Nothing goes to it by itself until they write or you say it is theirs."
    ),
    Health.WRONG: t(
        "Somebody wrote that it is the wrong number. Nothing goes to it by itself until you say whose it is."
    ),
}

IS_RIGHT: Mapping[str, str] = {
    Health.SUSPECT: t("It works"),
    Health.BAD: t("It works"),
    Health.CONFIRM: t("It is theirs"),
    Health.WRONG: t("It is theirs"),
}
"""The button by which a person sets a number right."""

FIELDS: Mapping[str, str] = {
    "name": t("Name"),
    "stage": t("Stage"),
    "priority": t("Priority"),
    "language": t("Language"),
    "zone": t("Time zone"),
    "company": t("Company"),
    "email": t("E-mail"),
    "address": t("Address"),
}

HAD: Mapping[str, str] = {
    "moved": t("{number}, until {date}: now {name}'s"),
    "removed": t("{number}, until {date}: no longer theirs"),
    "merged": t("{number}: theirs before they were one with {name}, {date}"),
}
"""Why somebody had a number before."""

CONSENT: Mapping[str, str] = {
    "opt_out": t("Asked us to stop"),
    "opt_in": t("Allowed texts"),
    "listed": t("Agreed, says a customer list"),
}

HOW: Mapping[str, str] = {
    "text": t("by text"),
    "staff": t("noted by {who}"),
    "old_phone": t("by a text on an old phone"),
    "import": t("by a list that was brought in"),
    "api": t("by another program"),
}


def flood(texts: int) -> str:
    """What stands for so many texts that came within minutes."""
    minutes = int(WITHIN.total_seconds()) // 60
    if texts >= 1000:
        return t("1000 texts or more in {minutes} minutes").format(minutes=minutes)
    return tn(
        "{count} text in {minutes} minutes", "{count} texts in {minutes} minutes", texts, minutes=minutes
    )


def blocked(who: str, why: str) -> str:
    """Who blocked somebody and why."""
    return t("Blocked by {who}: {why}").format(who=who, why=why)
