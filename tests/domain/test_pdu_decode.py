"""What comes in: the table of PDUs from real modems, every code of every field, and lengths that lie."""

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
    Undecodable,
    decode_incoming,
)
from gateway.domain.segments import join
from tests.domain.oracles import (
    CENTRE,
    GSM_CHARACTERS,
    TABLE,
    build_deliver,
    pdu,
    septet_codes,
    smspdudecoder_received,
    tshark,
)

MOBILE = "+447700900456"


def _deliver(hex_text: str) -> Deliver:
    message = decode_incoming(hex_text)
    assert isinstance(message, Deliver), message
    return message


def _undecodable(hex_text: str) -> Undecodable:
    message = decode_incoming(hex_text)
    assert isinstance(message, Undecodable), message
    assert message.raw == hex_text
    return message


def _at(day: str, clock: str, zone_minutes: int = 60) -> datetime:
    zone = timezone(timedelta(minutes=zone_minutes))
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone)


# --- the table ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sender", "clock", "text"),
    [
        ("D1", "+447700900123", "09:05:12", "Hi, can I move my slot to 4pm?"),
        ("D2", "PARCELCO", "09:06:00", "Your parcel arrives today."),
        ("D3.3", MOBILE, "09:07:13", "sage that a customer typ"),
        ("D4.1", MOBILE, "09:08:01", "Part A, "),
        ("D4.2", MOBILE, "09:08:02", "Part B."),
        ("D5", MOBILE, "09:09:00", "Alarm test"),
        ("D10", MOBILE, "09:12:00", ""),
        ("D11", "Voicemail", "09:13:00", ""),
        ("D12", "121", "09:13:30", "You have 2 new voicemails"),
        ("D13", "121", "09:14:00", ""),
        ("D14", MOBILE, "09:15:00", "Yarın görüşürüz"),
        ("D15", MOBILE, "09:16:00", "İyi akşamlar"),
        ("D16", MOBILE, "09:17:00", "Queue position: 3"),
        ("D17", MOBILE, "09:17:30", "Queue position: 2"),
        ("D18", MOBILE, "09:18:00", ""),
        ("D19", "60777", "09:19:00", "Reply STOP to end"),
        ("D20", MOBILE, "09:20:00", ""),
    ],
)
def test_received_texts_of_the_table(name: str, sender: str, clock: str, text: str) -> None:
    message = _deliver(pdu(name))
    assert (message.sender.number, message.text) == (sender, text)
    assert message.sent_at == _at("2025-10-14", clock)
    assert message.service_centre == "+447700900999"
    assert not message.truncated
    assert not message.more_to_come


def test_d3_three_parts_join() -> None:
    parts = [_deliver(pdu(f"D3.{number}")) for number in (1, 2, 3)]
    assert [part.concat for part in parts] == [Concat(0x9C, 3, number) for number in (1, 2, 3)]
    text = join(parts)
    assert text == "".join(part.text for part in parts)
    assert text.startswith("This is part one of a long message that a customer typed on ")
    assert text.endswith("and it simply goes on. This is part one of a long message that a customer typ")


def test_d4_sixteen_bit_reference() -> None:
    parts = [_deliver(pdu(name)) for name in ("D4.1", "D4.2")]
    assert [part.concat for part in parts] == [Concat(0x1234, 2, number, wide=True) for number in (1, 2)]
    assert join(parts) == "Part A, Part B."


def test_d5_is_flash() -> None:
    assert _deliver(pdu("D5")).message_class == 0
    assert _deliver(pdu("D1")).message_class is None


def test_d6_emoji_and_a_zone_west_of_greenwich() -> None:
    message = _deliver(pdu("D6"))
    assert message.text == "Done 👍 merci"
    assert message.alphabet is Alphabet.UCS2
    assert message.sent_at == _at("2025-10-14", "04:10:00", -240)
    assert message.sent_at.utcoffset() == timedelta(hours=-4)


def test_d7_quarter_hours() -> None:
    message = _deliver(pdu("D7"))
    assert message.sent_at == _at("2025-10-14", "13:55:00", 345)


@pytest.mark.parametrize(
    ("name", "text", "raw"), [("D8", "bad clock", "523141901100FF"), ("D9", "zero clock", "00000000000000")]
)
def test_impossible_time_stamps_cost_no_text(name: str, text: str, raw: str) -> None:
    message = _deliver(pdu(name))
    assert (message.text, message.sent_at, message.scts_raw) == (text, None, raw)


def test_d11_to_d13_voicemail() -> None:
    told = [_deliver(pdu(name)).waiting for name in ("D11", "D12", "D13", "D1")]
    assert told == [
        MessageWaiting("voice", active=True, keep=False),
        MessageWaiting("voice", active=True, keep=True),
        MessageWaiting("voice", active=False, keep=False),
        None,
    ]


def test_d16_to_d18_protocol_identifiers() -> None:
    assert [_deliver(pdu(name)).replace_type for name in ("D16", "D17", "D18", "D1")] == [1, 1, None, None]
    assert [_deliver(pdu(name)).silent for name in ("D16", "D18", "D1")] == [False, True, False]
    assert _deliver(build_deliver(text="", pid=0x47)).replace_type == 7
    assert _deliver(build_deliver(text="", pid=0x48)).replace_type is None
    assert _deliver(build_deliver(text="", pid=0x5F)).return_call


def test_d19_a_short_code_stays_as_it_is() -> None:
    assert _deliver(pdu("D19")).sender == Address("60777", NumberKind.UNKNOWN, 0x81)


def test_d20_a_picture_that_cannot_come() -> None:
    message = _deliver(pdu("D20"))
    assert message.alphabet is Alphabet.DATA
    assert message.ports == Ports(destination=2948, source=9200)
    assert message.message_class == 1
    assert message.picture_notice
    assert b"http://mmsc.test/a" in message.user_data.units
    assert not _deliver(pdu("D1")).picture_notice


def test_a_picture_notice_in_short_form() -> None:
    ports = bytes.fromhex("0605040B8423F0")
    notice = build_deliver(octets=bytes.fromhex("010603BEAF84"), dcs=0x04, header=ports)
    other = build_deliver(octets=bytes.fromhex("010603AEAF84"), dcs=0x04, header=ports)
    assert _deliver(notice).picture_notice
    assert not _deliver(other).picture_notice


@pytest.mark.parametrize(
    ("name", "reference", "status", "status_class", "seconds"),
    [
        ("R0", 78, 0x00, StatusClass.DELIVERED, 7),
        ("R1", 79, 0x30, StatusClass.PENDING, 5),
        ("R2", 79, 0x46, StatusClass.FAILED_PERMANENT, 86_405),
        ("R3", 80, 0x41, StatusClass.FAILED_PERMANENT, 2),
    ],
)
def test_reports_of_the_table(
    name: str, reference: int, status: int, status_class: StatusClass, seconds: int
) -> None:
    report = decode_incoming(pdu(name))
    assert isinstance(report, StatusReport)
    assert (report.reference, report.status, report.status_class) == (reference, status, status_class)
    assert report.recipient == Address("+447700900123", NumberKind.INTERNATIONAL, 0x91)
    assert report.sent_at is not None and report.discharged_at is not None
    assert report.discharged_at - report.sent_at == timedelta(seconds=seconds)
    assert report.service_centre == "+447700900999"


@pytest.mark.parametrize(
    ("name", "to", "text", "concat"),
    [
        ("S1", "+447700900123", "Your table is booked for 19:30.", None),
        ("S2.2", "+447700900123", "CHANGE, to cancel reply CANCEL. {ref H7}", Concat(0x2A, 2, 2)),
        ("S3", "+447700900123", "Готово 🎉", None),
        ("S4", "60777", "STOP", None),
    ],
)
def test_stored_texts_of_ours_are_known_as_such(name: str, to: str, text: str, concat: Concat | None) -> None:
    stored = decode_incoming(pdu(name))
    assert isinstance(stored, StoredSubmit)
    assert (stored.recipient.number, stored.text, stored.concat) == (to, text, concat)
    assert stored.report == (name != "S4")
    assert stored.service_centre is None


def test_tshark_reads_the_table_as_we_do() -> None:
    names = [name for name in TABLE if name[0] in "DR" and name not in ("D14", "D15", "D20")]
    frames = tshark([bytes.fromhex(pdu(name))[8:] for name in names], received=True)
    for name, frame in zip(names, frames, strict=True):
        message = decode_incoming(pdu(name))
        if isinstance(message, Deliver):
            assert "".join(frame.get("sms_text", [])) == message.text, name
            assert frame["tp-oa"] == [message.sender.number.removeprefix("+")], name
        else:
            assert isinstance(message, StatusReport)
            assert int(frame["tp-mr"][0], 0) == message.reference
            assert frame["tp-ra"] == [message.recipient.number.removeprefix("+")]


@pytest.mark.parametrize(
    "name", ["D1", "D2", "D3.1", "D3.2", "D3.3", "D4.1", "D4.2", "D5", "D6", "D7", "D19"]
)
def test_smspdudecoder_reads_the_table_as_we_do(name: str) -> None:
    assert smspdudecoder_received(pdu(name)) == _deliver(pdu(name)).text


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
    [("A", 2), ("AB", 4), ("A@", 4), ("Market@", 13), ("Bakery", 11), ("Bakery", 12), ("Florist", 13), ("Florist", 14), ("PARCELCO", 14),
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
        ("03250104", [0x40, 0x61], "¡a"),
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


# --- damage ------------------------------------------------------------------------------------------


def test_cut_after_40_digits() -> None:
    cut = _undecodable(pdu("D3.1")[:40])
    assert "time stamp" in cut.why
    assert cut.sender is not None and cut.sender.number == MOBILE


def test_cut_anywhere_is_a_shorter_text_or_undecodable() -> None:
    whole = pdu("D1")
    for digits in range(len(whole)):
        message = decode_incoming(whole[:digits])
        if digits < 54:
            assert isinstance(message, Undecodable)
        else:
            assert isinstance(message, Deliver)
            assert message.truncated
            assert "Hi, can I move my slot to 4pm?".startswith(message.text)


@pytest.mark.parametrize("name", ["D1", "D3.1", "D6", "R0", "S1"])
def test_writing_does_not_matter(name: str) -> None:
    clean = decode_incoming(pdu(name))
    spaced = " ".join(pdu(name)[at : at + 2] for at in range(0, len(pdu(name)), 2))
    for written in (pdu(name).lower(), spaced, f"\0\0{pdu(name)}\r\n", pdu(name) + "0"):
        assert decode_incoming(written) == clean


@pytest.mark.parametrize("raw", ["", " ", "0", "OK", '+CMTI: "SM",5', "07914Z", "ÿþ", "٠١", "\ud83d", "07"])
def test_what_is_no_pdu(raw: str) -> None:
    assert _undecodable(raw).sender is None


def test_a_service_centre_length_that_lies() -> None:
    assert isinstance(decode_incoming("0C" + pdu("D1")[2:]), Undecodable)
    for lie in ("0D", "40", "FF"):
        assert "service centre" in _undecodable(lie + pdu("D3.1")[2:]).why


def test_a_service_centre_is_not_needed() -> None:
    message = _deliver("00" + pdu("D1")[16:])
    assert (message.service_centre, message.text) == (None, "Hi, can I move my slot to 4pm?")


def test_user_data_length_ff_with_ten_octets() -> None:
    whole = pdu("D1")
    message = _deliver(whole[:52] + "FF" + whole[54:74])
    assert message.truncated
    assert message.text == "Hi, can I m"


def test_user_data_longer_than_its_length_is_cut() -> None:
    assert _deliver(build_deliver(text="hello") + "FFFF").text == "hello"
    assert _deliver(build_deliver(text="hello", dcs=0x08) + "0041").text == "hello"


@pytest.mark.parametrize("dcs", [0x00, 0x08])
def test_a_header_longer_than_the_data_costs_no_words(dcs: int) -> None:
    whole = build_deliver(text="call me back", dcs=dcs, header=bytes.fromhex("050003070201"))
    lie = whole.replace("050003070201", "8C0003070201")
    message = _deliver(lie)
    assert message.truncated
    assert message.concat is None
    assert message.text.endswith("call me back")


def test_an_element_longer_than_its_header_costs_no_words() -> None:
    message = _deliver(build_deliver(text="call me back", header=bytes.fromhex("0500FF070201")))
    assert (message.text, message.header.elements, message.concat) == ("call me back", (), None)


def test_an_odd_octet_of_ucs2_is_dropped() -> None:
    message = _deliver(build_deliver(octets=b"\0H\0i\0", dcs=0x08))
    assert (message.text, message.truncated) == ("Hi", True)
    assert join([message, _deliver(build_deliver(text="!", dcs=0x08))]) == "Hi!"


@pytest.mark.parametrize("sender", ["FF91447700094065", "1591447700094065", "0C11447700094065"])
def test_a_sender_that_cannot_be(sender: str) -> None:
    assert "sender" in _undecodable(build_deliver(text="hi", sender=sender)).why
