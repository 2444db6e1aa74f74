"""`python -m tests.crashes`: seeded crashes between Ctrl-Z and the result, with delivery reports on; counted.

The real lines over a real database on a fake modem, in virtual time. In each round one text is on the air
when the program is killed, its port is lost, or it is stopped; the network took the text or did not, the
result and the report come early, late or never. What is said in the end is held against what the phone got.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from gateway.domain.message import State
from gateway.store import messages, schema
from gateway.store.database import Tx
from gateway.store.tables import attempts
from tests.fake_modem import Modem
from tests.faults.bench import Bench, bench, front
from tests.virtual_time import run

AIR_S = 12.0
LOOK_S = 0.2
PATIENCE_S = 400.0
"""Longer than any evidence of a round takes to come."""
PEOPLE = tuple(f"+1202555{place:04}" for place in range(140, 152))

KILLED, PORT_LOST, STOPPED = "killed", "port lost", "stopped"
NO_ANSWER, LATE, IN_TIME = "no answer", "late answer", "answer in time"
BEFORE, AFTER, NEVER = "report first", "report later", "no report"
UNSENT = {"refused": "cms 41", "refused for good": "cms 304", "unproven": "cms 500", "no answer": "none"}
"""Ways of not sending a text, and what the modem says then."""


@dataclass(frozen=True, slots=True)
class Round:
    """What happens to one text. `moment`: seconds after Ctrl-Z; `away`: how long the port is gone."""

    to: str
    how: str
    moment: float
    away: float
    sent: bool
    answer: str
    report: str
    delay: float

    def __str__(self) -> str:
        fate = f"sent, {self.answer}, {self.report}" if self.sent else f"not sent, {self.answer}"
        return f"{self.how} {self.moment:.1f} s after Ctrl-Z; {fate}"


def plan(rounds: int, seed: int) -> list[Round]:
    """The rounds of a seed: every kind of trouble comes with every kind of fate, at a moment of its own."""
    chance = random.Random(seed)
    kinds = [
        (how, sent, answer, report)
        for how in (KILLED, PORT_LOST, STOPPED)
        for sent, answers, reports in (
            (True, (IN_TIME, LATE, NO_ANSWER), (BEFORE, AFTER, NEVER)),
            (False, tuple(UNSENT), (NEVER,)),
        )
        for answer in answers
        for report in reports
    ]
    chance.shuffle(kinds)
    return [
        Round(
            chance.choice(PEOPLE),
            how,
            chance.uniform(0.0, AIR_S - 0.5),
            chance.uniform(1.0, 40.0),
            sent,
            answer,
            report,
            chance.uniform(5.0, 100.0),
        )
        for how, sent, answer, report in (kinds[place % len(kinds)] for place in range(rounds))
    ]


@dataclass
class Counts:
    """What became of the texts. `by`: evidence, or "a person"; `wrong`: in words."""

    by: Counter[str] = field(default_factory=Counter)
    of_kind: dict[str, Counter[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> list[str]:
        """The figures, a line each."""
        said = [f"{count:4} {evidence}" for evidence, count in self.by.most_common()]
        said += [
            f"     {kind}: {', '.join(f'{count} {by}' for by, count in counts.most_common())}"
            for kind, counts in sorted(self.of_kind.items())
        ]
        return [*said, f"resolved wrongly: {len(self.wrong)}", *self.wrong]


class _Siege:
    def __init__(self, one: Bench, modem: Modem) -> None:
        self.one, self.modem = one, modem
        self.told: list[tuple[Round, int, str]] = []

    async def happen(self, number: int, it: Round) -> None:
        """One round, up to the moment when nothing more can be learnt of its text."""
        self._arrange(it)
        before = self._handed_over()
        body = f"Text number {number} is for you"
        message_id = await self.one.post(it.to, body, line="front")
        await self._until(lambda: self._handed_over() > before)
        self.told.append((it, message_id, body))
        await asyncio.sleep(it.moment)
        await self._strike(it)
        self.modem.clear()
        waited = 0.0
        while waited < PATIENCE_S and not await self._is_settled(message_id):
            await asyncio.sleep(2.0)
            waited += 2.0
        await self.one.up()

    def _handed_over(self) -> int:
        """How many texts were ended by Ctrl-Z so far."""
        return self.modem.log.sent().count(b"\x1a")

    def _arrange(self, it: Round) -> None:
        network, phone = self.one.world.network, self.one.world.phone(it.to)
        network.reports_first = it.report == BEFORE
        network.report_delay = it.delay
        phone.reports(None if it.report == NEVER else 0x00)
        if not it.sent:
            self.modem.inject("send-result", result=UNSENT[it.answer], accepted=False)
        elif it.answer == LATE:
            self.modem.inject("late-result", after=it.delay, busy=False, accepted=True)
        elif it.answer == NO_ANSWER:
            self.modem.inject("send-result", result="none", accepted=True)

    async def _strike(self, it: Round) -> None:
        if it.how == KILLED:
            await self.one.crash()
        elif it.how == STOPPED:
            await self.one.restart()
        else:
            self.modem.vanish(powered=True)
            await asyncio.sleep(it.away)
            self.modem.come_back()

    async def _is_settled(self, message_id: int) -> bool:
        return (await self.one.message(message_id)).state in (
            State.DELIVERED,
            State.FAILED,
        )

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - the fake modem announces nothing
                await asyncio.sleep(LOOK_S)

    async def judge(self) -> Counts:
        """Hold what is said of each text against what its phone got."""
        counts = Counts()
        for it, message_id, body in self.told:
            state = str((await self.one.message(message_id)).state)
            got = self.one.world.phone(it.to).texts().count(body)
            by = await self._resolved_by(message_id, state)
            counts.by[by] += 1
            kind = f"{it.how}, " + (
                f"sent, {it.answer}, {it.report}" if it.sent else f"not sent, {it.answer}"
            )
            counts.of_kind.setdefault(kind, Counter())[by] += 1
            if got > 1 or (state in ("sent", "delivered") and not got) or (state == "failed" and got):
                counts.wrong.append(f"{it}: the phone got it {got} times, and it is {state} ({by})")
        return counts

    async def _resolved_by(self, message_id: int, state: str) -> str:
        """The evidence that decided about the attempt on the air when it struck."""

        def ends(tx: Tx) -> tuple[str, str]:
            (part,) = messages.parts_of(tx, [message_id])[message_id]
            first = select(attempts.c.outcome).where(attempts.c.part_id == part.id).order_by(attempts.c.id)
            return str(tx.scalar(first.limit(1))), str(part.evidence)

        outcome, evidence = await self.one.read(ends)
        if outcome in ("not_now", "refused"):
            return "proven not sent by the answer"
        if state == State.UNCONFIRMED:
            return "left to a person"
        return {"late_result": "late result", "report": "delivery report", "answer": "the answer itself"}[
            evidence
        ]


async def siege(path: Path, rounds: int, seed: int, said: Callable[[str], None] = lambda _: None) -> Counts:
    """All rounds on one line over one database."""
    async with bench(path, air_time=AIR_S) as one:
        modem = await front(one)
        it = _Siege(one, modem)
        for number, what in enumerate(plan(rounds, seed), start=1):
            await it.happen(number, what)
            said(f"{number:4} {what}")
        await one.settled()
        await one.check(reports_lost=True)  # a report told while the cable is out is kept nowhere
        return await it.judge()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="only the figures")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        schema.prepare(path)
        say: Callable[[str], None] = (lambda _: None) if given.quiet else print
        counts = run(lambda: siege(path, given.rounds, given.seed, say))
    print("\n".join(counts.told()))
    return 1 if counts.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
