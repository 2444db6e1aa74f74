"""Defects measured in another library's codec, each of which lost or changed somebody's text (P1 to P22)."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest

from gateway.domain.alphabet import Alphabet, fits_gsm7, plain_replacement
from gateway.domain.pdu import (
    BadNumber,
    Concat,
    Deliver,
    StatusClass,
    StatusReport,
    StoredSubmit,
    TooLong,
    decode_incoming,
    encode_message,
    encode_submit,
)
from gateway.domain.segments import segment
from tests.domain.oracles import BASIC, CENTRE, build_deliver, pdu, read_submit, septet_codes

TO = "+31612345678"


def _sent(text: str, to: str = TO, validity: timedelta | None = None) -> str:
    parts = encode_message(to, text, reference=255, report=False, validity=validity)
    return "".join(read_submit(part).text for part in parts)


def _received(hex_text: str) -> Deliver:
    message = decode_incoming(hex_text)
    assert isinstance(message, Deliver), message
    return message


def test_p1_emoji_can_be_sent() -> None:
    assert _sent("hi 😀") == "hi 😀"


def test_p2_surrogate_pairs_are_joined() -> None:
    text = _received(build_deliver(octets=bytes.fromhex("D83DDE00"), dcs=0x08)).text
    assert text == "😀"
    assert text.encode() == b"\xf0\x9f\x98\x80"


def test_p3_a_header_of_any_length_costs_no_letter() -> None:
    assert _received(build_deliver(text="hello", header=bytes.fromhex("06080407010201"))).text == "hello"
    for filler in range(0, 40):
        header = bytes([filler + 2, 0x70, filler]) + bytes(filler)
        assert _received(build_deliver(text="hello", header=header)).text == "hello", filler


@pytest.mark.parametrize("text", ["1234567@", "1234567", "123456@", "x" * 152 + "@", "@" * 160, "@"])
def test_p4_a_last_at_sign_stays(text: str) -> None:
    assert _received(build_deliver(text=text)).text == text
    assert _received(build_deliver(text=text[:153], header=bytes.fromhex("050003010201"))).text == text[:153]


def test_p5_the_section_sign_is_itself_and_the_grave_accent_is_not_gsm7() -> None:
    assert _received(build_deliver(codes=[0x5F])).text == "§"
    assert segment("§ 5").alphabet is Alphabet.GSM7
    assert _sent("§ `") == "§ `"
    assert not fits_gsm7("`")


def test_p6_small_y_with_diaeresis_and_form_feed() -> None:
    assert _sent("ÿ") == "ÿ"
    assert _received(build_deliver(codes=[0x1B, 0x0A])).text == "\f"
    assert _sent("a\fb") == "a\fb"


def test_p7_an_escape_character_makes_no_other() -> None:
    assert _sent("a\x1be") == "a\x1be"


def test_p8_escapes_that_lead_nowhere() -> None:
    assert _received(build_deliver(codes=[0x61, 0x1B])).text == "a"
    assert _received(build_deliver(codes=[0x1B, 0x61])).text == "a"


def test_p9_national_tables_are_read() -> None:
    assert _received(pdu("D14")).text == "Yarın görüşürüz"
    assert _received(pdu("D15")).text == "İyi akşamlar"


@pytest.mark.parametrize(
    ("dcs", "alphabet", "text"),
    [(0xF5, Alphabet.DATA, ""), (0xE0, Alphabet.UCS2, "voice"), (0x48, Alphabet.UCS2, "voice")],
)
def test_p10_every_coding_group_is_known(dcs: int, alphabet: Alphabet, text: str) -> None:
    message = _received(build_deliver(octets="voice".encode("utf-16-be"), dcs=dcs))
    assert (message.alphabet, message.text) == (alphabet, text)


def test_p10_compressed_text_is_kept_raw() -> None:
    message = _received(f"{CENTRE}040C9144770009406500205201419011004003ABCDEF")
    assert (message.alphabet, message.user_data.units) == (Alphabet.DATA, b"\xab\xcd\xef")


def test_p11_everything_a_policy_needs_is_given() -> None:
    message = _received(build_deliver(text="hi", dcs=0x10, pid=0x41, first=0xA0))
    assert (message.dcs, message.message_class, message.pid, message.replace_type) == (0x10, 0, 0x41, 1)
    assert message.reply_path and message.report_indicated and message.more_to_come
    assert _received(pdu("D11")).waiting is not None


def test_p12_data_ends_where_its_length_says() -> None:
    assert (
        _received(f"{CENTRE}040C9144770009406500045201419011004003AABBCCDDEEFF").user_data.units
        == b"\xaa\xbb\xcc"
    )


def test_p13_an_empty_sender_costs_no_text() -> None:
    message = _received(build_deliver(text="hello", sender="0080"))
    assert (message.sender.number, message.text) == ("", "hello")


@pytest.mark.parametrize("stamp", ["00000000000000", "520141901100C9", "52014190110640"])
def test_p14_impossible_times_cost_no_text(stamp: str) -> None:
    message = _received(build_deliver(text="hello", stamp=stamp))
    assert (message.text, message.scts_raw) == ("hello", stamp)
    assert message.sent_at is None or message.sent_at.timestamp() > 0


def test_p14_a_report_without_discharge_time_is_a_report() -> None:
    report = decode_incoming(pdu("R0").replace("52014190127040", "00000000000000"))
    assert isinstance(report, StatusReport)
    assert report.status_class is StatusClass.DELIVERED


def test_p15_nothing_raises() -> None:
    for raw in ("", "0", "00", "0004", "07", "zz"):
        decode_incoming(raw)


def test_p16_a_report_says_what_it_means() -> None:
    report = decode_incoming(pdu("R2"))
    assert isinstance(report, StatusReport)
    assert report.status_class is StatusClass.FAILED_PERMANENT


@pytest.mark.parametrize("to", ["+1 555-0100", "", "Harbour", "12a"])
def test_p17_what_is_no_number_is_refused(to: str) -> None:
    with pytest.raises(BadNumber):
        _sent("hi", to)


@pytest.mark.parametrize(
    ("to", "octets"),
    [("12345", "05812143F5"), ("0031612345678", "0D81001316325476F8"), ("*#12", "0481BA21")],
)
def test_p17_a_number_without_plus_is_of_type_unknown(to: str, octets: str) -> None:
    [part] = encode_message(to, "hi", reference=1, report=False, validity=None)
    assert part[2:].hex().upper().startswith(octets)
    stored = decode_incoming("00" + part.hex())
    assert isinstance(stored, StoredSubmit)
    assert stored.recipient.number == to


def test_p18_the_reference_is_not_the_message_reference() -> None:
    parts = encode_message(TO, "a" * 200, reference=255, report=False, validity=None)
    assert [part[1] for part in parts] == [0, 0]
    assert [read_submit(part).header for part in parts] == [
        bytes([5, 0, 3, 255, 2, 1]),
        bytes([5, 0, 3, 255, 2, 2]),
    ]


def test_p18_sixteen_bit_references_can_be_sent() -> None:
    concat = Concat(0xABCD, 2, 1, wide=True)
    part = encode_submit(TO, "hi", alphabet=Alphabet.GSM7, concat=concat, report=False, validity=None)
    assert read_submit(part).header == bytes.fromhex("060804ABCD0201")


def test_p18_too_many_parts_are_told_with_their_count() -> None:
    with pytest.raises(TooLong, match="261 parts"):
        _sent("a" * (153 * 260 + 1))


@pytest.mark.parametrize(
    ("period", "octet"),
    [
        (timedelta(minutes=1), 0),
        (timedelta(hours=12, minutes=20), 144),
        (timedelta(days=31), 197),
    ],
)
def test_p19_validity_is_rounded_up(period: timedelta, octet: int) -> None:
    [part] = encode_message(TO, "hi", reference=1, report=False, validity=period)
    assert read_submit(part).validity == octet


def test_p20_enhanced_validity_is_skipped_whole() -> None:
    stored = decode_incoming("0009050C914477000910320000" + "40050000000000" + "02C834")
    assert isinstance(stored, StoredSubmit)
    assert stored.text == "Hi"


def test_p21_spare_bits_are_no_letter() -> None:
    whole = build_deliver(text="a" * 15)
    spoilt = whole[:-2] + f"{int(whole[-2:], 16) | 0xFE:02X}"
    assert len(_received(spoilt).text) == 15


def test_p22_segments_are_counted_and_typography_has_a_way_back() -> None:
    text = "It’s tomorrow – “10:30”…"
    assert segment(text).alphabet is Alphabet.UCS2
    plain = "".join(plain_replacement(char) or char for char in text)
    assert plain == 'It\'s tomorrow - "10:30"...'
    assert segment(plain).units_left == 160 - len(plain)


def test_every_pair_of_septets_survives_packing() -> None:
    codes = [code for code in range(128) if code != 0x1B]
    for first, second in itertools.product(codes, repeat=2):
        text = BASIC[first] + BASIC[second]
        assert septet_codes(_received(build_deliver(text=text)).text) == [first, second]
