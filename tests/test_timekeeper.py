"""The verdict on the clock: when it is passed, what is kept of it, and what it sets free."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway import kernel_clock
from gateway.clock import WatchedClock
from gateway.desk import clock as desk
from gateway.desk import deciding
from gateway.desk import lines as desk_lines
from gateway.domain.events import Event
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted, LineState, LineStatus
from gateway.domain.message import Rank, WaitingFor
from gateway.kernel_clock import Kernel, look, said_by_timesyncd
from gateway.store import messages
from gateway.timekeeper import Timekeeper
from tests.office import ANNA, Office

H, M, S = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


class Box:
    """A box whose clock, kernel and lines say what they are told to."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.elapsed = 4000.0
        self.kernel = Kernel(synchronised=False, uptime_s=86400, has_time_service=True, boot="one")
        self.steps = 0
        self.restart()

    def restart(self) -> None:
        """The program is started anew."""
        self.clock = WatchedClock(self.office.clock, lambda: self.elapsed)
        self.keeper = Timekeeper(self.office.database, self.clock, lambda: self.kernel, self._stepped)

    def _stepped(self) -> None:
        self.steps += 1

    def let_pass(self, how_long: timedelta) -> None:
        self.office.clock.step(seconds=how_long.total_seconds())
        self.elapsed += how_long.total_seconds()

    def set_clock(self, by: timedelta) -> None:
        self.office.clock.step(seconds=by.total_seconds())

    def network_shows(self, apart: timedelta | None, read_at: datetime | None = None) -> None:
        """The line reads the network's time; None: the line is down and says nothing."""
        if apart is None:
            self.office.hear(LineState(LineStatus.DOWN, "port_lost"))
            return
        read = read_at or self.office.clock()
        facts = {"clock_offset_s": str(round(apart.total_seconds())), "clock_read_at": read.isoformat()}
        self.office.hear(LineState(LineStatus.UP, "ready", facts))

    @property
    def doubts(self) -> tuple[str | None, str | None]:
        """What the clock says of itself, and what is kept."""
        return self.clock.doubt, self.office.read(desk.doubt)

    def changes(self) -> int:
        return self.office.event_kinds().count(Event.CLOCK_CHANGED.value)

    def hold(self, why: WaitingFor = WaitingFor.CLOCK, due_in: timedelta = H) -> int:
        """A text that waits."""
        message_id = self.office.accept()
        due_at = self.office.clock() + due_in
        self.office.write(lambda tx: messages.change(tx, message_id, waiting_for=why.value, due_at=due_at))
        return message_id

    def is_due(self, message_id: int) -> bool:
        return bool(self.office.message(message_id).due_at <= self.office.clock())


@pytest.fixture
async def box(office: Office) -> AsyncIterator[Box]:
    one = Box(office)
    await one.keeper.start()
    yield one
    await office.database.aclose()


async def test_a_clock_that_nothing_speaks_against_is_trusted(box: Box) -> None:
    for _ in range(5):
        box.let_pass(timedelta(seconds=5))
        await box.keeper.tick()
    assert (box.doubts, box.changes(), box.steps) == ((None, None), 0, 0)


@pytest.mark.parametrize("step", [H, -H, -timedelta(days=20000), timedelta(days=26000)])
async def test_a_step_is_a_doubt_until_the_kernel_is_synchronised(box: Box, step: timedelta) -> None:
    box.set_clock(step)
    await box.keeper.tick()
    assert (box.doubts, box.steps) == (("jumped", "jumped"), 1)
    held = box.hold()
    box.let_pass(M)
    await box.keeper.tick()
    assert box.doubts == ("jumped", "jumped")
    box.kernel = replace(box.kernel, synchronised=True)
    await box.keeper.tick()
    assert (box.doubts, box.changes()) == ((None, None), 2)
    assert box.is_due(held)


async def test_a_step_by_a_time_service_is_no_doubt(box: Box) -> None:
    box.kernel = replace(box.kernel, synchronised=True)
    box.set_clock(H)
    held = box.hold()
    box.clock()
    assert box.clock.doubt == "jumped"
    await box.keeper.tick()
    assert box.doubts == (None, None)
    assert box.is_due(held)


async def send_all(box: Box) -> None:
    """The line sends as many texts as it may in a minute, a second each."""
    now = box.office.clock()
    box.office.write(lambda tx: desk_lines.set_limits(tx, "front", [Limit(6, "minute")], "command:test", now))
    for digit in range(6):
        box.office.accept(f"+44770090013{digit}")
        box.office.send_one(Accepted(digit + 1))
        box.let_pass(timedelta(seconds=1))


def free_in(box: Box) -> timedelta:
    """How long the line's limits make a reply wait."""
    now = box.office.clock()
    return box.office.read(lambda tx: deciding.slots(tx, box.office.line(), now))[Rank.ANSWER].at - now


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("step", [10 * S, M, H, 20 * H, timedelta(days=26000)])
async def test_a_step_forward_empties_no_window_of_a_limit(box: Box, step: timedelta) -> None:
    box.kernel = replace(box.kernel, synchronised=True)
    await send_all(box)
    assert free_in(box) == timedelta(seconds=54)
    box.set_clock(step)
    await box.keeper.tick()
    assert (box.doubts, free_in(box)) == ((None, None), timedelta(seconds=54))
    box.let_pass(timedelta(seconds=5))
    await box.keeper.tick()
    assert free_in(box) == timedelta(seconds=49), "it is told once"


@pytest.mark.usefixtures("any_hour")
async def test_a_step_that_is_taken_back_leaves_the_limits_as_they_were(box: Box) -> None:
    await send_all(box)
    box.set_clock(H)
    await box.keeper.tick()
    box.let_pass(10 * S)
    box.set_clock(-H)
    await box.keeper.tick()
    assert free_in(box) == timedelta(seconds=44)


@pytest.mark.usefixtures("any_hour")
async def test_what_leaves_before_a_step_is_judged_keeps_its_time(box: Box) -> None:
    await send_all(box)
    box.set_clock(H)
    box.office.text_from(ANNA, "Hello")
    box.office.accept(ANNA, "An answer")
    box.office.send_one(Accepted(9))
    box.let_pass(3 * S)
    await box.keeper.tick()
    (newest, *_) = box.office.read(lambda tx: deciding.left(tx, box.office.line()))
    assert newest == box.office.clock() - 3 * S


@pytest.mark.usefixtures("any_hour")
async def test_what_an_earlier_life_sent_by_a_clock_that_was_right_is_as_old_as_it_says(box: Box) -> None:
    """A box without a battery for its clock starts with an old time, and is set right by a step."""
    await send_all(box)
    box.restart()
    await box.keeper.start()
    box.set_clock(timedelta(days=3))
    await box.keeper.tick()
    assert free_in(box) == timedelta(0)


async def test_the_networks_time_ends_a_doubt_when_it_was_read_after_the_step(box: Box) -> None:
    box.network_shows(timedelta(0))
    await box.keeper.tick()
    box.let_pass(M)
    box.set_clock(10 * M)
    await box.keeper.tick()
    assert box.doubts == ("jumped", "jumped")
    box.let_pass(M)
    box.network_shows(-10 * M)
    await box.keeper.tick()
    assert box.doubts == ("network_disagrees", "network_disagrees")
    box.set_clock(-10 * M)
    box.let_pass(M)
    box.network_shows(timedelta(0))
    await box.keeper.tick()
    assert box.doubts == (None, None)


async def test_a_line_that_goes_away_takes_no_doubt_with_it(box: Box) -> None:
    box.network_shows(3 * M)
    await box.keeper.tick()
    box.network_shows(None)
    await box.keeper.tick()
    assert box.doubts == ("network_disagrees", "network_disagrees")


async def test_a_person_is_believed_until_the_next_step(box: Box) -> None:
    box.set_clock(H)
    await box.keeper.tick()
    held = box.hold()
    assert box.office.write(lambda tx: desk.confirm(tx, "person:Sam", box.office.clock()))
    await box.keeper.tick()
    assert box.doubts == (None, None)
    assert box.is_due(held)
    box.network_shows(-H)
    box.restart()
    await box.keeper.start()
    assert box.doubts == (None, None)
    box.set_clock(H)
    await box.keeper.tick()
    assert box.doubts == ("jumped", "jumped")
    assert box.office.read(desk.state).confirmed_by == ""


async def test_a_word_for_a_time_that_was_shown_before_a_step_does_not_count(box: Box) -> None:
    box.set_clock(H)
    await box.keeper.tick()
    shown = box.office.read(desk.state)
    box.set_clock(H)
    await box.keeper.tick()
    assert not box.office.write(lambda tx: desk.confirm(tx, "person:Sam", box.office.clock(), shown.since))
    await box.keeper.tick()
    assert box.doubts == ("jumped", "jumped")


async def test_a_doubt_outlasts_a_restart_of_the_program_but_not_of_the_box(box: Box) -> None:
    box.set_clock(H)
    await box.keeper.tick()
    box.restart()
    await box.keeper.start()
    assert box.doubts == ("jumped", "jumped")
    box.kernel = replace(box.kernel, boot="two")
    box.restart()
    await box.keeper.start()
    assert box.doubts == (None, None)


async def test_a_box_that_starts_in_the_past_waits_for_the_right_time(box: Box) -> None:
    box.office.accept()
    box.set_clock(-H)
    box.kernel = replace(box.kernel, boot="two")
    box.restart()
    await box.keeper.start()
    assert box.doubts == ("before_records", "before_records")
    box.let_pass(2 * H)  # it is no better for having run on
    await box.keeper.tick()
    assert box.doubts == ("before_records", "before_records")
    box.set_clock(H)
    box.kernel = replace(box.kernel, synchronised=True)
    await box.keeper.tick()
    assert box.doubts == (None, None)


async def test_records_of_a_clock_that_was_ahead_are_held_against_it_once(box: Box) -> None:
    box.set_clock(timedelta(days=26000))
    box.office.accept()
    box.set_clock(-timedelta(days=26000))
    box.restart()
    await box.keeper.start()
    assert box.doubts == ("before_records", "before_records")
    box.kernel = replace(box.kernel, synchronised=True)
    await box.keeper.tick()
    box.kernel = replace(box.kernel, synchronised=None, boot="two")
    box.restart()
    await box.keeper.start()
    assert box.doubts == (None, None)


async def test_soon_after_boot_a_time_service_is_waited_for(office: Office) -> None:
    box = Box(office)
    box.kernel = replace(box.kernel, uptime_s=30)
    await box.keeper.start()
    assert box.doubts == ("not_synchronised", "not_synchronised")
    box.kernel = replace(box.kernel, uptime_s=700)
    await box.keeper.tick()
    assert box.doubts == (None, None)
    await office.database.aclose()


@pytest.mark.parametrize(
    ("why", "due_in", "is_due"),
    [
        (WaitingFor.RETRY, timedelta(days=26000), True),
        (WaitingFor.RETRY, 30 * M, False),
        (WaitingFor.QUIET_HOURS, timedelta(days=26000), True),
        (WaitingFor.QUIET_HOURS, timedelta(days=3), False),
        (WaitingFor.SCHEDULE, timedelta(days=300), False),
    ],
)
async def test_what_a_clock_that_was_ahead_put_off(
    box: Box, why: WaitingFor, due_in: timedelta, is_due: bool
) -> None:
    held = box.hold(why, due_in)
    box.set_clock(H)
    box.set_clock(-H)
    box.clock()
    box.set_clock(timedelta(seconds=8))
    await box.keeper.tick()
    box.kernel = replace(box.kernel, synchronised=True)
    await box.keeper.tick()
    assert box.is_due(held) is is_due


async def test_more_texts_than_fit_into_one_transaction_are_released(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "AT_ONCE", 2)
    box.set_clock(H)
    await box.keeper.tick()
    held = [box.hold() for _ in range(5)]
    box.kernel = replace(box.kernel, synchronised=True)
    await box.keeper.tick()
    assert all(map(box.is_due, held))


def test_the_kernel_of_this_box_is_asked() -> None:
    found = look()
    assert found.synchronised in (True, False, None)
    assert found.uptime_s > 0
    assert not look(()).has_time_service
    assert look(("/",)).has_time_service


def test_a_time_service_tells_what_the_kernel_may_not(tmp_path: Path) -> None:
    """Where a service manager forbids the question."""
    assert said_by_timesyncd(tmp_path / "timesync") is None
    (tmp_path / "timesync").mkdir()
    assert said_by_timesyncd(tmp_path / "timesync") is False
    (tmp_path / "timesync" / "synchronized").touch()
    assert said_by_timesyncd(tmp_path / "timesync") is True


def test_the_box_is_the_same_to_the_service_and_to_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service is told by its manager what commands read from the kernel, in another spelling."""
    outside = look().boot
    told = subprocess.run(["systemd-id128", "boot-id"], capture_output=True, text=True, check=True).stdout
    monkeypatch.setattr(kernel_clock, "_BOOT_ID", tmp_path / "hidden")
    monkeypatch.setenv(kernel_clock.BOOT_ID_TOLD, told)
    assert look().boot == outside != ""
    monkeypatch.delenv(kernel_clock.BOOT_ID_TOLD)
    assert look().boot == ""
