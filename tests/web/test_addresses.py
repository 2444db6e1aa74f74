"""Addresses that lead elsewhere: names of other hosts (fault row 81), ways out of the panel (82), ways into
the file system (84)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.web.walk import Addresses, every_row, routes

TOKEN = re.compile('name="csrf_token" value="[^"]+"')
"""It holds the second it was made in."""

# --- other hosts -------------------------------------------------------------------------------------


def test_row_81_no_route_answers_to_another_name(
    panel: Flask, browser_of: Callable[[str], Browser], office: Office
) -> None:
    office.text_from(ANNA, "hello")
    admin, at, before = browser_of("admin"), Addresses(office, ANNA), every_row(office)
    for route in routes(panel):
        answer = admin.client.open(at.of(route.rule), method=route.method, headers={"Host": "evil.example"})
        assert answer.status_code == 400, route
        assert "evil.example" not in answer.get_data(as_text=True)
    assert every_row(office) == before


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded"]
)
def test_row_81_no_header_of_a_client_changes_whose_panel_it_is(anna: Browser, name: str) -> None:
    value = {"Forwarded": "host=evil.example;proto=https"}.get(name, "evil.example")
    plain, forwarded = (
        TOKEN.sub("", anna.get("/more", headers=headers).get_data(as_text=True))
        for headers in ({}, {name: value})
    )
    assert forwarded == plain
    answer = anna.get("/conversations/new/", headers={name: value})
    assert "evil.example" not in f"{answer.headers}{anna.html}"


# --- ways out ----------------------------------------------------------------------------------------

OUT = [
    "//evil.example",
    "///evil.example",
    "////evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x00//evil.example",
    "https://evil.example",
    "https:evil.example",
    "HTTP://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "//localhost@evil.example",
    "//evil.example%2f..",
    "/\u2028/evil.example",
    "/\u00a0//evil.example\r\nSet-Cookie: a=b",
    "",
]
KEPT = ["/lines", "/search?q=a%26b", "/contacts?q=//evil.example", "/%2f%2fevil.example", "/%5cevil.example"]
"""What is a path here, however it looks: a browser that follows it stays."""


def leads_here(location: str) -> bool:
    """Whether a browser at this panel that follows it stays (WHATWG URL: tabs and line ends are dropped, a
    backslash is a slash)."""
    seen = (
        location.strip("".join(map(chr, range(33))))
        .translate({9: None, 10: None, 13: None})
        .replace("\\", "/")
    )
    return seen.startswith("/") and not seen.startswith("//")


@pytest.mark.parametrize("where", OUT + KEPT)
def test_row_82_signing_in_leads_to_paths_of_this_panel_alone(stranger: Browser, where: str) -> None:
    stranger.get("/sign-in", query_string={"then": where})
    assert leads_here(stranger.page.forms["/sign-in"]["then"])
    fields = {**stranger.page.forms["/sign-in"], "username": "agent", "password": PASSWORD, "then": where}
    location = stranger.client.post("/sign-in", data=fields).headers["Location"]
    assert leads_here(location)
    assert location == (where if where in KEPT else "/")


@pytest.mark.parametrize("where", OUT + KEPT)
def test_row_82_and_so_does_going_back(anna: Browser, office: Office, where: str) -> None:
    office.text_from(ANNA, "hello")
    public_id = office.conversation(ANNA).public_id
    anna.get("/")
    token = anna.page.forms["/sign-out"]["csrf_token"]
    for address, fields in (
        (f"/conversations/{public_id}/close", {}),
        (f"/conversations/{public_id}/unread", {}),
        ("/conversations/bulk", {"do": "close", "id": public_id}),
        ("/conversations/bulk", {"do": "close"}),
    ):
        answer = anna.client.post(address, data={**fields, "csrf_token": token, "back": where})
        assert answer.status_code == 303 and leads_here(answer.headers["Location"]), address


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/..", "/%2fevil.example", "/%5cevil.example", "///", "//sign-in"],
)
def test_row_82_nor_does_an_address_that_is_put_in_order(stranger: Browser, anna: Browser, path: str) -> None:
    """What a router redirects by itself, and the door that remembers what was asked for."""
    for browser in (stranger, anna):
        answer = browser.client.open(environ_overrides={"PATH_INFO": path}, path="/")
        location = answer.headers.get("Location", "/")
        here = location.removeprefix("http://localhost")
        assert leads_here(here), location


# --- ways into the file system -----------------------------------------------------------------------

UP = ["../app.py", "../../app.py", "..", "../templates/base.html", "../../../../../../../etc/passwd"]
SPELLINGS: list[Callable[[str], str]] = [
    lambda path: path,
    lambda path: quote(path, safe=""),
    lambda path: path.replace(".", "%2e"),
    lambda path: path.replace("/", "%2f"),
    lambda path: path.replace("/", "\\"),
    lambda path: quote(path.replace("/", "\\"), safe=""),
    lambda path: quote(quote(path, safe=""), safe=""),
    lambda path: path.replace("../", "....//"),
    lambda path: path.replace("..", "..%00"),
    lambda path: path.replace("../", "..%c0%af"),
    lambda path: f"panel.css/{path}",
    lambda path: f"/{path}",
    lambda path: f"{path}%00.css",
]


@pytest.mark.parametrize("up", [*UP, "/etc/passwd", "file:///etc/passwd"])
def test_row_84_no_name_leads_out_of_the_static_files(anna: Browser, up: str) -> None:
    for spell in SPELLINGS:
        with anna.client.get(f"/static/{spell(up)}") as answer:
            assert answer.status_code in (303, 308, 400, 404), (spell(up), answer.status_code)
            assert b"root:" not in answer.data and b"create_app" not in answer.data


def test_row_84_no_id_is_taken_for_a_path(
    panel: Flask, browser_of: Callable[[str], Browser], office: Office, tmp_path: Path
) -> None:
    """Every address that has a variable in it, exports and downloads among them."""
    office.text_from(ANNA, "hello")
    panel.config["WTF_CSRF_CHECK_DEFAULT"] = False
    admin, walked, files = browser_of("admin"), 0, sorted(os.listdir(tmp_path))
    for route in routes(panel):
        if "<" in route.rule and not route.rule.startswith(("/static/", "/api/", "/join/", "/setup/")):
            begin = route.rule.partition("<")[0]
            end = route.rule.rpartition(">")[2]
            for up in (
                "../../../../etc/passwd",
                "..",
                "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
                "..\\..\\gateway.db",
            ):
                answer = admin.client.open(f"{begin}{up}{end}", method=route.method, data=_token(admin))
                assert answer.status_code in (303, 308, 400, 403, 404, 405, 422), (route, answer.status_code)
                assert b"root:" not in answer.data and b"SQLite format" not in answer.data
                walked += 1
    assert walked > 100
    assert sorted(os.listdir(tmp_path)) == files


def _token(browser: Browser) -> dict[str, Any]:
    if browser.answer is None:
        browser.get("/")
    return {"csrf_token": browser.page.forms["/sign-out"]["csrf_token"]}


def test_row_84_downloads_have_names_of_ours(browser_of: Callable[[str], Browser], office: Office) -> None:
    """Nothing anybody wrote is in the name a browser saves a file under."""
    office.text_from(ANNA, "../../x\r\nSet-Cookie: a=b")
    admin = browser_of("admin")
    place, named = f"/conversations/{office.conversation(ANNA).public_id}", set()
    person = Addresses(office, ANNA).of("/contacts/<public_id>")
    fields = {**_token(admin), "password": PASSWORD}
    for address, form in (
        (f"{place}/thread-export", "../../etc/passwd"),
        (f"{place}/thread-export", "csv"),
        (f"{person}/export", "text"),
        (f"{person}/export", '"; filename="x.exe'),
        ("/settings/audit/export", "../x"),
        ("/contacts/export", "../x"),
    ):
        answer = admin.client.post(address, data={**fields, "form": form})
        assert answer.status_code == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"
        named.add(answer.headers["Content-Disposition"])
    names = ("thread.html", "thread.csv", "contact.txt", "contact.json", "audit.csv", "contacts.csv")
    assert named == {f'attachment; filename="{name}"' for name in names}
