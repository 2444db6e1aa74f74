"""A working day at the panel, in a real browser: with two people, by keyboard alone, without scripts, and on
a phone at the counter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gateway.desk import second_factor
from gateway.desk import templates as desk_templates
from gateway.domain.line import Accepted
from gateway.store import contacts
from gateway.store import team as store_team
from tests.office import ANNA as NADIA
from tests.office import BEN, SAM, Office
from tests.web import test_browser
from tests.web.conftest import PASSWORD
from tests.web.serving import Served
from tests.web.test_browser import PHONE, Desk

pytestmark = pytest.mark.browser

playwright, chromium, served = test_browser.playwright, test_browser.chromium, test_browser.served

TOOTHACHE = "Terrible toothache since four. Can somebody see me today?"
ANSWER = "Yes, come at 9:15. Anna"


@pytest.fixture
def morning(office: Office) -> Office:
    """Tuesday, 07:02. Yesterday Ben asked for his repair; tonight somebody unknown could not sleep."""
    office.text_from(BEN, "Bonjour, la Réparation est prête ?")
    office.accept(BEN, "Yes, it is ready.")
    office.send_one(Accepted(200))
    office.write(lambda tx: _name(tx, BEN, "Ben Okafor"))
    office.write(
        lambda tx: desk_templates.add(
            tx, "Chair", {"en": "Hello {first_name}, a chair is free."}, None, SAM, office.clock()
        )
    )
    office.clock.step(hours=21, minutes=32)
    office.text_from(NADIA, TOOTHACHE)
    return office


def _name(tx: Any, number: str, name: str) -> None:
    person = contacts.by_number(tx, number)
    assert person is not None
    contacts.change(tx, person.id, name=name)


def _app_of(office: Office, username: str) -> pyotp.TOTP:
    """The authenticator app of somebody who is asked for its codes."""

    def turn_on(tx: Any) -> str:
        user = store_team.user_by_name(tx, username)
        assert user is not None
        second_factor.begin(tx, user.id)
        seed = second_factor.seed(tx, store_team.user(tx, user.id))
        assert seed is not None
        code = pyotp.TOTP(seed).at(office.clock())
        second_factor.turn_on(tx, user.id, code, "command:test", "", office.clock())
        return seed

    app = pyotp.TOTP(office.write(turn_on))
    office.clock.step(minutes=1)  # a code counts once
    return app


def _sign_in(desk: Desk, username: str, app: pyotp.TOTP, office: Office) -> None:
    page = desk.page
    page.goto(desk.address)
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code from the app").fill(app.at(office.clock()))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("list", name="Conversations")).to_be_visible()


def _row(page: Page, words: str) -> Locator:
    return page.get_by_role("list", name="Conversations").get_by_role("link").filter(has_text=words)


def _text(page: Page, words: str) -> Locator:
    return page.get_by_role("log").get_by_role("article").filter(has_text=words)


def _send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


@pytest.fixture
def anna(chromium: Browser, served: Served, morning: Office) -> Iterator[Desk]:
    desk = Desk(chromium, served)
    yield desk
    desk.context.close()
    assert [said for said in desk.complaints if "409" not in said] == []


def test_the_working_day_of_two(anna: Desk, chromium: Browser, served: Served, morning: Office) -> None:
    office, page = morning, anna.page
    _sign_in(anna, "agent", _app_of(office, "agent"), office)

    # the toothache of 7 o'clock is answered
    expect(_row(page, TOOTHACHE)).to_contain_text("New prospect")
    _row(page, TOOTHACHE).click()
    page.get_by_label("Reply", exact=True).fill(ANSWER)
    _send(page)
    expect(_text(page, ANSWER)).to_contain_text("Queued")
    office.send_one(Accepted(7))
    office.report(7, NADIA)
    expect(_text(page, ANSWER)).to_contain_text("Delivered")

    # a note, with a mention that Ruth sees wherever she is
    ruth = Desk(chromium, served)
    ruth.sign_in("admin")
    page.get_by_text("Note for us").click()
    page.get_by_label("Internal note, not sent").fill("Please keep 9:15 free, @admin")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".note")).to_contain_text("Please keep 9:15 free")
    ruth.page.get_by_role("link", name="1 for you").click()
    ruth.page.get_by_role("link", name="Please keep 9:15 free").click()
    expect(ruth.page.locator(".note")).to_contain_text("Anna Reid")

    # whoever answered first has it; given to Ruth, taken back, and put off until they write; which they do
    head = page.locator("#head-actions")
    expect(page.get_by_role("link", name="Mine 1")).to_be_visible()
    head.get_by_text("Yours", exact=True).click()
    head.get_by_role("button", name="Ruth Lindqvist").click()
    expect(page.get_by_role("link", name="Mine 0")).to_be_visible()
    head.get_by_text("With Ruth Lindqvist", exact=True).click()
    head.get_by_role("button", name="To me").click()
    expect(page.get_by_role("link", name="Mine 1")).to_be_visible()
    head.get_by_text("Put off", exact=True).first.click()
    head.get_by_role("button", name="Until they write").click()
    expect(page.get_by_role("link", name="Put off 1")).to_be_visible()
    office.clock.step(minutes=20)
    office.text_from(NADIA, "Thank you! Where do I park?")
    expect(_text(page, "Where do I park?")).to_be_visible()
    expect(page.get_by_role("link", name="Put off 0")).to_be_visible()

    # a template wants a name nobody knows
    box = page.get_by_label("Reply", exact=True)
    box.press_sequentially("/cha")
    expect(page.get_by_role("listbox", name="Templates").get_by_role("option")).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value("Hello {first_name}, a chair is free.")
    expect(page.locator("#advice")).to_contain_text("{first_name} is not filled in")
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    box.fill("Hello, behind the house.")

    # Ruth was quicker: who sends second is stopped
    ruth.page.get_by_label("Reply", exact=True).fill("In the yard, please.")
    _send(ruth.page)
    expect(_text(page, "In the yard, please.")).to_contain_text("Ruth Lindqvist")
    _send(page)
    expect(page.get_by_role("alert")).to_contain_text("Ruth Lindqvist answered just now")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    assert len(office.messages(NADIA, "outbound")) == 2

    # "reparat" finds "Réparation"
    page.get_by_label("Search texts and people").first.fill("reparat")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="la Réparation est prête").click()
    expect(_text(page, "la Réparation est prête").locator("mark")).to_have_text("Réparat")

    # closed, and not
    page.locator("#head-actions").get_by_role("button", name="Close").click()
    expect(page.get_by_role("link", name="Closed 1")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Closed 0")).to_be_visible()
    ruth.context.close()


# --- by keyboard alone -------------------------------------------------------------------------------


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, target: Locator) -> None:
        """Press Tab until it is there."""
        expect(target).to_be_visible()
        for _ in range(80):
            if target.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def press(self, *keys: str) -> None:
        self.page.wait_for_load_state()  # scripts that know the keys run before it
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)


def test_the_working_day_by_keyboard_alone(anna: Desk, morning: Office) -> None:
    office, page, keys = morning, anna.page, Keys(anna.page)
    page.goto(anna.address)
    app = _app_of(office, "agent")
    keys.to(page.get_by_label("Username"))
    keys.type("agent")
    keys.to(page.get_by_label("Password"))
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_label("Code from the app")).to_be_focused()
    keys.type(app.at(office.clock()))
    keys.press("Enter")

    expect(_row(page, TOOTHACHE)).to_be_visible()
    keys.press("j", "Enter")
    expect(page.get_by_role("log")).to_contain_text(TOOTHACHE)
    keys.press("r")
    keys.type(ANSWER)
    keys.press("Control+Enter")
    expect(_text(page, ANSWER)).to_contain_text("Queued")

    keys.press("n")
    expect(page.get_by_label("Internal note, not sent")).to_be_focused()
    keys.type("Keep 9:15 free, @ru")
    expect(page.get_by_role("listbox", name="Colleagues")).to_be_visible()
    keys.press("Enter")
    keys.to(page.get_by_role("button", name="Add note"))
    keys.press("Enter")
    expect(page.locator(".note")).to_contain_text("Keep 9:15 free, @admin")

    keys.press("a")
    keys.to(page.get_by_role("button", name="Ruth Lindqvist"))
    keys.press("Enter")
    expect(page.get_by_role("link", name="Mine 0")).to_be_visible()
    keys.press("s")
    expect(page.get_by_role("button", name="For an hour")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("link", name="Put off 1")).to_be_visible()

    keys.press("/")
    expect(page.get_by_label("Search texts and people").first).to_be_focused()
    keys.type("reparat")
    keys.press("Enter")
    keys.to(page.get_by_role("main").get_by_role("link", name="la Réparation est prête"))
    keys.press("Enter")
    expect(_text(page, "la Réparation est prête").locator("mark")).to_have_text("Réparat")
    keys.press("e")
    expect(page.get_by_role("link", name="Closed 1")).to_be_visible()
    keys.to(page.get_by_role("button", name="Undo"))
    keys.press("Enter")
    expect(page.get_by_role("link", name="Closed 0")).to_be_visible()


# --- without scripts ---------------------------------------------------------------------------------


def test_the_working_day_without_scripts(chromium: Browser, served: Served, morning: Office) -> None:
    office = morning
    anna = Desk(chromium, served, java_script_enabled=False)
    page = anna.page
    _sign_in(anna, "agent", _app_of(office, "agent"), office)
    _row(page, TOOTHACHE).click()
    page.get_by_label("Reply", exact=True).fill(ANSWER)
    _send(page)
    expect(_text(page, ANSWER)).to_contain_text("Queued")

    page.get_by_text("Note for us").click()
    page.get_by_label("Internal note, not sent").fill("Keep 9:15 free, @admin")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".note")).to_contain_text("Keep 9:15 free")

    head = page.locator("#head-actions")
    head.get_by_text("Yours", exact=True).click()
    head.get_by_role("button", name="Ruth Lindqvist").click()
    expect(head.get_by_text("With Ruth Lindqvist")).to_be_visible()
    head.get_by_role("button", name="Close").click()
    expect(page.get_by_role("link", name="Closed 1")).to_be_visible()

    page.get_by_label("Search texts and people").first.fill("reparat")
    page.keyboard.press("Enter")
    page.get_by_role("main").get_by_role("link", name="la Réparation est prête").click()
    expect(_text(page, "la Réparation est prête").locator("mark")).to_have_text("Réparat")
    anna.context.close()
    assert anna.complaints == []


# --- on a phone at the counter -----------------------------------------------------------------------


def test_the_working_day_on_a_phone(chromium: Browser, served: Served, morning: Office) -> None:
    office = morning
    anna = Desk(chromium, served, viewport=PHONE, has_touch=True, is_mobile=True)
    page = anna.page
    _sign_in(anna, "agent", _app_of(office, "agent"), office)
    wide: list[str] = []

    def look() -> None:
        page.wait_for_load_state()
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(page.url)

    look()
    _row(page, TOOTHACHE).tap()
    page.get_by_label("Reply", exact=True).fill(ANSWER)
    look()
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(_text(page, ANSWER)).to_be_in_viewport()
    page.get_by_text("Note for us").tap()
    page.get_by_label("Internal note, not sent").fill("Keep 9:15 free, @admin")
    look()
    page.get_by_role("button", name="Add note").tap()
    expect(page.locator(".note")).to_be_in_viewport()

    side = page.locator("#side-actions")
    page.get_by_role("link", name="Details").tap()
    side.get_by_text("Yours", exact=True).tap()
    look()
    side.get_by_role("button", name="Ruth Lindqvist").tap()
    page.get_by_role("link", name="Details").tap()
    expect(side.get_by_text("With Ruth Lindqvist")).to_be_visible()
    side.get_by_text("Put off", exact=True).first.tap()
    look()
    side.get_by_role("button", name="Until they write").tap()
    page.get_by_role("link", name="Back to the inbox").tap()
    expect(page.get_by_role("link", name="Put off 1")).to_be_visible()

    page.get_by_role("navigation", name="Panel").get_by_role("link", name="Search").tap()
    page.locator("#q2").fill("reparat")
    page.get_by_role("button", name="Search").first.tap()
    found = page.get_by_role("main").get_by_role("link", name="la Réparation est prête")
    expect(found).to_be_visible()
    look()
    found.tap()
    expect(_text(page, "la Réparation est prête").locator("mark")).to_be_in_viewport()
    page.get_by_role("link", name="Details").tap()
    side.get_by_role("button", name="Close").tap()
    page.get_by_role("button", name="Undo").first.tap()
    page.get_by_role("link", name="Back to the inbox").tap()
    expect(page.get_by_role("link", name="Closed 0")).to_be_visible()
    assert wide == []
    anna.context.close()
    assert anna.complaints == []
