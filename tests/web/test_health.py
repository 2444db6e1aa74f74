"""What machines ask: is it alive, does it accept texts, how are the lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from gateway.store import probe
from gateway.store.database import Database
from gateway.web.health import PROBE_EVERY_S, Readiness
from tests.office import ANNA, Office
from tests.web.conftest import ApiClient


def _room(database: Database, pages: int) -> None:
    """The file may have that many pages: with too few SQLite says SQLITE_FULL, as on a full disk."""
    database.write_now(lambda tx: tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}").close())


def _says_503(answer: Any, words: str) -> None:
    assert answer.status_code == 503, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    assert words in answer.get_json()["detail"]


class Ticks:
    """A monotonic clock, stepped by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def full(office: Office) -> Iterator[Database]:
    """A database on a disk that just became full."""
    _room(office.database, 1)
    yield office.database
    _room(office.database, 1_000_000)


# --- texts are accepted ------------------------------------------------------------------------------


def test_it_is_ready_without_a_modem(panel: Flask) -> None:
    client = panel.test_client()
    assert client.get("/healthz/live").status_code == client.get("/healthz/ready").status_code == 200


def test_it_is_not_ready_after_the_database_failed(panel: Flask, office: Office) -> None:
    office.database._fatal = "the disk failed"
    _says_503(panel.test_client().get("/healthz/ready"), "the disk failed")
    office.database._fatal = None


def test_it_is_not_ready_when_a_text_would_find_the_disk_full(
    panel: Flask, shop: ApiClient, full: Database
) -> None:
    _says_503(shop.send(to=ANNA, body="x" * 30_000), "Nothing was accepted: the disk is full")
    _says_503(panel.test_client().get("/healthz/ready"), "the disk is full")
    assert panel.test_client().get("/healthz/live").status_code == 200


def test_room_comes_and_goes(office: Office) -> None:
    ticks = Ticks()
    readiness = Readiness(office.database, ticks)
    said = []
    for pages in (1_000_000, 1, 1_000_000):
        _room(office.database, pages)
        if pages == 1:  # the place the probe gave back, texts have taken it
            with pytest.raises(Exception, match="disk is full"):
                while True:
                    office.accept()
        said.append(readiness.trouble())
        ticks.now += PROBE_EVERY_S
    assert said[0] is None and "the disk is full" in str(said[1]) and said[2] is None


def test_the_disk_is_written_to_once_a_second_at_most(office: Office) -> None:
    ticks = Ticks()
    readiness = Readiness(office.database, ticks)
    before = office.database.commits
    assert [readiness.trouble() for _ in range(5)] == [None] * 5
    assert office.database.commits == before + 1
    ticks.now += PROBE_EVERY_S
    readiness.trouble()
    assert office.database.commits == before + 2


def test_the_answer_is_kept_between_requests(panel: Flask, office: Office) -> None:
    before = office.database.commits
    for _ in range(3):
        assert panel.test_client().get("/healthz/ready").status_code == 200
    assert office.database.commits == before + 1


def test_a_probe_leaves_nothing(office: Office) -> None:
    def everything() -> Any:
        return office.read(lambda tx: list(tx.connection.connection.iterdump()))  # type: ignore[attr-defined]

    before = everything()
    office.write(probe.write_and_erase)
    assert everything() == before


# --- lines and counters ------------------------------------------------------------------------------


def test_lines_and_metrics_are_told_to_programs_with_the_scope(shop: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "hello")
    (line,) = shop.get("/healthz/lines").get_json()["lines"]
    assert (line["name"], line["status"], line["reason"]["code"]) == ("front", "down", "opening")
    metrics = shop.get("/metrics").get_data(as_text=True)
    assert 'smsgw_messages{direction="inbound",state="received"} 1.0' in metrics
    assert 'smsgw_line_up{line="front"} 0.0' in metrics
    assert "smsgw_commits_total" in metrics
