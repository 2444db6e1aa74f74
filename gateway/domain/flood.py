"""When somebody writes more than anybody can mean: their texts are all kept and shown, stand as one in the
list, and set nothing off by themselves."""

from __future__ import annotations

from datetime import timedelta

MOST = 20
WITHIN = timedelta(minutes=5)


def is_flood(texts: int) -> bool:
    """Whether so many texts of one number `WITHIN` that time are a flood."""
    return texts > MOST
