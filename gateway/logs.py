"""The program's log: lines for people, or one JSON object a line for machines.

What is logged is the name of what happened and its ids; never a text, a whole number, a PIN or a token.
Control characters cannot break a line or reach a terminal: both forms escape them.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in record.__dict__.items() if key not in _STANDARD}


class JsonLines(logging.Formatter):
    """One object a line: ts (UTC), level, logger, event, then the record's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_extra(record),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class PlainLines(logging.Formatter):
    """What happened, then its fields as key=value; control characters are written as escapes."""

    def format(self, record: logging.LogRecord) -> str:
        words = [f"{record.levelname.lower()}: {record.getMessage()}"]
        words += [f"{key}={value}" for key, value in _extra(record).items()]
        text = " ".join(words)
        escaped = "".join(ch if ch.isprintable() else ch.encode("unicode_escape").decode() for ch in text)
        return f"{escaped}\n{self.formatException(record.exc_info)}" if record.exc_info else escaped


def configure(level: str, form: str) -> None:
    """Log to stderr, where the service manager adds time and origin."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else PlainLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("apscheduler", "hypercorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
