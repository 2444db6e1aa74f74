"""The AT engine: every line classified by state, nothing makes it raise, cuts change nothing."""

from __future__ import annotations

import pytest

from gateway.modem.answers import (
    Event,
    Final,
    Info,
    Prompt,
    Result,
    ResultKind,
    StrayResult,
    Unsolicited,
)
from gateway.modem.at import Engine, State
from gateway.modem.lines import MAX_LINE
from tests.modem.at_samples import D1, D6, OK, R0, S1, answer, cms

ANSWERS = {
    "plain": ("AT+CSQ", "\r\n+CSQ: 17,99\r\n\r\nOK\r\n", [Info("+CSQ: 17,99"), OK]),
    "no space after the colon": ("AT+CSQ", "\r\n+CSQ:17,99\r\n\r\nOK\r\n", [Info("+CSQ:17,99"), OK]),
    "LF alone": ("AT+CSQ", "\n+CSQ: 17,99\n\nOK\n", [Info("+CSQ: 17,99"), OK]),
    "CR alone": ("AT+CSQ", "\r+CSQ: 17,99\r\rOK\r", [Info("+CSQ: 17,99"), OK]),
    "CR CR LF": ("AT+CSQ", "\r\r\n+CSQ: 17,99\r\r\nOK\r\r\n", [Info("+CSQ: 17,99"), OK]),
    "echo": ("AT+CSQ", "AT+CSQ\r\r\n+CSQ: 17,99\r\n\r\nOK\r\n", [Info("+CSQ: 17,99"), OK]),
    "echo of ESC before": ("AT", "\x1bAT\r\r\nOK\r\n", [OK]),
    "NULs before": ("AT", "\0\0\r\n\0OK\r\n", [OK]),
    "0xFF burst": ("AT", "\xff\xff\xffOK\r\n", [OK]),
    "numeric ok": ("AT", "0\r", [OK]),
    "numeric error": ("AT+CMEE=1", "4\r", [Final(Result(ResultKind.ERROR))]),
    "numeric error number": ("AT+CSQ", "\r\n+CMS ERROR: 38\r\n", [cms("38")]),
    "error in words": ("AT+CMGL=4", "\r\n+CMS ERROR: network timeout\r\n", [cms("network timeout")]),
    "error without space": (
        "AT",
        "\r\n+CME ERROR:SIM not inserted\r\n",
        [Final(Result(ResultKind.CME, "SIM not inserted"))],
    ),
    "command not support": ("AT+XX", "\r\nCOMMAND NOT SUPPORT\r\n", [Final(Result(ResultKind.ERROR))]),
    "bare answer": ("AT+CGMM", "\r\nE3131\r\n\r\nOK\r\n", [Info("E3131"), OK]),
    "bare answer with a notice inside": (
        "AT+CGSN",
        '\r\n+CMTI: "SM",1\r\n004999010640000\r\nOK\r\n',
        [Unsolicited('+CMTI: "SM",1'), Info("004999010640000"), OK],
    ),
    "notice before echo": (
        "AT+CSQ",
        '\r\n+CMTI: "SM",1\r\nAT+CSQ\r\r\n+CSQ: 17,99\r\n\r\nOK\r\n',
        [Unsolicited('+CMTI: "SM",1'), Info("+CSQ: 17,99"), OK],
    ),
    "notice before OK": (
        "AT+CSQ",
        '\r\n+CSQ: 17,99\r\n+CMTI: "SM", 1\r\nOK\r\n',
        [Info("+CSQ: 17,99"), Unsolicited('+CMTI: "SM", 1'), OK],
    ),
    "three notices at once": (
        "AT+CSQ",
        '+CMTI: "SM",1\r\n+CMTI: "SM",2\r\n+CMTI: "SM",3\r\n+CSQ: 1,99\r\nOK\r\n',
        [*(Unsolicited(f'+CMTI: "SM",{n}') for n in (1, 2, 3)), Info("+CSQ: 1,99"), OK],
    ),
    "ringing is not an end": (
        "AT+CSQ",
        "\r\nRING\r\n\r\nNO CARRIER\r\n\r\n+CSQ: 17,99\r\n\r\nOK\r\n",
        [Unsolicited("RING"), Unsolicited("NO CARRIER"), Info("+CSQ: 17,99"), OK],
    ),
    "registration answer": (
        "AT+CREG?",
        "\r\n+CREG: 2,1,0A,3799B\r\nOK\r\n",
        [Info("+CREG: 2,1,0A,3799B"), OK],
    ),
    "registration notice inside": (
        "AT+CREG?",
        '+CREG: 1\r\n+CREG: 5,"1A2B","01C3D402",7\r\n+CREG: 2,1\r\nOK\r\n',
        [Unsolicited("+CREG: 1"), Unsolicited('+CREG: 5,"1A2B","01C3D402",7'), Info("+CREG: 2,1"), OK],
    ),
    "notice between header and PDU": (
        "AT+CMGR=0",
        f'\r\n+CMGR: 0,,46\r\n\r\n+CMTI: "SM",1\r\n{D1}\r\n\r\nOK\r\n',
        [Unsolicited('+CMTI: "SM",1'), Info("+CMGR: 0,,46", D1), OK],
    ),
    "direct report between header and PDU": (
        "AT+CMGR=0",
        f"\r\n+CMGR: 0,,46\r\n+CDS: 25\r\n{R0}\r\n{D1}\r\n\r\nOK\r\n",
        [Unsolicited("+CDS: 25", R0), Info("+CMGR: 0,,46", D1), OK],
    ),
    "PDUs crossing": (
        "AT+CMGR=0",
        f"\r\n+CMGR: 0,,46\r\n+CDS: 25\r\n{D1}\r\n{R0}\r\n\r\nOK\r\n",
        [Info("+CMGR: 0,,46", D1), Unsolicited("+CDS: 25", R0), OK],
    ),
    "stray comma of ZTE": ("AT", f"+CDS: ,25\r\n{R0}\r\nOK\r\n", [Unsolicited("+CDS: ,25", R0), OK]),
    "listing with notices": (
        "AT+CMGL=4",
        f'+CMGL: 0,1,,46\r\n{D1}\r\n+CMTI: "SM",3\r\n+CMGL: 1,1,"a, b",45\r\n{D6}\r\n\r\nOK\r\n',
        [Info("+CMGL: 0,1,,46", D1), Unsolicited('+CMTI: "SM",3'), Info('+CMGL: 1,1,"a, b",45', D6), OK],
    ),
    "lower case and blanks": (
        "AT+CMGR=1",
        f"+CMGR: 0,,25\r\n{' '.join(R0[at : at + 2] for at in range(0, len(R0), 2)).lower()}\r\nOK\r\n",
        [Info("+CMGR: 0,,25", R0.lower()), OK],
    ),
    "PDU cut short is kept": (
        "AT+CMGR=1",
        f"+CMGR: 0,,46\r\n{D1[:40]}\r\nOK\r\n",
        [Info("+CMGR: 0,,46", D1[:40]), OK],
    ),
    "PDU not hex is kept": (
        "AT+CMGR=1",
        "+CMGR: 0,,46\r\n07X!é\r\nOK\r\n",
        [Info("+CMGR: 0,,46", "07X!é"), OK],
    ),
    "empty slot": ("AT+CMGR=1", "+CMGR: 0,,0\r\n\r\n\r\nOK\r\n", [Info("+CMGR: 0,,0"), OK]),
    "header without PDU": ("AT+CMGR=1", "+CMGR: 0,,46\r\n\r\nOK\r\n", [Info("+CMGR: 0,,46"), OK]),
    "second PDU missing": (
        "AT+CMGL=4",
        f"+CMGL: 0,1,,46\r\n+CMGL: 1,1,,45\r\n{D6}\r\nOK\r\n",
        [Info("+CMGL: 1,1,,45", D6), Info("+CMGL: 0,1,,46"), OK],
    ),
    "prompt sign where none is due": (
        "AT+CSQ",
        "\r\n> \r\n+CSQ: 1,99\r\nOK\r\n",
        [Unsolicited(">"), Info("+CSQ: 1,99"), OK],
    ),
    "late +CMGS": ("AT+CGMM", "+CMGS: 99\r\nE3131\r\nOK\r\n", [Unsolicited("+CMGS: 99"), Info("E3131"), OK]),
    "bytes that are no text": (
        "AT+CSQ",
        "\r\n\xff\xfe\x80\r\n+CSQ: 17,99\r\nOK\r\n",
        [Unsolicited("\xfe\x80"), Info("+CSQ: 17,99"), OK],
    ),
}


@pytest.mark.parametrize(("command", "written", "events"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers(command: str, written: str, events: list[Event]) -> None:
    assert answer(command, written) == events


@pytest.mark.parametrize(("command", "written", "events"), ANSWERS.values(), ids=ANSWERS.keys())
def test_the_same_however_it_is_cut(command: str, written: str, events: list[Event]) -> None:
    data = written.encode("latin-1")
    for cut in range(len(data) + 1):
        engine = Engine()
        engine.command(command)
        assert engine.receive(data[:cut]) + engine.receive(data[cut:]) == events
    engine = Engine()
    engine.command(command)
    assert [event for octet in data for event in engine.receive(bytes([octet]))] == events


PROMPTS = {
    "by the book": ("\r\n> ", []),
    "without space": ("\r\n>", []),
    "without line end": ("> ", []),
    "short": (">\r\n", []),
    "after echo": ("AT+CMGS=42\r\r\n> ", []),
    "after a notice": ('\r\n+CMTI: "SM",3\r\n\r\n> ', [Unsolicited('+CMTI: "SM",3')]),
    "after a stale result": (
        "\r\n+CMGS: 99\r\n\r\nOK\r\n\r\n> ",
        [Unsolicited("+CMGS: 99"), StrayResult(OK.result)],
    ),
}


@pytest.mark.parametrize(("written", "before"), PROMPTS.values(), ids=PROMPTS.keys())
def test_prompts(written: str, before: list[Event]) -> None:
    for cut in range(len(written) + 1):
        engine = Engine()
        assert engine.submit("AT+CMGS=42") == b"AT+CMGS=42\r"
        events = engine.receive(written[:cut].encode()) + engine.receive(written[cut:].encode())
        assert events == [*before, Prompt()]
        assert engine.state is State.AT_PROMPT
        assert engine.body(S1) == S1.encode() + b"\x1a"


RESULTS = {
    "by the book": ("\r\n+CMGS: 78\r\n\r\nOK\r\n", [Info("+CMGS: 78"), OK]),
    "echo of the PDU": (f"{S1}\x1a\r\n+CMGS: 78\r\n\r\nOK\r\n", [Info("+CMGS: 78"), OK]),
    "echo in pieces": (f"{S1[:30]}\r\n{S1[30:]}\x1a\r\n+CMGS: 78\r\n\r\nOK\r\n", [Info("+CMGS: 78"), OK]),
    "notice first": (
        "\r\n^RSSI:16\r\n\r\n+CMGS: 78\r\n\r\nOK\r\n",
        [Unsolicited("^RSSI:16"), Info("+CMGS: 78"), OK],
    ),
    "report first": (
        f"\r\n+CDS: 25\r\n{R0}\r\n\r\n+CMGS: 78\r\n\r\nOK\r\n",
        [Unsolicited("+CDS: 25", R0), Info("+CMGS: 78"), OK],
    ),
    "direct text first": (
        f'\r\n+CMT: "",46\r\n{D1}\r\n\r\n+CMGS: 78\r\n\r\nOK\r\n',
        [Unsolicited('+CMT: "",46', D1), Info("+CMGS: 78"), OK],
    ),
    "refused": ("\r\n+CMS ERROR: 38\r\n", [cms("38")]),
    "busy": ("\r\nBUSY\r\n", [Final(Result(ResultKind.TELEPHONE, "BUSY"))]),
    "no carrier": ("\r\nNO CARRIER\r\n", [Final(Result(ResultKind.TELEPHONE, "NO CARRIER"))]),
    "a call that ends meanwhile": (
        "\r\nRING\r\n\r\nNO CARRIER\r\n\r\n+CMGS: 78\r\nOK\r\n",
        [Unsolicited("RING"), Unsolicited("NO CARRIER"), Info("+CMGS: 78"), OK],
    ),
}


@pytest.mark.parametrize(("written", "events"), RESULTS.values(), ids=RESULTS.keys())
def test_results_of_a_submit(written: str, events: list[Event]) -> None:
    for cut in range(len(written) + 1):
        engine = Engine()
        engine.submit("AT+CMGS=42")
        engine.receive(b"\r\n> ")
        engine.body(S1)
        assert engine.receive(written[:cut].encode()) + engine.receive(written[cut:].encode()) == events
        assert engine.state is State.IDLE


def test_numeric_results_end_with_the_first_word() -> None:
    engine = Engine()
    engine.command("AT")
    assert engine.receive(b"\r\nOK\r\n") == [OK]
    engine.command("AT+CGMM")
    assert engine.receive(b"\r\n4\r\nOK\r\n") == [Info("4"), OK]


def test_nothing_is_asked_and_a_result_comes() -> None:
    engine = Engine()
    assert engine.receive(b"\r\n+CMGS: 99\r\n\r\nOK\r\n") == [
        Unsolicited("+CMGS: 99"),
        StrayResult(OK.result),
    ]


def test_an_abandoned_answer_is_not_the_next_ones() -> None:
    engine = Engine()
    engine.command("AT+CSQ")
    engine.abandon()
    assert engine.receive(b"\r\n+CSQ: 11,99\r\nOK\r\n") == [
        Unsolicited("+CSQ: 11,99"),
        StrayResult(OK.result),
    ]


def test_a_lone_notice_header_does_not_eat_the_next_answers() -> None:
    engine = Engine()
    assert engine.receive(b"+CDS: 25\r\n") == []
    for _ in range(2):
        engine.command("AT+CGMM")
        events = engine.receive(b"E3131\r\nOK\r\n")
    assert events == [Info("E3131"), Unsolicited("+CDS: 25"), OK]


def test_a_stored_copy_of_what_we_sent_is_not_an_echo() -> None:
    engine = Engine()
    engine.submit("AT+CMGS=42")
    engine.receive(b"> ")
    engine.body(S1)
    engine.receive(b"+CMGS: 1\r\nOK\r\n")
    engine.command("AT+CMGL=4")
    assert engine.receive(f"+CMGL: 1,3,,42\r\n{S1}\r\nOK\r\n".encode()) == [Info("+CMGL: 1,3,,42", S1), OK]


def test_a_line_without_end_is_dropped() -> None:
    for size in (MAX_LINE + 1, 1_000_000):
        for step in (100_000, 4096):
            engine = Engine()
            engine.command("AT")
            data = b"x" * size + b"\r\nOK\r\n"
            events = [
                event for at in range(0, len(data), step) for event in engine.receive(data[at : at + step])
            ]
            assert events == [OK]


def test_leaving_a_prompt_is_esc_alone() -> None:
    engine = Engine()
    engine.submit("AT+CMGS=42")
    engine.receive(b"> ")
    assert engine.escape() == b"\x1b"
    assert engine.state is State.IDLE
