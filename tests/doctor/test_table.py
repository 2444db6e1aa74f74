"""The table of checks and the table of their words say the same things."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway import config, doctor
from gateway.doctor import Check, Needs, Row
from gateway.doctor.look import Look
from gateway.doctor.table import ROWS
from gateway.domain.doctor_words import SUBJECTS

SOURCE = sorted(Path(doctor.__file__).parent.glob("*.py"))
OUTSIDE_THE_TABLE = {"settings", "round_trip"}
"""Looked at before anything else, and only when it is asked for."""


def test_every_subject_has_its_check() -> None:
    listed = [subject for row in ROWS for subject in row.subjects]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(SUBJECTS) - OUTSIDE_THE_TABLE


def _said() -> Iterator[tuple[str, set[str]]]:
    """Subjects and findings that stand in the checks' own source, by their literals."""
    for path in SOURCE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                texts = {
                    one.value
                    for one in ast.walk(node)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
                for subject in texts & set(SUBJECTS):
                    yield subject, texts


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_finding_can_be_found(subject: str) -> None:
    """No row of the table of words is dead."""
    texts = set().union(*(texts for said, texts in _said() if said == subject))
    assert set(SUBJECTS[subject].findings) <= texts


def test_a_check_that_hangs_is_left_behind_and_one_that_fails_hides_no_other(tmp_path: Path) -> None:
    def hangs(look: Look) -> list[Check]:
        time.sleep(5.0)
        return []

    def fails(look: Look) -> list[Check]:
        raise ZeroDivisionError("one by nothing")

    def refused(look: Look) -> list[Check]:
        raise PermissionError(13, "Permission denied", "/dev/ttyUSB0")

    boot = config.load(None, {"SMS_GATEWAY_DATA_DIR": str(tmp_path)})
    rows = [
        Row(("disk",), hangs, Needs.NOTHING, 0.05),
        Row(("file",), fails, Needs.NOTHING),
        Row(("rights",), refused, Needs.NOTHING),
        *[row for row in ROWS if row.subjects == ("versions",)],
    ]
    began = time.monotonic()
    hung, failed, unseen, well = doctor.examine(boot, rows)
    assert time.monotonic() - began < 3.0
    assert (
        (hung.name, hung.seen) == ("disk", True) and "no answer" in hung.found and "journalctl" in hung.remedy
    )
    assert not failed.ok and "ZeroDivisionError in file: one by nothing" in failed.found
    assert (unseen.name, unseen.ok, unseen.seen) == ("line", True, False)
    assert unseen.as_text().startswith("[??] line: could not be looked at: /dev/ttyUSB0: Permission denied")
    assert "sudo sms-gateway doctor" in unseen.as_text()
    assert well.ok and well.seen


def test_what_needs_somebody_stands_first_by_what_matters() -> None:
    def check(subject: str, ok: bool, seen: bool = True) -> Check:
        return Check(subject, ok, "so", "do", seen, subject)

    mixed = [
        check("versions", True),
        check("zones", False),
        check("file", True, False),
        check("folder", False),
    ]
    ordered = doctor.in_order(mixed)
    assert [one.name for one in ordered] == ["folder", "zones", "file", "versions"]
    assert doctor.summary(mixed) == "2 things need you, the first is folder: so."
    assert doctor.summary(mixed[1:2]) == "1 thing needs you: zones: so."
    assert (
        doctor.summary(mixed[::2]) == "Nothing that could be looked at needs you; 1 could not be looked at."
    )
    assert doctor.summary(mixed[:1]) == "Nothing needs you."
