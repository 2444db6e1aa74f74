"""A thread in a real browser: what only scripts do there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from gateway.desk import notes as desk_notes
from gateway.desk.drafts import Author
from gateway.store import conversations
from gateway.store.tables import text_drafts
from tests.office import ANNA as NADIA
from tests.office import SHOP, Office
from tests.web.serving import Served
from tests.web.test_browser import Desk, chromium, playwright, served  # noqa: F401 - fixtures

pytestmark = pytest.mark.browser


@pytest.fixture
def anna(chromium: Chromium, served: Served, office: Office) -> Iterator[Desk]:  # noqa: F811
    yield from _sit(chromium, served, office, "agent")


@pytest.fixture
def ruth(chromium: Chromium, served: Served, office: Office) -> Iterator[Desk]:  # noqa: F811
    yield from _sit(chromium, served, office, "admin")


def _sit(browser: Chromium, at: Served, office: Office, username: str) -> Iterator[Desk]:
    if not office.messages():
        office.text_from(NADIA, "Is Friday free?")
    desk = Desk(browser, at)
    desk.sign_in(username)
    desk.open(office)
    yield desk
    desk.context.close()
    assert [said for said in desk.complaints if "409" not in said] == []


def test_two_at_one_thread_see_each_other_and_the_second_is_stopped(
    anna: Desk, ruth: Desk, office: Office
) -> None:
    expect(anna.page.locator("#here")).to_have_text("Ruth Lindqvist is reading this too")
    ruth.page.get_by_label("Reply").press_sequentially("Yes, at")
    expect(anna.page.locator("#here")).to_have_text("Ruth Lindqvist is writing…")
    anna.page.get_by_label("Reply").press_sequentially("No, so")
    ruth.page.get_by_label("Reply").press_sequentially(" ten")
    ruth.page.get_by_role("button", name="Send", exact=True).click()
    expect(anna.page.get_by_role("log")).to_contain_text("Yes, at ten")
    anna.page.get_by_label("Reply").press_sequentially("rry")
    anna.page.get_by_role("button", name="Send", exact=True).click()
    stopped = anna.page.get_by_role("alert")
    expect(stopped).to_contain_text("Ruth Lindqvist answered just now")
    expect(stopped).to_be_focused()
    anna.page.get_by_role("button", name="Send anyway").click()
    expect(anna.page.get_by_role("log")).to_contain_text("No, sorry")
    ruth.page.goto(f"{ruth.address}/lines")  # a browser that is closed may tell nothing any more
    expect(anna.page.locator("#here")).to_be_hidden(timeout=10_000)


def test_what_came_before_one_began_to_write_stops_nobody(anna: Desk, office: Office) -> None:
    office.text_from(NADIA, "Or Monday?")
    expect(anna.page.get_by_role("log")).to_contain_text("Or Monday?")
    anna.page.get_by_label("Reply").fill("Monday it is")
    anna.page.get_by_role("button", name="Send", exact=True).click()
    expect(anna.page.get_by_role("log")).to_contain_text("Monday it is")
    assert office.count(text_drafts) == 0


def test_what_is_typed_is_kept_without_pressing_anything(anna: Desk, office: Office) -> None:
    page = anna.page
    with page.expect_response("**/draft"):
        page.get_by_label("Reply").press_sequentially("half a sen")
    page.reload()
    expect(page.get_by_label("Reply")).to_have_value("half a sen")
    page.get_by_label("Reply").fill("half a sentence")
    page.goto(anna.address)  # left before the script would have saved
    page.wait_for_timeout(300)  # nobody is left to hear the answer
    anna.open(office)
    expect(page.get_by_label("Reply")).to_have_value("half a sentence")


def test_names_are_completed_in_a_note(anna: Desk, office: Office) -> None:
    page = anna.page
    page.get_by_text("Note for us").click()
    box = page.get_by_label("Internal note, not sent")
    expect(box).to_be_focused()
    expect(page.get_by_label("Reply", exact=True)).to_be_hidden()
    box.press_sequentially("Please @ru")
    expect(page.get_by_role("listbox", name="Colleagues")).to_have_text("Ruth Lindqvist (@admin)")
    box.press("Enter")
    expect(box).to_have_value("Please @admin ")
    box.press_sequentially("call")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".note")).to_contain_text("Please @admin call")


def test_older_texts_come_while_one_scrolls_up_and_stay_when_new_ones_come(
    anna: Desk, office: Office
) -> None:
    for n in range(120):
        office.accept(NADIA, f"number {n}.", author=SHOP)
    page = anna.page
    page.reload()
    log = page.locator(".history")
    expect(log).to_contain_text("number 119.")
    expect(log).not_to_contain_text("number 60.")
    for oldest_of_page in ("number 20.", "Is Friday free?"):
        page.locator("#scroll").evaluate("scroller => { scroller.scrollTop = -scroller.scrollHeight }")
        expect(log).to_contain_text(oldest_of_page)
    office.accept(NADIA, "number 120.", author=SHOP)
    expect(log).to_contain_text("number 120.")
    shown = [text for text in page.locator(".history .bubble").all_inner_texts() if text.startswith("number")]
    assert shown == [f"number {n}." for n in range(121)]


def test_only_texts_that_come_in_are_read_aloud(anna: Desk, office: Office) -> None:
    said = anna.page.locator("#announced")
    expect(anna.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    row = office.read(lambda tx: conversations.get(tx, office.conversation(NADIA).id))
    assert row is not None
    office.write(lambda tx: desk_notes.add(tx, row, "between us", Author("person", 1, "Sam"), office.clock()))
    office.text_from(NADIA, "Hello?")
    expect(said).to_have_text("+44 7700 900123: Hello?")


def test_keys_open_the_boxes_of_a_thread(anna: Desk) -> None:
    page = anna.page
    page.keyboard.press("n")
    expect(page.get_by_label("Internal note, not sent")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_label("Reply", exact=True)).to_be_focused()
    page.keyboard.press("n")  # in a box it is a letter
    expect(page.get_by_label("Reply", exact=True)).to_have_value("n")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("#head-tag")).to_be_focused()
