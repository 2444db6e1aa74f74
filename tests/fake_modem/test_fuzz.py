"""Nothing a computer writes may upset the fake modem: a test bed that falls over proves nothing."""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.fake_modem import World, tpdu
from tests.fake_modem.commands_general import COMMANDS as GENERAL
from tests.fake_modem.commands_sms import COMMANDS as SMS
from tests.fake_modem.samples import SAMPLES

PDUS = [bytes.fromhex(pdu) for _, pdu in SAMPLES.values()]
ARGUMENTS = [
    "",
    "=?",
    "?",
    "=0",
    "=1",
    "=41",
    "=2,1,0,1,0",
    '="SM"',
    '=""',
    "=,",
    "=²",
    "=9999999999",
    '="ÿ",145',
]


def line(chance: random.Random) -> bytes:
    command = chance.choice([*GENERAL, *SMS]) + chance.choice(ARGUMENTS)
    return chance.choice(
        [
            f"AT{command}\r".encode("latin-1"),
            f"at{command};{command}\r\n".encode("latin-1"),
            chance.choice(PDUS).hex().encode() + b"\x1a",
            chance.randbytes(chance.randrange(20)),
            b"\x1b",
            b"\x1a",
        ]
    )


@pytest.mark.parametrize("seed", range(20))
async def test_any_bytes(seed: int) -> None:
    problems: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    chance = random.Random(seed)
    async with World(seed) as world:
        modem = await world.modem()
        modem.settings.cnmi = (2, 1, 0, 1, 0)
        for _ in range(300):
            modem.hear(line(chance))
            if not chance.randrange(10):
                world.phone("+12025550143").text(modem.number, "x" * chance.randrange(20))
                await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        modem.hear(b"\x1b\rATE0V1Q0\r")
        modem.log.chunks.clear()
        modem.hear(b"AT\r")
        assert b"\r\nOK\r\n" in [chunk.data for chunk in modem.log.chunks]
    assert problems == []


@pytest.mark.parametrize("decode", [tpdu.decode_submit, tpdu.decode_deliver, tpdu.decode_report])
def test_any_tpdu(decode: object) -> None:
    assert callable(decode)
    chance = random.Random(11)
    for _ in range(3000):
        octets = bytearray(chance.choice(PDUS)[chance.choice((0, 1, 8)) :])
        for _ in range(chance.randrange(4)):
            octets[chance.randrange(len(octets))] = chance.randrange(256)
        try:
            decode(bytes(octets[: chance.randrange(1, len(octets) + 1)])).data.text  # noqa: B018
        except (tpdu.Undecodable, AttributeError) as problem:
            assert isinstance(problem, tpdu.Undecodable) or "StatusReport" in str(problem)
