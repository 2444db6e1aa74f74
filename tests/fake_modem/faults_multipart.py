"""Long texts that come in an order, with numbers or in alphabets no phone would choose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import ClassVar

from . import alphabet, tpdu
from .faults import Fault, fault
from .faults_deliver import SENDER

LONG = "I wanted to ask whether Tuesday would do, since the children are at school until one. " * 5
OTHER = "And one more thing, which is about the bill of last month and what the insurance paid. " * 5
Sets = list[bytes]


@fault
class Multipart(Fault):
    """A long text of three parts or more; `how` it goes wrong:

    order (last first) | gap (`gap` seconds between parts) | duplicate (the second twice) | missing (the
    second never comes) | same-ref-reuse (another long text with the same reference) | 16-bit | seq-invalid
    (numbers 0, beyond the total, of none) | mixed-dcs (GSM 7-bit, then UCS-2) | split-surrogate |
    split-escape. `texts` is what a phone would show.
    """

    name = "multipart"
    params: ClassVar = {"how": "order", "sender": SENDER, "text": LONG, "ref": 0x2A, "gap": 0.0}

    def start(self) -> bool:
        makers: dict[str, Callable[[], Sets]] = {
            "order": lambda: self._parts(self.text)[::-1],
            "gap": lambda: self._parts(self.text),
            "duplicate": self._duplicate,
            "missing": self._missing,
            "same-ref-reuse": self._reuse,
            "16-bit": lambda: self._parts(self.text, bits=16),
            "seq-invalid": self._invalid,
            "mixed-dcs": lambda: self._of([("One ", False), ("два ", True), ("three", False)]),
            "split-surrogate": lambda: self._cut(tpdu.UCS2, "Done 👍 merci".encode("utf-16-be"), 12),
            "split-escape": lambda: self._cut(tpdu.GSM7, alphabet.to_septets("That is 5 € each"), 11),
        }
        if self.how not in makers:
            raise ValueError(f"multipart has no way {self.how!r}; there are {', '.join(makers)}")
        self.texts: list[str] = []
        for place, octets in enumerate(makers[self.how]()):
            self.modem.world.later(self.gap * place, lambda octets=octets: self._give(octets))
        return False

    def _give(self, octets: bytes) -> None:
        self.modem.world.network.to_line(self.modem.number, octets)

    def _parts(self, text: str, bits: int = 8) -> Sets:
        self.texts.append(text)
        now = self.modem.world.now()
        return tpdu.deliver_parts(self.sender, text, now, ref=self.ref, ref_bits=bits)

    def _duplicate(self) -> Sets:
        first, second, *rest = self._parts(self.text)
        return [first, second, second, *rest]

    def _missing(self) -> Sets:
        first, _, *rest = self._parts(self.text)
        self.texts.clear()
        return [first, *rest]

    def _reuse(self) -> Sets:
        return self._parts(self.text) + self._parts(OTHER)

    def _invalid(self) -> Sets:
        numbers = ((3, 0, "Number 0"), (3, 4, "Number 4 of 3"), (0, 1, "Number 1 of 0"))
        self.texts += [text for *_, text in numbers]
        return [self._one(self._data(tpdu.GSM7, text), total, seq) for total, seq, text in numbers]

    def _of(self, parts: list[tuple[str, bool]]) -> Sets:
        self.texts.append("".join(text for text, _ in parts))
        return [
            self._one(self._data(tpdu.UCS2 if wide else tpdu.GSM7, text), len(parts), seq)
            for seq, (text, wide) in enumerate(parts, 1)
        ]

    def _cut(self, coding: str, units: bytes, at: int) -> Sets:
        whole = tpdu.UserData(coding, units)
        self.texts.append(whole.text)
        halves = (units[:at], units[at:])
        return [self._one(tpdu.UserData(coding, half), 2, seq) for seq, half in enumerate(halves, 1)]

    @staticmethod
    def _data(coding: str, text: str) -> tpdu.UserData:
        units = text.encode("utf-16-be") if coding == tpdu.UCS2 else alphabet.to_septets(text)
        return tpdu.UserData(coding, units)

    def _one(self, data: tpdu.UserData, total: int, seq: int) -> bytes:
        data = dataclasses.replace(data, elements={0x00: bytes((self.ref & 0xFF, total, seq))})
        scts = tpdu.encode_time(self.modem.world.now())
        dcs = 0x08 if data.coding == tpdu.UCS2 else 0x00
        return tpdu.encode_deliver(tpdu.Deliver(self.sender, 0, dcs, scts, data))
