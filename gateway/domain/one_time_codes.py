"""Codes that people read off one screen and type into another: how they are written and read back.

Thirty-two digits and letters without those that look alike (Crockford's base 32): each is worth five bits.
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 5
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def grouped(code: str) -> str:
    """As it is shown: "7K3QM-X2PBD"."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def typed(text: str) -> str:
    """What somebody typed, as it was drawn: small letters, gaps and look-alikes do not matter."""
    return "".join(text.split()).upper().translate(_LOOKS_LIKE)
