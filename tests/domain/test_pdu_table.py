"""The PDUs of a field guide to real modems, each read to its last field, and by other decoders too."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

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
    TABLE,
    build_deliver,
    pdu,
    smspdudecoder_received,
    tshark,
)

MOBILE = "+447700900456"


def _deliver(hex_text: str) -> Deliver:
    message = decode_incoming(hex_text)
    assert isinstance(message, Deliver), message
    return message


def _at(day: str, clock: str, zone_minutes: int = 60) -> datetime:
    zone = timezone(timedelta(minutes=zone_minutes))
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone)


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
    assert _deliver(build_deliver(text="", pid=0x7F)).sim_data
    assert not _deliver(build_deliver(text="", pid=0x00)).sim_data


def test_d19_a_short_code_stays_as_it_is() -> None:
    assert _deliver(pdu("D19")).sender == Address("60777", NumberKind.UNKNOWN, 0x81)


def test_d20_a_picture_that_cannot_come() -> None:
    message = _deliver(pdu("D20"))
    assert message.alphabet is Alphabet.DATA
    assert message.ports == Ports(destination=2948, source=9200)
    assert message.message_class == 1
    assert message.picture is not None
    assert b"http://mmsc.test/a" in message.user_data.units
    assert _deliver(pdu("D1")).picture is None


@pytest.mark.parametrize(
    ("header", "card"),
    [("06050423F40000", True), ("0605040B8423F4", False), ("040402E200", True), ("0404020BFF", False)],
)
def test_cards_are_known_by_their_port(header: str, card: bool) -> None:
    given = bytes.fromhex(header)
    assert _deliver(build_deliver(octets=b"BEGIN:VCARD", dcs=0x04, header=given)).card is card


def test_a_picture_notice_in_short_form() -> None:
    ports = bytes.fromhex("0605040B8423F0")
    notice = build_deliver(octets=bytes.fromhex("010603BEAF84"), dcs=0x04, header=ports)
    other = build_deliver(octets=bytes.fromhex("010603AEAF84"), dcs=0x04, header=ports)
    assert _deliver(notice).picture is not None
    assert _deliver(other).picture is None


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
