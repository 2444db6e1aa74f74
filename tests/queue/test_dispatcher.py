"""A lane against a line that keeps the contract of `gateway.domain.line` to the letter and knows no radio."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import event

from gateway.desk import acceptance
from gateway.domain.line import (
    Abilities,
    Accepted,
    CannotTell,
    Go,
    NotNow,
    Scope,
    SendOutcome,
    Submission,
    Withdrawn,
)
from gateway.queue import dispatcher
from gateway.queue.dispatcher import Lane
from gateway.store import messages
from gateway.store.database import DatabaseError
from tests.office import ANNA, BEN, CARA, OWNER, SAM, Office

pytestmark = pytest.mark.usefixtures("any_hour")

SOON = 10


@dataclass
class Radio:
    """One line that is up. It writes down each step, and answers what the test has put in `answers`."""

    answers: list[Accepted | SendOutcome] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    on_air: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    abilities: Abilities = field(default_factory=Abilities)
    busy: bool = False

    def __post_init__(self) -> None:
        self.answering.set()

    async def send(self, submission: Submission, go: Go) -> Accepted:
        assert not self.busy, "one send at a time"
        self.busy = True
        try:
            return await self._send(submission, go)
        finally:
            self.busy = False

    async def _send(self, submission: Submission, go: Go) -> Accepted:
        self.steps.append(f"prompt {submission.part_id}")
        try:
            allowed = await go()
        except Exception as problem:
            raise Withdrawn from problem
        if not allowed:
            self.steps.append(f"escape {submission.part_id}")
            raise Withdrawn
        self.steps.append(f"text {submission.part_id}")
        self.on_air.set()
        await self.answering.wait()
        self.on_air.clear()
        answer = self.answers.pop(0) if self.answers else Accepted(len(self.steps) % 256)
        if isinstance(answer, SendOutcome):
            raise answer
        return answer


class Plug:
    """Holds the radio; pulled, the line is down."""

    def __init__(self, radio: Radio) -> None:
        self.radio, self.up = radio, asyncio.Event()
        self.up.set()

    @property
    def line(self) -> Radio | None:
        return self.radio if self.up.is_set() else None

    async def wait_up(self) -> None:
        await self.up.wait()


@dataclass
class Desk:
    """A lane at work, and its line."""

    office: Office
    radio: Radio
    plug: Plug
    lane: Lane
    task: asyncio.Task[None]

    async def states(self, *message_ids: int, are: str) -> None:
        """Wait until all these messages are in that state."""
        seen = -1
        while any(self.office.state(m) != are for m in message_ids):
            seen = await asyncio.wait_for(self.office.database.feed.wait(max(seen, 0)), SOON)

    async def waits(self, message_id: int) -> None:
        """Wait until the message waits for its next try."""
        await self._until(lambda: self.office.message(message_id).waiting_for == "retry")

    async def step(self, words: str) -> None:
        """Wait until the line has taken that step."""
        await self._until(lambda: words in self.radio.steps)

    async def _until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not true():  # noqa: ASYNC110 - nobody announces it
                await asyncio.sleep(0.001)

    async def finish(self) -> None:
        self.lane.stop()
        await asyncio.wait_for(self.task, SOON)


@pytest.fixture
async def desk(office: Office) -> AsyncIterator[Desk]:
    radio = Radio()
    plug = Plug(radio)
    lane = Lane(office.line_id, plug, office.database, OWNER, office.clock)

    async def follow_feed() -> None:
        cursor = 0
        while True:
            cursor = await office.database.feed.wait(cursor)
            lane.kick()

    following = asyncio.create_task(follow_feed())
    task = asyncio.create_task(lane.run())
    yield Desk(office, radio, plug, lane, task)
    lane.stop()
    radio.answering.set()
    await asyncio.wait({task}, timeout=SOON)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    await office.database.aclose()


class HeldCommit:
    """The disk takes its time: the writer's next commit waits until it is let go."""

    def __init__(self, office: Office) -> None:
        self.reached, self._go = threading.Event(), threading.Event()
        event.listen(office.database._write_engine, "commit", self._hold, once=True)

    def _hold(self, _connection: object) -> None:
        self.reached.set()
        assert self._go.wait(SOON)

    async def wait(self) -> None:
        assert await asyncio.to_thread(self.reached.wait, SOON)

    def let_go(self) -> None:
        self._go.set()


def _part(office: Office, message_id: int) -> int:
    return int(office.parts(message_id)[0].id)


# --- its end ---


@pytest.mark.parametrize("turns", range(12))
async def test_a_lane_that_is_cancelled_ends_at_whatever_moment(desk: Desk, turns: int) -> None:
    """So many turns of the loop after the intent is on disk: its commit and the cancel may meet."""
    committed = threading.Event()
    desk.office.accept(ANNA)
    event.listen(desk.office.database._write_engine, "commit", lambda _: committed.set())
    await desk._until(lambda: "prompt 1" in desk.radio.steps)
    while not committed.is_set():  # noqa: ASYNC110 - each turn counts
        await asyncio.sleep(0)
    for _ in range(turns):
        await asyncio.sleep(0)
    desk.task.cancel()
    done, _ = await asyncio.wait({desk.task}, timeout=SOON)
    assert done
    assert desk.task.cancelled()


# --- the way of a text -------------------------------------------------------------------------------


async def test_what_is_accepted_is_sent(desk: Desk) -> None:
    sent = [desk.office.accept(to) for to in (ANNA, BEN, CARA)]
    await desk.states(*sent, are="sent")
    ids = [_part(desk.office, m) for m in sent]
    assert desk.radio.steps == [f"{step} {i}" for i in ids for step in ("prompt", "text")]
    await desk.finish()


async def test_the_intent_is_on_disk_before_the_text(desk: Desk) -> None:
    desk.radio.answering.clear()
    message = desk.office.accept()
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)
    with contextlib.closing(sqlite3.connect(desk.office.path)) as other:
        assert other.execute("SELECT state, attempts FROM parts").fetchall() == [("submitting", 1)]
    desk.radio.answering.set()
    await desk.states(message, are="sent")


async def test_the_next_prompt_is_asked_while_the_outcome_is_synced(desk: Desk) -> None:
    desk.radio.answering.clear()
    first, second = desk.office.accept(ANNA), desk.office.accept(BEN)
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)
    held = HeldCommit(desk.office)
    desk.radio.answering.set()
    await held.wait()
    await desk.step(f"prompt {_part(desk.office, second)}")
    await asyncio.sleep(0.05)
    assert desk.radio.steps[-1] == f"prompt {_part(desk.office, second)}", "W3 waits for W4"
    assert desk.office.part_states(first) == ["submitting"], "not on disk yet"
    held.let_go()
    await desk.states(first, second, are="sent")


async def test_two_commits_carry_a_text_of_a_burst(desk: Desk) -> None:
    desk.plug.up.clear()
    sent = [desk.office.accept(to) for to in (ANNA, BEN, CARA) for _ in range(5)]
    before = desk.office.database.commits
    desk.plug.up.set()
    await desk.states(*sent, are="sent")
    await desk.finish()
    assert desk.office.database.commits - before == 2 * len(sent) + 1, "and one for the first claim"


async def test_a_retry_is_sent_when_it_is_due(desk: Desk) -> None:
    desk.radio.answers = [NotNow("CMS 41")]
    message = desk.office.accept()
    await desk.step(f"text {_part(desk.office, message)}")
    await desk.waits(message)
    desk.office.clock.step(seconds=6)
    desk.lane.kick()
    await desk.states(message, are="sent")


async def test_the_lane_wakes_by_itself_for_what_becomes_due(desk: Desk) -> None:
    """Though another text, held back by the order of its conversation, has been due all the time."""
    desk.radio.answers = [CannotTell("timeout"), NotNow("CMS 41")]
    desk.plug.up.clear()
    unclear, held, other = (desk.office.accept(to) for to in (ANNA, ANNA, BEN))
    desk.plug.up.set()
    await desk.states(unclear, are="unconfirmed")
    await desk.waits(other)
    soon = desk.office.clock() + timedelta(milliseconds=200)
    desk.office.write(lambda tx: messages.change(tx, other, due_at=soon))
    desk.lane.kick()  # it looks, finds nothing due, and sleeps until `soon`
    await asyncio.sleep(0.05)
    desk.office.clock.now = soon
    await desk.states(other, are="sent")
    assert desk.office.state(held) == "queued"


async def test_a_line_that_is_down_is_waited_for(desk: Desk) -> None:
    desk.plug.up.clear()
    message = desk.office.accept()
    await asyncio.sleep(0.05)
    assert (desk.radio.steps, desk.office.state(message)) == ([], "queued")
    desk.plug.up.set()
    await desk.states(message, are="sent")


async def test_a_lane_of_a_line_that_is_down_stops_at_once(desk: Desk) -> None:
    desk.plug.up.clear()
    await desk.finish()


# --- withdrawing -------------------------------------------------------------------------------------


async def test_what_is_canceled_at_the_prompt_is_escaped(desk: Desk) -> None:
    desk.plug.up.clear()
    message = desk.office.accept()
    held = HeldCommit(desk.office)  # the claim's
    desk.plug.up.set()
    await held.wait()
    cancel = desk.office.database.submit(lambda tx: acceptance.cancel(tx, message, SAM, desk.office.clock()))
    held.let_go()
    await asyncio.wrap_future(cancel)
    await desk.step(f"escape {_part(desk.office, message)}")
    assert desk.office.state(message) == "canceled"
    other = desk.office.accept(BEN)
    await desk.states(other, are="sent")


async def test_an_intent_that_comes_too_late_does_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "W3_DEADLINE", 0.1)
    desk.radio.answering.clear()
    first, second = desk.office.accept(ANNA), desk.office.accept(BEN)
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)
    held = HeldCommit(desk.office)
    desk.radio.answering.set()
    await held.wait()  # the outcome of the first is not on disk yet, and the second's prompt is open
    await desk.step(f"escape {_part(desk.office, second)}")
    held.let_go()
    await desk.states(first, second, are="sent")
    tries = desk.office.read(lambda tx: messages.attempts_of(tx, second))
    assert [attempt.outcome for attempt in tries] == ["accepted"], "the late intent was never begun"


async def test_an_intent_committed_too_late_is_taken_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "W3_DEADLINE", 0.05)
    desk.plug.up.clear()
    message = desk.office.accept()
    desk.plug.up.set()
    held: list[HeldCommit] = []
    real = dispatcher.attempts.submit

    def submit_slowly(*given: object) -> bool:
        if not held:
            held.append(HeldCommit(desk.office))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(dispatcher.attempts, "submit", submit_slowly)
    await desk.step(f"escape {_part(desk.office, message)}")
    assert desk.office.part_states(message) == ["ready"], "as far as the disk knows"
    held[0].let_go()
    await desk.states(message, are="sent")
    tries = desk.office.read(lambda tx: messages.attempts_of(tx, message))
    assert [attempt.outcome for attempt in tries] == ["withdrawn", "accepted"]
    assert [step for step in desk.radio.steps if step.startswith("text")] == [
        f"text {_part(desk.office, message)}"
    ]


# --- stopping ----------------------------------------------------------------------------------------


async def test_stopping_waits_for_the_text_on_the_air(desk: Desk) -> None:
    desk.radio.answering.clear()
    first, second = desk.office.accept(ANNA), desk.office.accept(BEN)
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)
    desk.lane.stop()
    await asyncio.sleep(0.05)
    assert not desk.task.done()
    desk.radio.answering.set()
    await asyncio.wait_for(desk.task, SOON)
    assert (desk.office.state(first), desk.office.state(second)) == ("sent", "queued")
    assert f"text {_part(desk.office, second)}" not in desk.radio.steps


async def test_stopping_at_the_prompt_lets_nothing_leave(desk: Desk) -> None:
    desk.radio.answering.clear()
    first, second = desk.office.accept(ANNA), desk.office.accept(BEN)
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)
    held = HeldCommit(desk.office)
    desk.radio.answering.set()
    await held.wait()
    await desk.step(f"prompt {_part(desk.office, second)}")
    desk.lane.stop()
    held.let_go()
    await asyncio.wait_for(desk.task, SOON)
    assert desk.radio.steps[-1] == f"escape {_part(desk.office, second)}"
    assert (desk.office.state(first), desk.office.state(second)) == ("sent", "queued")


async def test_an_outcome_that_cannot_be_recorded_ends_the_lane(desk: Desk) -> None:
    """Nothing may be sent any more; the program stops, and finds the part unconfirmed at its next start."""
    desk.radio.answering.clear()
    first, second = desk.office.accept(ANNA), desk.office.accept(BEN)
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)

    @event.listens_for(desk.office.database._write_engine, "commit")
    def _disk_fails(_connection: object) -> None:
        raise OSError(5, "Input/output error")

    desk.radio.answering.set()
    await desk._until(lambda: bool(desk.office.database._fatal))
    desk.lane.stop()
    with pytest.raises(DatabaseError):
        await asyncio.wait_for(desk.task, SOON)
    assert f"text {_part(desk.office, second)}" not in desk.radio.steps
    assert desk.office.state(first) == "sending"


async def test_a_refusal_that_is_the_lines_trouble_is_not_passed_on_to_every_text(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line rests; the other texts are not refused in turn, and all go when it is well again."""
    monkeypatch.setitem(dispatcher.retry.BACKOFF, Scope.LINE, (timedelta(milliseconds=200),))
    desk.radio.answers = [NotNow("CMS 331", Scope.LINE)]
    waiting = [desk.office.accept(number) for number in (ANNA, BEN, CARA)]
    await desk._until(lambda: desk.office.message(waiting[0]).waiting_for == "line")
    assert len([step for step in desk.radio.steps if step.startswith("prompt")]) == 1
    await desk.states(*waiting[1:], are="sent")
    desk.office.clock.step(seconds=31)
    desk.lane.kick()
    await desk.states(waiting[0], are="sent")
    assert desk.radio.steps.count(f"text {_part(desk.office, waiting[0])}") == 2


async def test_a_lane_outlives_a_disk_that_was_full_for_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came of a text is recorded as soon as the disk takes it, and the next one goes."""
    monkeypatch.setattr(dispatcher, "DISK_PAUSE", timedelta(milliseconds=20))
    desk.radio.answering.clear()
    first, second = desk.office.accept(ANNA), desk.office.accept(BEN)
    await asyncio.wait_for(desk.radio.on_air.wait(), SOON)
    refused = 0

    def full(_connection: object) -> None:
        nonlocal refused
        refused += 1
        if refused <= 3:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorname = "SQLITE_FULL"
            raise error

    event.listen(desk.office.database._write_engine, "commit", full)
    desk.radio.answering.set()
    await desk.states(first, second, are="sent")
    assert refused > 3
