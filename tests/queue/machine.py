"""The steps of the model of the queue: a hypothesis machine that takes them in any order.

Longer than the tests do: `python -m tests.queue.machine --examples 200 --steps 200 --seed 1`.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import functools
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.desk import acceptance, conversation_state, schedules, unclear
from gateway.desk import clock as desk_clock
from gateway.desk import lines as desk_lines
from gateway.desk import settings as desk_settings
from gateway.domain.conversation import Priority
from gateway.domain.limits import parse as limit
from gateway.domain.line import (
    Accepted,
    CannotTell,
    LateResult,
    LineState,
    LineStatus,
    NotNow,
    RefusedForGood,
    Scope,
)
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import at_instant
from gateway.queue import attempts
from gateway.queue.attempts import Claimed
from gateway.store import conversations, outbox, schema
from gateway.store import schedules as stored_schedules
from gateway.store.database import Tx
from tests.office import OWNER, SAM, SHOP, Clock, Office
from tests.queue.model import PEOPLE, START, WORDS, Handed, Text, Truth

STEPS: Counter[str] = Counter()
"""How often each step was taken, over all runs of this process."""

LONDON = "Europe/London"
WHO = st.sampled_from(sorted(PEOPLE))
ANY = st.integers(0, 999)
WAITS = st.sampled_from([1, 5, 20, 60, 150, 600, 3600, 4 * 3600, 12 * 3600, 26 * 3600])
JUMPS = st.sampled_from([-86400, -3600, -300, 300, 3600, 86400, 40 * 86400])
PURPOSES = st.sampled_from(
    [
        Purpose.CONVERSATIONAL,
        Purpose.CONVERSATIONAL,
        Purpose.TRANSACTIONAL,
        Purpose.FEEDBACK,
        Purpose.MARKETING,
        Purpose.AUTO,
        Purpose.INTERNAL,
    ]
)
PRIORITIES = st.sampled_from([None, None, None, *Priority])
LIMITS = {"": (), "6/minute 300/day": ("6/minute", "300/day"), "2/minute 10/day": ("2/minute", "10/day")}
ENDS = st.sampled_from(
    ["accepted"] * 4 + ["numberless", "unclear", "lost", "not now", "line", "refused", "taken back"]
)
_SPANS = {"minute": timedelta(minutes=1), "day": timedelta(days=1)}


@functools.cache
def empty_database() -> Path:
    """A migrated database that every run copies."""
    folder = tempfile.mkdtemp(prefix="queue-model-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "gateway.db"
    schema.prepare(path)
    return path


def step(**strategies: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule of the machine, counted."""

    def wrap(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def counted(self: Any, *given: Any, **values: Any) -> None:
            STEPS[function.__name__] += 1
            function(self, *given, **values)

        return rule(**strategies)(counted)

    return wrap


class Machine(RuleBasedStateMachine):
    """One office with one line, whose device is played here."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="queue-run-"))
        path = Path(shutil.copy(empty_database(), self.folder / "gateway.db"))
        self.office = Office(path, Clock(START))
        self.truth = Truth(self.office, ())
        self.claimed: Claimed | None = None
        self.on_air: Handed | None = None
        self.reference, self.written = 250, 0

    @initialize(limits=st.sampled_from(sorted(LIMITS)))
    def open(self, limits: str) -> None:
        written = LIMITS[limits]
        for name, value in (("office.zone", LONDON), ("office.country", "GB")):
            self.do(desk_settings.change, name, value, "command:test")
        self.do(desk_lines.set_limits, "front", [limit(one) for one in written], "command:test")
        self.office.know_holidays("GB", "US", "NP")
        self.office.hear(LineState(LineStatus.UP, "ready"))
        self.truth.limits = [(int(one.split("/")[0]), _SPANS[one.split("/")[1]]) for one in written]

    def teardown(self) -> None:
        try:
            if self.truth.texts:
                self._finish()
        finally:
            self.office.database.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def now(self) -> datetime:
        return self.office.clock()

    def do(self, verb: Callable[..., Any], *arguments: Any) -> Any:
        """One transaction at the present time."""
        return self.office.write(lambda tx: verb(tx, *arguments, self.now))

    def _texts(self) -> list[Text]:
        return [self.truth.texts[message_id] for message_id in sorted(self.truth.texts)]

    def _one(self, number: int) -> Text:
        """Any text, mostly one of the newest."""
        texts = self._texts()
        return texts[-1 - number % len(texts)]

    # --- what an office does ---------------------------------------------------------------------------

    @step(
        to=WHO,
        purpose=PURPOSES,
        words=st.sampled_from([0, 0, 0, 1, 2]),
        later=st.sampled_from([None, None, None, 0.01, 1, 9, 30]),
        useful=st.sampled_from([None, None, None, 0.5, 12]),
        urgent=st.sampled_from([False, False, False, True]),
        if_unanswered=st.sampled_from([False, False, True]),
        on_unconfirmed=st.sampled_from(["ask", "ask", "resend_once"]),
        priority=PRIORITIES,
    )
    def accept(
        self,
        to: str,
        purpose: Purpose,
        words: int,
        later: float | None,
        useful: float | None,
        urgent: bool,
        if_unanswered: bool,
        on_unconfirmed: str,
        priority: Priority | None = None,
    ) -> None:
        """Somebody, or a program, wants a text sent."""
        self.written += 1
        body = f"{self.written}: {WORDS[words]}"
        when = at_instant(self.now + timedelta(hours=later), LONDON) if later is not None else None
        send_by = self.now + timedelta(hours=useful) if useful is not None else None
        try:
            message_id = self.office.accept(
                to,
                body,
                purpose,
                SAM if purpose is Purpose.CONVERSATIONAL else SHOP,
                when=when,
                send_by=send_by,
                urgent_reason="They wait for it" if urgent else None,
                cancel_if_answered=if_unanswered,
                on_unconfirmed=on_unconfirmed,
                priority=priority,
            )
        except Refused as refused:
            assert refused.key in ("opted_out", "never_in_time", "urgent_marketing")
            assert (refused.key == "opted_out") is (to in self.truth.suppressed)
            return
        assert to not in self.truth.suppressed
        self.truth.texts[message_id] = Text(
            message_id,
            to,
            purpose,
            body,
            not_before=when.at if when else None,
            send_by=send_by,
            urgent=urgent,
            if_unanswered=if_unanswered,
            heard_at=self.truth.heard.get(to),
        )

    @step(to=WHO, purpose=PURPOSES, texts=st.integers(2, 6), later=st.sampled_from([None, None, 9]))
    def accept_many(self, to: str, purpose: Purpose, texts: int, later: float | None) -> None:
        """A program has much to say to one person."""
        for _ in range(texts):
            self.accept.__wrapped__(self, to, purpose, 0, later, None, False, False, "ask")

    @step(to=WHO)
    def reply(self, to: str) -> None:
        """Somebody writes in a conversation."""
        self.accept.__wrapped__(self, to, Purpose.CONVERSATIONAL, 0, None, None, False, False, "ask")

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY, priority=st.sampled_from(Priority))
    def press(self, which: int, priority: Priority) -> None:
        """Somebody gives a conversation another priority."""
        conversation_id = self.office.message(self._one(which).id).conversation_id

        def verb(tx: Tx) -> None:
            conversation = conversations.get(tx, conversation_id)
            assert conversation is not None
            conversation_state.set_priority(tx, conversation, priority, SAM, self.now)

        self.office.write(verb)

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY)
    def cancel(self, which: int) -> None:
        """Somebody cancels a text: it is canceled, or was on its way; nothing between."""
        text = self._one(which)
        waited = self._changed(text, acceptance.cancel, SAM)
        text.canceled = text.canceled or waited

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY, words=st.sampled_from([0, 1, 2]))
    def edit(self, which: int, words: int) -> None:
        """Somebody writes other words while it waits."""
        text = self._one(which)
        self.written += 1
        body = f"{self.written}, anew: {WORDS[words]}"
        if self._changed(text, schedules.edit, body, SAM):
            text.body = body

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY, hours=st.sampled_from([0.01, 2, 20, 50]))
    def move(self, which: int, hours: float) -> None:
        """Somebody chooses another time."""
        text, when = self._one(which), at_instant(self.now + timedelta(hours=hours), LONDON)
        if self._changed(text, schedules.reschedule, when, SAM):
            text.not_before = when.at

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY)
    def send_now(self, which: int) -> None:
        """Somebody wants it sent now after all."""
        text = self._one(which)
        if self._changed(text, schedules.send_now, SAM):
            text.not_before = None

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY)
    def hurry(self, which: int) -> None:
        """Somebody calls it urgent."""
        text = self._one(which)
        if self._changed(text, schedules.make_urgent, "They wait for it", SAM):
            assert text.purpose is not Purpose.MARKETING
            text.urgent = True

    def _changed(self, text: Text, verb: Callable[..., Any], *arguments: Any) -> bool:
        """Whether a change was taken: never of what is on its way or over."""
        before = self.office.state(text.id)
        try:
            self.do(verb, text.id, *arguments)
        except Refused:
            return False
        assert before == "queued"
        assert self.on_air is None or self.on_air.text is not text
        return True

    @precondition(lambda self: self.truth.texts)
    @step(which=ANY, again=st.booleans())
    def decide(self, which: int, again: bool) -> None:
        """Somebody decides about a text nobody knows the fate of."""
        doubtful = [text for text in self._texts() if self.office.state(text.id) == "unconfirmed"]
        if not doubtful:
            return
        text = doubtful[which % len(doubtful)]
        with contextlib.suppress(Refused):
            if again:
                self.do(unclear.send_again, text.id, SAM)
            else:
                self.do(unclear.mark_sent, text.id, SAM)
                self.truth.decided.add(text.id)

    @precondition(lambda self: not self.truth.paused)
    @step()
    def pause(self) -> None:
        """Somebody pauses the line."""
        self.do(desk_lines.pause, "front", "person:Sam")
        self.truth.paused = True

    @precondition(lambda self: self.truth.paused)
    @step()
    def resume(self) -> None:
        """Somebody resumes it."""
        self.do(desk_lines.resume, "front", "person:Sam")
        self.truth.paused = False

    @step()
    def decide_anew(self) -> None:
        """The rules changed, and what waits is looked at again."""

        def verb(tx: Tx) -> None:
            for message_id in stored_schedules.to_decide(tx, 0, 100):
                schedules.decide_anew(tx, message_id, self.now)

        self.office.write(verb)

    # --- what customers do -----------------------------------------------------------------------------

    @step(who=WHO)
    def they_write(self, who: str) -> None:
        """A customer writes."""
        self._hear(who, f"{self.written}: are you there?")

    @step(who=WHO)
    def stop(self, who: str) -> None:
        """A customer says STOP: what waits for them ends with it."""
        self._hear(who, "STOP")
        self.truth.suppressed[who] = self.now
        rows = self.office.messages(who, "outbound")
        assert [row for row in rows if row.state == "queued" and row.rule != "stop"] == []

    @step(who=WHO)
    def start(self, who: str) -> None:
        """A customer says START."""
        self._hear(who, "START")
        self.truth.suppressed.pop(who, None)

    def _hear(self, who: str, body: str) -> None:
        self._pass(1)  # two texts of one second would be one that came twice
        self.written += 1
        waiting = [text for text in self._texts() if text.if_unanswered and text.to == who]
        waiting = [text for text in waiting if self.office.state(text.id) == "queued"]
        self.office.text_from(who, body, when=self.now - self.truth.ahead)
        self.truth.heard[who] = self.now
        for text in waiting:
            assert self.office.state(text.id) == "canceled"
            text.canceled = True

    # --- what the lane and the device do ---------------------------------------------------------------

    @precondition(lambda self: self.claimed is None and self.on_air is None)
    @step(fair=st.booleans())
    def claim(self, fair: bool) -> None:
        """The lane claims what is next."""
        found = self.office.read(lambda tx: attempts.look(tx, self.office.line_id, self.now))
        if found.repeats:
            self.do(attempts.resend_unconfirmed, self.office.line_id)
        self.claimed = self.office.write(
            lambda tx: attempts.claim_next(tx, self.office.line_id, OWNER, self.now, fair=fair)
        )
        self.truth.learn()

    @precondition(lambda self: self.claimed is not None)
    @step()
    def submit(self) -> None:
        """The device is ready to take it: the last look."""
        claimed, self.claimed = self.claimed, None
        assert claimed is not None
        if self.office.submit(claimed.part_id):
            self.reference = (self.reference + 1) % 256
            self.on_air = self.truth.leaves(claimed.message_id, claimed.part_id, claimed.tpdu, self.reference)

    @precondition(lambda self: self.claimed is None and self.on_air is None)
    @step(to=WHO, goes=st.booleans(), words=st.sampled_from([0, 1]))
    def hand_over(self, to: str, goes: bool, words: int) -> None:
        """Somebody writes, and the lane claims what is next; it is handed over, or about to be."""
        self.accept.__wrapped__(self, to, Purpose.CONVERSATIONAL, words, None, None, False, False, "ask")
        self.claim.__wrapped__(self, False)
        if goes and self.claimed is not None:
            self.submit.__wrapped__(self)

    @precondition(lambda self: self.claimed is not None)
    @step(first=st.sampled_from(["cancel", "edit", "move", "stop", "pause"]))
    def race(self, first: str) -> None:
        """Something happens to a text while the device is asked to take it."""
        assert self.claimed is not None
        text = self.truth.texts[self.claimed.message_id]
        which = len(self.truth.texts) - 1 - sorted(self.truth.texts).index(text.id)
        if first == "pause" and not self.truth.paused:
            self.pause.__wrapped__(self)
        elif first == "stop":
            self.stop.__wrapped__(self, text.to)
        elif first == "move":
            self.move.__wrapped__(self, which, 2)
        elif first == "edit":
            self.edit.__wrapped__(self, which, 1)
        else:
            self.cancel.__wrapped__(self, which)
        self.submit.__wrapped__(self)

    @precondition(lambda self: self.on_air is not None)
    @step(how=ENDS, after=st.sampled_from([0, 1, 3, 40]))
    def answer(self, how: str, after: int) -> None:
        """The device tells what came of it."""
        one, self.on_air = self.on_air, None
        assert one is not None
        self._pass(after)
        one.taken = how in ("accepted", "numberless", "unclear")
        one.is_back = how in ("not now", "line", "refused", "taken back")
        if one.is_back:
            one.text.told.pop(one.seq, None)
        if how == "taken back":
            self.do(attempts.take_back, one.part_id)
            return
        outcome = {
            "accepted": Accepted(one.reference),
            "numberless": Accepted(None),
            "unclear": CannotTell("timeout"),
            "lost": CannotTell("CMS 500"),
            "not now": NotNow("CMS 41"),
            "line": NotNow("CMS 331", Scope.LINE),
            "refused": RefusedForGood("CMS 21"),
        }[how]
        self.office.record(one.part_id, outcome)

    @precondition(lambda self: self.on_air is None)
    @step(texts=st.integers(1, 8))
    def send_some(self, texts: int) -> None:
        """The lane works undisturbed for a while."""
        for _ in range(texts):
            if self.claimed is None:
                self.claim.__wrapped__(self, False)
            if self.claimed is None:
                return
            self.submit.__wrapped__(self)
            if self.on_air is not None:
                self.answer.__wrapped__(self, "accepted", 2)
            self._pass(5)

    @precondition(lambda self: any(one.taken for one in self.truth.handed if one is not self.on_air))
    @step(which=ANY, status=st.sampled_from([0x00, 0x00, 0x00, 0x30, 0x46, 0x01]))
    def report(self, which: int, status: int) -> None:
        """The network reports, in any order, late, twice."""
        taken = [one for one in self.truth.handed if one.taken and one is not self.on_air]
        one = taken[-1 - which % len(taken)]
        self.office.report(one.reference, one.text.to, status, when=one.network_at)

    @precondition(lambda self: self.on_air is None and self.truth.handed and self.truth.handed[-1].taken)
    @step()
    def late_result(self) -> None:
        """The device tells the result of the last text after all."""
        one = self.truth.handed[-1]
        if self.office.read(lambda tx: attempts.in_flight(tx, self.office.line_id)) == one.part_id:
            self.office.hear(LateResult(one.part_id, one.reference))

    # --- what the box does -----------------------------------------------------------------------------

    @step(taken=st.booleans())
    def crash(self, taken: bool) -> None:
        """The program dies, and starts again on what is on disk."""
        if self.on_air is not None:
            self.on_air.taken = taken
        self.claimed = self.on_air = None
        self.office.restart()
        self.do(desk_lines.forget_states)
        self.do(attempts.recover)
        self.office.hear(LineState(LineStatus.UP, "ready"))
        if self.office.read(desk_clock.doubt) is None:
            self._release()

    @precondition(lambda self: self.on_air is not None)
    @step(taken=st.booleans())
    def crash_on_air(self, taken: bool) -> None:
        """The program dies with a text on the air."""
        self.crash.__wrapped__(self, taken)

    @step(seconds=WAITS)
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.office.clock.step(seconds=seconds)
        if self.office.read(desk_clock.doubt) is None:
            self.do(attempts.expire)
            if self.office.read(lambda tx: outbox.from_the_future(tx, self.now, self.now)):
                self.do(attempts.mend_after_clock)

    @step(seconds=JUMPS, is_right=st.booleans())
    def step_clock(self, seconds: int, is_right: bool) -> None:
        """The clock is stepped; it is believed at once, or in doubt."""
        self.truth.was_stepped = True
        self.office.clock.step(seconds=seconds)
        self.truth.ahead += timedelta(seconds=seconds)
        self.do(desk_clock.set_doubt, "jumped")
        if is_right:
            self.end_doubt.__wrapped__(self, False)

    @precondition(lambda self: self.truth.was_stepped)
    @step(back=st.booleans())
    def end_doubt(self, back: bool) -> None:
        """Somebody knows that the clock is right, or sets it right."""
        if back:
            self.office.clock.now -= self.truth.ahead
            self.truth.ahead = timedelta(0)
        self.do(desk_clock.set_doubt, None)
        self._release()

    def _release(self) -> None:
        """As the timekeeper does it."""
        self.do(attempts.mend_after_clock)
        while self.do(desk_clock.release):
            pass
        for one in self.truth.handed:
            one.at = min(one.at, self.now)

    # --- what must hold --------------------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        """After every step."""
        self.truth.check()

    def _finish(self) -> None:
        """In the end everything that waits goes or ends, if nobody stands in the way (I5)."""
        if self.on_air is not None:
            self.answer.__wrapped__(self, "accepted", 0)
        self.end_doubt.__wrapped__(self, False)
        if self.truth.paused:
            self.resume.__wrapped__(self)
        last = self.now + timedelta(days=90 + 8 * len(self.truth.texts))  # four offers a month
        while self.truth.unfinished():
            assert self.now < last, self.truth.unfinished()
            self.claimed = None
            self.claim.__wrapped__(self, False)
            if self.claimed is not None:
                self.submit.__wrapped__(self)
                if self.on_air is not None:
                    self.answer.__wrapped__(self, "accepted", 2)
                continue
            found = self.office.read(lambda tx: attempts.look(tx, self.office.line_id, self.now))
            if found.has_next or found.repeats:
                continue
            wakes = [found.wake_at, self._grace_ends()]
            assert any(wakes), f"nothing will ever wake the line for {self.truth.unfinished()}"
            at = min(at for at in wakes if at is not None)
            self._pass(max((at - self.now).total_seconds(), 0.001))
        self.truth.check()

    def _grace_ends(self) -> datetime | None:
        """When a text in doubt holds back its conversation no longer; the lane looks every 30 seconds."""
        rows = self.office.messages(direction="outbound")
        times = [
            row.unconfirmed_until for row in rows if row.state == "unconfirmed" and row.unconfirmed_until
        ]
        return min((at for at in times if at > self.now), default=None)


def run(machine: Any, examples: int, steps: int, seed: int | None = None) -> None:
    """Run a machine; raises what it finds."""
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(machine if seed is None else hypothesis.seed(seed)(machine), settings=how)


def command_line(machine: Any) -> None:
    """Run a machine for as long as asked, and count."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--examples", type=int, default=50, help="runs, each on a new database")
    parser.add_argument("--steps", type=int, default=100, help="steps of each run at most")
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    began = time.monotonic()
    try:
        run(machine, asked.examples, asked.steps, asked.seed)
    finally:
        print(f"{sum(STEPS.values())} steps in {time.monotonic() - began:.0f} s:")
        print(", ".join(f"{name} {count}" for name, count in STEPS.most_common()))


if __name__ == "__main__":
    command_line(Machine)
