"""What is told to somebody who does not look: of whom, in which words, and what stays silent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from gateway.desk import blocking, conversation_state, notes
from gateway.desk.drafts import Author
from gateway.domain import flood
from gateway.domain.people import Notify
from gateway.store import contacts, conversations, events, team
from gateway.web.news import FRESH, MOST_TOLD, MOST_WORDS
from gateway.web.presence import Doing
from gateway.web.site import site_of
from tests.office import ANNA as NADIA
from tests.office import BEN, SAM, Office
from tests.web.browser import Browser
from tests.web.test_rights import limit


@pytest.fixture
def newest(office: Office) -> int:
    """How far the log went before anything happened."""
    return office.read(events.last_id)


@pytest.fixture
def told(anna: Browser, office: Office, newest: int) -> Any:
    """Anna wants to be told of something; then: what she is told since the beginning."""

    def choose(notify: Notify) -> Any:
        anna.get("/account")
        assert anna.submit("/account/notify", notify=notify.value).status_code == 200
        return lambda **more: anna.client.get("/news", query_string={"after": newest, **more}).get_json()

    return choose


def user(office: Office, role: str = "agent") -> Any:
    return office.read(lambda tx: team.user_by_name(tx, role))


def row(office: Office, number: str = NADIA) -> Any:
    return office.read(lambda tx: conversations.get(tx, office.conversation(number).id))


def note(office: Office, words: str) -> None:
    ruth = Author("person", user(office, "admin").id, "Ruth Lindqvist")
    here = row(office)
    office.write(lambda tx: notes.add(tx, here, words, ruth, office.clock()))


def titles(news: Any) -> list[str]:
    return [one["title"] for one in news["texts"]]


def test_nobody_is_told_of_anything_unasked(anna: Browser, office: Office, newest: int) -> None:
    office.text_from(NADIA, "Is Friday free?")
    news = anna.client.get(f"/news?after={newest}").get_json()
    assert (news["unread"], news["texts"], news["others"]) == (1, [], "")
    assert news["last"] > newest


def test_a_text_is_told_with_who_it_is_from(told: Any, office: Office) -> None:
    asked = told(Notify.ALL)
    office.text_from(NADIA, "Is Friday free?")
    (one,) = asked()["texts"]
    assert (one["title"], one["body"]) == ("+44 7700 900123 (New prospect)", "Is Friday free?")
    assert one["href"] == f"/conversations/{office.conversation(NADIA).public_id}"

    def become_customer(tx: Any) -> None:
        contact = contacts.by_number(tx, NADIA)
        assert contact is not None
        contacts.change(tx, contact.id, name="Nadia\u202e Farrell", stage="customer")

    office.write(become_customer)
    office.text_from(NADIA, "\u05d3\u202e")
    office.text_from(NADIA, "a" * (MOST_WORDS + 1))
    _, second, third = asked()["texts"]
    assert second["title"] == "Nadia[U+202E] Farrell (Customer)"
    assert second["body"] == "\u2068\u05d3[U+202E]\u2069"
    assert third["body"] == "a" * MOST_WORDS + "…"


@pytest.mark.parametrize(
    ("wants", "whose", "is_told"),
    [
        (Notify.ALL, "ruth", True),
        (Notify.MINE, "ruth", False),
        (Notify.MINE, "anna", True),
        (Notify.MINE, "nobody", True),
        (Notify.MENTIONS, "anna", False),
        (Notify.NOTHING, "anna", False),
    ],
)
def test_each_is_told_of_what_they_asked_for(
    told: Any, office: Office, wants: Notify, whose: str, is_told: bool
) -> None:
    asked = told(wants)
    office.text_from(NADIA, "one")
    who = {"anna": user(office).id, "ruth": user(office, "admin").id, "nobody": None}[whose]
    here = row(office)
    office.write(lambda tx: conversation_state.assign(tx, here, who, SAM, office.clock()))
    assert bool(asked()["texts"]) is is_told


@pytest.mark.parametrize("wants", [Notify.MENTIONS, Notify.MINE, Notify.ALL])
def test_a_note_that_mentions_somebody_is_told_to_them_once_it_is_not_seen(
    told: Any, anna: Browser, office: Office, wants: Notify
) -> None:
    office.text_from(NADIA, "Is Friday free?")
    anna.get(f"/conversations/{row(office).public_id}")
    asked = told(wants)
    note(office, "for nobody in particular")
    assert asked()["texts"] == []
    office.clock.step(seconds=1)
    note(office, "@agent please call her")
    (one,) = asked()["texts"]
    assert (one["title"], one["body"]) == (
        "Ruth Lindqvist mentions you: +44 7700 900123",
        "@agent please call her",
    )
    anna.get(one["href"])
    assert asked()["texts"] == []


def test_what_was_read_already_is_told_no_more(told: Any, anna: Browser, office: Office) -> None:
    asked = told(Notify.ALL)
    office.text_from(NADIA, "Is Friday free?")
    anna.get(f"/conversations/{row(office).public_id}")
    assert (asked()["texts"], asked()["unread"]) == ([], 0)


def test_blocked_people_and_floods_are_silent(told: Any, office: Office) -> None:
    asked = told(Notify.ALL)
    office.text_from(NADIA, "one")
    office.write(lambda tx: blocking.block(tx, row(office).contact_id, "abuse", SAM, office.clock()))
    office.text_from(NADIA, "two")
    assert asked()["texts"] == []
    for n in range(flood.MOST + 2):
        office.text_from(BEN, f"buy {n}")
    assert asked()["texts"] == []


def test_a_line_one_may_not_see_is_silent(told: Any, office: Office) -> None:
    asked = told(Notify.ALL)
    limit(office, "agent", office.add_line("workshop"))
    office.text_from(NADIA, "one")
    assert (asked()["texts"], asked()["unread"]) == ([], 0)


def test_of_many_the_newest_are_told_and_how_many_there_are_besides(told: Any, office: Office) -> None:
    asked = told(Notify.ALL)
    for n in range(MOST_TOLD + 2):
        office.text_from(f"+4477009004{n:02d}", f"text {n}")
    news = asked()
    assert [one["body"] for one in news["texts"]] == ["text 2", "text 3", "text 4"]
    assert news["others"] == "2 more are new"


def test_what_is_old_is_told_to_nobody(told: Any, office: Office) -> None:
    asked = told(Notify.ALL)
    office.text_from(NADIA, "one")
    office.clock.now += FRESH
    assert len(asked()["texts"]) == 1
    office.clock.step(seconds=1)
    assert asked()["texts"] == []


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40, "²"])
def test_who_knows_no_event_is_told_the_count_alone(told: Any, office: Office, after: str) -> None:
    asked = told(Notify.ALL)
    office.text_from(NADIA, "one")
    news = asked(after=after)
    assert (news["texts"], news["unread"]) == ([], 1)


def test_who_moved_is_told_to_who_has_no_stream(told: Any, anna: Browser, office: Office) -> None:
    asked = told(Notify.NOTHING)
    office.text_from(NADIA, "one")
    before = asked()
    assert before["presence"] == []
    anna.get(f"/conversations/{row(office).public_id}")
    token = anna.page.forms["act"]["csrf_token"]
    anna.client.post(
        f"/conversations/{row(office).public_id}/presence", data={"csrf_token": token, "doing": "reading"}
    )
    assert asked(moved=before["moved"])["presence"] == [row(office).public_id]


def test_who_moved_on_a_line_one_may_not_see_is_not_told(told: Any, panel: Flask, office: Office) -> None:
    asked = told(Notify.NOTHING)
    office.text_from(NADIA, "one")
    before, presence = asked(), site_of(panel).presence
    presence.say(row(office).public_id, office.line_id, 9, "Ruth", Doing.READING)
    presence.say("cnv_1", office.line_id + 1, 9, "Ruth", Doing.READING)
    limit(office, "agent", office.line_id)
    assert asked(moved=before["moved"])["presence"] == [row(office).public_id]


def test_the_newest_are_told_however_much_happened_since(
    told: Any, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.news.MOST_EVENTS", 1)
    asked = told(Notify.ALL)
    after = asked()["last"]
    office.text_from(NADIA, "one")
    office.text_from(NADIA, "two")
    assert [one["body"] for one in asked(after=after)["texts"]] == ["two"]


def test_what_no_form_offers_is_refused(anna: Browser, office: Office) -> None:
    anna.get("/account")
    fields = {**anna.page.forms["/account/notify"], "notify": "everything"}
    assert anna.client.post("/account/notify", data=fields).status_code == 400
    assert user(office).notify == "nothing"


def test_a_stranger_is_sent_to_sign_in(stranger: Browser) -> None:
    assert stranger.client.get("/news").status_code == 303
