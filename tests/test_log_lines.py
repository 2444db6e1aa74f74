"""Fault row 64: whatever strangers write, one event is one line of the log, and nothing a terminal obeys."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.logs import JournalLines, JsonLines, PlainLines

HOSTILE = [
    "\x1b[2J",
    "\x1b]8;;http://evil.example\x07click\x1b]8;;\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "\r\nerror: forged",
    "\n",
    "\r",
    "\x00",
    "\u2028critical: forged",
    "\u2029",
    "\x85",
    "\x0b\x0c\x1c\x1d\x1e",
    "\u202eevil",
    "\x9b2J",
    "\ud800",
]
FORMS = [JsonLines(), PlainLines(), JournalLines(JsonLines()), JournalLines(PlainLines())]


def record(words: str, *, failed: bool = False) -> logging.LogRecord:
    found = logging.LogRecord("gateway", logging.ERROR, "", 0, "it says %s", (words,), None)
    found.__dict__["sender"] = words
    if failed:
        try:
            raise ValueError(words)
        except ValueError as error:
            found.exc_info = (ValueError, error, error.__traceback__)
    return found


def is_plain(line: str) -> bool:
    return line.isprintable() and not any("\ud800" <= char <= "\udfff" for char in line)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: type(form).__name__)
@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_row_64_one_event_is_one_line(form: logging.Formatter, words: str) -> None:
    line = form.format(record(words))
    assert is_plain(line), line


@given(st.text(), st.sampled_from(FORMS))
def test_row_64_whatever_it_is(words: str, form: logging.Formatter) -> None:
    assert is_plain(form.format(record(words)))


@pytest.mark.parametrize("words", HOSTILE, ids=ascii)
def test_row_64_nor_can_an_error_forge_one(words: str) -> None:
    """An error has several lines: those after the first are set in, or are all one as JSON."""
    first, *more = PlainLines().format(record(words, failed=True)).split("\n")
    assert is_plain(first) and all(is_plain(line) and line.startswith("    ") for line in more)
    line = JsonLines().format(record(words, failed=True))
    assert is_plain(line) and json.loads(line)["sender"] == words
    told = JournalLines(PlainLines()).format(record(words, failed=True)).split("\n")
    assert all(is_plain(line) and line.startswith("<3>") for line in told)
    assert sum("forged" in line and not line.startswith("<3>    ") for line in told[1:]) == 0
