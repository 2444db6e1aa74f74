"""The notice of a waiting picture: what it says, in every writing a network may use; never an exception."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.pdu import Deliver, PictureNotice, decode_incoming, read_picture_notice
from tests.domain.oracles import TABLE

SENT = datetime(2025, 10, 14, 9, 20, tzinfo=UTC)
IN_WORDS = b"application/vnd.wap.mms-message\0\xaf\x84"
SHORT = b"\xbe\xaf\x84"
BEGINS = b"\x8c\x82\x98T1\0\x8d\x90"


def push(fields: bytes, headers: bytes = SHORT) -> bytes:
    return bytes([1, 6, len(headers)]) + headers + BEGINS + fields


def read(fields: bytes, headers: bytes = SHORT) -> PictureNotice:
    notice = read_picture_notice(push(fields, headers), SENT)
    assert notice is not None
    return notice


def test_d20_says_all_it_holds() -> None:
    message = decode_incoming(TABLE["D20"][1])
    assert isinstance(message, Deliver)
    assert message.sent_at is not None
    assert message.picture == PictureNotice(
        size=4096, expires_at=message.sent_at + timedelta(days=3), location="http://mmsc.test/a"
    )


@pytest.mark.parametrize("headers", [IN_WORDS, SHORT])
def test_sender_subject_and_a_date(headers: bytes) -> None:
    sender = b"\x80+447700900456/TYPE=PLMN\0"
    until = int((SENT + timedelta(days=2)).timestamp()).to_bytes(4, "big")
    notice = read(
        b"\x89" + bytes([len(sender)]) + sender + b"\x96Our cat\0" + b"\x88\x06\x80\x04" + until, headers
    )
    assert notice == PictureNotice("+447700900456", "Our cat", None, SENT + timedelta(days=2), "")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"\x96\x05\xea\xc3\xa9t\0", "ét"),  # UTF-8
        (b"\x96\x04\x84\xe9t\0", "ét"),  # Latin-1
        (b"\x96\x08\x02\x03\xe8\x04\x13\x04\x3e\0", "Го"),  # UCS-2 by its number 1000
        (b"\x96\x09\xea\x7f\xc3\xa9t au\0", "ét au"),  # a quote
        (b"\x96\x7f\xc3\xa9t\0", "ét"),  # a quote, and no charset
        (b"\x96\x00", ""),
    ],
)
def test_subjects_in_every_charset(value: bytes, text: str) -> None:
    notice = read(value + b"\x8e\x02\x10\x00")
    assert (notice.subject, notice.size) == (text, 4096)


def test_a_hidden_sender_and_a_sender_with_a_charset() -> None:
    assert read(b"\x89\x01\x81").sender == ""
    assert read(b"\x89\x0a\x80\x08\xeaa@b.de\0").sender == "a@b.de"


def test_fields_of_the_senders_own_are_passed_over() -> None:
    assert read(b"X-Mine\0its value\0" + b"\x8e\x02\x10\x00").size == 4096
    assert read(b"\xb7\x1f\x02ab" + b"\x8e\x02\x10\x00").size == 4096


def test_a_field_that_makes_no_sense_hides_no_other() -> None:
    assert read(b"\x8e\x06\1\1\1\1\1\1" + b"\x96Hi\0") == PictureNotice(subject="Hi")
    assert read(b"\x88\x05\x80\x03" + b"\xff" * 3 + b"\x96Hi\0").subject == "Hi"
    assert read(b"\x88\x02\x85\x80" + b"\x96Hi\0") == PictureNotice(subject="Hi")


def test_a_notice_cut_short_keeps_what_came_before() -> None:
    assert read(b"\x96Our cat\0" + b"\x83http://mms") == PictureNotice(subject="Our cat")


def test_a_span_needs_a_beginning() -> None:
    notice = read_picture_notice(push(b"\x88\x05\x81\x03\x03\xf4\x80"), None)
    assert notice == PictureNotice()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x01\x06\xff\xff\xff\xff\xff\xff",
        bytes([1, 7, 3]) + SHORT + BEGINS,  # no push
        bytes([1, 6, 3]) + b"\xae\xaf\x84" + BEGINS,  # another content type
        bytes([1, 6, 3]) + SHORT + b"\x8c\x86\x98T1\0",  # a delivery report of a picture
    ],
)
def test_what_announces_no_picture(data: bytes) -> None:
    assert read_picture_notice(data, SENT) is None


@given(st.binary(max_size=200), st.booleans())
def test_any_octets_never_raise_and_give_text(fields: bytes, whole: bool) -> None:
    notice = read_picture_notice(push(fields) if whole else fields, SENT)
    if notice is not None:
        (notice.sender + notice.subject + notice.location).encode()


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_any_subject_comes_back(subject: str) -> None:
    text = subject.encode() + b"\0"
    quote = b"\x7f" if text[0] >= 0x7F else b""
    value = b"\xea" + quote + text
    assert read(b"\x96\x1f" + bytes([len(value)]) + value).subject == subject
