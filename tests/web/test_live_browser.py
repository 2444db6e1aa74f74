"""Several tabs of one browser at one stream, what comes while nobody looks, and a page that stays where it is
while texts arrive: what only a real browser shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Request, Route, expect

from gateway.config import Settings
from gateway.desk import team
from gateway.domain.people import Notify
from gateway.store import team as store_team
from tests.office import ANNA as NADIA
from tests.office import BEN, SHOP, Office
from tests.web.serving import Served, on_port
from tests.web.test_browser import (  # noqa: F401 - fixtures
    DESKTOP,
    PHONE,
    Desk,
    chromium,
    playwright,
    served,
)

pytestmark = pytest.mark.browser

LOST = "We lost contact with the server at"
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.hasFocus = () => !hidden;
    document.dispatchEvent(new Event("visibilitychange"));
}"""
NOTED = """(() => {
    window.noted = [];
    window.Notification = class {
        static permission = "granted";
        static requestPermission() { Notification.permission = "granted"; return Promise.resolve("granted"); }
        constructor(title, options) { window.noted.push(this); Object.assign(this, options, { title }); }
        close() {}
    };
})()"""
"""The browser's own notifications, written down: there is no screen to show them on."""


class Tabs:
    """Tabs of one browser, and which of them asked for the stream."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.streams: list[Page] = []
        self.asked: list[str] = []
        desk.context.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/events" in request.url:
            self.streams.append(request.frame.page)
        self.asked.append(request.url)

    def open(self, address: str) -> Page:
        page = self.desk.context.new_page()
        page.goto(address)
        return page


@pytest.fixture
def desk(chromium: Chromium, served: Served) -> Iterator[Desk]:  # noqa: F811
    desk = Desk(chromium, served)
    desk.sign_in()
    yield desk
    desk.context.close()


def place(served: Served, office: Office, number: str = NADIA) -> str:  # noqa: F811
    return f"{served.address}/conversations/{office.conversation(number).public_id}"


def test_tabs_share_one_stream_and_another_takes_over_when_its_owner_closes(
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    office.text_from(NADIA, "first")
    tabs = Tabs(desk)
    desk.page.goto(served.address)
    others = [tabs.open(served.address), tabs.open(place(served, office))]
    office.text_from(NADIA, "for all of them")
    for page in (desk.page, *others):
        expect(page.locator("main")).to_contain_text("for all of them")
    assert set(tabs.streams) == {desk.page}  # the page after signing in may have asked as well
    tabs.streams.clear()
    desk.page.close()
    office.text_from(NADIA, "after the owner left")
    for page in others:
        expect(page.locator("main")).to_contain_text("after the owner left")
    assert len(tabs.streams) == 1 and tabs.streams[0] in others


def test_who_reads_is_right_in_every_tab_though_one_holds_the_stream(
    chromium: Chromium,  # noqa: F811
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    for number in (NADIA, BEN):
        office.text_from(number, "Is Friday free?")
    desk.page.goto(place(served, office, BEN))
    nadias = desk.context.new_page()
    nadias.goto(place(served, office))
    ruth = Desk(chromium, served)
    ruth.sign_in("admin")
    ruth.open(office, NADIA)
    said = "Ruth Lindqvist is reading this too"
    expect(nadias.locator("#here")).to_have_text(said, timeout=20_000)
    expect(desk.page.locator("#here")).to_be_hidden(timeout=20_000)
    ruth.open(office, BEN)
    expect(desk.page.locator("#here")).to_have_text(said, timeout=20_000)
    expect(nadias.locator("#here")).to_be_hidden(timeout=20_000)
    ruth.context.close()


def test_every_tab_is_told_that_one_was_signed_out(
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    desk.page.goto(served.address)
    other = desk.context.new_page()
    other.goto(served.address)
    office.write(lambda tx: team.disable_user(tx, "agent", "command:test", office.clock()))
    for page in (desk.page, other):
        expect(page.get_by_text("You were signed out.")).to_be_visible(timeout=5_000)


def test_every_tab_says_that_contact_was_lost_and_takes_it_back(
    chromium: Chromium,  # noqa: F811
    panel: Flask,
    office: Office,
    boot: Settings,
) -> None:
    with Served(panel, office, boot) as first:
        desk = Desk(chromium, first)
        desk.sign_in()
        other = desk.context.new_page()
        other.goto(first.address)
    for page in (desk.page, other):
        expect(page.locator("#lost")).to_contain_text(LOST)
    office.text_from(NADIA, "while it was away")
    with Served(panel, office, on_port(boot, first.address)):
        for page in (desk.page, other):
            expect(page.get_by_text("while it was away")).to_be_visible(timeout=15_000)
            expect(page.locator("#lost")).to_be_hidden()
        desk.context.close()


@pytest.mark.parametrize("how", ["refused", "kept"])
def test_without_a_stream_the_page_asks_by_itself(
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
    how: str,
) -> None:
    """A proxy that refuses the stream, and one that keeps all of it to itself."""

    def hinder(route: Route) -> None:
        if how == "refused":
            route.fulfill(status=502)

    office.text_from(NADIA, "first")
    desk.context.route("**/events?*", hinder)
    desk.page.clock.install()
    desk.page.goto(served.address)
    with desk.page.expect_response("**/news?*"):
        desk.page.clock.fast_forward(8_000)
    office.text_from(NADIA, "by asking")
    desk.page.clock.fast_forward(12_100)
    expect(desk.page.locator("#conversations")).to_contain_text("by asking")
    expect(desk.page.locator("#lost")).to_be_hidden()


def test_a_hidden_tab_lets_go_after_five_minutes_and_comes_back_true(
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    office.text_from(NADIA, "first")
    tabs = Tabs(desk)
    desk.page.clock.install()
    desk.page.goto(served.address)
    expect(desk.page.locator("#conversations")).to_contain_text("first")
    desk.page.evaluate(HIDE, True)
    with desk.page.expect_event("requestfailed", lambda request: "/events" in request.url):
        desk.page.clock.fast_forward(5 * 60_000 + 1)
    before = len(tabs.streams)
    office.text_from(BEN, "while hidden")
    desk.page.wait_for_timeout(1000)  # with a stream its title would count by now
    expect(desk.page).to_have_title("(1) Inbox, Alderwick Dental")
    desk.page.evaluate(HIDE, False)
    expect(desk.page.locator("#conversations")).to_contain_text("while hidden")
    assert len(tabs.streams) == before + 1


def test_the_title_of_a_hidden_tab_counts(desk: Desk, served: Served, office: Office) -> None:  # noqa: F811
    desk.page.goto(served.address)
    desk.page.evaluate(HIDE, True)
    for count, number in ((1, NADIA), (2, BEN)):
        office.text_from(number, "hello")
        expect(desk.page).to_have_title(f"({count}) Inbox, Alderwick Dental")
    expect(desk.page.locator("link[rel=icon]")).to_have_attribute("href", _unread_icon(desk.page))


def _unread_icon(page: Page) -> str:
    return str(page.locator("link[rel=icon]").get_attribute("data-unread"))


# --- notifications -----------------------------------------------------------------------------------


def _want(office: Office, notify: Notify) -> None:
    def act(tx: Any) -> None:
        user = store_team.user_by_name(tx, "agent")
        assert user is not None
        store_team.change_user(tx, user.id, notify=notify.value)

    office.write(act)


def _noted(*pages: Page) -> list[str]:
    return [one for page in pages for one in page.evaluate("noted.map(({ title }) => title)")]


def test_a_text_is_told_once_though_five_tabs_are_open_and_a_click_opens_it(
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    _want(office, Notify.ALL)
    desk.context.add_init_script(NOTED)
    pages = [desk.page, *(desk.context.new_page() for _ in range(4))]
    for page in pages:
        page.goto(served.address)
        page.evaluate(HIDE, True)
    office.text_from(NADIA, "Is Friday free?")
    for page in pages:
        expect(page).to_have_title("(1) Inbox, Alderwick Dental")
    desk.page.wait_for_timeout(1500)  # longer than tabs are asked who is looked at
    assert _noted(*pages) == ["+44 7700 900123 (New prospect)"]
    desk.page.evaluate("noted[0].onclick()")
    expect(desk.page).to_have_url(place(served, office))


def test_nothing_is_told_while_a_tab_is_looked_at_or_to_who_did_not_ask(
    desk: Desk,
    served: Served,  # noqa: F811
    office: Office,
) -> None:
    desk.context.add_init_script(NOTED)
    pages = [desk.page, desk.context.new_page()]
    for wants, is_away in ((Notify.ALL, False), (Notify.NOTHING, True)):
        _want(office, wants)
        for page in pages:
            page.goto(served.address)
        pages[0].evaluate(HIDE, True)
        pages[1].evaluate(HIDE, is_away)
        with desk.page.expect_response("**/news?*"):
            office.text_from(NADIA if is_away else BEN, "Is Friday free?")
        desk.page.wait_for_timeout(1500)  # longer than tabs are asked who is looked at
        assert _noted(*pages) == []


def test_nothing_asks_by_itself_and_a_button_does(
    desk: Desk,
    served: Served,  # noqa: F811
) -> None:
    desk.context.add_init_script(NOTED + "; Notification.permission = 'default'")
    desk.page.goto(f"{served.address}/account")
    desk.page.get_by_label("All new texts, and mentions").check()
    desk.page.locator("#notify").get_by_role("button", name="Save").click()
    expect(desk.page.locator("#notify-here")).to_have_text("This browser may not show them yet.")
    assert _noted(desk.page) == []
    desk.page.get_by_role("button", name="Allow them in this browser").click()
    expect(desk.page.locator("#notify-here")).to_have_text("This browser shows them.")
    assert _noted(desk.page) == ["Notifications are on"]


# --- while texts arrive ------------------------------------------------------------------------------

SHIFTS = """(() => {
    window.shift = 0;
    new PerformanceObserver((all) => {
        for (const one of all.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
    }).observe({ type: "layout-shift", buffered: true });
})()"""
WORDS = "Good morning, could we move our appointment from Thursday to the week after, please?"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_moves_under_ones_hands_while_texts_arrive(
    chromium: Chromium,  # noqa: F811
    served: Served,  # noqa: F811
    office: Office,
    size: Any,
) -> None:
    for n in range(12):
        office.text_from(f"+4477009005{n:02d}", WORDS)
    for n in range(8):
        office.accept(NADIA, f"{n}. {WORDS}", author=SHOP)
    office.text_from(NADIA, WORDS)
    desk = Desk(chromium, served, viewport=size)
    desk.context.add_init_script(SHIFTS)
    slow = desk.context.new_cdp_session(desk.page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})  # paints what a quick machine skips
    desk.sign_in()
    desk.page.goto(served.address)
    row = desk.page.locator(".conv").nth(2)
    row.focus()
    office.text_from(BEN, "to the inbox")
    office.text_from(NADIA, "to the inbox as well")
    expect(desk.page).to_have_title("(14) Inbox, Alderwick Dental")
    expect(row).to_be_focused()
    assert desk.page.evaluate("shift") < 0.1
    desk.open(office)
    box = desk.page.get_by_label("Reply", exact=True)
    box.press_sequentially("half a sen")
    desk.page.wait_for_timeout(600)  # what moves within half a second of a key is excused
    for n in range(3):
        office.text_from(NADIA, f"{n}. meanwhile, {WORDS}")
        expect(desk.page.get_by_role("log")).to_contain_text(f"{n}. meanwhile")
    expect(box).to_be_focused()
    expect(box).to_have_value("half a sen")
    assert desk.page.evaluate("shift") < 0.1
    desk.context.close()
