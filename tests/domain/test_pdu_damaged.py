"""Cut PDUs, lengths that lie, and what is no PDU at all: words are kept wherever there are any."""

from __future__ import annotations

import pytest

from gateway.domain.pdu import (
    Deliver,
    Undecodable,
    decode_incoming,
)
from gateway.domain.segments import join
from tests.domain.oracles import (
    build_deliver,
    pdu,
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
