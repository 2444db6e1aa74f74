"""Every event the program logs, read from its source: each is named where it is logged, by words that
stay."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GATEWAY = Path(__file__).parent.parent / "gateway"
LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}


class LogEvent(NamedTuple):
    """One event: its name as the log has it, how bad, which module says it, and with which fields."""

    name: str
    level: str
    module: str
    fields: tuple[str, ...]


def every() -> list[LogEvent]:
    """All of them, by name.

    Raises:
        AssertionError: one is named by something that is known only while the program runs.
    """
    found = {event for path in sorted(GATEWAY.rglob("*.py")) for event in _of(path)}
    return sorted(found)


def _of(path: Path) -> Iterator[LogEvent]:
    module = ".".join(path.relative_to(GATEWAY.parent).with_suffix("").parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if not isinstance(called, ast.Attribute) or called.attr not in LEVELS:
            continue
        if isinstance(called.value, ast.Name) and called.value.id == "log":
            assert isinstance(node, ast.Call)
            level = "error" if called.attr == "exception" else called.attr
            yield LogEvent(_name(node.args[0], tree, f"{module}:{node.lineno}"), level, module, _fields(node))


def _name(named: ast.expr, tree: ast.Module, where: str) -> str:
    """The words themselves, or those of a constant in a table of words."""
    if isinstance(named, ast.Constant) and isinstance(named.value, str):
        return named.value
    if isinstance(named, ast.Attribute) and isinstance(named.value, ast.Name):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and named.value.id in {alias.name for alias in node.names}:
                words = getattr(importlib.import_module(f"{node.module}.{named.value.id}"), named.attr)
                return str(words)
    raise AssertionError(f"{where}: an event is named by words that stay, not by what is known at run time")


def _fields(call: ast.Call) -> tuple[str, ...]:
    for keyword in call.keywords:
        if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
            keys = keyword.value.keys
            return tuple(str(key.value) for key in keys if isinstance(key, ast.Constant))
    return ()
