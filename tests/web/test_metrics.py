"""The metrics: each name is in the table and the other way round, they count what happened, and are asked
cheaply."""

from __future__ import annotations

import re
import time

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from gateway.desk import alarms as desk
from gateway.domain.alarms import Kind
from gateway.domain.line import Accepted, LineState, LineStatus, NotNow, Recovery, Rung
from gateway.web.metric_table import METRICS, Type
from tests.office import ANNA, BEN, Office
from tests.web.conftest import ApiClient

WITHIN_S = 0.05
TEXTS = 100_000


def asked(shop: ApiClient) -> str:
    answer = shop.get("/metrics")
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def samples(text: str) -> dict[str, float]:
    """Each sample as it is written, without its value."""
    return {
        line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line and not line.startswith("#")
    }


def test_what_is_told_is_what_the_table_says(shop: ApiClient) -> None:
    families = list(text_string_to_metric_families(asked(shop)))
    told = {(one.name + "_total" * (one.type == "counter"), one.type) for one in families}
    assert told == {(metric.name, metric.type.value) for metric in METRICS.values()}
    for metric in METRICS.values():
        assert re.fullmatch(r"smsgw_[a-z][a-z_]*[a-z]", metric.name)
        assert metric.name.endswith("_total") is (metric.type is Type.COUNTER)
        assert not {"number", "user", "peer", "contact"} & set(metric.labels)
    for family in families:
        allowed = {*METRICS[family.name + "_total" * (family.type == "counter")].labels, "le"}
        assert {label for sample in family.samples for label in sample.labels} <= allowed


def test_they_count_what_happened_since_the_last_question(
    shop: ApiClient, office: Office, any_hour: None
) -> None:
    asked(shop)
    office.hear(
        LineState(LineStatus.UP, "ready", {"signal_dbm": "-71", "storage_used": "5", "storage_total": "20"})
    )
    office.text_from(ANNA, "hello")
    office.accept(ANNA)
    office.send_one(NotNow("CMS 42"))
    office.clock.step(hours=1)
    office.send_one(Accepted(7))
    office.clock.step(seconds=4)
    office.report(7, ANNA)
    office.text_from(BEN, "STOP")
    office.hear(Recovery(Rung.RADIO, "not_registered"))
    office.hear(Recovery(Rung.NOTICES, "notices_off"))
    office.write(lambda tx: desk.raise_(tx, Kind.DISK, "", {}, office.clock()))
    found = samples(asked(shop))
    for name, value in {
        'smsgw_messages_total{direction="inbound",kind="",line="front"}': 2,
        'smsgw_messages_total{direction="outbound",kind="conversational",line="front"}': 1,
        'smsgw_messages{direction="inbound",state="received"}': 2,
        'smsgw_parts_submitted_total{line="front",result="not_now"}': 1,
        'smsgw_parts_submitted_total{line="front",result="accepted"}': 1,
        'smsgw_retries_total{line="front"}': 1,
        'smsgw_at_errors_total{code="CMS 42"}': 1,
        'smsgw_part_submit_duration_seconds_count{line="front"}': 2,
        'smsgw_reports_total{matched="yes",status="arrived"}': 1,
        "smsgw_delivery_duration_seconds_count": 1,
        'smsgw_delivery_duration_seconds_bucket{le="5.0"}': 1,
        'smsgw_delivery_duration_seconds_bucket{le="2.0"}': 0,
        "smsgw_inbound_latency_seconds_count": 2,
        'smsgw_optouts_total{source="text"}': 1,
        'smsgw_line_up{line="front"}': 1,
        'smsgw_line_signal_dbm{line="front"}': -71,
        'smsgw_sim_storage_used_ratio{line="front"}': 0.25,
        'smsgw_line_recoveries_total{line="front",step="radio"}': 1,
        'smsgw_cnmi_repairs_total{line="front"}': 1,
        'smsgw_alarms{kind="disk"}': 1,
    }.items():
        assert found.get(name) == value, name
    again = samples(asked(shop))
    counters = [name for name in found if "_total" in name and "commits" not in name]
    assert counters and all(again[name] == found[name] for name in counters), "nothing is counted twice"


def test_a_part_on_the_air_is_counted_when_it_has_ended(
    shop: ApiClient, office: Office, any_hour: None
) -> None:
    asked(shop)
    office.accept(ANNA)
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    assert "smsgw_parts_submitted_total{" not in asked(shop)
    office.record(claimed.part_id, Accepted(9))
    assert samples(asked(shop))['smsgw_parts_submitted_total{line="front",result="accepted"}'] == 1


def test_answers_are_timed_by_route(shop: ApiClient) -> None:
    shop.get("/api/v1/messages/msg_none")
    found = samples(asked(shop))
    timed = [name for name in found if name.startswith("smsgw_http_request_duration_seconds_count")]
    assert any('route="/api/v1/messages/<' in name and 'code="404"' in name for name in timed)
    assert "msg_none" not in asked(shop)


def _fill(office: Office) -> None:
    """A hundred thousand texts, of which a hundred are new since the last question."""
    sql = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        "INSERT INTO messages (public_id, conversation_id, line_id, direction, state, peer, body, segments, "
        "author_kind, created_at) SELECT 'm' || i, 1, :line, 'inbound', 'received', '+447700900123', "
        "'Hello', 1, "
        "'contact', :at FROM n"
    )
    at = int(office.clock().timestamp()) * 1_000_000
    values = {"count": TEXTS, "line": office.line_id, "at": at}
    office.write(lambda tx: tx.connection.exec_driver_sql(sql, values).close())


def test_a_question_costs_little_with_a_hundred_thousand_texts(
    shop: ApiClient, panel: Flask, office: Office
) -> None:
    office.text_from(ANNA, "hello")
    _fill(office)
    asked(shop)
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        asked(shop)
        taken.append(time.perf_counter() - began)
    assert min(taken) < WITHIN_S, taken


@pytest.mark.parametrize(
    "name", ["smsgw_queue_oldest_seconds", "smsgw_unconfirmed_messages", "smsgw_commits_total"]
)
def test_names_of_before_are_still_there(shop: ApiClient, name: str) -> None:
    assert name in asked(shop)
