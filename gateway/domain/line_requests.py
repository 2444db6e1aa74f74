"""What people ask of a line that only the running program can do: kinds, and states."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What is asked."""

    RESTART = "restart"
    USSD = "ussd"
    TRACE = "trace"


class State(StrEnum):
    """Where it stands."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
