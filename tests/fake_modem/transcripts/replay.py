"""Plays the modem's side of a transcript and holds what the computer writes against the other.

Owns: where in the transcript we are, what is due, what deviated. Knows of AT only what ends a command line,
a typed text and an answer.

Strict: the computer writes byte for byte what stands there; at the first byte that differs the play ends.
Lenient: a command is found by its text wherever it stands: ahead (one asked before: only near ahead), then
among those passed over. One that was asked more often than recorded is answered as the last time, one that
never was with ERROR. What the modem said by itself holds no answer back. All of it is listed, nothing ends
the play.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..terminal import CTRL_Z, ESC, URC, Output, Piece
from .notation import Step, Transcript

STRICT, LENIENT = "strict", "lenient"
NEAR = 3  # exchanges ahead in which a command that was asked before is looked for
_PROMPT = re.compile(rb"(?:^|[\r\n])> ?(?:\r\n)?\Z")
_FINAL = re.compile(
    rb"(?:^|[\r\n])(?:OK|ERROR|\+CM[ES] ERROR:[^\r\n]*|NO CARRIER|BUSY|NO ANSWER|NO DIALTONE|[04])\r\n?"
)
_LINE_END = re.compile(rb"\x1b|\r")
_TEXT_END = re.compile(rb"\x1a|\x1b")
_MASKS = (
    (re.compile(rb"(?s).*\x1a"), b"\x1a"),
    (re.compile(rb'"\+?\d+"|"(?:[0-9A-Fa-f]{4})+"'), b'"5"'),
    (re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{16,}"), b"00"),
    (re.compile(rb"(\+CMG[SW])=\d+"), rb"\1=5"),
)


@dataclass(frozen=True)
class Deviation:
    """What was not as recorded. `line` of the transcript, 0 where the play was at its end."""

    line: int
    words: str


@dataclass
class Exchange:
    """What the computer wrote and all the modem wrote until its next words."""

    asked: Step | None
    replies: list[Step] = field(default_factory=list)
    used: bool = False
    told: bool = False

    @property
    def answer(self) -> list[Step]:
        """The replies up to the final result or the prompt; none where there is neither."""
        for place, step in enumerate(self.replies):
            if _FINAL.search(step.data) or _PROMPT.search(step.data):
                return self.replies[: place + 1]
        return []

    @property
    def asides(self) -> list[Step]:
        """The replies after the answer: what the modem said by itself."""
        return self.replies[len(self.answer) :]

    def tell(self) -> list[Step]:
        """The asides, the first time; nothing after that."""
        asides = [] if self.told else self.asides
        self.told = True
        return asides

    @property
    def prompts(self) -> bool:
        """Whether the answer is a prompt."""
        return bool(self.answer and _PROMPT.search(self.answer[-1].data))


def exchanges(transcript: Transcript) -> list[Exchange]:
    """The transcript cut before each chunk of the computer; the first has what the modem said unasked."""
    found = [Exchange(None)]
    for step in transcript.steps:
        if step.who == "C":
            found.append(Exchange(step))
        elif step.who == "M":
            found[-1].replies.append(step)
    return found


class Replay:
    """A transcript on its way. `write` sends to the computer, `feed` takes what it writes.

    `factor` scales the delays, 0: none. `early`: lines that the computer wrote before the modem had said all
    that comes before them; that is allowed.
    """

    def __init__(
        self,
        transcript: Transcript,
        write: Callable[[bytes], None],
        *,
        mode: str = STRICT,
        factor: float = 1.0,
    ) -> None:
        if mode not in (STRICT, LENIENT):
            raise ValueError(f"a replay is {STRICT} or {LENIENT}, not {mode}")
        self._exchanges = exchanges(transcript)
        self._masked, self._lenient, self._factor = transcript.masked, mode == LENIENT, factor
        self._out, self._asides = Output(write), Output(write)
        self._input = bytearray()
        self._next = 1  # the exchange whose words the computer should write next
        self._prompt = self._broken = False
        self._saying = 0
        self.deviations: list[Deviation] = []
        self.early: list[int] = []
        self.over = asyncio.Event()
        """Set at the end of the transcript, and when a strict play has ended before."""

    @property
    def done(self) -> bool:
        """Whether the transcript is at its end and all is said."""
        return not self._saying and self._next >= len(self._exchanges)

    @property
    def unused(self) -> list[int]:
        """Lines of what the computer has not written (yet)."""
        return [one.asked.line for one in self._exchanges if one.asked and not one.used]

    def start(self) -> None:
        """Say what the modem says before anything is written."""
        if self._lenient:
            self._asides.put(self._pieces(self._exchanges[0].replies))
        else:
            self._say(self._exchanges[0].replies)

    def stop(self) -> None:
        """Say nothing more."""
        self._out.clear()
        self._asides.clear()

    def feed(self, data: bytes) -> None:
        """Bytes from the computer, in whatever chunks."""
        if data and self._saying and self._next < len(self._exchanges):
            expected = self._exchanges[self._next].asked
            assert expected
            self.early.append(expected.line)
        self._input += data
        self._take()

    def _take(self) -> None:
        while self._input and not self._saying and not self._broken:
            if not (self._take_leniently() if self._lenient else self._take_strictly()):
                return

    def _say(self, steps: list[Step]) -> None:
        self._saying += 1
        self._out.put(self._pieces(steps), self._said)

    def _pieces(self, steps: list[Step]) -> list[Piece]:
        return [Piece(URC, step.data, step.wait * self._factor / 1000) for step in steps]

    def _said(self) -> None:
        self._saying -= 1
        self._take()
        if self.done:
            self.over.set()

    # --- strict ---------------------------------------------------------------------------------------

    def _take_strictly(self) -> bool:
        """Take what the next words need; False where more must come."""
        if self._next >= len(self._exchanges):
            return self._break(0, f"{bytes(self._input)!r} after the end")
        one = self._exchanges[self._next]
        assert one.asked
        expected = one.asked.data
        if self._masked:
            end = self._input.find(expected[-1:]) + 1
            if not end:
                return False
            if _masked(bytes(self._input[:end])) != _masked(expected):
                return self._break(one.asked.line, f"{bytes(self._input[:end])!r} instead of {expected!r}")
        else:
            end = len(expected)
            got = bytes(self._input[:end])
            if not expected.startswith(got):
                return self._break(one.asked.line, f"{got!r} instead of {expected!r}")
            if len(got) < end:
                return False
        del self._input[:end]
        self._next += 1
        one.used = True
        self._say(one.replies)
        return True

    def _break(self, line: int, words: str) -> bool:
        self._broken = True
        self.over.set()
        self.deviations.append(Deviation(line, words))
        return False

    # --- lenient --------------------------------------------------------------------------------------

    def _take_leniently(self) -> bool:
        """Take one command line or typed text; False where it has not come whole."""
        if not self._prompt and self._input[:1] == b"\n":
            del self._input[:1]
            return True
        found = (_TEXT_END if self._prompt else _LINE_END).search(self._input)
        if not found:
            return False
        unit = bytes(self._input[: found.end()])
        del self._input[: found.end()]
        place = self._find(unit)
        if place is not None:
            self._play(place, unit)
        else:
            self._unknown(unit)
        return True

    def _find(self, unit: bytes) -> int | None:
        """The exchange that begins with `unit`, ahead or passed over; at a prompt any text that is next."""
        end = len(self._exchanges)
        following = self._exchanges[self._next].asked if self._next < end else None
        if self._prompt and unit[-1] == CTRL_Z and following and following.data[-1:] == unit[-1:]:
            return self._next
        known = self._asked_before(unit) is not None
        ahead = range(self._next, min(end, self._next + NEAR) if known else end)
        for place in (*ahead, *range(1, self._next)):
            one = self._exchanges[place]
            if not one.used and one.asked and self._same(unit, one.asked.data):
                return place
        return None

    def _asked_before(self, unit: bytes) -> Exchange | None:
        """The last exchange that was played and begins with `unit`."""
        used = [one for one in self._exchanges if one.used and one.asked and self._same(unit, one.asked.data)]
        return used[-1] if used else None

    def _same(self, got: bytes, recorded: bytes) -> bool:
        return _masked(got) == _masked(recorded) if self._masked else got == recorded

    def _play(self, place: int, unit: bytes) -> None:
        one = self._exchanges[place]
        assert one.asked
        line, passed = one.asked.line, self._exchanges[self._next : place]
        if not self._same(unit, one.asked.data):
            self._note(line, f"{unit!r} instead of {one.asked.data!r}")
        if passed:
            lines = ", ".join(str(other.asked.line) for other in passed if other.asked and not other.used)
            self._note(line, f"{unit!r} before the words of lines {lines}")
        elif place < self._next:
            self._note(line, f"{unit!r} later than recorded")
        one.used, self._prompt = True, one.prompts
        self._next = max(self._next, place + 1)
        self._say(one.answer)
        self._asides.put(self._pieces([step for other in (*passed, one) for step in other.tell()]))

    def _unknown(self, unit: bytes) -> None:
        """Answer as the last time, else with ERROR; ESC with OK at a prompt and not at all elsewhere."""
        line = self._exchanges[self._next].asked if self._next < len(self._exchanges) else None
        number = line.line if line else 0
        before = self._asked_before(unit)
        was_prompt, self._prompt = self._prompt, False
        if before and (unit[-1] == CTRL_Z or not was_prompt):
            self._note(number, f"{unit!r} once more")
            self._prompt = before.prompts
            self._say(before.answer or before.replies)  # of some answers the end was never recorded
        elif unit[-1] == ESC:
            self._note(number, f"{unit!r} is not in the transcript")
            self._say([Step(0, "M", b"\r\nOK\r\n")] if was_prompt else [])
        elif unit != b"\r":
            self._note(number, f"{unit!r} is not in the transcript")
            self._say([Step(0, "M", b"\r\nERROR\r\n")])

    def _note(self, line: int, words: str) -> None:
        self.deviations.append(Deviation(line, words))


def _masked(data: bytes) -> bytes:
    """`data` with what masking changes made alike: quoted numbers, hex, the length before a PDU."""
    for pattern, same in _MASKS:
        data = pattern.sub(same, data)
    return data
