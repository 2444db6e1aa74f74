"""A reply at 22:10 their time, in a real browser: the notice before, the thread after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from gateway.domain.line import LineState, LineStatus
from gateway.domain.wording import NOT_ENTITLED
from tests.office import ANNA as NADIA
from tests.office import Clock, Office
from tests.web.serving import Served
from tests.web.test_browser import Desk, chromium, playwright, served  # noqa: F401 - fixtures
from tests.web.test_composer import NIGHT, note

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
    expect(page.get_by_text("This goes now: they wrote just now.")).to_be_visible()
    expect(page.get_by_text("Send now as urgent")).to_have_count(0)
    expect(page.get_by_label("Reply")).to_have_value("half a sen")
    expect(page.get_by_label("Date and time")).to_have_value("2025-03-06T09:30")
    expect(page.get_by_label("At", exact=True)).to_be_checked()
    assert desk.was_not_reloaded() and desk.complaints == []


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
