"""The list of rows of the fault matrix is what the tests are, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.rows import ROWS

WANTED = {
    *range(1, 57),
    58,
    *range(61, 69),
    72,
    73,
    *range(75, 83),
    *range(84, 91),
    92,
}


def written() -> dict[int, set[str]]:
    """The named tests in this folder, by row."""
    found: dict[int, set[str]] = {}
    for path in Path(__file__).parent.glob("test_rows_*.py"):
        for name, row in re.findall(r"^def (test_row_(\d+)_\w+)\(", path.read_text(), re.MULTILINE):
            found.setdefault(int(row), set()).add(name)
    return found


def is_elsewhere(name: str) -> bool:
    return "::" in name


def test_every_row_is_shown_by_a_test() -> None:
    assert set(ROWS) == WANTED
    here = {row: {name for name in names if not is_elsewhere(name)} for row, names in ROWS.items()}
    assert {row: names for row, names in here.items() if names} == written()


def test_every_test_of_a_row_is_in_the_list() -> None:
    here, tests = Path(__file__), Path(__file__).parents[1]
    named = {one.rpartition("::")[2] for names in ROWS.values() for one in names}
    for path in sorted(tests.rglob("test_*.py")):
        for name in re.findall(r"^(?:async )?def (test_row_\d+_\w+)\(", path.read_text(), re.MULTILINE):
            assert name in named or path == here, f"{path.relative_to(tests)}::{name}"


def test_what_stands_elsewhere_is_there() -> None:
    named = [name for names in ROWS.values() for name in names if is_elsewhere(name)]
    for file, _, name in (one.partition("::") for one in named):
        source = (Path(__file__).parents[1] / file).read_text()
        assert re.search(rf"^(?:async )?def {name}\(", source, re.MULTILINE), name
