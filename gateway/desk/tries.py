"""How often a secret may be tried at the panel's door.

Passwords and the set-up code are counted by who tries from where, so that a prank from another desk locks
nobody's account. Codes of the second factor are counted by whose they are, wherever they come from: only who
knows the password can try one, and the pause may be longer. Desks that share a network share their pauses, a
minute at most. What is dated later than now, by a clock that was ahead, counts for nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.domain.networks import place
from gateway.store import team
from gateway.store.database import Tx

SPAN = timedelta(minutes=15)
FREE_TRIES = 3
TRIES_OF_MANY_NAMES = 5
"""Failures of one address over several names that weigh as much as one of a single name."""
LONGEST_PAUSE = timedelta(seconds=60)
CODE_SPAN = timedelta(days=1)
LONGEST_CODE_PAUSE = timedelta(hours=1)
"""Some forty tries a day, of which three in a million fit (RFC 6238 with one step of drift)."""
_DOUBLINGS = 20


class TooSoon(Exception):
    """Too many tries failed; `wait` is how long until one counts again."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


def begin(tx: Tx, name: str, address: str, now: datetime) -> None:
    """Let a secret be tried. The try is noted as failed until `worked`, so that of many made together no more
    are let through than of as many made one after another.

    Raises:
        TooSoon: not yet; it is not noted.
    """
    where = place(address)
    for_name, from_place, last = team.failures(tx, name, where, now - SPAN, now)
    _wait(max(for_name, from_place // TRIES_OF_MANY_NAMES), last, LONGEST_PAUSE, now)
    failed(tx, name, address, now)


def failed(tx: Tx, name: str, address: str, now: datetime) -> None:
    """Note a failure, so that the next tries take longer."""
    team.add_failure(tx, name[:80], place(address), now)


def worked(tx: Tx, name: str, address: str) -> None:
    """The secret was right: what failed before it counts no more."""
    team.forget_failures(tx, name[:80], place(address))


def begin_code(tx: Tx, username: str, now: datetime) -> None:
    """Let a code of the second factor be tried; note afterwards what came of it, in the same transaction.

    Raises:
        TooSoon: not yet.
    """
    count, last = team.failed_codes(tx, username, now - CODE_SPAN, now)
    _wait(count, last, LONGEST_CODE_PAUSE, now)


def code_failed(tx: Tx, username: str, address: str, now: datetime) -> None:
    """Note a code that was wrong."""
    team.add_failure(tx, username, place(address), now, of_code=True)


def _wait(count: int, last: datetime | None, longest: timedelta, now: datetime) -> None:
    if count < FREE_TRIES or last is None:
        return
    pause = min(timedelta(seconds=2 ** min(count - FREE_TRIES, _DOUBLINGS)), longest)
    if last + pause > now:
        raise TooSoon(last + pause - now)
