"""The banner of a clock in doubt, on every page, and who may say that the time shown is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.desk import clock as desk
from gateway.domain import clock_words
from gateway.domain.people import RIGHTS, Right, Role
from tests.office import Office
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]


def doubt(office: Office, code: str | None = "jumped") -> None:
    office.write(lambda tx: desk.set_doubt(tx, code, office.clock()))


@pytest.mark.parametrize("page", ["/", "/lines", "/search?q=x", "/conversations/new", "/more"])
def test_every_page_says_that_the_clock_is_in_doubt(anna: Browser, office: Office, page: str) -> None:
    anna.get(page)
    assert "The clock of this box" not in anna.text
    doubt(office)
    anna.get(page)
    assert "The clock of this box may be wrong: it was set to another time" in anna.text
    assert "It shows Monday 3 March 2025, 09:30." in anna.text
    assert clock_words.MEANWHILE in anna.text


@pytest.mark.parametrize("role", list(Role))
def test_who_may_pause_a_line_may_say_that_the_time_is_right(
    browser_of: BrowserOf, office: Office, role: Role
) -> None:
    doubt(office)
    browser = browser_of(role.value)
    browser.get("/")
    may = Right.LINE_PAUSE in RIGHTS[role]
    assert (clock_words.CONFIRM in browser.buttons()) is may
    token = browser.page.forms["act"]
    fields = {**token, "since": office.clock().isoformat()}
    assert browser.client.post("/clock/confirm", data=fields).status_code == (303 if may else 403)
    known = office.read(desk.state)
    assert (known.doubt is None, bool(known.confirmed_by)) == (may, may)


def test_without_the_pages_own_token_nothing_is_confirmed(browser_of: BrowserOf, office: Office) -> None:
    doubt(office)
    browser = browser_of("manager")
    browser.get("/")
    fields = {"csrf_token": "forged", "since": office.clock().isoformat()}
    assert browser.client.post("/clock/confirm", data=fields).status_code == 403
    assert office.read(desk.doubt) == "jumped"


@pytest.mark.parametrize("since", ["", "now", "2025-03-03T09:30:00", "2025-03-03T09:30:00+00:00"])
def test_a_time_that_is_not_shown_any_more_is_not_confirmed(
    browser_of: BrowserOf, office: Office, since: str
) -> None:
    doubt(office)
    browser = browser_of("manager")
    browser.get("/")
    office.clock.step(hours=1)
    doubt(office)
    fields = {**browser.page.forms["/clock/confirm"], **({"since": since} if since else {})}
    browser.client.post("/clock/confirm", data=fields)
    assert office.read(desk.doubt) == "jumped"
