"""Contacts over the API: listed and narrowed, changed, blocked."""

from __future__ import annotations

import pytest
from flask import Flask

from gateway.desk import contacts as desk
from gateway.desk import hygiene, merging
from gateway.domain.contact import Health
from gateway.domain.people import Scope
from gateway.store import contacts
from gateway.web import schemas_contacts
from tests.office import ANNA, BEN, CARA, SAM, Office
from tests.web.conftest import ApiClient, make_token


@pytest.fixture
def app(panel: Flask, office: Office) -> ApiClient:
    """A program that may read and change contacts, and a customer list of three."""
    for number, name in ((ANNA, "Anna Lee"), (BEN, "Ben Ortiz"), (CARA, "Cara Lund")):
        office.text_from(number, "Hello")
        who = _id(office, number)
        office.write(lambda tx, who=who, name=name: desk.set_name(tx, who, name, SAM, office.clock()))  # type: ignore[misc]
    return ApiClient(
        panel.test_client(), make_token(office, "crm", Scope.CONTACTS_READ, Scope.CONTACTS_WRITE)
    )


def _id(office: Office, number: str) -> int:
    row = office.read(lambda tx: contacts.by_number(tx, number))
    assert row is not None
    return int(row.id)


def _path(office: Office, number: str) -> str:
    row = office.read(lambda tx: contacts.by_number(tx, number))
    assert row is not None
    return f"/api/v1/contacts/{row.public_id}"


def test_contacts_are_listed_page_by_page(app: ApiClient) -> None:
    first = app.get("/api/v1/contacts?limit=2")
    body = first.get_json()
    assert schemas_contacts.ContactList().validate(body) == {}
    assert [row["name"] for row in body["data"]] == ["Anna Lee", "Ben Ortiz"]
    rest = app.get(f"/api/v1/contacts?limit=2&cursor={body['next_cursor']}").get_json()
    assert [row["name"] for row in rest["data"]] == ["Cara Lund"] and rest["next_cursor"] is None
    assert 'rel="next"' in first.headers["Link"]
    assert app.get("/api/v1/contacts?cursor=con_0").status_code == 422


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ortiz", ["Ben Ortiz"]),
        ("health=bad", ["Cara Lund"]),
        ("stage=customer", ["Anna Lee"]),
        ("opted_out=true", ["Ben Ortiz"]),
        ("blocked=true", []),
        ("tag=vip", ["Anna Lee"]),
        ("heard_after=2025-03-03T09:30:00Z&opted_out=false", ["Anna Lee", "Cara Lund"]),
        ("heard_before=2025-03-01T00:00:00Z", []),
    ],
)
def test_the_list_is_narrowed(app: ApiClient, office: Office, query: str, found: list[str]) -> None:
    anna = _id(office, ANNA)
    office.write(lambda tx: desk.change(tx, anna, {"stage": "customer"}, SAM, office.clock()))
    office.write(lambda tx: desk.tag(tx, anna, "VIP", SAM, office.clock()))
    office.write(lambda tx: hygiene.decide(tx, CARA, Health.BAD, SAM, office.clock()))
    office.text_from(BEN, "STOP")
    assert [row["name"] for row in app.get(f"/api/v1/contacts?{query}").get_json()["data"]] == found
    assert app.get("/api/v1/contacts?stage=king").status_code == 422
    assert app.get("/api/v1/contacts?heard_after=2025-03-03T09:30:00").status_code == 422, "a zone is missing"


def test_everything_known_is_changed_and_read(app: ApiClient, office: Office) -> None:
    wanted = {
        "stage": "customer",
        "priority": "high",
        "language": "fr",
        "company": "Lee & Co",
        "email": "anna@example.org",
        "address": "1 High Street",
        "fields": {"Boiler": "X40", "first_name": "Annie"},
    }
    path = _path(office, ANNA)
    body = app.client.patch(path, json=wanted, headers=app.headers).get_json()
    assert {name: body[name] for name in wanted} == wanted
    assert body["first_name"] == "Annie"
    assert schemas_contacts.Contact().validate(body) == {}
    row = office.read(lambda tx: contacts.by_number(tx, ANNA))
    assert row is not None and row.edited == ["name"], "only what a hand set outlasts the next list"
    refused = app.client.patch(path, json={"email": "nobody"}, headers=app.headers)
    assert refused.status_code == 422 and refused.get_json()["errors"][0]["pointer"] == "/email"


def test_r84_a_program_blocks_and_unblocks(app: ApiClient, office: Office, panel: Flask) -> None:
    path = _path(office, BEN)
    assert app.post(f"{path}/block", {"why": " "}).status_code == 422
    body = app.post(f"{path}/block", {"why": "Spam"}).get_json()
    assert body["blocked"]["why"] == "Spam"
    assert app.post(f"{path}/unblock", {}).get_json()["blocked"] is None
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.CONTACTS_READ))
    assert reader.post(f"{path}/block", {"why": "Spam"}).status_code == 403


def test_r62_the_id_of_somebody_merged_answers_with_whom_they_are_one(app: ApiClient, office: Office) -> None:
    path, anna, ben = _path(office, BEN), _id(office, ANNA), _id(office, BEN)
    office.write(lambda tx: merging.merge(tx, anna, ben, SAM, office.clock()))
    assert app.get(path).get_json()["numbers"] == [ANNA, BEN]
