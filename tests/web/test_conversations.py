"""The inbox, threads and writing, as a person without JavaScript meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from gateway.desk.drafts import Author
from gateway.domain.line import CannotTell, LineState, LineStatus, Received, RefusedForGood
from gateway.domain.message import State, WaitingFor
from gateway.store import contacts as stored_contacts
from gateway.store import messages, settings
from gateway.store.tables import contacts, lines
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, SAM, SHOP, Office, delivers
from tests.web.browser import Browser


def _place(office: Office, number: str = NADIA) -> str:
    return f"/conversations/{office.conversation(number).public_id}"


def _name(office: Office, name: str) -> None:
    def call_everybody(tx: Any) -> None:
        for contact_id in tx.execute(select(contacts.c.id)).scalars().all():
            stored_contacts.change(tx, contact_id, name=name)

    office.write(call_everybody)


# --- the list ----------------------------------------------------------------------------------------


def test_the_very_first_day_says_what_to_do(
    anna: Browser, office: Office, browser_of: Callable[[str], Browser]
) -> None:
    """How customers learn the number, and a first text for whoever may write it, wherever one looks."""
    for query in ("", "?show=waiting", "?show=closed"):
        anna.get(f"/{query}")
        assert "Nothing is here" in anna.text and "No conversations yet. Tell people your number" in anna.text
        assert anna.html.count("<main") == 1 and 'aria-label="Conversations"' in anna.html
        ways = re.findall(r'<a class="btn btn-small" href="([^"]+)">', anna.html.split('id="nobody"')[1])
        assert ways == [f"/lines/{office.line_id}/make-known", "/conversations/new"]
        assert [anna.get(way).status_code for way in ways] == [200, 200]
    viewer = browser_of("viewer")
    viewer.get("/")
    assert "Make the number known" in viewer.text and "Write a first text" not in viewer.text
    office.write(lambda tx: tx.execute(update(lines).values(removed_at=office.clock())))
    anna.get("/")
    assert "There is no line yet, so no text can come or go." in anna.text
    assert anna.get("/lines").status_code == 200 and "Write a first text" not in anna.text


def test_the_newest_conversation_stands_first_and_unread_is_said(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "first")
    office.clock.step(minutes=1)
    office.text_from(BEN, "second")
    anna.get("/")
    assert anna.html.index("second") < anna.html.index(">first<")
    assert "(2) Inbox, Alderwick Dental" in anna.text
    assert anna.html.count('class="conv unread"') == 2
    assert "+44 7700 900123" in anna.text and "New prospect" in anna.text


def test_with_several_lines_each_conversation_names_its_own(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "on the one")
    anna.get("/")
    assert '<span class="chip chip-label">front</span>' not in anna.html
    office.line_id = office.add_line("back")
    office.text_from(NADIA, "on the other")
    anna.get("/")
    for name in ("front", "back"):
        assert anna.html.count(f'<span class="chip chip-label">{name}</span>') == 1


def test_opening_a_thread_reads_it(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    anna.get(_place(office))
    anna.get("/")
    assert 'class="conv unread"' not in anna.html


def test_a_viewers_look_leaves_it_unread(browser_of: Callable[[str], Browser], office: Office) -> None:
    office.text_from(NADIA, "hello")
    viewer = browser_of("viewer")
    viewer.get(_place(office))
    assert "Writing needs the role agent" in viewer.text and "Send" not in viewer.buttons()
    viewer.get("/")
    assert 'class="conv unread"' not in viewer.html, "they have read it themselves"
    anna = browser_of("agent")
    anna.get("/")
    assert 'class="conv unread"' in anna.html


def test_the_list_pages_on(anna: Browser, office: Office) -> None:
    for n in range(60):
        office.text_from(f"+4477009002{n:02d}", f"text {n}")
        office.clock.step(seconds=1)
    anna.get("/")
    assert anna.html.count('class="conv unread"') == 50
    older = anna.html.split('href="/?after=')[1].split('"')[0]
    anna.get(f"/?after={older}")
    assert anna.html.count('class="conv unread"') == 10 and "Newest conversations" in anna.text


def test_chips_say_what_needs_somebody(anna: Browser, office: Office) -> None:
    office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    office.accept(BEN)
    office.send_one(RefusedForGood("CMS 1"))
    office.text_from("+447700900125", "STOP")
    anna.get("/")
    assert {"1 unclear", "Failed", "Stopped"} <= set(anna.page.text)


def test_the_list_says_who_wrote_last(
    anna: Browser, browser_of: Callable[[str], Browser], office: Office
) -> None:
    office.text_from(NADIA, "hello")
    anna.get(_place(office))
    anna.submit(f"{_place(office)}/messages", body="on my way")
    anna.get("/")
    assert "You: on my way" in anna.page.text
    ruth = browser_of("admin")
    ruth.get("/")
    assert "Anna Reid: on my way" in ruth.page.text
    ruth.get("/search?q=way")
    assert "Anna Reid: on my <mark>way</mark>" in ruth.html
    office.accept(BEN, "your order", author=SHOP)
    office.accept(CARA, "we are closed", author=Author("rule", None, "hours"))
    anna.get("/")
    assert {"shop: your order", "Automatic answer: we are closed"} <= set(anna.page.text)


def test_names_stand_before_numbers(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    _name(office, "Nadia Farrell")
    anna.get("/")
    assert "Nadia Farrell" in anna.page.text and "NF" in anna.page.text and "New prospect" not in anna.text


# --- the thread --------------------------------------------------------------------------------------


def test_every_state_is_said_in_words(anna: Browser, office: Office) -> None:
    """Each outbound state, whatever led to it, has its words under the bubble."""
    office.hear(LineState(LineStatus.UP, "ready"))
    office.accept(NADIA, "text")
    wanted = {
        State.QUEUED: "Queued",
        State.SENDING: "Sending",
        State.SENT: "Sent",
        State.DELIVERED: "Delivered 09:30",
        State.UNDELIVERED: "Not delivered",
        State.FAILED: "Failed",
        State.UNCONFIRMED: "Unclear: may have gone",
        State.CANCELED: "Canceled",
        State.EXPIRED: "Expired",
        State.BLOCKED: "Blocked",
    }
    assert set(wanted) == set(State) - {State.RECEIVING, State.RECEIVED}
    message_id = office.messages()[0].id
    for state, words in wanted.items():
        now = office.clock()
        office.write(
            lambda tx, s=state, t=now: messages.change(tx, message_id, state=s.value, delivered_at=t)
        )
        anna.get(_place(office))
        assert words in anna.page.text, state


@pytest.mark.parametrize("waiting_for", list(WaitingFor))
def test_every_reason_to_wait_is_said(anna: Browser, office: Office, waiting_for: WaitingFor) -> None:
    message_id = office.accept(NADIA)
    office.write(lambda tx: messages.change(tx, message_id, waiting_for=waiting_for.value))
    anna.get(_place(office))
    assert "Waiting" in anna.text or "Scheduled for 09:30" in anna.text
    assert "msg-waiting" in anna.html
    # what somebody has to look at first is not an agent's to cancel
    assert ("Cancel this text" in anna.buttons()) == (waiting_for is not WaitingFor.APPROVAL)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("flash", "Flash text"),
        ("picture", "sent a picture we cannot fetch"),
        ("voicemail", "voicemail is waiting"),
        ("data", "Data meant for a phone"),
        ("damaged", "damaged on its way"),
        ("unreadable", "cannot be read"),
        ("silent", "A silent text"),
    ],
)
def test_odd_texts_say_what_they_are(anna: Browser, office: Office, label: str, words: str) -> None:
    office.text_from(NADIA, "x")
    office.write(lambda tx: messages.change(tx, office.messages()[0].id, label=label))
    anna.get(_place(office))
    assert words in anna.text


def test_a_text_in_parts_says_how_many_are_here(anna: Browser, office: Office) -> None:
    parts = delivers(NADIA, "a" * 400, office.clock(), ref=7)
    for pdu in (parts[0], parts[2]):
        office.hear(Received(pdu, office.slot()))
    anna.get(_place(office))
    assert "2 of 3 parts are here" in anna.text


def test_a_text_received_twice_says_so(anna: Browser, office: Office) -> None:
    when = office.clock()
    office.text_from(NADIA, "same", when=when)
    office.text_from(NADIA, "same", when=when)
    anna.get(_place(office))
    assert anna.text.count("Received twice") == 1


def test_days_are_separated_in_the_offices_zone(anna: Browser, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "office.zone", "Pacific/Auckland"))
    office.text_from(NADIA, "monday evening there")
    office.clock.step(hours=3)
    office.text_from(NADIA, "tuesday there")
    anna.get(_place(office))
    assert "Yesterday, Monday 3 March" in anna.text and "Today, Tuesday 4 March" in anna.text
    assert "22:30" in anna.text and "01:30" in anna.text


def test_older_texts_are_a_link_away(anna: Browser, office: Office) -> None:
    for n in range(70):
        office.text_from(NADIA, f"text number {n}.")
        office.clock.step(minutes=5)
    anna.get(_place(office))
    assert "text number 69." in anna.text and "text number 19." not in anna.text
    older = anna.html.split("?before=")[1].split('"')[0]
    anna.get(f"{_place(office)}?before={older}")
    assert "text number 19." in anna.text and "text number 20." not in anna.text
    assert "Newest texts" in anna.text and "Older texts" not in anna.text


@pytest.mark.parametrize(
    "nasty",
    ["<script>alert(1)</script>", "\"'><img src=x onerror=alert(1)>", "</textarea>{{ 7*7 }}", "&lt;b&gt;"],
)
def test_texts_are_shown_as_they_were_written(anna: Browser, office: Office, nasty: str) -> None:
    office.text_from(NADIA, nasty)
    _name(office, nasty)
    place = _place(office)
    for path in ("/", place, f"/search?q={nasty[:3]}"):
        anna.get(path)
        assert "<script>alert" not in anna.html and "<img src=x" not in anna.html
    assert nasty in " ".join(anna.get(place) and anna.page.text)
    anna.submit(f"{place}/messages", body=nasty)
    assert office.messages(direction="outbound")[0].body == nasty
    office.write(lambda tx: settings.put(tx, "office.name", "<i>x"))
    anna.get("/")
    assert "<i>x" not in anna.html


def test_what_is_not_there_is_said(anna: Browser) -> None:
    for path in ("/conversations/cnv_0", "/nothing", "/?after=nonsense"):
        answer = anna.get(path)
        assert answer.status_code == (200 if "after" in path else 404)
    anna.get("/")
    token = next(form["csrf_token"] for form in anna.page.forms.values() if "csrf_token" in form)
    assert anna.client.post("/messages/msg_0/cancel", data={"csrf_token": token}).status_code == 404


# --- search ------------------------------------------------------------------------------------------


def test_search_leads_to_the_text_in_its_thread(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "About the Réparation of my crown")
    for n in range(60):
        office.text_from(NADIA, f"later {n}")
    anna.get("/search?q=repar")
    assert "<mark>Répar</mark>ation" in anna.html
    link = anna.html.split('class="hit" href="')[1].split('"')[0].replace("&amp;", "&")
    path, _, fragment = link.partition("#")
    anna.get(path)
    assert f'id="{fragment}"' in anna.html and "Réparation of my crown" in anna.text


@pytest.mark.parametrize("words", ["farr", "nadia FARRELL", "07700 900123", "+44 7700", "900123"])
def test_search_finds_people_by_name_and_number(anna: Browser, office: Office, words: str) -> None:
    office.text_from(NADIA, "hello")
    _name(office, "Nadia Farrell")
    office.text_from("+12025550123", "good morning")
    anna.get("/search", query_string={"q": words})
    assert f'class="hit" href="{_place(office)}"' in anna.html and anna.html.count('class="hit"') == 1
    assert "Nothing found" not in anna.text


@pytest.mark.parametrize("words", ["44", "%", "_", "x900123", "farrell 900123"])
def test_what_is_no_name_and_no_number_finds_nobody(anna: Browser, office: Office, words: str) -> None:
    office.text_from(NADIA, "hello")
    _name(office, "Nadia Farrel")
    anna.get("/search", query_string={"q": words})
    assert f"Nothing found for “{words}”. Try fewer letters" in anna.text


def test_search_without_hits_says_so(anna: Browser) -> None:
    for words in ("crwn", '"*', "a OR", "-", "NEAR("):
        anna.get("/search", query_string={"q": words})
        assert "Try fewer letters" in anna.text


# --- lines -------------------------------------------------------------------------------------------


def _line_says(office: Office, status: LineStatus, code: str, **facts: str) -> None:
    office.hear(LineState(status, code, facts))


def test_the_line_page_says_how_the_line_is(anna: Browser, office: Office) -> None:
    _line_says(office, LineStatus.UP, "ready", operator="Home network", signal_dbm="-81")
    anna.get("/lines")
    assert "The line works. Signal is good." in anna.text and "good, −81 dBm" in anna.text
    assert "Home network" in anna.text and "Pause sending" not in anna.buttons()
    office.accept(NADIA)
    office.clock.step(minutes=5)
    _line_says(office, LineStatus.DOWN, "not_registered")
    office.clock.step(minutes=5)
    anna.get("/lines")
    assert "No network." in anna.text and "Check the antenna, or move" in anna.text
    assert "Since 09:35." in anna.text
    assert "front: no network since 09:35 , 1 text waits" in anna.text


def test_every_page_shows_how_the_lines_are(anna: Browser, office: Office) -> None:
    office.add_line("back")
    _line_says(office, LineStatus.UP, "ready")
    for path in ("/", "/lines", "/search", "/conversations/new", "/more"):
        anna.get(path)
        assert "back: is starting" in anna.text, path


@pytest.mark.parametrize("role", ["manager", "admin"])
def test_sending_is_paused_and_resumed(
    browser_of: Callable[[str], Browser], office: Office, role: str
) -> None:
    _line_says(office, LineStatus.UP, "ready")
    browser = browser_of(role)
    browser.get("/lines")
    browser.press("Pause sending")
    assert "The line is paused." in browser.text and office.line().paused_at == office.clock()
    browser.press("Resume sending")
    assert "The line works." in browser.text and office.line().paused_at is None


@pytest.mark.parametrize("digits", [25, 5000])
def test_a_line_beyond_every_id_is_not_there(
    browser_of: Callable[[str], Browser], office: Office, digits: int
) -> None:
    browser = browser_of("admin")
    browser.get("/lines")
    path = f"/lines/{'9' * digits}/pause"
    assert browser.client.post(path, data=browser.page.forms["act"]).status_code == 404


def test_several_people_see_who_wrote(anna: Browser, office: Office) -> None:
    office.accept(NADIA, "from Sam", author=SAM)
    anna.get(_place(office))
    assert "Sam" in anna.page.text


def test_who_is_signed_in_keeps_the_panel_round_what_is_not_there_or_not_theirs(
    browser_of: Callable[[str], Browser], stranger: Browser
) -> None:
    agent = browser_of("agent")
    for path, status in (("/conversations/c_nobody", 404), ("/settings/backups", 403)):
        assert agent.get(path).status_code == status
        assert '<nav class="rail"' in agent.html and "Number of this error" in agent.text, path
    assert stranger.get("/nothing").status_code == 404
    assert '<nav class="rail"' not in stranger.html
