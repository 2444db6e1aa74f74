"""Short ways to say in a table who wants to send what, when, and what should come of it.

Times are those of London in the week of Monday 2 March 2026 ("Mon 12:00"), or whole ("2026-03-29 01:30");
another clock is named behind them ("Mon 12:00 America/New_York").
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.domain import hours, limits
from gateway.domain.hours import Opening
from gateway.domain.message import Purpose, Rank, State, WaitingFor, rank_of
from gateway.domain.policy import AUTOMATED, Awaited, Cap, Case, Decision, Refuse, SendNow, WaitUntil
from gateway.domain.settings import SETTINGS
from gateway.domain.zones import Source, Zones

LONDON, NEW_YORK, CHICAGO = "Europe/London", "America/New_York", "America/Chicago"
LOS_ANGELES, KATHMANDU, EUCLA = "America/Los_Angeles", "Asia/Kathmandu", "Australia/Eucla"

REPLY, REMINDER, FEEDBACK = Purpose.CONVERSATIONAL, Purpose.TRANSACTIONAL, Purpose.FEEDBACK
OFFER, AUTO, CONFIRMATION, STAFF = Purpose.MARKETING, Purpose.AUTO, Purpose.COMPLIANCE, Purpose.INTERNAL

DAY, MONTH = timedelta(hours=24), timedelta(days=30)
THREE_A_DAY = Cap(3, DAY, AUTOMATED)
ONE_OFFER_A_DAY = Cap(1, DAY, frozenset({OFFER}))
FOUR_OFFERS_A_MONTH = Cap(4, MONTH, frozenset({OFFER}))
CAPS = (THREE_A_DAY, ONE_OFFER_A_DAY, FOUR_OFFERS_A_MONTH)

_WEEK = {name: number for number, name in enumerate(hours.DAYS, start=2)}
NO_HOLIDAYS = Awaited(("GB",))

Row = tuple[str, Case, str, Decision]
"""A sentence, the text, when it is looked at, what should come of it."""


def at(told: str) -> datetime:
    """The time that is told."""
    day, clock, *zone = told.split()
    day = f"2026-03-{_WEEK[day]:02}" if day in _WEEK else day
    local = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone[0] if zone else LONDON))
    return local.astimezone(UTC)


def text(
    purpose: Purpose,
    *zones: str,
    window: str | None = None,
    presets: Iterable[str] = (),
    holidays: Iterable[str] = (),
    unsure: bool = False,
    limited: str = "",
    left: Iterable[str] = (),
    had: Iterable[tuple[Purpose, str]] = (),
    rank: Rank | None = None,
    **facts: Any,
) -> Case:
    """A text to somebody in London, or in one of these zones, in the hours that are the default."""
    names = zones or (LONDON,)
    default = {AUTO: REMINDER, CONFIRMATION: REMINDER, STAFF: REMINDER}.get(purpose, purpose)
    windows = (window or SETTINGS[f"hours.{default}"].default, *presets)
    days = frozenset(datetime.fromisoformat(day).date() for day in holidays)
    values = {
        name: at(value) if isinstance(value, str) and name in _TIMES else value
        for name, value in facts.items()
    }
    return Case(
        **{
            "purpose": purpose,
            "rank": rank_of(purpose, held=False) if rank is None else rank,
            "written_at": at("Mon 00:00"),
            "zones": Zones(tuple(names), Source.NUMBER, unsure),
            "opening": Opening(tuple(map(hours.parse, windows)), tuple(map(ZoneInfo, names)), days),
            "limits": tuple(map(limits.parse, limited.split())),
            "left": tuple(map(at, left)),
            "had": tuple((was, at(when)) for was, when in had),
            **values,
        }
    )


_TIMES = {"written_at", "suppressed_since", "not_before", "send_by", "they_wrote_at"}


def in_talk(they_wrote: str, written: str, *zones: str, **facts: Any) -> Case:
    """What a person says to somebody who wrote then."""
    return text(REPLY, *zones, they_wrote_at=they_wrote, written_at=written, **facts)


def them(purpose: Purpose, *times: str) -> list[tuple[Purpose, str]]:
    """Texts of a purpose that they got at these times."""
    return [(purpose, time) for time in times]


GOES = SendNow()
LIVE, URGENT, ANSWER, BEGUN = SendNow("live"), SendNow("urgent"), SendNow("answer"), SendNow("begun")
FOR_THE_CLOCK = WaitUntil(None, WaitingFor.CLOCK)
OPTED_OUT = Refuse(State.CANCELED, "opted_out")
TOO_LATE = Refuse(State.EXPIRED, "expired")


def till(told: str | None, why: WaitingFor) -> WaitUntil:
    """It waits till then."""
    return WaitUntil(at(told) if told else None, why)


def asleep(told: str | None) -> WaitUntil:
    """It waits till they are awake."""
    return till(told, WaitingFor.QUIET_HOURS)


def planned(told: str) -> WaitUntil:
    """It waits for its chosen time."""
    return till(told, WaitingFor.SCHEDULE)


def capped(told: str) -> WaitUntil:
    """It waits, for they had enough."""
    return till(told, WaitingFor.CAP)


def rows(*table: Row) -> pytest.MarkDecorator:
    """A test is run for each row; its name is the sentence."""
    sentences = [sentence for sentence, *_ in table]
    assert len(set(sentences)) == len(sentences)
    params = [pytest.param(case, at(when), expected, id=sentence) for sentence, case, when, expected in table]
    return pytest.mark.parametrize(("case", "now", "expected"), params)
