"""Missed calls: one event a call, with the number if it was told, whatever words a device has for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.line import MissedCall
from gateway.modem.calls import SILENCE_S, Calls, hang_up
from gateway.modem.driver import Driver, News
from tests.fake_modem import World
from tests.modem.conftest import FAST, until

CALLER = "+447700900456"
CLIP = f'+CLIP: "{CALLER}",145,,,,0'
WITHHELD = '+CLIP: "",128,,,,1'


@dataclass
class _Timer:
    at: float
    run: Callable[[], None]
    stopped: bool = False

    def cancel(self) -> None:
        self.stopped = True


@dataclass
class _Telephone:
    """A line of calls and a clock that goes when told."""

    hangs_up: bool = False
    now: float = 100.0
    told: list[MissedCall] = field(default_factory=list)
    hung_up: int = 0
    timers: list[_Timer] = field(default_factory=list)

    def __post_init__(self) -> None:
        reject = self._reject if self.hangs_up else None
        self.calls = Calls(self.told.append, reject, lambda: self.now, self._later)

    def _reject(self) -> None:
        self.hung_up += 1

    def _later(self, delay: float, run: Callable[[], None]) -> _Timer:
        self.timers.append(_Timer(self.now + delay, run))
        return self.timers[-1]

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer.at <= end and not timer.stopped]:
            timer = min(due, key=lambda timer: timer.at)
            timer.stopped = True
            self.now = timer.at
            timer.run()
        self.now = end

    def hear(self, *lines: str | float) -> list[MissedCall]:
        """Lines, and seconds between them; what was told of them so far."""
        for line in lines:
            if isinstance(line, str):
                assert self.calls.news(line), line
            else:
                self.wait(line)
        return self.told


@pytest.mark.parametrize(
    ("lines", "number", "rang"),
    [
        (["RING", CLIP, 4.0, "RING", CLIP, 2.5, "NO CARRIER"], CALLER, 6.5),
        (["RING", 4.0, "RING", CLIP, 4.0, "NO CARRIER"], CALLER, 8.0),  # told with the second ring
        (["+CRING: VOICE", CLIP, 1.0, "NO CARRIER"], CALLER, 1.0),
        (["RING", WITHHELD, 3.0, "NO CARRIER"], None, 3.0),
        (["RING", '+CLIP: "",128,"",,"",2', 3.0, "NO CARRIER"], None, 3.0),
        ([CLIP, 0.5, "RING", 5.0, "^CEND:1,0,5,16"], CALLER, 5.5),  # a Huawei
        (["+WIND: 5,1", "RING", '+CLIP: "447700900456",145', 2.0, "+WIND: 6,1"], CALLER, 2.0),
        (
            ['^DSCI: 2,1,4,0,"447700900456",145', "RING", 4.0, '^DSCI: 2,1,6,0,"447700900456",145'],
            CALLER,
            4.0,
        ),
        (["RING", "DATE = 1014", "TIME = 0921", "NMBR = 02079460456", 5.0, "RING"], "02079460456", 5.0),
        (["RING", "NMBR=P", 5.0, "RING"], None, 5.0),
        (["RING", 2.0, "RING", 1.0, "MISSED_CALL: 10:12AM +447700900456"], CALLER, 3.0),
        (["MISSED_CALL: 10:12AM +447700900456"], CALLER, 0.0),
        (["MISSED_CALL: 10:12AM"], None, 0.0),
        (["RING", CLIP, 3.0, "VOICE CALL: END: 000000"], CALLER, 3.0),
        (["RING", '+CLIP: "002B003400340037003700300030003900300030003400350036",145'], CALLER, 0.0),
        (["RING", '+CLIP: "0020794604560020",129', 2.0, "NO CARRIER"], "0020794604560020", 2.0),
        (["ring", CLIP.lower()], CALLER, 0.0),
    ],
)
def test_one_call(lines: list[str | float], number: str | None, rang: float) -> None:
    told = _Telephone().hear(*lines, SILENCE_S)
    assert told == [MissedCall(number, pytest.approx(rang))]


def test_it_rings_until_it_is_silent() -> None:
    phone = _Telephone()
    phone.hear("RING", CLIP, SILENCE_S - 1, "RING")
    assert phone.calls.ringing
    phone.hear(SILENCE_S - 0.1)
    assert phone.calls.ringing and not phone.told
    phone.hear(0.2)
    assert not phone.calls.ringing
    assert phone.told == [MissedCall(CALLER, SILENCE_S - 1)]  # to the last ring, not to the end of patience


def test_two_calls_are_two() -> None:
    told = _Telephone().hear("RING", CLIP, 2.0, "NO CARRIER", 5.0, "RING", CLIP, 3.0, "NO CARRIER")
    assert told == [MissedCall(CALLER, 2.0), MissedCall(CALLER, 3.0)]


def test_what_comes_after_the_end_begins_no_call() -> None:
    phone = _Telephone()
    phone.hear(
        "RING", CLIP, 2.0, "NO CARRIER", 0.2, CLIP, "NO CARRIER", "MISSED_CALL: 10:12AM +447700900456", 60.0
    )
    assert phone.told == [MissedCall(CALLER, 2.0)]


def test_a_call_that_was_answered_on_the_device_is_not_missed() -> None:
    phone = _Telephone()
    phone.hear("RING", CLIP, 2.0, "VOICE CALL: BEGIN")
    assert not phone.calls.ringing
    phone.hear(60.0, "VOICE CALL: END: 000060", "NO CARRIER")
    assert not phone.told
    phone.hear("RING", CLIP, 1.0, "NO CARRIER")
    assert phone.told == [MissedCall(CALLER, 1.0)]


def test_a_second_caller_is_told_as_well() -> None:
    waits = '+CCWA: "+447700900123",145,1'
    told = _Telephone().hear("RING", CLIP, 1.0, waits, 3.0, waits, 1.0, "NO CARRIER")
    assert told == [MissedCall(CALLER, 5.0), MissedCall("+447700900123", 3.0)]


def test_callers_are_hung_up_on_once_and_not_before_their_number_is_known() -> None:
    phone = _Telephone(hangs_up=True)
    phone.hear("RING")
    assert phone.hung_up == 0
    phone.hear(CLIP, 0.1, "RING", CLIP)
    assert phone.hung_up == 1
    phone.hear("NO CARRIER", 5.0, "RING", WITHHELD)
    assert phone.hung_up == 2


def test_without_a_number_the_second_ring_decides() -> None:
    phone = _Telephone(hangs_up=True)
    phone.hear("+WIND: 5,1", "RING", 4.0)
    assert phone.hung_up == 0
    phone.hear("RING", 4.0, "RING")
    assert phone.hung_up == 1


def test_a_caller_may_ring_on() -> None:
    phone = _Telephone()
    phone.hear("RING", CLIP, 4.0, "RING", 4.0, "RING")
    assert phone.hung_up == 0


def test_a_call_in_progress_is_told_when_the_line_goes() -> None:
    phone = _Telephone()
    phone.hear("RING", CLIP, 2.0)
    phone.calls.stop()
    assert phone.told == [MissedCall(CALLER, 2.0)]
    phone.hear(60.0)
    assert len(phone.told) == 1


@pytest.mark.parametrize(
    "line", ['+CMTI: "SM",1', "^RSSI:17", "+WIND: 3", "RINGO", "+CREG: 1", "OK", "", "0791", "CONNECT"]
)
def test_other_news_is_not_about_calls(line: str) -> None:
    phone = _Telephone(hangs_up=True)
    assert not phone.calls.news(line)
    assert not phone.calls.ringing and not phone.hung_up


LINES = st.sampled_from(
    [
        "RING",
        "+CRING: VOICE",
        CLIP,
        WITHHELD,
        "NO CARRIER",
        "+WIND: 5",
        "+WIND: 6",
        "^CEND:1",
        "NMBR=O",
        "^DSCI: 1",
    ]
)


@given(st.lists(st.one_of(LINES, st.floats(0, 20), st.text(max_size=30).map(lambda text: "+CLIP: " + text))))
def test_every_call_is_told_once_and_none_stays_open(lines: list[str | float]) -> None:
    phone = _Telephone(hangs_up=True)
    phone.hear(*lines, SILENCE_S + 0.1)
    assert not phone.calls.ringing
    assert phone.hung_up <= len(phone.told)
    assert all(call.rang_seconds >= 0 for call in phone.told)


async def test_a_call_is_hung_up_by_the_command_the_device_knows(world: World) -> None:
    modem = await world.modem()
    news: list[News] = []
    driver = Driver(news.append, lambda _: None, FAST.timing)
    await driver.open(modem.path)
    async with driver.wire:
        await driver.resync()
        world.phone(CALLER).call(modem.number, rings=50)
        await until(lambda: news)
        await hang_up(driver)
    driver.close()
    assert modem.calls.log[-1].ended == "rejected"
