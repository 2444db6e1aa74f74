r"""The notation of transcripts, as the wire log writes it: one chunk a line.

`C:` bytes the computer writes, `M:` bytes the modem writes, `M+800:` the same 800 ms after the line before,
`#` a remark. `\r \n \\ \x1a` are bytes, nothing is implied; a line that would end in a space has `\x20`.
A transcript with the remark `# masked` has had its numbers and texts made unreadable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..wirelog import escape

_LINE = re.compile(r"(?:(C)|(M)(?:\+(\d+))?): ?(.*)|#(.*)|\s*")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|[rn\\])?")
_NAMED = {"r": b"\r", "n": b"\n", "\\": b"\\"}


@dataclass(frozen=True)
class Step:
    """One line: `who` is "C", "M" or "#", `wait` milliseconds, `line` its number in the file from 1."""

    line: int
    who: str
    data: bytes
    wait: int = 0


@dataclass(frozen=True)
class Transcript:
    """All lines in order; `masked`: numbers and texts are not those that were written."""

    steps: tuple[Step, ...]

    @property
    def masked(self) -> bool:
        return any(step.who == "#" and step.data.strip() == b"masked" for step in self.steps)

    def text(self) -> str:
        """As a file."""
        return "".join(_shown(step) + "\n" for step in self.steps)


def parse(text: str) -> Transcript:
    """Read a transcript. Raises ValueError, with the number of the line, for what is none."""
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        if not found:
            raise ValueError(f"line {number} is neither C:, M:, M+n: nor a remark: {line[:40]!r}")
        computer, modem, wait, data, remark = found.groups()
        if remark is not None:
            steps.append(Step(number, "#", remark.removeprefix(" ").encode()))
        elif computer or modem:
            steps.append(Step(number, computer or modem, _bytes(data, number), int(wait or 0)))
    return Transcript(tuple(steps))


def _bytes(text: str, number: int) -> bytes:
    def byte(found: re.Match[str]) -> str:
        if not found[1]:
            raise ValueError(rf"line {number} has a \ that begins no escape: {text[:40]!r}")
        named = _NAMED.get(found[1]) or bytes.fromhex(found[1][1:])
        return named.decode("latin-1")

    try:
        return _ESCAPE.sub(byte, text).encode("latin-1")
    except UnicodeEncodeError as problem:
        raise ValueError(f"line {number} has a character that is no byte: {text[:40]!r}") from problem


def _shown(step: Step) -> str:
    if step.who == "#":
        return f"# {step.data.decode()}"
    return f"{step.who}{f'+{step.wait}' if step.wait else ''}: {escape(step.data)}"
