"""What strangers and colleagues write is shown as text wherever it is shown (fault rows 62 and 63)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from playwright.sync_api import sync_playwright

from gateway.config import Settings
from gateway.domain.people import Scope
from gateway.web.frame import STATIC
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD
from tests.web.hostile import ATTACK, PROBE, attacked
from tests.web.serving import Served
from tests.web.test_browser import CHROMIUM, QUIET
from tests.web.walk import Addresses, routes

BrowserOf = Callable[[str], Browser]
OURS_ALONE = ("/static/", "/healthz", "/api/", "/metrics", "/ca.crt", "/join/")


def pages(panel: Flask, office: Office) -> Iterator[str]:
    """The address of every page there is."""
    at = Addresses(office, ANNA)
    for route in routes(panel):
        if (
            route.method == "GET"
            and not isinstance(route.access, Scope)
            and not route.rule.startswith(OURS_ALONE)
        ):
            yield at.of(route.rule)
    yield f"/search?q={ATTACK[:40].replace('&', '%26').replace('#', '%23')}"
    yield f"/sign-in?then={ATTACK[:40]}"


class Elements(HTMLParser):
    """What a page is made of, that could be somebody's."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.foreign: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name.startswith("on") or name == "style":
                self.foreign.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and re.match(
                r"\s*(?!https?:|tel:\+\d+$)\w+:", value or ""
            ):
                self.foreign.append(f"{name}={value}")
            if name == "src" and not (value or "").startswith(("/static/", "data:image/")):
                self.foreign.append(f"{name}={value}")
        if tag == PROBE:
            self.foreign.append(tag)
        if tag == "script" and not dict(attributes).get("src", ""):
            self.foreign.append(tag)


@pytest.mark.parametrize("role", ["admin", "agent"])
def test_row_62_nothing_anybody_wrote_becomes_part_of_a_page(
    panel: Flask, browser_of: BrowserOf, office: Office, role: str
) -> None:
    attacked(office)
    browser, shown = browser_of(role), 0
    for address in pages(panel, office):
        answer = browser.get(address)
        assert answer.status_code < 500, address
        if answer.mimetype == "text/html" and answer.status_code == 200:
            assert Elements(browser.html).foreign == [], address
            assert "49" not in re.findall(r"\{\{7\*7\}\}|\b49\b", browser.html), (
                "a template in words was filled in"
            )
            shown += PROBE in browser.html
    assert shown > 12, "the attack stood on that many pages"


def test_row_62_links_are_of_the_web_and_tell_nobody(browser_of: BrowserOf, office: Office) -> None:
    attacked(office)
    browser = browser_of("agent")
    browser.get(f"/conversations/{office.conversation(ANNA).public_id}")
    links = re.findall(r'<a href="(https?:[^"]*)" rel="([^"]*)"', browser.html)
    assert links and all("noreferrer" in rel and "noopener" in rel for _, rel in links)
    assert "evil.example" in browser.text


@pytest.mark.slow
@pytest.mark.browser
def test_row_62_a_browser_runs_nothing_of_it(panel: Flask, office: Office, boot: Settings) -> None:
    """The DOM that a real browser makes of every page: no element of the attack, and nothing ran."""
    attacked(office)
    with Served(panel, office, boot) as served, sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = chromium.new_page()
        said: list[str] = []
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.on(
            "request",
            lambda asked: said.append(asked.url) if not asked.url.startswith(served.address) else None,
        )
        page.goto(f"{served.address}/sign-in")
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        seen = 0
        for address in pages(panel, office):
            answer = page.goto(served.address + address)
            if answer is None or "text/html" not in answer.headers.get("content-type", ""):
                continue
            assert page.evaluate("window.hit") is None, address
            foreign = page.evaluate(
                f"""[...document.querySelectorAll(`{PROBE}, [onload], [onerror], [onclick], img[src="x"],
                a[href^="javascript" i], a[href^="data" i], a[href^="vbscript" i],
                script:not([src])`)].length"""
            )
            assert foreign == 0, address
            seen += 1
        chromium.close()
    assert said == [] and seen > 25


# --- what cannot be seen -----------------------------------------------------------------------------

UNSEEN = "\u202e\u2066\u200b\u200f\u061c\u2028\ufeff"


def test_row_63_no_page_obeys_what_cannot_be_seen(
    panel: Flask, browser_of: BrowserOf, office: Office
) -> None:
    """Overrides and isolates turn nothing round them: named in a text, and in a name shut in."""
    attacked(office, f"gnp{UNSEEN}.exe" + "e" + "\u0301" * 300)
    browser = browser_of("agent")
    browser.get(f"/conversations/{office.conversation(ANNA).public_id}")
    bubbles = re.findall(r'<(\w+) class="bubble" dir="auto">(.*?)</\1>', browser.html, re.S)
    assert bubbles
    for _, bubble in bubbles:
        assert not set(UNSEEN) & set(bubble) and "U+202E" in bubble
        assert bubble.count("\u0301") < 20


def test_row_63_a_name_that_looks_like_another_stands_by_its_number(anna: Browser, office: Office) -> None:
    """Letters of another alphabet cannot be told from ours; the number beside the name can."""
    office.text_from(ANNA, "hello")
    contact = office.conversation(ANNA).contact_id
    office.write(
        lambda tx: tx.connection.exec_driver_sql("UPDATE contacts SET name = 'Аnnа' WHERE id = ?", (contact,))
    )
    anna.get(f"/conversations/{office.conversation(ANNA).public_id}")
    assert "Аnnа" in anna.text and "7700 900123" in anna.text


def test_row_63_what_is_high_is_clipped() -> None:
    """Marks that stack over a line cannot cover what is above it."""
    css = (STATIC / "panel.css").read_text(encoding="utf-8")
    (rule,) = re.findall(r"^\.bubble \{([^}]*)\}", css, re.M)
    assert "overflow: clip" in rule
