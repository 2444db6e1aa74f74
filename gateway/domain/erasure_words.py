"""What is said of an erasure and of retention: how much went or would go, and what stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gateway.domain.language import t, tn

_COUNTS: dict[str, Callable[[int], str]] = {
    "texts_received": lambda count: tn("{count} text received", "{count} texts received", count),
    "texts_sent": lambda count: tn("{count} text written to them", "{count} texts written to them", count),
    "pdus": lambda count: tn(
        "{count} of these in the form it went by radio",
        "{count} of these in the form they went by radio",
        count,
    ),
    "reports": lambda count: tn("{count} delivery report", "{count} delivery reports", count),
    "calls": lambda count: tn("{count} missed call", "{count} missed calls", count),
    "consent_events": lambda count: tn(
        "{count} note of a STOP or START", "{count} notes of STOP and START", count
    ),
    "received": lambda count: tn("{count} text received", "{count} texts received", count),
    "conversational": lambda count: tn(
        "{count} text written by people", "{count} texts written by people", count
    ),
    "transactional": lambda count: tn(
        "{count} reminder or the like", "{count} reminders and the like", count
    ),
    "feedback": lambda count: tn(
        "{count} question about how it was", "{count} questions about how it was", count
    ),
    "marketing": lambda count: tn("{count} offer", "{count} offers", count),
    "auto": lambda count: tn("{count} automatic answer", "{count} automatic answers", count),
    "compliance": lambda count: tn(
        "{count} confirmation of STOP or START", "{count} confirmations of STOP and START", count
    ),
    "internal": lambda count: tn("{count} test text", "{count} test texts", count),
}
"""What is counted, in words, by its name."""


def counted(counts: Mapping[str, int]) -> list[str]:
    """Each count in words: "12 texts received"."""
    return [_COUNTS[name](count) for name, count in counts.items() if name in _COUNTS]


STAYS = t(
    "Whether they asked not to be texted stays known: as a keyed hash of the number and a date, no more."
)
ERASED = t("Everything about them was erased.")
CLEAN = t("The database and its journal hold no trace of it.")
TONIGHT = t(
    "The program overwrote it, and writes the whole file anew next night, so that no trace is left in it."
)
BACKUPS = t(
    "Backups made before still hold it until they are removed: see docs/privacy.md, in "
    "/usr/share/doc/sms-gateway on the box."
)
NOT_NOW = t("A part of it could not be cleaned from the files now; the program does that next night.")
COPIES = t(
    "Copies of the database from before still hold what was erased since: {paths}. A file that begins with "
    "pre- is of an update, and goes by itself when a backup of its age would. A folder that begins with "
    "replaced- was put aside by a restore: remove it when you need it no more."
)


def copies(paths: Iterable[object]) -> tuple[str, ...]:
    """What is said where such copies are there."""
    told = ", ".join(map(str, paths))
    return (COPIES.format(paths=told),) if told else ()
