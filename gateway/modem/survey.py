"""Asks all ports who they are, for a person who looks for the modem: everything is told, nothing chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping

from .candidates import Candidate, Stick, in_order
from .driver import Timing
from .finder import Asked, held_ports
from .holders import Holder
from .probe import SILENT_S, ProbeResult, probe


async def survey(
    candidates: Collection[Candidate],
    leave: Collection[str] = (),
    timing: Timing | None = None,
    silent_s: float = SILENT_S,
    held: Mapping[str, Holder] | None = None,
) -> list[list[Asked]]:
    """Ask every port, sticks together, the ports of one stick one after the other.

    Paths in `leave` and ports other programs have open are not touched; their code is port_busy. `held` is
    what `held_ports` said of them, where that was asked before root was given up.
    """
    if held is None:
        held = await asyncio.to_thread(held_ports, candidates)

    async def ask(port: Candidate) -> Asked:
        if port.path in leave or port.path in held:
            facts = {"holder": str(held[port.path])} if port.path in held else {}
            return Asked(port, ProbeResult(port.path, "port_busy", facts))
        return Asked(port, await probe(port.path, timing, silent_s=silent_s))

    async def ask_all(stick: Stick) -> list[Asked]:
        return [await ask(port) for port in stick]

    sticks = [stick for together in in_order(candidates) for stick in together]
    return list(await asyncio.gather(*(ask_all(stick) for stick in sticks)))


def best_of(stick: Iterable[Asked]) -> Asked | None:
    """The port of a stick that a line should use; None where no text can go by any."""
    good = [one for one in stick if one.result.takes_texts]
    return min(good, key=lambda one: (not one.port.is_preferred, not one.result.notices), default=None)
