"""What must not be told: secrets in addresses, logs and error pages (fault row 88), and what failed inside
(ASVS 16.5.1 to 16.5.3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from gateway.desk import team
from gateway.domain.people import Scope
from gateway.logs import JsonLines, PlainLines
from gateway.web.app import HEADERS
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, ApiClient
from tests.web.walk import Addresses, every_row, routes

BrowserOf = Callable[[str], Browser]
GUESS = "a guess that is somebody's password elsewhere"
INSIDE = "no such table: secret_inside"


def sid(browser: Browser) -> str:
    cookie = browser.client.get_cookie("sid")
    assert cookie is not None
    return cookie.value


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """What a log file would hold, in both forms."""
    forms = (JsonLines(), PlainLines())
    return "\n".join(form.format(record) for record in caplog.records for form in forms)


def test_row_88_no_secret_is_in_an_address_a_header_a_page_or_the_log(
    panel: Flask, stranger: Browser, office: Office, shop: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    """An admin's whole round through the panel, from the sign-in on."""
    caplog.set_level(logging.DEBUG)
    office.text_from(ANNA, "hello")
    stranger.get("/sign-in")
    stranger.submit("/sign-in", username="admin", password=GUESS)
    assert GUESS not in stranger.html
    stranger.submit("/sign-in", username="admin", password=PASSWORD)
    token = stranger.page.forms["/sign-out"]["csrf_token"]
    bearer = shop.headers["Authorization"].removeprefix("Bearer ")
    secret, at, pages = sid(stranger), Addresses(office, ANNA), 0
    for route in routes(panel):
        if route.method == "GET" and not isinstance(route.access, Scope):
            answer = stranger.get(at.of(route.rule))
            told = f"{answer.headers}\n{stranger.html}"
            assert not any(one in told for one in (secret, PASSWORD, GUESS, bearer)), route
            assert token not in str(answer.headers), route
            assert not re.search(rf'(href|src|action|formaction|content)="[^"]*{token}', stranger.html), route
            pages += answer.status_code == 200
        elif route.method == "GET":
            answer = shop.get(at.of(route.rule))
            assert bearer not in f"{answer.headers}{answer.get_data(as_text=True)}", route
    assert pages > 25
    assert not any(one in logged(caplog) for one in (secret, PASSWORD, GUESS, bearer, token, ANNA, "hello"))
    assert not any(one in repr(every_row(office)) for one in (secret, PASSWORD, GUESS, bearer))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415])
def test_row_88_no_error_repeats_what_was_secret(anna: Browser, shop: ApiClient, status: int) -> None:
    wrong = {"Authorization": "Bearer gw_not-this-one"}
    client, ours = anna.client, shop.headers
    answer = {
        400: lambda: client.post(
            "/api/v1/messages", data=f'{{"x": "{GUESS}', headers=ours, content_type="application/json"
        ),
        401: lambda: client.get("/api/v1/messages", headers=wrong),
        403: lambda: client.post("/account/password", data={"current": GUESS, "csrf_token": "x"}),
        404: lambda: client.get(f"/nowhere?token={GUESS}"),
        405: lambda: client.delete("/account", data={"password": GUESS}),
        413: lambda: client.post("/account/password", data={"current": GUESS * 40_000}),
        415: lambda: client.post("/api/v1/messages", data=GUESS, headers=ours, content_type="text/plain"),
    }[status]()
    told = f"{answer.headers}{answer.get_data(as_text=True)}"
    assert answer.status_code == status
    assert GUESS not in told and "not-this-one" not in told and sid(anna) not in told


def test_row_88_where_one_came_from_is_told_to_nobody(anna: Browser) -> None:
    """The one secret in an address is a link to join by: no page it leads to tells where it was found."""
    for path in ("/", "/join/secret", "/sign-in", "/nowhere", "/static/panel.css"):
        answer = anna.get(path)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        answer.close()


# --- what failed inside ------------------------------------------------------------------------------


def test_whatever_fails_inside_is_told_in_general_with_a_name_that_the_log_knows(
    panel: Flask, browser_of: BrowserOf, office: Office, shop: ApiClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Every route made to fail: nothing of why is told, nothing changes, nobody gets through (ASVS 16.5)."""
    office.text_from(ANNA, "hello")
    panel.testing, panel.config["PROPAGATE_EXCEPTIONS"] = False, False
    panel.config["WTF_CSRF_CHECK_DEFAULT"] = False
    admin, at = browser_of("admin"), Addresses(office, ANNA)
    admin.get("/")
    fields, before = {"csrf_token": admin.page.forms["/sign-out"]["csrf_token"]}, every_row(office)
    _fail_everywhere(panel)
    names, walked = set(), 0
    for route in routes(panel):
        if route.rule.startswith(("/static", "/setup/code")):
            continue
        if isinstance(route.access, Scope):
            answer = shop.client.open(at.of(route.rule), method=route.method, headers=shop.headers)
        else:
            answer = admin.client.open(
                at.of(route.rule), method=route.method, data=fields if route.changes else None
            )
        told = answer.get_data(as_text=True)
        assert answer.status_code == 500, (route, told)
        assert INSIDE not in told and "Traceback" not in told and "RuntimeError" not in told
        assert all(answer.headers[name] == value for name, value in HEADERS.items())
        named = re.search(r"\b[0-9a-f]{16}\b", told)
        assert named is not None, route
        names.add(named[0])
        walked += 1
    assert len(names) == walked > 150
    known = {getattr(record, "request", None) for record in caplog.records}
    assert names <= known, "each can be found in the log"
    assert every_row(office) == before


def _fail_everywhere(panel: Flask) -> None:
    def failing(view: Any) -> Any:
        def fail(**_: Any) -> Any:
            raise RuntimeError(INSIDE)

        fail.__dict__.update(view.__dict__)
        return fail

    for endpoint, view in list(panel.view_functions.items()):
        panel.view_functions[endpoint] = failing(view)


def test_an_error_is_logged_by_its_route_and_not_by_its_address(
    panel: Flask, stranger: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    panel.testing, panel.config["PROPAGATE_EXCEPTIONS"] = False, False
    _fail_everywhere(panel)
    assert stranger.get("/join/the-secret-of-the-link").status_code == 500
    assert "/join/<secret>" in logged(caplog) and "the-secret-of" not in logged(caplog)


def test_a_gate_that_fails_lets_nobody_through(
    panel: Flask, anna: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail closed: where it cannot be looked up who asks, nothing is answered."""
    panel.testing, panel.config["PROPAGATE_EXCEPTIONS"] = False, False

    def fail(*_: object) -> None:
        raise RuntimeError(INSIDE)

    monkeypatch.setattr(team, "session", fail)
    answer = anna.get("/account")
    assert answer.status_code == 500 and "Anna Reid" not in anna.html


@pytest.mark.parametrize("path", ["/", "/static/panel.css", "/api/v1/messages", "/nowhere"])
def test_nothing_answers_trace_or_lists_a_folder(anna: Browser, path: str) -> None:
    """ASVS 13.4."""
    for method in ("TRACE", "TRACK", "CONNECT", "PROPFIND"):
        with anna.client.open(path, method=method, headers={"X-Secret": GUESS}) as answer:
            assert answer.status_code in (404, 405) and GUESS not in answer.get_data(as_text=True)
    for folder in (
        "/static/",
        "/static",
        "/.git/config",
        "/static/.",
        "/metrics",
        "/config.toml",
        "/gateway.db",
    ):
        with anna.client.get(folder) as answer:
            assert answer.status_code in (401, 403, 404), folder
