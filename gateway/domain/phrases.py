"""Pieces of sentences."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.language import t


def ordinal(number: int) -> str:
    """A place in a row, counted from 1: "1st", "2nd", "13th"."""
    if number == 1:
        return str(t("1st"))
    ending = _PLACES.get(0 if 10 <= number % 100 <= 20 else number % 10, _OTHERS)
    return ending.format(number=number)


_OTHERS = t("{number}th")
_PLACES: dict[int, str] = {1: t("{number}st"), 2: t("{number}nd"), 3: t("{number}rd")}


def counted(count: int, one: str) -> str:
    """So many of something, "1 minute", "2 minutes", where only commands and checks say it: English."""
    return f"{count} {one if count == 1 else f'{one}s'}"


def hours_long(minutes: int) -> str:
    """A length of an hour and more: "2 h 05"."""
    return t("{hours} h {minutes}").format(hours=minutes // 60, minutes=f"{minutes % 60:02}")


def minutes_long(minutes: int) -> str:
    """A length that is short in most cases: "5 min", "2 h 05"."""
    return t("{minutes} min").format(minutes=minutes) if minutes < 60 else hours_long(minutes)


def list_of(names: Mapping[str, object] | list[str]) -> str:
    """Names as in a sentence; "none" when there are none."""
    return ", ".join(names) or t("none")


def pace(count: int, per: str) -> str:
    """How many in each span: "6 a minute"."""
    return _PACES[per].format(count=count)


_PACES: dict[str, str] = {
    "second": t("{count} a second"),
    "minute": t("{count} a minute"),
    "hour": t("{count} an hour"),
    "day": t("{count} a day"),
}


def as_sentence(clause: str) -> str:
    """Words that stand alone, with a capital and a full stop."""
    said = str(clause)
    return f"{said[:1].upper()}{said[1:]}."


def as_clause(sentence: str) -> str:
    """A sentence as it stands behind a colon."""
    said = str(sentence)
    return f"{said[:1].lower()}{said[1:]}".rstrip(".")
