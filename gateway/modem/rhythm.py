"""How often a line looks after itself, and how patient it is. Figures only."""

from __future__ import annotations

from dataclasses import dataclass, field

from .asking import Patience
from .driver import Timing


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds between and for what a line does by itself."""

    listing: float = 60.0
    polling: float = 10.0  # listing, where the device announces nothing
    health: float = 60.0
    notices: float = 60.0
    ping: float = 30.0
    soonest: float = 1.0  # between two runs of the same chore, however often it is asked for
    while_unregistered: float = 5.0
    registration_blink: float = 20.0  # some devices say "not registered" for a moment after each text
    search: float = 180.0  # without a network before it is searched anew; twice and four times that: more
    reread: tuple[float, ...] = (1.0, 3.0, 10.0)
    timing: Timing = field(default_factory=Timing)
    patience: Patience = field(default_factory=Patience)
