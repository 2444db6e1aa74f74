"""Wordings of a line's page: its figures, what waits, when texts last went and came."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.domain.language import t
from gateway.domain.limits import Limit
from gateway.domain.message import Purpose, Rank
from gateway.domain.phrases import pace

CLOCK_OFF_S = 120
"""Clocks further apart than this are worth a look (seconds)."""

KINDS: dict[Purpose, str] = {
    Purpose.CONVERSATIONAL: t("Replies written now"),
    Purpose.TRANSACTIONAL: t("Texts of programs"),
    Purpose.FEEDBACK: t("Questions after a visit"),
    Purpose.MARKETING: t("News"),
    Purpose.AUTO: t("Automatic answers"),
    Purpose.COMPLIANCE: t("Answers to STOP and START"),
    Purpose.INTERNAL: t("Texts to staff"),
}
"""What waits on a line, by purpose."""
HELD = t("Replies that were held")
"""Those of people that did not go at once: what somebody writes now goes before them."""
UNCLEAR = t("Unclear")
"""What waits because nobody knows whether it went."""

GOING_OUT, AFTER_ANOTHER, WHEN_IT_WORKS, ON_DECISION = (
    t("going out"),
    t("after the one before it"),
    t("when the line works"),
    t("when somebody decides"),
)
NEXT: dict[str, str] = {"ready": t("now"), "paused": t("when you resume")}
"""When the first of what waits goes, where that is no time; `NEXT` by how the line is."""

REGISTERED: dict[str, str] = {
    "home": t("in its home network"),
    "roaming": t("in a foreign network"),
    "denied": t("refused by the network"),
    "searching": t("searching"),
    "not registered": t("in no network"),
}
"""Where a line's device is registered, by what it tells."""


def limit(limit: Limit, used: int, left: int, next_at: str, others: Mapping[str, int]) -> str:
    """ "6 a minute: 2 used, 4 left", and when the next can go where that is not now. `others`: what is left
    to texts that have less of it, since the rest is kept for people."""
    in_a_day = t("{count} in 24 hours").format(count=limit.count)
    per = in_a_day if limit.is_budget else pace(limit.count, limit.per)
    said = t("{limit}: {used} used, {left} left").format(limit=per, used=used, left=left)
    if others:
        kept = [t("{count} for {kind}").format(count=count, kind=kind) for kind, count in others.items()]
        said = f"{said} ({', '.join(kept)})"
    return t("{limit}; the next can go {when}").format(limit=said, when=next_at) if next_at else said


SHARED: dict[Rank, str] = {
    Rank.REMINDER: t("reminders"),
    Rank.FEEDBACK: t("questions"),
    Rank.MARKETING: t("news"),
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
        words = t(
            "{out} texts went out in 24 hours and {came} came in. Carriers expect people to answer: beyond "
            "{most} to 1 they may take this line for a machine. Send fewer, or ask for an answer."
        )
        found.append(words.format(out=out, came=came, most=MOST_OUT_TO_IN))
    if equal >= MOST_EQUAL:
        words = t(
            "The same words went out {times} times in an hour. Carriers count that. Spread them over the "
            "day, or write to people by name."
        )
        found.append(words.format(times=equal))
    if recipients > MOST_PEOPLE:
        words = t(
            "{people} people were texted in 24 hours. Carriers expect up to {most} a day of a private SIM. "
            "Spread it over days, or over lines."
        )
        found.append(words.format(people=recipients, most=MOST_PEOPLE))
    return found


def last_texts(out: str, came: str) -> str:
    """When texts last went and came, as times in words ("5 minutes ago"); empty: none is kept."""
    if out and came:
        return t("Last text went out {out}, last text came in {came}.").format(out=out, came=came)
    if out:
        return t("Last text went out {out}, no text that came in is here.").format(out=out)
    if came:
        return t("No text that went out is here, last text came in {came}.").format(came=came)
    return str(t("No text that went out is here, no text that came in is here."))


def memory(facts: Mapping[str, str]) -> str:
    """How full the SIM or the modem is; empty while it is not known."""
    if "storage_total" not in facts:
        return ""
    used, total = facts.get("storage_used", "?"), facts["storage_total"]
    return t("{used} of {total} in use").format(used=used, total=total)


def port(given: str, found: str) -> str:
    """The port that was given, and where the device was found if that is another."""
    is_elsewhere = found and found != given
    return t("{port}, found at {path}").format(port=given, path=found) if is_elsewhere else given


def clock(offset: str) -> str:
    """Said when the network's clock minus ours (seconds) is more than `CLOCK_OFF_S`; empty otherwise."""
    if not offset.lstrip("-").isdigit() or abs(int(offset)) <= CLOCK_OFF_S:
        return ""
    minutes = round(abs(int(offset)) / 60)
    ahead, behind = (
        t("the network's is {minutes} min ahead of this box's"),
        t("the network's is {minutes} min behind this box's"),
    )
    return (ahead if int(offset) > 0 else behind).format(minutes=minutes)
