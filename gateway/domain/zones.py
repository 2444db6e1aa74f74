"""Where a number's owner may live, as time zones: from the contact, else from the number, else the line's.

A number tells where it was issued, not where its owner is; so a zone that somebody wrote down always wins.
"""

from __future__ import annotations

import difflib
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers import timezone

from gateway.domain.language import t
from gateway.domain.typed import shown

WIDEST = timedelta(hours=4)
"""Zones further apart than this leave too little of a day that is right in all of them."""
ONE_DAY_FOR_ALL = timedelta(hours=10)
"""Zones of one country that lie no further apart have hours in common in which all are awake."""

_EASTERN_CENTRAL = ("America/New_York", "America/Chicago")
_CENTRAL_MOUNTAIN = ("America/Chicago", "America/Denver")
_BRITISH_COLUMBIA = ("America/Vancouver", "America/Edmonton")
_SASKATCHEWAN = ("America/Regina", "America/Edmonton")
_QUEBEC_EAST = ("America/Toronto", "America/Halifax")

SPLIT: dict[str, tuple[str, ...]] = {
    "208": ("America/Boise", "America/Los_Angeles"),  # Idaho
    "219": _EASTERN_CENTRAL,  # Indiana, north-west
    "574": _EASTERN_CENTRAL,
    "812": _EASTERN_CENTRAL,  # Indiana, south
    "930": _EASTERN_CENTRAL,
    "270": _EASTERN_CENTRAL,  # Kentucky, west
    "364": _EASTERN_CENTRAL,
    "423": _EASTERN_CENTRAL,  # Tennessee, east
    "334": _EASTERN_CENTRAL,  # Alabama, where towns at the border keep the neighbour's time
    "850": _EASTERN_CENTRAL,  # Florida, panhandle
    "448": _EASTERN_CENTRAL,
    "906": _EASTERN_CENTRAL,  # Michigan, Upper Peninsula
    "308": _CENTRAL_MOUNTAIN,  # Nebraska, west
    "605": _CENTRAL_MOUNTAIN,  # South Dakota
    "701": _CENTRAL_MOUNTAIN,  # North Dakota
    "620": _CENTRAL_MOUNTAIN,  # Kansas, south and west
    "785": _CENTRAL_MOUNTAIN,  # Kansas, north
    "541": ("America/Los_Angeles", "America/Boise"),  # Oregon
    "458": ("America/Los_Angeles", "America/Boise"),
    "775": ("America/Los_Angeles", "America/Denver"),  # Nevada
    "928": ("America/Phoenix", "America/Denver"),  # Arizona, with the Navajo Nation
    "907": ("America/Anchorage", "America/Adak"),
    "807": ("America/Toronto", "America/Winnipeg"),  # Ontario, north-west
    "867": ("America/Whitehorse", "America/Yellowknife", "America/Rankin_Inlet", "America/Iqaluit"),
    "236": _BRITISH_COLUMBIA,
    "250": _BRITISH_COLUMBIA,
    "257": _BRITISH_COLUMBIA,
    "672": _BRITISH_COLUMBIA,
    "778": _BRITISH_COLUMBIA,
    "306": _SASKATCHEWAN,
    "474": _SASKATCHEWAN,
    "639": _SASKATCHEWAN,
    "879": ("America/St_Johns", "America/Halifax"),  # Newfoundland and Labrador
    "367": _QUEBEC_EAST,  # with the Magdalen Islands
    "418": _QUEBEC_EAST,
    "581": _QUEBEC_EAST,
}
"""North American area codes that lie in more than one zone. libphonenumber knows single exchanges of them at
best, and not those of mobiles; so every zone of the code is a candidate. Checked 2026-11-22."""

_BEST_KNOWN = ("Europe/London", "Europe/Oslo", "Asia/Ulaanbaatar", "America/New_York", "America/Chicago")
"""Of zones with equal rules the one to name, where it is not the first by the alphabet."""

_RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}
"""Names that libphonenumber still uses, to those their places have now."""


class Source(StrEnum):
    """What the zones were taken from."""

    CONTACT = "contact"
    NUMBER = "number"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Zones:
    """Where somebody may live: what is sent must be right in every one. `unsure`: nothing says where, so
    what nobody waits for is held."""

    names: tuple[str, ...]
    source: Source
    unsure: bool = False


def of_recipient(
    number: str, contact_zone: str | None, line_zone: str, line_country: str | None, at: datetime
) -> Zones:
    """The zones that count for a text to `number` (E.164, or a short code) at that time (aware).

    `line_zone` is where the line's own customers live, `line_country` its country's two letters. A number of
    another, wide country may be anywhere in it: all its zones count while one daytime can suit them all, and
    that it is not known which is theirs is said (`unsure`). Zones that are no longer in the database of zones
    are passed over.
    """
    if contact_zone and find(contact_zone):
        return Zones((contact_zone,), Source.CONTACT)
    candidates = _candidates(number)
    if not candidates:
        return Zones((line_zone,), Source.LINE)
    if len(candidates) == 1:
        return Zones(candidates, Source.NUMBER)
    offsets = [at.astimezone(find(name)).utcoffset() or timedelta() for name in candidates]
    if max(offsets) - min(offsets) <= WIDEST:
        return Zones(_differing(candidates, line_zone, at), Source.NUMBER)
    if line_country is not None and country(number) == line_country:
        return Zones((line_zone,), Source.LINE)
    if max(offsets) - min(offsets) <= ONE_DAY_FOR_ALL:
        return Zones(_differing(candidates, line_zone, at), Source.NUMBER, unsure=True)
    return Zones((line_zone,), Source.LINE, unsure=True)


@lru_cache(maxsize=1024)
def find(name: str) -> ZoneInfo | None:
    """The zone of that name; None when the database of zones has none (or none any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


_NO_PLACES = frozenset({"Factory", "localtime", "posixrules"})


@cache
def names() -> frozenset[str]:
    """Every zone that somebody can choose: those of the database of zones that are of places, or fixed."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACES)


class UnknownZone(ValueError):
    """There is no zone of that name; the text says so, `remedy` what to give instead."""

    def __init__(self, typed: str) -> None:
        near = _nearest(typed)
        meant = t("Did you mean {near}?").format(near=near)
        self.remedy = meant if near else str(t("Give one such as Europe/London."))
        sentence = t("There is no time zone {typed}. {remedy}")
        super().__init__(sentence.format(typed=shown(typed), remedy=self.remedy))


def named(typed: str) -> str:
    """The name of the zone that somebody chose.

    Raises:
        UnknownZone: there is none of that name.
    """
    name = typed.strip()
    if name not in names():
        raise UnknownZone(typed)
    return name


_AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
"""Where people live. What else is in the database of zones are old names, and offsets whose sign misleads."""
_ALIKE = 0.8
_LONGEST_NAME = 40


@cache
def _of_places() -> dict[str, str]:
    """Zones by what people may call them, in small letters: their whole name, or their place alone."""
    found: dict[str, str] = {}
    for name in sorted(names(), key=lambda name: (name.count("/"), name)):
        if name.partition("/")[0] in _AREAS:
            found.setdefault(name.rpartition("/")[2].casefold(), name)
            found[name.casefold()] = name
    return found


def _nearest(typed: str) -> str | None:
    """The zone that was most likely meant; None where nothing is like it."""
    wanted = "_".join(typed.split()).casefold()
    if len(wanted) > _LONGEST_NAME:
        return None
    places = _of_places()
    near = difflib.get_close_matches(wanted, places, n=1, cutoff=_ALIKE)
    return places[near[0]] if near else None


@lru_cache(maxsize=8192)
def country(number: str) -> str | None:
    """Country (two letters) of an E.164 number; None where there is none, as for short codes.

    A number in a range that libphonenumber does not know yet is of the country its code is of.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    if region is None and parsed.country_code is not None:
        region = phonenumbers.region_code_for_country_code(parsed.country_code)
    return None if region in (None, "001", "ZZ") else str(region)


def label(zone: str) -> str:
    """A zone as a place for people: London, Buenos Aires."""
    return zone.rpartition("/")[2].replace("_", " ")


@lru_cache(maxsize=8192)
def _candidates(number: str) -> tuple[str, ...]:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ()
    names = timezone.time_zones_for_number(parsed)
    if not any(map(find, names)):  # a number that is not valid yet is still of its area
        names = timezone.time_zones_for_geographical_number(parsed)
    area = SPLIT.get(number[2:5], ()) if parsed.country_code == 1 else ()
    current = (_RENAMED.get(name, name) for name in (*names, *area))
    return tuple(dict.fromkeys(filter(find, current)))


def _differing(names: Iterable[str], line_zone: str, at: datetime) -> tuple[str, ...]:
    """One of each set of zones that keep the same time from now on: the line's own, or the best known."""
    month = at.astimezone(UTC).date().replace(day=1)
    first = datetime(month.year, month.month, 1, tzinfo=UTC)
    kept: dict[object, str] = {}
    for name in names:
        rules = _rules(name, first)
        if rules not in kept or name == line_zone or (name in _BEST_KNOWN and kept[rules] != line_zone):
            kept[rules] = name
    return tuple(kept.values())


@lru_cache(maxsize=1024)
def _rules(name: str, first: datetime) -> tuple[tuple[datetime, timedelta | None], ...]:
    """The offsets of a zone over the next 14 months, each with the minute from which it holds."""
    zone = find(name)

    def offset(at: datetime) -> timedelta | None:
        return at.astimezone(zone).utcoffset()

    rules = [(first, offset(first))]
    for day in range(1, 427):
        late = first + timedelta(days=day)
        if offset(late) == rules[-1][1]:
            continue
        early = late - timedelta(days=1)
        while late - early > timedelta(minutes=1):
            middle = early + (late - early) / 2
            early, late = (middle, late) if offset(middle) == rules[-1][1] else (early, middle)
        rules.append((late.replace(second=0, microsecond=0), offset(late)))
    return tuple(rules)
