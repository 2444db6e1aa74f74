"""Fields that nobody asked for change nothing or are refused (fault row 85); a field counts once; nobody asks
without end."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from gateway.domain.people import Scope
from gateway.web.plainness import EXPORTS, REPEATED, Pace, Paces
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient
from tests.web.walk import Addresses, every_row, routes

BrowserOf = Callable[[str], Browser]

SMUGGLED = {
    "role": "admin",
    "is_admin": "1",
    "username": "boss",
    "user_id": "1",
    "author_id": "1",
    "author": "person:admin",
    "author_kind": "rule",
    "direction": "inbound",
    "state": "delivered",
    "password_hash": "x",
    "disabled_at": "",
    "totp_since": "1",
    "totp_sealed": "x",
    "scopes": "messages:send",
    "created_at": "2000-01-01",
    "sent_at": "2000-01-01",
    "id": "1",
    "public_id": "x",
    "line_id": "1",
    "peer": "+12025550199",
    "purpose": "compliance",
    "urgent": "1",
    "reads_from_id": "0",
    "signed_in_at": "2000-01-01",
    "owner": "admin",
    "opted_out": "0",
    "erased_at": "1",
}
OF_PEOPLE = (
    "id",
    "username",
    "name",
    "role",
    "password_hash",
    "disabled_at",
    "totp_sealed",
    "totp_since",
    "reads_from_id",
)
OF_TEXTS = (
    "public_id",
    "direction",
    "author_kind",
    "author_id",
    "peer",
    "line_id",
    "created_at",
    "state",
    "sent_at",
)
FORBIDDEN = (
    "tokens",
    "settings",
    "lines",
    "user_lines",
    "invitations",
    "consent_events",
    "raw_pdus",
    "backups",
)


def watched(office: Office, known: set[int]) -> dict[str, Any]:
    """What none of an agent's forms may change."""
    rows = every_row(office)
    return {
        "people": [[getattr(row, name) for name in OF_PEOPLE] for row in rows["users"]],
        "texts": [[getattr(row, name) for name in OF_TEXTS] for row in rows["messages"] if row.id in known],
        **{table: rows[table] for table in FORBIDDEN if table in rows},
    }


def test_row_85_no_form_of_an_agent_takes_more_than_it_asks_for(
    panel: Flask, anna: Browser, office: Office
) -> None:
    """Every form an agent may send, with the fields of every table among its own."""
    office.text_from(ANNA, "hello")
    office.accept(ANNA, "See you at nine")
    known = {row.id for row in office.messages()}
    at, before = Addresses(office, ANNA), watched(office, known)
    anna.get("/")
    fields = {
        **SMUGGLED,
        "csrf_token": anna.page.forms["/sign-out"]["csrf_token"],
        "body": "hi",
        "to": "me",
        "language": "en",
        "add": "x",
        "until": "hour",
        "key": "k",
    }
    walked = 0
    for route in routes(panel):
        if route.changes and not isinstance(route.access, Scope) and not _ends_it(route.rule):
            answer = anna.client.open(at.of(route.rule), method=route.method, data=fields)
            assert answer.status_code < 500, route
            walked += answer.status_code in (200, 303, 422)
    assert walked > 25
    assert watched(office, known) == before
    assert all(row.author_id != 1 for row in office.messages(direction="outbound") if row.id not in known)


def _ends_it(rule: str) -> bool:
    """What ends the session, changes the text that is watched, or draws a seed for oneself."""
    return rule.startswith(("/sign-", "/setup", "/join", "/account/factor/begin")) or rule.endswith(
        (
            "/cancel",
            "/mark-sent",
            "sign-out-elsewhere",
            "/send-again",
            "/urgent",
            "/send-now",
            "/change",
            "/block",
        )
    )


# --- the API -----------------------------------------------------------------------------------------


def bodies(shop: ApiClient) -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation that takes JSON, by the API's own document."""
    document = shop.get("/api/openapi.json").get_json()
    found = [
        (method.upper(), path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and "requestBody" in operation
    ]
    assert len(found) > 8
    return found


def test_row_85_the_api_refuses_fields_it_does_not_know(shop: ApiClient, office: Office) -> None:
    office.text_from(ANNA, "hello")
    at, before = Addresses(office, ANNA), every_row(office)
    for method, path, _ in bodies(shop):
        address = at.of(path.replace("{", "<").replace("}", ">"))
        for name in ("role", "state_", "delivered", "author", "scopes", "__class__"):
            answer = shop.client.open(address, method=method, json={name: "admin"}, headers=shop.headers)
            assert answer.status_code == 400, (method, path, answer.get_json())
            pointers = [one.get("pointer") for one in answer.get_json()["errors"]]
            assert f"/{name}" in pointers, (method, path, pointers)
    assert every_row(office) == before


@pytest.mark.parametrize(
    "more",
    [
        {"state": "delivered"},
        {"author": "admin"},
        {"id": "msg_1"},
        {"schedule": {"when": "wake", "state": "sent"}},
        {"direction": "inbound"},
        {"urgent": True},
    ],
)
def test_row_85_nor_does_a_text_take_its_own_state(
    shop: ApiClient, office: Office, more: dict[str, Any]
) -> None:
    assert shop.send(to=ANNA, body="hi", **more).status_code == 400
    assert office.messages() == []


def test_row_85_nor_does_a_list_take_filters_it_does_not_know(shop: ApiClient, panel: Flask) -> None:
    for path in ("messages", "conversations", "contacts"):
        assert shop.get(f"/api/v1/{path}?role=admin").status_code in (400, 422)


# --- each once ---------------------------------------------------------------------------------------


def test_a_field_that_is_given_twice_is_refused(anna: Browser, shop: ApiClient, office: Office) -> None:
    """ASVS 15.3.7."""
    office.text_from(ANNA, "hello")
    place = f"/conversations/{office.conversation(ANNA).public_id}"
    anna.get(place)
    fields = anna.page.forms[f"{place}/messages"]
    twice = {**fields, "body": ["one", "another"]}
    before = every_row(office)
    assert anna.client.post(f"{place}/messages", data=twice).status_code == 400
    assert anna.get("/search?q=a&q=b").status_code == 400
    assert shop.get("/api/v1/messages?limit=1&limit=2").status_code == 400
    body = f'{{"to": "{ANNA}", "body": "one", "body": "another"}}'
    assert (
        shop.post("/api/v1/messages", headers={"Content-Type": "application/json"}, data=body).status_code
        == 400
    )
    nested = f'{{"to": "{ANNA}", "body": "one", "schedule": {{"when": "wake", "when": "open"}}}}'
    assert (
        shop.post("/api/v1/messages", headers={"Content-Type": "application/json"}, data=nested).status_code
        == 400
    )
    assert every_row(office) == before


class Forms(HTMLParser):
    """How often each name stands in each form of a page, as a browser would send it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: dict[str, list[str]] = {}
        self._form = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = given.get("id") or f"{given.get('action')}#{len(self.names)}"
            self.names[self._form] = []
        elif tag in ("input", "select", "textarea") and given.get("name"):
            one_of_many = given.get("type") in ("radio", "submit", "checkbox") and given[
                "name"
            ] in self.names.get(given.get("form") or self._form, [])
            if given.get("type") != "radio" or not one_of_many:
                self.names.setdefault(given.get("form") or self._form, []).append(given["name"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""


@pytest.mark.parametrize("role", ["admin", "agent"])
def test_no_form_of_ours_gives_a_field_twice(
    panel: Flask, browser_of: BrowserOf, office: Office, role: str
) -> None:
    office.text_from(ANNA, "hello")
    office.accept(ANNA, "See you at nine")
    browser, at, forms = browser_of(role), Addresses(office, ANNA), 0
    for route in routes(panel):
        if route.method != "GET" or isinstance(route.access, Scope) or "/static/" in route.rule:
            continue
        if browser.get(at.of(route.rule)).mimetype != "text/html":
            continue
        for form, names in Forms(browser.html).names.items():
            again = {name for name in names if names.count(name) > 1} - REPEATED
            assert again == set(), (route.rule, form)
            forms += 1
    assert forms > 60


# --- how often ---------------------------------------------------------------------------------------


def test_so_many_exports_an_hour_and_no_more(browser_of: BrowserOf, office: Office) -> None:
    """ASVS 2.4.1, and what it costs to come back too early: nothing."""
    admin = browser_of("admin")
    admin.get("/settings/audit")
    fields = {"csrf_token": admin.page.forms["/sign-out"]["csrf_token"], "form": "json"}
    told = [admin.client.post("/settings/audit/export", data=fields) for _ in range(EXPORTS.times + 1)]
    assert [one.status_code for one in told] == [200] * EXPORTS.times + [429]
    assert 0 < int(told[-1].headers["Retry-After"]) <= EXPORTS.seconds
    assert "Wait" in told[-1].get_data(as_text=True)
    other = browser_of("manager")
    other.get("/settings/audit")
    fields["csrf_token"] = other.page.forms["/sign-out"]["csrf_token"]
    assert other.client.post("/settings/audit/export", data=fields).status_code == 200


def test_every_copy_that_leaves_the_panel_is_counted(panel: Flask) -> None:
    paced = {
        rule.rule
        for rule in panel.url_map.iter_rules()
        if hasattr(panel.view_functions[rule.endpoint], "pace")
    }
    leaves = {
        rule.rule
        for rule in panel.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.rule.endswith(("export", "/download"))
    }
    assert leaves and leaves <= paced
    assert {"/search", "/contacts/import/<public_id>/rows.csv"} <= paced


def test_a_pace_slides() -> None:
    now = [0.0]
    paces, pace = Paces(lambda: now[0]), Pace(2, 10)
    assert [paces.wait(pace, 1) for _ in range(3)] == [0, 0, 10]
    assert paces.wait(pace, 2) == 0
    now[0] = 4.0
    assert paces.wait(pace, 1) == 6
    now[0] = 10.0
    assert [paces.wait(pace, 1) for _ in range(3)] == [0, 0, 10]
