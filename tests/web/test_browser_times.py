"""A reply at 22:10 their time, in a real browser: the notice before, the thread after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from gateway.domain.composer_words import NOT_ENTITLED, WITHOUT_A_TIME
from gateway.domain.line import LineState, LineStatus
from tests.office import ANNA as NADIA
from tests.office import Clock, Office
from tests.web.serving import Served
from tests.web.test_browser import Desk, chromium, playwright, served  # noqa: F401 - fixtures
from tests.web.test_composer import NIGHT, note
from tests.web.test_schedule import of

pytestmark = pytest.mark.browser


@pytest.fixture
def night(office: Office, clock: Clock) -> None:
    """Nadia is in Dubai, where it is 22:10."""
    office.hear(LineState(LineStatus.UP, "ready"))
    office.text_from(NADIA, "Is Friday free?")
    note(office, "Nadia Farrell", "Asia/Dubai")
    clock.step(hours=8, minutes=40)


@pytest.fixture
def desk_of(chromium: Chromium, night: None, served: Served) -> Callable[..., Desk]:  # noqa: F811
    def sit(username: str = "agent", **context: object) -> Desk:
        desk = Desk(chromium, served, **context)
        desk.sign_in(username)
        return desk

    return sit


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reply_at_night_says_so_before_and_after(
    desk_of: Callable[..., Desk], office: Office, scripts: bool
) -> None:
    desk = desk_of(java_script_enabled=scripts)
    desk.open(office)
    page = desk.page
    expect(page.get_by_text(NIGHT)).to_be_visible()
    expect(page.get_by_text(NOT_ENTITLED)).to_be_visible()
    expect(page.get_by_role("heading", name="Nadia Farrell").first).to_be_visible()
    page.get_by_label("Reply").fill("Friday at ten is yours.")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = page.get_by_role("article").filter(has_text="Friday at ten is yours.")
    expect(sent).to_contain_text("Will go Tuesday at 08:00 their time (04:00 here)")
    sent.get_by_role("link", name="Will go").click()
    expect(page.get_by_role("heading", name="Why did this text not go?")).to_be_visible()
    expect(page.get_by_text(NIGHT)).to_be_visible()
    assert desk.complaints == []


def test_the_notice_goes_when_they_write_and_what_is_typed_stays(
    desk_of: Callable[..., Desk], office: Office
) -> None:
    desk = desk_of("manager")
    desk.open(office)
    desk.mark()
    page = desk.page
    page.get_by_label("Reply").fill("half a sen")
    page.get_by_text("Choose a time").click()
    page.get_by_label("Date and time").fill("2025-03-06T09:30")
    expect(page.get_by_label("At", exact=True)).to_be_checked()
    office.text_from(NADIA, "Are you there?")
    expect(page.get_by_role("article").filter(has_text="Are you there?")).to_be_visible()
    expect(page.get_by_label("Reply")).to_have_value("half a sen")
    expect(page.get_by_label("Date and time")).to_have_value("2025-03-06T09:30")
    expect(page.get_by_label("At", exact=True)).to_be_checked()
    page.get_by_label("As soon as it may go").check()
    expect(page.get_by_text("This goes now: they wrote just now.")).to_be_visible()
    expect(page.get_by_text("Send now as urgent")).to_have_count(0)
    assert desk.was_not_reloaded() and desk.complaints == []


def test_an_open_page_is_right_when_their_hours_begin(
    desk_of: Callable[..., Desk], office: Office, clock: Clock
) -> None:
    """Nothing happens but that time passes: the page asks anew as each minute begins."""
    desk = desk_of()
    desk.page.clock.install()
    desk.open(office)
    page = desk.page
    page.get_by_text("Choose a time").click()
    expect(page.locator("#when-wake")).to_have_text("Tuesday at 08:00 their time (04:00 here)")
    expect(page.get_by_text(NIGHT)).to_be_visible()
    clock.step(hours=9, minutes=50)
    page.clock.run_for(61_000)
    expect(page.get_by_text("08:00 in Dubai", exact=False).first).to_be_visible()
    expect(page.get_by_text("This will go")).to_have_count(0)
    expect(page.locator("#when-wake")).to_have_text("Wednesday at 08:00 their time (04:00 here)")
    assert desk.complaints == []


def test_a_live_conversation_ends_on_an_open_page(
    desk_of: Callable[..., Desk], office: Office, clock: Clock
) -> None:
    office.text_from(NADIA, "Are you there?")
    desk = desk_of()
    desk.page.clock.install()
    desk.open(office)
    expect(desk.page.get_by_text("This goes now: they wrote just now.")).to_be_visible()
    clock.step(minutes=121)
    desk.page.clock.run_for(61_000)
    expect(desk.page.get_by_text("It is 00:11 for Nadia. This will go")).to_be_visible()
    assert desk.complaints == []


def test_a_stop_takes_the_notice_away_and_keeps_what_is_typed(
    desk_of: Callable[..., Desk], office: Office
) -> None:
    desk = desk_of()
    desk.open(office)
    page = desk.page
    page.get_by_label("Reply").fill("half a sen")
    office.text_from(NADIA, "STOP")
    expect(page.get_by_text("They asked us to stop").first).to_be_visible()
    expect(page.get_by_text("This will go")).to_have_count(0)
    expect(page.get_by_label("Reply")).to_have_value("half a sen")
    assert desk.complaints == []


def test_the_notice_follows_the_time_that_is_chosen(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of()
    desk.open(office)
    desk.mark()
    page = desk.page
    page.get_by_label("Reply").fill("half a sen")
    page.get_by_text("Choose a time").click()
    page.get_by_label("When they wake").check()
    expect(
        page.get_by_text("This will go Tuesday at 08:00 their time (04:00 here), as chosen.")
    ).to_be_visible()
    page.get_by_label("Date and time").fill("2025-03-06T02:00")
    expect(page.get_by_text("The chosen time is outside their hours. This will go Thursday")).to_be_visible()
    page.get_by_label("As soon as it may go").check()
    expect(page.get_by_text(NIGHT)).to_be_visible()
    expect(page.get_by_text(WITHOUT_A_TIME)).to_have_count(0)
    expect(page.get_by_label("Reply")).to_have_value("half a sen")
    assert desk.was_not_reloaded() and desk.complaints == []


def test_a_new_conversation_says_when_it_goes_as_the_number_is_typed(
    desk_of: Callable[..., Desk], office: Office, clock: Clock
) -> None:
    desk = desk_of("manager")
    desk.page.clock.install()
    desk.page.goto(f"{desk.address}/conversations/new")
    desk.mark()
    page = desk.page
    expect(page.get_by_role("button", name="When will it go?")).to_have_count(0)
    page.get_by_text("Choose a time").click()
    expect(page.get_by_label("When they wake")).to_have_count(0)
    page.get_by_label("To", exact=True).fill(NADIA)
    page.get_by_label("Text", exact=True).fill("half a sen")
    expect(page.get_by_text(NIGHT)).to_be_visible()
    expect(page.get_by_text("Nadia Farrell, 22:10 in Dubai")).to_be_visible()
    page.get_by_text("Send now as urgent").click()
    page.get_by_label("Why it cannot wait").fill("The dentist is ill")
    clock.step(minutes=1)
    page.clock.run_for(61_000)
    expect(page.get_by_text("It is 22:11 for Nadia")).to_be_visible()
    expect(page.get_by_label("Why it cannot wait")).to_have_value("The dentist is ill")
    page.get_by_label("When they wake").check()
    expect(page.get_by_text("This will go Tuesday at 08:00 their time")).to_be_visible()
    expect(page.get_by_label("When they wake")).to_be_checked()
    expect(page.get_by_label("Text", exact=True)).to_have_value("half a sen")
    page.get_by_label("To", exact=True).fill(NADIA[:6])
    expect(page.get_by_text("for Nadia")).to_have_count(0)  # half a number is no wrong one
    expect(page.locator(".window")).to_have_count(0)
    page.get_by_label("Text", exact=True).focus()
    expect(page.locator(".window-warn")).to_be_visible()
    assert desk.was_not_reloaded() and desk.complaints == []


def test_a_new_conversation_without_scripts_says_it_at_a_button(
    desk_of: Callable[..., Desk], office: Office
) -> None:
    desk = desk_of(java_script_enabled=False)
    page = desk.page
    page.goto(f"{desk.address}/conversations/new")
    page.get_by_label("To", exact=True).fill(NADIA)
    page.get_by_role("button", name="When will it go?").click()
    expect(page.get_by_text(NIGHT)).to_be_visible()
    page.get_by_label("Text", exact=True).fill("Friday at ten is yours.")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = page.get_by_role("article").filter(has_text="Friday at ten is yours.")
    expect(sent).to_contain_text("Will go Tuesday at 08:00 their time (04:00 here)")
    assert desk.complaints == []


def test_the_reason_of_a_hurry_is_a_second_step_and_outlives_news(
    desk_of: Callable[..., Desk], office: Office, clock: Clock
) -> None:
    desk = desk_of("manager")
    desk.open(office)
    page = desk.page
    expect(page.get_by_role("button", name="Send as urgent")).to_be_hidden()
    page.get_by_label("Reply").fill("Do not come in.")
    page.get_by_text("Send now as urgent").click()
    page.get_by_label("Why it cannot wait").fill("The dentist is ill")
    clock.step(minutes=1)
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-80"}))
    expect(page.get_by_text("It is 22:11 for Nadia")).to_be_visible()
    expect(page.get_by_label("Why it cannot wait")).to_have_value("The dentist is ill")
    page.get_by_role("button", name="Send as urgent").click()
    sent = page.get_by_role("article").filter(has_text="Do not come in.")
    expect(sent).to_contain_text("Goes at once as urgent: The dentist is ill")
    assert desk.complaints == []


def test_enter_in_a_field_of_the_time_never_hurries(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of("manager")
    desk.open(office)
    page = desk.page
    page.get_by_label("Reply").fill("Good morning!")
    page.get_by_text("Choose a time").click()
    page.get_by_label("Date and time").fill("2025-03-06T09:30")
    page.get_by_label("Date and time").press("Enter")
    sent = page.get_by_role("article").filter(has_text="Good morning!")
    expect(sent).to_contain_text("Will go Thursday at 09:30 their time")
    assert desk.complaints == []


def test_words_that_did_not_go_join_what_is_typed(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of()
    desk.open(office)
    page = desk.page
    page.get_by_label("Reply").fill("Does it hurt?")
    page.get_by_text("Choose a time").click()
    page.get_by_label("When they wake").check()
    page.get_by_label("Cancel it if they write first").check()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_label("Reply").fill("Oh no.")
    office.text_from(NADIA, "It still hurts")
    page.get_by_role("link", name="Use these words").click()
    expect(page.get_by_label("Reply")).to_have_value("Oh no.\nDoes it hurt?")
    assert desk.complaints == []


def test_on_a_low_screen_send_can_be_reached(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of("manager", viewport={"width": 1280, "height": 560})
    desk.open(office)
    page = desk.page
    page.get_by_text("Choose a time").click()
    page.get_by_text("Send now as urgent").click()
    assert page.locator(".composer").evaluate("box => box.getBoundingClientRect().bottom <= innerHeight")
    page.locator(".composer").hover()
    page.mouse.wheel(0, 2000)
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport(ratio=1)
    assert desk.complaints == []


def test_on_a_phone_nothing_is_cut_off(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of(viewport={"width": 360, "height": 740})
    office.accept(NADIA, "Friday at ten is yours.")
    desk.open(office)
    page = desk.page
    page.get_by_text("Choose a time").click()
    page.get_by_role("button", name="Send", exact=True).scroll_into_view_if_needed()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_in_viewport()
    for path in ("", "/schedule", f"/messages/{office.messages(direction='outbound')[0].public_id}/explain"):
        if path:
            page.goto(f"{desk.address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert desk.complaints == []


def test_on_a_phone_fields_and_buttons_stay_in_line(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of(viewport={"width": 360, "height": 740})
    page = desk.page
    text = office.message(office.accept(NADIA, "Friday at ten is yours.", author=of(office, "agent")))
    edges = "([a, b]) => [a, b].map((one) => document.querySelector(one).getBoundingClientRect())"
    page.goto(f"{desk.address}/messages/{text.public_id}/change")
    field, words = page.evaluate(edges, [".when-date", "#body"])
    assert field["right"] <= words["right"]
    page.goto(f"{desk.address}/schedule")
    button, said = page.evaluate(edges, [".due .row > *", ".due .what"])
    assert button["left"] == said["left"]
    assert desk.complaints == []


def test_on_a_phone_the_head_of_a_conversation_tells_all_and_what_wraps_stays_at_its_side(
    desk_of: Callable[..., Desk], office: Office
) -> None:
    desk = desk_of("manager", viewport={"width": 360, "height": 740})
    office.accept(NADIA, "Friday at ten is yours.")
    desk.open(office)
    page = desk.page
    assert page.locator(".thread-head p:not(.head-chips)").evaluate(
        "told => told.scrollWidth <= told.clientWidth"
    )
    rights = "every => every.map((one) => one.getBoundingClientRect().right)"
    *_, change, cancel = page.locator(".msg-waiting .act > *").evaluate_all(rights)
    assert change == cancel  # one under the other, below their text
    assert desk.complaints == []


@pytest.mark.parametrize("width", [360, 1280])
def test_hours_are_not_cut_off(desk_of: Callable[..., Desk], width: int) -> None:
    desk = desk_of("admin", viewport={"width": width, "height": 740})
    desk.page.goto(f"{desk.address}/settings/hours")
    fields = desk.page.locator("main :is(.input, textarea)")
    whole = "one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight"
    assert fields.evaluate_all(f"every => every.every((one) => {whole})")
    assert desk.complaints == []


def test_when_it_goes_stands_out_from_why(desk_of: Callable[..., Desk], office: Office) -> None:
    desk = desk_of()
    text = office.message(office.accept(NADIA, "Friday at ten is yours.", author=of(office, "agent")))
    desk.page.goto(f"{desk.address}/messages/{text.public_id}/change")
    weight = "one => Number(getComputedStyle(one).fontWeight)"
    said, why = (desk.page.locator(f"#state {one}").first.evaluate(weight) for one in ("span", ".more"))
    assert said > why
    assert desk.complaints == []
