"""What a device can say, as values: final results and the events the AT engine makes of bytes.

Only shapes; what a result means for a text is in `codes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .lines import number


class ResultKind(StrEnum):
    """Which family a final result belongs to."""

    OK = "OK"
    ERROR = "ERROR"
    CME = "CME"
    CMS = "CMS"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class Result:
    """A final result code. `value` is what stands after the colon of +CME/+CMS ERROR: a number or words."""

    kind: ResultKind
    value: str = ""

    @property
    def ok(self) -> bool:
        return self.kind is ResultKind.OK

    @property
    def number(self) -> int | None:
        """The numeric code of a +CME/+CMS ERROR, None for words and other kinds."""
        return number(self.value)

    @property
    def code(self) -> str:
        """Short stable name: "OK", "ERROR", "CMS 38", "CME network timeout", "BUSY"."""
        if self.kind is ResultKind.TELEPHONE:
            return self.value
        return f"{self.kind} {self.value}".strip()


@dataclass(frozen=True, slots=True)
class Info:
    """An intermediate line of the running command; `body` is the PDU (hex) or text its header announced."""

    text: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Final:
    """The running command ended."""

    result: Result


@dataclass(frozen=True, slots=True)
class Prompt:
    """The device asks for the text of the message."""


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """A line nobody asked for: a notice, a direct delivery with its `body`, or a late answer."""

    text: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class StrayResult:
    """A final result while no command waits for one: the answer to something long given up."""

    result: Result


Event = Info | Final | Prompt | Unsolicited | StrayResult
