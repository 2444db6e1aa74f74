"""The panel in a real browser: live without reload, usable without JavaScript, on a phone, in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect, sync_playwright

from gateway.config import Settings
from gateway.desk import line_requests as desk_requests
from gateway.desk import lines as desk_lines
from gateway.desk import team
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Draft
from gateway.domain import phone
from gateway.domain.line import Abilities, Accepted, CannotTell, LineState, LineStatus
from gateway.domain.line_requests import Kind, State
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import lines
from gateway.web.counter import counted
from tests.office import ANNA as NADIA
from tests.office import BEN, SAM, Office
from tests.web.conftest import PASSWORD
from tests.web.serving import Served, on_port

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium-headless-shell"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield browser
    browser.close()


@pytest.fixture
def served(panel: Flask, office: Office, boot: Settings) -> Iterator[Served]:
    office.hear(LineState(LineStatus.UP, "ready"))
    with Served(panel, office, boot) as served:
        yield served


class Desk:
    """Somebody at a screen. Whatever the browser complains about fails the test."""

    def __init__(self, chromium: Browser, served: Served, **context: Any) -> None:
        self.address = served.address
        self.context = chromium.new_context(**{"viewport": DESKTOP, **context})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, said: ConsoleMessage) -> None:
        if said.type in ("warning", "error"):
            self.complaints.append(said.text)

    def sign_in(self, username: str = "agent") -> None:
        self.page.goto(self.address)
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("list", name="Conversations")).to_be_visible()

    def open(self, office: Office, number: str = NADIA) -> None:
        self.page.goto(f"{self.address}/conversations/{office.conversation(number).public_id}")

    def mark(self) -> None:
        """So that a reload would be noticed."""
        self.page.evaluate("window.marked = true")

    def was_not_reloaded(self) -> bool:
        return bool(self.page.evaluate("window.marked === true"))


@pytest.fixture
def desk(chromium: Browser, served: Served) -> Iterator[Desk]:
    desk = Desk(chromium, served)
    desk.sign_in()
    yield desk
    desk.context.close()
    assert desk.complaints == []


def test_a_reply_goes_from_queued_to_delivered_under_ones_eyes(desk: Desk, office: Office) -> None:
    office.text_from(NADIA, "Is Friday free?")
    desk.open(office)
    page = desk.page
    page.get_by_label("Reply").fill("Yes, at ten.")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = page.get_by_role("article").filter(has_text="Yes, at ten.")
    expect(sent).to_contain_text("Queued")
    desk.mark()
    page.get_by_label("Reply").fill("half a sen")
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    expect(sent).to_contain_text("Sending")
    office.record(claimed.part_id, Accepted(7))
    expect(sent).to_contain_text("Sent")
    office.report(7, NADIA)
    expect(sent).to_contain_text("Delivered 09:30")
    assert desk.was_not_reloaded()
    expect(page.get_by_label("Reply")).to_have_value("half a sen")
    expect(page.get_by_label("Reply")).to_be_focused()


def test_a_text_that_comes_in_shows_in_list_thread_and_title(desk: Desk, office: Office) -> None:
    office.text_from(NADIA, "first")
    desk.open(office)
    desk.mark()
    office.text_from(BEN, "from Ben")
    expect(desk.page.get_by_role("list", name="Conversations")).to_contain_text("from Ben")
    expect(desk.page).to_have_title("(1) +44 7700 900123, Alderwick Dental")
    office.text_from(NADIA, "second")
    expect(desk.page.get_by_role("log")).to_contain_text("second")
    assert desk.was_not_reloaded()


def test_what_one_decides_is_seen_on_every_screen(desk: Desk, chromium: Browser, office: Office) -> None:
    office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    desk.open(office)
    other = desk.context.new_page()
    other.goto(desk.page.url)
    expect(desk.page.get_by_role("button", name="Mark as sent")).to_be_visible()
    other.get_by_role("button", name="Mark as sent").click()
    expect(desk.page.get_by_role("button", name="Mark as sent")).to_have_count(0)


def test_a_button_keeps_the_focus_while_its_text_changes(desk: Desk, office: Office) -> None:
    office.accept(NADIA, "one")
    office.accept(NADIA, "two")
    desk.open(office)
    text = desk.page.get_by_role("article").filter(has_text="two")
    cancel = text.get_by_role("button", name="Cancel this text")
    cancel.focus()
    office.text_from(NADIA, "and three")
    expect(desk.page.get_by_role("log")).to_contain_text("and three")
    expect(cancel).to_be_focused()


def test_a_row_of_the_list_keeps_the_focus_and_only_news_is_read_aloud(desk: Desk, office: Office) -> None:
    office.text_from(NADIA, "first")
    office.accept(NADIA, "an answer")
    desk.open(office)
    row = desk.page.get_by_role("list", name="Conversations").get_by_role("link").first
    row.focus()
    desk.page.evaluate("""() => {
        window.added = [];
        new MutationObserver((all) => {
            for (const one of all) window.added.push(...[...one.addedNodes].map((node) => node.textContent));
        }).observe(document.getElementById("log"), { childList: true, subtree: true });
    }""")
    office.send_one(Accepted(1))
    expect(desk.page.get_by_role("article").last).to_contain_text("Sent")
    assert not any("an answer" in added for added in desk.page.evaluate("window.added"))
    expect(row).to_be_focused()


def test_the_thread_stays_where_it_is_read(desk: Desk, office: Office) -> None:
    for n in range(40):
        office.text_from(NADIA, f"text number {n}")
    desk.open(office)
    at_end = "document.getElementById('scroll').scrollTop"
    assert desk.page.evaluate(at_end) == 0
    office.text_from(NADIA, "newest one")
    expect(desk.page.get_by_role("log").get_by_text("newest one", exact=True)).to_be_in_viewport()
    desk.page.evaluate("document.getElementById('scroll').scrollTop = -900")
    place = "document.querySelectorAll('article')[20].getBoundingClientRect().top"
    before = desk.page.evaluate(place)
    office.text_from(NADIA, "while reading")
    expect(desk.page.get_by_role("log")).to_contain_text("while reading")
    assert abs(desk.page.evaluate(place) - before) < 2


def test_the_list_does_not_move_under_a_reader(desk: Desk, office: Office) -> None:
    for n in range(30):
        office.text_from(f"+4477009002{n:02d}", f"text {n}")
    desk.page.goto(desk.address)
    rows = desk.page.get_by_role("list", name="Conversations")
    rows.evaluate("list => list.scrollTop = 400")
    office.text_from(NADIA, "on top")
    more = desk.page.get_by_role("button", name="New texts, show")
    expect(more).to_be_visible()
    assert rows.evaluate("list => list.scrollTop") == 400
    more.click()
    expect(rows.get_by_role("listitem").first).to_contain_text("on top")


def test_the_line_is_shown_live_on_every_page(desk: Desk, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready"))
    desk.page.goto(f"{desk.address}/conversations/new")
    expect(desk.page.get_by_role("banner")).to_contain_text("front: works")
    office.hear(LineState(LineStatus.DOWN, "port_lost"))
    expect(desk.page.get_by_role("banner")).to_contain_text("front: lost contact with the modem")


def test_lost_contact_is_said_and_found_again(
    chromium: Browser, panel: Flask, office: Office, boot: Settings
) -> None:
    with Served(panel, office, boot) as served:
        desk = Desk(chromium, served)
        desk.sign_in()
        desk.page.goto(served.address)
        desk.mark()
    expect(desk.page.get_by_text("We lost contact with the server at")).to_be_visible()
    office.text_from(NADIA, "while it was away")
    with Served(panel, office, on_port(boot, served.address)):
        expect(desk.page.get_by_text("while it was away")).to_be_visible(timeout=15_000)
        expect(desk.page.get_by_text("We lost contact with the server at")).to_be_hidden()
        assert desk.was_not_reloaded()
        desk.context.close()


def test_without_contact_nothing_is_submitted_and_the_words_stay(
    chromium: Browser, panel: Flask, office: Office, boot: Settings
) -> None:
    office.text_from(NADIA, "Is Friday free?")
    with Served(panel, office, boot) as served:
        desk = Desk(chromium, served)
        desk.sign_in()
        desk.open(office)
    expect(desk.page.get_by_text("nothing can be sent")).to_be_visible()
    box, send = desk.page.get_by_label("Reply"), desk.page.get_by_role("button", name="Send", exact=True)
    box.fill("Yes, at ten.")
    send.click()
    expect(box).to_have_value("Yes, at ten.")
    with Served(panel, office, on_port(boot, served.address)):
        expect(desk.page.get_by_text("nothing can be sent")).to_be_hidden(timeout=15_000)
        send.click()
        expect(desk.page.get_by_role("article").filter(has_text="Yes, at ten.")).to_be_visible()
        desk.context.close()


def test_a_page_with_a_refused_reply_stays_live(desk: Desk, office: Office) -> None:
    office.text_from(NADIA, "hello")
    desk.open(office)
    desk.page.get_by_label("Reply").fill("   ")
    desk.page.get_by_role("button", name="Send", exact=True).click()
    expect(desk.page.get_by_role("alert")).to_be_visible()
    office.text_from(NADIA, "are you there?")
    expect(desk.page.get_by_role("log")).to_contain_text("are you there?")
    desk.complaints.clear()  # the refusal is noted by the browser


def test_going_back_after_sending_finds_the_box_empty(desk: Desk, office: Office) -> None:
    office.text_from(NADIA, "hello")
    desk.open(office)
    box = desk.page.get_by_label("Reply")
    box.fill("line one\nline two")
    desk.page.get_by_role("button", name="Send", exact=True).click()
    expect(desk.page.get_by_role("article").filter(has_text="line two")).to_be_visible()
    desk.page.go_back()
    expect(box).to_have_value("")
    box.fill("half a sen")
    desk.page.goto(f"{desk.address}/lines")
    desk.page.go_back()
    expect(box).to_have_value("half a sen")


def test_the_box_closes_when_they_ask_us_to_stop_unless_something_is_in_it(
    desk: Desk, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    desk.open(office)
    box = desk.page.get_by_label("Reply")
    other = desk.context.new_page()
    other.goto(desk.page.url)
    other.get_by_label("Reply").fill("half a sen")
    office.text_from(NADIA, "STOP")
    expect(box).to_be_hidden()
    expect(other.locator("#closed")).to_contain_text("They asked us to stop")
    expect(other.get_by_label("Reply")).to_have_value("half a sen")
    office.text_from(NADIA, "START")
    expect(box).to_be_visible()


def test_somebody_who_is_signed_out_elsewhere_is_told_and_keeps_what_they_wrote(
    desk: Desk, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    desk.open(office)
    desk.page.get_by_label("Reply").fill("half a sen")
    office.write(lambda tx: team.disable_user(tx, "agent", "command:test", office.clock()))
    expect(desk.page.get_by_text("You were signed out.")).to_be_visible(timeout=6_000)
    expect(desk.page.get_by_label("Reply")).to_have_value("half a sen")
    desk.complaints.clear()  # the refused page is noted by the browser


def test_without_javascript_one_signs_in_reads_and_answers(
    chromium: Browser, served: Served, office: Office
) -> None:
    office.text_from(NADIA, "Is Friday free?")
    plain = Desk(chromium, served, java_script_enabled=False)
    plain.sign_in()
    plain.page.get_by_role("list", name="Conversations").get_by_role("link").first.click()
    plain.page.get_by_label("Reply").fill("Yes 🦷")
    plain.page.get_by_role("button", name="Send", exact=True).click()
    sent = plain.page.get_by_role("article").filter(has_text="Yes 🦷")
    expect(sent).to_contain_text("Queued")
    expect(sent).to_be_in_viewport()
    office.send_one(Accepted(1))
    plain.page.reload()
    expect(sent).to_contain_text("Sent")
    plain.page.get_by_role("button", name="Sign out").click()
    expect(plain.page.get_by_label("Username")).to_be_visible()
    plain.context.close()
    assert plain.complaints == []


@pytest.mark.parametrize("text", ["", "a" * 161, "it’s", "😀" * 36, "[" * 81, "👩‍👩‍👧‍👦" * 7, "é" * 153])
def test_the_counter_of_the_page_and_of_the_server_agree(desk: Desk, text: str) -> None:
    desk.page.goto(f"{desk.address}/conversations/new")
    desk.page.get_by_label("Text", exact=True).fill(text)
    expect(desk.page.locator("#count")).to_have_text(counted(text))


TEXTS = [
    "it’s [x]",
    "plain",
    "a" * 161,
    "word " * 80,
    "é€ “q” ü" * 30,
    "x" * 400,
    "日本" * 90,
    "a\n" * 200,
    "\u00a0 ",
    "…" * 3,
]


@pytest.mark.parametrize(
    ("abilities", "long_texts"),
    [
        (Abilities(unicode=False, lacks="[]éä"), "refuse"),
        (Abilities(multipart=False), "refuse"),
        (Abilities(multipart=False), "number"),
    ],
)
def test_both_counters_agree_on_what_a_line_cannot_carry(
    desk: Desk, office: Office, abilities: Abilities, long_texts: str
) -> None:
    """Where they say that a text goes, it is accepted; where they do not, it is refused."""
    other = office.add_line("back")
    office.hear(LineState(LineStatus.UP, "ready", {}, abilities), other)
    office.write(
        lambda tx: desk_lines.set_option(tx, "back", "long_texts", long_texts, "command:test", office.clock())
    )
    line = office.read(lambda tx: lines.get(tx, other))
    assert line is not None
    desk.page.goto(f"{desk.address}/conversations/new")
    desk.page.get_by_label("Line").select_option("back")
    for text in TEXTS:
        desk.page.get_by_label("Text", exact=True).fill(text)
        expect(desk.page.locator("#count")).to_have_text(counted(text, line))
        draft = Draft(phone.parse(NADIA), text, Purpose.CONVERSATIONAL, SAM)
        goes = not counted(text, line).startswith(("this line", "too long")) and text.strip()
        with nullcontext() if goes else pytest.raises(Refused):
            office.write(lambda tx, draft=draft: accept(tx, line, draft, office.clock()))


def test_the_line_page_is_live_and_what_is_opened_stays_open(desk: Desk, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "sim_failure", {"detail": "CME 13"}))
    desk.page.goto(f"{desk.address}/lines/{office.line_id}")
    desk.mark()
    desk.page.get_by_text("In the modem’s words").click()
    desk.page.get_by_label("Your own number").fill("+4477009")
    office.hear(LineState(LineStatus.UP, "ready", {"operator": "Home network"}))
    expect(desk.page.get_by_role("region", name="How the line is")).to_contain_text("The line works.")
    expect(desk.page.get_by_text("Home network")).to_be_visible()
    expect(desk.page.get_by_text("CME 13")).to_be_visible()
    expect(desk.page.get_by_label("Your own number")).to_have_value("+4477009")
    assert desk.was_not_reloaded()


def test_a_test_text_is_followed_step_by_step(desk: Desk, office: Office) -> None:
    desk.page.goto(f"{desk.address}/lines")
    desk.page.get_by_label("Your own number").fill(BEN)
    desk.page.get_by_role("button", name="Send a test text").click()
    expect(desk.page.get_by_text("Test text to")).to_contain_text("Queued")
    desk.mark()
    office.send_one(Accepted(5))
    expect(desk.page.get_by_text("Test text to")).to_contain_text("Sent")
    office.report(5, BEN)
    expect(desk.page.get_by_text("Test text to")).to_contain_text("Delivered 09:30")
    assert desk.was_not_reloaded()


def test_an_answer_of_the_network_comes_by_itself(desk: Desk, office: Office) -> None:
    def ask(tx: Any) -> int:
        desk_lines.set_option(tx, "front", "balance", "*100#", "command:test", office.clock())
        return desk_requests.ask(tx, "front", Kind.USSD, "*100#", "person:Anna", office.clock())

    asked = office.write(ask)
    desk.page.goto(f"{desk.address}/lines")
    expect(desk.page.get_by_text("asked, waiting for the answer")).to_be_visible()
    office.write(lambda tx: desk_requests.answer(tx, asked, State.DONE, "Balance 7.40", office.clock()))
    expect(desk.page.get_by_text("Balance 7.40")).to_be_visible()


@pytest.mark.parametrize(
    "width", [320, 768, *(pytest.param(width, marks=pytest.mark.slow) for width in (360, 640, 1024, 1280))]
)
def test_no_page_scrolls_sideways(chromium: Browser, served: Served, office: Office, width: int) -> None:
    office.text_from(NADIA, "x" * 80 + " https://example.test/" + "y" * 50)
    office.accept(BEN)
    office.send_one(CannotTell("timeout"))
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-81", "model": "x" * 60}))
    desk = Desk(chromium, served, viewport={"width": width, "height": 740})
    desk.sign_in("admin")
    thread = f"/conversations/{office.conversation(NADIA).public_id}"
    unclear = f"/conversations/{office.conversation(BEN).public_id}"
    line = f"/lines/{office.line_id}"
    for path in (
        "/",
        thread,
        unclear,
        "/lines",
        line,
        "/conversations/new",
        "/search?q=xxx",
        "/more",
        "/nothing",
    ):
        desk.page.goto(desk.address + path)
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert desk.page.evaluate(over) <= 0, path
    desk.context.close()


def test_the_inbox_is_no_longer_than_the_screen(desk: Desk, office: Office) -> None:
    for n in range(30):
        office.text_from(f"+4477009002{n:02d}", f"text {n}")
    desk.page.goto(desk.address)
    expect(desk.page.get_by_role("list", name="Conversations")).to_contain_text("text 0")
    assert desk.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_on_a_phone_there_is_one_pane_at_a_time(chromium: Browser, served: Served, office: Office) -> None:
    office.text_from(NADIA, "Is Friday free?")
    phone = Desk(chromium, served, viewport=PHONE, has_touch=True, is_mobile=True)
    phone.page.goto(phone.address)
    phone.page.get_by_label("Username").fill("agent")
    phone.page.get_by_label("Password").fill(PASSWORD)
    phone.page.get_by_role("button", name="Sign in").tap()
    phone.page.get_by_role("list", name="Conversations").get_by_role("link").first.tap()
    expect(phone.page.get_by_role("list", name="Conversations")).to_be_hidden()
    phone.page.get_by_label("Reply").fill("Yes")
    phone.page.get_by_role("button", name="Send", exact=True).tap()
    expect(phone.page.get_by_role("article").filter(has_text="Yes")).to_be_in_viewport()
    phone.page.get_by_role("link", name="Details").tap()
    expect(phone.page.get_by_role("complementary")).to_be_visible()
    phone.page.get_by_role("link", name="Done").tap()
    phone.page.get_by_role("link", name="Back to the inbox").tap()
    phone.page.get_by_role("link", name="More").tap()
    phone.page.get_by_role("main").get_by_role("button", name="Sign out").tap()
    expect(phone.page.get_by_label("Username")).to_be_visible()
    phone.context.close()
    assert phone.complaints == []


def test_by_keyboard_alone_one_reads_and_answers(desk: Desk, office: Office) -> None:
    office.text_from(NADIA, "Is Friday free?")
    desk.page.goto(desk.address)
    desk.page.keyboard.press("Tab")
    expect(desk.page.get_by_role("link", name="Skip to the page")).to_be_focused()
    for _ in range(20):
        if desk.page.evaluate("document.activeElement.classList.contains('conv')"):
            break
        desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    box = desk.page.get_by_label("Reply")
    box.focus()
    desk.page.keyboard.type("Yes")
    desk.page.keyboard.press("Control+Enter")
    expect(desk.page.get_by_role("article").filter(has_text="Yes")).to_contain_text("Queued")
