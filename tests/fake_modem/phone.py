"""A phone in somebody's pocket: what really arrived, joined as a phone joins it; what it writes back.

Owns: counting, joining, automatic answers, the state its reports tell. Knows the world it lives in only
to reach a line.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from . import tpdu
from .calls import WITHHELD, Call

if TYPE_CHECKING:
    from .world import World

Reply = str | None | list[str]
OnText = Callable[[str], Reply]


@dataclass(frozen=True)
class Part:
    """One SUBMIT that reached the phone. `sender` is the line's number, `reference` the modem's TP-MR."""

    time: float
    sender: str
    reference: int
    octets: bytes
    submit: tpdu.Submit

    @property
    def text(self) -> str:
        return self.submit.text


@dataclass(frozen=True)
class Text:
    """What the person reads: one or several parts joined."""

    time: float
    sender: str
    body: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Written:
    """A text the phone wrote, with the TPDUs in the order they were sent."""

    time: float
    line: str
    body: str
    tpdus: tuple[bytes, ...]


class Phone:
    """`parts`: every SUBMIT, in order; `received`: whole texts; `sent`: what it wrote, with its PDUs."""

    def __init__(self, world: World, number: str) -> None:
        self._world = world
        self.number = number
        self.parts: list[Part] = []
        self.received: list[Text] = []
        self.sent: list[Written] = []
        self.answer_delay = 0.0
        self._open: dict[tuple[str, int, int, int], dict[int, Part]] = {}
        self._on_text: list[OnText] = []
        self._statuses: Iterator[int | None] | None = None
        self._status: int | None = 0x00
        self._ref = world.random.randrange(65536)

    # --- receiving ------------------------------------------------------------------------------------

    def receive(self, sender: str, octets: bytes, submit: tpdu.Submit, reference: int) -> None:
        """A SUBMIT arrives from a line."""
        part = Part(time.time(), sender, reference, octets, submit)
        self.parts.append(part)
        concat = submit.data.concat
        if concat is None:
            self._complete((part,))
            return
        key = (sender, concat.ref, concat.bits, concat.total)
        heap = self._open.setdefault(key, {})
        if concat.seq in heap and heap[concat.seq].octets[2:] != octets[2:]:
            heap.clear()
        heap[concat.seq] = part
        if len(heap) == concat.total:
            del self._open[key]
            self._complete(tuple(heap[seq] for seq in sorted(heap)))

    def _complete(self, parts: tuple[Part, ...]) -> None:
        body = tpdu.text_of([part.submit.data for part in parts])
        self.received.append(Text(time.time(), parts[-1].sender, body, parts))
        for on_text in self._on_text:
            reply = on_text(body)
            for answer in [reply] if isinstance(reply, str) else reply or []:
                self._world.later(self.answer_delay, self._answer(parts[-1].sender, answer))

    def _answer(self, line: str, text: str) -> Callable[[], None]:
        def answer() -> None:
            self.text(line, text)

        return answer

    def texts(self) -> list[str]:
        """The whole texts received, joined, in order of completion."""
        return [text.body for text in self.received]

    def incomplete(self) -> list[list[Part]]:
        """Long texts of which a part is missing."""
        return [list(heap.values()) for heap in self._open.values()]

    def parts_twice(self) -> int:
        """How many parts arrived that had arrived before, but for TP-MR."""
        return len(self.parts) - len({part.octets[:1] + part.octets[2:] for part in self.parts})

    def twice(self) -> dict[str, int]:
        """Bodies that arrived more than once, with their number."""
        return {body: count for body, count in Counter(self.texts()).items() if count > 1}

    def forget(self) -> None:
        """Forget what arrived and what was written: a long run would fill the memory with it."""
        self.parts.clear()
        self.received.clear()
        self.sent.clear()
        self._open.clear()

    # --- what it does by itself -----------------------------------------------------------------------

    def on_text(self, answer: OnText) -> None:
        """Call `answer` with each text; what it returns (a text, several, None) is written back."""
        self._on_text.append(answer)

    def reports(self, *statuses: int | None) -> None:
        """TP-ST of the next reports, the last one for all that follow; None: never a report."""
        self._statuses = iter(statuses)

    def next_status(self) -> int | None:
        """TP-ST the service centre reports for the part that just arrived."""
        if self._statuses is not None:
            self._status = next(self._statuses, self._status)
        return self._status

    # --- writing --------------------------------------------------------------------------------------

    def text(
        self,
        line: str,
        text: str,
        *,
        ref: int | None = None,
        ref_bits: int = 8,
        order: Iterable[int] | None = None,
        coding: str | None = None,
        message_class: int | None = None,
        sender: str | None = None,
        gap: float = 0.0,
        at: datetime | None = None,
    ) -> list[str]:
        """Write to a line; the service centre keeps it while the line is away.

        `order`: part numbers from 1 in which parts arrive, repeated or left out as you like; `coding`:
        "gsm7" or "ucs2" by force; `sender`: another originator (short code, letters); `gap`: seconds
        between parts; `at`: the service centre's time stamp. Returns the TPDUs sent, hex, as they arrive.
        """
        self._ref += 1
        parts = tpdu.deliver_parts(
            sender or self.number, text, at or self._world.now(), ref=self._ref if ref is None else ref,
            ref_bits=ref_bits, coding=coding, message_class=message_class,
        )  # fmt: skip
        chosen = [parts[place - 1] for place in order] if order else parts
        self.sent.append(Written(time.time(), line, text, tuple(chosen)))
        for place, octets in enumerate(chosen):
            if gap and place:
                self._world.later(gap * place, self._to_line(line, octets))
            else:
                self._world.network.to_line(line, octets)
        return [octets.hex().upper() for octets in chosen]

    def _to_line(self, line: str, octets: bytes) -> Callable[[], None]:
        return lambda: self._world.network.to_line(line, octets)

    def call(self, line: str, **how: Any) -> bool:
        """Ring a line, as `Call` tells (rings, gap, ends, clip); False: taken or away.

        withheld=True: it does not tell its number.
        """
        modem = self._world.modems[line]
        if how.pop("withheld", False):
            return modem.calls.begin(Call("", validity=WITHHELD, **how))
        return modem.calls.begin(Call(self.number, **how))

    def pdu(self, line: str, octets: bytes) -> None:
        """Send a DELIVER TPDU of your own making."""
        self._world.network.to_line(line, octets)
