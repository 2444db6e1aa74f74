"""`python -m tests.codes`: every error number a device may answer, and what the program does with a text.

A fake modem answers with the number, at the prompt and after Ctrl-Z; the real driver, lane and queue take it
(in virtual time), and what the text then waits for is read from the database. A text that goes well lies
between any two, so that none is judged by the one before.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from gateway.desk import acceptance
from gateway.domain.message import State
from gateway.lines import Box
from gateway.modem.codes import TRIES, meaning
from gateway.modem.profile import Profile
from gateway.modem.profiles import PROFILES, profile_for
from gateway.modem.rhythm import Rhythm
from gateway.store import schema
from tests.fake_modem import Modem
from tests.faults.bench import AUTHOR, Bench, bench, front
from tests.virtual_time import run

EVERY = range(601)
LOOK_S = 0.25
AT_MOST_S = 900.0

CALM = Rhythm(listing=1800.0, health=1800.0, notices=3600.0, ping=1800.0)

MAKERS = {
    "wavecom": "wavecom-q2403",
    "siemens": "siemens-tc35",
    "simcom-800": "sim800",
    "simcom-7600": "sim7600",
    "quectel": "quectel-ec25",
}
"""Profiles with numbers of their own, and a device of each."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a text. `state` is the message's, `waits` its reason, `again_s` seconds to its next try,
    None for no next one."""

    state: str
    waits: str | None
    again_s: float | None

    def __str__(self) -> str:
        if self.again_s is not None:
            return f"not sent ({self.waits}): again in {self.again_s:.0f} s"
        return {
            "failed": "not sent: failed",
            "unconfirmed": "unclear: never again by itself",
        }.get(self.state, self.state)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    code: str
    name: str
    kind: str
    tries: int | None
    before: Fate
    after: Fate

    def __str__(self) -> str:
        tries = f"{self.tries} tries" if self.tries else ""
        return f"{self.code:8} {self.name:30} {self.kind:24} {tries:8} {self.before!s:38} {self.after}"


HEAD = f"{'code':8} {'name':30} {'class':24} {'':8} {'at the prompt':38} after Ctrl-Z"


class _Asked:
    """A line at work that is asked what it does with each code."""

    def __init__(self, one: Bench, modem: Modem, profile: Profile) -> None:
        self.one, self.modem, self.profile = one, modem, profile
        self._texts = 0

    async def row(self, code: str) -> Line:
        """What the program does with a code."""
        kind, _, number = code.partition(" ")
        line = f"+{kind} ERROR: {number}"
        before = await self._fate("error-storm", command="+CMGS", result=line, count=1)
        after = await self._fate("send-result", result=code.lower(), accepted=False)
        found = meaning(code, self.profile)
        tries = found.tries or TRIES.get(found.remedy, (None,))[0]
        return Line(code, found.key, found.remedy.value, tries, before, after)

    async def _fate(self, fault: str, **how: object) -> Fate:
        await self.one.up()
        went = await self._end(await self._post())
        assert went.state in ("sent", "delivered"), went
        self.modem.inject(fault, **how)
        fate = await self._end(await self._post())
        self.modem.clear()
        return fate

    async def _post(self) -> int:
        self._texts += 1
        return await self.one.post(f"+1202555{self._texts:04}", f"Text number {self._texts}")

    async def _end(self, message_id: int) -> Fate:
        """Wait until something became of a text; one that would be tried again is taken back."""
        waited = 0.0
        while True:
            row = await self.one.message(message_id)
            if row.state not in ("queued", "sending"):
                return Fate(row.state, row.reason, None)
            if row.waiting_for in ("retry", "line"):
                return await self._take_back(row)
            assert waited < AT_MOST_S, await self.one.story()
            await asyncio.sleep(LOOK_S)
            waited += LOOK_S

    async def _take_back(self, row: Row[Any]) -> Fate:
        now = self.one.clock()
        await self.one.write(lambda tx: acceptance.cancel(tx, row.id, AUTHOR, now))
        return Fate(State.QUEUED, row.waiting_for, (row.due_at - now).total_seconds())


async def table(
    path: Path, personality: str, codes: Sequence[str], said: Callable[[Line], None] = lambda _: None
) -> list[Line]:
    """What the program does with each of these codes of a device."""
    async with bench(path, Box(rhythm=CALM), air_time=0.5, report_delay=None) as one:
        modem = await front(one, personality=personality)
        facts = (await one.line()).facts
        names = (facts.get(name, "") for name in ("maker", "model", "firmware"))
        asked = _Asked(one, modem, profile_for(*names))
        rows = []
        for code in codes:
            rows.append(await asked.row(code))
            said(rows[-1])
        assert all(len(phone.parts) <= 1 for phone in one.world.phones.values())
        return rows


def own(profile: Profile) -> list[str]:
    """The codes to which a maker gives a meaning of its own."""
    return [*(f"CMS {number}" for number in profile.cms), *(f"CME {number}" for number in profile.cme)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.codes", description=__doc__)
    parser.add_argument("--only", nargs="*", help="some codes instead of all, such as 'CMS 38'")
    given = parser.parse_args()
    every = [f"{kind} {number}" for kind in ("CMS", "CME") for number in EVERY]
    todo = [("generic-27005", given.only or every)]
    if not given.only:
        todo += [(MAKERS[one.name], own(one)) for one in PROFILES if one.name in MAKERS]
    for personality, codes in todo:
        print(f"\n{personality}\n{HEAD}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "gateway.db"
            schema.prepare(path)
            run(functools.partial(table, path, personality, codes, lambda row: print(row, flush=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
