"""The AT engine in text mode, where the body of a text may look like protocol."""

from __future__ import annotations

import pytest

from gateway.modem.answers import (
    Info,
)
from gateway.modem.at import Engine
from tests.modem.at_samples import OK, answer

SHORT = '+CMGR: "REC UNREAD","+447700900456",,"25/10/14,09:05:12+04"'
BODIES = [
    "OK see you at 5\nsecond line",
    "ERROR in invoice",
    "OK",
    'OK\nERROR in my bill\n+CMTI: "SM",1',
    "",
    "> ",
    '+CMGR: "REC READ","1"',
]


@pytest.mark.parametrize("body", BODIES)
def test_text_bodies_that_look_like_protocol_with_length(body: str) -> None:
    wire = body.replace("\n", "\r\n")
    header = f'{SHORT},145,4,0,0,"+447700900999",145,{len(wire)}'
    data = f"\r\n{header}\r\n{wire}\r\n\r\nOK\r\n".encode()
    for cut in range(len(data) + 1):
        engine = Engine()
        engine.text_mode = True
        engine.command("AT+CMGR=1")
        assert engine.receive(data[:cut]) + engine.receive(data[cut:]) == [Info(header, body), OK]


@pytest.mark.parametrize("body", BODIES)
def test_text_bodies_that_look_like_protocol_without_length(body: str) -> None:
    wire = body.replace("\n", "\r\n")
    engine = Engine()
    engine.text_mode = True
    engine.command("AT+CMGR=1")
    assert engine.receive(f"\r\n{SHORT}\r\n{wire}\r\n\r\nOK\r\n".encode()) == []
    assert engine.awaits_silence
    assert engine.silence() == [Info(SHORT, body), OK]
    assert not engine.awaits_silence


def test_a_text_listing_ends_by_silence() -> None:
    first = '+CMGL: 1,"REC UNREAD","02079460456",,"25/10/14,09:21"'
    second = '+CMGL: 2,"REC READ","02079460456",,"25/10/14,09:22"'
    events = answer("AT+CMGL", f"{first}\r\nOK\r\nthen\r\n{second}\r\nbye\r\n\r\nOK\r\n", text_mode=True)
    assert events == []
    engine = Engine()
    engine.text_mode = True
    engine.command('AT+CMGL="ALL"')
    engine.receive(f"{first}\r\nOK\r\nthen\r\n{second}\r\nbye\r\n".encode())
    assert engine.silence() == []  # no result yet: the command is still running
    engine.receive(b"\r\nOK\r\n")
    assert engine.silence() == [Info(first, "OK\nthen"), Info(second, "bye"), OK]


def test_hex_text_is_longer_than_its_length() -> None:
    header = f'{SHORT},145,4,0,8,"+447700900999",145,4'
    assert answer("AT+CMGR=1", f"{header}\r\n0074006500730074\r\n\r\nOK\r\n", text_mode=True) == [
        Info(header, "0074006500730074"),
        OK,
    ]
