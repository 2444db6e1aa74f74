"""Whether the wall clock can be believed. Pure: evidence in, doubt out.

A box without a battery for its clock starts with the time it was last saved, or the day its system was built;
people set clocks wrong; time services set them right with a step. What depends on the time waits meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MADE = datetime(2025, 1, 1, tzinfo=UTC)
"""This version did not exist before: no clock that is right shows an earlier time."""
RECORDS_AHEAD = timedelta(seconds=60)
"""How far the newest record may lie ahead of the clock."""
NETWORK_APART = timedelta(minutes=2)
"""How far the network's time may differ: some networks tell theirs to the minute."""
SOON_AFTER_BOOT_S = 600.0
"""Seconds after boot in which a time service that is there is waited for. Later it is taken for unable to: a
container, a box without internet."""
READ_WITHIN = timedelta(minutes=30)
"""How old what a line told of the network's time may be; lines ask every ten minutes."""


class Doubt(StrEnum):
    """Why the clock is not to be trusted."""

    NETWORK_DISAGREES = "network_disagrees"
    JUMPED = "jumped"
    BEFORE_BUILD = "before_build"
    BEFORE_RECORDS = "before_records"
    NOT_SYNCHRONISED = "not_synchronised"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the clock. Times are aware.

    `newest`: the newest time that was recorded while the clock was believed, or since. `offsets`: the
    network's time minus ours, as each line told it. `synchronised`: what the kernel says; None: it does not.
    `pending`: the doubt it was in and nothing has ended, a step not judged yet among them. `was_right`: it
    was known to be right since it last was stepped, or the box was started. `confirmed`: a person said so,
    since then.
    """

    now: datetime
    newest: datetime | None = None
    offsets: Sequence[timedelta] = ()
    synchronised: bool | None = None
    uptime_s: float = SOON_AFTER_BOOT_S
    has_time_service: bool = False
    pending: Doubt | None = None
    was_right: bool = False
    confirmed: bool = False

    @property
    def network_agrees(self) -> bool:
        """Whether a network shows the same time."""
        return any(abs(offset) <= NETWORK_APART for offset in self.offsets)

    @property
    def is_right(self) -> bool:
        """Whether something says that the clock is right, whatever speaks against it."""
        return self.synchronised is True or self.network_agrees or self.confirmed


def doubt(found: Evidence) -> Doubt | None:
    """Why the clock is not to be trusted, the heaviest reason first; None when it is."""
    if found.is_right:
        return None
    if found.offsets:
        return Doubt.NETWORK_DISAGREES
    if found.pending not in (None, Doubt.NOT_SYNCHRONISED):
        return found.pending  # the clock runs on, and would seem to have caught up by itself
    if found.was_right:
        return None
    if found.now < MADE:
        return Doubt.BEFORE_BUILD
    if found.newest is not None and found.now < found.newest - RECORDS_AHEAD:
        return Doubt.BEFORE_RECORDS
    starts = found.uptime_s < SOON_AFTER_BOOT_S
    if starts and found.has_time_service and found.synchronised is False:
        return Doubt.NOT_SYNCHRONISED
    return None


def offset(facts: Mapping[str, str], now: datetime, since: datetime | None = None) -> timedelta | None:
    """The network's time minus ours, of a line's facts; None when it was not told, not lately, or before
    `since`, when the clock was stepped."""
    try:
        apart = timedelta(seconds=float(facts["clock_offset_s"]))
        read_at = datetime.fromisoformat(facts["clock_read_at"])
    except (KeyError, ValueError, OverflowError):
        return None
    is_fresh = read_at <= now + timedelta(seconds=1) and now - read_at <= READ_WITHIN
    return apart if is_fresh and (since is None or read_at >= since) else None
