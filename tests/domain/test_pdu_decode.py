"""Every code of every field of what comes in, built by a codec that is not ours."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.alphabet import Alphabet
from gateway.domain.pdu import (
    Address,
    Concat,
    Deliver,
    MessageWaiting,
    NumberKind,
    Ports,
    StatusClass,
    StatusReport,
    StoredSubmit,
    decode_incoming,
)
from gateway.domain.segments import join
from tests.domain.oracles import (
    CENTRE,
    GSM_CHARACTERS,
    build_deliver,
    pdu,
    septet_codes,
)


def _deliver(hex_text: str) -> Deliver:
    message = decode_incoming(hex_text)
    assert isinstance(message, Deliver), message
    return message


# --- built by the other codec ------------------------------------------------------------------------

concats = st.one_of(
    st.none(),
    st.tuples(st.integers(0, 0xFF), st.just(False)),
    st.tuples(st.integers(0, 0xFFFF), st.just(True)),
)


def _concat_header(reference: int, wide: bool) -> bytes:
    numbers = reference.to_bytes(2 if wide else 1, "big") + bytes([3, 2])
    return bytes([len(numbers) + 2, 8 if wide else 0, len(numbers)]) + numbers


@given(st.text(alphabet=GSM_CHARACTERS, max_size=76), concats)
def test_gsm7_built_elsewhere_is_read(text: str, concat: tuple[int, bool] | None) -> None:
    message = _deliver(build_deliver(text=text, header=_concat_header(*concat) if concat else b""))
    assert message.text == text
    assert message.concat == (Concat(concat[0], 3, 2, wide=concat[1]) if concat else None)
    assert not message.truncated


@given(st.text(max_size=33), concats)
def test_ucs2_built_elsewhere_is_read(text: str, concat: tuple[int, bool] | None) -> None:
    header = _concat_header(*concat) if concat else b""
    message = _deliver(build_deliver(text=text, dcs=0x08, header=header))
    assert message.text == text
    assert join([message]) == text


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)), st.integers(-56, 56))
def test_time_stamps_of_every_zone(moment: datetime, quarters: int) -> None:
    moment = moment.replace(microsecond=0)
    digits = f"{moment:%y%m%d%H%M%S}{abs(quarters):02}"
    octets = bytearray(int(digits[at + 1] + digits[at], 16) for at in range(0, 14, 2))
    octets[6] |= 0x08 if quarters < 0 else 0
    message = _deliver(build_deliver(text="x", stamp=octets.hex()))
    zone = timezone(timedelta(minutes=15 * quarters))
    assert message.sent_at == moment.replace(tzinfo=zone)
    assert message.sent_at.utcoffset() == zone.utcoffset(None)


@pytest.mark.parametrize(
    "stamp",
    [
        "FFFFFFFFFFFFFF", "00000000000000", "52314190110040", "52012390110042",
        "52010090110040", "52014142110040", "52014190060040", "52014190110640", "5201419011007F",
        "52014190110085", "A2014190110040", "520141901100A0",
    ],
)  # fmt: skip
def test_time_stamps_that_are_no_time(stamp: str) -> None:
    message = _deliver(build_deliver(text="still here", stamp=stamp))
    assert (message.text, message.sent_at, message.scts_raw) == ("still here", None, stamp)


# --- senders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "number", "kind"),
    [
        ("0C91447700094065", "+447700900456", NumberKind.INTERNATIONAL),
        ("0BA17077000940F6", "07770090046", NumberKind.NATIONAL),
        ("05810677F7", "60777", NumberKind.UNKNOWN),
        ("0281BA", "*#", NumberKind.UNKNOWN),
        ("0381DCFE", "abc", NumberKind.UNKNOWN),
        ("0080", "", NumberKind.UNKNOWN),
        ("0000", "", NumberKind.UNKNOWN),
        ("0091", "", NumberKind.INTERNATIONAL),
        ("03B121F3", "123", NumberKind.NETWORK),
        ("03C121F3", "123", NumberKind.SUBSCRIBER),
        ("03E121F3", "123", NumberKind.ABBREVIATED),
        ("03F121F3", "123", NumberKind.RESERVED),
    ],
)
def test_numbers(sender: str, number: str, kind: NumberKind) -> None:
    message = _deliver(build_deliver(text="hi", sender=sender))
    assert (message.sender.number, message.sender.kind, message.text) == (number, kind, "hi")
    assert message.sender.type == int(sender[2:4], 16)


def _named(name: str, semi_octets: int) -> str:
    bits = "".join(f"{code:07b}"[::-1] for code in septet_codes(name))
    bits += "0" * (-len(bits) % 8)
    octets = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    return f"{semi_octets:02X}D0{octets.hex()}"


@pytest.mark.parametrize(
    ("name", "semi_octets"),
    [("A", 2), ("AB", 4), ("A@", 4), ("Market@", 13),
     ("Bakery", 11), ("Bakery", 12), ("Florist", 13), ("Florist", 14), ("PARCELCO", 14),
     ("Voicemail", 16), ("HarbourDntl", 20), ("€urope", 13), ("a@b", 6)],
)  # fmt: skip
def test_names(name: str, semi_octets: int) -> None:
    message = _deliver(build_deliver(text="hi", sender=_named(name, semi_octets)))
    assert message.sender == Address(name, NumberKind.ALPHANUMERIC, 0xD0)
    assert message.text == "hi"


# --- data coding -------------------------------------------------------------------------------------


def _expected_coding(dcs: int) -> tuple[Alphabet, int | None]:
    """23.038 section 4, spelled out row by row."""
    letters = {0b00: Alphabet.GSM7, 0b01: Alphabet.DATA, 0b10: Alphabet.UCS2, 0b11: Alphabet.GSM7}
    high, low = f"{dcs:08b}"[:4], f"{dcs:08b}"[4:]
    message_class = int(low[2:], 2)
    if high.startswith("0"):
        compressed, classed = high[2] == "1", high[3] == "1"
        alphabet = Alphabet.DATA if compressed else letters[int(low[:2], 2)]
        return alphabet, message_class if classed else None
    if high == "1111":
        return (Alphabet.DATA if low[1] == "1" else Alphabet.GSM7), message_class
    return (Alphabet.UCS2 if high == "1110" else Alphabet.GSM7), None


@pytest.mark.parametrize("dcs", range(256))
def test_every_data_coding_scheme(dcs: int) -> None:
    data = bytes.fromhex("00480069")
    message = _deliver(f"{CENTRE}040C9144770009406500{dcs:02X}5201419011004004{data.hex()}")
    assert (message.alphabet, message.message_class) == _expected_coding(dcs)
    assert message.dcs == dcs
    expected = {Alphabet.UCS2: "Hi", Alphabet.DATA: ""}
    assert message.text == expected.get(message.alphabet, message.text)
    assert message.alphabet is not Alphabet.DATA or message.user_data.units == data


@pytest.mark.parametrize("dcs", range(256))
def test_every_waiting_indication(dcs: int) -> None:
    waiting = _deliver(build_deliver(octets=b"\0A", dcs=dcs)).waiting
    if 0xC0 <= dcs < 0xF0:
        kind = ("voice", "fax", "email", "other")[dcs % 4]
        assert waiting == MessageWaiting(kind, active=dcs % 16 >= 8, keep=dcs >= 0xD0)
    else:
        assert waiting is None


# --- user data headers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("0401020003", MessageWaiting("voice", active=True, keep=False, count=3)),
        ("0401028101", MessageWaiting("fax", active=True, keep=True, count=1)),
        ("0401028000", MessageWaiting("voice", active=False, keep=True, count=0)),
    ],
)
def test_waiting_told_by_the_header_goes_first(header: str, told: MessageWaiting) -> None:
    message = _deliver(build_deliver(text="mail", header=bytes.fromhex(header), dcs=0))
    assert (message.waiting, message.text) == (told, "mail")


def test_ports_of_8_and_16_bits() -> None:
    assert _deliver(build_deliver(text="x", header=bytes.fromhex("040402F0F1"))).ports == Ports(0xF0, 0xF1)
    assert _deliver(build_deliver(text="x", header=bytes.fromhex("0605041F902710"))).ports == Ports(
        8080, 10000
    )


def test_unknown_elements_are_kept_and_cost_no_text() -> None:
    message = _deliver(build_deliver(text="hello", header=bytes.fromhex("0C7003AABBCC0003050201FF00")))
    assert message.header.elements == ((0x70, b"\xaa\xbb\xcc"), (0x00, b"\x05\x02\x01"), (0xFF, b""))
    assert (message.text, message.concat) == ("hello", Concat(5, 2, 1))


@pytest.mark.parametrize(
    "header",
    ["050003070200", "050003070203", "050003070000", "050003070101", "06080400070203", "0400020702"],
)
def test_concatenation_that_cannot_be_stands_alone(header: str) -> None:
    message = _deliver(build_deliver(text="alone", header=bytes.fromhex(header)))
    assert (message.concat, message.text) == (None, "alone")


def test_the_last_sensible_element_counts() -> None:
    header = bytes.fromhex("0F000301020100030203010003030000")
    assert _deliver(build_deliver(text="x", header=header)).concat == Concat(2, 3, 1)


@pytest.mark.parametrize(
    ("header", "codes", "text"),
    [
        ("03240102", [0x1B, 0x61, 0x1B, 0x65], "á€"),
        ("03240103", [0x1B, 0x7B, 0x6F], "ão"),
        ("03250103", [0x7B, 0x6F, 0x1B, 0x14], "ão^"),
        ("06250103240103", [0x7B, 0x1B, 0x7F], "ãâ"),
        ("0324010D", [0x1B, 0x65, 0x61], "€a"),
        ("0325010E", [0x40, 0x61], "¡a"),  # no such language
    ],
)
def test_national_tables(header: str, codes: list[int], text: str) -> None:
    assert _deliver(build_deliver(codes=codes, header=bytes.fromhex(header))).text == text


def test_a_portuguese_part_cut_inside_an_escape_is_healed() -> None:
    first = bytes.fromhex("08" + "0003090201" + "240103")
    second = bytes.fromhex("08" + "0003090202" + "240103")
    parts = [
        _deliver(build_deliver(codes=[0x6E, 0x1B], header=first)),
        _deliver(build_deliver(codes=[0x7B, 0x6F], header=second)),
    ]
    assert join(parts) == "não"


# --- flags and reports -------------------------------------------------------------------------------


def test_flags_of_the_first_octet() -> None:
    plain = _deliver(build_deliver(text="x", first=0x04))
    assert not (plain.more_to_come or plain.report_indicated or plain.reply_path)
    full = _deliver(build_deliver(text="x", first=0xA0))
    assert full.more_to_come and full.report_indicated and full.reply_path


def test_a_reserved_message_type_is_read_as_deliver() -> None:
    assert _deliver(build_deliver(text="x", first=0x07)).text == "x"


@pytest.mark.parametrize("status", range(256))
def test_every_status(status: int) -> None:
    report = decode_incoming(pdu("R0")[:-2] + f"{status:02X}")
    assert isinstance(report, StatusReport)
    if status in (1, 2):
        expected = {1: "forwarded", 2: "replaced"}[status]
    else:
        starts = {0x00: "delivered", 0x20: "pending", 0x40: "failed_permanent", 0x60: "failed_temporary"}
        expected = starts[max(start for start in starts if start <= status)]
    assert report.status_class == expected


@pytest.mark.parametrize(
    ("tail", "text"),
    [
        ("00", ""),
        ("04" + "02" + "C834", "Hi"),
        ("07" + "00" + "08" + "04" + "04300431", "аб"),
        ("8480" + "00" + "02" + "C834", "Hi"),
        ("8700" + "00" + "08" + "02" + "0430", "а"),
        ("07" + "00", ""),
        ("80", ""),
    ],
)
def test_optional_parameters_of_a_report(tail: str, text: str) -> None:
    report = decode_incoming(pdu("R0") + tail)
    assert isinstance(report, StatusReport)
    assert (report.status_class, report.text) == (StatusClass.DELIVERED, text)


def test_a_report_with_a_header_in_its_text() -> None:
    tail = "06" + "00" + "09" + "0500030502" + "01" + "C834"
    report = decode_incoming(pdu("R0").replace("064E0C", "464E0C") + tail)
    assert isinstance(report, StatusReport)


def test_a_report_with_impossible_times_keeps_its_status() -> None:
    report = decode_incoming(pdu("R2").replace("52015190225040", "00000000000000"))
    assert isinstance(report, StatusReport)
    assert (report.discharged_at, report.discharge_raw) == (None, "00000000000000")
    assert report.status == 0x46


@pytest.mark.parametrize(
    ("form", "validity"), [(0x00, ""), (0x10, "A7"), (0x08, "01" * 7), (0x18, "52014190110040")]
)
def test_stored_texts_in_every_validity_format(form: int, validity: str) -> None:
    stored = decode_incoming(f"00{0x01 | form:02X}050C914477000910320000{validity}02C834")
    assert isinstance(stored, StoredSubmit)
    assert (stored.text, stored.reference, stored.report) == ("Hi", 5, False)
