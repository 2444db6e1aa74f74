"""The list of conversations: tabs, filters, orders, what rows say, and the notice with Undo."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from gateway.desk import conversation_state as desk
from gateway.desk.drafts import Author
from gateway.domain.conversation import Priority
from gateway.domain.line import RefusedForGood
from gateway.store import settings, team
from tests.office import ANNA, BEN, CARA, Office
from tests.web.browser import Browser


@pytest.fixture
def me(panel: Any, office: Office) -> Author:
    row = office.read(lambda tx: team.user_by_name(tx, "agent"))
    assert row is not None
    return Author("person", row.id, row.name)


def do(office: Office, peer: str, verb: Any, *arguments: Any) -> None:
    row = office.conversation(peer)
    office.write(lambda tx: verb(tx, row, *arguments, office.clock()))


def listed(browser: Browser, office: Office, query: str = "") -> list[str]:
    browser.get(f"/{query}")
    known = {office.conversation(peer).public_id: peer for peer in (ANNA, BEN, CARA)}
    return [known[one] for one in re.findall(r'<li id="(cnv_\w+)"', browser.html)]


def counts(browser: Browser) -> dict[str, int]:
    found = re.findall(r'>([\w ]+) <span class="num">(\d+)</span>', browser.html)
    return {name: int(count) for name, count in found}


@pytest.fixture(autouse=True)
def talks(panel: Any, office: Office) -> None:
    """Anna waits longest, Cara wrote last."""
    for peer in (ANNA, BEN, CARA):
        office.text_from(peer, "Hi")
        office.clock.step(minutes=1)


def test_tabs_hold_what_they_say_and_count_it(anna: Browser, office: Office, me: Author) -> None:
    do(office, ANNA, desk.assign, me.id, me)
    do(office, BEN, desk.snooze, None, me)
    do(office, CARA, desk.close, me)
    assert listed(anna, office) == [ANNA]
    assert counts(anna) == {
        "Waiting": 1, "Mine": 1, "Unassigned": 0, "Open": 1, "Put off": 1, "Closed": 1, "All": 3
    }  # fmt: skip
    tabs = {"waiting": [ANNA], "mine": [ANNA], "unassigned": [], "snoozed": [BEN], "closed": [CARA]}
    for tab, there in {**tabs, "all": [CARA, BEN, ANNA]}.items():
        assert listed(anna, office, f"?show={tab}") == there, tab
    anna.get("/?show=unassigned")
    assert "Everything has somebody who looks after it." in anna.text


def leads(browser: Browser) -> list[tuple[str, str]]:
    """Where an empty list sends whoever looks: addresses and words."""
    found = re.findall(
        r'<a class="btn btn-small" href="([^"]+)">([^<]+)</a>', browser.html.split('id="nobody"')[1]
    )
    return [(html.unescape(address), html.unescape(words)) for address, words in found]


def test_an_empty_tab_says_what_comes_there_and_leads_to_one_that_is_not(
    anna: Browser, office: Office, me: Author
) -> None:
    anna.get("/?show=mine")
    assert "Nothing is yours. Take over a conversation that is nobody's" in anna.text
    assert leads(anna) == [("/?show=unassigned", "Show what is nobody's")]
    anna.get("/?show=snoozed")
    assert "Nothing is put off. What you put off waits here" in anna.text
    assert leads(anna) == [("/?show=waiting", "Show who waits")]
    for peer in (ANNA, BEN, CARA):
        do(office, peer, desk.assign, me.id, me)
        do(office, peer, desk.close, me)
    anna.get("/?show=waiting")
    assert "Nobody is waiting. Whoever writes stands here until somebody answers." in anna.text
    assert leads(anna) == [("/?show=closed", "Show what is closed")]
    address = leads(anna)[0][0]
    assert listed(anna, office, address.removeprefix("/")) == [CARA, BEN, ANNA]


def test_filters_that_leave_nobody_can_be_taken_off_or_asked_of_all(
    anna: Browser, office: Office, me: Author
) -> None:
    do(office, BEN, desk.set_priority, Priority.URGENT, me)
    do(office, BEN, desk.close, me)
    anna.get("/?priority=urgent")
    assert "No conversation is like this. Take a filter off, or look elsewhere." in anna.text
    off, among_all = leads(anna)
    assert off == ("/?show=open", "Take all filters off")
    assert listed(anna, office, off[0].removeprefix("/")) == [CARA, ANNA]
    assert among_all[1] == "Look among all conversations"
    assert listed(anna, office, among_all[0].removeprefix("/")) == [BEN]
    anna.get("/?show=all&priority=low")
    assert leads(anna) == [("/?show=all", "Take all filters off")]


def test_orders(anna: Browser, office: Office, me: Author) -> None:
    do(office, BEN, desk.set_priority, Priority.URGENT, me)
    assert listed(anna, office) == [CARA, BEN, ANNA]
    assert listed(anna, office, "?show=waiting") == [ANNA, BEN, CARA]
    assert listed(anna, office, "?sort=waiting") == [ANNA, BEN, CARA]
    assert listed(anna, office, "?sort=priority") == [BEN, CARA, ANNA]
    assert listed(anna, office, "?show=all&sort=waiting") == [CARA, BEN, ANNA]


@pytest.mark.parametrize("query", ["", "?sort=waiting", "?sort=priority", "?show=all"])
def test_pages_leave_nobody_out(
    anna: Browser, office: Office, me: Author, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.conversation_list.PAGE", 1)
    do(office, BEN, desk.set_priority, Priority.HIGH, me)
    office.accept(CARA, "Answered", author=me)  # waits no more
    seen = listed(anna, office, query)
    while 'id="older-rows"' in anna.html:
        following = re.search(r'id="older-rows"><a href="/([^"]+)"', anna.html)
        assert following is not None
        seen += listed(anna, office, following[1].replace("&amp;", "&"))
    assert sorted(seen) == sorted((ANNA, BEN, CARA))


def test_filters_narrow_it_and_are_taken_off_by_a_link(anna: Browser, office: Office, me: Author) -> None:
    do(office, ANNA, desk.tag, "Réparation", me)
    do(office, BEN, desk.set_priority, Priority.HIGH, me)
    assert listed(anna, office, "?tag=reparation") == [ANNA]
    assert 'href="/"><span class="sr">Take off the filter </span>Réparation' in anna.html
    assert listed(anna, office, "?priority=high") == [BEN]
    assert listed(anna, office, "?line=front") == [CARA, BEN, ANNA]
    assert listed(anna, office, "?unread=1") == [CARA, BEN, ANNA]
    anna.get(f"/conversations/{office.conversation(CARA).public_id}")
    assert listed(anna, office, "?unread=1") == [BEN, ANNA]
    assert listed(anna, office, "?failed=1") == []
    assert "No conversation is like this." in anna.text
    assert listed(anna, office, "?show=x&sort=y&line=z&priority=q") == [CARA, BEN, ANNA], "what is unknown"


def test_what_failed_is_found(anna: Browser, office: Office, me: Author) -> None:
    office.accept(ANNA, "Hello", author=me)
    for _ in range(3):
        if (claimed := office.claim()) is not None and office.submit(claimed.part_id):
            office.record(claimed.part_id, RefusedForGood("no_such_number"))
        office.clock.step(minutes=10)
    assert listed(anna, office, "?failed=1") == [ANNA]
    assert "Failed" in anna.text


def test_a_row_says_how_long_they_wait_and_whose_it_is(anna: Browser, office: Office, me: Author) -> None:
    office.write(lambda tx: settings.put(tx, "hours.office", "daily 00:00-24:00"))
    office.clock.step(minutes=92)
    do(office, ANNA, desk.assign, me.id, me)
    do(office, ANNA, desk.set_priority, Priority.URGENT, me)
    anna.get("/")
    assert "waits 1 h 35, late" in anna.text and "urgent" in anna.text and "Assigned to You" in anna.text
    office.write(lambda tx: settings.put(tx, "inbox.target_minutes", "180"))
    anna.get("/")
    assert "waits 1 h 35, soon late" in anna.text


def test_unread_is_counted_for_each_person(browser_of: Callable[[str], Browser], office: Office) -> None:
    anna, ruth = browser_of("agent"), browser_of("admin")
    anna.get(f"/conversations/{office.conversation(ANNA).public_id}")
    for browser, unread in ((anna, 2), (ruth, 3)):
        browser.get("/")
        assert f"<title>({unread}) Inbox" in browser.html


def test_what_was_done_can_be_undone_where_scripts_are_off(anna: Browser, office: Office) -> None:
    ids = [office.conversation(peer).public_id for peer in (ANNA, BEN)]
    anna.get("/")
    fields = {**anna.page.forms["/conversations/bulk"], "do": "close", "id": ids}
    anna.answer = anna.client.post("/conversations/bulk", data=fields, follow_redirects=True)
    assert "2 conversations closed." in anna.text
    token = anna.page.forms["/conversations/bulk"]["csrf_token"]
    undo = {"csrf_token": token, "do": "undo:close", "id": ids, "back": "/"}
    anna.answer = anna.client.post("/conversations/bulk", data=undo, follow_redirects=True)
    assert "Undone for 2 conversations." in anna.text
    assert office.conversation(ANNA).state == "open" and office.conversation(ANNA).waiting_since


def test_a_viewer_chooses_nothing(browser_of: Callable[[str], Browser]) -> None:
    viewer = browser_of("viewer")
    viewer.get("/")
    assert "Choose several" not in viewer.text and 'name="id"' not in viewer.html


def test_keys_and_turns_are_each_persons_choice(anna: Browser, office: Office) -> None:
    anna.get("/")
    assert "data-keys" in anna.html
    anna.get("/account")
    fields = anna.page.forms["/account/ways"]
    assert fields["available"] == fields["shortcuts"] == "1"
    anna.client.post("/account/ways", data={"csrf_token": fields["csrf_token"]})
    anna.get("/")
    assert "data-keys" not in anna.html
    row = office.read(lambda tx: team.user_by_name(tx, "agent"))
    assert row is not None and not row.available
