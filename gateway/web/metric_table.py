"""The metrics: their names, labels and meaning. `/metrics` and docs/metrics.md are made from this table.

Names as prometheus.io/docs/practices/naming says: one prefix, base units, `_total` for counters. Labels take
only values of small fixed sets; no number and no name of a person is ever one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    SummaryMetricFamily,
)


class Type(StrEnum):
    """Type of a metric. Counters and histograms begin with the first question after a start."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    SUMMARY = "summary"


_FAMILIES = {
    Type.COUNTER: CounterMetricFamily,
    Type.GAUGE: GaugeMetricFamily,
    Type.HISTOGRAM: HistogramMetricFamily,
    Type.SUMMARY: SummaryMetricFamily,
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `name` as it is asked for, with `_total` on counters."""

    name: str
    type: Type
    labels: tuple[str, ...]
    meaning: str

    def family(self) -> Any:
        """An empty family of samples of it, as prometheus-client has them: one class for each type."""
        name = self.name.removesuffix("_total")
        return _FAMILIES[self.type](name, self.meaning, labels=self.labels)


def _counter(name: str, labels: str, meaning: str) -> Metric:
    return Metric(f"smsgw_{name}", Type.COUNTER, tuple(labels.split()), meaning)


def _gauge(name: str, labels: str, meaning: str) -> Metric:
    return Metric(f"smsgw_{name}", Type.GAUGE, tuple(labels.split()), meaning)


def _histogram(name: str, labels: str, meaning: str) -> Metric:
    return Metric(f"smsgw_{name}", Type.HISTOGRAM, tuple(labels.split()), meaning)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _counter(
            "messages_total", "line direction kind", "Texts received and accepted; kind is their purpose."
        ),
        _gauge("messages", "direction state", "Texts kept, by their state."),
        _counter("parts_submitted_total", "line result", "Parts handed to the network, by how that ended."),
        _histogram("part_submit_duration_seconds", "line", "From the intent to send a part to the answer."),
        _histogram(
            "delivery_duration_seconds", "", "From the network's taking a part to the report that it arrived."
        ),
        _counter("retries_total", "line", "Attempts to send a part that were not its first."),
        _counter("at_errors_total", "code", "Attempts that ended with a code of the device or the network."),
        _gauge(
            "queue_messages",
            "line purpose waiting_for",
            "Texts not sent yet; waiting_for is empty where only the turn of a text has to come.",
        ),
        _gauge(
            "queue_oldest_seconds",
            "line",
            "How long the text that was due first has been due; 0 when nothing is.",
        ),
        _gauge("unconfirmed_messages", "line", "Texts of which nobody knows whether they went."),
        _counter(
            "reports_total",
            "status matched",
            "Delivery reports: arrived, trying, failed; whether of a known text.",
        ),
        _histogram(
            "inbound_latency_seconds",
            "",
            "From the network's stamp of a text to its being kept; to the second.",
        ),
        _counter(
            "inbound_undecodable_total", "", "What came in and could not be read; it is kept and shown."
        ),
        _gauge("multipart_incomplete", "", "Long texts of which parts are missing still."),
        _counter("duplicates_total", "", "Texts the network delivered a second time."),
        _counter("optouts_total", "source", "People who said stop, by how."),
        _counter("autoreplies_total", "rule", "Automatic answers that were queued, by their rule."),
        _gauge("line_up", "line", "1 while a line is up."),
        _gauge("line_registered", "line", "1 while its device is registered with a network."),
        _gauge("line_signal_dbm", "line", "Strength of its signal."),
        _gauge("sim_storage_used_ratio", "line", "Share of the places for texts that are taken."),
        _gauge("line_last_inbound_timestamp_seconds", "line", "When the last text came in."),
        _counter("line_recoveries_total", "line step", "Steps taken to heal a line."),
        _counter("cnmi_repairs_total", "line", "Times its device was made to announce texts again."),
        _gauge("clock_offset_seconds", "source", "The network's clock minus ours, by the line that told it."),
        _gauge("clock_suspect", "", "1 while the clock is in doubt."),
        _counter("commits_total", "", "Transactions committed since the start."),
        Metric(
            "smsgw_db_commit_duration_seconds", Type.SUMMARY, (), "Length of transactions, with what they do."
        ),
        _gauge("db_bytes", "", "Size of the database."),
        _gauge("db_wal_bytes", "", "Size of its journal."),
        _gauge("disk_free_bytes", "", "Free on the disk with the data."),
        _gauge(
            "backup_last_verified_timestamp_seconds", "", "When a backup was last verified; none without one."
        ),
        _gauge("restore_drill_last_success_timestamp_seconds", "", "When a drill last went well."),
        _counter("logins_total", "", "Sign-ins that succeeded."),
        _gauge("login_failures", "", "Sign-ins that failed within 15 minutes."),
        _histogram(
            "http_request_duration_seconds",
            "route code",
            "Time to answer on the panel and the API, since the start; the event stream is not among them.",
        ),
        _gauge("webhook_backlog", "", "Calls of the alarms' webhook that are not settled."),
        _gauge("alarms", "kind", "Alarms that are open."),
        _gauge("build_info", "version schema", "Always 1."),
    )
}
