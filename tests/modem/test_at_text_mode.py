"""The AT engine in text mode, where the body of a text may look like protocol."""

from __future__ import annotations

import pytest

from gateway.modem.answers import Final, Info, Prompt, Result, ResultKind, Unsolicited
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


def test_prompts_for_the_lines_of_a_text_are_no_answer() -> None:
    engine = Engine()
    engine.text_mode = True
    engine.submit('AT+CMGS="+12025550123"')
    assert engine.receive(b"\r\n> ") == [Prompt()]
    assert engine.body("one\r> two\rthree") == b"one\r> two\rthree\x1a"
    events = engine.receive(b"\r\n> \r\n> \r\n+CMGS: 12\r\n\r\nOK\r\n")
    assert [event for event in events if not isinstance(event, Unsolicited)] == [Info("+CMGS: 12"), OK]


def test_a_report_in_a_listing_counts_no_characters() -> None:
    """The last field of its header is a status, not a length."""
    header = '+CMGR: "REC UNREAD",6,79,"+447700900123",145,"25/10/14,09:22:00+04","25/10/14,09:22:05+04",48'
    engine = Engine()
    engine.text_mode = True
    engine.command("AT+CMGR=1")
    engine.receive(f"\r\n{header}\r\n\r\nOK\r\n".encode())
    assert engine.silence() == [Info(header, ""), OK]


@pytest.mark.parametrize("too_many", range(1, 5))
def test_a_length_that_counts_escapes_twice_ends_all_the_same(too_many: int) -> None:
    body = "[5]{6}"
    header = f'{SHORT},145,4,0,0,"+447700900999",145,{len(body) + too_many}'
    data = f"\r\n{header}\r\n{body}\r\n\r\nOK\r\n".encode()
    for cut in range(len(data) + 1):
        engine = Engine()
        engine.text_mode = True
        engine.command("AT+CMGR=1")
        assert engine.receive(data[:cut]) + engine.receive(data[cut:]) == [Info(header, body), OK]


@pytest.mark.parametrize("word", ["BUSY", "NO DIALTONE", "NO ANSWER", "NO CARRIER"])
def test_a_caller_who_gave_up_before_does_not_hide_the_end_of_a_call(word: str) -> None:
    engine = Engine()
    engine.text_mode = True
    engine.receive(b"\r\nRING\r\n\r\nNMBR = 02079460456\r\n")
    engine.submit('AT+CMGS="07700900123"')
    engine.receive(b"\r\n> ")
    engine.body("Hello")
    assert engine.receive(f"\r\n{word}\r\n".encode()) == [Final(Result(ResultKind.TELEPHONE, word))]
