"""What we send: to the octet where the table says, and read back by decoders that are not ours."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.domain.alphabet import Alphabet, NotInAlphabet, NotText
from gateway.domain.pdu import (
    BadNumber,
    BadValidity,
    Concat,
    PartTooLong,
    StoredSubmit,
    TooLong,
    cmgs_length,
    decode_incoming,
    decode_validity,
    encode_message,
    encode_submit,
    encode_validity,
    with_validity,
)
from gateway.domain.segments import segment
from tests.domain.oracles import (
    GSM_CHARACTERS,
    TABLE,
    gsmmodem_submits,
    pdu,
    read_submit,
    smspdudecoder_sent,
    tshark,
)

TO = "+447700900123"
DAY = timedelta(days=1)

gsm_text = st.text(alphabet=GSM_CHARACTERS, max_size=500)
any_text = st.one_of(gsm_text, st.text(max_size=300), st.text(alphabet="aя😀é👩\u200d🇳🇱\u0301", max_size=300))


def _encode(text: str, to: str = TO, validity: timedelta | None = DAY, report: bool = True) -> list[bytes]:
    return encode_message(to, text, reference=0x2A, report=report, validity=validity)


# --- the table ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "to", "text", "report"),
    [
        (["S1"], TO, "Your table is booked for 19:30.", True),
        (
            ["S2.1", "S2.2"],
            TO,
            "Hello from Harbour Dental. Your check-up with Dr Okafor is on Tue 14 Oct at 10:15. Please "
            "arrive ten minutes early and bring your card. To move it reply CHANGE, to cancel reply CAN"
            "CEL. {ref H7}",
            True,
        ),
        (["S3"], TO, "Готово 🎉", True),
        (["S4"], "60777", "STOP", False),
    ],
)
def test_the_table_of_sent_pdus(names: list[str], to: str, text: str, report: bool) -> None:
    parts = _encode(text, to, report=report)
    assert ["00" + part.hex().upper() for part in parts] == [pdu(name) for name in names]
    assert [cmgs_length(part) for part in parts] == [TABLE[name][0] for name in names]


# --- decoders that are not ours ----------------------------------------------------------------------


@given(any_text, st.booleans(), st.sampled_from([None, DAY]))
def test_a_bit_level_decoder_reads_the_same_text(text: str, report: bool, validity: timedelta | None) -> None:
    parts = [read_submit(part) for part in _encode(text, report=report, validity=validity)]
    assert "".join(part.text for part in parts) == text
    for sequence, part in enumerate(parts, start=1):
        assert (part.to, part.pid, bool(part.first & 0x20)) == (TO, 0, report)
        assert part.validity == (None if validity is None else 0xA7)
        assert part.header == (bytes([5, 0, 3, 0x2A, len(parts), sequence]) if len(parts) > 1 else b"")


@given(st.text(alphabet=GSM_CHARACTERS, max_size=75), st.booleans())
def test_wide_references_are_read_the_same(text: str, flash: bool) -> None:
    concat = Concat(0x1234, 3, 2, wide=True)
    part = read_submit(
        encode_submit(
            TO, text, alphabet=Alphabet.GSM7, concat=concat, report=False, validity=None, flash=flash
        )
    )
    assert part.text == text
    assert part.header == bytes.fromhex("06080412340302")
    assert part.dcs == (0x10 if flash else 0x00)


@given(any_text)
def test_our_own_decoder_reads_what_we_send(text: str) -> None:
    parts = [decode_incoming("00" + part.hex()) for part in _encode(text)]
    assert all(isinstance(part, StoredSubmit) and not part.truncated and part.report for part in parts)
    assert "".join(part.text for part in parts if isinstance(part, StoredSubmit)) == text


def _readable_texts(seed: int, count: int) -> list[str]:
    """Texts without control characters, which tshark prints in its own way."""
    random = Random(seed)
    repertoires = [
        [char for char in GSM_CHARACTERS if char.isprintable()],
        list("Готово, дякую! 明日の予約 ١٢٣ 😀🎉👍🏽👩\u200d👧🇳🇱 café e\u0301"),
    ]
    lengths = [1, 7, 8, 69, 70, 71, 134, 135, 152, 153, 154, 159, 160, 161, 305, 306, 307]
    return [
        "x" + "".join(random.choices(repertoires[turn % 2], k=random.choice(lengths))) + "x"
        for turn in range(count)
    ]


def test_tshark_reads_the_same_texts() -> None:
    texts = _readable_texts(seed=1, count=200)
    messages = [_encode(text, to=f"+4477009{index:05}") for index, text in enumerate(texts)]
    frames = iter(tshark([part for message in messages for part in message]))
    for index, (text, message) in enumerate(zip(texts, messages, strict=True)):
        read = [next(frames) for _ in message]
        assert "".join(frame["sms_text"][0] for frame in read) == text
        assert {frame["tp-da"][0] for frame in read} == {f"4477009{index:05}"}
        assert not any("_ws.malformed" in frame for frame in read)


def test_1600_characters_of_mixed_gsm7_and_emoji_are_read_the_same_by_tshark_and_smspdudecoder() -> None:
    """One text, decoded by two programs that know nothing of ours; tshark also joins the parts itself."""
    random = Random(1600)
    repertoire = [char for char in GSM_CHARACTERS if char.isprintable()] + list("😀🎉👍🦷🙏") * 6
    text = "A" + "".join(random.choices(repertoire, k=1598)) + "Z"
    assert len(text) == 1600
    parts = _encode(text)
    assert len(parts) > 24
    assert "".join(frame["sms_text"][0] for frame in tshark(parts)) == text
    assert "".join(tshark(parts, join=True)[-1]["sms_text"]) == text
    assert "".join(smspdudecoder_sent(part) for part in parts) == text


@given(st.text(alphabet=[char for char in GSM_CHARACTERS if char not in "^{}\\[~]|€\f"], max_size=160))
def test_smspdudecoder_reads_the_same_single_part(text: str) -> None:
    assert smspdudecoder_sent(_encode(text)[0]) == text


@given(
    st.one_of(
        st.text(alphabet=[char for char in GSM_CHARACTERS if char not in "§\f"], max_size=500),
        st.text(alphabet="абвгдеж 123", max_size=67),
    ),
    st.booleans(),
    st.sampled_from(
        [None, timedelta(minutes=5), timedelta(hours=12), DAY, timedelta(days=30), timedelta(weeks=5)]
    ),
)
def test_gsmmodem_makes_the_same_octets_where_it_is_right(
    text: str, report: bool, validity: timedelta | None
) -> None:
    assume(text)
    ours = encode_message(TO, text, reference=0, report=report, validity=validity)
    assert ours == gsmmodem_submits(TO, text, report=report, validity=validity)


# --- numbers, validity, limits -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "octets"),
    [
        ("+447700900123", "0C91447700091032"),
        ("+12025550143", "0B912120550541F3"),
        ("60777", "05810677F7"),
        ("07700900123", "0B817007900021F3"),
        ("00447700900123", "0E8100447700091032"),
        ("*#", "0281BA"),
    ],
)  # fmt: skip
def test_addresses(to: str, octets: str) -> None:
    assert _encode("hi", to)[0][2:].hex().upper().startswith(octets)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "+",
        "+1 555-0100",
        "Harbour",
        "+44x",
        "1" * 21,
        "+" + "1" * 21,
        "٣٣٣",
        "++1",
        "1+",
        "+*1",
        "12\n",
        "a",
    ],
)
def test_what_is_no_number_is_refused(to: str) -> None:
    with pytest.raises(BadNumber):
        _encode("hi", to)


@pytest.mark.parametrize(
    ("period", "octet"),
    [
        (timedelta(microseconds=1), 0), (timedelta(minutes=5), 0), (timedelta(minutes=5, seconds=1), 1),
        (timedelta(hours=12), 143), (timedelta(hours=12, seconds=1), 144),
        (timedelta(hours=12, minutes=20), 144), (timedelta(hours=12, minutes=30), 144),
        (DAY, 0xA7), (DAY + timedelta(seconds=1), 168),
        (timedelta(days=4), 0xAA), (timedelta(days=30), 196), (timedelta(days=30, seconds=1), 197),
        (timedelta(days=31), 197), (timedelta(weeks=5), 197), (timedelta(weeks=5, seconds=1), 198),
        (timedelta(weeks=63), 255),
    ],
)  # fmt: skip
def test_validity_is_rounded_up_to_a_step(period: timedelta, octet: int) -> None:
    assert read_submit(_encode("hi", validity=period)[0]).validity == octet
    if octet:
        assert _validity_of(octet - 1) < period <= _validity_of(octet)


def _validity_of(octet: int) -> timedelta:
    """23.040 9.2.3.12.1, the other way round."""
    if octet <= 143:
        return timedelta(minutes=5 * (octet + 1))
    if octet <= 167:
        return timedelta(hours=12, minutes=30 * (octet - 143))
    return timedelta(days=octet - 166) if octet <= 196 else timedelta(weeks=octet - 192)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(weeks=63)))
def test_validity_is_the_shortest_step_that_is_long_enough(period: timedelta) -> None:
    octet = read_submit(_encode("hi", validity=period)[0]).validity
    assert octet == next(step for step in range(256) if _validity_of(step) >= period)


@pytest.mark.parametrize("period", [timedelta(0), timedelta(minutes=-5), timedelta(weeks=63, seconds=1)])
def test_validity_that_cannot_be_is_refused(period: timedelta) -> None:
    with pytest.raises(BadValidity):
        _encode("hi", validity=period)


def test_256_parts_are_refused() -> None:
    with pytest.raises(TooLong) as refused:
        _encode("я" * (67 * 255 + 1))
    assert refused.value.count == 256


def test_255_parts_are_encoded() -> None:
    parts = [read_submit(part) for part in _encode("я" * 67 * 255)]
    assert [part.header[-1] for part in parts] == list(range(1, 256))


@pytest.mark.parametrize("text", ["ab\ud83d", "\udc00"])
def test_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(NotText):
        _encode(text)


@pytest.mark.parametrize("reference", [-1, 256])
def test_a_reference_that_does_not_fit_is_refused(reference: int) -> None:
    with pytest.raises(ValueError, match="8 bits"):
        encode_message(TO, "a" * 200, reference=reference, report=False, validity=None)


@pytest.mark.parametrize("numbers", [(1, 1), (0, 0), (2, 0), (2, 3), (256, 1)])
def test_a_part_that_cannot_be_is_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Concat(1, *numbers)


@pytest.mark.parametrize(
    ("text", "alphabet", "concat"),
    [
        ("a" * 161, Alphabet.GSM7, None),
        ("a" * 154, Alphabet.GSM7, Concat(1, 2, 1)),
        ("a" * 153, Alphabet.GSM7, Concat(1, 2, 1, wide=True)),
        ("я" * 71, Alphabet.UCS2, None),
        ("я" * 68, Alphabet.UCS2, Concat(1, 2, 1)),
    ],
)
def test_a_part_longer_than_140_octets_is_refused(
    text: str, alphabet: Alphabet, concat: Concat | None
) -> None:
    with pytest.raises(PartTooLong):
        encode_submit(TO, text, alphabet=alphabet, concat=concat, report=False, validity=None)
    encode_submit(TO, text[:-1], alphabet=alphabet, concat=concat, report=False, validity=None)


def test_a_character_outside_the_alphabet_asked_for_is_refused() -> None:
    with pytest.raises(NotInAlphabet):
        encode_submit(TO, "я", alphabet=Alphabet.GSM7, concat=None, report=False, validity=None)
    with pytest.raises(ValueError, match="8-bit"):
        encode_submit(TO, "a", alphabet=Alphabet.DATA, concat=None, report=False, validity=None)


def test_flash_is_class_0_in_both_alphabets() -> None:
    for text, dcs in (("hi", 0x10), ("я", 0x18)):
        [part] = encode_message(TO, text, reference=1, report=False, validity=None, flash=True)
        assert read_submit(part).dcs == dcs


def test_an_empty_text_is_one_part() -> None:
    assert read_submit(_encode("")[0]).text == ""
    assert len(segment("").texts) == 1


# --- another validity --------------------------------------------------------------------------------

validities = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(weeks=63))


@given(any_text, st.booleans(), st.one_of(st.none(), validities), validities)
def test_a_text_given_another_validity_is_as_if_encoded_with_it(
    text: str, report: bool, before: timedelta | None, after: timedelta
) -> None:
    given_then = [with_validity(part, after) for part in _encode(text, report=report, validity=before)]
    assert given_then == _encode(text, report=report, validity=after)


@given(validities)
def test_what_a_validity_says_is_no_shorter_and_the_next_step(period: timedelta) -> None:
    octet = encode_validity(period)
    assert decode_validity(octet) >= period
    assert octet == 0 or decode_validity(octet - 1) < period


@pytest.mark.parametrize("octets", ["", "04", "0100", "01000C9144", "0100FF91"])
def test_what_is_no_outgoing_text_has_no_validity(octets: str) -> None:
    with pytest.raises(ValueError, match=r"goes out|ends inside|cannot be right"):
        with_validity(bytes.fromhex(octets), DAY)
