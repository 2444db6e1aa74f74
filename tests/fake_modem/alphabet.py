"""GSM 7-bit alphabets (3GPP TS 23.038 6.2) and septet packing, written apart from the gateway's.

Owns: the default alphabet, its extension table, the Turkish and Portuguese tables, packing and unpacking.
Knows nothing of PDUs.
"""

from __future__ import annotations

DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TURKISH_LOCKING = (
    "@£$¥€éùıòÇ\nĞğ\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bŞşßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "İABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "çabcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\",
    0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip
TURKISH_SINGLE = EXTENSION | {0x47: "Ğ", 0x49: "İ", 0x53: "Ş", 0x63: "ç", 0x67: "ğ", 0x69: "ı", 0x73: "ş"}
PORTUGUESE_LOCKING = (
    "@£$¥êéúíóç\nÔô\rÁáΔ_ªÇÀ∞^\\€Ó|\x1bÂâÊÉ"
    " !\"#º%&'()*+,-./0123456789:;<=>?"
    "ÍABCDEFGHIJKLMNOPQRSTUVWXYZÃÕÚÜ§"
    "~abcdefghijklmnopqrstuvwxyzãõ`üà"
)
PORTUGUESE_SINGLE = EXTENSION | {
    0x05: "ê", 0x09: "ç", 0x0B: "Ô", 0x0C: "ô", 0x0E: "Á", 0x0F: "á", 0x12: "Φ", 0x13: "Γ", 0x15: "Ω",
    0x16: "Π", 0x17: "Ψ", 0x18: "Σ", 0x19: "Θ", 0x1F: "Ê", 0x41: "À", 0x49: "Í", 0x4F: "Ó", 0x55: "Ú",
    0x5B: "Ã", 0x5C: "Õ", 0x61: "Â", 0x69: "í", 0x6F: "ó", 0x75: "ú", 0x7B: "ã", 0x7C: "õ", 0x7F: "â",
}  # fmt: skip

LOCKING = {0: DEFAULT, 1: TURKISH_LOCKING, 3: PORTUGUESE_LOCKING}
SINGLE = {0: EXTENSION, 1: TURKISH_SINGLE, 3: PORTUGUESE_SINGLE}
ESCAPE = 0x1B


class Unencodable(ValueError):
    """A character is in neither table."""


def to_septets(text: str, *, locking: int = 0, single: int = 0) -> bytes:
    """One octet per septet; extension characters cost two. Raises Unencodable."""
    base = LOCKING[locking]
    extension = {char: code for code, char in SINGLE[single].items()}
    out = bytearray()
    for char in text:
        code = base.find(char)
        if code >= 0 and code != ESCAPE:
            out.append(code)
        elif char in extension:
            out += bytes((ESCAPE, extension[char]))
        else:
            raise Unencodable(char)
    return bytes(out)


def from_septets(septets: bytes, *, locking: int = 0, single: int = 0) -> str:
    """The inverse; an unknown extension shows the basic character, a trailing escape nothing (6.2.1.1)."""
    base, extension = LOCKING[locking], SINGLE[single]
    out: list[str] = []
    escaped = False
    for code in septets:
        if escaped:
            out.append(extension.get(code, " " if code == ESCAPE else base[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            out.append(base[code])
    return "".join(out)


def encodable(text: str) -> bool:
    """Whether `text` fits the default alphabet with its extension."""
    try:
        to_septets(text)
    except Unencodable:
        return False
    return True


def pack(septets: bytes, skip_bits: int = 0) -> bytes:
    """Septets to octets, least significant bit first, after `skip_bits` zero bits (23.038 6.1.2.1)."""
    value = 0
    for place, code in enumerate(septets):
        value |= (code & 0x7F) << (7 * place)
    bits = skip_bits + 7 * len(septets)
    return (value << skip_bits).to_bytes((bits + 7) // 8, "little")


def unpack(octets: bytes, count: int, skip_bits: int = 0) -> bytes:
    """`count` septets out of `octets`; fewer where the octets end sooner."""
    value = int.from_bytes(octets, "little") >> skip_bits
    whole = min(count, max(0, (8 * len(octets) - skip_bits) // 7))
    return bytes((value >> (7 * place)) & 0x7F for place in range(whole))


def fill_bits(octets: bytes, count: int, skip_bits: int = 0) -> int:
    """What stands in the bits after the last septet; zero where the sender kept to the book."""
    return int.from_bytes(octets, "little") >> (skip_bits + 7 * count)
