"""Second opinions on our PDUs, none of which shares a line with our codec.

`read_submit` and `build_deliver` work on strings of bits; `tshark` dissects many TPDUs in one run;
`smspdudecoder` and python-gsmmodem-new are asked only what they are right about. `TABLE` holds the PDUs
that a field guide of real modems lists, each with the length that its header gives.
"""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from smspdudecoder.codecs import GSM
from smspdudecoder.easy import read_incoming_sms, read_outgoing_sms

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from gsmmodem import pdu as gsmmodem_pdu

BASIC: str = GSM.ALPHABET
EXTENSION: dict[int, str] = GSM.ALPHABET_EXT
GSM_CHARACTERS = BASIC.replace("\x1b", "") + "".join(EXTENSION.values())

# id: (length without service centre, hex with it)
TABLE: dict[str, tuple[int, str]] = {
    "S1": (42, "0031000C914477000910320000A71FD9775D0EA287C5EC32283D0789DFEF75990C32BFE5A0584E3783B900"),
    "S2.1": (
        154,
        "0071000C914477000910320000A7A00500032A0201906536FB0D32CBDF6D10322C17BFEB7210B1ECA687D92E50F65D97"
        "83C6E8F278DDAAC341F7341D0D22CA41CF75D8FC9683D273D0DB0DA2D6CBA0180DF41CD341613A2806D3C56A2E10945D"
        "0ECFCBA0B05C9EB69741F4B21BD44EBBEBF4F21C540ECBD97950D84D0689E569F719947FD7E5A071584E7681A86F50FB"
        "6D2F83D27490BC0C67E741",
    ),
    "S2.2": (
        57,
        "0071000C914477000910320000A7310500032A020286C8A0F3586481E86FD038EC1E97D9207919CECE838641E7B0C874"
        "81362879D90C42DE3629",
    ),
    "S3": (32, "0031000C914477000910320008A7120413043E0442043E0432043E0020D83CDF89"),
    "S4": (15, "00110005810677F70000A70453EA130A"),
    "D1": (
        46,
        "0791447700099099040C914477000910320000520141905021401EC8340B340EBB414950FB6D2F83DA79D09CFDA683E8"
        "6F100DDEFE01",
    ),
    "D2": (
        43,
        "0791447700099099040ED0D0A07458640E9F0000520141906000401AD9775D0E8287E5E3321B1496CBD3F6F21C447F93"
        "C37917",
    ),
    "D3.1": (
        159,
        "0791447700099099440C91447700094065000052014190701140A00500039C0301A8E8F41C949E83E061391DF4769741"
        "6F33280C62BFDD6750BB3C9F87CF65101D1DA683C2A0717D4E7FB7CB72103D0F2F93416F37280C82A3DFEE320B147693"
        "41693A689E6EC3D979D0F95D9E83DE6E17888A4ECF41E939081E96D3416F7719F43683C220F6DB7D06B5CBF379F85C06"
        "D1D1613A280C1AD7E7F477BB2C07D1F3F03219F47683C2",
    ),
    "D3.2": (
        159,
        "0791447700099099440C91447700094065000052014190702140A00500039C03024070F4DB5D6681C26E32284D07CDD3"
        "6D383B0F3ABFCB73D0DBED0251D1E939283D07C1C3723AE8ED2E83DE665018C47EBBCFA076793E0F9FCB203A3A4C0785"
        "41E3FA9CFE6E97E5207A1E5E2683DE6E50180447BFDD651628EC2683D274D03CDD86B3F3A0F3BB3C07BDDD2E10159D9E"
        "83D273103C2CA783DEEE32E86D068541ECB7FB0C6A97E7",
    ),
    "D3.3": (
        47,
        "0791447700099099440C914477000940650000520141907031401F0500039C0303E6E17319444787E9A030685C9FD3DF"
        "EDB21C44CFC301",
    ),
    "D4.1": (33, "0791447700099099440C914477000940650000520141908010401006080412340201D0B09C0E0AB240"),
    "D4.2": (33, "0791447700099099440C914477000940650000520141908020400F06080412340202D0B09C0E12BA00"),
    "D5": (28, "0791447700099099040C914477000940650010520141909000400A417658DE06D1CB733A"),
    "D6": (
        45,
        "0791447700099099040B912120550541F30008520141400100691A0044006F006E00650020D83DDC4D0020006D006500"
        "7200630069",
    ),
    "D7": (36, "0791447700099099040C9144770009406500005201413155003213CB301DDD0EBBC975507A0E5AC16A3A5A0D"),
    "D8": (27, "0791447700099099040C914477000940650000523141901100FF09E230193466BFC76B"),
    "D9": (28, "0791447700099099040C914477000940650000000000000000000AFAB2FC0D1AB3DFE335"),
    "D10": (19, "0791447700099099040C9144770009406500005201419021004000"),
    "D11": (21, "07914477000990990410D0D6777A5C6E87D36C00C85201419031004000"),
    "D12": (37, "079144770009909904038121F100D85201419031034019D9771D840EDBCB2019C85DBE83ECEFF4B8DC0EA7D973"),
    "D13": (15, "079144770009909904038121F100C05201419041004000"),
    "D14": (
        39,
        "0791447700099099440C914477000940650000520141905100401603240101C886E59BB41B74E6CBFD9BB95FEED703",
    ),
    "D15": (34, "0791447700099099440C91447700094065000052014190610040110325010100E6D3A0F0BA136EB3C372"),
    "D16": (34, "0791447700099099040C9144770009406541005201419071004011D17AB95E06C1DFF3343DFD76EB4033"),
    "D17": (34, "0791447700099099040C9144770009406541005201419071034011D17AB95E06C1DFF3343DFD76EB4032"),
    "D18": (19, "0791447700099099040C9144770009406540005201419081004000"),
    "D19": (31, "07914477000990990405810677F700005201419091004011D2329C9D074DA94F2888FE0695DD64"),
    "D20": (
        104,
        "0791447700099099440C9144770009406500F552014190020040550605040B8423F00106226170706C69636174696F6E"
        "2F766E642E7761702E6D6D732D6D65737361676500AF848C82985431008D908A808E0210008805810303F48083687474"
        "703A2F2F6D6D73632E746573742F6100",
    ),
    "R0": (25, "0791447700099099064E0C91447700091032520141901200405201419012704000"),
    "R1": (25, "0791447700099099064F0C91447700091032520141902200405201419022504030"),
    "R2": (25, "0791447700099099064F0C91447700091032520141902200405201519022504046"),
    "R3": (25, "079144770009909906500C91447700091032520141903200405201419032204041"),
}


def pdu(name: str) -> str:
    """The hex of one PDU of the table."""
    return TABLE[name][1]


# --- bits --------------------------------------------------------------------------------------------


def _bits(octets: bytes) -> str:
    """Bits in the order in which septets lie in them: of each octet the lowest first."""
    return "".join(f"{octet:08b}"[::-1] for octet in octets)


def _octets(bits: str) -> bytes:
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))


def _septet_text(bits: str) -> str:
    codes: Iterator[int] = iter([int(bits[at : at + 7][::-1], 2) for at in range(0, len(bits) - 6, 7)])
    return "".join(EXTENSION[next(codes)] if code == 0x1B else BASIC[code] for code in codes)


def septet_codes(text: str) -> list[int]:
    """Septets of a text in the default alphabet."""
    back = {char: code for code, char in EXTENSION.items()}
    codes: list[int] = []
    for char in text:
        codes += [BASIC.index(char)] if char in BASIC else [0x1B, back[char]]
    return codes


def _pack(codes: Sequence[int], header: bytes) -> tuple[int, bytes]:
    bits = _bits(header)
    bits += "0" * (-len(bits) % 7)
    bits += "".join(f"{code:07b}"[::-1] for code in codes)
    return len(bits) // 7, _octets(bits)


@dataclass(frozen=True)
class Submit:
    """An SMS-SUBMIT as the bit-level decoder reads it."""

    first: int
    to: str
    pid: int
    dcs: int
    validity: int | None
    header: bytes
    text: str


def read_submit(tpdu: bytes) -> Submit:
    """Read a SUBMIT to the book; anything left over or missing fails an assertion."""
    first, digits = tpdu[0], tpdu[2]
    assert first & 0x03 == 0x01 and first & 0x18 in (0x00, 0x10), "SUBMIT, no or relative validity"
    end = 4 + (digits + 1) // 2
    swapped = "".join(f"{octet:02X}"[::-1] for octet in tpdu[4:end])
    assert swapped[digits:] in ("", "F")
    to = {0x91: "+", 0x81: ""}[tpdu[3]] + swapped[:digits].replace("A", "*").replace("B", "#")
    validity = tpdu[end + 2] if first & 0x10 else None
    data = tpdu[end + 2 + (validity is not None) :]
    length, data = data[0], data[1:]
    assert len(data) <= 140
    header = data[: data[0] + 1] if first & 0x40 else b""
    return Submit(
        first, to, tpdu[end], tpdu[end + 1], validity, header, _text(tpdu[end + 1], length, data, header)
    )


def _text(dcs: int, length: int, data: bytes, header: bytes) -> str:
    if dcs & 0x0C == 0x08:
        assert length == len(data)
        return data[len(header) :].decode("utf-16-be")
    bits = _bits(data)
    used = 7 * length
    assert len(bits) - used < 8 and not int(bits[used:] or "0", 2), "no more octets, and zeros to fill"
    start = -(-8 * len(header) // 7) * 7
    return _septet_text(bits[start:used])


CENTRE = "0791447700099099"


def build_deliver(
    *,
    text: str | None = None,
    codes: Sequence[int] = (),
    octets: bytes = b"",
    dcs: int = 0,
    header: bytes = b"",
    sender: str = "0C91447700094065",
    pid: int = 0,
    stamp: str = "52014190110040",
    first: int = 0x04,
) -> str:
    """Hex of a DELIVER with service centre. The text is in the alphabet of the DCS, 00 or 08.

    Instead of a text, `codes` are septets and `octets` raw data; `header` is given with its length octet.
    """
    if text is not None and dcs & 0x0C == 0x08:
        octets = text.encode("utf-16-be")
    if text is not None and dcs & 0x0C == 0x00:
        codes = septet_codes(text)
    length, data = (len(header + octets), header + octets) if octets or dcs & 0x0C else _pack(codes, header)
    first |= 0x40 if header else 0
    tail = bytes([length]) + data
    return f"{CENTRE}{first:02X}{sender}{pid:02X}{dcs:02X}{stamp}{tail.hex()}".upper()


# --- tshark ------------------------------------------------------------------------------------------

_UPPER_PDU = 252  # link type: a PDU with the name of its dissector before it
_RP_DATA = {
    False: bytes.fromhex("000100") + bytes.fromhex(CENTRE),
    True: bytes.fromhex("0101" + CENTRE + "00"),
}
_FIELDS = ("sms_text", "tp-da", "tp-oa", "tp-ra", "tp-mti", "tp-mr", "udh.mm.msg_id", "udh.mm.msg_part")


def tshark(
    tpdus: Sequence[bytes], *, received: bool = False, join: bool = False
) -> list[dict[str, list[str]]]:
    """What tshark's GSM SMS dissector says of each TPDU, by field name; with `join`, joined texts too.

    The TPDUs travel in RP-DATA, which tells the dissector their direction.
    """
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder, "sms.pcap")
        capture.write_bytes(_capture(tpdus, _RP_DATA[received]))
        command = [
            "tshark",
            "-r",
            str(capture),
            "-o",
            f"gsm_sms.reassemble:{str(join).upper()}",
            "-T",
            "json",
        ]
        for field in (*_FIELDS, "_ws.malformed"):
            command += ["-e", field if field.startswith("_") else f"gsm_sms.{field}"]
        answer = subprocess.run(command, capture_output=True, check=True, timeout=100).stdout
    frames = [frame["_source"].get("layers", {}) for frame in json.loads(answer)]
    assert len(frames) == len(tpdus)
    return [{name.removeprefix("gsm_sms."): values for name, values in frame.items()} for frame in frames]


def _capture(tpdus: Sequence[bytes], rp_data: bytes) -> bytes:
    dissector = b"gsm_a_rp"
    head = struct.pack(">HH", 12, len(dissector)) + dissector + bytes(4) + rp_data
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _UPPER_PDU)
    for number, tpdu in enumerate(tpdus):
        frame = head + bytes([len(tpdu)]) + tpdu
        out += struct.pack("<IIII", number, 0, len(frame), len(frame)) + frame
    return out


# --- the two libraries -------------------------------------------------------------------------------


def smspdudecoder_sent(tpdu: bytes) -> str:
    """Text of a SUBMIT. Wrong for GSM-7 with extension characters: it cuts by characters, not septets."""
    text: str = read_outgoing_sms("00" + tpdu.hex().upper())["content"]
    return text


def smspdudecoder_received(hex_text: str) -> str:
    """Text of a DELIVER; the same limits, and only general data coding groups."""
    text: str = read_incoming_sms(hex_text)["content"]
    return text


def gsmmodem_submits(to: str, text: str, *, report: bool, validity: timedelta | None) -> list[bytes]:
    """SUBMITs with reference 0. Not for emoji, `, §, ÿ, form feed, ESC, or validity between two steps."""
    parts = gsmmodem_pdu.encodeSmsSubmitPdu(
        to, text, reference=0, validity=validity, requestStatusReport=report
    )
    return [bytes(part.data)[1:] for part in parts]
