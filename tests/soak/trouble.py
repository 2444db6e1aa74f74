"""Which fault comes next on a line, and what ends it: the cases of the fault stories, drawn by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.fake_modem import Modem
from tests.faults.cases import CASES, Case

LOSES_ITSELF = frozenset({"cmgl-first-part-only", "cmgd-deletes-neighbour", "slot-reused", "second-reader"})
"""The device, or another program, destroys texts nobody has read: nothing can be promised."""
NEEDS_A_PERSON = frozenset({"sim-other"})
"""Another SIM is another line until a person says otherwise."""
WAITS_TO_BE_ASKED = frozenset({"ussd", "cusd-2-hangs", "binary-port", "nmea-port"})
"""Does nothing unless somebody asks, or for another kind of port."""
LEFT_OUT = LOSES_ITSELF | NEEDS_A_PERSON | WAITS_TO_BE_ASKED

PULLED = "cable pulled"
PULLED_SHARE = 0.15


@dataclass(frozen=True)
class Trouble:
    """One fault, or the cable (`case` is None), with what its case says of it."""

    name: str
    case: Case | None


def faults_of(transport: str) -> list[str]:
    """Faults that a line on "pty" or "tcp" can have."""
    return [name for name, case in CASES.items() if name not in LEFT_OUT and _fits(case, transport)]


def _fits(case: Case, transport: str) -> bool:
    return set(case.modem) <= ({transport} if transport == "tcp" else set())


def draw(random: Random, transport: str) -> Trouble:
    """The next one."""
    if random.random() < PULLED_SHARE:
        return Trouble(PULLED, None)
    name = random.choice(faults_of(transport))
    return Trouble(name, CASES[name])


# --- what a person does at the device ----------------------------------------------------------------


def _open_sim(modem: Modem) -> None:
    modem.sim.pin, modem.sim.pin_tries, modem.sim.puk_tries = None, 3, 10
    modem.unlocked()


def _set_centre(modem: Modem) -> None:
    modem.sim.smsc = "+12025550190"


def _let_in(modem: Modem) -> None:
    modem.register(1)


_BY_HAND: dict[str, Callable[[Modem], None]] = {
    "sim-pin": _open_sim,
    "sim-puk": _open_sim,
    "no-csca": _set_centre,
    "csca-lost-after": _set_centre,
    "reg": _let_in,
}


def end(modem: Modem, trouble: Trouble) -> None:
    """Clear the fault and do what a person has to do to end it."""
    if trouble.case is None:
        return
    modem.clear(trouble.name)
    for cure in trouble.case.cure:
        modem.inject(cure)
    if trouble.name in _BY_HAND:
        _BY_HAND[trouble.name](modem)
    if trouble.case.replug:
        modem.vanish(back_after=10.0)
