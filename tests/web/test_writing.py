"""Writing: replies, new conversations, and what people decide about a text, each by plain forms."""

from __future__ import annotations

import pytest

from gateway.domain.line import Accepted, CannotTell, RefusedForGood
from gateway.domain.reason_words import reason
from gateway.domain.refusal_words import REFUSALS
from gateway.queue import attempts
from gateway.store import messages
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, Office
from tests.web.browser import Browser


def _place(office: Office, number: str = NADIA) -> str:
    return f"/conversations/{office.conversation(number).public_id}"


# --- replies -----------------------------------------------------------------------------------------


def test_a_reply_is_accepted_and_the_page_is_fresh(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    fields = {**anna.page.forms[f"{place}/messages"], "body": "line one\r\nline two"}
    answer = anna.client.post(f"{place}/messages", data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, place)
    (sent,) = office.messages(direction="outbound")
    assert (sent.body, sent.author_name, sent.purpose) == (
        "line one\nline two",
        "Anna Reid",
        "conversational",
    )


def test_a_double_click_sends_once(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    form = {**anna.page.forms[f"{place}/messages"], "body": "on my way"}
    for _ in range(3):
        assert anna.client.post(f"{place}/messages", data=form).status_code == 303
    assert len(office.messages(direction="outbound")) == 1
    form["body"] = "and something else"  # the same page again, after the back button
    anna.client.post(f"{place}/messages", data=form)
    assert len(office.messages(direction="outbound")) == 2


@pytest.mark.parametrize(
    ("body", "sentence"),
    [("   ", REFUSALS["empty"].text), ("x" * 50_000, "at most 255 can be sent")],
)
def test_a_refused_reply_keeps_what_was_typed(
    anna: Browser, office: Office, body: str, sentence: str
) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    answer = anna.submit(f"{place}/messages", body=body)
    assert answer.status_code == 422
    assert sentence in anna.text
    assert anna.page.forms[f"{place}/messages"]["body"] == body
    assert office.messages(direction="outbound") == []


def test_a_refused_reply_names_the_page_it_refreshes_from(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    anna.submit(f"{place}/messages", body=" ")
    assert f'data-path="{place}"' in anna.html
    answer = anna.get(f"{place}/messages")
    assert (answer.status_code, answer.headers["Location"]) == (303, place)


def test_the_box_is_closed_after_stop_and_says_why(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "hello")
    place = _place(office)
    anna.get(place)
    form = {**anna.page.forms[f"{place}/messages"], "body": "one more thing"}
    office.text_from(NADIA, "STOP")
    answer = anna.client.post(f"{place}/messages", data=form)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "They asked us to stop on 3 March 2025" in page and "one more thing" in page
    anna.get(place)
    assert "Send" not in anna.buttons() and "They asked us to stop" in anna.text


def test_a_sender_with_a_name_cannot_be_answered(anna: Browser, office: Office) -> None:
    office.text_from("Bank", "your code is 1234")
    anna.get(_place(office, "Bank"))
    assert "so it cannot be answered" in anna.text and "Send" not in anna.buttons()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "160 left, 1 text, plain letters"),
        ("a" * 161, "145 left, 2 texts, plain letters"),
        ("[" * 80, "0 left, 1 text, plain letters"),
        ("1\u00a0h", "67 left, 1 text, because of no-break space"),
        ("I’m “in” – ok", "57 left, 1 text, because of ’ “ ”"),
        ("it’s", "66 left, 1 text, because of ’"),
        ("😀" * 36, "61 left, 2 texts, because of 😀"),
    ],
)
def test_the_counter_is_exact_without_javascript(anna: Browser, office: Office, text: str, said: str) -> None:
    anna.get("/conversations/new")
    anna.submit("/conversations/new", to="not a number", body=text)
    assert said in anna.page.text


# --- a new conversation ------------------------------------------------------------------------------


def test_a_new_conversation_is_begun(anna: Browser, office: Office) -> None:
    anna.get("/conversations/new")
    assert "line" not in anna.page.forms["/conversations/new"]
    anna.submit("/conversations/new", to="+44 7700 900123", body="Good morning")
    assert "Good morning" in anna.text and "Waiting: the line is starting" in anna.text
    assert office.messages()[0].peer == NADIA


@pytest.mark.parametrize(
    ("to", "sentence"),
    [("07700 900123", "no country code"), ("+44 77", "digits are missing"), ("", "number")],
)
def test_a_number_that_is_none_keeps_the_text(anna: Browser, office: Office, to: str, sentence: str) -> None:
    anna.get("/conversations/new")
    assert anna.submit("/conversations/new", to=to, body="Good morning").status_code == 422
    assert sentence in anna.text and "Good morning" in anna.text
    assert anna.page.forms["/conversations/new"]["to"] == to
    assert office.messages() == []


@pytest.mark.parametrize(("to", "notices"), [(NADIA, 1), (CARA, 0)])
def test_a_number_that_cannot_be_real_is_pointed_out_once(
    anna: Browser, office: Office, to: str, notices: int
) -> None:
    anna.get("/conversations/new")
    anna.submit("/conversations/new", to=to, body="Good morning")
    assert anna.text.count("in no range that is known to be in use") == notices
    assert len(office.messages()) == 1
    anna.get(_place(office, to))
    assert "in no range" not in anna.text


def test_with_several_lines_one_is_chosen(anna: Browser, office: Office) -> None:
    back_id = office.add_line("back")
    anna.get("/conversations/new")
    assert "line" in anna.page.forms["/conversations/new"]
    anna.submit("/conversations/new", to=NADIA, body="Good morning", line="back")
    assert office.messages()[0].line_id == back_id


# --- deciding ----------------------------------------------------------------------------------------


def test_an_unclear_text_is_marked_as_sent(anna: Browser, office: Office) -> None:
    message_id = office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    anna.get(_place(office))
    assert "No report has come." in anna.text
    anna.press("Mark as sent")
    assert office.state(message_id) == "sent" and "Mark as sent" not in anna.buttons()


def test_an_unclear_text_is_sent_again_once(anna: Browser, office: Office) -> None:
    message_id = office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    anna.get(_place(office))
    stale = Browser(anna.client)
    stale.get(_place(office))
    anna.press("Send again")
    assert office.state(message_id) == "unconfirmed" and len(office.messages()) == 2
    assert "It is sent again, see below." in anna.text and "Send again" not in anna.buttons()
    assert stale.press("Send again").status_code == 409
    assert "sent again already" in stale.text and len(office.messages()) == 2
    anna.get("/")
    assert "1 unclear" not in anna.text


def test_a_repeated_text_says_which_one_it_repeats(anna: Browser, office: Office) -> None:
    first = office.accept(NADIA)
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=25)
    anna.get(_place(office))
    anna.press("Send again")
    assert anna.text.count("Sent again: repeats the text of 09:30") == 1
    assert "Anna Reid 09:55" in anna.text and anna.text.count(reason("sent_again")) == 1
    office.write(lambda tx: messages.change(tx, first, state="delivered", reason=None))  # a late report
    anna.get(_place(office))
    assert anna.text.count(reason("sent_again")) == 1, "it says so whatever becomes of it"


def test_a_text_that_repeated_itself_says_so(anna: Browser, office: Office) -> None:
    office.accept(NADIA, on_unconfirmed="resend_once")
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=5)
    office.write(lambda tx: attempts.resend_unconfirmed(tx, office.line_id, office.clock()))
    anna.get(_place(office))
    assert "Sent again: repeats the text of 09:30" in anna.text
    assert "By itself 09:35" in anna.text and "Automatic answer" not in anna.text


def test_a_failed_text_is_sent_again(anna: Browser, office: Office) -> None:
    office.accept(NADIA)
    office.send_one(RefusedForGood("CMS 1"))
    anna.get(_place(office))
    anna.press("Send again")
    assert [row.state for row in office.messages()] == ["failed", "queued"]


def test_a_waiting_text_is_canceled_unless_it_is_too_late(anna: Browser, office: Office) -> None:
    first, second = office.accept(NADIA), office.accept(BEN)
    anna.get(_place(office))
    anna.press("Cancel this text")
    assert office.state(first) == "canceled"
    anna.get(_place(office, BEN))
    office.send_one(Accepted(1))
    assert anna.press("Cancel this text").status_code == 409
    assert office.state(second) == "sent" and "only a waiting text can be canceled" in anna.text
