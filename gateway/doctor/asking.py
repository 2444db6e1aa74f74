"""Asks the modems of the lines themselves, where no program runs that knows how they are.

Nothing is sent, and no PIN is tried. What another program has open is left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from gateway.lines import LOOPBACK_PORT, setup_of
from gateway.modem.finder import FOUND, find
from gateway.modem.port import AUTO
from gateway.modem.probe import probe

SILENT_S = 4.0
"""Seconds a port may stay silent before it is taken for no modem."""


_OTHER_PORTS = frozenset({"data_port", "diag_port", "gnss_port"})
"""Ports of a modem that take no texts: another one of the same modem does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a line would be: a code of `LineState` and its facts."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)


def ask(rows: Sequence[Row[Any]], patterns: Sequence[str]) -> dict[int, Answer]:
    """Ask them all together; by the lines' ids. `patterns` as of `list_candidates`."""
    return asyncio.run(_ask(rows, patterns))


async def _ask(rows: Sequence[Row[Any]], patterns: Sequence[str]) -> dict[int, Answer]:
    answers = await asyncio.gather(*(_ask_one(row, rows, patterns) for row in rows))
    return {row.id: answer for row, answer in zip(rows, answers, strict=True)}


async def _ask_one(row: Row[Any], rows: Sequence[Row[Any]], patterns: Sequence[str]) -> Answer:
    path = row.port
    if path == LOOPBACK_PORT:
        return Answer("ready")
    if path == AUTO:
        taken = [other.port for other in rows if other.id != row.id and other.port != AUTO]
        found = await find(setup_of(row), patterns, taken, row.facts.get("usb", ""))
        if found.code != FOUND:
            return Answer(found.code, found.facts)
        path = found.path
    told = await probe(path, silent_s=SILENT_S)
    return Answer(_code(row, told.code, told.facts), {**told.facts, "device": path})


def _code(row: Row[Any], code: str, facts: dict[str, str]) -> str:
    """A SIM that asks for the PIN we have is as it should be; one that is not the line's own is not."""
    if row.bound_iccid and facts.get("iccid", row.bound_iccid) != row.bound_iccid:
        return "other_sim"
    if code == "sim_pin" and row.pin_sealed is not None and facts.get("pin_tries_left") != "1":
        return "ready"
    return "not_a_modem" if code in _OTHER_PORTS else code
