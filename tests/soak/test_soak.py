"""The long run in a small form, and the judge: each broken promise is seen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.cases import CASES
from tests.soak import trouble
from tests.soak.judge import Facts, violations
from tests.soak.memory import growth, resident_mb
from tests.soak.soak import Plan, epochs
from tests.soak.texts import Ledger, mark_of

ANNA, BEN = "+12025550101", "+12025550102"
OURS, THEIRS = "o1-00001 Your table is ready.", "i1-00002 Any chance to be seen today?"


@pytest.mark.slow
def test_a_small_soak(tmp_path: Path) -> None:
    plan = Plan(
        200, seed=3, lines=3, minutes_between_faults=0.5, minutes_between_restarts=2.0, per_epoch=100,
        folder=tmp_path,
    )  # fmt: skip
    found = epochs(plan, lambda epoch: None)
    assert [each.violations for each in found] == [[], []]
    assert sum(each.texts for each in found) >= 200
    assert all(each.faults for each in found)
    assert all(each.memory_mb > 10 for each in found)


def _row(body: str, **more: Any) -> SimpleNamespace:
    plain = {"body": body, "state": "delivered", "reason": None, "direction": "outbound", "twin_of_id": None}
    return SimpleNamespace(**{**plain, "waiting_for": None, "due_at": None, **more})


def _heard(body: str, **more: Any) -> SimpleNamespace:
    return _row(body, direction="inbound", state="received", **more)


def _facts(**changes: Any) -> Facts:
    """One text of ours that arrived, one of theirs that is in the history."""
    ledger = Ledger(1, {1: OURS}, {"o1-00001": ANNA}, Counter({"i1-00002": 1}), {"i1-00002": THEIRS})
    facts = Facts(ledger, {1: _row(OURS), 2: _heard(THEIRS)}, Counter({(ANNA, "o1-00001"): 1}))
    for name, value in changes.items():
        setattr(facts, name, value)
    return facts


def test_all_is_well() -> None:
    assert violations(_facts()) == []
    twin = {1: _row(OURS), 2: _heard(THEIRS), 3: _heard(THEIRS, twin_of_id=2)}
    assert violations(_facts(rows=twin)) == []
    unclear = {1: _row(OURS, state="unconfirmed", reason="timeout"), 2: _heard(THEIRS)}
    assert violations(_facts(rows=unclear)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rows": {2: _heard(THEIRS)}}, "not stored"),
        ({"rows": {1: _row("o1-00001 Other words"), 2: _heard(THEIRS)}}, "not stored"),
        ({"arrived": Counter()}, "arrived 0 times"),
        ({"arrived": Counter({(ANNA, "o1-00001"): 2})}, "arrived 2 times"),
        ({"arrived": Counter({(ANNA, "o1-00001"): 1, (BEN, "o0-00009"): 1})}, "not asked for"),
        ({"rows": {1: _row(OURS, state="queued"), 2: _heard(THEIRS)}}, "is queued"),
        ({"rows": {1: _row(OURS, state="failed"), 2: _heard(THEIRS)}, "arrived": Counter()}, "is failed"),
        ({"rows": {1: _row(OURS, state="failed", reason="CMS 38"), 2: _heard(THEIRS)}}, "is failed"),
        ({"parts_twice": {ANNA: 1}}, "arrived again"),
        ({"rows": {1: _row(OURS)}}, "in the history 0 times"),
        ({"rows": {1: _row(OURS), 2: _heard(THEIRS), 3: _heard(THEIRS)}}, "shown as 2"),
        ({"rows": {1: _row(OURS), 2: _heard(THEIRS[:-1])}}, "other words"),
        ({"lost": ["0791"]}, "given up"),
        ({"complaints": ["fill bits"]}, "complained"),
        ({"early": 1}, "on the air"),
        ({"integrity": "row 7 missing"}, "row 7"),
        ({"fatal": ["SQLITE_IOERR"]}, "SQLITE_IOERR"),
        ({"log": [f"sent {OURS}"]}, "the log holds"),
        ({"log": [f"to {ANNA}"], "numbers": frozenset({ANNA})}, "the log holds"),
        ({"trouble": ["front did not heal"]}, "did not heal"),
    ],
)
def test_each_broken_promise_is_seen(changes: dict[str, Any], words: str) -> None:
    found = violations(_facts(**changes))
    assert any(words in each for each in found), found


def test_marks() -> None:
    assert mark_of(OURS) == "o1-00001"
    assert mark_of("A text that a fault sends") is None


def test_memory_is_judged_without_the_warming_up() -> None:
    assert growth([50.0] * 7) is None
    assert growth([10.0, 20.0, 80.0, 80.0, 80.0, 80.0, 80.0, 80.0]) == 1.0
    leaking = growth([float(value) for value in range(80, 96)])
    assert leaking is not None and leaking > 1.05
    assert resident_mb() > 10


def test_what_is_left_out_exists() -> None:
    assert set(CASES) >= trouble.LEFT_OUT
    assert set(trouble.faults_of("pty")) < set(trouble.faults_of("tcp"))
