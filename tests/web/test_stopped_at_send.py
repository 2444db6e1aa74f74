"""The stop at Send: what arrived while somebody wrote is shown before their text goes; and drafts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.desk.drafts import Author
from gateway.store.tables import notes, parts, text_drafts
from tests.office import ANNA as NADIA
from tests.office import BEN, SHOP, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient

People = Callable[[str], Browser]


def _place(office: Office, number: str = NADIA) -> str:
    return f"/conversations/{office.conversation(number).public_id}"


def _open_both(anna: Browser, browser_of: People, office: Office) -> tuple[Browser, str]:
    """Two people have the same thread open."""
    office.text_from(NADIA, "Is Friday free?")
    ruth, place = browser_of("admin"), _place(office)
    for browser in (anna, ruth):
        browser.get(place)
    return ruth, place


def test_the_second_send_is_stopped_and_shows_the_first(
    anna: Browser, browser_of: People, office: Office
) -> None:
    ruth, place = _open_both(anna, browser_of, office)
    ruth.submit(f"{place}/messages", body="Yes, at ten.")
    office.clock.step(seconds=8)
    assert anna.submit(f"{place}/messages", body="No, sorry.").status_code == 409
    assert "Ruth Lindqvist answered 8 seconds ago. Read it before sending yours." in anna.text
    assert {"Send anyway", "Discard"} <= set(anna.buttons()) and ">Edit</a>" in anna.html
    assert [row.body for row in office.messages(direction="outbound")] == ["Yes, at ten."]
    assert anna.page.forms[f"{place}/messages"]["body"] == "No, sorry."


def test_who_sends_anyway_has_seen_it(anna: Browser, browser_of: People, office: Office) -> None:
    ruth, place = _open_both(anna, browser_of, office)
    ruth.submit(f"{place}/messages", body="Yes, at ten.")
    anna.submit(f"{place}/messages", body="No, sorry.")
    anna.submit(f"{place}/messages")  # the form as it stands: Send anyway is one of its buttons
    assert [row.body for row in office.messages(direction="outbound")] == ["Yes, at ten.", "No, sorry."]
    assert "Read it before" not in anna.text


def test_something_newer_stops_send_anyway_again(anna: Browser, browser_of: People, office: Office) -> None:
    _, place = _open_both(anna, browser_of, office)
    for words in ("Or Monday?", "Hello?"):
        office.text_from(NADIA, words)
        assert anna.submit(f"{place}/messages", body="Yes").status_code == 409
        assert "+44 7700 900123 wrote just now. Read it before sending yours." in anna.text
        assert words in anna.html.split('id="refused"')[1].split("</div></div>")[0]
    assert office.count(parts) == 0


def test_a_note_stops_a_reply_and_no_note(anna: Browser, browser_of: People, office: Office) -> None:
    ruth, place = _open_both(anna, browser_of, office)
    ruth.submit(f"{place}/notes", body="Do not promise Friday")
    assert anna.submit(f"{place}/messages", body="Yes").status_code == 409
    assert "Ruth Lindqvist left a note just now" in anna.text and "arrived-note" in anna.html
    ruth.get(place)
    office.text_from(NADIA, "one more")
    assert ruth.submit(f"{place}/notes", body="noted").status_code == 200
    assert office.count(notes) == 2


def test_ones_own_texts_and_automatic_answers_stop_nobody(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    form = anna.page.forms[f"{place}/messages"]
    anna.submit(f"{place}/messages", body="first")
    office.accept(NADIA, "We are closed", author=Author("rule", None, "hours"))
    kept = {**form, "body": "second", "key": "another"}
    assert anna.client.post(f"{place}/messages", data=kept).status_code == 303


def test_a_double_click_is_one_text_though_another_came_between(
    anna: Browser, browser_of: People, office: Office
) -> None:
    _, place = _open_both(anna, browser_of, office)
    form = {**anna.page.forms[f"{place}/messages"], "body": "Yes"}
    assert anna.client.post(f"{place}/messages", data=form).status_code == 303
    office.text_from(NADIA, "thanks")
    assert anna.client.post(f"{place}/messages", data=form).status_code == 303
    assert len(office.messages(direction="outbound")) == 1


@pytest.mark.parametrize("seen", ["msg_none note_none", "x", ""])
def test_a_page_that_cannot_say_what_it_showed_is_judged_with_care(
    anna: Browser, office: Office, seen: str
) -> None:
    """Ids that are gone (an erasure) stop nobody; none at all means that nothing was seen."""
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    status = anna.submit(f"{place}/messages", body="Yes", seen_up_to=seen).status_code
    assert status == (409 if not seen else 200)


def test_an_urgent_text_that_was_stopped_goes_anyway_as_urgent(browser_of: People, office: Office) -> None:
    office.text_from(NADIA, "hello")
    ruth, place = browser_of("admin"), _place(office)
    ruth.get(place)
    office.text_from(NADIA, "quick!")
    ruth.submit(f"{place}/messages", body="Coming", do="urgent", reason="She is in pain")
    assert 'form="reply-form" name="do" value="urgent">Send anyway' in ruth.html


# --- in the API --------------------------------------------------------------------------------------


def test_a_program_that_says_what_it_saw_is_stopped_too(shop: ApiClient, office: Office) -> None:
    office.text_from(NADIA, "Is Friday free?")
    seen = office.messages()[0].public_id
    office.text_from(NADIA, "Or Monday?")
    newest = office.messages()[1].public_id
    answer = shop.send(to=NADIA, body="Yes", seen_up_to=seen)
    assert answer.status_code == 409 and answer.get_json()["type"].endswith(":arrived")
    assert [error["detail"] for error in answer.get_json()["errors"]] == [newest]
    assert office.count(parts) == 0
    assert shop.send(to=NADIA, body="Yes", seen_up_to=newest).status_code == 202
    assert shop.send(to=NADIA, body="And no").status_code == 202


def test_a_text_of_another_conversation_was_not_seen_there(shop: ApiClient, office: Office) -> None:
    office.text_from(BEN, "hello")
    office.text_from(NADIA, "hello")
    of_ben = office.messages(peer=BEN)[0].public_id
    answer = shop.send(to=NADIA, body="Yes", seen_up_to=of_ben)
    assert answer.status_code == 422 and answer.get_json()["errors"][0]["pointer"] == "/seen_up_to"


def test_an_answer_of_a_colleague_stops_a_program(shop: ApiClient, anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    seen = office.messages()[0].public_id
    anna.get(_place(office))
    anna.submit(f"{_place(office)}/messages", body="I do it")
    assert shop.send(to=NADIA, body="Yes", seen_up_to=seen).status_code == 409
    office.accept(NADIA, "by ourselves", author=SHOP)


# --- drafts ------------------------------------------------------------------------------------------


def test_a_draft_is_kept_for_its_writer_alone(anna: Browser, browser_of: People, office: Office) -> None:
    ruth, place = _open_both(anna, browser_of, office)
    form = {**anna.page.forms[f"{place}/messages"], "body": "I will ask\r\nRuth", "kind": "reply"}
    assert anna.client.post(f"{place}/draft", data=form).status_code == 303
    anna.get(place)
    assert anna.page.forms[f"{place}/messages"]["body"] == "I will ask\nRuth"
    ruth.get(place)
    assert ruth.page.forms[f"{place}/messages"]["body"] == ""


def test_a_script_saves_without_a_page_and_an_empty_box_forgets(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    token = anna.page.forms["act"]["csrf_token"]
    for body, kept in (("half a", 1), ("half a sentence", 1), ("  ", 0)):
        form = {"csrf_token": token, "kind": "reply", "body": body}
        assert anna.client.post(f"{place}/draft", data=form, headers={"Live": "1"}).status_code == 204
        assert office.count(text_drafts) == kept
    assert anna.client.post(f"{place}/draft", data={"csrf_token": token, "kind": "x"}).status_code == 422


def test_a_draft_is_gone_when_sent_and_kept_when_refused(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    office.text_from(NADIA, "STOP")
    assert anna.submit(f"{place}/messages", body="one more thing").status_code == 422
    assert office.count(text_drafts) == 1
    office.text_from(NADIA, "START")
    anna.get(place)
    assert anna.page.forms[f"{place}/messages"]["body"] == "one more thing"
    anna.submit(f"{place}/messages")
    assert office.count(text_drafts) == 0 and anna.page.forms[f"{place}/messages"]["body"] == ""


def test_a_stopped_text_can_be_thrown_away(anna: Browser, browser_of: People, office: Office) -> None:
    ruth, place = _open_both(anna, browser_of, office)
    ruth.submit(f"{place}/messages", body="Yes, at ten.")
    anna.submit(f"{place}/messages", body="No, sorry.")
    assert office.count(text_drafts) == 1
    form = {**anna.page.forms["act"], "discard": "reply"}
    anna.answer = anna.client.post(f"{place}/draft", data=form, follow_redirects=True)
    assert office.count(text_drafts) == 0 and anna.page.forms[f"{place}/messages"]["body"] == ""


def test_a_note_begun_is_a_draft_of_its_own(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    form = {**anna.page.forms[f"{place}/notes"], "kind": "note", "body": "ask her"}
    anna.answer = anna.client.post(f"{place}/draft", data=form, follow_redirects=True)
    assert anna.page.forms[f"{place}/notes"]["body"] == "ask her"
    assert anna.page.forms[f"{place}/messages"]["body"] == ""
    anna.submit(f"{place}/notes")
    assert office.count(text_drafts) == 0
