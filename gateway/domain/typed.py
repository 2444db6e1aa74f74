"""What people type into a field of one line, and how an error repeats it to them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time

from gateway.domain.language import joined, t

_MOST_REPEATED = 80
_WALL = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:\s+|T)([0-9]{1,2}):([0-9]{2})")
_EXAMPLE = t('Write it like "2026-11-24 08:00": year, month and day, then the time by 24 hours.')

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
"""Characters that count as letters or symbols and show nothing: fillers, the empty Braille cell."""


def one_line(text: str) -> str:
    """The words with one space between them; empty where nothing of it can be seen."""
    words = " ".join(text.split())
    return words if any(map(_is_seen, words)) else ""


def shown(text: str) -> str:
    """What was typed, in quotes, as an error repeats it: what cannot be seen as escapes, and not endless."""
    return repr(short(text))


def short(text: str) -> str:
    """As much of a text as is needed to know it again."""
    return text if len(text) <= _MOST_REPEATED else f"{text[:_MOST_REPEATED]}..."


def ended(text: str) -> str:
    """The text with a full stop, where nothing ends it yet."""
    return text if text.endswith((".", "?")) else f"{text}."


class BadTime(ValueError):
    """What was typed is no date and time; the text says what is wrong and gives an example."""


def wall_clock(text: str) -> datetime:
    """A date and time as somebody types them, "2026-11-24 08:00" (naive: what a clock shows).

    Raises:
        BadTime: it is written in another way, there is no such day or time, or it lies in another century.
    """
    match = _WALL.fullmatch(text.strip())
    if match is None:
        raise BadTime(joined(t("{typed} is not a date with a time.").format(typed=shown(text)), _EXAMPLE))
    year, month, day, hour, minute = map(int, match.groups())
    try:
        on = date(year, month, day)
    except ValueError:
        raise BadTime(
            joined(t("{typed}: there is no such day.").format(typed=shown(text)), _EXAMPLE)
        ) from None
    try:
        at = time(hour, minute)
    except ValueError:
        sentence = t("{typed}: there is no such time of day. It goes from 00:00 to 23:59.")
        raise BadTime(sentence.format(typed=shown(text))) from None
    if year // 100 != 20:
        far = t("{typed}: the year {year} is out of reach.").format(typed=shown(text), year=year)
        raise BadTime(joined(far, _EXAMPLE))
    return datetime.combine(on, at)


def _is_seen(char: str) -> bool:
    """Whether a character shows anything by itself: no space, control, format or mark (Unicode, 4.5)."""
    return unicodedata.category(char)[0] not in "ZCM" and char not in _BLANK
