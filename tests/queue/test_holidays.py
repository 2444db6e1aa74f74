"""Public holidays come from a process that ends, and one that fails stops nothing."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

import gateway
from gateway.domain.hours import Opening, parse
from gateway.domain.zones import find
from gateway.queue.holidays import CannotCompute, Holidays, compute
from gateway.store import holidays, settings
from tests.office import ANNA, Office


@pytest.fixture
async def office(office: Office) -> AsyncIterator[Office]:
    """Closed in the loop it was read in."""
    yield office
    await office.database.aclose()


async def test_what_is_missing_is_computed_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.text_from(ANNA, "Hello")
    office.write(lambda tx: settings.put(tx, "hours.holidays", "US-FL, ZZ"))
    chore = Holidays(office.database, office.clock)
    await chore.fill()
    year = office.clock().year
    until = date(year + 2, 12, 31)
    known = office.read(holidays.regions)
    assert {region: about.is_known for region, about in known.items()} == {
        "GB": True,
        "US-FL": True,
        "ZZ": False,
    }
    assert {about.until for about in known.values()} == {until}
    days = office.read(lambda tx: holidays.days(tx, ["GB"]))
    assert {date(year + ahead, 12, 25) for ahead in range(3)} <= days
    london = find("Europe/London")
    assert london is not None
    opening = Opening((parse("daily 9-17; holidays none"),), (london,), days)
    assert not opening.is_open(office.clock().replace(month=12, day=25, hour=12))

    monkeypatch.setattr(sys, "executable", "/no/such/python")  # nothing is asked for again
    await chore.fill()
    assert office.read(holidays.regions) == known


async def test_a_failure_is_told_and_tried_again_each_hour(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    office.write(lambda tx: settings.put(tx, "office.country", "GB"))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    chore = Holidays(office.database, office.clock)
    for _ in range(3):
        await chore.fill()
    assert caplog.messages == ["public holidays of GB could not be computed: it ended with 1"]
    office.clock.now += timedelta(hours=1)
    await chore.fill()
    assert len(caplog.messages) == 2
    assert office.read(holidays.regions) == {}
    assert office.read(holidays.trouble) == "it ended with 1"
    monkeypatch.undo()
    office.clock.now += timedelta(hours=1)
    await chore.fill()
    assert set(office.read(holidays.regions)) == {"GB"}
    assert office.read(holidays.trouble) == ""


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("/no/such/python", "cannot be started"),
        ("/bin/false", "it ended with 1"),
        ("/bin/echo", "no JSON"),
        ("/bin/ls", "unrecognized option|cannot access|invalid option|No such file"),
    ],
)
async def test_what_went_wrong_is_said(monkeypatch: pytest.MonkeyPatch, program: str, said: str) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(CannotCompute, match=said):
        await compute(2026, 2028, ["GB"])


def is_running(pid: Path) -> bool:
    """Whether the process that wrote its number there is still alive."""
    return pid.exists() and Path(f"/proc/{pid.read_text().strip()}").exists()


async def test_a_process_that_does_not_answer_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    stuck = tmp_path / "stuck"
    stuck.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 100\n")
    stuck.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(stuck))
    monkeypatch.setattr("gateway.queue.holidays.WITHIN_S", 0.3)
    with pytest.raises(CannotCompute, match="no answer"):
        await compute(2026, 2028, ["GB"])
    assert not is_running(pid)


def test_the_library_is_imported_by_nothing_that_stays() -> None:
    house = Path(gateway.__file__).parent
    wanting = re.compile(r"^\s*(import holidays|from holidays |from gateway import .*holiday_list)", re.M)
    found = {path.name for path in house.rglob("*.py") if wanting.search(path.read_text(encoding="utf-8"))}
    assert found == {"holiday_list.py"}
