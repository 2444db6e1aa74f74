"""What only the box can tell: its disk, the reserve, the certificate, lives that did not end."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from gateway import alarm_watch
from gateway.alarm_post import Post
from gateway.alarm_watch import Watch
from gateway.domain import alarm_words
from gateway.domain.alarms import Kind
from gateway.store import alarms
from tests.office import Office
from tests.queue.test_replan import until
from tests.web.serving import close_reader

Usage = namedtuple("Usage", "total used free")


class Box:
    """A box whose disk and certificate are as said."""

    def __init__(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        self.office, self.free, self.ends = office, 50, office.clock() + timedelta(days=300)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100, 100 - self.free, self.free))
        self.watch = Watch(office.database, office.path.parent, office.clock, certificate_ends=self._ends)
        assert office.database.lay_ballast()

    def _ends(self) -> datetime:
        return self.ends

    def look(self, minutes: int = 1) -> list[str]:
        for _ in range(minutes):
            self.office.clock.step(minutes=1)
            asyncio.run(self.watch.look())
        return [row.kind for row in self.office.read(alarms.every_open)]


@pytest.fixture
def box(office: Office, monkeypatch: pytest.MonkeyPatch) -> Box:
    return Box(office, monkeypatch)


def test_nothing_is_wrong_at_first(box: Box) -> None:
    assert box.look() == []


async def test_a_read_that_fails_does_not_end_the_program(
    box: Box, office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(alarm_watch, "EVERY_S", 0.001)
    office.write(lambda tx: tx.execute(text("DROP TABLE alarm_notices")))
    office.write(lambda tx: tx.execute(text("DROP TABLE alarms")))
    tasks = [asyncio.create_task(one.run()) for one in (box.watch, Post(office.database, office.clock))]
    await until(lambda: "could not be looked for" in caplog.text)
    await until(lambda: caplog.text.count("could not be told") >= 2)
    assert not any(task.done() for task in tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await close_reader(office.database)


def test_a_disk_that_fills(box: Box) -> None:
    box.free = 9
    assert box.look() == ["disk"]
    box.free = 11
    assert box.look(30) == ["disk", "line_down"], "not over before there is some room"
    box.free = 12
    assert "disk" not in box.look(12)


def test_a_reserve_that_was_given_up(box: Box, office: Office) -> None:
    (office.path.parent / "ballast").unlink()
    assert box.look() == ["reserve"]
    office.database.lay_ballast()
    assert "reserve" not in box.look(12)


def test_a_certificate_that_ends(box: Box, office: Office) -> None:
    box.ends = office.clock() + timedelta(days=21, hours=1)
    assert box.look() == []
    box.ends = office.clock() + timedelta(days=20, hours=1)
    assert box.look() == ["certificate"]
    (row,) = office.read(alarms.every_open)
    assert alarm_words.happened(Kind.CERTIFICATE, row.detail) == (
        "The panel's certificate ends in 20 days, on 23 March 2025."
    )
    box.ends = office.clock() + timedelta(days=90)
    assert box.look() == []


def test_what_did_not_change_is_not_written(box: Box, office: Office) -> None:
    box.free = 9
    box.look()
    before = office.database.commits
    box.look(3)
    assert office.database.commits == before
