"""The steps of the model over the real lanes and the fake modem, in virtual time: slower than `machine`,
and nearer to a day at an office.

Longer than the tests do: `python -m tests.queue.bench_machine --examples 50 --steps 50 --seed 1`.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition
from sqlalchemy import select

from gateway.desk import acceptance, schedules, unclear
from gateway.desk import lines as desk_lines
from gateway.desk import settings as desk_settings
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Draft
from gateway.domain import phone
from gateway.domain.limits import Limit
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import at_instant
from gateway.kernel_clock import Kernel
from gateway.store import consent, lines
from gateway.store.tables import messages, parts
from tests.fake_modem import Modem
from tests.faults.bench import Bench, bench, front
from tests.office import SAM
from tests.queue.machine import ANY, command_line, empty_database, step
from tests.queue.model import WORDS
from tests.virtual_time import VirtualTimeLoop

PEOPLE = ("+447700900123", "+447700900124", "+447700900125")
UNSURE = Kernel(synchronised=False, uptime_s=1e6, has_time_service=True, boot="one")
FLOW = timedelta(seconds=60)
WHO = st.sampled_from(PEOPLE)
PURPOSES = st.sampled_from(
    [
        Purpose.CONVERSATIONAL,
        Purpose.CONVERSATIONAL,
        Purpose.TRANSACTIONAL,
        Purpose.FEEDBACK,
        Purpose.INTERNAL,
    ]
)
TROUBLE = st.sampled_from(
    [
        ("send-result", {"result": "cms 41", "accepted": False}),
        ("send-result", {"result": "cms 331", "accepted": False}),
        ("send-result", {"result": "cms 21", "accepted": False}),
        ("send-result", {"result": "none", "accepted": True}),
        ("send-result", {"result": "none", "accepted": False}),
        ("sent-but-error", {}),
        ("error-but-not-sent", {}),
        ("late-result", {"after": 20.0}),
    ]
)
_STUCK = (None, "retry", "line", "order", "clock")


class BenchMachine(RuleBasedStateMachine):
    """One line at work, whose phones tell what really arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="queue-bench-"))
        self.runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self.stack = contextlib.AsyncExitStack()
        self.one: Bench
        self.modem: Modem
        self.written = 0
        self.canceled: set[int] = set()
        self.repeated: set[int] = set()
        self.former: set[str] = set()
        self.suppressed: set[str] = set()
        self.paused = self.was_stepped = self.was_away = False

    @initialize(limited=st.booleans())
    def open(self, limited: bool) -> None:
        self.run(self._open(limited))

    async def _open(self, limited: bool) -> None:
        path = Path(shutil.copy(empty_database(), self.folder / "gateway.db"))
        self.one = await self.stack.enter_async_context(bench(path, at_any_hour=False, kernel=UNSURE))
        for name, value in (("office.zone", "Europe/London"), ("office.country", "GB")):
            await self.do(desk_settings.change, name, value, "command:test")
        self.modem = await front(self.one)
        if limited:
            await self.do(desk_lines.set_limits, "front", [Limit(6, "minute")], "command:test")

    def run(self, story: Awaitable[Any]) -> Any:
        """Let a piece of the story happen."""

        async def told() -> Any:
            return await story

        return self.runner.run(told())

    async def do(self, verb: Callable[..., Any], *arguments: Any) -> Any:
        """One transaction at the present time."""
        return await self.one.write(lambda tx: verb(tx, *arguments, self.one.clock()))

    def teardown(self) -> None:
        try:
            if hasattr(self, "modem"):
                self.run(self._finish())
            self.run(self.stack.aclose())
        finally:
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- what an office does ---------------------------------------------------------------------------

    @step(
        to=WHO,
        purpose=PURPOSES,
        words=st.sampled_from([0, 0, 1, 2]),
        later=st.sampled_from([None, None, 0.02, 3]),
    )
    def post(self, to: str, purpose: Purpose, words: int, later: float | None) -> None:
        """Somebody wants a text sent."""
        self.written += 1
        body = f"No. {self.written}: {WORDS[words]}"

        def verb(tx: Any) -> int:
            line, now = lines.by_name(tx, "front"), self.one.clock()
            assert line is not None
            when = at_instant(now + timedelta(hours=later), "Europe/London") if later is not None else None
            return accept(tx, line, Draft(phone.parse(to), body, purpose, SAM, when=when), now)

        try:
            message_id = self.run(self.one.write(verb))
        except Refused as refused:
            assert refused.key == "opted_out"
            assert to in self.suppressed
        else:
            self.one.accepted[message_id] = body

    @precondition(lambda self: self.one.accepted)
    @step(which=ANY)
    def cancel(self, which: int) -> None:
        """Somebody cancels a text."""
        if self._changed(message_id := self._one(which), acceptance.cancel, SAM):
            self.canceled.add(message_id)

    @precondition(lambda self: self.one.accepted)
    @step(which=ANY, words=st.sampled_from([0, 1, 2]))
    def edit(self, which: int, words: int) -> None:
        """Somebody writes other words while it waits."""
        self.written += 1
        message_id, body = self._one(which), f"No. {self.written}, anew: {WORDS[words]}"
        if self._changed(message_id, schedules.edit, body, SAM):
            self.former.add(self.one.accepted[message_id])
            self.one.accepted[message_id] = body

    @precondition(lambda self: self.one.accepted)
    @step(which=ANY)
    def send_now(self, which: int) -> None:
        """Somebody wants it sent now after all."""
        self._changed(self._one(which), schedules.send_now, SAM)

    @precondition(lambda self: self.one.accepted)
    @step(which=ANY, again=st.booleans())
    def decide(self, which: int, again: bool) -> None:
        """Somebody decides about a text nobody knows the fate of."""
        message_id = self._one(which)
        if self._changed(message_id, unclear.send_again if again else unclear.mark_sent, SAM) and again:
            self.repeated.add(message_id)
            self.run(self._ask_again(message_id))

    async def _ask_again(self, message_id: int) -> None:
        row = await self.one.message(message_id)
        self.one.asked_again[row.peer] += row.segments

    def _one(self, number: int) -> int:
        every = sorted(self.one.accepted)
        return every[-1 - number % len(every)]

    def _changed(self, message_id: int, verb: Callable[..., Any], *arguments: Any) -> bool:
        try:
            self.run(self.do(verb, message_id, *arguments))
        except Refused:
            return False
        return True

    @step()
    def pause_or_resume(self) -> None:
        """Somebody pauses the line, or resumes it."""
        self.run(self.do(desk_lines.resume if self.paused else desk_lines.pause, "front", "person:Sam"))
        self.paused = not self.paused

    # --- what customers, the network and the box do ----------------------------------------------------

    @step(who=WHO, word=st.sampled_from(["STOP", "START", "Are you open?"]))
    def they_write(self, who: str, word: str) -> None:
        """A customer writes, and it is stored."""
        self.run(self._hear(who, word))
        self.suppressed = {*self.suppressed, who} if word == "STOP" else self.suppressed
        self.suppressed -= {who} if word == "START" else set()

    async def _hear(self, who: str, word: str) -> None:
        await asyncio.sleep(1.0)  # two texts of one second would be one that came twice
        before = len(await self.one.inbound())
        self.one.world.phone(who).text(self.modem.number, word)

        async def stored() -> bool:
            return len(await self.one.inbound()) > before

        await self.one.until(stored, 900.0, "their text is here")

    @step(trouble=TROUBLE)
    def trouble(self, trouble: tuple[str, dict[str, Any]]) -> None:
        """The next text meets a refusal, an error or silence."""
        name, how = trouble
        self.modem.inject(name, count=1, **how)

    @step(who=WHO, status=st.sampled_from([0x00, 0x30, 0x46, None]), delay=st.sampled_from([0.0, 4.0, 90.0]))
    def reports(self, who: str, status: int | None, delay: float) -> None:
        """What the network says of the next texts to somebody, and when."""
        self.one.world.phone(who).reports(status)
        self.one.world.network.report_delay = delay

    @step(seconds=st.sampled_from([0.3, 2.0, 5.0, 20.0, 130.0]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.run(asyncio.sleep(seconds))

    @step(gently=st.booleans())
    def begin_anew(self, gently: bool) -> None:
        """The program is stopped and started, or dies where it stands."""
        self.was_away = True
        self.run(self.one.restart() if gently else self.one.crash())

    @step(hours=st.sampled_from([-1, 0, 0, 1]))
    def set_clock(self, hours: int) -> None:
        """Somebody sets the clock wrong, or right."""
        self.was_stepped = True
        self.one.wall.ahead = timedelta(hours=hours)

    # --- what must hold --------------------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        """After every step."""
        if hasattr(self, "modem"):
            self.run(self._check())

    async def _check(self) -> None:
        await self.one.check(reports_lost=self.was_away)
        for number in PEOPLE:
            texts = Counter(self.one.world.phone(number).texts())
            assert not self.former & set(texts), "words that were changed"
            for message_id, body in self.one.accepted.items():
                assert message_id not in self.canceled or not texts[body], "it was canceled"
                assert texts[body] <= 1 or message_id in self.repeated, "it came twice"
        if not self.was_stepped:
            await self._check_consent()

    async def _check_consent(self) -> None:
        """After a STOP nothing is handed over but the confirmation, and the rest of what was going out."""
        query = select(parts.c.message_id, parts.c.submitted_at, messages.c.peer, messages.c.purpose).join(
            messages, messages.c.id == parts.c.message_id
        )
        rows = await self.one.read(
            lambda tx: list(tx.execute(query.where(parts.c.submitted_at.is_not(None))))
        )
        since = await self._suppressed()
        for row in rows:
            if row.purpose != Purpose.COMPLIANCE.value and row.submitted_at > since.get(
                row.peer, row.submitted_at
            ):
                before = [one for one in rows if one.message_id == row.message_id and one is not row]
                assert any(timedelta(0) <= row.submitted_at - one.submitted_at <= FLOW for one in before), row

    async def _suppressed(self) -> dict[str, Any]:
        def found(tx: Any) -> dict[str, Any]:
            rows = {number: consent.suppression(tx, number) for number in PEOPLE}
            return {number: row.since for number, row in rows.items() if row is not None}

        return dict(await self.one.read(found))

    async def _finish(self) -> None:
        """With everything right again, what waits for the line or a retry goes or ends."""
        self.one.wall.ahead = timedelta(0)
        self.modem.clear()
        if self.paused:
            await self.do(desk_lines.resume, "front", "person:Sam")

        async def done() -> bool:
            query = select(messages.c.id).where(messages.c.state.in_(["queued", "sending"]))
            waiting = messages.c.waiting_for
            query = query.where(waiting.is_(None) | waiting.in_([one for one in _STUCK if one]))
            return not await self.one.read(lambda tx: list(tx.execute(query)))

        await self.one.until(done, 3 * 3600.0, "nothing is stuck")
        await self._check()


if __name__ == "__main__":
    command_line(BenchMachine)
