"""A token that may send and not read is told how its text waits, and nothing that others wrote or noted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from gateway.desk import contacts as desk_contacts
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.store import contacts
from gateway.store.database import Tx
from tests.office import ANNA, SAM, Office
from tests.web.conftest import ApiClient, make_token

NIGHT = datetime(2025, 3, 4, 3, 10, tzinfo=UTC)
OF_A_WAIT = {"id", "state", "waiting_for", "due_at", "would_send_at", "links"}
INPUTS = ("they_wrote_at", "had", "suppressed_since", "zones")


@pytest.fixture
def their_zone(office: Office) -> None:
    """They wrote, they live in Tokyo as we noted, and it is the middle of our night."""
    office.text_from(ANNA, "Hello")
    office.clock.now = NIGHT

    def note(tx: Tx) -> None:
        row = contacts.by_number(tx, ANNA)
        assert row is not None
        desk_contacts.set_zone(tx, row.id, "Asia/Tokyo", SAM, office.clock())

    office.write(note)


def _app(panel: Flask, office: Office, *scopes: Scope) -> ApiClient:
    token = make_token(office, "app", Scope.MESSAGES_SEND, *scopes, purposes=(Purpose.CONVERSATIONAL,))
    return ApiClient(panel.test_client(), token)


CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("patch", "", {"send_by": None}),
    ("post", "/send-now", {}),
    ("post", "/cancel", {}),
]


@pytest.mark.parametrize(("method", "path", "fields"), CHANGES)
@pytest.mark.parametrize("may_read", [False, True])
def test_what_it_changes_is_answered_without_its_words(
    panel: Flask, office: Office, method: str, path: str, fields: dict[str, Any], may_read: bool
) -> None:
    office.clock.now = NIGHT
    text = office.message(office.accept(ANNA, "Said by staff"))
    app = _app(panel, office, *([Scope.MESSAGES_READ] if may_read else []))
    address = f"/api/v1/messages/{text.public_id}{path}"
    answer = getattr(app.client, method)(address, json=fields, headers=app.headers)
    assert answer.status_code == 200, answer.data
    body = answer.get_json()
    assert body["id"] == text.public_id
    assert body["state"] == ("canceled" if path == "/cancel" else "queued")
    assert (set(body) == OF_A_WAIT) is not may_read
    assert (body.get("body") == "Said by staff") is may_read


@pytest.mark.parametrize(
    ("scopes", "told"),
    [
        ((), set()),
        ((Scope.MESSAGES_READ,), {"they_wrote_at", "had"}),
        ((Scope.CONTACTS_READ,), {"suppressed_since", "zones"}),
        ((Scope.MESSAGES_READ, Scope.CONTACTS_READ), set(INPUTS)),
    ],
)
def test_a_preview_tells_what_it_may_read(
    panel: Flask, office: Office, their_zone: None, scopes: tuple[Scope, ...], told: set[str]
) -> None:
    app = _app(panel, office, *scopes)
    asked = {"to": ANNA, "body": "x", "purpose": "conversational"}
    body = app.post("/api/v1/messages/preview", asked).get_json()
    inputs = {name for rule in body["rules"] for name in rule["inputs"]}
    assert inputs & set(INPUTS) == told
    assert "windows" in inputs and all(rule["text"] for rule in body["rules"])


def test_the_zone_that_a_number_tells_is_no_secret(panel: Flask, office: Office) -> None:
    asked = {"to": ANNA, "body": "x", "purpose": "conversational"}
    body = _app(panel, office).post("/api/v1/messages/preview", asked).get_json()
    assert {"zones": ["Europe/London"]}.items() <= {
        name: value for rule in body["rules"] for name, value in rule["inputs"].items()
    }.items()
