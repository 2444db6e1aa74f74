"""Every name of the checklist is played by the fake modem, tested on it, and met by the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.fake_modem import faults, personality
from tests.faults.cases import CASES
from tests.faults.checklist import FAULTS, PERSONALITIES

HERE = Path(__file__).parent
ON_THE_FAKE = "\n".join(path.read_text("utf-8") for path in (HERE.parent / "fake_modem").rglob("test_*.py"))
WITH_THE_PROGRAM = "\n".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))


def _function(name: str) -> str:
    return "test_" + re.sub(r"\W", "_", name)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_played_and_tested(name: str) -> None:
    assert name in faults.FAULTS
    function = re.compile(rf"def {_function(name)}\b|def {_function(name)}_|[\"']{re.escape(name)}[\"']")
    assert function.search(ON_THE_FAKE), f"no test of {name} on the fake modem"
    met = name in CASES or f"def {_function(name)}" in WITH_THE_PROGRAM
    assert met, f"no test of {name} with the program"


@pytest.mark.parametrize("name", PERSONALITIES)
def test_each_personality_is_played_and_tested(name: str) -> None:
    assert name in personality.PERSONALITIES
    assert f'"{name}"' in ON_THE_FAKE
    stories = (HERE / "test_personalities.py").read_text("utf-8")
    assert "PERSONALITIES" in stories or f'"{name}"' in stories


def test_no_case_is_of_a_fault_that_is_not_played() -> None:
    assert CASES.keys() <= faults.FAULTS.keys()
