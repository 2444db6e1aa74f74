"""Settings an office can change while the program runs, each described once.

The command line, the docs and the tests are made from this table. What the program needs before it can
open its database is in `gateway.config` instead.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass


class BadValue(ValueError):
    """A setting's value cannot be used; the text says what it must be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `parse` turns what was typed into the value, or raises `BadValue`."""

    name: str
    default: str
    meaning: str
    parse: Callable[[str], str]


def _text(most: int) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        value = " ".join(typed.split())
        if not 0 < len(value) <= most:
            raise BadValue(f"it must have 1 to {most} characters")
        return value

    return parse


def _answer(typed: str) -> str:
    value = _text(160)(typed)
    unknown = [name for name in re.findall(r"\{[^}]*\}?", value) if name != "{office}"]
    if unknown:
        raise BadValue(f"it must not hold {unknown[0]}: only {{office}} stands for something")
    return value


def _country(typed: str) -> str:
    value = typed.strip().upper()
    if value and not re.fullmatch(r"[A-Z]{2}", value):
        raise BadValue("it must be a country's two letters, such as GB or US, or empty")
    return value


def _zone(typed: str) -> str:
    if typed not in zoneinfo.available_timezones():
        raise BadValue("it must be a zone of the IANA database, such as Europe/London")
    return typed


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "office.name", "Our office", "Name of the office, shown on the panel and in answers.", _text(60)
        ),
        Setting(
            "office.country",
            "",
            "Country whose national way of writing numbers is understood (two letters). Empty: only +...",
            _country,
        ),
        Setting("office.zone", "UTC", "Time zone of the office; every time on the panel is in it.", _zone),
        Setting(
            "consent.stop_answer",
            "You will get no more texts from {office}. Text START to get them again.",
            "The one confirmation sent after STOP. {office} stands for the name.",
            _answer,
        ),
        Setting(
            "consent.start_answer",
            "Welcome back to {office}. Text STOP at any time to end these texts.",
            "The confirmation sent after START ended a STOP.",
            _answer,
        ),
    )
}
