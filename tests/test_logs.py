"""Where the log goes, and what the journal makes of it."""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path

import pytest

from gateway.logs import JournalLines, JsonLines, PlainLines, goes_to_journal


def record(level: int, words: str) -> logging.LogRecord:
    return logging.LogRecord("gateway", level, "", 0, words, None, None)


@pytest.mark.parametrize(
    ("level", "priority"),
    [
        (logging.CRITICAL, 2),
        (logging.ERROR, 3),
        (logging.WARNING, 4),
        (logging.INFO, 6),
        (logging.DEBUG, 7),
    ],
)
def test_the_journal_is_told_how_much_each_line_matters(level: int, priority: int) -> None:
    name = logging.getLevelName(level).lower()
    assert JournalLines(PlainLines()).format(record(level, "line down")) == f"<{priority}>{name}: line down"
    assert JournalLines(JsonLines()).format(record(level, "line down")).startswith(f"<{priority}>{{")


def test_every_line_of_a_traceback_has_it() -> None:
    failed = record(logging.ERROR, "line failed")
    try:
        raise ValueError("no such register")
    except ValueError as error:
        failed.exc_info = (ValueError, error, error.__traceback__)
    lines = JournalLines(PlainLines()).format(failed).splitlines()
    assert len(lines) > 3
    assert all(line.startswith("<3>") for line in lines)


def test_only_the_journal_is_told(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        here = os.fstat(file.fileno())
        journal = {"JOURNAL_STREAM": f"{here.st_dev}:{here.st_ino}"}
        assert goes_to_journal(file, journal)
        assert not goes_to_journal(file, {})
        assert not goes_to_journal(file, {"JOURNAL_STREAM": "8:1"})
    assert not goes_to_journal(io.StringIO(), journal)
