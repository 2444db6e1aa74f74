"""Every page as axe-core judges it (WCAG 2.2 A and AA, and its best practices): in both themes, on a desk and
on a phone. `make test` looks at each page once, in one of the four ways; `make test-all` in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.config import Settings
from gateway.desk import team
from gateway.domain.people import Role
from gateway.store import team as store_team
from tests.office import Office
from tests.web.practice import fill, pages
from tests.web.serving import Served
from tests.web.test_browser import CHROMIUM, DESKTOP, PHONE, QUIET

pytestmark = pytest.mark.browser

AXE = Path(__file__).with_name("axe") / "axe.min.js"
WAYS = [("light", DESKTOP), ("dark", PHONE), ("dark", DESKTOP), ("light", PHONE)]
JUDGE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map((one) => one.html.slice(0, 120)).join(" | ")}`)"""
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def served(panel: Flask, office: Office, boot: Settings) -> Iterator[Served]:
    fill(office)
    with Served(panel, office, boot) as served:
        yield served


def _sit_down(chromium: Browser, office: Office, served: Served, theme: Any, size: Any) -> Page:
    def begin(tx: Any) -> str:
        user = store_team.user_by_name(tx, Role.ADMIN.value)
        assert user is not None
        return team.sign_in(tx, user, "test", office.clock())

    told = chromium.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
    told.add_cookies([{"name": "sid", "value": office.write(begin), "url": served.address}])
    return told.new_page()


def _judged(page: Page, address: str) -> list[str]:
    page.goto(address, wait_until="load")
    if page.evaluate("document.contentType") != "text/html":
        return []  # for scripts
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = list(page.evaluate(JUDGE))
    return [*found, *(["the page scrolls sideways"] if page.evaluate(WIDER) else [])]


@pytest.mark.timeout(300)
def test_nothing_on_any_page_keeps_anybody_out(
    chromium: Browser, panel: Flask, office: Office, served: Served
) -> None:
    addresses = {rule: address for rule, address in pages(panel, office).items() if "#" not in rule}
    assert len(addresses) > 30
    wrong: list[str] = []
    for place, way in enumerate(WAYS):
        chosen = [one for number, one in enumerate(addresses.items()) if number % len(WAYS) == place]
        wrong += _wrong(_sit_down(chromium, office, served, *way), served, chosen)
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("way", WAYS, ids=["light desk", "dark phone", "dark desk", "light phone"])
def test_nothing_on_each_page_keeps_anybody_out(
    chromium: Browser, panel: Flask, office: Office, served: Served, way: tuple[str, Any]
) -> None:
    addresses = list(pages(panel, office).items())
    assert len(addresses) > 60
    wrong = _wrong(_sit_down(chromium, office, served, *way), served, addresses)
    assert not wrong, "\n".join(wrong)


def _wrong(page: Page, served: Served, addresses: list[tuple[str, str]]) -> list[str]:
    """What axe finds on these pages, each with the page's rule."""
    found = [
        f"{rule}: {one}" for rule, address in addresses for one in _judged(page, served.address + address)
    ]
    page.context.close()
    return found
