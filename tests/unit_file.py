"""The unit as it is written: its settings, in order, and what systemd's tools say of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "systemd"
SERVICE = FOLDER / "sms-gateway.service"


def settings(text: str | None = None) -> list[tuple[str, str]]:
    """Every `Name=value` of the unit."""
    lines = (SERVICE.read_text(encoding="utf-8") if text is None else text).splitlines()
    return [
        (name, value)
        for name, equals, value in (line.partition("=") for line in lines if line[:1].isalpha())
        if equals
    ]


def values(name: str) -> list[str]:
    """What one setting is given, each line of it."""
    return [value for found, value in settings() if found == name]


def value(name: str) -> str:
    """The one value of a setting."""
    (found,) = values(name)
    return found


def tool(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of systemd's tools, which needs no systemd that runs."""
    program = shutil.which(name, path="/usr/bin:/bin")
    assert program, f"{name} is not installed: run make, or: sudo apt-get install systemd"
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, timeout=60)
