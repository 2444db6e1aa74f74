"""Any string in, never an exception, and never a text that cannot be stored as UTF-8."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.pdu import Deliver, StatusReport, StoredSubmit, Undecodable, decode_incoming
from gateway.domain.segments import join
from tests.domain.oracles import TABLE

QUICK, EXHAUSTIVE = 10_000, 100_000


def _look_at_everything(hex_text: str) -> None:
    message = decode_incoming(hex_text)
    for field in dataclasses.fields(message):
        getattr(message, field.name)
    for name, value in vars(type(message)).items():
        if isinstance(value, property):
            getattr(message, name)
    match message:
        case Deliver() | StoredSubmit():
            message.text.encode()
            join([message, message]).encode()
            str(message.sender if isinstance(message, Deliver) else message.recipient).encode()
        case StatusReport():
            message.text.encode()
            message.recipient.number.encode()
        case Undecodable():
            assert message.raw == hex_text
            assert message.why


def _random_octets(random: Random) -> str:
    octets = bytearray(random.randbytes(random.randrange(0, 200)))
    if random.random() < 0.5:  # past the service centre, or nearly all ends there
        octets[:1] = b"\0"
    return octets.hex()


def _mutated(random: Random) -> str:
    octets = bytearray.fromhex(random.choice(list(TABLE.values()))[1])
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(octets))
        change = random.randrange(4)
        if change == 0:
            octets[at] = random.randrange(256)
        elif change == 1:
            octets[at] ^= 1 << random.randrange(8)
        elif change == 2:
            del octets[at : at + random.randrange(1, 4)]
            octets += b"\0"
        else:
            octets[at:at] = random.randbytes(random.randrange(1, 4))
    return octets.hex()[: random.choice([None, random.randrange(2 * len(octets))])]


def _fuzz(seed: int, count: int) -> None:
    random = Random(seed)
    for turn in range(count):
        _look_at_everything(_mutated(random) if turn % 4 else _random_octets(random))


def test_damaged_pdus_never_raise() -> None:
    _fuzz(seed=7, count=QUICK)


@pytest.mark.slow
def test_many_damaged_pdus_never_raise() -> None:
    _fuzz(seed=8, count=EXHAUSTIVE)


@given(st.text())
def test_any_string_never_raises(text: str) -> None:
    _look_at_everything(text)


@given(st.text(alphabet="0123456789abcdefABCDEF \0\n", max_size=400))
def test_any_hex_never_raises(text: str) -> None:
    _look_at_everything(text)


@given(st.binary(max_size=140), st.integers(0, 255), st.integers(0, 255), st.booleans())
def test_any_user_data_never_raises_and_is_text(data: bytes, dcs: int, length: int, header: bool) -> None:
    first = "44" if header else "04"
    whole = f"00{first}0C9144770009406500{dcs:02X}52014190110040{length:02X}{data.hex()}"
    assert isinstance(decode_incoming(whole), Deliver)
    _look_at_everything(whole)
