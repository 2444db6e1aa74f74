"""Pieces of sentences."""

from __future__ import annotations

from collections.abc import Mapping


def ordinal(number: int) -> str:
    """ "1st", "2nd", "13th"."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def list_of(names: Mapping[str, object] | list[str]) -> str:
    """Names as in a sentence; "none" when there are none."""
    return ", ".join(names) or "none"
