"""Each kind of message there is a fault for, by its name, as it lies in the store."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.fake_modem import Modem, World, alphabet, tpdu
from tests.fake_modem.conftest import Dte
from tests.fake_modem.samples import SAMPLES

CUSTOMER = "+12025550143"
D1 = SAMPLES["D1"][1]


async def fetched(dte: Dte, modem: Modem, fault: str, **params: object) -> list[tpdu.Deliver]:
    """What AT+CMGL=4 lists once the fault has been injected."""
    await dte.set_up("AT+CNMI=2,1,0,1,0")
    modem.inject(fault, **params)
    await asyncio.sleep(0.02)
    lines = await dte.ask("AT+CMGL=4")
    return [tpdu.decode_deliver(bytes.fromhex(one)[8:]) for one in lines if one[0] in "0123456789ABCDEF"]


async def only(dte: Dte, modem: Modem, fault: str, **params: object) -> tpdu.Deliver:
    (one,) = await fetched(dte, modem, fault, **params)
    return one


@pytest.mark.parametrize("pdu", [D1[:41], D1.lower(), " ".join(D1), "not hex at all", ""])
async def test_deliver(dte: Dte, modem: Modem, pdu: str) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("deliver", pdu=pdu, length=46)
    await dte.until('+CMTI: "SM",1\r\n')
    await dte.write("AT+CMGR=1\r")
    assert await dte.until("OK\r\n") == f"\r\n+CMGR: 0,,46\r\n{pdu}\r\n\r\nOK\r\n"


async def test_deliver_sample_and_text(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("deliver", sample="D5", direct=True)
    await dte.match(r"\+CMT: ,28\r\n[0-9A-F]+\r\n")
    one = await only(dte, modem, "deliver", text="Grüße", sender=CUSTOMER)
    assert (one.sender, one.text) == (CUSTOMER, "Grüße")


# --- long texts -----------------------------------------------------------------------------------------


def joined(parts: list[tpdu.Deliver]) -> str:
    """The parts as a phone shows them, each number once."""
    numbered = {one.data.concat.seq: one.data for one in parts if one.data.concat}
    return tpdu.text_of([numbered[seq] for seq in sorted(numbered)])


@pytest.mark.parametrize(
    ("how", "seqs"),
    [
        ("order", [3, 2, 1]), ("gap", [1, 2, 3]), ("duplicate", [1, 2, 2, 3]), ("16-bit", [1, 2, 3]),
        ("mixed-dcs", [1, 2, 3]), ("split-surrogate", [1, 2]), ("split-escape", [1, 2]),
    ],
)  # fmt: skip
async def test_multipart(dte: Dte, modem: Modem, how: str, seqs: list[int]) -> None:
    await dte.set_up()
    fault = modem.inject("multipart", how=how, sender=CUSTOMER, gap=0.001)
    await asyncio.sleep(0.01)
    parts = await fetched(dte, modem, "deliver-burst", n=0)
    assert [one.data.concat.seq for one in parts if one.data.concat] == seqs
    assert {one.sender for one in parts} == {CUSTOMER}
    assert [joined(parts)] == fault.texts
    assert {one.data.concat.bits for one in parts if one.data.concat} == {16 if how == "16-bit" else 8}


async def test_multipart_missing(dte: Dte, modem: Modem) -> None:
    parts = await fetched(dte, modem, "multipart", how="missing")
    assert [one.data.concat.seq for one in parts if one.data.concat] == [1, 3]


async def test_multipart_same_ref_reuse(dte: Dte, modem: Modem) -> None:
    parts = await fetched(dte, modem, "multipart", how="same-ref-reuse")
    assert len({one.data.concat.ref for one in parts if one.data.concat}) == 1
    assert joined(parts[:3]) != joined(parts[3:])


async def test_multipart_seq_invalid(dte: Dte, modem: Modem) -> None:
    parts = await fetched(dte, modem, "multipart", how="seq-invalid", ref=7)
    assert [one.data.elements[0] for one in parts] == [bytes((7, 3, 0)), bytes((7, 3, 4)), bytes((7, 0, 1))]
    assert all(one.data.concat is None for one in parts)


def cut_pairs(parts: list[tpdu.Deliver]) -> bool:
    first = parts[0].data.units
    return first[-1] == alphabet.ESCAPE or 0xD8 <= first[-2] <= 0xDB


@pytest.mark.parametrize("how", ["split-surrogate", "split-escape"])
async def test_multipart_split_pairs(dte: Dte, modem: Modem, how: str) -> None:
    assert cut_pairs(await fetched(dte, modem, "multipart", how=how))


# --- one of a kind --------------------------------------------------------------------------------------


async def test_class0(dte: Dte, modem: Modem) -> None:
    await dte.set_up("AT+CNMI=2,1,0,0,0")
    modem.inject("class0")
    await dte.until("+CMT: ,28\r\n0791212055")
    assert (await only(dte, modem, "class0", how="stored", sender=CUSTOMER)).dcs == 0x10
    assert len(await fetched(dte, modem, "class0", how="nowhere")) == 1
    assert [one.how for one in modem.arrivals] == ["direct", "stored", "dropped"]


async def test_class2(dte: Dte, modem: Modem) -> None:
    await dte.set_up()
    await dte.ask("AT+CNMI=2,2,0,0,0")
    modem.inject("class2")
    await dte.until('+CMTI: "SM",1\r\n')
    assert (await only(dte, modem, "deliver-burst", n=0)).dcs == 0x12


async def test_mwi_set(dte: Dte, modem: Modem) -> None:
    modem.inject("mwi-set")
    first, second = await fetched(dte, modem, "mwi-set", kept=True)
    assert (first.dcs, first.text, second.dcs) == (0xC8, "", 0xD8)
    assert second.text


async def test_mwi_clear(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "mwi-clear")).dcs == 0xC0


async def test_type0(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "type0", sender=CUSTOMER)).pid == 0x40


async def test_replace(dte: Dte, modem: Modem) -> None:
    first, second = await fetched(dte, modem, "replace", sender=CUSTOMER)
    assert (first.pid, second.pid, first.sender == second.sender) == (0x41, 0x41, True)
    assert first.text != second.text


async def test_mms_notification(dte: Dte, modem: Modem) -> None:
    one = await only(dte, modem, "mms-notification")
    assert b"application/vnd.wap.mms-message" in one.data.units


@pytest.mark.parametrize(
    ("wide", "elements"), [(True, {0x05: b"\x23\xf4\x00\x00"}), (False, {0x04: b"\xf4\x00"})]
)
async def test_port_data(dte: Dte, modem: Modem, wide: bool, elements: dict[int, bytes]) -> None:
    one = await only(dte, modem, "port-data", wide=wide)
    assert one.data.elements == elements
    assert one.data.units.startswith(b"BEGIN:VCARD")


async def test_alnum_sender(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "alnum-sender")).sender == "PARCELCO"
    assert modem.sim.store.slots[1].pdu == "07912120550591F0" + SAMPLES["D2"][1][16:]


async def test_alnum_7_at(dte: Dte, modem: Modem) -> None:
    one = await only(dte, modem, "alnum-7-at")
    assert (one.sender, one.text) == ("HARBOUR@", "Your parcel is at the desk.")
    with pytest.raises(ValueError, match="seven letters"):
        modem.inject("alnum-7-at", sender="HARBOURS")


async def test_empty_sender(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "empty-sender")).sender == ""


async def test_empty_body(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "empty-body", sender=CUSTOMER)).text == ""


async def test_turkish_single(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "turkish-single", sender=CUSTOMER)).text == "Yarın görüşürüz"


async def test_turkish_locking(dte: Dte, modem: Modem) -> None:
    assert (await only(dte, modem, "turkish-locking")).text == "İyi akşamlar"


@pytest.mark.parametrize(("shift", "element"), [("single", 0x24), ("locking", 0x25)])
async def test_portuguese(dte: Dte, modem: Modem, shift: str, element: int) -> None:
    one = await only(dte, modem, "portuguese", shift=shift)
    assert (one.text, one.data.elements) == ("Não há sessão amanhã", {element: b"\x03"})


async def test_bad_scts(dte: Dte, modem: Modem) -> None:
    modem.inject("bad-scts")
    first, second = await fetched(dte, modem, "bad-scts", scts="00" * 7)
    assert (first.time, second.time, second.scts) == (None, None, bytes(7))


@pytest.mark.parametrize("years", [20, -20])
async def test_far_scts(dte: Dte, modem: Modem, world: World, years: int) -> None:
    when = (await only(dte, modem, "far-scts", years=years)).time
    assert when
    assert abs((when - world.now()) / timedelta(days=365.25) - years) < 0.1


async def test_negative_zone(dte: Dte, modem: Modem) -> None:
    when = (await only(dte, modem, "negative-zone")).time
    assert when
    assert when.utcoffset() == timedelta(hours=-4)


async def test_ucs2_odd_length(dte: Dte, modem: Modem) -> None:
    one = await only(dte, modem, "ucs2-odd-length")
    assert one.complaints == ["TP-UD: odd number of octets in UCS-2"]


async def damaged(dte: Dte, modem: Modem, fault: str) -> list[str]:
    await dte.set_up()
    modem.inject(fault)
    return await dte.ask("AT+CMGR=1")


async def test_truncated_pdu(dte: Dte, modem: Modem) -> None:
    assert await damaged(dte, modem, "truncated-pdu") == ["+CMGR: 0,,159", SAMPLES["D3.1"][1][:40]]


async def test_non_hex_pdu(dte: Dte, modem: Modem) -> None:
    header, pdu = await damaged(dte, modem, "non-hex-pdu")
    assert (header, len(pdu)) == ("+CMGR: 0,,46", len(D1))
    with pytest.raises(ValueError, match="non-hexadecimal"):
        bytes.fromhex(pdu)
