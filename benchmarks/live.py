"""From `+CMTI` on the wire to the text on the screen of an open thread: the real program and Chromium."""

from __future__ import annotations

import random
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from gateway.store import contacts, conversations
from gateway.store.database import Tx
from tests.fake_modem import FakeModem
from tests.web.test_browser import CHROMIUM, QUIET

from .office import PASSWORD, USERNAME, Office, wait_for
from .rows import Row, Verdict, percentile

FAKE_OPTIONS = ("--report-delay", "-1", "--seed", "1")
P95_MS = 150.0
PHONE = "+12025550143"
_WATCH = """() => {
  window.shownAt = {};
  const note = () => {
    const words = document.querySelector("[role=log]").textContent;
    for (const [, text] of words.matchAll(/Text (\\d+) of the run/g)) {
      if (text in shownAt) continue;
      shownAt[text] = 0;
      requestAnimationFrame(() => { shownAt[text] = performance.timeOrigin + performance.now(); });
    }
  };
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true });
}"""
"""Notes the wall clock (milliseconds) of the frame that shows each text."""


def samples(fake: FakeModem, office: Office, count: int) -> list[float]:
    """Milliseconds for each of `count` texts, each told after the one before was shown."""
    fake.control.text(PHONE, "Good morning")
    conversation = wait_for(lambda: office.read(_conversation))
    chance, wall = random.Random(1), time.time() - time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        _open(page, office.address, conversation)
        shown = []
        began = time.monotonic()
        for number in range(count):
            fake.control.text(PHONE, f"Text {number} of the run")
            shown.append(wait_for(lambda: _shown_at(page, number), every=0.02) / 1000)  # noqa: B023
            time.sleep(chance.uniform(0.2, 0.6))
        browser.close()
    chunks = fake.control("chunks", after=began)["chunks"]
    told = [at + wall for at, who, said in chunks if who == "M" and "+CMTI" in said]
    return [(seen - then) * 1000 for then, seen in zip(told, shown, strict=True)]


def _conversation(tx: Tx) -> str:
    contact = contacts.by_number(tx, PHONE)
    found = conversations.of_contact(tx, contact.id) if contact is not None else []
    return found[0].public_id if found else ""


def _shown_at(page: Page, number: int) -> float:
    """0 until that text is shown."""
    return float(page.evaluate("(number) => window.shownAt[number] || 0", number))


def _open(page: Page, address: str, conversation: str) -> None:
    page.goto(f"{address}/sign-in?then=/conversations/{conversation}")
    page.get_by_label("Username").fill(USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("log").wait_for()
    page.evaluate(_WATCH)
    page.wait_for_timeout(500)  # until its stream is there


def row(folder: Path, count: int) -> Row:
    """95 of 100 texts beside the target."""
    with FakeModem(*FAKE_OPTIONS) as fake, Office(folder, fake.path) as office:
        found = samples(fake, office, count)
    p95 = percentile(found, 0.95)
    how = (
        f"{count} texts, one after the other, in a thread open in Chromium on this machine; from +CMTI on "
        "the wire to the frame that shows the text, so that reading it from the modem, storing it and "
        f"fetching the page anew count too. Median {percentile(found, 0.5):.0f} ms, range {min(found):.0f} "
        f"to {max(found):.0f} ms."
    )
    return Row(
        "+CMTI on the wire to the text in an open page",
        f"p95 {P95_MS:g} ms",
        f"p95 {p95:.0f} ms",
        Verdict.MET if p95 <= P95_MS else Verdict.MISSED,
        how,
    )
