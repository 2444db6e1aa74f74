"""The list of rows of the fault matrix is what the tests are, no more and no less."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.rows import ROWS

WANTED = {
    *range(1, 57),
    58,
    61,
    66,
    67,
    68,
    72,
    73,
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


def test_what_stands_elsewhere_is_there() -> None:
    for file, _, name in (
        name.partition("::") for names in ROWS.values() for name in names if is_elsewhere(name)
    ):
        assert re.search(rf"^def {name}\(", (Path(__file__).parents[1] / file).read_text(), re.MULTILINE), (
            name
        )
