"""The program's log: lines for people, or one JSON object a line for machines.

What is logged is the name of what happened and its ids; never a text, a whole number, a PIN or a token.
Control characters cannot break a line or reach a terminal: both forms escape them.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


class JsonLines(logging.Formatter):
    """One object a line: ts (UTC), level, logger, event, then the record's own fields.

    `event` is the same whatever is put into it, so that it can be looked for (docs/log-events.md); where it
    names something, `said` is the whole sentence.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
        }
        if record.args:
            entry["said"] = record.getMessage()
        entry = {**_extra(record), **entry}
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class PlainLines(logging.Formatter):
    """What happened, then its fields as key=value; control characters are written as escapes. Lines of an
    error are set in, so that none of them can pass for an event."""

    def format(self, record: logging.LogRecord) -> str:
        words = [f"{record.levelname.lower()}: {record.getMessage()}"]
        words += [f"{key}={value}" for key, value in _extra(record).items()]
        text = " ".join(words)
        told = self.formatException(record.exc_info).split("\n") if record.exc_info else []
        return "\n".join([_escaped(text), *(f"    {_escaped(line)}" for line in told)])


def _escaped(text: str) -> str:
    return "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode() for ch in text)


class JournalLines(logging.Formatter):
    """What another formatter writes, each line with its priority before it (sd-daemon(3)), which the journal
    takes off: `journalctl -p warning` shows what is worth a look."""

    def __init__(self, form: logging.Formatter) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        priority = next(number for level, number in _PRIORITIES if record.levelno >= level)
        return "\n".join(f"<{priority}>{line}" for line in self._form.format(record).splitlines())


_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (0, 7))


def goes_to_journal(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the journal reads it: `$JOURNAL_STREAM` names it by device and inode (systemd.exec(5))."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):  # it is no file
        return False
    return environment.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def configure(level: str, form: str) -> None:
    """Log to stderr, where the service manager adds time and origin."""
    lines: logging.Formatter = JsonLines() if form == "json" else PlainLines()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JournalLines(lines) if goes_to_journal(sys.stderr) else lines)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("apscheduler", "hypercorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
