"""The trace: what was exchanged can be seen and replayed, and nobody's number or word is in it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.pdu import Deliver, StatusReport, StoredSubmit, decode_incoming, encode_message
from gateway.modem.trace import Direction, Trace
from gateway.modem.trace_mask import Chunk, masked
from gateway.modem.trace_pdu import masked_pdu
from tests.domain.oracles import TABLE, build_deliver

NUMBER = "+447700900456"
D1, D2, D20, R0, S1 = (TABLE[name][1] for name in ("D1", "D2", "D20", "R0", "S1"))


def traced(*lines: str) -> str:
    """The masked trace of lines "C: ..." and "M: ..." as they are written there."""
    trace = Trace()
    for at, line in enumerate(lines):
        data = line[3:].encode("latin-1").decode("unicode_escape").encode("latin-1")
        trace.add(Direction(line[0]), data, float(at))
    return trace.text().removeprefix("# masked\n").replace("M+1000", "M").rstrip("\n")


# --- single lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (r'C: AT+CMGS="+447700900123"\r', r'C: AT+CMGS="+555555555555"\r'),
        (r'C: AT+CMGS="07700900123"\r', r'C: AT+CMGS="55555555555"\r'),
        (r'C: AT+CMGS="002B003400340037"\r', r'C: AT+CMGS="002B003500350035"\r'),
        (r'C: AT+CPIN="1234"\r', r'C: AT+CPIN="****"\r'),
        (r"C: AT+CPIN=1234\r", r"C: AT+CPIN=****\r"),
        (r'C: AT+CLCK="SC",0,"1234"\r', r'C: AT+CLCK="SC",0,"5555"\r'),
        (r'C: AT+CPWD="SC","1234","4321"\r', r'C: AT+CPWD="**","****","****"\r'),
        (r'C: AT+CUSD=1,"*100#",15\r', r'C: AT+CUSD=1,"*100#",15\r'),
        (r'C: AT+CUSD=1,"AA180C3602",15\r', r'C: AT+CUSD=1,"AA180C3602",15\r'),
        (r'C: AT+CUSD=1,"*101*1234567890#",15\r', r'C: AT+CUSD=1,"*101*5555555555#",15\r'),
        (r"C: ATD+447700900123;\r", r"C: ATD+555555555555;\r"),
        (r'C: AT+CSCA="+447700900999",145\r', r'C: AT+CSCA="+555555555555",145\r'),
        (r'C: AT+CSCS="UCS2"\r', r'C: AT+CSCS="UCS2"\r'),
        (r'C: AT+CSCS="00470053004D"\r', r'C: AT+CSCS="00470053004D"\r'),
        (r'C: AT+CPMS="SM","ME","SR"\r', r'C: AT+CPMS="SM","ME","SR"\r'),
        (r"C: \x1b", r"C: \x1b"),
        (r"M: \r\n>\x20", r"M: \r\n>\x20"),
        (r'M: \r\n+CLIP: "+447700900456",145,,,,0\r\n', r'M: \r\n+CLIP: "+555555555555",145,,,,0\r\n'),
        (r"M: \r\nNMBR = 02079460456\r\n", r"M: \r\nNMBR = 55555555555\r\n"),
        (r'M: \r\n+CUSD: 0,"Your balance is 4.20",15\r\n', r'M: \r\n+CUSD: 0,"xxxx xxxxxxx xx 5.55",15\r\n'),
        (r'M: \r\n+CMGL: 1,"REC UNREAD","02079460456",,"25/10/14,09:05"\r\n',
         r'M: \r\n+CMGL: 1,"REC UNREAD","55555555555",,"25/10/14,09:05"\r\n'),
        (r"M: \r\nHi, can I move my slot?\r\n", r"M: \r\nxx, xxx x xxxx xx xxxx?\r\n"),
        (r'M: \r\n+CPMS: ("SM","ME"),("SM","ME")\r\n', r'M: \r\n+CPMS: ("SM","ME"),("SM","ME")\r\n'),
        (r"M: \r\n+CMS ERROR: SIM not inserted\r\n", r"M: \r\n+CMS ERROR: SIM not inserted\r\n"),
        (r"M: \r\n+CMS ERROR: my name\r\n", r"M: \r\n+CMS ERROR: xx xxxx\r\n"),
        (r"M: \r\n+CUSD: 0,4711\r\n", r"M: \r\n+CUSD: 0,5555\r\n"),
        (r"M: \r\n+CUSD: 4\r\n", r"M: \r\n+CUSD: 4\r\n"),
        (r"M: \r\n+CLIP: 2025,129\r\n", r"M: \r\n+CLIP: 5555,555\r\n"),
        (r"M: \r\n+CNUM: 12-02-5550-143\r\n", r"M: \r\n+CNUM: 55-55-5555-555\r\n"),
        (r"M: \r\n+12025550199: call Anna\r\n", r"M: \r\n+55555555555: xxxx xxxx\r\n"),
        (r"M: \r\n#PIN: 4711\r\n", r"M: \r\n#xxx: 5555\r\n"),
        (r"M: \r\n+CSQ: 20.99\r\n", r"M: \r\n+CSQ: 20.99\r\n"),
        (r"M: \r\n+CREG: 2,1,0A,3799B\r\n", r"M: \r\n+CREG: 2,1,5x,5555x\r\n"),
        (r"M: \r\nMISSED_CALL: 10:12AM +447700900456\r\n", r"M: \r\nMISSED_CALL: 55:55xx +555555555555\r\n"),
    ],
)  # fmt: skip
def test_lines(line: str, shown: str) -> None:
    assert traced(line) == shown


@pytest.mark.parametrize(
    ("command", "answer", "shown"),
    [
        ("AT+CGMI", "huawei", "huawei"),
        ("AT+CGMM", '+CGMM: "E3131"', '+CGMM: "E3131"'),
        ("ATI", "IMEI: 004999010640000", "IMEI: 004999015555555"),
        ("AT+CGSN", "004999010640000", "004999015555555"),
        ("AT+CGSN", '+CGSN: "004999010640000"', '+CGSN: "004999015555555"'),
        ("AT+CIMI", "234159999999999", "234155555555555"),
        ("AT+CCID", "+CCID: 8944110068256270054F", "+CCID: 8944115555555555555F"),
        (
            "AT+CRSM=176,12258,0,0,10",
            '+CRSM: 144,0,"98440100866572001540"',
            '+CRSM: 144,0,"98440155555555555555"',
        ),
    ],
)
def test_identities_keep_what_names_a_make_and_not_one_device(command: str, answer: str, shown: str) -> None:
    said = traced(rf"C: {command}\r", rf"M: \r\n{answer}\r\n\r\nOK\r\n")
    assert said.split("\n")[1] == rf"M: \r\n{shown}\r\n\r\nOK\r\n"


def test_words_after_an_identity_are_no_part_of_it() -> None:
    said = traced(r"C: AT+CGMM\r", r'M: +CMT: "+447700900456",,"25/10/14,09:05:12+04"\r\nHello\r\n')
    assert "Hello" not in said
    said = traced(r"C: AT+CGMM\r", r"M: E3131\r\nOK\r\nHello\r\n")
    assert "Hello" not in said and "E3131" in said


# --- PDUs and texts ----------------------------------------------------------------------------------


def _shape(pdu: str) -> object:
    """Everything of a PDU but its numbers and words."""
    decoded = decode_incoming(pdu)
    if isinstance(decoded, Deliver):
        rest = (
            decoded.sender.type,
            decoded.scts_raw,
            decoded.sent_at,
            decoded.message_class,
            decoded.waiting,
        )
        text = (len(decoded.user_data.units), decoded.user_data.single, decoded.user_data.locking)
        return (decoded.pid, decoded.dcs, decoded.header, decoded.alphabet, decoded.truncated, text, rest)
    if isinstance(decoded, StoredSubmit):
        text = (len(decoded.user_data.units), decoded.report)
        return (decoded.recipient.type, decoded.pid, decoded.dcs, decoded.header, decoded.alphabet, text)
    if isinstance(decoded, StatusReport):
        return (
            decoded.reference,
            decoded.status,
            decoded.scts_raw,
            decoded.discharge_raw,
            decoded.recipient.type,
        )
    return type(decoded)


@pytest.mark.parametrize("name", TABLE)
def test_every_pdu_of_the_table_keeps_its_shape(name: str) -> None:
    octets = bytes.fromhex(TABLE[name][1])
    hidden = masked_pdu(octets)
    assert len(hidden) == len(octets)
    assert _shape(hidden.hex()) == _shape(octets.hex())
    decoded, before = decode_incoming(hidden.hex()), decode_incoming(octets.hex())
    assert isinstance(decoded, Deliver | StoredSubmit | StatusReport) and type(decoded) is type(before)
    party = decoded.sender if isinstance(decoded, Deliver) else decoded.recipient
    assert re.fullmatch(r"\+?5*|[x ]*", party.number)
    assert isinstance(decoded, StatusReport) or re.fullmatch("[x5 €\n\U0001f642\ufffd]*", decoded.text)


def test_pdus_are_known_by_the_length_that_was_announced() -> None:
    said = traced(r"C: AT+CMGS=42\r", r"M: \r\n> ", rf"C: {S1}\x1a", r"M: \r\n+CMGS: 78\r\n\r\nOK\r\n")
    sent = said.split("\n")[2].removeprefix("C: ").removesuffix(r"\x1a")
    assert _shape(sent) == _shape(S1) and sent != S1
    assert traced(rf"C: {S1}\x1a") == "C: " + "78" * (len(S1) // 2) + r"\x1a"  # nobody knows what this is


def test_a_pdu_cut_over_several_chunks_is_masked_as_one() -> None:
    written = f"\r\n+CMGR: 0,,46\r\n{D1}\r\n\r\nOK\r\n".encode()
    whole = masked([Chunk(True, b"AT+CMGR=1\r"), Chunk(False, written)], ())[1]
    pieces = [Chunk(False, bytes([octet])) for octet in written]
    noise = Chunk(True, b"AT\r")
    assert b"".join(masked([Chunk(True, b"AT+CMGR=1\r"), *pieces, noise], ())[1:-1]) == whole
    assert D1.encode() not in whole and len(whole) == len(written)


def test_the_words_of_text_mode_are_masked_whatever_they_look_like() -> None:
    said = traced(
        r'C: AT+CMGS="07700900123"\r',
        r"M: \r\n> ",
        r"C: Dear Ann,\rAT+CGMM\rATTENTION 12345\x1a",
        r"C: AT+CSQ\r",
    )
    assert said.split("\n")[2:] == [r"C: xxxx xxx,\rxx+xxxx\rxxxxxxxxx 55555\x1a", r"C: AT+CSQ\r"]


def test_a_command_after_a_refused_prompt_is_a_command() -> None:
    said = traced(r"C: AT+CMGS=42\r", r"M: \r\n+CMS ERROR: 512\r\n", r"C: AT+CSQ\r")
    assert said.split("\n")[2] == r"C: AT+CSQ\r"


LETTERS = st.text("abcdefghijklmnopqrstuvwyzäöñ", min_size=4, max_size=9)
TEXTS = st.lists(LETTERS, min_size=1, max_size=8).map(" ".join)
NUMBERS = st.text("12346789", min_size=7, max_size=14)


@given(
    NUMBERS,
    TEXTS,
    st.lists(st.integers(1, 40), max_size=30),
    st.sampled_from(["pdu", "ucs2", "text", "wide", "ussd"]),
)
def test_no_number_and_no_word_survives(number: str, text: str, cuts: list[int], mode: str) -> None:
    secret = text + "я" * (mode == "ucs2")
    computer, device = _dialogue(number, secret, mode)
    chunks = [*_cut(True, computer, cuts), *_cut(False, device, cuts)]
    hidden = masked(chunks, ())
    assert [len(data) for data in hidden] == [len(chunk.data) for chunk in chunks]
    said = b"".join(hidden).decode("latin-1")
    for piece in (number[at : at + 5] for at in range(len(number) - 4)):
        assert piece not in said
        assert "".join(f"003{digit}" for digit in piece) not in said
    for word in text.split():
        assert word not in said
        assert word.encode("utf-16-be").hex().upper() not in said
    for pdu in re.findall(r"[0-9A-F]{30,}", said):
        decoded = decode_incoming(pdu)
        assert not hasattr(decoded, "text") or not set(text.split()) & set(decoded.text.split())


LOOKALIKES = st.sampled_from(
    ["+{number}: {word}", "#PIN: {pin}", "*{word}: {pin}", "NAME = {word}", "NMBR = {number}", "{pin}", "OK",
     "+CLIP: {pin},{word}", "+CREG: {pin}", "AT+CSQ={pin}", "+CMS ERROR: {pin}", "> {word}", "MESG = {word}"]
)  # fmt: skip
BRINGING = {
    "listing": ('AT+CMGL="ALL"', '+CMGL: 1,"REC READ","{number}",,"26/03/02,09:30:00+00"'),
    "reading": ("AT+CMGR=1", '+CMGR: "REC READ","{number}",,"26/03/02,09:30:00+00"'),
    "news": ("AT", 'OK\r\n+CMT: "{number}",,"26/03/02,09:30:00+00"'),
    "service": ('AT+CUSD=1,"*100#",15', '+CUSD: 0,"{word} "{word}" {word}'),
}


@given(
    NUMBERS,
    LETTERS,
    st.text("12346789", min_size=4, max_size=4),
    st.lists(LOOKALIKES, min_size=1, max_size=6),
    st.sampled_from(sorted(BRINGING)),
)
def test_a_line_of_a_text_that_looks_like_a_notice_is_masked(
    number: str, word: str, pin: str, lines: list[str], mode: str
) -> None:
    command, header = BRINGING[mode]
    heard = "\r\n".join(["", header, *lines, "OK", ""]).format(number=number, word=word, pin=pin)
    chunks = [Chunk(True, f"{command}\r".encode()), Chunk(False, heard.encode("latin-1"))]
    said = masked([*chunks, Chunk(True, b"AT\r"), Chunk(False, b"\r\nOK\r\n")], ())[1].decode("latin-1")
    for secret in (number, word, pin):
        assert secret not in said


def test_what_a_device_says_after_a_text_is_seen_again() -> None:
    said = traced(
        r'C: AT+CMGL="ALL"\r',
        r'M: \r\n+CMGL: 1,"REC READ","+12025550143"\r\nOK\r\nAnna\r\nOK\r\n',
        r"C: AT+CREG?\r",
        r"M: \r\n+CREG: 2,1\r\n\r\nOK\r\n",
    )
    assert r"OK\r\nxxxx\r\nOK" in said and "+CREG: 2,1" in said


def test_words_after_a_question_for_the_model_are_no_identity() -> None:
    said = traced(r"C: ATI\r", r"M: \r\nHuawei E3131\r\nNAME = ANNA SMITH\r\nOK\r\n")
    assert "Huawei E3131" in said and "NAME = xxxx xxxxx" in said


def test_a_text_that_looks_like_a_command_is_a_text() -> None:
    said = traced(r'C: AT+CMGS="+12025550143"\r', r"M: \r\nERROR\r\n> ", r"C: AT+CX=1,4711\x1a")
    assert "4711" not in said


def _dialogue(number: str, text: str, mode: str) -> tuple[bytes, bytes]:
    if mode in ("pdu", "ucs2"):
        parts = encode_message(f"+{number}", text, reference=7, report=True, validity=timedelta(days=1))
        written = "".join(f"AT+CMGS={len(part)}\r{part.hex().upper()}\x1a" for part in parts)
        sender = f"{len(number):02X}91" + "".join(
            f"{(number + 'F')[at + 1]}{number[at]}" for at in range(0, len(number), 2)
        )
        came = build_deliver(
            text=text if mode == "pdu" else text[:60], sender=sender, dcs=0 if mode == "pdu" else 8
        )
        length = len(came) // 2 - 1 - int(came[:2], 16)
        return written.encode(), f'\r\n+CMGL: 1,1,"{text}",{length}\r\n{came}\r\n\r\nOK\r\n'.encode(
            "latin-1", "replace"
        )
    if mode == "ussd":
        return b'AT+CUSD=1,"*100#",15\r', f'\r\n+CUSD: 1,"{text}\r\n{number} {text}",15\r\n'.encode("latin-1")
    shown, body = number, text
    if mode == "wide":
        shown, body = (each.encode("utf-16-be").hex().upper() for each in ("+" + number, text))
    written = f'AT+CMGS="{shown}"\r{body}\x1aAT+CSCA="{number}"\r'
    came = f'\r\n+CMT: "{shown}",,"25/10/14,09:05:12+04"\r\n{body}\r\n{number}\r\n+CLIP: "{number}",129\r\n'
    return written.encode("latin-1"), came.encode("latin-1")


def _cut(by_computer: bool, data: bytes, cuts: list[int]) -> list[Chunk]:
    chunks = []
    for size in cuts:
        if data:
            chunks.append(Chunk(by_computer, data[:size]))
            data = data[size:]
    return [*chunks, Chunk(by_computer, data)]


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=40))), st.frozensets(st.booleans()))
def test_anything_is_masked_octet_for_octet(chunks: list[tuple[bool, bytes]], cut: frozenset[bool]) -> None:
    hidden = masked([Chunk(by_computer, data) for by_computer, data in chunks], cut)
    assert [len(data) for data in hidden] == [len(data) for _, data in chunks]


# --- the ring ----------------------------------------------------------------------------------------


def test_an_empty_trace_is_empty() -> None:
    assert Trace().text() == ""


def test_identity_time_and_notation() -> None:
    trace = Trace()
    trace.add(Direction.COMPUTER, b"AT\r", 5.0)
    trace.add(Direction.MODEM, b"\r\nOK\r\n\x00\\ ", 5.8)
    assert trace.text({"maker": "huawei", "model": "E3131", "imei": "004999010640000"}) == (
        "# masked\n# maker: huawei\n# model: E3131\nC: AT\\r\nM+800: \\r\\nOK\\r\\n\\x00\\x5c\\x20\n"
    )


def test_the_ring_is_bounded_and_what_it_cut_says_nothing() -> None:
    trace = Trace(max_octets=100, max_chunks=10)
    trace.add(Direction.MODEM, b'\r\n+CMT: "+447700900456",,"25/10/14,09:05:12+04"\r\n', 0.0)
    trace.add(Direction.MODEM, b"+CSQ: the rest of a secret\r\n" + b"+CSQ: 17,99\r\n" * 4, 1.0)
    assert "secret" not in trace.text() and "17,99" in trace.text()
    for at in range(1000):
        trace.add(Direction.COMPUTER, b"AT\r", float(at))
    assert trace.text().count("C: AT") == 10
    trace.add(Direction.MODEM, b"secret" + b"x" * 5000, 1000.0)
    assert len(trace.text()) < 200
    trace.clear()
    assert trace.text() == ""


def test_the_rest_of_a_text_whose_beginning_is_gone_is_no_answer() -> None:
    trace = Trace(max_octets=25)
    trace.add(Direction.MODEM, b'+CMT: "+447700900456",,"25/10/14,09:05:12+04"\r\nHel', 0.0)
    trace.add(Direction.COMPUTER, b"AT+CGMM\r", 1.0)
    trace.add(Direction.MODEM, b"lo Ann\r\nE3131\r\n", 2.0)
    assert trace.text() == "# masked\nC: AT+CGMM\\r\nM+1000: xx xxx\\r\\nE3131\\r\\n\n"


@given(st.integers(1, 300), st.lists(st.integers(1, 30), min_size=1, max_size=20))
def test_a_dialogue_that_lost_its_beginning_anywhere_tells_nothing(kept: int, cuts: list[int]) -> None:
    computer, device = _dialogue("1234678912", "abcdefgh ijklmno", "pdu")
    trace = Trace(max_octets=kept)
    for chunk in (*_cut(True, computer, cuts), *_cut(False, device, cuts)):
        trace.add(Direction.COMPUTER if chunk.by_computer else Direction.MODEM, chunk.data, 0.0)
    said = trace.text().replace("\n", "")
    assert "bcdefg" not in said and "12346" not in said and "21436" not in said and NUMBER not in said
