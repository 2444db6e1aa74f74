"""`python -m tests.stories.first_run ADDRESS CODE --phone NUMBER`: from nothing to a text that was delivered,
by somebody in a real browser who knows nothing but the labels on the screen.

With `--control` of a fake modem the phone answers as well. Prints how long it took.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyotp
from playwright.sync_api import Page, expect, sync_playwright

from tests.fake_modem.control import Control
from tests.web.test_browser import CHROMIUM, DESKTOP, PHONE, QUIET

PASSWORD = "the kettle is on again"
ANSWER = "It works, I can read it"


@dataclass(frozen=True)
class Person:
    """Who sets the office up. `phone` is their own; `answer` writes from it; `adapter`: the address of a
    network adapter, where the modem is behind one; `line_number`: what stands on the SIM."""

    phone: str
    answer: Callable[[], None] | None = None
    adapter: str = ""
    line_number: str = "+12025550100"
    see: Callable[[str], None] = lambda name: None


def first_run(page: Page, address: str, code: str, who: Person) -> None:
    """Every step of the first run; at its end a text was delivered, answered, and the inbox is open."""
    page.goto(address)
    who.see("code")
    page.get_by_label("Set-up code").fill(code)
    _press(page, "Begin")
    _office(page, who)
    _account(page, who)
    _modem(page, who)
    _heading(page, "Its number")
    page.get_by_label("Number of the line").fill(who.line_number)
    who.see("number")
    _press(page, "Continue")
    _test_text(page, who)
    _rest(page, who)


def _heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words, level=1)).to_be_visible()


def _press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def _office(page: Page, who: Person) -> None:
    _heading(page, "Your office")
    page.get_by_label("Name of the office").fill("Alderwick Dental")
    page.get_by_label("Country").select_option(label="United States")
    page.get_by_label("Time zone").fill("America/New_York")
    page.get_by_label("Language of the panel").select_option(label="English")
    who.see("office")
    _press(page, "Continue")


def _account(page: Page, who: Person) -> None:
    _heading(page, "Your account")
    page.get_by_label("Your name").fill("Ruth Lindqvist")
    page.get_by_label("Username").fill("ruth")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    who.see("account")
    _press(page, "Continue")
    expect(page.get_by_label("Code from the app")).to_be_visible()
    who.see("factor")
    letters = page.locator(".raw").first.text_content() or ""
    page.get_by_label("Code from the app").fill(pyotp.TOTP(letters.replace(" ", "")).now())
    _press(page, "Turn it on")
    page.get_by_role("link", name="I wrote them down, continue").click()


def _modem(page: Page, who: Person) -> None:
    _heading(page, "Which modem?")
    if who.adapter:
        page.get_by_text("Mine is not listed").click()
        page.get_by_label("Address of the network adapter").fill(who.adapter)
    _press(page, "Look for modems")
    use = page.get_by_role("button", name="Use this modem")
    expect(use).to_be_visible(timeout=30_000)  # it appears by itself when the ports have answered
    who.see("modem")
    use.click()


def _test_text(page: Page, who: Person) -> None:
    _heading(page, "A test text")
    page.get_by_label("Your own number").fill(who.phone)
    _press(page, "Send a test text")
    ticks = page.get_by_role("region", name="What happens to the test text")
    for word in ("Accepted", "Sent", "Delivered"):
        expect(ticks.get_by_text(word, exact=True)).to_be_visible(timeout=60_000)
    who.see("delivered")
    if who.answer is not None:
        expect(ticks.get_by_text("Now answer it")).to_be_visible()
        who.answer()
        expect(ticks.get_by_text("Answered", exact=True)).to_be_visible(timeout=30_000)
        who.see("answered")
    _press(page, "Continue")


def _rest(page: Page, who: Person) -> None:
    _heading(page, "Opening hours")
    page.get_by_label("When we are open").fill("Mon-Fri 08:30-17:30; Sat 09:00-12:00; holidays none")
    who.see("hours")
    _press(page, "Continue")
    _heading(page, "Rules")
    who.see("rules")
    _press(page, "Continue")
    _heading(page, "Other computers")
    who.see("opening")
    _press(page, "Continue")
    _heading(page, "Colleagues")
    _press(page, "Make a link")
    expect(page.get_by_role("heading", name="Link for one agent")).to_be_visible()
    who.see("colleagues")
    _press(page, "Finish")
    _heading(page, "Ready for the first customer")
    who.see("finish")
    page.get_by_role("link", name="Open the inbox").click()
    expect(page.get_by_role("list", name="Conversations")).to_be_visible()


def main() -> None:
    """Set up the office at an address."""
    about = argparse.ArgumentParser(prog="python -m tests.stories.first_run", description=__doc__)
    about.add_argument("address", help="of the panel, such as http://127.0.0.1:8080")
    about.add_argument("code", help="the one-time code the program wrote to its log")
    about.add_argument("--phone", default="+12025550123", help="the number of one's own phone")
    about.add_argument("--adapter", default="", metavar="HOST:PORT", help="a modem behind a network adapter")
    about.add_argument("--control", metavar="PATH", help="control socket of a fake modem: the phone answers")
    about.add_argument("--small", action="store_true", help="on a phone's screen")
    wanted = about.parse_args()
    control = Control(wanted.control) if wanted.control else None
    answer = (lambda: _write(control, wanted.phone)) if control else None
    with sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        size: Any = PHONE if wanted.small else DESKTOP
        page = chromium.new_page(viewport=size, ignore_https_errors=True)
        began = time.monotonic()
        first_run(page, wanted.address, wanted.code, Person(wanted.phone, answer, wanted.adapter))
        print(f"from the code to the inbox in {time.monotonic() - began:.1f} s")
        chromium.close()


def _write(control: Control, phone: str) -> None:
    control.text(phone, ANSWER)


if __name__ == "__main__":
    main()
