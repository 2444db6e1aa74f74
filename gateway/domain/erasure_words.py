"""What is said of an erasure and of retention: how much went or would go, and what stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

COUNTS: dict[str, tuple[str, str]] = {
    "texts_received": ("text received", "texts received"),
    "texts_sent": ("text written to them", "texts written to them"),
    "pdus": ("of these in the form it went by radio", "of these in the form they went by radio"),
    "reports": ("delivery report", "delivery reports"),
    "calls": ("missed call", "missed calls"),
    "consent_events": ("note of a STOP or START", "notes of STOP and START"),
    "received": ("text received", "texts received"),
    "conversational": ("text written by people", "texts written by people"),
    "transactional": ("reminder or the like", "reminders and the like"),
    "feedback": ("question about how it was", "questions about how it was"),
    "marketing": ("offer", "offers"),
    "auto": ("automatic answer", "automatic answers"),
    "compliance": ("confirmation of STOP or START", "confirmations of STOP and START"),
    "internal": ("test text", "test texts"),
}
"""For each thing that is counted: one of it, several of it."""


def counted(counts: Mapping[str, int]) -> list[str]:
    """Each count in words: "12 texts received"."""
    return [f"{count} {COUNTS[name][count != 1]}" for name, count in counts.items() if name in COUNTS]


STAYS = "Whether they asked not to be texted stays known: as a keyed hash of the number and a date, no more."
ERASED = "Everything about them was erased."
CLEAN = "The database and its journal hold no trace of it."
TONIGHT = (
    "The program overwrote it, and writes the whole file anew next night, so that no trace is left in it."
)
BACKUPS = (
    "Backups made before still hold it until they are removed: see docs/privacy.md, in "
    "/usr/share/doc/sms-gateway on the box."
)
NOT_NOW = "A part of it could not be cleaned from the files now; the program does that next night."
COPIES = (
    "Copies of the database from before still hold what was erased since: {paths}. A file that begins with "
    "pre- is of an update, and goes by itself when a backup of its age would. A folder that begins with "
    "replaced- was put aside by a restore: remove it when you need it no more."
)


def copies(paths: Iterable[object]) -> tuple[str, ...]:
    """What is said where such copies are there."""
    told = ", ".join(map(str, paths))
    return (COPIES.format(paths=told),) if told else ()
