"""Texts and people: what waits for a decision, what fits nothing, who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version

from gateway.desk import holidays as desk_holidays
from gateway.desk.unclear import SENT_AGAIN
from gateway.doctor.check import Check, said
from gateway.doctor.look import Look
from gateway.store import messages, standing, team

REPORTS_WITHIN = timedelta(days=7)
STRANGE_REPORTS = 10
"""So many reports that fit no text, and as many as fit one: somebody else sends by this SIM."""


def people(look: Look) -> Iterator[Check]:
    """Whether somebody may sign in."""
    count = len([user for user in look.read(team.every_user) if user.disabled_at is None])
    yield said("people", "well" if count else "none", count=count)


def unclear(look: Look) -> Iterator[Check]:
    """Texts that may have gone."""
    wanted = messages.Filter(state="unconfirmed")
    found = look.read(lambda tx: messages.page(tx, wanted, 500))
    count = len([message for message in found if message.reason != SENT_AGAIN])
    yield said("unclear", "some" if count else "well", count=count)


def reports(look: Look) -> Iterator[Check]:
    """Reports that speak of no text we know."""
    matched, unmatched = look.read(lambda tx: standing.reports_since(tx, look.now - REPORTS_WITHIN))
    strange = unmatched >= STRANGE_REPORTS and unmatched >= matched
    yield said("reports", "strange" if strange else "well", matched=matched, unmatched=unmatched)


def holidays(look: Look) -> Iterator[Check]:
    """Regions whose public holidays texts wait for in vain; and, no fault but good to know, those whose
    holidays the library does not know."""
    unknown = look.read(desk_holidays.unknown)
    if unknown:
        yield said("holidays", "unknown_region", regions=", ".join(unknown))
    today = look.now.date()
    missing, why = look.read(lambda tx: desk_holidays.trouble(tx, today, version("holidays")))
    if missing:
        yield said("holidays", "failed", regions=", ".join(missing), why=why)
