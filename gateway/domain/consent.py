"""What a text says about consent: the carriers' own words, and nothing guessed.

Only a text that is one of these words alone counts, in any letter case, with or without punctuation
around it. Phrases and other languages come with the ledger's own rules.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

STOP_WORDS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
"""Words every carrier-side service acts on (Twilio's list of 2025, which 47 CFR 64.1200(a)(10) repeats)."""

START_WORDS = frozenset({"start", "unstop"})


class Wish(StrEnum):
    """What the writer asks for."""

    STOP = "stop"
    START = "start"


def wish(body: str) -> Wish | None:
    """The wish a whole text expresses, None when it is an ordinary text."""
    word = re.sub(r"^[\W_]+|[\W_]+$", "", unicodedata.normalize("NFKC", body)).casefold()
    if word in STOP_WORDS:
        return Wish.STOP
    if word in START_WORDS:
        return Wish.START
    return None
