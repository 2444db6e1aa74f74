"""The house keeps its floors: no import goes up or sideways, none in a circle, and some nowhere at all.

Reads the source, not the running program, so that an import inside a function counts too. One that only
the type checker follows makes no circle, but may not cross floors either.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
DOOR = "door"  # daemon.py, cli.py and what they are made of: everything may be imported there

MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "config": set(),
    "clock": set(),
    "languages": {"domain"},
    "modem": {"domain", "clock"},
    "store": {"domain"},
    "desk": {"domain", "store"},
    "queue": {"domain", "store", "desk"},
    "web": {
        "domain",
        "store",
        "desk",
        "config",
        "languages",
    },  # config: the type of the boot settings it is given
    DOOR: {"domain", "config", "clock", "languages", "modem", "store", "desk", "queue", "web"},
}

BANNED = ("phonenumbers.geocoder", "phonenumbers.carrier", "gsmmodem.modem")
PURE_LIBRARIES = {"phonenumbers", "babel"}
IMPURE = {"asyncio", "os", "socket", "threading", "subprocess", "time", "sqlite3", "random", "secrets"}


class Import(NamedTuple):
    """One import: the module it stands in, what it names (dotted), its line, and if it is for types only."""

    module: str
    name: str
    line: int
    types_only: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.name}"


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _walk(node: ast.AST, types_only: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        inside = types_only or _is_type_checking(node)
        yield child, inside
        yield from _walk(child, inside)


def _names(node: ast.AST, package: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*above, *([node.module] if node.module else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def _imports(path: Path) -> list[Import]:
    module = _module(path)
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        Import(module, name, node.lineno, types_only)  # type: ignore[attr-defined]
        for node, types_only in _walk(tree)
        for name in _names(node, package)
    ]


GATEWAY = [found for path in _files("gateway") for found in _imports(path)]
MODULES = {_module(path) for path in _files("gateway")}


def _room(name: str) -> str | None:
    """The room a dotted name of ours is in; None for what is not ours, and for the bare package."""
    parts = name.split(".")
    if parts[0] != "gateway" or len(parts) == 1 or parts[1].startswith("__version"):
        return None
    return parts[1] if parts[1] in MAY_IMPORT else DOOR


def _target(name: str) -> str | None:
    """The module of ours that a dotted name is, or is something in."""
    while name and name not in MODULES:
        name = name.rpartition(".")[0]
    return name if name not in ("", "gateway") else None  # the bare package imports nothing


def test_there_is_something_to_look_at() -> None:
    rooms = {_room(module) for module in MODULES} - {None}
    assert rooms == set(MAY_IMPORT)
    assert any(found.name == "gateway.store.database.Tx" for found in GATEWAY)


def test_no_import_goes_up_or_sideways() -> None:
    wrong = []
    for found in GATEWAY:
        here, there = _room(found.module), _room(found.name)
        if here is not None and there not in (None, here) and there not in MAY_IMPORT[here]:
            wrong.append(str(found))
    assert wrong == []


def test_no_import_goes_in_a_circle() -> None:
    graph: dict[str, set[str]] = {module: set() for module in MODULES}
    for found in GATEWAY:
        target = _target(found.name)
        if target is not None and not found.types_only and target != found.module:
            graph[found.module].add(target)
    while leaves := {module for module, targets in graph.items() if not targets}:
        graph = {module: targets - leaves for module, targets in graph.items() if module not in leaves}
    assert graph == {}, "these import one another, or something that does"


def test_nothing_banned_is_imported() -> None:
    everything = [
        found for folder in ("gateway", "benchmarks") for path in _files(folder) for found in _imports(path)
    ]
    assert [
        str(found) for found in everything if f"{found.name}.".startswith(tuple(f"{b}." for b in BANNED))
    ] == []


def test_the_domain_touches_nothing() -> None:
    """No clock, no I/O, no await; the standard library and phonenumbers."""
    wrong = [
        str(found)
        for found in GATEWAY
        if _room(found.module) == "domain" and found.name.split(".")[0] in IMPURE
    ]
    waits = [path.name for path in _files("gateway/domain") if "await " in path.read_text(encoding="utf-8")]
    foreign = {
        found.name.split(".")[0]
        for found in GATEWAY
        if _room(found.module) in ("domain", "config")
        and not found.name.startswith(("gateway.", "__future__"))
    }
    assert (wrong, waits) == ([], [])
    assert {name for name in foreign if not _is_standard(name)} <= PURE_LIBRARIES


def _is_standard(name: str) -> bool:
    return name in sys.stdlib_module_names


def test_sql_is_written_in_the_store_alone() -> None:
    """The desk and the queue see rows; only the store builds statements."""
    verbs = {
        "sqlalchemy.select",
        "sqlalchemy.insert",
        "sqlalchemy.update",
        "sqlalchemy.delete",
        "sqlalchemy.text",
    }
    assert [str(f) for f in GATEWAY if f.name in verbs and _room(f.module) != "store"] == []


@pytest.mark.parametrize("path", _files("tests/fake_modem"), ids=lambda path: path.name)
def test_the_fake_modem_knows_nothing_of_ours(path: Path) -> None:
    assert [str(found) for found in _imports(path) if found.name.split(".")[0] == "gateway"] == []


@pytest.mark.parametrize("path", _files("gateway"), ids=str)
def test_nothing_waits_in_a_way_that_loses_a_cancellation(path: Path) -> None:
    """`asyncio.wait_for` of Python 3.11 does, when what it waits for is done at that moment: whoever ends the
    task then waits for ever. `asyncio.timeout` does not."""
    called = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    assert [found for found in map(ast.unparse, called) if found.endswith("asyncio.wait_for")] == []


# --- and the rules bite ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import gateway.web.app", ["gateway.web.app"]),
        ("from gateway.web import app", ["gateway.web.app"]),
        ("from . import outbox", ["gateway.store.outbox"]),
        ("from ..web.app import create_app", ["gateway.web.app.create_app"]),
        ("def f():\n    from gateway.queue import retry", ["gateway.queue.retry"]),
        ("if True:\n    import phonenumbers.carrier as c", ["phonenumbers.carrier"]),
    ],
)
def test_imports_are_seen_however_written(source: str, names: list[str]) -> None:
    found = [name for node, _ in _walk(ast.parse(source)) for name in _names(node, ["gateway", "store"])]
    assert found == names


def test_imports_for_types_are_told_apart() -> None:
    tree = ast.parse("if TYPE_CHECKING:\n    import a\nimport b")
    found = {node.names[0].name: types for node, types in _walk(tree) if isinstance(node, ast.Import)}
    assert found == {"a": True, "b": False}
