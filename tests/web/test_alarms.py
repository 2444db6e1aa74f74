"""Alarms on the panel: the banner, the page, who may say Seen, and how alarms are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.desk import alarms as desk
from gateway.domain import alarm_words
from gateway.domain.alarms import Kind
from gateway.domain.line import LineState, LineStatus
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import alarms, settings
from tests.office import Office
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]
DISK = {"percent": 9, "free": "1 GB", "folder": "/data"}
SAID = "The disk is nearly full: 9 of 100 are free (1 GB)."


@pytest.fixture
def alarm(office: Office) -> int:
    """The disk is nearly full."""
    return office.write(lambda tx: desk.raise_(tx, Kind.DISK, "", DISK, office.clock()))


def post(browser: Browser, address: str, **fields: str) -> int:
    """Press a button of the page that is open."""
    sent = browser.client.post(address, data={**browser.page.forms["act"], **fields})
    browser.answer = sent
    return sent.status_code


@pytest.mark.parametrize("page", ["/", "/lines", "/more", "/alarms"])
def test_every_page_says_what_is_wrong_until_somebody_saw_it(
    anna: Browser, office: Office, alarm: int, page: str
) -> None:
    anna.get(page)
    assert SAID in anna.text
    office.write(lambda tx: desk.raise_(tx, Kind.RESERVE, "", DISK, office.clock()))
    anna.get(page)
    assert "And 1 more alarm." in anna.text
    office.write(lambda tx: desk.seen(tx, None, "person:Ruth", office.clock()))
    anna.get(page)
    assert "more alarm" not in anna.text


def test_the_page_says_what_happened_what_we_do_and_what_to_do(
    anna: Browser, office: Office, alarm: int
) -> None:
    anna.get("/alarms")
    for said in (
        SAID,
        alarm_words.doing(Kind.DISK, DISK),
        alarm_words.you_can(Kind.DISK, DISK),
        "Since 09:30.",
    ):
        assert said in anna.text
    assert alarm_words.NO_WAYS_YET in anna.text
    row = office.read(lambda tx: alarms.get(tx, alarm))
    office.clock.step(minutes=20)
    office.write(lambda tx: desk.end(tx, row, office.clock()))  # type: ignore[arg-type]
    office.hear(LineState(LineStatus.UP, "ready"))
    anna.get("/alarms")
    assert "09:30 to 09:50. There is room on the disk again." in anna.text
    assert "Nothing is wrong that we know of." in anna.text


@pytest.mark.parametrize("role", list(Role))
def test_who_may_say_seen(browser_of: BrowserOf, office: Office, alarm: int, role: Role) -> None:
    browser = browser_of(role.value)
    browser.get("/alarms")
    may = Right.ALARM_SEEN in RIGHTS[role]
    assert any(words.startswith("Seen") for words in browser.buttons()) is may
    assert post(browser, f"/alarms/{alarm}/seen") == (303 if may else 403)
    (row,) = office.read(alarms.every_open)
    assert (row.seen_at is not None) is may


@pytest.mark.parametrize("role", list(Role))
def test_who_may_set_how_alarms_are_told(browser_of: BrowserOf, role: Role) -> None:
    browser = browser_of(role.value)
    browser.get("/alarms")
    may = Right.ALARM_SET in RIGHTS[role]
    assert may is (role is Role.ADMIN)
    assert ("Send a test alarm" in browser.buttons()) is may
    for address in ("/alarms/test", "/alarms/ways"):
        assert post(browser, address) == (303 if may else 403)
        browser.get("/alarms")
    assert post(browser, "/alarms/secret") == (200 if may else 403)


def test_the_ways_are_set_and_what_cannot_be_is_said(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get("/alarms")
    given = {"alarms.numbers": "+44 7700 900777", "alarms.texts_a_day": "5", "alarms.webhook": "ftp://x/"}
    assert post(ruth, "/alarms/ways", **given) == 422
    assert "alarms.webhook cannot be 'ftp://x/': it must be an address like https://" in ruth.text
    assert ruth.page.forms["/alarms/ways"]["alarms.numbers"] == "+44 7700 900777", (
        "what was typed stands there"
    )
    assert office.read(settings.every)["alarms.numbers"] == "", "all of it or nothing"
    given["alarms.webhook"] = "http://192.168.1.5:8000/hook"
    assert post(ruth, "/alarms/ways", **given) == 303
    stored = office.read(settings.every)
    assert stored["alarms.numbers"] == "+447700900777"
    assert stored["alarms.webhook"] == "http://192.168.1.5:8000/hook"


def test_a_test_says_what_became_of_it(browser_of: BrowserOf, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "alarms.webhook", "http://192.168.1.5/"))
    ruth = browser_of("admin")
    ruth.get("/alarms")
    assert post(ruth, "/alarms/test") == 303
    (notice,) = office.read(lambda tx: alarms.due_notices(tx, desk.WEBHOOK, office.clock(), 9))
    office.write(
        lambda tx: desk.tried(tx, notice, office.clock(), "it answered 500", office.clock.step(minutes=5))
    )
    ruth.get("/alarms")
    assert "This is a test, asked for by Ruth Lindqvist." in ruth.text
    assert "Not told by webhook: it answered 500. It is tried again at 09:35." in ruth.text
    office.write(lambda tx: desk.tried(tx, notice, office.clock()))
    ruth.get("/alarms")
    assert "Told by webhook, 09:35." in ruth.text


def test_a_secret_is_shown_once(browser_of: BrowserOf, office: Office) -> None:
    ruth = browser_of("admin")
    ruth.get("/alarms")
    assert "not signed yet" in ruth.text
    assert post(ruth, "/alarms/secret") == 200
    secret = office.read(desk.secret)
    assert secret is not None and secret in ruth.text
    ruth.get("/alarms")
    assert secret not in ruth.html and "not signed yet" not in ruth.text


def test_a_line_that_is_down_is_told_before_it_is_an_alarm(anna: Browser, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "port_lost"))
    anna.get("/alarms")
    assert "No alarm yet: line front has not worked since 09:30." in anna.text
    assert "Nothing is wrong" not in anna.text
