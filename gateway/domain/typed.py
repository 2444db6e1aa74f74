"""What people type into a field of one line."""

from __future__ import annotations

import unicodedata

_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")
"""Characters that count as letters or symbols and show nothing: fillers, the empty Braille cell."""


def one_line(text: str) -> str:
    """The words with one space between them; empty where nothing of it can be seen."""
    words = " ".join(text.split())
    return words if any(map(_is_seen, words)) else ""


def _is_seen(char: str) -> bool:
    """Whether a character shows anything by itself: no space, control, format or mark (Unicode, 4.5)."""
    return unicodedata.category(char)[0] not in "ZCM" and char not in _BLANK
