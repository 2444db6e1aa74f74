"""The API's contract: what is accepted, what is refused and how, keys, pages, the document."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gateway.desk import lines as desk_lines
from gateway.desk import unclear
from gateway.domain.line import Accepted, CannotTell
from gateway.domain.message import Purpose, State
from gateway.domain.people import Scope
from gateway.domain.policy import RULES
from gateway.domain.refusal_words import REFUSALS
from gateway.store import messages, reroutes
from gateway.store import settings as store_settings
from gateway.web import objects, problems, schemas, schemas_contacts, schemas_requests
from tests.office import ANNA, BEN, CARA, SAM, Office
from tests.web.conftest import ApiClient, make_token

PROBLEM_FIELDS = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "errors",
    "request_id",
    "message",
    "more_info",
}


def _is_problem(answer: Any, status: int, code: int | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = answer.get_json()
    assert set(body) == PROBLEM_FIELDS and body["status"] == status
    assert body["detail"] and body["message"] == body["detail"]
    if code is not None:
        assert body["code"] == code
    return body


# --- sending -----------------------------------------------------------------------------------------


def test_an_accepted_text_is_answered_with_its_object_and_place(shop: ApiClient, office: Office) -> None:
    answer = shop.send(to=ANNA, body="See you at nine", reference="order 7")
    assert answer.status_code == 202
    body = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/messages/{body['id']}"
    assert body["direction"] == "outbound" and body["state"] == "queued"
    assert (body["to"], body["from"], body["line"]) == (ANNA, None, "front")
    assert body["purpose"] == "transactional" and body["segments"] == 1 and body["reference"] == "order 7"
    assert body["author"] == {"kind": "token", "name": "shop"} and body["reason"] is None
    (row,) = office.messages()
    assert (row.public_id, row.body) == (body["id"], "See you at nine")
    del body["warnings"]
    assert shop.get(answer.headers["Location"]).get_json() == body


@pytest.mark.parametrize(
    "body",
    ["[" * 200_000, '{"to": ' + "9" * 100_000 + "}", "{", b"\xff\xfe{"],
    ids=["deep", "long", "cut", "odd"],
)
def test_a_body_that_cannot_be_read_is_refused(shop: ApiClient, body: str | bytes) -> None:
    answer = shop.post("/api/v1/messages", data=body, content_type="application/json")
    _is_problem(answer, 400, 20001)


def test_a_number_that_cannot_be_real_is_a_warning_and_no_refusal(shop: ApiClient, office: Office) -> None:
    assert shop.send(to=CARA, body="hi").get_json()["warnings"] == []
    answer = shop.send({"Idempotency-Key": "k"}, to=ANNA, body="hi")
    assert answer.status_code == 202
    (warning,) = answer.get_json()["warnings"]
    assert warning["code"] == "not_valid" and "in no range that is known to be in use" in warning["text"]
    again = shop.send({"Idempotency-Key": "k"}, to=ANNA, body="hi")
    assert again.get_json()["warnings"] == [warning] and len(office.messages()) == 2


def test_the_object_is_the_documented_one(shop: ApiClient) -> None:
    body = shop.send(to=ANNA, body="hi").get_json()
    explained = shop.get(f"/api/v1/messages/{body['id']}?explain=1").get_json()
    assert set(explained) == set(schemas.Message().fields)
    assert set(explained) - set(body) == {
        "decision",
        "rules",
        "decisions",
        "history",
        "attempts",
        "evidence",
        "reports",
        "delivery_seconds",
    }
    assert schemas.Message().validate(explained) == {}


def test_a_repeated_text_names_the_one_it_repeats(shop: ApiClient, office: Office) -> None:
    first = shop.send(to=ANNA, body="hi").get_json()
    assert first["resend_of"] is None
    message_id = office.messages()[0].id
    office.send_one(CannotTell("timeout"))
    again_id = office.write(lambda tx: unclear.send_again(tx, message_id, SAM, office.clock()))
    again = shop.get(f"/api/v1/messages/{office.message(again_id).public_id}").get_json()
    assert again["resend_of"] == first["id"]
    assert [row["resend_of"] for row in shop.get("/api/v1/messages").get_json()["data"]] == [
        first["id"],
        None,
    ]


def test_a_text_another_line_took_over_names_the_line_it_was_written_on(
    shop: ApiClient, office: Office
) -> None:
    sent = shop.send(to=ANNA, body="hi").get_json()
    assert (sent["line"], sent["rerouted_from"]) == ("front", None)
    back = office.add_line("back")
    message_id = office.messages()[0].id
    office.write(lambda tx: reroutes.move(tx, message_id, back, "front", report_wanted=True))
    moved = shop.get(f"/api/v1/messages/{sent['id']}").get_json()
    assert (moved["line"], moved["rerouted_from"]) == ("back", "front")


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"to": "+44 77", "body": "x"}, 21211, "/to"),
        ({"to": "07700 900123", "body": "x"}, 21211, "/to"),
        ({"to": ANNA, "body": " "}, 21602, "/body"),
        ({"to": ANNA, "body": ""}, 21602, "/body"),
        ({"to": ANNA, "body": "half \ud83d"}, 21617, "/body"),
        ({"to": ANNA, "body": "\ud83d" * 40_000}, 21617, "/body"),
        ({"to": ANNA, "body": "x" * (255 * 153 + 1)}, 21617, "/body"),
        ({"to": ANNA, "body": "é€[" * 10_000}, 21617, "/body"),
        ({"to": ANNA, "body": "x", "line": "back"}, 21606, "/line"),
        ({"to": ANNA}, 20422, "/body"),
        ({"body": "x"}, 20422, "/to"),
        ({"to": ANNA, "body": "x", "purpose": "spam"}, 20422, "/purpose"),
        ({"to": ANNA, "body": 7}, 20422, "/body"),
        ({"to": None, "body": "x"}, 20422, "/to"),
        ({"to": "\udfff", "body": "x"}, 20422, "/to"),
        ({"to": ANNA, "body": "x", "reference": "\ud800"}, 20422, "/reference"),
        ({"to": ANNA, "body": "x", "send_by": "tomorrow"}, 20422, "/send_by"),
        ({"to": ANNA, "body": "x", "on_unconfirmed": "always"}, 20422, "/on_unconfirmed"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_nothing_stored(
    shop: ApiClient, office: Office, fields: dict[str, Any], code: int, pointer: str
) -> None:
    body = _is_problem(shop.send(**fields), 422, code)
    assert pointer in [error["pointer"] for error in body["errors"]]
    assert office.messages() == [] and "conversation.opened" not in office.event_kinds()


def test_fault_85_unknown_fields_and_parameters_are_refused_with_400(shop: ApiClient, office: Office) -> None:
    sent = shop.send(to=ANNA, body="x").get_json()
    here = sent["links"]["self"]
    body = _is_problem(shop.send(to=ANNA, body="x", state="delivered"), 400, 20001)
    assert body["errors"] == [{"pointer": "/state", "detail": "Unknown field."}]
    change = shop.client.patch(here, json={"body": "y", "state": "delivered"}, headers=shop.headers)
    _is_problem(change, 400, 20001)
    _is_problem(shop.get("/api/v1/messages?colour=red"), 400, 20001)
    assert shop.get(here).get_json()["state"] == "queued" and len(office.messages()) == 1


def test_the_longest_text_goes(shop: ApiClient) -> None:
    assert shop.send(to=ANNA, body="x" * (255 * 153)).get_json()["segments"] == 255


def test_an_opted_out_number_is_refused_with_the_known_code(shop: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "stop")
    body = _is_problem(shop.send(to=ANNA, body="x"), 422, 21610)
    assert body["type"].endswith("opted_out") and "They asked us to stop" in body["detail"]
    assert [row.purpose for row in office.messages(direction="outbound")] == ["compliance"]


def test_national_numbers_are_read_where_the_country_is_known(shop: ApiClient, office: Office) -> None:
    office.write(lambda tx: store_settings.put(tx, "office.country", "GB"))
    assert shop.send(to="07700 900123", body="x").get_json()["to"] == ANNA
    assert [m["to"] for m in shop.get("/api/v1/messages?to=07700900123").get_json()["data"]] == [ANNA]


def test_with_several_lines_one_must_be_named(shop: ApiClient, office: Office) -> None:
    office.add_line("back")
    assert "front, back" in _is_problem(shop.send(to=ANNA, body="x"), 422, 21606)["detail"]
    assert shop.send(to=ANNA, body="x", line="back").get_json()["line"] == "back"


def test_without_a_line_it_is_said_how_to_get_one(shop: ApiClient, office: Office) -> None:
    office.write(lambda tx: desk_lines.remove(tx, "front", "command:test", office.clock()))
    assert "line add" in _is_problem(shop.send(to=ANNA, body="x"), 422, 21606)["detail"]


def test_a_token_sends_only_its_purposes(panel: Flask, office: Office) -> None:
    newsletter = ApiClient(
        panel.test_client(),
        make_token(office, "news", Scope.MESSAGES_SEND, purposes=(Purpose.MARKETING,)),
    )
    body = _is_problem(newsletter.send(to=ANNA, body="x"), 403, 21620)
    assert "only: marketing" in body["detail"]
    assert newsletter.send(to=ANNA, body="x", purpose="marketing").status_code == 202


def test_a_text_of_use_until_a_time_keeps_it(shop: ApiClient, office: Office) -> None:
    until = office.clock() + timedelta(hours=2)
    answer = shop.send(to=ANNA, body="x", send_by=until.isoformat(), on_unconfirmed="resend_once").get_json()
    assert answer["send_by"] == "2025-03-03T11:30:00.000000Z" and answer["on_unconfirmed"] == "resend_once"


def test_a_waiting_text_is_canceled_and_a_sent_one_is_not(shop: ApiClient, office: Office) -> None:
    first = shop.send(to=ANNA, body="x").get_json()
    canceled = shop.post(f"/api/v1/messages/{first['id']}/cancel").get_json()
    assert canceled["state"] == "canceled" and canceled["reason"]["text"] == "It was canceled before it went."
    second = shop.send(to=ANNA, body="y").get_json()
    office.send_one(Accepted(4))
    _is_problem(shop.post(f"/api/v1/messages/{second['id']}/cancel"), 409, 21621)


# --- keys --------------------------------------------------------------------------------------------


def test_a_repeated_key_answers_the_stored_answer(shop: ApiClient, office: Office) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = shop.send(key, to=ANNA, body="x")
    office.send_one(Accepted(1))
    again = shop.send(key, to=ANNA, body="x")
    assert (again.status_code, again.get_json()) == (202, first.get_json())
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert again.headers["Location"] == first.headers["Location"]
    assert len(office.messages()) == 1


def test_a_key_for_another_body_is_refused(shop: ApiClient, office: Office) -> None:
    shop.send({"Idempotency-Key": "k"}, to=ANNA, body="x")
    body = _is_problem(shop.send({"Idempotency-Key": "k"}, to=ANNA, body="y"), 422)
    assert body["type"].endswith("idempotency_key_reused")
    assert len(office.messages()) == 1


def test_a_key_belongs_to_its_token(shop: ApiClient, panel: Flask, office: Office) -> None:
    other = ApiClient(panel.test_client(), make_token(office, "other", Scope.MESSAGES_SEND))
    shop.send({"Idempotency-Key": "k"}, to=ANNA, body="x")
    assert "Idempotent-Replayed" not in other.send({"Idempotency-Key": "k"}, to=ANNA, body="x").headers
    assert len(office.messages()) == 2


def test_a_refused_request_may_be_sent_again_with_its_key(shop: ApiClient, office: Office) -> None:
    _is_problem(shop.send({"Idempotency-Key": "k"}, to="nobody", body="x"), 422)
    assert shop.send({"Idempotency-Key": "k"}, to=ANNA, body="x").status_code == 202


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_no_use_is_refused(shop: ApiClient, office: Office, key: str) -> None:
    _is_problem(shop.send({"Idempotency-Key": key}, to=ANNA, body="x"), 422)
    assert office.messages() == []


def test_requests_racing_with_one_key_send_one_text(panel: Flask, office: Office, shop: ApiClient) -> None:
    def ask(_: int) -> Any:
        return ApiClient(panel.test_client(), shop.headers["Authorization"].split()[1]).send(
            {"Idempotency-Key": "race"}, to=ANNA, body="x"
        )

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.get_json()["id"] for answer in answers}) == 1 == len(office.messages())
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1


# --- reading -----------------------------------------------------------------------------------------


def test_both_directions_are_listed_newest_first_and_filtered(shop: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "hello")
    shop.send(to=ANNA, body="hi")
    shop.send(to=BEN, body="to Ben")
    every = shop.get("/api/v1/messages").get_json()
    assert [m["body"] for m in every["data"]] == ["to Ben", "hi", "hello"] and every["next_cursor"] is None

    def bodies(query: str) -> list[str]:
        return [m["body"] for m in shop.get(f"/api/v1/messages?{query}").get_json()["data"]]

    assert bodies("direction=inbound") == ["hello"]
    assert bodies("to=%2B447700900123") == ["hi"]
    assert bodies("from=%2B447700900123") == ["hello"]
    assert bodies("state=queued") == ["to Ben", "hi"]
    assert bodies("state=received&direction=outbound") == []


def test_pages_are_stable_while_texts_come(shop: ApiClient, office: Office) -> None:
    for n in range(10):
        office.text_from(ANNA, f"text {n}")
    seen, cursor = [], ""
    while True:
        page = shop.get(f"/api/v1/messages?limit=3{cursor}")
        seen += [m["body"] for m in page.get_json()["data"]]
        office.text_from(BEN, "one more")
        if page.get_json()["next_cursor"] is None:
            break
        assert page.headers["Link"] == (
            f'</api/v1/messages?limit=3&cursor={page.get_json()["next_cursor"]}>; rel="next"'
        )
        cursor = f"&cursor={page.get_json()['next_cursor']}"
    assert seen == [f"text {n}" for n in reversed(range(10))]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=x",
        "state=gone",
        "direction=up",
        "cursor=%00",
        "cursor=abc",
    ],
)
def test_a_filter_that_is_none_is_refused(shop: ApiClient, query: str) -> None:
    _is_problem(shop.get(f"/api/v1/messages?{query}"), 422)


def test_explain_tells_the_whole_history(shop: ApiClient, office: Office) -> None:
    sent = shop.send(to=ANNA, body="x").get_json()
    office.send_one(Accepted(9))
    office.clock.step(seconds=5)
    office.report(9, ANNA)
    explained = shop.get(f"/api/v1/messages/{sent['id']}?explain=1").get_json()
    assert explained["state"] == "delivered"
    became = [change["became"] for change in explained["history"] if change["segment"] is None]
    assert became == ["sending", "sent", "delivered"]
    assert [attempt["outcome"] for attempt in explained["attempts"]] == ["accepted"]
    assert [report["status"] for report in explained["reports"]] == [0]


def test_every_state_can_be_asked_for(shop: ApiClient) -> None:
    for state in State:
        assert shop.get(f"/api/v1/messages?state={state}").status_code == 200


def test_objects_are_the_same_without_flask(shop: ApiClient, office: Office) -> None:
    sent = shop.send(to=ANNA, body="x").get_json()
    row = office.read(lambda tx: messages.by_public_id(tx, sent["id"]))
    assert row is not None
    told = office.read(lambda tx: objects.accepted(tx, row, office.clock()))
    assert json.loads(json.dumps(told)) == sent


# --- errors ------------------------------------------------------------------------------------------


def test_every_error_is_a_problem(shop: ApiClient, panel: Flask) -> None:
    nobody = panel.test_client()
    assert _is_problem(nobody.get("/api/v1/messages"), 401, 20003)
    assert nobody.get("/api/v1/messages").headers["WWW-Authenticate"].startswith("Bearer")
    _is_problem(nobody.get("/api/v1/messages", headers={"Authorization": "Bearer gw_wrong"}), 401)
    _is_problem(nobody.get("/metrics"), 401)
    _is_problem(shop.get("/api/v1/nothing"), 404, 20404)
    _is_problem(shop.get("/api/v1/messages/msg_0"), 404)
    refused = shop.client.delete("/api/v1/messages", headers=shop.headers)
    _is_problem(refused, 405)
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    _is_problem(shop.post("/api/v1/messages", data={"to": ANNA}), 415)
    _is_problem(shop.post("/api/v1/messages", data="{", content_type="application/json"), 400)
    _is_problem(shop.post("/api/v1/messages", data=b"\xff{", content_type="application/json"), 400)
    _is_problem(shop.post("/api/v1/messages", json=[1]), 422)
    _is_problem(shop.post("/api/v1/messages"), 422)


def test_a_bug_is_a_problem_too_and_named_in_the_log(
    shop: ApiClient, panel: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("a bug")

    panel.view_functions["api.every"] = broken
    broken.access = Scope.MESSAGES_READ  # type: ignore[attr-defined]
    panel.testing = False
    body = _is_problem(shop.get("/api/v1/messages"), 500, 20500)
    assert "bug" not in body["detail"]
    assert body["request_id"] in caplog.text


def test_every_refusal_names_a_field_or_is_a_conflict() -> None:
    assert set(problems.FIELD) | problems.CONFLICTS | problems.MISSING == set(REFUSALS)


# --- the document ------------------------------------------------------------------------------------


def test_the_docs_name_every_field_scope_and_filter() -> None:
    page = (Path(__file__).parents[2] / "docs/api.md").read_text()
    requests = (
        schemas_requests.NewMessage,
        schemas_requests.ChangedMessage,
        schemas_requests.SendNow,
        schemas_requests.ListQuery,
        schemas_contacts.ChangedContact,
        schemas_contacts.PutContact,
    )
    fields = {field.data_key or name for schema in requests for name, field in schema().fields.items()}
    named = fields | set(Scope) | {rule.__name__ for rule in RULES}
    assert {name for name in named if f"`{name}`" not in page} == set()


_METHODS = ("GET", "PATCH", "POST", "PUT")


def test_the_document_describes_every_route(panel: Flask) -> None:
    document = panel.test_client().get("/api/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    documented = {(path, method.upper()) for path, ways in document["paths"].items() for method in ways}
    routes = {
        (re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in panel.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method in documented if method in _METHODS} == routes


def test_the_api_keeps_to_its_document(panel: Flask, shop: ApiClient) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", panel)
    for found in schema.get_all_operations():

        @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=found.ok().as_strategy())
        def keeps(case: Any) -> None:
            # which numbers and lines exist is more than a schema can say
            case.call_and_validate(headers=shop.headers, excluded_checks=[positive_data_acceptance])

        keeps()
