"""A year of house-keeping, in small; the whole one is `python -m tests.year`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.queue import chores
from tests.year import live


@pytest.mark.slow
async def test_five_weeks_leave_what_they_should(database_path: Path) -> None:
    told = await live(database_path, 33, 4)
    assert told.wrong == []
    assert told.figures[-1].rows["messages"] == told.figures[-1].texts == 132
    assert told.figures[-1].rows["idempotency_keys"] < 20


@pytest.mark.slow
async def test_without_forgetting_it_is_noticed(database_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "forget_old", lambda tx, now: None)
    told = await live(database_path, 33, 2)
    assert "events holds rows older than 31 days" in told.wrong
    assert "sign_in_failures holds rows older than 2 days" in told.wrong
