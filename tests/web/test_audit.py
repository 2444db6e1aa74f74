"""The audit log on its page and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from gateway.store import team
from tests.office import Office
from tests.web.browser import Browser

FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
def manager(browser_of: Callable[[str], Browser], office: Office) -> Browser:
    def note(tx: Any) -> None:
        at = office.clock()
        team.note(tx, at, "person:Anna Reid", "setting.change", "office.name", before=FORMULA, after="<b>x")
        team.note(
            tx, at, "command:root", "user.role", "anna", before={"role": "agent"}, after={"role": "admin"}
        )

    office.write(note)
    return browser_of("manager")


def test_it_says_who_changed_what_from_what_to_what(manager: Browser) -> None:
    manager.get("/settings/audit")
    assert f"{FORMULA} → <b>x" in manager.text.replace("  ", " ")
    assert '{"role": "agent"} → {"role": "admin"}' in manager.text and "&lt;b&gt;x" in manager.html


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("who=command:root&what=user.role", {"user.role"}),
        ("what=setting", {"setting.change"}),
        ("what=sett", set()),
        ("who=person:Anna Reid&what=user", set()),
        ("since=2199-01-01&what=user.role", set()),
        ("until=2001-01-01&what=user.role", set()),
        ("before=1", set()),
    ],
)
def test_filters(manager: Browser, asked: str, shown: set[str]) -> None:
    manager.get(f"/settings/audit?{asked}")
    found = {what for what in ("user.role", "setting.change") if f"<b>{what}</b>" in manager.html}
    assert found == shown


def test_the_span_counts_its_last_day_whole(manager: Browser, office: Office) -> None:
    today = f"{office.clock():%Y-%m-%d}"
    manager.get(f"/settings/audit?what=user.role&since={today}&until={today}")
    assert "<b>user.role</b>" in manager.html


def test_row_65_it_is_taken_along_without_formulas_and_that_is_noted(
    manager: Browser, office: Office
) -> None:
    """Fault row 65."""
    manager.get("/settings/audit?what=setting")
    manager.submit("/settings/audit/export", form="csv")
    rows = list(csv.reader(io.StringIO(manager.html.removeprefix("\ufeff"))))
    assert [row[3] for row in rows] == ["action", "setting.change"]
    assert rows[1][5] == f"'{FORMULA}"
    manager.get("/settings/audit?what=audit.export")
    assert "<b>audit.export</b>" in manager.html
    manager.submit("/settings/audit/export", form="json")
    assert manager.answer is not None
    assert [one["action"] for one in manager.answer.get_json()] == ["audit.export"] * 2


@pytest.mark.parametrize("role", ["agent", "viewer"])
def test_it_is_not_for_everybody(browser_of: Callable[[str], Browser], role: str) -> None:
    assert browser_of(role).get("/settings/audit").status_code == 403
