"""Searching by the API: each group as far as the token may read it, a page at a time."""

from __future__ import annotations

from flask import Flask

from gateway.desk import notes
from gateway.desk.drafts import Author
from gateway.domain.people import Scope
from gateway.store import contacts, conversations
from gateway.store.database import Tx
from tests.office import ANNA, Office
from tests.web.conftest import ApiClient, make_token


def seed(office: Office) -> None:
    office.text_from(ANNA, "crown one")
    office.text_from(ANNA, "crown two")

    def note(tx: Tx) -> None:
        row = conversations.by_public_id(tx, office.conversation(ANNA).public_id)
        assert row is not None
        contacts.change(tx, row.contact_id, name="Anna Crown")
        notes.add(tx, row, "crown of a note", Author("command", None, "test"), office.clock())

    office.write(note)


def token_of(panel: Flask, office: Office, *scopes: Scope) -> ApiClient:
    return ApiClient(panel.test_client(), make_token(office, " ".join(scopes), *scopes))


def test_a_token_finds_what_it_may_read(panel: Flask, office: Office) -> None:
    seed(office)
    whole = token_of(panel, office, Scope.MESSAGES_READ, Scope.CONTACTS_READ, Scope.CONVERSATIONS_READ)
    found = whole.get("/api/v1/search?q=crown").get_json()
    assert [row["name"] for row in found["groups"]["people"]["data"]] == ["Anna Crown"]
    assert [row["body"] for row in found["groups"]["texts"]["data"]] == ["crown two", "crown one"]
    assert [row["body"] for row in found["groups"]["notes"]["data"]] == ["crown of a note"]
    assert (found["not_understood"], found["stopped"]) == ([], False)
    only = token_of(panel, office, Scope.MESSAGES_READ).get("/api/v1/search?q=crown").get_json()
    assert list(only["groups"]) == ["texts"]
    assert token_of(panel, office, Scope.CONTACTS_READ).get("/api/v1/search?q=crown").status_code == 403


def test_one_group_is_paged_through(panel: Flask, office: Office) -> None:
    seed(office)
    app = token_of(panel, office, Scope.MESSAGES_READ)
    first = app.get("/api/v1/search?q=crown&kind=texts&limit=1").get_json()["groups"]["texts"]
    cursor = first["next_cursor"]
    rest = app.get(f"/api/v1/search?q=crown&kind=texts&limit=1&cursor={cursor}").get_json()["groups"]["texts"]
    assert [row["body"] for row in first["data"] + rest["data"]] == ["crown two", "crown one"]
    assert rest["next_cursor"] is None
    for query in ("q=crown&cursor=x", "q=crown&kind=texts&cursor=x", "q=", "q=x&kind=stars"):
        assert app.get(f"/api/v1/search?{query}").status_code == 422, query
    told = app.get("/api/v1/search?q=from:me+is:odd").get_json()["not_understood"]
    assert told[0].startswith("“is:odd” was left out") and "signed in" in told[1]
