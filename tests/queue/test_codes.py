"""What the whole program does with every error number, and which of them prove that nothing left.

The list stands here as the field guide has it (D.8), not as the program does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.modem.profile import Profile
from gateway.modem.profiles import PROFILES
from tests.codes import EVERY, MAKERS, Line, own, table
from tests.virtual_time import run

PROVEN = {
    *("CMS 1", "CMS 8", "CMS 10", "CMS 21", "CMS 22", "CMS 27", "CMS 28", "CMS 29", "CMS 30", "CMS 38"),
    *("CMS 41", "CMS 42", "CMS 47", "CMS 50", "CMS 69", "CMS 81", "CMS 95", "CMS 96", "CMS 97", "CMS 98"),
    *("CMS 99", "CMS 111", "CMS 127", "CMS 128", "CMS 129", "CMS 130", "CMS 143", "CMS 144", "CMS 145"),
    *("CMS 159", "CMS 160", "CMS 161", "CMS 175", "CMS 176", "CMS 192", "CMS 193", "CMS 194", "CMS 195"),
    *("CMS 196", "CMS 198", "CMS 199", "CMS 301", "CMS 302", "CMS 303", "CMS 304", "CMS 305", "CMS 310"),
    *("CMS 311", "CMS 312", "CMS 314", "CMS 315", "CMS 316", "CMS 317", "CMS 318", "CMS 330", "CMS 331"),
    *("CME 3", "CME 4", "CME 5", "CME 10", "CME 11", "CME 12", "CME 14", "CME 17", "CME 18", "CME 30"),
    "CME 32",
}
"""The network's or the centre's refusal of this very text, or the device's that it would not begin. Nothing
else said after Ctrl-Z is believed: not 300, 332 and 500, which were seen with texts that went."""

MAKERS_PROVEN = {"wavecom": {"CMS 512", "CMS 515"}}
DUPLICATE = "CMS 197"
SAMPLE = ("CMS 1", "CMS 38", "CMS 197", "CMS 255", "CMS 304", "CMS 331", "CMS 332", "CMS 500", "CME 50")


def holds(line: Line, proven: set[str]) -> None:
    print(line)
    assert line.before.state in ("queued", "failed"), f"{line.code}: nothing left before Ctrl-Z"
    if line.code == DUPLICATE:
        assert line.after.state == "sent"
    elif line.code in proven:
        assert line.after.state in ("queued", "failed"), line.code
    else:
        assert line.after.state == "unconfirmed", line.code
        assert line.after.again_s is None
    for fate in (line.before, line.after):
        assert (fate.state == "queued") == (fate.again_s is not None and fate.again_s > 0), line.code


def test_some_codes(database_path: Path) -> None:
    for line in run(lambda: table(database_path, "generic-27005", SAMPLE)):
        holds(line, PROVEN)


def test_own_codes_of_a_maker(database_path: Path) -> None:
    for line in run(lambda: table(database_path, MAKERS["wavecom"], ("CMS 512", "CMS 513", "CMS 515"))):
        holds(line, PROVEN | MAKERS_PROVEN["wavecom"])


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["CMS", "CME"])
def test_every_code(kind: str, database_path: Path) -> None:
    codes = [f"{kind} {number}" for number in EVERY]
    for line in run(lambda: table(database_path, "generic-27005", codes)):
        holds(line, PROVEN)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("profile", [one for one in PROFILES if one.name in MAKERS], ids=lambda one: one.name)
def test_every_code_of_every_maker(profile: Profile, database_path: Path) -> None:
    for line in run(lambda: table(database_path, MAKERS[profile.name], own(profile))):
        holds(line, PROVEN | MAKERS_PROVEN.get(profile.name, set()))


def test_every_profile_with_codes_of_its_own_has_a_device_here() -> None:
    assert {one.name for one in PROFILES if own(one)} - set(MAKERS) == {"sierra"}, "whose list is wavecom's"
