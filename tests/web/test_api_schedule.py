"""The right time in the API: when a text is to go, what is refused, what would be done, and changing it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from gateway.desk import lines as desk_lines
from gateway.desk import unclear
from gateway.domain.limits import Limit
from gateway.domain.line import Accepted, CannotTell, LineStatus
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.store import lines
from gateway.store import settings as store_settings
from gateway.web import schemas_decisions
from tests.office import ANNA, BEN, CARA, SAM, Office
from tests.web.conftest import ApiClient, make_token

NIGHT = datetime(2025, 3, 4, 3, 10, tzinfo=UTC)
"""In London; the evening before in Florida."""
PURPOSES = (Purpose.TRANSACTIONAL, Purpose.MARKETING, Purpose.CONVERSATIONAL)


@pytest.fixture
def line_is_up(office: Office) -> None:
    """The line is ready; so what waits does not wait for that."""
    up = {"status": LineStatus.UP.value, "code": "ready"}
    office.write(lambda tx: lines.change(tx, office.line_id, **up))


@pytest.fixture
def app(panel: Flask, office: Office, line_is_up: None) -> ApiClient:
    """A program that may do everything, with texts of most purposes."""
    return ApiClient(panel.test_client(), make_token(office, "app", *Scope, purposes=PURPOSES))


def _refused(answer: Any, status: int, pointer: str | None = None, kind: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    if pointer is not None:
        assert pointer in [error.get("pointer") for error in body["errors"]]
    if kind is not None:
        assert body["type"] == f"urn:sms-gateway:problem:{kind}"
    return body


def _patch(app: ApiClient, message_id: str, **fields: Any) -> Any:
    return app.client.patch(f"/api/v1/messages/{message_id}", json=fields, headers=app.headers)


# --- when it is to go --------------------------------------------------------------------------------


def test_a_text_by_day_goes_at_once(app: ApiClient, office: Office) -> None:
    body = app.send(to=ANNA, body="x").get_json()
    assert (body["state"], body["waiting_for"]) == ("queued", None)
    assert body["would_send_at"] == body["due_at"] == "2025-03-03T09:30:00.000000Z"
    assert body["scheduled_at"] is body["schedule"] is None and body["quiet_hours"] == "obey"


def test_a_text_at_night_waits_for_their_day(app: ApiClient, office: Office) -> None:
    office.clock.now = NIGHT
    answer = app.send(to=ANNA, body="x")
    body = answer.get_json()
    assert answer.status_code == 202 and body["state"] == "queued"
    assert body["waiting_for"] == "quiet_hours"
    assert body["would_send_at"] == body["due_at"] == "2025-03-04T08:00:00.000000Z"
    assert app.get(answer.headers["Location"]).get_json()["would_send_at"] == body["would_send_at"]


@pytest.mark.parametrize(
    ("fields", "planned", "told"),
    [
        (
            {"scheduled_at": "2025-03-04T12:00:00+04:00"},
            "2025-03-04T08:00:00.000000Z",
            {"when": "at", "at": "2025-03-04T08:00:00", "zone": "UTC"},
        ),
        (
            {"scheduled_at": "2025-03-04T10:00:00.75Z"},
            "2025-03-04T10:00:01.000000Z",
            {"when": "at", "at": "2025-03-04T10:00:01", "zone": "UTC"},
        ),
        (
            {"schedule": {"at": "2025-03-04T13:00", "zone": "Asia/Dubai"}},
            "2025-03-04T09:00:00.000000Z",
            {"when": "at", "at": "2025-03-04T13:00:00", "zone": "Asia/Dubai"},
        ),
        (
            {"schedule": {"at": "2025-07-01T09:15:30", "zone": "recipient"}},
            "2025-07-01T08:15:30.000000Z",
            {"when": "at", "at": "2025-07-01T09:15:30", "zone": "Europe/London"},
        ),
        (
            {"schedule": {"at": "2025-03-04T11:00", "zone": "office"}},
            "2025-03-04T10:00:00.000000Z",
            {"when": "at", "at": "2025-03-04T11:00:00", "zone": "Europe/Paris"},
        ),
        (
            {"schedule": {"when": "wake"}},
            "2025-03-04T08:00:00.000000Z",
            {"when": "wake", "at": "2025-03-04T08:00:00", "zone": "Europe/London"},
        ),
        (
            {"schedule": {"when": "open"}},
            "2025-03-04T08:00:00.000000Z",
            {"when": "open", "at": "2025-03-04T09:00:00", "zone": "Europe/Paris"},
        ),
        # in the gap of spring the first time there is, in the overlap of autumn the first of both
        (
            {"schedule": {"at": "2025-03-30T02:30", "zone": "Europe/Paris"}},
            "2025-03-30T01:00:00.000000Z",
            {"when": "at", "at": "2025-03-30T02:30:00", "zone": "Europe/Paris"},
        ),
        (
            {"schedule": {"at": "2025-10-26T02:30", "zone": "Europe/Paris"}},
            "2025-10-26T00:30:00.000000Z",
            {"when": "at", "at": "2025-10-26T02:30:00", "zone": "Europe/Paris"},
        ),
    ],
)
def test_a_time_is_chosen(
    app: ApiClient, office: Office, fields: dict[str, Any], planned: str, told: dict[str, str]
) -> None:
    office.write(lambda tx: store_settings.put(tx, "office.zone", "Europe/Paris"))
    answer = app.send(to=ANNA, body="x", **fields)
    body = answer.get_json()
    assert answer.status_code == 202, body
    assert (body["scheduled_at"], body["schedule"]) == (planned, told)
    assert body["waiting_for"] in ("schedule", "quiet_hours")
    assert body["would_send_at"] >= planned


def test_both_times_may_be_null(app: ApiClient) -> None:
    body = app.send(to=ANNA, body="x", scheduled_at=None, schedule=None).get_json()
    assert body["scheduled_at"] is None and body["waiting_for"] is None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"scheduled_at": "2025-03-04T12:00:00"}, "/scheduled_at"),
    ({"scheduled_at": "tomorrow"}, "/scheduled_at"),
    ({"scheduled_at": 1741089600}, "/scheduled_at"),
    ({"scheduled_at": ""}, "/scheduled_at"),
    ({"scheduled_at": "2025-03-03T09:29:59Z"}, "/scheduled_at"),
    ({"scheduled_at": "2025-03-03T09:30:00Z"}, "/scheduled_at"),
    ({"scheduled_at": "2035-03-03T09:30:00Z"}, "/scheduled_at"),
    ({"scheduled_at": "0001-01-01T00:00:00+14:00"}, "/scheduled_at"),
    ({"scheduled_at": "9999-12-31T23:59:59-12:00"}, "/scheduled_at"),
    ({"send_by": "9999-12-31T23:59:59-12:00"}, "/send_by"),
    ({"send_by": "2025-03-04T12:00:00"}, "/send_by"),
    (
        {"scheduled_at": "2025-03-04T12:00:00Z", "schedule": {"when": "wake"}},
        "/schedule",
    ),
    ({"schedule": {}}, "/schedule/when"),
    ({"schedule": "wake"}, "/schedule"),
    ({"schedule": {"when": "soon"}}, "/schedule/when"),
    ({"schedule": {"when": "at"}}, "/schedule/when"),
    ({"schedule": {"when": None}}, "/schedule/when"),
    ({"schedule": {"when": "wake", "zone": "office"}}, "/schedule/when"),
    ({"schedule": {"when": "wake", "at": "2025-03-04T12:00"}}, "/schedule/when"),
    ({"schedule": {"at": "2025-03-04T12:00"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "Mars/Olympus"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "posix/Europe/London"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "right/Europe/London"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "localtime"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "posixrules"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "Factory"}}, "/schedule/zone"),
    ({"scheduled_at": "9999-12-31T23:59:59.5Z"}, "/scheduled_at"),
    ({"quiet_hours": "override", "reason": "\u200b"}, "/reason"),
    ({"quiet_hours": "override", "reason": "\u3164"}, "/reason"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "../../etc/passwd"}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": ""}}, "/schedule/zone"),
    ({"schedule": {"at": "2025-03-04T12:00", "zone": "\ud800"}}, "/schedule/zone"),
    ({"schedule": {"zone": "office"}}, "/schedule/when"),
    ({"schedule": {"at": "2025-03-04T12:00Z", "zone": "office"}}, "/schedule/at"),
    ({"schedule": {"at": "2025-03-04", "zone": "office"}}, "/schedule/at"),
    ({"schedule": {"at": "2025-02-30T12:00", "zone": "office"}}, "/schedule/at"),
    ({"schedule": {"at": "0001-01-01T00:00", "zone": "Asia/Dubai"}}, "/schedule/at"),
    ({"schedule": {"at": "2025-03-03T09:00", "zone": "recipient"}}, "/schedule"),
    ({"schedule": {"at": "2999-12-31T23:59", "zone": "America/New_York"}}, "/schedule"),
    ({"schedule": {"when": "wake", "colour": "red"}}, "/schedule/colour"),
    ({"cancel_if_answered": "yes"}, "/cancel_if_answered"),
    ({"quiet_hours": "ignore"}, "/quiet_hours"),
    ({"quiet_hours": None}, "/quiet_hours"),
    ({"quiet_hours": "override"}, "/reason"),
    ({"quiet_hours": "override", "reason": "  "}, "/reason"),
    ({"quiet_hours": "override", "reason": "x" * 201}, "/reason"),
    ({"quiet_hours": "override", "reason": 7}, "/reason"),
    ({"reason": "they bleed"}, "/reason"),
    ({"quiet_hours": "obey", "reason": "they bleed"}, "/reason"),
    ({"quiet_hours": "override", "reason": "an offer", "purpose": "marketing"}, "/quiet_hours"),
    ({"not_before": "2025-03-04T12:00:00Z"}, "/not_before"),
]


def _amiss(answer: Any, pointer: str) -> Any:
    """What is wrong with an answer that should refuse a field; empty when nothing is."""
    body = answer.get_json()
    is_unknown = "Unknown field." in [error["detail"] for error in body.get("errors", [])]
    if answer.status_code != (400 if is_unknown else 422) or answer.mimetype != "application/problem+json":
        return answer.status_code, body
    errors = body["errors"]
    is_told = pointer in [error.get("pointer") for error in errors]
    return "" if is_told and all(error["detail"].endswith(".") for error in errors) else errors


def test_what_cannot_be_is_refused_and_names_its_field(app: ApiClient, office: Office) -> None:
    answers = {
        str(fields): _amiss(app.send(to=ANNA, body="x", **fields), pointer) for fields, pointer in WRONG
    }
    assert {fields: amiss for fields, amiss in answers.items() if amiss} == {}
    assert office.messages() == []


def test_what_can_only_go_too_late_is_refused(app: ApiClient, office: Office) -> None:
    office.clock.now = NIGHT
    answer = app.send(to=ANNA, body="x", send_by="2025-03-04T07:00:00Z")
    _refused(answer, 422, "/send_by", "never_in_time")
    later = {"scheduled_at": "2025-03-05T12:00:00Z", "send_by": "2025-03-05T11:00:00Z"}
    _refused(app.send(to=ANNA, body="x", **later), 422, "/send_by", "never_in_time")
    assert office.messages() == []


@pytest.mark.parametrize(
    ("planned", "send_by", "warns"),
    [
        ("2025-03-04T10:00:00Z", "2025-03-04T12:59:59Z", True),
        ("2025-03-04T10:00:00Z", "2025-03-04T13:00:00Z", False),
        (None, "2025-03-03T11:00:00Z", False),
    ],
)
def test_a_planned_time_that_leaves_little_to_read_is_a_warning(
    app: ApiClient, planned: str | None, send_by: str, warns: bool
) -> None:
    answer = app.send(to=ANNA, body="x", scheduled_at=planned, send_by=send_by)
    codes = [warning["code"] for warning in answer.get_json()["warnings"]]
    assert ("late" in codes) is warns


def test_a_text_that_is_to_be_canceled_when_they_write_is(app: ApiClient, office: Office) -> None:
    fields = {"schedule": {"when": "wake"}, "cancel_if_answered": True}
    sent = app.send(to=ANNA, body="x", purpose="conversational", **fields).get_json()
    assert sent["cancel_if_answered"] is True
    office.text_from(ANNA, "I am here")
    now = app.get(sent["links"]["self"]).get_json()
    assert (now["state"], now["reason"]["code"]) == ("canceled", "they_wrote_first")
    assert now["would_send_at"] is None


# --- quiet hours overridden --------------------------------------------------------------------------


def test_an_override_goes_at_night_with_its_reason(app: ApiClient, office: Office) -> None:
    office.clock.now = NIGHT
    body = app.send(to=ANNA, body="x", quiet_hours="override", reason="the  tap bursts").get_json()
    assert body["waiting_for"] is None and body["would_send_at"] == "2025-03-04T03:10:00.000000Z"
    assert (body["quiet_hours"], body["override_reason"]) == ("override", "the tap bursts")
    log = app.get(f"{body['links']['self']}?explain=1").get_json()["decisions"]
    assert [(row["verdict"], row["code"]) for row in log] == [("send_now", "urgent")]


def test_an_override_needs_its_scope(panel: Flask, office: Office, line_is_up: None) -> None:
    but = [scope for scope in Scope if scope is not Scope.MESSAGES_OVERRIDE]
    plain = ApiClient(panel.test_client(), make_token(office, "plain", *but))
    fields = {"to": ANNA, "body": "x", "quiet_hours": "override", "reason": "the tap bursts"}
    assert "messages:override" in _refused(plain.send(**fields), 403)["detail"]
    _refused(plain.post("/api/v1/messages/preview", fields), 403)
    assert office.messages() == []
    sent = plain.send(to=ANNA, body="x").get_json()
    hurry = {"quiet_hours": "override", "reason": "the tap bursts"}
    _refused(plain.post(f"{sent['links']['self']}/send-now", hurry), 403)


# --- keys --------------------------------------------------------------------------------------------


def test_a_key_stands_for_the_time_as_well(app: ApiClient, office: Office) -> None:
    key = {"Idempotency-Key": "k"}
    first = app.send(key, to=ANNA, body="x", schedule={"when": "wake"})
    office.clock.step(hours=1)
    again = app.send(key, to=ANNA, body="x", schedule={"when": "wake"})
    assert again.get_json() == first.get_json() and again.headers["Idempotent-Replayed"] == "true"
    _refused(app.send(key, to=ANNA, body="x", schedule={"when": "open"}), 422, kind="idempotency_key_reused")
    _refused(app.send(key, to=ANNA, body="x"), 422, kind="idempotency_key_reused")
    assert len(office.messages()) == 1


# --- what would be done ------------------------------------------------------------------------------


def _preview(app: ApiClient, **fields: Any) -> dict[str, Any]:
    answer = app.post("/api/v1/messages/preview", {"to": ANNA, "body": "See you at nine", **fields})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.get_json()
    assert schemas_decisions.Preview().validate(body) == {}
    return body


def test_a_preview_by_day_goes_now(app: ApiClient, office: Office) -> None:
    body = _preview(app)
    assert body["verdict"] == "send_now" and body["would_send_at"] == "2025-03-03T09:30:00.000000Z"
    assert body["reasons"] == [] and (body["segments"], body["encoding"]) == (1, "gsm7")
    assert (body["to"], body["line"], body["body"]) == (ANNA, "front", "See you at nine")
    assert [rule["rule"] for rule in body["rules"]] == [
        "consent",
        "number",
        "deadline",
        "schedule",
        "clock",
        "restored",
        "quiet_hours",
        "caps",
        "line",
        "rate",
    ]
    assert {rule["verdict"] for rule in body["rules"]} == {"send_now"}


def test_a_preview_stores_nothing(app: ApiClient, office: Office) -> None:
    def everything() -> Any:
        return office.read(lambda tx: list(tx.connection.connection.iterdump()))  # type: ignore[attr-defined]

    before, commits = everything(), office.database.commits
    _preview(app, body="x" * 1000)
    _refused(app.post("/api/v1/messages/preview", {"to": "nobody", "body": "x"}), 422, "/to")
    assert everything() == before and office.database.commits == commits


def test_a_preview_at_night_says_when_and_why(app: ApiClient, office: Office) -> None:
    office.clock.now = NIGHT
    body = _preview(app, body="Ünï £€")
    assert (body["verdict"], body["would_send_at"]) == ("wait", "2025-03-04T08:00:00.000000Z")
    (reason,) = body["reasons"]
    assert reason["code"] == "quiet_hours" and "This will go" in reason["text"]
    (rule,) = [rule for rule in body["rules"] if rule["rule"] == "quiet_hours"]
    assert rule["verdict"] == "wait" and rule["until"] == body["would_send_at"]
    assert rule["inputs"]["zones"] == ["Europe/London"] and rule["inputs"]["zones_from"] == "number"
    assert rule["inputs"]["windows"] == ["daily 08:00-21:00"]


def test_a_preview_promises_what_sending_does(app: ApiClient, office: Office) -> None:
    for at in (NIGHT, NIGHT + timedelta(hours=8)):
        office.clock.now = at
        for fields in ({}, {"schedule": {"when": "wake"}}, {"purpose": "marketing"}):
            would = _preview(app, **fields)
            done = app.send(to=ANNA, body="x", **fields).get_json()
            assert would["would_send_at"] == done["would_send_at"]
            app.post(f"{done['links']['self']}/cancel")


@pytest.mark.parametrize("send_by", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("path", ["/api/v1/messages", "/api/v1/messages/preview"])
def test_a_year_that_no_zone_can_show_is_refused(app: ApiClient, path: str, send_by: str) -> None:
    for number in (ANNA, "+81312345678"):
        _refused(app.post(path, {"to": number, "body": "x", "send_by": send_by}), 422, "/send_by")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"send_by": "2025-03-04T03:00:00Z"}, "send_by_past"),
        ({"send_by": "2025-03-04T04:00:00Z"}, "never_in_time"),
        (
            {"purpose": "marketing", "quiet_hours": "override", "reason": "an offer"},
            "urgent_marketing",
        ),
    ],
)
def test_a_preview_of_what_may_not_go_says_why(
    app: ApiClient, office: Office, fields: dict[str, Any], code: str
) -> None:
    office.clock.now = NIGHT
    body = _preview(app, **fields)
    assert (body["verdict"], body["would_send_at"]) == ("refuse", None)
    assert body["reasons"][0]["code"] == code and body["reasons"][0]["text"].endswith(".")
    _refused(app.send(to=ANNA, body="x", **fields), 422, kind=code)


def test_a_preview_knows_who_said_stop(app: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "stop")
    body = _preview(app)
    assert body["verdict"] == "refuse" and body["reasons"][0]["code"] == "opted_out"
    assert [rule["verdict"] for rule in body["rules"] if rule["rule"] == "consent"] == ["refuse"]


def test_a_preview_refuses_what_cannot_be_read_as_sending_does(app: ApiClient) -> None:
    def ask(fields: dict[str, Any]) -> Any:
        return app.post("/api/v1/messages/preview", {"to": ANNA, "body": "x", **fields})

    unreadable = [(fields, pointer) for fields, pointer in WRONG if "purpose" not in fields]
    answers = {str(fields): _amiss(ask(fields), pointer) for fields, pointer in unreadable}
    assert {fields: amiss for fields, amiss in answers.items() if amiss} == {}


def test_a_preview_knows_how_the_line_is(app: ApiClient, office: Office) -> None:
    office.write(lambda tx: desk_lines.pause(tx, "front", "command:test", office.clock()))
    body = _preview(app)
    assert (body["verdict"], body["would_send_at"]) == ("wait", None)
    assert body["reasons"][0]["code"] == "line" and "paused" in body["reasons"][0]["text"]


def test_a_preview_knows_what_the_limits_leave(app: ApiClient, office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, limits=["1/minute"]))
    app.send(to=BEN, body="x")
    office.send_one(Accepted(1))
    body = _preview(app)
    assert body["verdict"] == "wait" and body["reasons"][0]["code"] == "rate"
    assert body["would_send_at"] > "2025-03-03T09:30:30"


def test_a_preview_is_for_those_who_may_send(panel: Flask, office: Office) -> None:
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.MESSAGES_READ))
    _refused(reader.post("/api/v1/messages/preview", {"to": ANNA, "body": "x"}), 403)
    plain = ApiClient(panel.test_client(), make_token(office, "plain", Scope.MESSAGES_SEND))
    fields = {"to": ANNA, "body": "x", "purpose": "marketing"}
    _refused(plain.post("/api/v1/messages/preview", fields), 403, "/purpose", "purpose")


# --- why -----------------------------------------------------------------------------------------------


def test_explain_says_what_every_rule_says(app: ApiClient, office: Office) -> None:
    office.clock.now = NIGHT
    office.write(lambda tx: lines.change(tx, office.line_id, limits=["300/day"]))
    sent = app.send(to=ANNA, body="x", send_by="2025-03-04T20:00:00Z").get_json()
    told = app.get(f"{sent['links']['self']}?explain=1").get_json()
    assert told["decision"]["verdict"] == "wait"
    assert told["decision"]["would_send_at"] == "2025-03-04T08:00:00.000000Z"
    assert told["decision"]["reasons"][0]["code"] == "quiet_hours"
    by_name = {rule["rule"]: rule for rule in told["rules"]}
    assert by_name["deadline"]["inputs"] == {"send_by": "2025-03-04T20:00:00.000000Z"}
    assert by_name["caps"]["inputs"]["caps"][0] == {
        "count": 3,
        "within": 86400.0,
        "purposes": ["auto", "feedback", "marketing", "transactional"],
    }
    assert by_name["rate"]["inputs"]["limits"] == ["300/day"]
    (logged,) = told["decisions"]
    assert (logged["verdict"], logged["code"]) == ("wait", "quiet_hours")
    assert logged["until"] == told["decision"]["would_send_at"] and logged["text"].startswith("Held")


def test_explain_of_what_is_over_tells_only_the_past(app: ApiClient, office: Office) -> None:
    sent = app.send(to=ANNA, body="x").get_json()
    office.send_one(Accepted(9))
    office.clock.step(seconds=2.5)
    office.report(9, ANNA)
    told = app.get(f"{sent['links']['self']}?explain=1").get_json()
    assert told["decision"] is None and told["rules"] == []
    assert told["delivery_seconds"] == 2.5
    assert told["evidence"] == [{"segment": 1, "code": "answer"}]


def test_explain_names_what_settled_an_unclear_text(app: ApiClient, office: Office) -> None:
    sent = app.send(to=ANNA, body="x").get_json()
    office.send_one(CannotTell("timeout"))
    doubtful = app.get(f"{sent['links']['self']}?explain=1").get_json()
    assert doubtful["evidence"] == [] and doubtful["delivery_seconds"] is None
    row = office.messages()[0]
    office.write(lambda tx: unclear.mark_sent(tx, row.id, SAM, office.clock()))
    told = app.get(f"{sent['links']['self']}?explain=1").get_json()
    assert told["evidence"] == [{"segment": 1, "code": "person"}]


def test_explain_knows_a_text_that_waits_for_the_one_before(app: ApiClient, office: Office) -> None:
    app.send(to=ANNA, body="first")
    office.send_one(CannotTell("timeout"))
    second = app.send(to=ANNA, body="second").get_json()
    assert (second["waiting_for"], second["would_send_at"]) == ("order", None)
    told = app.get(f"{second['links']['self']}?explain=1").get_json()
    assert told["decision"]["verdict"] == "wait" and told["decision"]["reasons"][0]["code"] == "order"


def test_a_text_that_came_in_has_nothing_to_decide(app: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "hello")
    (text,) = app.get("/api/v1/messages").get_json()["data"]
    told = app.get(f"{text['links']['self']}?explain=1").get_json()
    assert told["decision"] is None and told["rules"] == told["decisions"] == []
    assert told["quiet_hours"] is None and told["cancel_if_answered"] is None


# --- changing what waits -----------------------------------------------------------------------------


@pytest.fixture
def planned(app: ApiClient) -> dict[str, Any]:
    """A text for tomorrow at ten."""
    fields = {"scheduled_at": "2025-03-04T10:00:00Z", "send_by": "2025-03-04T20:00:00Z"}
    body: dict[str, Any] = app.send(to=ANNA, body="x", **fields).get_json()
    return body


def test_words_and_time_are_changed(app: ApiClient, office: Office, planned: dict[str, Any]) -> None:
    changed = _patch(app, planned["id"], body="y" * 200, schedule={"when": "open"}).get_json()
    assert (changed["body"], changed["segments"]) == ("y" * 200, 2)
    assert changed["schedule"]["when"] == "open"
    assert changed["would_send_at"] == "2025-03-04T09:00:00.000000Z"
    assert len(office.parts(office.messages()[0].id)) == 2
    assert app.get(planned["links"]["self"]).get_json()["body"] == "y" * 200


@pytest.mark.parametrize("cancel", [True, False])
def test_whether_an_answer_cancels_it_is_changed(app: ApiClient, office: Office, cancel: bool) -> None:
    when = {"schedule": {"when": "wake"}, "cancel_if_answered": not cancel}
    sent = app.send(to=ANNA, body="Are you well?", **when).get_json()
    changed = _patch(app, sent["id"], cancel_if_answered=cancel).get_json()
    assert changed["cancel_if_answered"] is cancel
    assert changed["schedule"] == sent["schedule"] and changed["due_at"] == sent["due_at"]
    office.text_from(ANNA, "Hello")
    state = app.get(f"/api/v1/messages/{sent['id']}").get_json()["state"]
    assert state == ("canceled" if cancel else "queued")


@pytest.mark.parametrize("wrong", [None, "yes"])
def test_whether_an_answer_cancels_it_is_true_or_false(app: ApiClient, wrong: Any) -> None:
    sent = app.send(to=ANNA, body="Are you well?", schedule={"when": "wake"}).get_json()
    _refused(_patch(app, sent["id"], cancel_if_answered=wrong), 422, "/cancel_if_answered")


def test_null_lets_it_go_as_soon_as_it_may(app: ApiClient, planned: dict[str, Any]) -> None:
    changed = _patch(app, planned["id"], scheduled_at=None).get_json()
    assert changed["schedule"] is None and changed["waiting_for"] is None
    assert changed["would_send_at"] == "2025-03-03T09:30:00.000000Z"


@pytest.mark.parametrize(
    ("scheduled_at", "send_by"),
    [
        ("2025-03-06T10:00:00Z", "2025-03-06T20:00:00Z"),
        ("2025-03-03T10:00:00Z", "2025-03-03T20:00:00Z"),
        ("2025-03-06T10:00:00Z", None),
        ("2025-03-04T19:00:00Z", "2025-03-04T19:30:00Z"),
    ],
)
def test_both_times_move_together(
    app: ApiClient, planned: dict[str, Any], scheduled_at: str, send_by: str | None
) -> None:
    answer = _patch(app, planned["id"], scheduled_at=scheduled_at, send_by=send_by)
    assert answer.status_code == 200, answer.get_json()
    changed = answer.get_json()
    assert changed["would_send_at"] == scheduled_at.replace("Z", ".000000Z")
    assert (changed["send_by"] is None) is (send_by is None)


WRONG_CHANGES: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"to": BEN}, "/to"),
    ({"purpose": "marketing"}, "/purpose"),
    ({"body": ""}, "/body"),
    ({"body": None}, "/body"),
    ({"body": "half \ud83d"}, "/body"),
    ({"body": "x" * (255 * 153 + 1)}, "/body"),
    ({"scheduled_at": "2025-03-04T12:00:00"}, "/scheduled_at"),
    ({"scheduled_at": "2025-03-03T09:00:00Z"}, "/scheduled_at"),
    ({"scheduled_at": "2025-03-05T12:00:00Z"}, "/send_by"),
    ({"schedule": {"when": "wake", "zone": "office"}}, "/schedule/when"),
    ({"send_by": "2025-03-03T09:00:00Z"}, "/send_by"),
    ({"send_by": "2025-03-04T09:00:00Z"}, "/send_by"),
    ({"scheduled_at": "2025-03-04T11:00:00Z", "schedule": {"when": "wake"}}, "/schedule"),
]


def test_what_it_cannot_become_is_refused_and_nothing_changed(
    app: ApiClient, planned: dict[str, Any]
) -> None:
    before = app.get(f"{planned['links']['self']}?explain=1").get_json()
    answers = {
        str(fields): _amiss(_patch(app, planned["id"], **more, **fields), pointer)
        for fields, pointer in WRONG_CHANGES
        for more in ([{}, {"body": "other words"}] if fields and "body" not in fields else [{}])
    }
    assert {fields: amiss for fields, amiss in answers.items() if amiss} == {}
    assert app.get(f"{planned['links']['self']}?explain=1").get_json() == before


def test_what_is_sent_or_over_is_not_changed(app: ApiClient, office: Office) -> None:
    sent = app.send(to=ANNA, body="x").get_json()
    office.send_one(Accepted(4))
    canceled = app.send(to=ANNA, body="y").get_json()
    app.post(f"{canceled['links']['self']}/cancel")
    for text in (sent, canceled):
        _refused(_patch(app, text["id"], body="z"), 409, kind="not_changeable")
        _refused(_patch(app, text["id"], scheduled_at=None), 409)
        _refused(app.post(f"{text['links']['self']}/send-now"), 409)
    office.text_from(ANNA, "hello")
    (came, *_) = app.get("/api/v1/messages?direction=inbound").get_json()["data"]
    _refused(_patch(app, came["id"], body="z"), 409)
    _refused(_patch(app, "msg_0", body="z"), 404)
    _refused(app.post("/api/v1/messages/msg_0/send-now"), 404)


def test_send_now_drops_the_time_but_not_the_night(app: ApiClient, office: Office) -> None:
    sent = app.send(to=ANNA, body="x", scheduled_at="2025-03-05T10:00:00Z").get_json()
    office.clock.now = NIGHT
    here = f"{sent['links']['self']}/send-now"
    held = app.post(here).get_json()
    assert (held["waiting_for"], held["would_send_at"]) == ("quiet_hours", "2025-03-04T08:00:00.000000Z")
    _refused(app.post(here, {"quiet_hours": "override"}), 422, "/reason")
    _refused(app.post(here, {"now": True}), 400, "/now")
    gone = app.post(here, {"quiet_hours": "override", "reason": "the tap bursts"}).get_json()
    assert gone["waiting_for"] is None and gone["override_reason"] == "the tap bursts"


def test_a_token_changes_only_texts_it_may_send(panel: Flask, office: Office, line_is_up: None) -> None:
    theirs = office.message(office.accept(ANNA, "from a person")).public_id
    plain = ApiClient(panel.test_client(), make_token(office, "plain", *Scope))
    ways: list[Callable[[], Any]] = [
        lambda: _patch(plain, theirs, body="z"),
        lambda: plain.post(f"/api/v1/messages/{theirs}/send-now"),
        lambda: plain.post(f"/api/v1/messages/{theirs}/cancel"),
    ]
    for ask in ways:
        _refused(ask(), 403, "/purpose", "purpose")
    assert office.messages()[0].body == "from a person"
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.MESSAGES_READ))
    _refused(_patch(reader, theirs, body="z"), 403)


# --- what goes by itself -----------------------------------------------------------------------------


def test_what_goes_by_itself_is_listed_by_when(app: ApiClient, office: Office) -> None:
    for day in (6, 4, 5):
        app.send(to=ANNA, body=f"March {day}", scheduled_at=f"2025-03-0{day}T10:00:00Z")
    app.send(to=BEN, body="today", purpose="conversational")
    office.text_from(ANNA, "hello")

    def bodies(query: str) -> list[str]:
        answer = app.get(f"/api/v1/messages?{query}")
        assert answer.status_code == 200, answer.get_json()
        return [m["body"] for m in answer.get_json()["data"]]

    assert bodies("order=due") == ["today", "March 4", "March 5", "March 6"]
    assert bodies("order=due&scheduled=true") == ["March 4", "March 5", "March 6"]
    assert bodies("scheduled=true&limit=1") == ["March 5"]
    assert bodies("scheduled=false") == ["hello", "today"]
    assert bodies("purpose=conversational") == ["today"]
    assert bodies("waiting_for=schedule&order=due") == ["March 4", "March 5", "March 6"]
    assert bodies("waiting_for=quiet_hours") == bodies("waiting_for=line") == []
    office.write(lambda tx: desk_lines.pause(tx, "front", "command:test", office.clock()))
    assert bodies("waiting_for=line") == ["today"]


def test_each_filter_of_waiting_agrees_with_what_each_text_says(app: ApiClient, office: Office) -> None:
    office.clock.now = NIGHT
    app.send(to=ANNA, body="night")
    app.send(to=CARA, body="evening", purpose="conversational")
    app.send(to=BEN, body="later", scheduled_at="2025-03-05T10:00:00Z")
    desk_is = [{"status": "up", "code": "ready"}, {"status": "down", "code": "opening"}]
    for line in desk_is:
        office.write(lambda tx, line=line: lines.change(tx, office.line_id, **line))
        for at in (NIGHT, NIGHT + timedelta(hours=6), NIGHT + timedelta(days=2)):
            office.clock.now = at
            every = app.get("/api/v1/messages").get_json()["data"]
            for why in ("schedule", "quiet_hours", "cap", "line", "clock", "retry", "doubt", "approval"):
                listed = app.get(f"/api/v1/messages?waiting_for={why}").get_json()["data"]
                assert listed == [text for text in every if text["waiting_for"] == why], (line, at, why)


def test_pages_by_when_hold_every_text_once(app: ApiClient, office: Office) -> None:
    for n in range(7):  # several are due at the same time
        at = f"2025-03-04T1{n // 3}:00:00Z"
        app.send(to=ANNA, body=f"{n}", scheduled_at=at, purpose="conversational")
    seen, cursor = [], ""
    while True:
        page = app.get(f"/api/v1/messages?order=due&limit=2{cursor}")
        seen += [m["body"] for m in page.get_json()["data"]]
        following = page.get_json()["next_cursor"]
        if following is None:
            break
        assert f"cursor={following}" in page.headers["Link"]
        cursor = f"&cursor={following}"
    assert seen == [f"{n}" for n in range(7)]


NO_LISTS = [
    "waiting_for=rate",
    "waiting_for=nothing",
    "purpose=spam",
    "scheduled=perhaps",
    "order=oldest",
    "order=due&cursor=AAAAAAAAAAA",
    "cursor=AAAAAAAAAAAAAAAAAAAAAA",
    "order=due&cursor=f_________8AAAAAAAAAAA",
    "order=due&cursor=f__________AAAAAAAAAAA",
]


def test_a_list_of_what_is_not_is_refused(app: ApiClient) -> None:
    app.send(to=ANNA, body="x")
    answers = {query: app.get(f"/api/v1/messages?{query}").status_code for query in NO_LISTS}
    assert set(answers.values()) == {422}, answers


# --- lines -------------------------------------------------------------------------------------------


def test_a_line_tells_how_much_of_its_limits_is_used(app: ApiClient, office: Office) -> None:
    limits = [str(limit) for limit in (Limit(2, "minute"), Limit(10, "day"))]
    office.write(lambda tx: lines.change(tx, office.line_id, limits=limits))
    for n in range(2):
        app.send(to=ANNA, body=f"{n}", purpose="conversational")
        office.send_one(Accepted(n))
    office.clock.step(seconds=10)
    minute, day = app.get("/api/v1/lines/front").get_json()["usage"]
    assert (minute["limit"], minute["used"], day["limit"], day["used"]) == ("2/minute", 2, "10/day", 2)
    assert [room["rank"] for room in day["ranks"]] == [
        "answer",
        "reply",
        "reminder",
        "feedback",
        "marketing",
    ]
    assert {(room["most"], room["left"]) for room in minute["ranks"]} == {(2, 0)}
    assert minute["ranks"][0]["next_at"] > "2025-03-03T09:30:59"
    assert [(room["most"], room["left"]) for room in day["ranks"]] == [
        (10, 8),
        (10, 8),
        (9, 7),
        (8, 6),
        (7, 5),
    ]
    assert day["ranks"][0]["next_at"] == "2025-03-03T09:30:10.000000Z"


def test_a_queue_names_what_its_texts_wait_for(app: ApiClient, office: Office) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, limits=["1/minute"]))
    app.send(to=BEN, body="gone", purpose="conversational")
    office.send_one(Accepted(1))
    office.clock.step(seconds=5)
    app.send(to=ANNA, body="a")
    app.send(to=ANNA, body="b")
    app.send(to=CARA, body="c", scheduled_at="2025-03-04T18:00:00Z")
    queue = app.get("/api/v1/lines/front").get_json()["queue"]
    told = {(group["purpose"], group["waiting_for"]): group["texts"] for group in queue}
    assert told == {("transactional", "rate"): 2, ("transactional", "schedule"): 1}
    metrics = app.get("/metrics").get_data(as_text=True)
    assert 'smsgw_queue_messages{line="front",purpose="transactional",waiting_for="rate"} 2.0' in metrics
    office.clock.step(seconds=20)
    metrics = app.get("/metrics").get_data(as_text=True)
    assert 'smsgw_queue_oldest_seconds{line="front"} 20.0' in metrics
    assert 'smsgw_unconfirmed_messages{line="front"} 0.0' in metrics


def test_unclear_texts_are_counted(app: ApiClient, office: Office) -> None:
    app.send(to=ANNA, body="x")
    office.send_one(CannotTell("timeout"))
    metrics = app.get("/metrics").get_data(as_text=True)
    assert 'smsgw_unconfirmed_messages{line="front"} 1.0' in metrics
    assert 'smsgw_queue_oldest_seconds{line="front"} 0.0' in metrics


# --- contacts ----------------------------------------------------------------------------------------


def test_a_contact_is_named_and_placed(app: ApiClient, office: Office) -> None:
    contact = app.send(to=CARA, body="x").get_json()["contact"]
    path = f"/api/v1/contacts/{contact}"
    before = app.get(path).get_json()
    assert (before["id"], before["name"], before["numbers"], before["time_zone"]) == (
        contact,
        None,
        [CARA],
        None,
    )
    fields = {"name": "Cara", "time_zone": "Asia/Dubai"}
    changed = app.client.patch(path, json=fields, headers=app.headers).get_json()
    assert (
        (changed["name"], changed["time_zone"])
        == ("Cara", "Asia/Dubai")
        == (
            app.get(path).get_json()["name"],
            app.get(path).get_json()["time_zone"],
        )
    )
    wakes = app.send(to=CARA, body="y", schedule={"when": "wake"}).get_json()
    assert wakes["schedule"] == {"when": "wake", "at": "2025-03-04T08:00:00", "zone": "Asia/Dubai"}
    forgotten = app.client.patch(path, json={"time_zone": None}, headers=app.headers).get_json()
    assert (forgotten["name"], forgotten["time_zone"]) == ("Cara", None)


NO_CONTACTS: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"name": "x" * 81}, "/name"),
    ({"name": "\u202e"}, "/name"),
    ({"name": "\ud800"}, "/name"),
    ({"time_zone": "Mars/Olympus"}, "/time_zone"),
    ({"time_zone": "localtime"}, "/time_zone"),
    ({"time_zone": "recipient"}, "/time_zone"),
    ({"number": BEN}, "/number"),
]


def test_what_a_contact_cannot_be_is_refused(app: ApiClient) -> None:
    path = f"/api/v1/contacts/{app.send(to=CARA, body='x').get_json()['contact']}"
    before = app.get(path).get_json()
    answers = {
        str(fields): _amiss(app.client.patch(path, json=fields, headers=app.headers), pointer)
        for fields, pointer in NO_CONTACTS
    }
    assert {fields: amiss for fields, amiss in answers.items() if amiss} == {}
    assert app.get(path).get_json() == before


def test_contacts_have_scopes_of_their_own(app: ApiClient, panel: Flask, office: Office) -> None:
    path = f"/api/v1/contacts/{app.send(to=CARA, body='x').get_json()['contact']}"
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.CONTACTS_READ))
    assert reader.get(path).status_code == 200
    _refused(reader.client.patch(path, json={"name": "C"}, headers=reader.headers), 403)
    sender = ApiClient(panel.test_client(), make_token(office, "sender", Scope.MESSAGES_SEND))
    _refused(sender.get(path), 403)
    _refused(app.get("/api/v1/contacts/con_0"), 404)
