"""Pieces of sentences."""

from __future__ import annotations

from collections.abc import Mapping


def ordinal(number: int) -> str:
    """ "1st", "2nd", "13th"."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def counted(count: int, one: str) -> str:
    """So many of something: "1 minute", "2 minutes"."""
    return f"{count} {one if count == 1 else f'{one}s'}"


def hours_long(minutes: int) -> str:
    """A length of an hour and more: "2 h 05"."""
    return f"{minutes // 60} h {minutes % 60:02}"


def list_of(names: Mapping[str, object] | list[str]) -> str:
    """Names as in a sentence; "none" when there are none."""
    return ", ".join(names) or "none"
