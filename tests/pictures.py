"""`python -m tests.pictures`: takes the pictures of docs/desk.md anew: Send pressed at 22:10 their time; and
those of docs/first-run.md (`pictures_first_run`).

The real panel over a real database in a real Chromium, its clock stepped by hand. With Pillow at hand the
pictures are written with a palette, a third of the size.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.config import load
from gateway.desk import contacts as desk_contacts
from gateway.desk import team
from gateway.desk.drafts import Author
from gateway.domain.line import Accepted, LineState, LineStatus
from gateway.domain.people import Role
from gateway.store import contacts, schema, settings
from gateway.store import team as store_team
from gateway.web.app import create_app
from tests import pictures_first_run
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, SAM, Clock, Office
from tests.web.serving import Served
from tests.web.test_browser import CHROMIUM, DESKTOP, PHONE, QUIET

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
MORNING = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
EVENING = datetime(2025, 3, 3, 18, 10, tzinfo=UTC)
"""22:10 in Dubai."""
REPLY = "Friday at ten is yours. See you then!"


@dataclass(frozen=True, slots=True)
class Scene:
    """An evening at the office: who has written, what time it is, where the panel is served."""

    office: Office
    clock: Clock
    address: str

    def sit_down(self, chromium: Browser, role: Role, **context: Any) -> Page:
        """A page of somebody of that role, signed in."""

        def begin(tx: Any) -> str:
            user = store_team.user_by_name(tx, role.value)
            assert user is not None
            return team.sign_in(tx, user, "test", self.clock())

        told = chromium.new_context(reduced_motion="reduce", **context)
        told.add_cookies([{"name": "sid", "value": self.office.write(begin), "url": self.address}])
        return told.new_page()


@contextmanager
def evening() -> Iterator[Scene]:
    """Nadia, who lives in Dubai, asked in the morning; now it is 22:10 there and 18:10 here."""
    clock = Clock(MORNING)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        schema.prepare(path)
        with Office(path, clock) as office:
            boot = load(None, {"SMS_GATEWAY_DATA_DIR": folder, "SMS_GATEWAY_LISTEN": "127.0.0.1:0"})
            office.write(lambda tx: _people(tx, clock))
            _morning(office)
            clock.now = EVENING
            with Served(create_app(office.database, boot, clock), office, boot) as served:
                yield Scene(office, clock, served.address)


def _people(tx: Any, clock: Clock) -> None:
    settings.put(tx, "office.name", "Alderwick Dental")
    settings.put(tx, "office.second_factor", "offered")
    names = {Role.ADMIN: "Ruth Lindqvist", Role.MANAGER: "Tom Okafor", Role.AGENT: "Anna Reid"}
    for role, name in names.items():
        team.add_user(tx, role.value, name, role, team.hash_password("a long sentence", ""), "x", clock())


def _morning(office: Office) -> None:
    ready = LineState(LineStatus.UP, "ready", {"signal_dbm": "-71", "operator": "Test Net"})
    office.hear(ready)
    for number, name, body in (
        (CARA, "Cara Lund", "Thank you, it has stopped hurting."),
        (BEN, "Ben Ortiz", "Could we move Thursday to the week after?"),
        (NADIA, "Nadia Farrell", "Good morning! Do you have anything on Friday?"),
    ):
        office.text_from(number, body)
        office.write(lambda tx, who=number, name=name: _note(tx, who, name, office))  # type: ignore[misc]
        office.clock.step(minutes=4)
    office.accept(NADIA, "Good morning Nadia. I will look and let you know today.", author=_agent(office))
    office.send_one(Accepted(7))
    office.report(7, NADIA)


def _note(tx: Any, number: str, name: str, office: Office) -> None:
    contact = contacts.by_number(tx, number)
    assert contact is not None
    desk_contacts.set_name(tx, contact.id, name, SAM, office.clock())
    if number == NADIA:
        desk_contacts.set_zone(tx, contact.id, "Asia/Dubai", SAM, office.clock())


def _agent(office: Office) -> Author:
    user = office.read(lambda tx: store_team.user_by_name(tx, Role.AGENT.value))
    assert user is not None
    return Author("person", user.id, user.name)


def take(chromium: Browser, folder: Path) -> None:
    """The notice before Send, the thread after, and why: each on a desk and on a phone."""
    for size, viewport in SIZES.items():
        with evening() as scene:
            page = scene.sit_down(chromium, Role.MANAGER, viewport=viewport)
            page.goto(f"{scene.address}/conversations/{scene.office.conversation(NADIA).public_id}")
            page.get_by_label("Reply").fill(REPLY)
            expect(page.get_by_text("It is 22:10 for Nadia.")).to_be_visible()
            keep(page, folder / f"before-{size}.png")
            page.get_by_role("button", name="Send", exact=True).click()
            sent = page.get_by_role("article").filter(has_text=REPLY)
            expect(sent).to_contain_text("Will go Tuesday at 08:00 their time (04:00 here)")
            keep(page, folder / f"after-{size}.png")
            sent.get_by_role("link", name="Will go").click()
            expect(page.get_by_role("heading", name="Why did this text not go?")).to_be_visible()
            keep(page, folder / f"why-{size}.png", full_page=True)


def keep(page: Page, path: Path, *, full_page: bool = False) -> None:
    """Write a picture of a page, small where Pillow is there to make it so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = page.viewport_size
    if full_page and size is not None:  # as high as the page, so that what sticks to the bottom is there
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    page.screenshot(path=path)
    if full_page and size is not None:
        page.set_viewport_size(size)
    with suppress(ImportError):
        from PIL import Image

        colours = Image.Quantize.MAXCOVERAGE
        Image.open(path).convert("RGB").quantize(256, colours, dither=Image.Dither.NONE).save(
            path, optimize=True
        )


def main() -> None:
    """Take them all."""
    about = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    about.add_argument("--to", type=Path, default=PICTURES, help="the folder to write them to")
    wanted = about.parse_args()
    with sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        take(chromium, wanted.to)
        pictures_first_run.take(
            chromium, lambda page, name: keep(page, wanted.to / f"{name}.png", full_page=True)
        )
        chromium.close()


if __name__ == "__main__":
    main()
