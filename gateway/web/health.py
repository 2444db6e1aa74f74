"""What machines ask to know whether all is well: liveness, readiness, lines, metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError

from gateway.domain import line_words
from gateway.domain.line import LineStatus
from gateway.domain.people import Scope
from gateway.store import lines, probe
from gateway.store.database import Database, DatabaseError, TooLate
from gateway.web import objects
from gateway.web.access import PUBLIC, needs
from gateway.web.metrics import written
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
    here = site()
    answer = written(current_app, here.database, here.settings.data_dir, now())
    return Response(answer, content_type=METRICS_TYPE)
