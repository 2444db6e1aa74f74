"""The page that says how to open the panel from another device, for whoever comes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from flask import Flask

from gateway import certificates, tls
from gateway.certificates import Names
from gateway.config import Settings
from gateway.domain import opening_words, setup_words
from gateway.domain.opening_words import SYSTEMS
from gateway.tls import Certificates
from gateway.web.app import create_app
from gateway.web.opening import Opened, places
from tests.office import Office
from tests.web.browser import Browser

BOX = Names(("box.local",), (ip_address("192.168.1.20"),))


@pytest.fixture
def opened(boot: Settings) -> Opened:
    return tls.init(boot.data_dir, BOX, datetime(2025, 3, 3, tzinfo=UTC))


@pytest.fixture
def visit(panel: Flask, office: Office, boot: Settings) -> Callable[[], Browser]:
    """Somebody nobody knows, with a browser."""
    return lambda: Browser(create_app(office.database, boot, office.clock, Certificates(boot)).test_client())


def test_a_stranger_reads_how_to_trust_the_box(opened: Opened, visit: Callable[[], Browser]) -> None:
    page = visit()
    assert page.get("/open").status_code == 200
    assert opened.fingerprint in page.text
    for address in ("https://box.local:8443", "https://192.168.1.20:8443"):
        assert address in page.text
    for system in SYSTEMS:
        assert system.name in page.text and all(step in page.text for step in system.steps)
    assert 'aria-label="Code that leads to https://192.168.1.20:8443/open"' in page.html


def test_the_root_can_be_downloaded_and_its_key_cannot(opened: Opened, visit: Callable[[], Browser]) -> None:
    answer = visit().client.get("/ca.crt")
    assert (answer.status_code, answer.mimetype) == (200, "application/x-x509-ca-cert")
    assert certificates.facts(answer.data).fingerprint == opened.fingerprint
    assert b"PRIVATE" not in answer.data


def test_without_one_the_command_is_named(visit: Callable[[], Browser]) -> None:
    page = visit()
    page.get("/open")
    assert "sms-gateway tls init" in page.text and opening_words.OTHER_WAYS in page.text
    assert visit().client.get("/ca.crt").status_code == 404


def test_an_admin_opens_it_with_one_button(admin: Browser, boot: Settings) -> None:
    admin.get("/open")
    assert admin.submit("/open").status_code == 200
    opened = tls.read_in_use(boot)
    assert opened is not None and opened.fingerprint in admin.text
    assert "/open" not in admin.page.forms, "there is one now"


def test_its_button_pressed_twice_opens_it_once(admin: Browser, boot: Settings) -> None:
    admin.get("/open")
    fields = admin.page.forms["/open"]
    first = admin.client.post("/open", data=fields, base_url="http://localhost")
    opened = tls.read_in_use(boot)
    second = admin.client.post("/open", data=fields, base_url="http://localhost")
    assert (first.status_code, second.status_code) == (303, 303)
    assert tls.read_in_use(boot) == opened


def test_a_panel_that_opens_nowhere_says_so_instead_of_offering_its_button_again(
    opened: Opened, panel: Flask, office: Office, boot: Settings
) -> None:
    shut = replace(boot, tls_listen=None)
    page = Browser(create_app(office.database, shut, office.clock, Certificates(shut)).test_client())
    page.get("/open")
    assert opening_words.SHUT in page.text and "/open" not in page.page.forms


@pytest.fixture
def admin(visit: Callable[[], Browser], browser_of: Callable[[str], Browser]) -> Browser:
    """An admin at the box, whose panel can be opened to others."""
    page, cookie = visit(), browser_of("admin").client.get_cookie("sid")
    assert cookie is not None
    page.client.set_cookie("sid", cookie.value, domain="localhost")
    return page


def test_the_first_run_opens_it_and_says_where(admin: Browser, boot: Settings) -> None:
    admin.get("/setup/opening")
    assert setup_words.OPEN_TO_OTHERS not in admin.text
    admin.submit("/setup/opening/open")
    opened = tls.read_in_use(boot)
    assert opened is not None and setup_words.OPEN_TO_OTHERS in admin.text
    assert all(place in admin.text for place in places(boot, opened))
    assert "/setup/opening/open" not in admin.page.forms, "it is open"
    admin.get("/setup/colleagues")
    assert "Other computers , done" in admin.text


def test_a_link_for_a_colleague_leads_to_where_others_find_the_panel(admin: Browser, opened: Opened) -> None:
    admin.get("/setup/colleagues")
    admin.submit("/setup/colleagues", role="agent")
    assert "https://192.168.1.20:8443/join/" in admin.text
    assert "open https://192.168.1.20:8443/open first" in admin.text
    assert setup_words.ONLY_BOX_LINK not in admin.text


def test_others_are_asked_to_sign_in(visit: Callable[[], Browser], boot: Settings) -> None:
    page = visit()
    page.get("/open")
    assert page.submit("/open").status_code == 401
    assert tls.read_in_use(boot) is None


def test_behind_a_proxy_its_address_is_shown(visit: Callable[[], Browser]) -> None:
    page = visit()
    page.get("/open", base_url="https://localhost")
    assert "https://localhost" in page.text and "Fingerprint" not in page.text
