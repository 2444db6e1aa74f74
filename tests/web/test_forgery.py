"""Requests that somebody's browser is made to send by a page that is not ours (fault row 75): none of them
changes anything, whatever it is sent as."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from gateway.domain.people import Scope
from gateway.web.access import FIRST
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.walk import Addresses, Route, every_row, routes

ALL_OF_THEM = pytest.mark.slow
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://elsewhere.example"},
    pytest.param({"Sec-Fetch-Site": "same-site"}, marks=ALL_OF_THEM),
    pytest.param({"Sec-Fetch-Site": "nonsense"}, marks=ALL_OF_THEM),
    pytest.param({"Origin": "http://localhost.evil.example"}, marks=ALL_OF_THEM),
    pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, marks=ALL_OF_THEM),
]
FIELDS = {"body": "hi", "to": "me", "do": "close", "role": "admin", "state": "closed", "name": "Eve"}


@pytest.fixture
def admin(browser_of: Callable[[str], Browser], office: Office) -> Browser:
    office.text_from(ANNA, "hello")
    browser = browser_of("admin")
    browser.get(f"/conversations/{office.conversation(ANNA).public_id}")
    return browser


def changing(panel: Flask) -> list[Route]:
    """The routes a browser's cookie opens that change something."""
    found = [route for route in routes(panel) if route.changes and not isinstance(route.access, Scope)]
    assert len(found) > 90
    return found


def token_of(admin: Browser) -> str:
    return admin.page.forms["/sign-out"]["csrf_token"]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_row_75_a_form_of_another_site_with_the_right_token(
    panel: Flask, admin: Browser, office: Office, headers: dict[str, str]
) -> None:
    """Even if the token leaked: who sends is asked before."""
    at, fields, before = Addresses(office, ANNA), {**FIELDS, "csrf_token": token_of(admin)}, every_row(office)
    for route in changing(panel):
        answer = admin.client.open(at.of(route.rule), method=route.method, data=fields, headers=headers)
        assert answer.status_code == 403, route
    assert every_row(office) == before


KINDS: dict[str, dict[str, Any]] = {
    "form": {"data": FIELDS},
    "forged token": {"data": {**FIELDS, "csrf_token": "forged"}},
    "multipart": {"data": FIELDS, "content_type": "multipart/form-data"},
    "JSON": {"json": FIELDS},
    "JSON as text": {"data": json.dumps(FIELDS), "content_type": "text/plain"},
    "nothing": {},
}


@pytest.mark.parametrize(
    "kind",
    [
        "form",
        "JSON",
        *(pytest.param(kind, marks=ALL_OF_THEM) for kind in KINDS if kind not in ("form", "JSON")),
    ],
)
def test_row_75_without_the_token_of_the_page(
    panel: Flask, admin: Browser, office: Office, kind: str
) -> None:
    at, before = Addresses(office, ANNA), every_row(office)
    for route in changing(panel):
        answer = admin.client.open(at.of(route.rule), method=route.method, **KINDS[kind])
        refused = (303, 401) if route.access is FIRST else (403,)  # the first run is over
        assert answer.status_code in refused, (route, answer.status_code)
    assert every_row(office) == before


def test_row_75_the_page_says_what_to_do(admin: Browser) -> None:
    admin.answer = admin.client.post("/account/hints", data={"csrf_token": "old"})
    assert admin.answer.status_code == 403
    assert "load it again" in admin.text


def test_row_75_nothing_is_changed_by_asking_for_it(panel: Flask, admin: Browser, office: Office) -> None:
    at, before = Addresses(office, ANNA), every_row(office)
    query = urlencode({**FIELDS, "csrf_token": token_of(admin)})
    for route in changing(panel):
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = admin.client.open(f"{at.of(route.rule)}?{query}", method=method)
            assert answer.status_code in (200, 303, 401, 404, 405, 422), route
    assert every_row(office) == before


@ALL_OF_THEM
def test_row_75_no_method_is_put_in_place_of_the_one_that_was_used(
    panel: Flask, admin: Browser, office: Office
) -> None:
    at, before = Addresses(office, ANNA), every_row(office)
    headers = dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"), "POST")
    for route in changing(panel):
        query = urlencode({**FIELDS, "_method": "POST", "csrf_token": token_of(admin)})
        admin.client.get(f"{at.of(route.rule)}?{query}", headers=headers)
    for route in routes(panel):
        if route.method == "GET" and not isinstance(route.access, Scope):
            fields = {**FIELDS, "_method": "GET"}
            posted = admin.client.post(at.of(route.rule), data=fields, headers=dict.fromkeys(headers, "GET"))
            assert posted.status_code in (303, 401, 403, 404, 405), route
    assert every_row(office) == before


def test_row_75_no_cookie_opens_the_api(panel: Flask, admin: Browser, office: Office) -> None:
    at, before = Addresses(office, ANNA), every_row(office)
    walked = [route for route in routes(panel) if isinstance(route.access, Scope)]
    assert len(walked) > 20
    for route in walked:
        for kind in KINDS.values():
            answer = admin.client.open(at.of(route.rule), method=route.method, **kind)
            assert answer.status_code == 401, route
    assert every_row(office) == before
