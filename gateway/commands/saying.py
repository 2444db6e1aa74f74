"""Where every command's output goes out. Much of it was said by a device or sent by somebody, and a terminal
would obey the control characters in it."""

from __future__ import annotations

import json
from typing import IO, Any

import click

_JOINERS = "\u200c\u200d"
"""They hold emoji and words together, and do nothing else."""


def say(text: str, file: IO[Any] | None = None, *, err: bool = False) -> None:
    """Print lines for people; what is no line end and cannot be seen is shown as an escape."""
    click.echo("\n".join(map(visible, text.split("\n"))), file, err=err)


def visible(text: str) -> str:
    """A text with nothing in it that a terminal would obey: such characters, line ends too, as escapes."""
    return "".join(ch if _is_harmless(ch) else ch.encode("unicode_escape").decode() for ch in text)


def print_json(value: object) -> None:
    """For --json."""
    written = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo("".join(ch if ch == "\n" or _is_harmless(ch) else json.dumps(ch)[1:-1] for ch in written))


def _is_harmless(ch: str) -> bool:
    return ch.isprintable() or ch in _JOINERS
