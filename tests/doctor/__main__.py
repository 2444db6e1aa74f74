"""`python -m tests.doctor`: plants every trouble, and prints what the doctor said of it, as a table."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.doctor import troubles_box, troubles_folder, troubles_lines  # noqa: F401 - they fill the list
from tests.doctor.place import copied, found
from tests.doctor.planted import TROUBLES, Trouble


def row(trouble: Trouble, founded: Path, around: Path) -> tuple[str, bool]:
    """One line of the table, and whether the trouble was named."""
    if lacking := trouble.lacks():
        return f"| {trouble.name} | {trouble.how} | not planted here: needs {lacking} | |", True
    place = copied(founded, around)
    with trouble.plant(place):
        checks = place.found or place.examine()
    named = next((one for one in checks if one.name == trouble.check and not one.ok), None)
    if named is None:
        return f"| {trouble.name} | {trouble.how} | NOT NAMED | |", False
    said = f"{named.name}: {named.found}".replace(str(around), "...").replace("|", "\\|")
    remedy = named.remedy.replace(str(around), "...").replace("|", "\\|")
    return f"| {trouble.name} | {trouble.how} | {said} | {remedy} |", True


def main() -> int:
    """Print the table; 1 when a trouble was not named."""
    print("| trouble | planted by | the doctor says | what to do |")
    print("|---|---|---|---|")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        founded = Path(folder) / "founded"
        found(founded)
        for number, trouble in enumerate(TROUBLES):
            line, named = row(trouble, founded, Path(folder) / str(number))
            missed += not named
            print(line.replace("\n", " "), flush=True)
    print(f"\n{len(TROUBLES)} troubles, {missed} not named.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
