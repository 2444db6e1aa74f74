"""What `/metrics` answers: the metrics of `gateway.web.metric_table`, computed when asked."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from sqlalchemy import Row

from gateway import __version__
from gateway.desk import alarms as desk_alarms
from gateway.desk import clock, line_load
from gateway.desk.line_load import Waiting
from gateway.domain.line import LineStatus
from gateway.domain.message import Direction, State
from gateway.store import alarm_figures, alarms, line_figures, lines, metric_rows, schema
from gateway.store.database import Database, Tx
from gateway.web import timing
from gateway.web.metric_table import METRICS, Type
from gateway.web.tallies import Lengths, Tallies

_EXTENSION = "sms-gateway-tallies"
_INBOUND = frozenset({State.RECEIVING.value, State.RECEIVED.value})
_REGISTERED = frozenset({"home", "roaming"})
_WITHIN = timedelta(minutes=15)
_TIMED = "smsgw_http_request_duration_seconds"

Samples = dict[tuple[str, ...], float]


def written(app: Flask, database: Database, folder: Path, now: datetime) -> bytes:
    """All metrics in Prometheus' text format."""
    registry = CollectorRegistry()
    tallies = app.extensions.setdefault(_EXTENSION, Tallies())
    registry.register(_Collector(app, database, folder, tallies, now))
    return generate_latest(registry)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is read at one moment. `load`: what waits on each line; `samples`: gauges by their names."""

    load: dict[str, list[Waiting]]
    samples: dict[str, Samples]


class _Collector:
    def __init__(self, app: Flask, database: Database, folder: Path, tallies: Tallies, now: datetime) -> None:
        self._app, self._database, self._folder = app, database, folder
        self._tallies, self._now = tallies, now

    def collect(self) -> Iterator[Metric]:
        found = self._database.read(self._figures)
        gauges = {**found.samples, **self._queues(found.load), **self._of_box()}
        for name, metric in METRICS.items():
            short = name.removeprefix("smsgw_")
            if name == _TIMED:
                yield from timing.taken(self._app)
            elif metric.type is Type.GAUGE:
                yield _filled(name, gauges[short])
            elif metric.type is Type.COUNTER:
                yield _filled(name, self._counted(short, metric.labels))
        yield from self._lengths()

    # --- counters and lengths ------------------------------------------------------------------------

    def _counted(self, short: str, labels: tuple[str, ...]) -> Samples:
        if short == "commits_total":
            return {(): float(self._database.commits)}
        counts: Mapping[tuple[str, ...], int] = self._tallies.counts.get(short, Counter())
        return {label: float(count) for label, count in counts.items()} or ({} if labels else {(): 0.0})

    def _lengths(self) -> Iterator[Metric]:
        by_line: Mapping[tuple[str, ...], Lengths] = {
            (line,): lengths for line, lengths in self._tallies.sending.items()
        }
        yield _histogram("part_submit_duration_seconds", by_line)
        yield _histogram("delivery_duration_seconds", {(): self._tallies.delivering})
        yield _histogram("inbound_latency_seconds", {(): self._tallies.arriving})
        commits = METRICS["smsgw_db_commit_duration_seconds"].family()
        commits.add_metric((), self._database.commits, self._database.commit_seconds)
        yield commits

    # --- gauges --------------------------------------------------------------------------------------

    def _figures(self, tx: Tx) -> _Figures:
        every = lines.every(tx)
        self._tallies.count(tx, {row.id: row.name for row in every})
        load = {row.name: line_load.waiting(tx, row, self._now) for row in every}
        return _Figures(load, {**self._of_texts(tx), **self._of_lines(tx, every), **self._of_office(tx)})

    def _of_texts(self, tx: Tx) -> dict[str, Samples]:
        states = metric_rows.by_state(tx)
        direction = {True: Direction.INBOUND.value, False: Direction.OUTBOUND.value}
        counts: Samples = {
            (direction[state in _INBOUND], state): float(count) for state, count in states.items()
        }
        incomplete = float(states.get(State.RECEIVING.value, 0))
        return {"messages": counts, "multipart_incomplete": {(): incomplete}}

    def _of_lines(self, tx: Tx, every: list[Row[Any]]) -> dict[str, Samples]:
        found: dict[str, Samples] = {
            "line_up": {(row.name,): float(row.status == LineStatus.UP) for row in every},
            "line_registered": {
                (row.name,): float(row.facts["registration"] in _REGISTERED)
                for row in every
                if "registration" in row.facts
            },
            "line_last_inbound_timestamp_seconds": {
                (row.name,): at.timestamp() for row in every if (at := line_figures.last_in(tx, row.id))
            },
        }
        for name, fact in (("line_signal_dbm", "signal_dbm"), ("clock_offset_seconds", "clock_offset_s")):
            found[name] = {(row.name,): value for row in every if (value := _number(row, fact)) is not None}
        found["sim_storage_used_ratio"] = {
            (row.name,): used / total
            for row in every
            if (used := _number(row, "storage_used")) is not None and (total := _number(row, "storage_total"))
        }
        return found

    def _of_office(self, tx: Tx) -> dict[str, Samples]:
        backup, drill = metric_rows.last_verified(tx)
        failures, _ = alarm_figures.failed_sign_ins(tx, self._now - _WITHIN, self._now)
        kinds = Counter(row.kind for row in alarms.every_open(tx))
        return {
            "backup_last_verified_timestamp_seconds": {(): backup.timestamp()} if backup else {},
            "restore_drill_last_success_timestamp_seconds": {(): drill.timestamp()} if drill else {},
            "clock_suspect": {(): float(clock.doubt(tx) is not None)},
            "login_failures": {(): float(failures)},
            "webhook_backlog": {(): float(alarms.backlog(tx, desk_alarms.WEBHOOK))},
            "alarms": {(kind,): float(count) for kind, count in kinds.items()},
        }

    def _of_box(self) -> dict[str, Samples]:
        path = self._database.path
        journal = path.with_name(f"{path.name}-wal")
        return {
            "db_bytes": {(): float(path.stat().st_size)},
            "db_wal_bytes": {(): float(journal.stat().st_size if journal.exists() else 0)},
            "disk_free_bytes": {(): float(shutil.disk_usage(self._folder).free)},
            "build_info": {(__version__, schema.HEAD): 1.0},
        }

    def _queues(self, load: dict[str, list[Waiting]]) -> dict[str, Samples]:
        waits: Samples = {}
        oldest: Samples = {}
        unclear: Samples = {}
        for line, groups in load.items():
            to_go = [group for group in groups if group.state is not State.UNCONFIRMED]
            for (purpose, why), texts in _by_purpose(to_go).items():
                waits[line, purpose, why] = float(texts)
            first = min((group.due_at for group in to_go), default=self._now)
            oldest[(line,)] = max((self._now - first).total_seconds(), 0.0)
            unclear[(line,)] = float(sum(g.texts for g in groups) - sum(g.texts for g in to_go))
        return {"queue_messages": waits, "queue_oldest_seconds": oldest, "unconfirmed_messages": unclear}


def _filled(name: str, samples: Samples) -> Metric:
    family: Metric = (made := METRICS[name].family())
    for label, value in samples.items():
        made.add_metric(label, value)
    return family


def _histogram(short: str, lengths: Mapping[tuple[str, ...], Lengths]) -> Metric:
    family: Metric = (made := METRICS[f"smsgw_{short}"].family())
    for label, one in lengths.items():
        made.add_metric(label, one.buckets(), one.total)
    return family


def _by_purpose(groups: list[Waiting]) -> Counter[tuple[str, str]]:
    """Texts by purpose and what they wait for, those that are sending with those whose turn has come."""
    counts: Counter[tuple[str, str]] = Counter()
    for group in groups:
        counts[group.purpose.value, group.waiting_for.value if group.waiting_for else ""] += group.texts
    return counts


def _number(row: Row[Any], fact: str) -> float | None:
    """A fact of a line that is a number; None where it is not known or is none."""
    try:
        return float(row.facts[fact])
    except (KeyError, ValueError):
        return None
