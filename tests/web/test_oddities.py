"""What is no ordinary text, as people read it: missed calls, reroutes, pictures, labels, poor lines."""

from __future__ import annotations

import pytest

from gateway.desk import lines as desk_lines
from gateway.domain import message_words
from gateway.domain.line import Abilities, Accepted, LineState, LineStatus, MissedCall, Received
from gateway.store import messages, reroutes
from tests.fake_modem.samples import SAMPLES
from tests.office import ANNA as NADIA
from tests.office import Office
from tests.web.browser import Browser


def _place(office: Office, number: str = NADIA) -> str:
    return f"/conversations/{office.conversation(number).public_id}"


def _log(browser: Browser) -> str:
    return browser.html.split('id="log"')[1].split('<section class="composer"')[0]


def _order(html: str, *words: str) -> None:
    places = [html.index(word) for word in words]
    assert places == sorted(places), words


# --- missed calls ------------------------------------------------------------------------------------


def test_a_missed_call_stands_between_the_texts_of_its_time(anna: Browser, office: Office) -> None:
    office.text_from(NADIA, "before it")
    office.clock.step(minutes=2)
    office.hear(MissedCall(NADIA, 18.4))
    office.clock.step(minutes=2)
    office.text_from(NADIA, "after it")
    office.clock.step(minutes=2)
    office.hear(MissedCall(NADIA, 0.0))
    anna.get(_place(office))
    _order(_log(anna), "before it", "Missed call, rang 18 s", "after it", ">09:36</time></span>")
    assert "Missed call, rang 18 s 09:32" in anna.text and "Missed call 09:36" in anna.text
    assert "rang 0 s" not in anna.html and anna.html.count("happened call") == 2


def test_whoever_only_called_has_a_thread_too(anna: Browser, office: Office) -> None:
    office.hear(MissedCall(NADIA, 5.0))
    anna.get(_place(office))
    assert "Missed call" in _log(anna) and "No texts here." not in anna.text


def test_a_call_stands_on_one_page_of_a_long_thread(anna: Browser, office: Office) -> None:
    for n in range(120):
        office.clock.step(minutes=1)
        office.text_from(NADIA, f"text {n}.")
        if n in (3, 60, 115):
            office.clock.step(seconds=20)
            office.hear(MissedCall(NADIA, float(n)))
    anna.get(_place(office))
    seen = []
    for _ in range(3):
        seen.append([n for n in (3, 60, 115) if f"rang {n} s" in _log(anna)])
        older = anna.html.partition("?before=")[2].partition('"')[0]
        anna.get(f"{_place(office)}?before={older}")
    assert seen == [[115], [60], [3]]


def test_the_list_says_missed_call_until_somebody_writes(anna: Browser, office: Office) -> None:
    office.accept(NADIA, "See you")
    office.clock.step(minutes=1)
    office.hear(MissedCall(NADIA, 9.0))
    anna.get("/")
    row = anna.html.split('id="conversations"')[1].split("</ul>")[0]
    assert "Missed call" in row and 'class="conv unread"' in row and "Not answered, " in row
    office.clock.step(minutes=1)
    anna.get(_place(office))
    anna.submit(f"{_place(office)}/messages", body="We call you at noon")
    anna.get("/")
    assert "You: We call you at noon" in anna.text and 'class="conv unread"' not in anna.html


def test_a_text_after_the_call_is_what_happened_last(anna: Browser, office: Office) -> None:
    office.hear(MissedCall(NADIA, 9.0))
    office.clock.step(minutes=1)
    office.text_from(NADIA, "Please call back")
    anna.get("/")
    assert "Please call back" in anna.text and "Missed call" not in anna.text


# --- another line ------------------------------------------------------------------------------------


def test_a_text_that_another_line_took_over_says_so(anna: Browser, office: Office) -> None:
    back = office.add_line("Back office")
    message_id = office.accept(NADIA)
    office.write(lambda tx: reroutes.move(tx, message_id, back, "front", report_wanted=True))
    anna.get(_place(office))
    assert "By Back office, because front could not send" in anna.text


# --- labels, pictures, nothing -----------------------------------------------------------------------


def _hear_sample(office: Office, name: str) -> str:
    """A sample arrives; returns the address of its conversation."""
    _, pdu = SAMPLES[name]
    office.hear(Received(pdu, office.slot()))
    peer = office.messages()[-1].peer
    return _place(office, peer)


def test_a_picture_shows_its_size_and_how_long_it_is_kept(anna: Browser, office: Office) -> None:
    anna.get(_hear_sample(office, "D20"))
    assert "sent a picture we cannot fetch" in anna.text
    assert "Ask for it by e-mail" in anna.text and 'class="picture"' in anna.html
    assert " kB" in anna.text and "the network keeps it until" in anna.text.lower()


def test_an_empty_text_says_that_it_is_empty(anna: Browser, office: Office) -> None:
    anna.get(_hear_sample(office, "D10"))
    assert "(empty message)" in _log(anna)
    anna.get("/")
    assert message_words.LABELS["empty"] in anna.text or "(empty message)" in anna.text


@pytest.mark.parametrize("label", sorted(set(message_words.LABELS) - {"picture", "empty"}))
def test_every_label_is_a_chip_in_words(anna: Browser, office: Office, label: str) -> None:
    office.text_from(NADIA, "words")
    (message,) = office.messages()
    office.write(lambda tx: messages.change(tx, message.id, label=label))
    anna.get(_place(office))
    assert "chip-label" in anna.html and message_words.LABELS[label] in anna.text


def test_who_cannot_be_answered_closes_the_box_with_the_reason(anna: Browser, office: Office) -> None:
    office.text_from("PARCELCO", "Your parcel is here")
    anna.get(_place(office, "PARCELCO"))
    assert "is a sender's name and not a number" in anna.text and "Send" not in anna.buttons()


def test_who_cannot_be_answered_is_no_prospect(anna: Browser, office: Office) -> None:
    office.text_from("PARCELCO", "Your parcel is here")
    anna.get("/")
    assert "New prospect" not in anna.text and ">PA</span>" in anna.html
    office.text_from(NADIA, "hello")
    anna.get("/")
    assert anna.text.count("New prospect") == 1


# --- lines that cannot -------------------------------------------------------------------------------


def test_without_reports_one_is_told_where_one_writes(anna: Browser, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {}, Abilities(delivery_reports=False)))
    office.text_from(NADIA, "hello")
    office.accept(NADIA)
    office.send_one(Accepted(1))
    anna.get(_place(office))
    assert "The line front is not told whether a text arrived: texts stay at Sent." in anna.text
    assert "Sent" in anna.page.text
    office.hear(LineState(LineStatus.UP, "ready", {}, Abilities()))
    anna.get(_place(office))
    assert "texts stay at Sent" not in anna.text


@pytest.mark.parametrize(
    ("abilities", "body", "says"),
    [
        (Abilities(unicode=False), "it’s “so”", "this line cannot write ’, “, ”"),
        (Abilities(multipart=False), "word " * 60, "too long for this line: 2 texts, it sends one"),
    ],
)
def test_what_was_refused_stands_in_the_box_and_the_counter_says_why(
    anna: Browser, office: Office, abilities: Abilities, body: str, says: str
) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {}, abilities))
    office.text_from(NADIA, "hello")
    anna.get(_place(office))
    assert anna.submit(f"{_place(office)}/messages", body=body).status_code == 422
    assert says in anna.text and office.messages(direction="outbound") == []


def test_numbered_texts_are_counted_as_they_will_go(anna: Browser, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {}, Abilities(multipart=False)))
    office.write(
        lambda tx: desk_lines.set_option(tx, "front", "long_texts", "number", "command:t", office.clock())
    )
    office.text_from(NADIA, "hello")
    anna.get(_place(office))
    assert 'data-long="number"' in anna.html
    anna.submit(f"{_place(office)}/messages", body="word " * 60)
    (sent,) = office.messages(direction="outbound")
    assert sent.segments == 2
