"""How long the panel and the API take to answer, by route and status."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.metrics_core import Metric

_EDGES = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
_EXTENSION = "sms-gateway-timing"


def install(app: Flask) -> None:
    """Time every answer from now on; call it before anything else looks at a request."""
    histogram = Histogram(
        "smsgw_http_request_duration_seconds",
        "Time to answer.",
        ("route", "code"),
        registry=CollectorRegistry(),
        buckets=_EDGES,
    )
    app.extensions[_EXTENSION] = histogram

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def end(answer: Response) -> Response:
        began = g.get("began")
        if began is not None:
            route = request.url_rule.rule if request.url_rule is not None else ""
            histogram.labels(route, str(answer.status_code)).observe(time.monotonic() - began)
        return answer


def taken(app: Flask) -> list[Metric]:
    """What was timed so far, without the moments at which that began."""
    histogram: Histogram = app.extensions[_EXTENSION]
    families = list(histogram.collect())
    for family in families:
        family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
    return families
