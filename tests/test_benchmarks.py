"""The benchmarks run, in a tiny form, against the real program; their figures are judged right."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks import (
    accepting,
    history,
    idle,
    latency,
    live,
    pages,
    sixteen_lines,
    starting,
    three_lines,
    wire,
)
from benchmarks.noise import Noise, Sample
from benchmarks.office import LINES, RULES, Office, furnish, wait_for
from benchmarks.rows import Spread, Verdict, percentile
from benchmarks.sending import FAKE_OPTIONS, Bench, Load, command_row, commit_row, speed_row
from gateway.store import schema
from gateway.store.database import Database
from gateway.store.keys import Keys
from tests import any_hour
from tests.fake_modem import FakeModem


@pytest.mark.alone("benchmarks")
@pytest.mark.slow
def test_every_row_can_be_measured(tmp_path: Path) -> None:
    noise = Noise(tmp_path)
    with FakeModem(*FAKE_OPTIONS) as fake, Office(tmp_path / "data", fake.path) as office:
        bench = Bench(fake, office, tmp_path, noise)
        memory, cpu = idle.measure(office, seconds=0.2)
        found = bench.compare(Load(air_time=0.01, texts=4, pairs=1))
        single = latency.row(bench, count=3)
        accepted = accepting.time_row(office, tmp_path, count=8)
        wait_for(office.settled)
        assert int(fake.control("state", line=bench.our_line)["complaints"]) == 0
    assert memory.value.endswith("MB")
    assert cpu.value.endswith("%")
    assert single.value.startswith("median")
    assert accepted.promised and "8 texts" in accepted.how
    assert 0 < found.pairs[0].ratio < 10
    assert [pair.commits for pair in found.pairs] == [9]
    assert (command_row(found.pairs).value, command_row(found.pairs).verdict) == ("1", Verdict.MET)
    assert (commit_row(found.pairs).value, commit_row(found.pairs).verdict) == ("2.00", Verdict.MET)
    assert speed_row("speed", 0.5, found, promised=True).target == "0.5 or more"


@pytest.mark.slow
@pytest.mark.alone("benchmarks")
def test_three_lines_can_be_measured(tmp_path: Path) -> None:
    load = three_lines.Load(air_time=0.02, texts=4, pairs=1, beyond=4)
    with FakeModem(*three_lines.FAKE_OPTIONS) as fake:
        ports = [str(modem["path"]) for modem in fake.ready["modems"]]
        with Office(tmp_path / "data", *ports) as office:
            found = three_lines.Lines(fake, office, Noise(tmp_path)).compare(load)
        third = str(fake.ready["modems"][2]["number"])
        assert int(fake.control("state", line=third)["submissions"]) == 4 * len(found.pairs) * 2 + 4
    kept, beyond = three_lines.rows(found)
    assert kept.promised and 0 < found.pairs[0].ratio < 10
    assert float(beyond.value) > 0


@pytest.mark.slow
@pytest.mark.alone("benchmarks")
def test_many_lines_can_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sixteen_lines, "COUNT", 2)
    with FakeModem("--modems", "4", "--report-delay", "-1") as fake:
        ports = [str(modem["path"]) for modem in fake.ready["modems"][:2]]
        with Office(tmp_path / "data", *ports, rules=RULES) as office:
            lines = sixteen_lines.Lines(fake, office, tmp_path, Noise(tmp_path))
            found = lines.compare(Load(air_time=0.02, texts=3, pairs=1))
        sent = [fake.control("state", line=modem["number"])["submissions"] for modem in fake.ready["modems"]]
    assert sent == [3 * len(found.pairs)] * 4
    assert 0 < found.pairs[0].ratio < 10 and found.pairs[0].bare.cpu_ms > 0
    assert [row.promised for row in sixteen_lines.rows(found)] == [True]
    assert len(set(LINES)) == 16


@pytest.mark.slow
@pytest.mark.alone("benchmarks")
def test_a_start_after_sigkill_can_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "FIRST_LIFE", timedelta(seconds=20))
    found = starting.measure(tmp_path / "data", 200)
    assert (found.queued, found.scheduled, found.held) == (200, 160, 40)
    assert min(found.ready_s, found.wire_s, found.cpu_s) > 0
    assert starting.row(found).what == "start with 200 queued after SIGKILL"


def test_statements_of_an_accept_are_counted(tmp_path: Path) -> None:
    new, known = accepting.statements(tmp_path)
    assert 0 < known < new <= accepting.STATEMENTS


def test_a_burst_is_read_from_the_wire() -> None:
    chunks: list[wire.Chunk] = [
        (0.0, "C", "AT+CSQ\r"),
        (1.0, "C", "AT+CMGS=19\r"),
        (1.1, "M", "\r\n> "),
        (1.2, "C", "00AT\x1a"),
        (1.5, "M", "\r\n+CMGS: 1\r\n\r\nOK\r\n"),
        (1.6, "C", "AT+CMMS=2\r"),
        (1.7, "C", "AT+CMGS=19\r"),
        (2.5, "M", "\r\n+CMGS: 2\r\n\r\nOK\r\n"),
        (3.0, "C", "AT+CSQ\r"),
    ]
    assert wire.burst(chunks, 3) is None
    found = wire.burst(chunks, 2)
    assert found is not None
    assert (found.seconds, dict(found.commands)) == (1.5, {"AT+CMGS": 2, "AT+CMMS": 1})
    assert found.commands_per_text == 1.5


@pytest.mark.parametrize(
    ("samples", "verdict"),
    [
        ([0.9, 1.0, 1.0], Verdict.MET),
        ([0.5, 0.8, 1.0], Verdict.UNSURE),
        ([0.7, 0.8, 0.89, 0.89, 1.2], Verdict.MISSED),
    ],
)
def test_noise_neither_meets_nor_misses(samples: list[float], verdict: Verdict) -> None:
    assert Spread.of(samples).at_least(0.9) is verdict


def test_percentiles_are_samples() -> None:
    samples = [float(value) for value in range(100, 0, -1)]
    assert (percentile(samples, 0.5), percentile(samples, 0.99)) == (50.0, 99.0)
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize(
    ("later", "steady"), [(Sample(11, 1.9), True), (Sample(13, 1), False), (Sample(10, 0.4), False)]
)
def test_a_machine_that_moved_is_not_steady(later: Sample, steady: bool) -> None:
    assert Sample(10, 1).steady_until(later) is steady


# --- an office with a past -----------------------------------------------------------------------------


def _past(folder: Path, texts: int = 600) -> history.Past:
    folder.mkdir()
    schema.prepare(folder / "gateway.db")
    database = Database(folder / "gateway.db", Keys(folder))
    database.write_now(lambda tx: furnish(tx, ["/dev/none", "/dev/none-either"], any_hour.RULES))
    database.close()
    return history.fill(folder / "gateway.db", texts, 1_760_000_000_000_000)


def _asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "gateway.db")) as connection:
        return list(connection.execute(query))


def test_a_past_is_sound_and_holds_what_it_says(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    past = _past(folder)
    assert _asked(folder, "PRAGMA integrity_check") == [("ok",)]
    assert _asked(folder, "PRAGMA foreign_key_check") == []
    assert _asked(folder, "SELECT count(*) FROM conversations") == [(30,)]
    assert _asked(folder, "SELECT count(*) FROM messages WHERE id <= 600") == [(600,)]
    found = _asked(folder, "SELECT count(*) FROM messages_fts WHERE messages_fts MATCH 'friday'")
    said = _asked(folder, "SELECT count(*) FROM messages WHERE ' ' || lower(body) || ' ' LIKE '%friday%'")
    assert found == said != [(0,)]
    states = {row[0] for row in _asked(folder, "SELECT DISTINCT state FROM messages")}
    assert {"received", "delivered", "sent", "failed"} <= states
    assert past.longest == "cnv_1" and past.rows["conversations"] == 30


def test_a_past_keeps_the_indexes_and_is_the_same_each_time(tmp_path: Path) -> None:
    made = [_past(tmp_path / name) for name in ("one", "two")]
    assert made[0] == made[1]
    schema.prepare(tmp_path / "empty.db")
    with closing(sqlite3.connect(tmp_path / "empty.db")) as connection:
        fresh = set(connection.execute(_INDEXES))
    assert set(_asked(tmp_path / "one", _INDEXES)) == fresh
    bodies = [_asked(tmp_path / name, "SELECT body FROM messages ORDER BY id") for name in ("one", "two")]
    assert bodies[0] == bodies[1]


_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index'"


@pytest.mark.slow
@pytest.mark.alone("benchmarks")
def test_pages_of_a_past_can_be_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (pages.measure(tmp_path / str(texts), texts, rounds=1) for texts in (400, 800))
    found = list(pages.rows(few, many))
    assert [row.promised for row in found] == [True, True, True, False, False]
    assert all(row.value.startswith("p95 ") and "answers over HTTP" in row.how for row in found)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.alone("benchmarks")
def test_the_time_to_an_open_page_can_be_measured(tmp_path: Path) -> None:
    found = live.row(tmp_path / "live", 3)
    assert found.promised and "3 texts" in found.how
