"""The AT engine and anything a device may write: nothing makes it raise, cuts change nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.modem.answers import (
    Event,
)
from gateway.modem.at import Engine, State
from gateway.modem.lines import MAX_LINE
from tests.modem.at_samples import D1, OK, R0, S1

PIECES = [
    b"\r\n", b"\r", b"\n", b"OK", b"ERROR", b"> ", b"\0", b"\xff", b"\x1a", b"\x1b", b"+CMGS: 7", b"0", b"4",
    b"+CMTI: \"SM\",1", b"+CMT: ,46", b"+CDS: 25", b"+CMGL: 1,1,,46", b"+CMGR: 0,,99999", b"+CMS ERROR: ",
    D1.encode(), R0.encode(), S1.encode(), b"AT+CMGL=4", b"RING", b"NO CARRIER", b"+CREG: 1", b",,,", b'"',
    b"9" * 6000,
]  # fmt: skip


def play(engine: Engine, chooser: random.Random, data: bytes, pieces: int) -> list[Event]:
    """A driver that does anything at any time, the device writing `data`."""
    events: list[Event] = []
    for at in range(0, len(data), max(1, len(data) // pieces)):
        chosen = chooser.randrange(8)
        if chosen == 0:
            engine.command(chooser.choice(["AT", "AT+CMGL=4", "AT+CMGR=1", "AT+CGMM", "AT+CREG?"]))
        elif chosen == 1:
            engine.submit("AT+CMGS=42")
        elif chosen == 2 and engine.state is State.AT_PROMPT:
            engine.body(S1)
        elif chosen == 3:
            engine.escape()
        elif chosen == 4:
            events += engine.silence()
        events += engine.receive(data[at : at + max(1, len(data) // pieces)])
    return events


def random_streams(count: int, seed: int) -> None:
    chooser = random.Random(seed)
    for number in range(count):
        engine = Engine()
        engine.text_mode = number % 4 == 0
        if number % 2:
            data = chooser.randbytes(chooser.randrange(1, 200))
        else:
            data = b"".join(chooser.choices(PIECES, k=chooser.randrange(1, 20)))
        play(engine, chooser, data, pieces=8)
        assert len(engine._buffer) <= MAX_LINE + len(data)
        # whatever happened before: after ESC and a line end it is in step again
        engine.text_mode = False
        engine.escape()
        engine.receive(b"\r\n")
        engine.command("AT")
        assert engine.receive(b"\r\nOK\r\n")[-1] == OK


def test_ten_thousand_random_streams_never_raise() -> None:
    random_streams(10_000, seed=27005)


@pytest.mark.slow
def test_a_hundred_thousand_random_streams_never_raise() -> None:
    random_streams(100_000, seed=27007)


@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=12), st.data())
def test_any_bytes_cut_anywhere_give_the_same_events(pieces: list[bytes], data: st.DataObject) -> None:
    written = b"".join(pieces)
    cut = data.draw(st.integers(0, len(written)))
    text_mode = data.draw(st.booleans())
    submits = data.draw(st.booleans())

    def engine() -> Engine:
        made = Engine()
        made.text_mode = text_mode
        made.submit("AT+CMGS=42") if submits else made.command("AT+CMGL=4")
        return made

    whole, pieced = engine(), engine()
    assert whole.receive(written) == pieced.receive(written[:cut]) + pieced.receive(written[cut:])
    assert whole.state is pieced.state
