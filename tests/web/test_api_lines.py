"""Lines in the API: how they are, what is done with them, what is asked of them, and who may."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from marshmallow import Schema

from gateway.desk import line_requests as desk_requests
from gateway.desk import lines as desk
from gateway.domain.line import Abilities, Accepted, LineState, LineStatus, MissedCall
from gateway.domain.line_requests import Kind, State
from gateway.domain.people import Scope
from gateway.store import line_requests
from gateway.web import schemas_lines
from tests.office import ANNA, Office
from tests.web.conftest import ApiClient, make_token
from tests.web.test_api import _is_problem as is_problem


def _answer(office: Office, state: State, text: str) -> None:
    def answer(tx: Any) -> None:
        (asked,) = line_requests.open_requests(tx)
        desk_requests.answer(tx, asked.id, state, text, office.clock())

    office.write(answer)


def _fits(body: Any, schema: type[Schema]) -> None:
    """The object is the documented one: every field, and none besides."""
    assert schema().validate(body) == {}


def test_lines_are_listed_with_how_they_are(shop: ApiClient, office: Office) -> None:
    facts = {"operator": "Home network", "signal_dbm": "-81"}
    office.hear(LineState(LineStatus.UP, "ready", facts, Abilities(ussd=False)))
    office.add_line("Back office")
    front, back = shop.get("/api/v1/lines").get_json()["data"]
    assert (front["code"], front["sentence"], front["facts"]) == ("ready", "The line works.", facts)
    assert front["abilities"]["ussd"] is False and front["cannot"] == ["ask for the balance"]
    assert front["options"]["calls"] == "ring"
    assert (back["code"], back["abilities"]) == ("opening", None)
    assert back["links"]["self"] == "/api/v1/lines/Back%20office"
    assert shop.get(back["links"]["self"]).get_json()["name"] == "Back office"
    _fits({"data": [front, back]}, schemas_lines.LineList)


def test_a_line_in_trouble_says_what_can_be_done(shop: ApiClient, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "roaming"))
    office.hear(MissedCall(None, 9.0))
    office.accept(ANNA)
    line = shop.get("/api/v1/lines/front").get_json()
    assert line["you_can"].endswith("sms-gateway line set front roaming yes")
    assert line["cause"] and line["doing"]
    assert line["queue"][0]["texts"] == 1 and line["queue"][0]["purpose"] == "conversational"
    assert line["history"][0]["text"] == "The SIM is in a foreign network"
    assert line["missed_calls"][0]["from"] is None
    _fits(line, schemas_lines.LineInFull)


def test_who_calls_is_told_to_those_who_may_read_texts(panel: Flask, shop: ApiClient, office: Office) -> None:
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.LINE_READ))
    office.hear(MissedCall(ANNA, 9.0))
    place = "/api/v1/lines/front"
    (call,), (known,) = (who.get(place).get_json()["missed_calls"] for who in (reader, shop))
    assert (call["from"], call["rang_seconds"]) == (None, known["rang_seconds"])
    assert known["from"] == ANNA


def test_the_subscriber_stays_in_the_house(shop: ApiClient, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {"operator": "Home network", "imsi": "234150999999999"}))
    for place in ("/api/v1/lines", "/api/v1/lines/front"):
        answer = shop.get(place)
        assert "Home network" in answer.text and "234150999999999" not in answer.text


def test_health_tells_the_last_day(shop: ApiClient, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-99"}))
    office.clock.step(hours=25)
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-81"}))
    office.text_from(ANNA, "hello")
    office.accept(ANNA)
    office.send_one(Accepted(1))
    health = shop.get("/api/v1/lines/front/health").get_json()
    assert [sample["signal_dbm"] for sample in health["samples"]] == [-81]
    assert health["signal_dbm"] == -81 and health["last_in_at"] == health["last_out_at"]
    _fits(health, schemas_lines.LineHealth)


def test_a_line_is_paused_and_resumed(shop: ApiClient, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    paused = shop.post("/api/v1/lines/front/pause")
    assert paused.status_code == 200 and paused.get_json()["code"] == "paused"
    assert office.line().paused_at == office.clock()
    _fits(paused.get_json(), schemas_lines.Line)
    assert shop.post("/api/v1/lines/front/resume").get_json()["code"] == "ready"
    assert office.line().paused_at is None


def test_a_restart_is_asked_for_and_followed(shop: ApiClient, office: Office) -> None:
    asked = shop.post("/api/v1/lines/front/restart")
    assert asked.status_code == 202 and asked.get_json()["state"] == "asked"
    again = shop.post("/api/v1/lines/front/restart")
    assert again.headers["Location"] == asked.headers["Location"]
    _answer(office, State.FAILED, "no_answer: AT")
    done = shop.get(asked.headers["Location"]).get_json()
    assert done["state"] == "failed" and done["reason"]["code"] == "no_answer"
    assert done["reason"]["text"].startswith("The modem did not answer.")
    assert done["answer"] is None and done["asked_by"] == "token:shop"
    _fits(done, schemas_lines.LineRequest)


def test_a_service_code_is_asked_and_answered(shop: ApiClient, office: Office) -> None:
    asked = shop.post("/api/v1/lines/front/ussd", {"code": "*100#"})
    assert asked.status_code == 202 and asked.get_json()["code"] == "*100#"
    _answer(office, State.DONE, "Balance 7.40")
    done = shop.get(asked.headers["Location"]).get_json()
    assert (done["state"], done["answer"], done["reason"]) == ("done", "Balance 7.40", None)
    _fits(done, schemas_lines.LineRequest)


@pytest.mark.parametrize("code", ["**04*1234*5678*5678#", "balance", ""])
def test_a_code_that_is_none_or_would_touch_the_pin_is_refused(
    shop: ApiClient, office: Office, code: str
) -> None:
    body = is_problem(shop.post("/api/v1/lines/front/ussd", {"code": code}), 422)
    assert body["errors"][0]["pointer"] == "/code"
    assert office.read(line_requests.open_requests) == []


WAYS = [("get", ""), ("get", "/health"), ("get", "/requests/1")]
WAYS += [("post", f"/{verb}") for verb in ("pause", "resume", "restart")]


@pytest.mark.parametrize(("method", "path"), WAYS)
def test_a_line_that_is_not_there(shop: ApiClient, office: Office, method: str, path: str) -> None:
    shop.post("/api/v1/lines/front/restart")
    office.write(lambda tx: desk.remove(tx, "front", "command:test", office.clock()))
    is_problem(getattr(shop, method)(f"/api/v1/lines/front{path}"), 404)


def test_a_request_is_shown_at_its_own_line_only_and_a_trace_never(shop: ApiClient, office: Office) -> None:
    office.add_line("back")
    mine = shop.post("/api/v1/lines/front/restart").get_json()["id"]
    is_problem(shop.get(f"/api/v1/lines/back/requests/{mine}"), 404)
    trace = office.write(
        lambda tx: desk_requests.ask(tx, "front", Kind.TRACE, "", "command:test", office.clock())
    )
    is_problem(shop.get(f"/api/v1/lines/front/requests/{trace}"), 404)


def test_who_may_only_read_controls_nothing(panel: Flask, office: Office) -> None:
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.LINE_READ))
    assert reader.get("/api/v1/lines/front").status_code == 200
    for verb in ("pause", "restart", "ussd"):
        is_problem(reader.post(f"/api/v1/lines/front/{verb}", {"code": "*100#"}), 403)
    assert office.line().paused_at is None and office.read(line_requests.open_requests) == []
