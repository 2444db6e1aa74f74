"""What machines ask to know whether all is well: liveness, readiness, lines, metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from gateway.domain import wording
from gateway.domain.line import LineStatus
from gateway.domain.people import Scope
from gateway.store import lines, messages
from gateway.store.database import Database, DatabaseError, Tx
from gateway.web import objects
from gateway.web.access import PUBLIC, needs
from gateway.web.problems import problem
from gateway.web.site import read, site

health_pages = Blueprint("health", __name__)

WRITER_ANSWERS_WITHIN_S = 2.0
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@health_pages.get("/healthz/live")
@needs(PUBLIC)
def live() -> ResponseReturnValue:
    """The program runs."""
    return jsonify(status="ok")


@health_pages.get("/healthz/ready")
@needs(PUBLIC)
def ready() -> ResponseReturnValue:
    """Texts are accepted, modem or no modem: the writer takes a transaction."""
    try:
        site().database.submit(lambda tx: None).result(WRITER_ANSWERS_WITHIN_S)
    except (DatabaseError, DBAPIError, TimeoutError):
        return problem(503, "Texts are not accepted now: the database does not take a transaction.")
    return jsonify(status="ok")


@health_pages.get("/healthz/lines")
@needs(Scope.METRICS_READ)
def line_health() -> ResponseReturnValue:
    """Each line: up or down, and why."""
    return jsonify(lines=[_line(row) for row in read(lines.every)])


def _line(row: Row[Any]) -> dict[str, Any]:
    code = wording.line_now(row.status, row.code, row.paused_at)
    return {
        "name": row.name,
        "status": "up" if row.status == LineStatus.UP else "down",
        "reason": {"code": code, "text": wording.line(code).is_},
        "since": objects.time(row.status_since),
    }


@health_pages.get("/metrics")
@needs(Scope.METRICS_READ)
def metrics() -> ResponseReturnValue:
    """Counters for Prometheus, computed when asked."""
    registry = CollectorRegistry()
    registry.register(_Collector(site().database))
    return Response(generate_latest(registry), content_type=METRICS_TYPE)


class _Collector:
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        counts, rows = self._database.read(_figures)
        texts = GaugeMetricFamily(
            "smsgw_messages", "Messages by direction and state.", labels=("direction", "state")
        )
        for (direction, state), count in counts.items():
            texts.add_metric((direction, state), count)
        yield texts
        up = GaugeMetricFamily("smsgw_line_up", "Whether a line is up.", labels=("line",))
        for row in rows:
            up.add_metric((row.name,), float(row.status == LineStatus.UP))
        yield up
        commits = CounterMetricFamily("smsgw_commits", "Transactions committed since the start.")
        commits.add_metric((), self._database.commits)
        yield commits


def _figures(tx: Tx) -> tuple[dict[tuple[str, str], int], list[Row[Any]]]:
    return messages.count_by_state(tx), lines.every(tx)
