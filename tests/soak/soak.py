"""One office through its epochs: texts both ways, troubles, restarts; then quiet, the judge, a clean desk.

What happens is drawn from the seed, epoch by epoch; on which byte it falls stays the machine's.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, select

from gateway.store.tables import line_log, lines, messages, raw_pdus
from tests.soak import judge, trouble
from tests.soak.memory import live_objects, resident_mb
from tests.soak.office import Office, SoakedLine, furnish, office
from tests.soak.texts import PHONES, Ledger, mark_of
from tests.virtual_time import run

PER_EPOCH = 2500
TEXTS_PER_SECOND_AND_LINE = 0.8
"""Both ways together, in the office's time; a line's air takes about one text of ours a second."""
LIES_IN_WAIT_S = (2.0, 60.0)
HEALED_WITHIN_S = 9000.0
"""From the end of a fault until the line must work again."""
SETTLED_WITHIN_S = 20_000.0
LATE_S = 300.0
"""In which late results and reports may still come, before an epoch is judged."""
LOOK_S = 5.0


@dataclass(frozen=True)
class Plan:
    """What one office goes through. `first`: which personality its first line has."""

    texts: int
    seed: int
    lines: int = 3
    minutes_between_faults: float = 1.0
    minutes_between_restarts: float = 10.0
    per_epoch: int = PER_EPOCH
    first: int = 0
    first_epoch: int = 1
    folder: Path = Path("/dev/shm")


@dataclass
class Epoch:
    """What an epoch came to. Seconds are the office's own and those it really took."""

    number: int
    texts: int
    counts: Counter[str]
    states: Counter[str]
    reasons: Counter[str]
    faults: Counter[str]
    recoveries: Counter[str]
    violations: list[str]
    office_seconds: float
    real_seconds: float
    memory_mb: float
    live_objects: int


@dataclass
class _Met:
    """What happened to the lines, and what the story has to complain of."""

    faults: Counter[str] = field(default_factory=Counter)
    restarts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Before:
    """How far the tables went when an epoch began."""

    message: int
    pdu: int
    log: int


class Soak:
    """Owns the office while it goes through its epochs."""

    def __init__(self, one: Office, served: list[SoakedLine], plan: Plan) -> None:
        self._one, self._lines, self._plan = one, served, plan
        self._door = asyncio.Lock()  # closed while the office restarts
        self._over = asyncio.Event()
        self._met = _Met()

    async def epoch(self, number: int, texts: int) -> Epoch:
        """Play one epoch and judge it."""
        loop, began, real = asyncio.get_running_loop(), asyncio.get_running_loop().time(), time.monotonic()
        before, ledger, self._met = await self._before(), Ledger(number), _Met()
        self._over.clear()
        troubles = [asyncio.create_task(each) for each in self._troubles(number)]
        await self._write(ledger, texts, self._random(number, "texts"))
        self._over.set()
        await asyncio.gather(*troubles)
        await self._settle(ledger, before)
        facts = await self._facts(ledger, before)
        found = Epoch(
            number, ledger.count, self._counts(facts), *_outcomes(facts), self._met.faults,
            await self._recoveries(before), judge.violations(facts), loop.time() - began,
            time.monotonic() - real, 0.0, 0,
        )  # fmt: skip
        del facts
        self._clean_up()
        found.memory_mb, found.live_objects = resident_mb(), live_objects()
        return found

    def _random(self, epoch: int, who: str) -> Random:
        return Random(f"{self._plan.seed} {self._plan.first} {epoch} {who}")

    # --- what happens --------------------------------------------------------------------------------

    async def _write(self, ledger: Ledger, texts: int, draw: Random) -> None:
        pace = TEXTS_PER_SECOND_AND_LINE * len(self._lines)
        while ledger.count < texts:
            line = draw.choice(self._lines)
            if draw.random() < 0.5:
                number, body = ledger.next_out(draw)
                async with self._door:
                    ledger.accepted[await self._one.post(number, body, line=line.name)] = body
            else:
                number, body, times = ledger.next_in(draw)
                for _ in range(times):
                    self._one.world.phone(number).text(line.modem.number, body)
            await asyncio.sleep(draw.expovariate(pace))

    def _troubles(self, epoch: int) -> list[Coroutine[Any, Any, None]]:
        each = [self._haunt(line, self._random(epoch, line.name)) for line in self._lines]
        return [*each, self._keep_restarting(self._random(epoch, "restarts"))]

    async def _haunt(self, line: SoakedLine, draw: Random) -> None:
        while await self._goes_on_after(draw.expovariate(1 / (60 * self._plan.minutes_between_faults))):
            await self._trouble(line, trouble.draw(draw, line.transport), draw)

    async def _trouble(self, line: SoakedLine, what: trouble.Trouble, draw: Random) -> None:
        case, modem = what.case, line.modem
        if case is None:
            modem.vanish(back_after=draw.uniform(*LIES_IN_WAIT_S))
            await asyncio.sleep(LIES_IN_WAIT_S[1])
        else:
            try:
                modem.inject(what.name, **case.params)
            except ValueError:  # no room for what it would put there, or not on this kind of port
                return
            if case.before:
                modem.vanish(back_after=draw.uniform(*LIES_IN_WAIT_S))
            await asyncio.sleep(LIES_IN_WAIT_S[1] if case.lasts is None else case.lasts)
        self._met.faults[what.name] += 1
        trouble.end(modem, what)
        await self._healed(line, what.name)

    async def _healed(self, line: SoakedLine, after: str) -> None:
        if not await self._within(HEALED_WITHIN_S, functools.partial(self._works, line)):
            self._met.complaints.append(
                f"{line.name} did not heal after {after}: {await self._state_of(line)}"
            )
            line.modem.clear()
            line.modem.vanish(back_after=10.0)

    async def _keep_restarting(self, draw: Random) -> None:
        while await self._goes_on_after(draw.expovariate(1 / (60 * self._plan.minutes_between_restarts))):
            abrupt = draw.random() < 0.5
            self._met.restarts["crash" if abrupt else "restart"] += 1
            async with self._door:
                await (self._one.crash() if abrupt else self._one.restart())

    async def _goes_on_after(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        return not self._over.is_set()

    # --- until all is quiet --------------------------------------------------------------------------

    async def _within(self, seconds: float, condition: Callable[[], Coroutine[Any, Any, bool]]) -> bool:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not await condition():
            if loop.time() > end:
                return False
            await asyncio.sleep(LOOK_S)
        return True

    async def _works(self, line: SoakedLine) -> bool:
        async with self._door:
            return bool((await self._one.line(line.name)).code == "ready")

    async def _state_of(self, line: SoakedLine) -> str:
        async with self._door:
            row = await self._one.line(line.name)
        return f"{row.status} {row.code} {row.facts.get('detail', '')}"

    async def _settle(self, ledger: Ledger, before: _Before) -> None:
        for line in self._lines:
            line.modem.clear()
            await self._healed(line, "everything")
        person = asyncio.create_task(self._replug_what_is_dead())
        await self._within(SETTLED_WITHIN_S, functools.partial(self._nothing_waits, before))
        await self._within(SETTLED_WITHIN_S, functools.partial(self._all_heard, ledger, before))
        await asyncio.sleep(LATE_S)
        person.cancel()

    async def _replug_what_is_dead(self) -> None:
        """Do as a line's page says: a device that no step brings back loses its power. Some sticks die of
        what they say themselves."""
        while True:
            await asyncio.sleep(HEALED_WITHIN_S)
            for line in self._lines:
                if not await self._works(line):
                    self._met.faults["replugged by a person"] += 1
                    line.modem.vanish(back_after=10.0)

    async def _nothing_waits(self, before: _Before) -> bool:
        query = select(func.count()).where(
            messages.c.id > before.message, messages.c.state.in_(("queued", "sending"))
        )
        return not await self._one.read(lambda tx: tx.scalar(query))

    async def _all_heard(self, ledger: Ledger, before: _Before) -> bool:
        query = select(messages.c.body).where(
            messages.c.id > before.message, messages.c.direction == "inbound", messages.c.state == "received"
        )
        bodies = await self._one.read(lambda tx: tx.execute(query).scalars().all())
        return ledger.written <= Counter(mark for mark in map(mark_of, bodies) if mark)

    # --- what is found -------------------------------------------------------------------------------

    async def _before(self) -> _Before:
        def last(tx: Any) -> _Before:
            ends = [tx.scalar(select(func.max(table.c.id))) for table in (messages, raw_pdus, line_log)]
            return _Before(*(end or 0 for end in ends))

        return await self._one.read(last)

    async def _facts(self, ledger: Ledger, before: _Before) -> judge.Facts:
        one, world = self._one, self._one.world
        stored = select(messages).where(messages.c.id > before.message)
        rows = {row.id: row for row in await one.read(lambda tx: list(tx.execute(stored)))}
        kept = select(raw_pdus.c.pdu).where(raw_pdus.c.id > before.pdu)
        known = {pdu.upper() for pdu in await one.read(lambda tx: tx.execute(kept).scalars().all())}
        arrived = Counter(
            (number, mark)
            for number, phone in world.phones.items()
            for text in phone.received
            if (mark := mark_of(text.body)) is not None
        )
        return judge.Facts(
            ledger,
            rows,
            arrived,
            {number: phone.parts_twice() for number, phone in world.phones.items()},
            [pdu for pdu in world.lost_inbound(known) if _is_text(pdu)],
            [each.words for each in world.complaints],
            self._early(),
            one.database.check(),
            tuple(one.fatal),
            tuple(one.log.lines),
            frozenset(PHONES),
            tuple(self._met.complaints),
        )

    def _early(self) -> int:
        """Commands given while a text was on the air. After a crash a line begins anew, whatever is on it: it
        may ask whether the device is there, as often as it takes, and nothing else."""
        terminals = [line.modem.terminal for line in self._lines]
        early = sum(terminal.commands_after_ctrlz for terminal in terminals)
        if not self._met.restarts["crash"]:
            return early
        return early - sum(terminal.questions_after_ctrlz for terminal in terminals)

    def _counts(self, facts: judge.Facts) -> Counter[str]:
        written = sum(facts.ledger.written.values())
        twins = sum(row.twin_of_id is not None for row in facts.rows.values())
        here = {"out": len(facts.ledger.accepted), "in": written, "shown as a twin": twins}
        return Counter(here) + self._met.restarts

    async def _recoveries(self, before: _Before) -> Counter[str]:
        query = (
            select(lines.c.name, line_log.c.code, line_log.c.detail)
            .join(lines, lines.c.id == line_log.c.line_id)
            .where(line_log.c.id > before.log, line_log.c.kind == "recovery")
        )
        taken = await self._one.read(lambda tx: list(tx.execute(query)))
        return Counter(f"{row.code} because {row.detail.partition(':')[0]}" for row in taken)

    def _clean_up(self) -> None:
        """Leave nothing of the story in memory, nor of what others stored on the devices."""
        self._one.world.forget()
        self._one.accepted.clear()
        self._one.log.lines.clear()
        for line in self._lines:
            line.modem.terminal.commands_after_ctrlz = line.modem.terminal.questions_after_ctrlz = 0
            for store in line.modem.stores.values():
                for index in [index for index, slot in store.slots.items() if slot.stat >= 2]:
                    del store.slots[index]


def _is_text(pdu: str) -> bool:
    """Whether a PDU is no report: of those a device keeps no copy while nobody listens."""
    with contextlib.suppress(ValueError, IndexError):  # damaged on its way
        octets = bytes.fromhex(pdu)
        return octets[1 + octets[0]] & 0x03 != 0x02
    return True


def _outcomes(facts: judge.Facts) -> tuple[Counter[str], Counter[str]]:
    """States of our texts, and the reasons of those that did not simply go."""
    ours = [facts.rows[each] for each in facts.ledger.accepted if each in facts.rows]
    reasons = Counter(f"{row.state}: {row.reason}" for row in ours if row.state not in judge.ARRIVED)
    return Counter(row.state for row in ours), reasons


# --- from the outside --------------------------------------------------------------------------------


def epochs(plan: Plan, tell: Callable[[Epoch], None]) -> list[Epoch]:
    """Run a plan in a loop of its own; `tell` hears of each epoch as soon as it is judged."""

    async def story() -> list[Epoch]:
        found: list[Epoch] = []
        async with _soak(plan) as soak:
            count = -(-plan.texts // plan.per_epoch)
            for place in range(count):
                texts = min(plan.per_epoch, plan.texts - place * plan.per_epoch)
                found.append(await soak.epoch(plan.first_epoch + place, texts))
                tell(found[-1])
        return found

    return run(story)


@contextlib.asynccontextmanager
async def _soak(plan: Plan) -> AsyncIterator[Soak]:
    with tempfile.TemporaryDirectory(prefix="sms-gateway-soak-", dir=plan.folder) as name:
        async with office(Path(name), plan.seed) as one:
            yield Soak(one, await furnish(one, plan.lines, plan.first), plan)
