"""Where somebody is signed in, in words they know their devices by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Row

from gateway.domain.language import t

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Safari", "Safari"),
)
"""Pieces of what browsers call themselves; each names those above it as well, so the order counts."""
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def in_words(agent: str | None) -> str:
    """A browser by what it calls itself (User-Agent): "Firefox on Windows"."""
    browser = next((name for piece, name in _BROWSERS if piece in (agent or "")), "")
    system = next((name for piece, name in _SYSTEMS if piece in (agent or "")), "")
    if browser and system:
        return t("{browser} on {system}").format(browser=browser, system=system)
    return browser or system or str(t("Browser we do not know"))


@dataclass(frozen=True, slots=True)
class Device:
    """One session. `is_here`: the one of this page."""

    id: str
    words: str
    address: str
    since: datetime
    last: datetime
    is_here: bool

    @classmethod
    def of(cls, row: Row[Any], here: str) -> Self:
        """From its row; `here` is the id of the session that asks."""
        is_here = row.id_hash == here
        return cls(
            row.id_hash, in_words(row.agent), row.address or "", row.created_at, row.last_seen_at, is_here
        )
