"""Wordings of a line's page: its figures, what waits, when texts last went and came."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.limits import Limit
from gateway.domain.message import Purpose, Rank

CLOCK_OFF_S = 120
"""Clocks further apart than this are worth a look (seconds)."""

KINDS: dict[Purpose, str] = {
    Purpose.CONVERSATIONAL: "Replies written now",
    Purpose.TRANSACTIONAL: "Texts of programs",
    Purpose.FEEDBACK: "Questions after a visit",
    Purpose.MARKETING: "News",
    Purpose.AUTO: "Automatic answers",
    Purpose.COMPLIANCE: "Answers to STOP and START",
    Purpose.INTERNAL: "Texts to staff",
}
"""What waits on a line, by purpose."""
HELD = "Replies that were held"
"""Those of people that did not go at once: what somebody writes now goes before them."""
UNCLEAR = "Unclear"
"""What waits because nobody knows whether it went."""

GOING_OUT, AFTER_ANOTHER, WHEN_IT_WORKS, ON_DECISION = (
    "going out",
    "after the one before it",
    "when the line works",
    "when somebody decides",
)
NEXT: dict[str, str] = {"ready": "now", "paused": "when you resume"}
"""When the first of what waits goes, where that is no time; `NEXT` by how the line is."""

REGISTERED: dict[str, str] = {
    "home": "in its home network",
    "roaming": "in a foreign network",
    "denied": "refused by the network",
    "searching": "searching",
    "not registered": "in no network",
}
"""Where a line's device is registered, by what it tells."""


_WINDOWS = {"second": "a second", "minute": "a minute", "hour": "an hour", "day": "in 24 hours"}


def limit(limit: Limit, used: int, left: int, next_at: str, others: Mapping[str, int]) -> str:
    """ "6 a minute: 2 used, 4 left", and when the next can go where that is not now. `others`: what is left
    to texts that have less of it, since the rest is kept for people."""
    said = f"{limit.count} {_WINDOWS[limit.per]}: {used} used, {left} left"
    if others:
        said += f" ({', '.join(f'{count} for {kind}' for kind, count in others.items())})"
    return f"{said}; the next can go {next_at}" if next_at else said


SHARED: dict[Rank, str] = {
    Rank.REMINDER: "reminders",
    Rank.FEEDBACK: "questions",
    Rank.MARKETING: "news",
}
"""Texts that may use a part of a day's limit only."""

MOST_OUT_TO_IN, RATIO_FROM = 3, 20
MOST_EQUAL, MOST_PEOPLE = 25, 100
"""What carriers take for the traffic of people (CTIA, Messaging Principles and Best Practices); beyond it
they may block a SIM without a word. The ratio is looked at from so many texts out on."""


def traffic(out: int, came: int, recipients: int, equal: int) -> list[str]:
    """What of a line's traffic may look like spam to its carrier; usually nothing."""
    found = []
    if out >= RATIO_FROM and out > MOST_OUT_TO_IN * came:
        found.append(
            f"{out} texts went out in 24 hours and {came} came in. Carriers expect people to answer: beyond "
            f"{MOST_OUT_TO_IN} to 1 they may take this line for a machine. Send fewer, or ask for an answer."
        )
    if equal >= MOST_EQUAL:
        found.append(
            f"The same words went out {equal} times in an hour. Carriers count that. Spread them over the "
            "day, or write to people by name."
        )
    if recipients > MOST_PEOPLE:
        found.append(
            f"{recipients} people were texted in 24 hours. Carriers expect up to {MOST_PEOPLE} a day of a "
            "private SIM. Spread it over days, or over lines."
        )
    return found


def last_texts(out: str, came: str) -> str:
    """When texts last went and came, as times in words ("5 minutes ago"); empty: none is kept."""
    said = [
        f"last text {way} {at}" if at else f"no text that {way} is here"
        for way, at in (("went out", out), ("came in", came))
    ]
    sentence = ", ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def memory(facts: Mapping[str, str]) -> str:
    """How full the SIM or the modem is; empty while it is not known."""
    if "storage_total" not in facts:
        return ""
    return f"{facts.get('storage_used', '?')} of {facts['storage_total']} in use"


def port(given: str, found: str) -> str:
    """The port that was given, and where the device was found if that is another."""
    return f"{given}, found at {found}" if found and found != given else given


def clock(offset: str) -> str:
    """Said when the network's clock minus ours (seconds) is more than `CLOCK_OFF_S`; empty otherwise."""
    if not offset.lstrip("-").isdigit() or abs(int(offset)) <= CLOCK_OFF_S:
        return ""
    minutes = round(abs(int(offset)) / 60)
    way = "ahead of" if int(offset) > 0 else "behind"
    return f"the network's is {minutes} min {way} this box's"
