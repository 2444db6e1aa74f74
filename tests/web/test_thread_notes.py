"""Internal notes, mentions and what is for somebody, as people without JavaScript meet them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from gateway.desk.drafts import Author
from gateway.domain.people import Scope
from gateway.store import conversations, team
from gateway.store.tables import mentions, notes, parts
from tests.office import ANNA as NADIA
from tests.office import SHOP, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient, make_token

People = Callable[[str], Browser]


def _place(office: Office, number: str = NADIA) -> str:
    return f"/conversations/{office.conversation(number).public_id}"


def _note(browser: Browser, office: Office, body: str) -> int:
    browser.get(_place(office))
    return browser.submit(f"{_place(office)}/notes", body=body).status_code


def _user_id(office: Office, username: str) -> int:
    user = office.read(lambda tx: team.user_by_name(tx, username))
    assert user is not None
    return int(user.id)


def _assign(office: Office, user_id: int) -> None:
    row = office.conversation(NADIA)
    office.write(lambda tx: conversations.change(tx, row.id, assignee_id=user_id))


def test_a_note_stands_in_the_thread_with_its_author_and_is_in_no_outbox(
    anna: Browser, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    assert _note(anna, office, "Ruth says\nit can wait") == 200
    assert "Internal note, not sent" in anna.text and 'class="note"' in anna.html
    assert "Ruth says\nit can wait</p>" in anna.html and "<bdi>Anna Reid</bdi>" in anna.html
    assert office.count(notes) == 1 and office.count(parts) == 0
    assert [row.body for row in office.messages()] == ["hello"]


def test_the_box_of_notes_has_its_own_words_and_no_way_to_send(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    box = anna.html.split('<details class="note-box"')[1].split("</details>")[0]
    assert "Add note" in box and "Send" not in box and "/messages" not in box
    assert set(anna.page.forms[f"{place}/notes"]) == {"csrf_token", "key", "body"}
    # what belongs to a text is not heard there
    anna.submit(f"{place}/notes", body="not for her", do="urgent", when="wake", to=NADIA, line="front")
    assert office.count(parts) == 0 and office.count(notes) == 1


@pytest.mark.parametrize(
    ("body", "said"), [("  \n ", "nothing in the note"), ("x" * 5001, "5000 characters")]
)
def test_a_note_that_is_none_is_refused_and_stands_in_its_box(
    anna: Browser, office: Office, body: str, said: str
) -> None:
    office.text_from(NADIA, "hello")
    assert _note(anna, office, body) == 422
    assert said in anna.text and office.count(notes) == 0
    assert '<details class="note-box" id="note-box" open>' in anna.html


def test_a_note_sent_twice_is_kept_once(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    form = {**anna.page.forms[f"{place}/notes"], "body": "once"}
    for _ in range(2):
        assert anna.client.post(f"{place}/notes", data=form).status_code == 303
    assert office.count(notes) == 1


def test_a_note_can_be_written_where_nobody_may_text(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "STOP")
    assert _note(anna, office, "she called, all is well") == 200
    assert "she called" in anna.text and "Send" not in anna.buttons()


def test_a_viewer_reads_notes_and_writes_none(browser_of: People, anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    _note(anna, office, "for all of us")
    viewer = browser_of("viewer")
    viewer.get(_place(office))
    assert "for all of us" in viewer.text and "Add note" not in viewer.buttons()
    form = {"csrf_token": viewer.page.forms["act"]["csrf_token"], "body": "me too"}
    assert viewer.client.post(f"{_place(office)}/notes", data=form).status_code == 403
    assert office.count(notes) == 1


def test_who_is_mentioned_is_told_until_they_open_it(
    anna: Browser, browser_of: People, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    _note(anna, office, "@Ruth, 19 or 21? And @manager please. @Anna Reid knows")
    ruth = browser_of("admin")
    ruth.get("/")
    assert "1 for you" in ruth.text
    ruth.get("/mentions")
    assert "19 or 21?" in ruth.text and "New" in ruth.page.text and "Anna Reid" in ruth.text
    ruth.get(_place(office))
    assert "1 for you" not in ruth.text
    ruth.get("/mentions")
    assert "19 or 21?" in ruth.text and "New" not in ruth.page.text
    anna.get("/")
    assert "for you" not in anna.text
    spoken_to = office.read(lambda tx: set(tx.execute(select(mentions.c.user_id)).scalars()))
    assert spoken_to == {_user_id(office, "admin"), _user_id(office, "manager")}


def test_mentions_page_on(anna: Browser, browser_of: People, office: Office) -> None:
    office.text_from(NADIA, "hello")
    for n in range(55):
        _note(anna, office, f"@admin number {n}.")
    ruth = browser_of("admin")
    ruth.get("/mentions")
    assert "number 54." in ruth.text and "number 4." not in ruth.text
    older = ruth.html.split('href="?before=')[1].split('"')[0]
    ruth.get(f"/mentions?before={older}")
    assert "number 4." in ruth.text and "number 5." not in ruth.text
    ruth.get("/mentions?before=x")
    assert "number 54." in ruth.text


def test_an_answer_of_another_is_told_to_whom_it_is_assigned(
    anna: Browser, browser_of: People, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    ruth_id = _user_id(office, "admin")
    _assign(office, ruth_id)
    anna.get(_place(office))
    anna.submit(f"{_place(office)}/messages", body="Ruth will call you")
    ruth = browser_of("admin")
    ruth.get("/mentions")
    assert (
        "1 for you" in ruth.text
        and "Answered by colleagues" in ruth.text
        and "Ruth will call you" in ruth.text
    )
    ruth.get(_place(office))
    ruth.get("/mentions")
    assert "Answered by colleagues" not in ruth.text and "1 for you" not in ruth.text


def test_ones_own_answer_and_an_automatic_one_tell_nobody(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    _assign(office, _user_id(office, "agent"))
    office.accept(NADIA, "by itself", author=Author("rule", None, "hours"))
    office.accept(NADIA, "by a program", author=SHOP)
    anna.get("/mentions")
    assert "Answered by colleagues" not in anna.text
    anna.get(_place(office))
    anna.submit(f"{_place(office)}/messages", body="mine")
    anna.get("/mentions")
    assert "Answered by colleagues" not in anna.text


# --- in the API --------------------------------------------------------------------------------------


def test_programs_add_and_read_notes_that_are_never_sent(
    shop: ApiClient, browser_of: People, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    path = f"/api/v1/conversations/{office.conversation(NADIA).public_id}/notes"
    made = shop.post(path, {"body": "Order 7 is ready, @admin"})
    assert made.status_code == 201 and made.get_json()["author"] == "shop"
    shop.post(path, {"body": "second"})
    page = shop.get(f"{path}?limit=1").get_json()
    assert [note["body"] for note in page["data"]] == ["second"]
    rest = shop.get(f"{path}?limit=1&cursor={page['next_cursor']}").get_json()
    assert [note["body"] for note in rest["data"]] == ["Order 7 is ready, @admin"]
    assert rest["next_cursor"] is None and office.count(parts) == 0
    ruth = browser_of("admin")
    ruth.get("/")
    assert "1 for you" in ruth.text


def test_notes_of_the_api_ask_for_their_scopes_and_a_conversation(
    panel: Flask, shop: ApiClient, office: Office
) -> None:
    office.text_from(NADIA, "hello")
    path = f"/api/v1/conversations/{office.conversation(NADIA).public_id}/notes"
    reader = ApiClient(panel.test_client(), make_token(office, "reader", Scope.CONVERSATIONS_READ))
    assert reader.get(path).status_code == 200
    assert reader.post(path, {"body": "x"}).status_code == 403
    assert shop.post(path, {"body": " "}).status_code == 422
    assert shop.post("/api/v1/conversations/cnv_none/notes", {"body": "x"}).status_code == 404
    assert shop.get("/api/v1/conversations/cnv_none/notes").status_code == 404
