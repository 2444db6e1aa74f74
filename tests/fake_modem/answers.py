"""Commands as the terminal reads them, and answers as command handlers give them.

Owns: splitting a command line (V.250 5.2.1, 27.007 4), the forms of an answer, error words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

TEST, READ, SET, RUN = "test", "read", "set", "run"


@dataclass(frozen=True)
class Command:
    """One command: name in capitals ("+CMGS", "E", "&D"), how it was used, arguments without quotes."""

    name: str
    kind: str = RUN
    args: tuple[str, ...] = ()

    def number(self, place: int, default: int | None = None) -> int:
        """An argument as number. Raises Cme 50 where it is none or missing."""
        text = self.args[place].strip() if place < len(self.args) else ""
        if not text and default is not None:
            return default
        if not text.isdecimal() or len(text) > 9:
            raise Cme(50)
        return int(text)


class Refusal(Exception):
    """A command is answered with an error; the message is the final result at CMEE 1."""

    family = ""
    words: dict[int, str] = {}  # noqa: RUF012

    def __init__(self, code: int = 0) -> None:
        super().__init__(f"{self.family}: {code}")
        self.code = code

    def result(self, cmee: int) -> str:
        """The final result line (27.007 9.1, 27.005 3.2.5)."""
        if not self.family or not cmee:
            return "ERROR"
        shown = self.words.get(self.code, "unknown error") if cmee == 2 else self.code
        return f"{self.family}: {shown}"


class Fail(Refusal):
    """Plain ERROR."""


class Cme(Refusal):
    """+CME ERROR (27.007 9.2)."""

    family = "+CME ERROR"
    words = {  # noqa: RUF012
        3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted",
        11: "SIM PIN required", 12: "SIM PUK required", 13: "SIM failure", 14: "SIM busy",
        16: "incorrect password", 21: "invalid index", 30: "no network service",
        50: "Incorrect parameters", 100: "unknown",
    }  # fmt: skip


class Cms(Refusal):
    """+CMS ERROR (27.005 3.2.5)."""

    family = "+CMS ERROR"
    words = {  # noqa: RUF012
        38: "Network out of order", 300: "ME failure", 302: "operation not allowed",
        303: "operation not supported", 304: "invalid PDU mode parameter",
        305: "invalid text mode parameter", 310: "SIM not inserted", 311: "SIM PIN required",
        314: "SIM busy", 316: "SIM PUK required", 321: "invalid memory index", 322: "memory full",
        330: "SMSC address unknown", 331: "no network service", 332: "network timeout",
        340: "no +CNMA acknowledgement expected", 500: "unknown error",
    }  # fmt: skip


@dataclass
class Answer:
    """Information items, each one line or a header with its continuation, and the final result.

    `result` "" means that no final result is sent.
    """

    items: list[list[str]] = field(default_factory=list)
    result: str = "OK"


@dataclass
class Prompt:
    """The terminal asks for text; `on_text` gets what was typed before Ctrl-Z and answers."""

    on_text: Callable[[bytes], Answer | Later]


@dataclass
class Later:
    """The answer comes when somebody calls `Terminal.finish`."""


def line(text: str) -> Answer:
    """An answer of one information line."""
    return Answer([[text]])


def ok() -> Answer:
    return Answer()


# --- the command line ---------------------------------------------------------------------------------

_BASIC = re.compile(r"([&\\]?[A-Z])(\d*)")


def parse_line(text: str) -> list[Command] | None:
    """The commands after AT; None where the line cannot be read."""
    commands: list[Command] = []
    for piece in _split(text, ";"):
        piece = piece.strip()
        while piece and piece[0] not in "+^*#$%_!":
            basic = _BASIC.match(piece.upper())
            if not basic:
                return None
            commands.append(Command(basic[1], SET if basic[2] else RUN, (basic[2],) if basic[2] else ()))
            piece = piece[basic.end() :].strip()
        if piece:
            commands.append(_extended(piece))
    return commands


def _extended(piece: str) -> Command:
    name, equals, rest = piece.partition("=")
    if not equals:
        return Command(name[:-1].upper(), READ) if name.endswith("?") else Command(name.upper())
    if rest.strip() == "?":
        return Command(name.upper(), TEST)
    return Command(name.upper(), SET, tuple(_unquote(arg) for arg in _split(rest, ",")))


def _unquote(arg: str) -> str:
    arg = arg.strip()
    return arg[1:-1] if len(arg) >= 2 and arg[0] == arg[-1] == '"' else arg


def _split(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    pieces, quoted = [""], False
    for char in text:
        quoted ^= char == '"'
        if char == separator and not quoted:
            pieces.append("")
        else:
            pieces[-1] += char
    return pieces
