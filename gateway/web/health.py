"""What machines ask to know whether all is well: liveness, readiness, lines, metrics."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from gateway.desk import line_load
from gateway.desk.line_load import Waiting
from gateway.domain import line_words
from gateway.domain.line import LineStatus
from gateway.domain.message import State
from gateway.domain.people import Scope
from gateway.store import lines, messages, probe
from gateway.store.database import Database, DatabaseError, TooLate, Tx
from gateway.web import objects
from gateway.web.access import PUBLIC, needs
from gateway.web.problems import problem
from gateway.web.site import now, read, site

health_pages = Blueprint("health", __name__)

WRITER_ANSWERS_WITHIN_S = 2.0
PROBE_EVERY_S = 1.0
"""However often it is asked, the disk is written to this seldom."""
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@health_pages.get("/healthz/live")
@needs(PUBLIC)
def live() -> ResponseReturnValue:
    """The program runs."""
    return jsonify(status="ok")


@health_pages.get("/healthz/ready")
@needs(PUBLIC)
def ready() -> ResponseReturnValue:
    """Texts are accepted, modem or no modem: a row was written and synced a moment ago."""
    probed = current_app.extensions.setdefault("sms-gateway-readiness", Readiness(site().database))
    trouble = probed.trouble()
    if trouble is not None:
        return problem(503, f"Texts are not accepted now: {trouble}.")
    return jsonify(status="ok")


class Readiness:
    """Whether the database takes a row, found out at most once every `PROBE_EVERY_S`. For threads."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._one_at_a_time = threading.Lock()
        self._found: str | None = None
        self._again_at = clock()

    def trouble(self) -> str | None:
        """Why texts are not accepted now; None when they are."""
        with self._one_at_a_time:
            if self._clock() >= self._again_at:
                self._found = self._probe()
                self._again_at = self._clock() + PROBE_EVERY_S
            return self._found

    def _probe(self) -> str | None:
        deadline = time.monotonic() + WRITER_ANSWERS_WITHIN_S
        try:
            self._database.submit(probe.write_and_erase, deadline).result(WRITER_ANSWERS_WITHIN_S)
        except DatabaseError as error:
            return str(error)
        except (DBAPIError, TooLate, TimeoutError):
            return "the database does not take a transaction"
        return None


@health_pages.get("/healthz/lines")
@needs(Scope.METRICS_READ)
def line_health() -> ResponseReturnValue:
    """Each line: up or down, and why."""
    return jsonify(lines=[_line(row) for row in read(lines.every)])


def _line(row: Row[Any]) -> dict[str, Any]:
    code = line_words.line_now(row.status, row.code, row.paused_at)
    return {
        "name": row.name,
        "status": "up" if row.status == LineStatus.UP else "down",
        "reason": {"code": code, "text": line_words.line(code).is_},
        "since": objects.time(row.status_since),
    }


@health_pages.get("/metrics")
@needs(Scope.METRICS_READ)
def metrics() -> ResponseReturnValue:
    """Counters for Prometheus, computed when asked."""
    registry = CollectorRegistry()
    registry.register(_Collector(site().database, now()))
    return Response(generate_latest(registry), content_type=METRICS_TYPE)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the collector tells, read at one moment. `load` is what waits on each line, by its name."""

    texts: dict[tuple[str, str], int]
    lines: list[Row[Any]]
    load: dict[str, list[Waiting]]


class _Collector:
    def __init__(self, database: Database, at: datetime) -> None:
        self._database = database
        self._now = at

    def collect(self) -> Iterator[Metric]:
        found = self._database.read(self._figures)
        texts = GaugeMetricFamily(
            "smsgw_messages", "Messages by direction and state.", labels=("direction", "state")
        )
        for (direction, state), count in found.texts.items():
            texts.add_metric((direction, state), count)
        yield texts
        up = GaugeMetricFamily("smsgw_line_up", "Whether a line is up.", labels=("line",))
        for row in found.lines:
            up.add_metric((row.name,), float(row.status == LineStatus.UP))
        yield up
        yield from self._queues(found.load)
        commits = CounterMetricFamily("smsgw_commits", "Transactions committed since the start.")
        commits.add_metric((), self._database.commits)
        yield commits

    def _queues(self, load: dict[str, list[Waiting]]) -> Iterator[Metric]:
        waits = GaugeMetricFamily(
            "smsgw_queue_messages",
            "Texts not sent yet; waiting_for is empty where only the turn of a text has to come.",
            labels=("line", "purpose", "waiting_for"),
        )
        oldest = GaugeMetricFamily(
            "smsgw_queue_oldest_seconds",
            "How long the text that was due first has been due; 0 when nothing is.",
            labels=("line",),
        )
        unclear = GaugeMetricFamily(
            "smsgw_unconfirmed_messages", "Texts of which nobody knows whether they went.", labels=("line",)
        )
        for line, groups in load.items():
            to_go = [group for group in groups if group.state is not State.UNCONFIRMED]
            for (purpose, why), texts in _by_purpose(to_go).items():
                waits.add_metric((line, purpose, why), texts)
            first = min((group.due_at for group in to_go), default=self._now)
            oldest.add_metric((line,), max((self._now - first).total_seconds(), 0.0))
            unclear.add_metric((line,), sum(group.texts for group in groups) - sum(g.texts for g in to_go))
        yield from (waits, oldest, unclear)

    def _figures(self, tx: Tx) -> _Figures:
        every = lines.every(tx)
        load = {row.name: line_load.waiting(tx, row, self._now) for row in every}
        return _Figures(messages.count_by_state(tx), every, load)


def _by_purpose(groups: list[Waiting]) -> Counter[tuple[str, str]]:
    """Texts by purpose and what they wait for, those that are sending with those whose turn has come."""
    counts: Counter[tuple[str, str]] = Counter()
    for group in groups:
        counts[group.purpose.value, group.waiting_for.value if group.waiting_for else ""] += group.texts
    return counts
