"""Wordings of a line's page: its figures, what waits, when texts last went and came."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.message import Purpose

CLOCK_OFF_S = 120
"""Clocks further apart than this are worth a look (seconds)."""

KINDS: dict[Purpose, str] = {
    Purpose.CONVERSATIONAL: "Replies",
    Purpose.TRANSACTIONAL: "Texts of programs",
    Purpose.FEEDBACK: "Questions after a visit",
    Purpose.MARKETING: "News",
    Purpose.AUTO: "Automatic answers",
    Purpose.COMPLIANCE: "Answers to STOP and START",
    Purpose.INTERNAL: "Test texts",
}
"""What waits on a line, by purpose."""
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


def last_texts(out: str, came: str) -> str:
    """When texts last went and came, as times in words ("5 minutes ago"); empty: there is none yet."""
    said = [
        f"last text {way} {at}" if at else f"no text {way} yet"
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
