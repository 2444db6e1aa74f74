"""Faults of spelling: the right answer, written otherwise. In force until cleared, whatever is set."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from .answers import Cme, Cms
from .faults import SPELLING, Fault, fault
from .terminal import ASK, ECHO, ITEM, RESULT, Piece

EOLS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r", "crcrlf": b"\r\r\n"}
NUMBERS = {  # V.250 table 1 (5.7.1) and its kin
    b"OK": b"0", b"CONNECT": b"1", b"RING": b"2", b"NO CARRIER": b"3", b"ERROR": b"4", b"NO DIALTONE": b"6",
    b"BUSY": b"7", b"NO ANSWER": b"8",
}  # fmt: skip


class Spelling(Fault):
    """Rewrites the bytes of every piece but the echo."""

    count, order = None, SPELLING

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return [
            piece if piece.kind == ECHO else replace(piece, data=self.spell(piece.kind, piece.data))
            for piece in pieces
        ]

    def spell(self, kind: str, data: bytes) -> bytes:
        raise NotImplementedError


@fault
class Eol(Spelling):
    """Lines end (and begin) with crlf | lf | cr | crcrlf."""

    name = "eol"
    params: ClassVar = {"how": "lf"}

    def start(self) -> bool:
        if self.how not in EOLS:
            raise ValueError(f"eol is one of {', '.join(EOLS)}")
        return True

    def spell(self, kind: str, data: bytes) -> bytes:
        return data.replace(b"\r\n", EOLS[self.how])


@fault
class NumericResults(Spelling):
    """Results are numbers, no line end stands before information: as with ATV0, whatever is set."""

    name = "numeric-results"

    def spell(self, kind: str, data: bytes) -> bytes:
        words = data.strip(b"\r\n")
        if kind != ASK and words in NUMBERS:
            return NUMBERS[words] + b"\r"
        if kind == RESULT:
            return words + b"\r"
        return data.removeprefix(b"\r\n") if kind == ITEM else data


@fault
class VerboseErrors(Spelling):
    """Errors come in words, as with AT+CMEE=2, whatever AT+CMEE has set."""

    name = "verbose-errors"
    known: ClassVar = {Cme.family: Cme.words, Cms.family: Cms.words}

    def spell(self, kind: str, data: bytes) -> bytes:
        return re.sub(rb"(\+CM[ES] ERROR): (\d+)", self._in_words, data) if kind == RESULT else data

    def _in_words(self, found: re.Match[bytes]) -> bytes:
        words = self.known[found[1].decode()].get(int(found[2]), "unknown error")
        return found[1] + b": " + words.encode()


@fault
class NoSpaceAfterColon(Spelling):
    """`+CSQ:17,99` instead of `+CSQ: 17,99`."""

    name = "no-space-after-colon"

    def spell(self, kind: str, data: bytes) -> bytes:
        return re.sub(rb"(?m)^([+^$#%*][A-Z0-9 ]+:) ", rb"\1", data) if kind != ASK else data


@fault
class LowercaseHex(Spelling):
    """PDUs, and texts and numbers in hex, in small letters."""

    name = "lowercase-hex"

    def spell(self, kind: str, data: bytes) -> bytes:
        hexadecimal = rb'(?m)^[0-9A-F]{8,}(?=\r|$)|"(?:[0-9A-F]{4})+"'
        return re.sub(hexadecimal, lambda found: found[0].lower(), data)


@fault
class Latin1Operator(Fault):
    """The operator's name has letters beyond ASCII, in Latin-1: octets that are not UTF-8."""

    name, count = "latin1-operator", None
    params: ClassVar = {"operator": "T\xe9l\xe9com \xd6st"}

    def start(self) -> bool:
        self._before, self.modem.operator = self.modem.operator, self.operator
        return True

    def stop(self) -> None:
        self.modem.operator = self._before
