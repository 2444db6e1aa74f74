"""Customers over the API, by the number of the office's own records: put, put again, put many at once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gateway.desk import contacts as desk
from gateway.domain.people import Scope
from gateway.store import consent, contacts
from gateway.store.tables import audit
from gateway.web import schemas_contacts
from tests.office import ANNA, BEN, CARA, SAM, Office
from tests.web.conftest import ApiClient, make_token

ZOE: dict[str, Any] = {"name": "Zoé Farrell", "numbers": [ANNA], "stage": "customer", "tags": ["vip"]}


@pytest.fixture
def app(panel: Flask, office: Office) -> ApiClient:
    """A program that may read and change contacts."""
    return ApiClient(
        panel.test_client(), make_token(office, "crm", Scope.CONTACTS_READ, Scope.CONTACTS_WRITE)
    )


def put(app: ApiClient, external_id: str, **wanted: Any) -> Any:
    return app.client.put(f"/api/v1/contacts/{external_id}", json=wanted, headers=app.headers)


def audited(office: Office) -> list[tuple[str, Any, Any]]:
    query = select(audit).where(audit.c.action == "contact.put").order_by(audit.c.id)
    return office.read(lambda tx: [(row.actor, row.before, row.after) for row in tx.execute(query)])


def test_r58_a_customer_is_added_brought_up_to_date_and_left_alone(app: ApiClient, office: Office) -> None:
    made = put(app, "P-17", **ZOE)
    assert made.status_code == 201
    body = made.get_json()
    assert schemas_contacts.PutDone().validate(body) == {}
    assert made.headers["Location"] == f"/api/v1/contacts/{body['id']}"
    assert (body["external_id"], body["name"], body["numbers"]) == ("P-17", "Zoé Farrell", [ANNA])
    assert (body["stage"], body["tags"], body["result"]) == ("customer", ["vip"], "created")
    before = len(office.event_kinds()), len(audited(office))
    again = put(app, "P-17", **ZOE)
    assert (again.status_code, again.get_json()["result"]) == (200, "unchanged")
    assert (len(office.event_kinds()), len(audited(office))) == before, "nothing happened"
    changed = put(app, "P-17", company="Crown").get_json()
    assert (changed["result"], changed["company"], changed["name"]) == ("updated", "Crown", "Zoé Farrell")
    actor, was, became = audited(office)[-1]
    assert (was, became) == ({"company": None}, {"company": "Crown"})
    assert "crm" in actor or "token" in actor
    assert app.get("/api/v1/contacts/P-17").get_json()["id"] == body["id"]
    assert app.get("/api/v1/contacts/P-18").status_code == 404


def test_r57_whoever_wrote_first_is_found_by_their_number(app: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "Hello")
    answer = put(app, "P-17", **ZOE)
    assert (answer.status_code, answer.get_json()["result"]) == (200, "updated")
    assert "contact.changed" in office.event_kinds()
    assert [one["name"] for one in app.get("/api/v1/contacts").get_json()["data"]] == ["Zoé Farrell"]


def test_r58_what_a_hand_set_is_kept_unless_told_otherwise(app: ApiClient, office: Office) -> None:
    here = put(app, "P-17", **ZOE).get_json()["id"]

    def by_hand(tx: Any) -> None:
        row = contacts.by_public_id(tx, here)
        assert row is not None
        desk.change(tx, row.id, {"name": "Zoe F"}, SAM, office.clock())

    office.write(by_hand)
    kept = put(app, "P-17", **ZOE).get_json()
    assert (kept["result"], kept["name"]) == ("unchanged", "Zoe F")
    assert kept["warnings"] == [{"code": "kept.name", "text": "The name was changed by hand: kept as Zoe F."}]
    told = put(app, "P-17", **ZOE, overwrite=True).get_json()
    assert (told["result"], told["name"]) == ("updated", "Zoé Farrell")


def test_null_forgets_and_what_is_left_out_stays(app: ApiClient) -> None:
    put(app, "P-17", **ZOE, company="Crown", fields={"Boiler": "X40"})
    body = put(app, "P-17", company=None, fields={"Floor": "2"}).get_json()
    assert (body["company"], body["name"]) == (None, "Zoé Farrell")
    assert body["fields"] == {"Boiler": "X40", "Floor": "2"}


def test_fault_85_a_field_that_is_not_ours_is_refused_with_400(app: ApiClient, office: Office) -> None:
    for extra in ({"role": "admin"}, {"blocked": True}, {"id": "con_1"}, {"created_at": "2020-01-01"}):
        answer = put(app, "P-17", **ZOE, **extra)
        assert answer.status_code == 400, extra
        assert answer.get_json()["errors"] == [
            {"pointer": f"/{next(iter(extra))}", "detail": "Unknown field."}
        ]
    assert app.get("/api/v1/contacts").get_json()["data"] == []
    assert put(app, "P-17", **ZOE, opt_in={"source": "x", "on": "2026-01-01", "by": "me"}).status_code == 400


@pytest.mark.parametrize(
    ("external_id", "wanted", "status", "pointer"),
    [
        ("P-1", {"name": "Nobody yet"}, 422, "/numbers"),
        ("P-1", {**ZOE, "numbers": ["12"]}, 422, "/numbers"),
        ("P-1", {**ZOE, "email": "nowhere"}, 422, "/email"),
        ("P-1", {**ZOE, "time_zone": "Mars/Base"}, 422, "/time_zone"),
        ("P-1", {**ZOE, "stage": "king"}, 422, "/stage"),
        ("P-1", {**ZOE, "tags": [" vip"]}, 422, "/tags/0"),
        ("P-1", {**ZOE, "opt_in": {"source": "paper"}}, 422, "/opt_in/on"),
        ("P-1", {"name": "Zoé", "opt_in": {"source": "paper", "on": "2026-05-03"}}, 422, "/opt_in"),
        ("con_01", ZOE, 422, "/external_id"),
        ("x" * 201, ZOE, 422, "/external_id"),
        ("%20P-1", ZOE, 422, "/external_id"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    app: ApiClient, external_id: str, wanted: dict[str, Any], status: int, pointer: str
) -> None:
    answer = put(app, external_id, **wanted)
    assert answer.status_code == status, answer.get_json()
    assert answer.get_json()["errors"][0]["pointer"] == pointer
    assert app.get("/api/v1/contacts").get_json()["data"] == []


def test_a_number_of_another_customer_stays_theirs(app: ApiClient) -> None:
    put(app, "P-17", **ZOE)
    answer = put(app, "P-18", name="Eve", numbers=[ANNA])
    assert answer.status_code == 409
    assert answer.get_json()["type"].endswith(":other_external_id")
    put(app, "P-18", name="Ben", numbers=[BEN])
    shared = put(app, "P-18", numbers=[ANNA, CARA]).get_json()
    assert shared["numbers"] == [BEN, CARA]
    assert [one["code"] for one in shared["warnings"]] == ["taken"]


def test_r16_agreement_is_noted_with_its_proof_and_never_wins_against_a_stop(
    app: ApiClient, office: Office
) -> None:
    office.text_from(BEN, "STOP")
    agreed = {"source": "Form at the counter", "on": "2026-05-03"}
    body = put(app, "P-2", numbers=[BEN], opt_in=agreed).get_json()
    assert [one["code"] for one in body["warnings"]] == ["stopped", "conflict"]
    assert body["phone_numbers"][0]["opted_out"] is True
    put(app, "P-1", **ZOE, opt_in=agreed)
    (listed,) = office.read(lambda tx: consent.history(tx, ANNA))
    assert (listed.kind, listed.how, listed.words) == ("listed", "api", "Form at the counter")
    assert put(app, "P-1", **ZOE, opt_in=agreed).get_json()["result"] == "unchanged"


# --- many at once ------------------------------------------------------------------------------------


def test_r58_of_a_batch_each_is_judged_by_itself(app: ApiClient) -> None:
    put(app, "P-1", **ZOE)
    rows: list[Any] = [
        {"external_id": "P-1", **ZOE},
        {"external_id": "P-2", "name": "Ben", "numbers": [BEN]},
        {"external_id": "P-3", "numbers": ["nonsense"]},
        {"external_id": "P-4", "numbers": [CARA], "role": "admin"},
        {"name": "without a number of theirs"},
        "nonsense",
        {"external_id": "P-1", "company": "Crown"},
        {"external_id": "P-9"},
    ]
    answer = app.post("/api/v1/contacts/batch", {"contacts": rows})
    body = answer.get_json()
    assert answer.status_code == 200, body
    assert schemas_contacts.BatchDone().validate(body) == {}
    assert [one["result"] for one in body["data"]] == [
        "unchanged", "created", "refused", "refused", "refused", "refused", "updated", "refused",
    ]  # fmt: skip
    assert body["counts"] == {"unchanged": 1, "created": 1, "refused": 5, "updated": 1}
    assert [one["errors"][0]["pointer"] for one in body["data"] if one["errors"]] == [
        "/numbers", "/role", "/external_id", "", "/numbers",
    ]  # fmt: skip
    assert app.get("/api/v1/contacts/P-2").get_json()["name"] == "Ben"
    assert app.get("/api/v1/contacts/P-4").status_code == 404


def test_a_batch_has_its_limit_and_is_done_once_under_one_key(app: ApiClient) -> None:
    rows = [{"external_id": f"P-{n}", "numbers": [f"+120255{n + 10000:05}"]} for n in range(201)]
    assert app.post("/api/v1/contacts/batch", {"contacts": rows}).status_code == 422
    assert app.post("/api/v1/contacts/batch", {"contacts": []}).status_code == 422
    key = {"Idempotency-Key": "night-1"}
    first = app.post("/api/v1/contacts/batch", {"contacts": rows[:200]}, key)
    assert first.get_json()["counts"] == {"created": 200}
    again = app.post("/api/v1/contacts/batch", {"contacts": rows[:200]}, key)
    assert (again.headers["Idempotent-Replayed"], again.get_json()) == ("true", first.get_json())
    assert app.post("/api/v1/contacts/batch", {"contacts": rows[:1]}, key).status_code == 422
    assert app.post("/api/v1/contacts/batch", {"contacts": rows[:200]}).get_json()["counts"] == {
        "unchanged": 200
    }


def test_putting_needs_its_scope(panel: Flask, office: Office) -> None:
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.CONTACTS_READ))
    assert put(reader, "P-1", **ZOE).status_code == 403
    assert reader.post("/api/v1/contacts/batch", {"contacts": [{"external_id": "P-1"}]}).status_code == 403
