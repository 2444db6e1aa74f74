"""The clock where a reader may be: what time it is there, and how times are said to those who write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.desk import deciding
from gateway.domain import line_options, zones
from gateway.domain.decision_words import Clocks
from gateway.domain.language import t
from gateway.domain.zones import Source, Zones
from gateway.store import contacts, settings
from gateway.store.database import Tx
from gateway.web.present import Times

_NAMED = 2
"""So many places are named; of more it is said how many there are."""


def zones_of(tx: Tx, line: Row[Any], number: str, now: datetime) -> Zones:
    """Where the owner of a number may live, by the rule that decides when a text may reach them."""
    contact = contacts.by_number(tx, number)
    return zones_by(line, number, contact.zone if contact else None, settings.get(tx, "office.zone"), now)


def zones_by(line: Row[Any], number: str, contact_zone: str | None, office_zone: str, now: datetime) -> Zones:
    """The same, where the contact's zone is at hand."""
    line_zone = line_options.value(line.options, "zone") or office_zone
    return zones.of_recipient(number, contact_zone, line_zone, deciding.country_of(line), now)


def clocks(times: Times, where: Zones, name: str | None = None) -> Clocks:
    """Their clocks beside ours; `name` is what the contact is called."""
    found = tuple(ZoneInfo(zone) for zone in where.names)
    return Clocks(times.now, times.zone, found, (name or "").partition(" ")[0] or str(t("them")))


def place(where: Zones) -> str:
    """The places in words: "Dubai", "New York or Chicago", "one of 4 places"; empty when nobody knows."""
    return "" if where.source is Source.LINE else _listed(where.names)


def _listed(names: Sequence[str]) -> str:
    if len(names) > _NAMED:
        return t("one of {count} places").format(count=len(names))
    return str(t(" or ")).join(map(zones.label, names))


def time_there(where: Zones, now: datetime) -> str:
    """ "20:40 in Dubai", "19:40 to 20:40 in Chicago or New York"; where nothing tells, that."""
    if where.source is Source.LINE:
        return str(t("their local time is not known")) if where.unsure else ""
    shown = sorted((now.astimezone(ZoneInfo(name)).replace(tzinfo=None), name) for name in where.names)
    first, last = f"{shown[0][0]:%H:%M}", f"{shown[-1][0]:%H:%M}"
    clock = first if first == last else t("{start} to {end}").format(start=first, end=last)
    return t("{time} in {place}").format(time=clock, place=_listed([name for _, name in shown]))
