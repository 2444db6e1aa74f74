"""What `systemctl status` shows of the program in its line Status."""

from __future__ import annotations

from collections.abc import Collection

from gateway.domain.phrases import counted

OPENING = "opening the database; after an update this may take minutes"
REWRITING = "writing the database anew without what was erased; texts wait until that is done"
STOPPING = "stopping: nothing more is sent; waiting for the text that is on the air"
NO_LINE = "no line yet"
DATABASE = "the database"
REFUSES = "the disk takes nothing"
HANGS = "hangs: no sign of life from {what}; to be started anew"


def hangs(what: Collection[str]) -> str:
    """Something has not gone on for too long: names of what it is."""
    return HANGS.format(what=" and ".join(what))


def working(*, queued: int, sending: int, lines: int, down: int, refuses: bool = False) -> str:
    """How texts and lines are: "sending, 3 queued, 1 line down". `refuses`: nothing can be written now."""
    said = ["sending" if sending else "ready" if lines else NO_LINE]
    if refuses:
        said[0] = REFUSES
    if queued:
        said.append(f"{queued} queued")
    if down:
        said.append(f"{counted(down, 'line')} down")
    return ", ".join(said)
