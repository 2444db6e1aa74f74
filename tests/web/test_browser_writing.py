"""What helps in writing, in a real browser: what only scripts do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from gateway.desk import templates as desk_templates
from gateway.store import contacts
from tests.office import ANNA as NADIA
from tests.office import BEN, SAM, Office
from tests.web import test_browser
from tests.web.serving import Served
from tests.web.test_browser import Desk

pytestmark = pytest.mark.browser

playwright, chromium, served = test_browser.playwright, test_browser.chromium, test_browser.served


@pytest.fixture
def desk(chromium: Browser, served: Served, office: Office, playwright: Playwright) -> Iterator[Desk]:
    office.text_from(NADIA, "Is Friday free?")
    desk = Desk(chromium, served)
    desk.sign_in()
    yield desk
    desk.context.close()
    assert desk.complaints == []


def test_r33_one_click_makes_three_texts_one(desk: Desk, office: Office) -> None:
    desk.open(office)
    box, count = desk.page.get_by_label("Reply"), desk.page.locator("#count")
    box.fill("It’s " + "a" * 145)
    expect(count).to_have_text("51 left, 3 texts, because of ’")
    desk.page.get_by_role("button", name="Use plain letters").click()
    expect(count).to_have_text("10 left, 1 text, plain letters")
    expect(box).to_have_value("It's " + "a" * 145)
    expect(box).to_be_focused()
    expect(desk.page.locator("#advice mark")).to_have_count(0)


def test_r35_slash_offers_templates_and_an_open_place_turns_send_off(desk: Desk, office: Office) -> None:
    def add(tx: Any) -> None:
        texts = {"en": "Hello {first_name}, a chair is free."}
        desk_templates.add(tx, "Chair", texts, None, SAM, office.clock())
        desk_templates.add(tx, "Directions", {"en": "Ring twice."}, None, SAM, office.clock())

    office.write(add)
    desk.open(office)
    page, box = desk.page, desk.page.get_by_label("Reply")
    send = page.get_by_role("button", name="Send", exact=True)
    choices = page.get_by_role("listbox", name="Templates")
    box.press_sequentially("/")
    expect(choices.get_by_role("option")).to_have_count(2)
    box.press_sequentially("cha")
    expect(choices.get_by_role("option")).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value("Hello {first_name}, a chair is free.")
    expect(choices).to_be_hidden()
    expect(page.locator("#advice")).to_contain_text("{first_name} is not filled in")
    expect(send).to_be_disabled()
    box.press("Control+Enter")
    box.fill("Hello Nadia, a chair is free.")
    expect(send).to_be_enabled()
    assert office.messages(direction="outbound") == []
    send.click()
    expect(page.get_by_role("article").filter(has_text="Hello Nadia")).to_contain_text("Queued")


def test_r52_a_similar_answer_is_put_in_with_one_click(desk: Desk, office: Office) -> None:
    def name(tx: Any) -> None:
        person = contacts.by_number(tx, NADIA)
        assert person is not None
        contacts.change(tx, person.id, name="Nadia Farrell")

    office.text_from(BEN, "Is there parking on Friday?")
    office.accept(BEN, "Yes, behind the house.")
    office.text_from(NADIA, "parking on friday??")
    office.write(name)
    desk.open(office)
    desk.mark()
    desk.page.get_by_role("button", name="Similar answers").click()
    desk.page.get_by_role("button", name="Use these words").click()
    expect(desk.page.get_by_label("Reply")).to_have_value("Yes, behind the house.")
    assert desk.was_not_reloaded()
