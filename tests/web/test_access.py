"""Who may come in: every route declares what it asks for, every role meets what it may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from gateway.config import Settings
from gateway.desk import team
from gateway.domain.people import RIGHTS, Right, Role, Scope
from gateway.store import upkeep
from gateway.store.tables import metadata
from gateway.web.access import DOOR, FIRST, PUBLIC, SETUP, access_of
from gateway.web.app import HEADERS, create_app
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, ApiClient, make_token

PUBLIC_PATHS = {
    "/static/<path:filename>",
    "/healthz/live",
    "/healthz/ready",
    "/api/openapi.json",
    "/open",
    "/ca.crt",
    "/manifest.webmanifest",
}
DOOR_PATHS = {"/sign-in", "/sign-in/code", "/join/<secret>"}
"""Open to anybody as well, once somebody can sign in."""
OFFICE_PATHS = {"/setup", "/setup/office", "/setup/account"}
"""An admin's; before anybody can sign in also theirs who gave the one-time code."""
TABLES = metadata.tables


def _rules(panel: Flask) -> list[tuple[str, str, object]]:
    found = []
    for rule in panel.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found.append((rule.rule, method, access_of(panel.view_functions[rule.endpoint])))
    return found


def _address(rule: str) -> str:
    rule = re.sub(r"<int[^>]*>", "1", rule)
    rule = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule)
    return re.sub(r"<\w+>", "x", rule)


def test_every_route_declares_what_it_asks_for(panel: Flask) -> None:
    assert [rule for rule, _, access in _rules(panel) if access is None] == []
    assert {rule for rule, _, access in _rules(panel) if access is PUBLIC} == PUBLIC_PATHS
    assert {rule for rule, _, access in _rules(panel) if access is DOOR} == DOOR_PATHS
    assert {rule for rule, _, access in _rules(panel) if access is FIRST} == {"/setup/code"}
    setup = {rule for rule, _, access in _rules(panel) if access is SETUP}
    assert {rule for rule in setup if not rule.endswith("/skip")} == OFFICE_PATHS


def test_a_route_that_declares_nothing_is_refused(panel: Flask) -> None:
    panel.add_url_rule("/forgotten", view_func=lambda: "secret")
    assert panel.test_client().get("/forgotten").status_code == 403


def test_nothing_but_what_is_public_is_shown_to_a_stranger(panel: Flask, stranger: Browser) -> None:
    for rule, method, access in _rules(panel):
        if access in (PUBLIC, DOOR):
            continue
        answer = stranger.client.open(_address(rule), method=method)
        is_led_on = access is SETUP or (isinstance(access, Right) and method == "GET")
        assert answer.status_code == (303 if is_led_on else 401), (rule, method)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_what_its_rights_say(
    panel: Flask, browser_of: Callable[[str], Browser], role: Role
) -> None:
    for rule, method, access in _rules(panel):
        if not isinstance(access, Right) or rule == "/sign-out":
            continue
        answer = browser_of(role.value).client.open(_address(rule), method=method)
        status, words = answer.status_code, answer.get_data(as_text=True)
        assert ("Your role does not include this" in words) is (access not in RIGHTS[role]), (rule, method)
        if access not in RIGHTS[role]:
            assert status == 403, (rule, method)
        elif method == "GET":
            assert status in (200, 303, 404), (rule, method)
        else:
            assert status == 403, (rule, method)  # the token of the form is missing


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_opens_its_own_routes_only(panel: Flask, office: Office, scope: Scope) -> None:
    program = ApiClient(panel.test_client(), make_token(office, "narrow", scope))
    for rule, method, access in _rules(panel):
        if isinstance(access, Scope):
            answer = program.client.open(_address(rule), method=method, headers=program.headers)
            assert (answer.status_code == 403) is (access is not scope), (rule, method)


def test_a_cookie_opens_no_api_and_a_token_no_page(anna: Browser, shop: ApiClient) -> None:
    assert anna.get("/api/v1/messages").status_code == 401
    assert shop.get("/").status_code == 303


def test_a_revoked_token_counts_no_more(shop: ApiClient, office: Office) -> None:
    assert shop.get("/api/v1/messages").status_code == 200
    office.write(lambda tx: team.revoke_token(tx, "shop", "command:test", office.clock()))
    assert shop.get("/api/v1/messages").status_code == 401


# --- forms -------------------------------------------------------------------------------------------


def test_a_form_without_its_token_does_nothing(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "hello")
    place = f"/conversations/{office.conversation(ANNA).public_id}"
    anna.get(place)
    fields = {**anna.page.forms[f"{place}/messages"], "body": "hi", "csrf_token": "forged"}
    assert anna.client.post(f"{place}/messages", data=fields).status_code == 403
    assert office.messages(direction="outbound") == []


def test_a_token_of_another_session_does_not_fit(
    anna: Browser, browser_of: Callable[[str], Browser], office: Office
) -> None:
    other = browser_of("admin")
    other.get("/lines")
    answer = anna.client.post(f"/lines/{office.line_id}/pause", data=other.page.forms["act"])
    assert answer.status_code == 403
    admin = browser_of("admin")
    answer = admin.client.post(f"/lines/{office.line_id}/pause", data=other.page.forms["act"])
    assert answer.status_code == 403
    assert office.line().paused_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_a_page_of_another_site_cannot_post(
    browser_of: Callable[[str], Browser], office: Office, headers: dict[str, str]
) -> None:
    admin = browser_of("admin")
    admin.get("/lines")
    place = f"/lines/{office.line_id}/pause"
    assert admin.client.post(place, data=admin.page.forms["act"], headers=headers).status_code == 403
    assert office.line().paused_at is None


def test_no_page_changes_anything_by_get(
    panel: Flask, browser_of: Callable[[str], Browser], stranger: Browser, office: Office
) -> None:
    office.text_from(ANNA, "hello")
    public_id = office.conversation(ANNA).public_id
    admin = browser_of("admin")
    admin.get(f"/conversations/{public_id}")  # opened for the first time, it is read: that alone is noted
    before = _rows(office)
    for rule, method, access in _rules(panel):
        if method == "GET" and not isinstance(access, Scope):
            for browser in (admin, stranger):
                browser.get(_address(rule).replace("/x", f"/{public_id}"))
    assert _rows(office) == before


def _rows(office: Office) -> dict[str, list[Any]]:
    return office.read(lambda tx: {name: list(tx.execute(table.select())) for name, table in TABLES.items()})


@pytest.mark.parametrize("path", sorted(DOOR_PATHS - {"/join/<secret>"} | {"/join/x"}))
def test_no_form_at_the_door_counts_without_its_token(stranger: Browser, path: str) -> None:
    stranger.get("/sign-in")
    assert stranger.client.post(path).status_code == 403


# --- hosts and headers -------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_loopback_names_are_answered(panel: Flask, host: str) -> None:
    assert panel.test_client().get("/healthz/live", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a b", "[::2]"])
def test_row_81_another_name_is_refused(panel: Flask, host: str) -> None:
    answer = panel.test_client().get("/healthz/live", headers={"Host": host})
    assert answer.status_code == 400


def test_a_configured_name_is_answered(office: Office, boot: Settings) -> None:
    app = create_app(office.database, replace(boot, trusted_hosts=("desk.example",)), office.clock)
    assert app.test_client().get("/healthz/live", headers={"Host": "Desk.Example:8080"}).status_code == 200


def test_row_89_every_answer_of_every_route_has_the_security_headers(panel: Flask, anna: Browser) -> None:
    addresses = [(_address(rule), method) for rule, method, _ in _rules(panel)]
    for address, method in [*addresses, ("/nothing-here", "GET"), ("/", "DELETE")]:
        answer = anna.client.open(address, method=method)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (address, name)
        if "static" not in address:
            assert answer.headers["Cache-Control"] == "no-store", address


def test_row_89_no_page_has_inline_code_or_style(anna: Browser) -> None:
    for path in ("/", "/lines", "/conversations/new", "/search?q=x", "/more", "/sign-in"):
        anna.get(path)
        assert "style=" not in anna.html and "<style" not in anna.html
        assert " onclick=" not in anna.html and "javascript:" not in anna.html
        assert anna.html.count("<script") == anna.html.count('<script src="/static/')


def test_a_request_of_more_than_a_mebibyte_is_refused(stranger: Browser, shop: ApiClient) -> None:
    huge = "x" * ((1 << 20) + 1)
    assert stranger.client.post("/sign-in", data={"username": huge}).status_code == 413
    answer = shop.send(to=ANNA, body=huge)
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


# --- sessions ----------------------------------------------------------------------------------------


def _sign_in(browser: Browser, username: str = "agent", password: str = PASSWORD) -> int:
    browser.get("/sign-in")
    return browser.submit("/sign-in", username=username, password=password).status_code


def test_signing_in_and_out(stranger: Browser, office: Office) -> None:
    assert _sign_in(stranger) == 200
    assert "Alderwick Dental" in stranger.text and "Sign out" in stranger.buttons()
    stranger.submit("/sign-out")
    assert stranger.get("/").headers["Location"] == "/sign-in"


def test_the_session_changes_at_sign_in(stranger: Browser) -> None:
    stranger.get("/sign-in")
    before = stranger.client.get_cookie("sid")
    _sign_in(stranger)
    after = stranger.client.get_cookie("sid")
    assert before is not None and after is not None and before.value != after.value
    assert after.http_only and after.same_site == "Lax"


def test_over_tls_the_cookie_is_bound_to_this_host(
    office: Office, panel: Flask, boot: Settings, tmp_path: Path
) -> None:
    answer = _over_tls(office, boot, tmp_path, "https://panel.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sid=") and "Secure" in cookie and "Path=/" in cookie
    assert "Domain" not in cookie


def _over_tls(office: Office, boot: Settings, tmp_path: Path, address: str) -> Any:
    """The sign-in page of a panel with a certificate of the settings."""
    pair = {"tls_cert": tmp_path / "cert.pem", "tls_key": tmp_path / "key.pem"}
    with_tls = replace(boot, trusted_hosts=("panel.example.org", "192.0.2.7"), **pair)
    app = create_app(office.database, with_tls, office.clock)
    return app.test_client().get("/sign-in", base_url=address)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://panel.example.org", "max-age=31536000"),
        ("http://panel.example.org", None),
        ("https://192.0.2.7", None),
        ("https://localhost", None),
    ],
)
def test_a_browser_is_kept_to_tls_by_names_of_ours_alone(
    office: Office, panel: Flask, boot: Settings, tmp_path: Path, address: str, kept: str | None
) -> None:
    """Of an address it would not heed it (RFC 6797, 8.1.1), and localhost is every program's."""
    answer = _over_tls(office, boot, tmp_path, address)
    assert answer.status_code == 200
    assert answer.headers.get("Strict-Transport-Security") == kept


def test_the_boxs_own_authority_keeps_no_browser_to_tls(office: Office, panel: Flask, boot: Settings) -> None:
    """Nor does a proxy's certificate, of which we know nothing."""
    app = create_app(office.database, replace(boot, trusted_hosts=("box.local",)), office.clock)
    answer = app.test_client().get("/sign-in", base_url="https://box.local:8443")
    assert answer.headers["Set-Cookie"].startswith("__Host-sid=")
    assert "Strict-Transport-Security" not in answer.headers


def test_unknown_name_and_wrong_password_are_told_alike(stranger: Browser) -> None:
    assert _sign_in(stranger, "agent", "wrong password!") == 401
    wrong = stranger.text.replace("agent", "")
    assert _sign_in(stranger, "nobody", "wrong password!") == 401
    assert stranger.text.replace("nobody", "") == wrong


def test_guessing_takes_longer_and_longer(stranger: Browser, office: Office) -> None:
    for _ in range(4):
        assert _sign_in(stranger, "agent", "wrong password!") == 401
        office.clock.step(seconds=2)
    _sign_in(stranger, "agent", "wrong password!")
    assert _sign_in(stranger) == 429
    assert "Wait" in stranger.text and "seconds" in stranger.text
    office.clock.step(minutes=1)
    assert _sign_in(stranger) == 200


def test_a_clock_that_was_ahead_keeps_nobody_out(stranger: Browser, office: Office) -> None:
    office.clock.step(days=300)
    for _ in range(6):
        _sign_in(stranger, "agent", "wrong password!")
    office.clock.step(days=-300)
    assert _sign_in(stranger) == 200
    office.write(lambda tx: upkeep.forget_old(tx, office.clock()))
    office.clock.step(days=300)
    assert _sign_in(stranger, "agent", "wrong password!") == 401


def test_whoever_asks_for_the_first_run_with_head_is_sent_to_the_door(stranger: Browser) -> None:
    assert stranger.client.head("/setup").location != "/setup"


def test_a_page_that_is_not_there_has_its_frame(anna: Browser) -> None:
    assert anna.get("/nothing").status_code == 404
    assert "Sign out" in anna.text


def test_a_disabled_person_is_out_at_once(anna: Browser, office: Office) -> None:
    assert anna.get("/").status_code == 200
    office.write(lambda tx: team.disable_user(tx, "agent", "command:test", office.clock()))
    assert anna.get("/").status_code == 303


def test_a_session_ends_after_twelve_idle_hours_or_seven_days(anna: Browser, office: Office) -> None:
    for _ in range(14):
        office.clock.step(hours=11)
        assert anna.get("/").status_code == 200
    office.clock.step(hours=12, minutes=1)
    assert anna.get("/").status_code == 303


def test_a_page_that_refreshes_itself_keeps_no_session_alive(anna: Browser, office: Office) -> None:
    office.clock.step(hours=11)
    assert anna.get("/", headers={"Live": "1"}).status_code == 200
    office.clock.step(hours=2)
    assert anna.get("/").status_code == 303


def test_what_was_typed_is_shown_when_the_session_is_over(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "hello")
    place = f"/conversations/{office.conversation(ANNA).public_id}"
    anna.get(place)
    office.clock.step(days=8)
    answer = anna.submit(f"{place}/messages", body="a long answer <b>")
    assert answer.status_code == 401
    assert "a long answer &lt;b&gt;" in anna.html


@pytest.mark.parametrize(
    ("then", "leads_to"),
    [("/lines", "/lines"), ("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil.example", "/")],
)
def test_after_signing_in_one_stays_here(stranger: Browser, then: str, leads_to: str) -> None:
    stranger.get("/sign-in", query_string={"then": then})
    fields = {**stranger.page.forms["/sign-in"], "username": "agent", "password": PASSWORD}
    assert stranger.client.post("/sign-in", data=fields).headers["Location"] == leads_to


def test_signing_in_leads_to_the_page_that_was_asked_for(stranger: Browser) -> None:
    stranger.get("/search?q=a%26b", follow_redirects=True)
    fields = {**stranger.page.forms["/sign-in"], "username": "agent", "password": PASSWORD}
    assert stranger.client.post("/sign-in", data=fields).headers["Location"] == "/search?q=a%26b"


def test_sessions_outlive_a_restart_and_so_do_open_forms(
    anna: Browser, office: Office, boot: Settings
) -> None:
    anna.get("/")
    form = anna.page.forms["/sign-out"]
    again = create_app(office.database, boot, office.clock).test_client()
    cookie = anna.client.get_cookie("sid")
    assert cookie is not None
    again.set_cookie("sid", cookie.value, domain="localhost")
    assert again.post("/sign-out", data=form).headers["Location"] == "/sign-in"
