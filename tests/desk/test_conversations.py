"""What staff and programs do: accepting is a promise, and every refusal leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row

from gateway.desk import acceptance, drafts, replies, unclear
from gateway.desk import conversations as desk
from gateway.desk import lines as desk_lines
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.line import Accepted, CannotTell, RefusedForGood
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import conversations, lines, messages, outbox
from gateway.store import settings as store_settings
from gateway.store.tables import metadata
from tests.fake_modem import tpdu
from tests.office import ANNA, BEN, SAM, SHOP, Office, sent_text

LONG = "A long story. " * 40  # 4 parts


def _everything(office: Office) -> dict[str, int]:
    return {table.name: office.count(table) for table in metadata.sorted_tables}


def _refusal(office: Office, **draft: Any) -> Refused:
    """The refusal of a draft; it must leave the database as it was."""
    before = _everything(office)
    with pytest.raises(Refused) as refused:
        office.accept(**draft)
    assert _everything(office) == before
    return refused.value


# --- accept ------------------------------------------------------------------------------------------


def test_what_is_accepted_stands_with_all_its_parts(office: Office) -> None:
    message_id = office.accept(ANNA, "See you at nine", reference="booking 7")
    row = office.message(message_id)
    assert (row.direction, row.state, row.purpose, row.peer) == ("outbound", "queued", "conversational", ANNA)
    assert (row.author_kind, row.author_name, row.reference) == ("person", "Sam", "booking 7")
    assert (row.due_at, row.created_at, row.segments) == (office.clock(), office.clock(), 1)
    assert row.public_id.startswith("msg_")
    assert office.part_states(message_id) == ["ready"]
    assert office.event_kinds()[-2:] == ["conversation.opened", "message.queued"]


@pytest.mark.parametrize("body", ["", " ", "\n\t ", "\u2003"])
def test_an_empty_text_is_refused(office: Office, body: str) -> None:
    assert _refusal(office, body=body).key == "empty"


def test_half_an_emoji_is_refused(office: Office) -> None:
    assert _refusal(office, body="hi \ud83d").key == "not_text"


def test_a_text_of_too_many_parts_is_refused(office: Office) -> None:
    refused = _refusal(office, body="x" * (255 * 153 + 1))
    assert (refused.key, refused.data) == ("too_long", {"count": 256})
    assert "256 parts" in refused.text


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("MyBank", phone.Kind.NAME, "MyBank is a sender's name"),
        ("0770090", phone.Kind.UNKNOWN, "0770090 is no whole number"),
        ("", phone.Kind.WITHHELD, "withheld their number"),
    ],
)
def test_what_cannot_be_texted_is_refused(office: Office, text: str, kind: phone.Kind, why: str) -> None:
    draft = Draft(phone.Number(text, kind), "Hi", Purpose.CONVERSATIONAL, SAM)
    line, before = office.line(), _everything(office)
    with pytest.raises(Refused, match=why):
        office.write(lambda tx: acceptance.accept(tx, line, draft, office.clock()))
    assert _everything(office) == before


@pytest.mark.parametrize("purpose", [p for p in Purpose if p is not Purpose.COMPLIANCE])
def test_an_opt_out_refuses_every_purpose_but_its_own_confirmation(office: Office, purpose: Purpose) -> None:
    office.text_from(ANNA, "STOP")
    assert _refusal(office, purpose=purpose).key == "opted_out"
    office.accept(purpose=Purpose.COMPLIANCE, author=Author("rule", None, "STOP"))


def test_nobody_but_a_rule_reaches_an_opted_out_number_by_calling_it_compliance(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    assert _refusal(office, purpose=Purpose.COMPLIANCE).key == "opted_out"


def test_refusals_of_lines(office: Office) -> None:
    def choose(name: str | None) -> Row[Any]:
        return office.read(lambda tx: drafts.choose_line(tx, name))

    assert choose(None).name == choose("front").name == "front"
    with pytest.raises(Refused, match=r"no line called back\. Lines: front"):
        choose("back")
    office.add_line("back")
    with pytest.raises(Refused, match="front, back"):
        choose(None)
    for name in ("front", "back"):
        office.write(lambda tx, name=name: desk_lines.remove(tx, name, "person:Sam", office.clock()))
    with pytest.raises(Refused, match="no line yet"):
        choose(None)


def test_numbers_are_read_with_the_offices_country(office: Office) -> None:
    def parse(text: str) -> str:
        line = office.line()
        return office.read(lambda tx: drafts.parse_number(tx, text, line)).text

    with pytest.raises(Refused, match="no country code"):
        parse("07700 900123")
    office.write(lambda tx: store_settings.put(tx, "office.country", "GB"))
    assert parse("07700 900123") == ANNA


# --- parts -------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=500).filter(str.strip))
def test_parts_are_read_by_another_codec_as_the_same_text(office: Office, body: str) -> None:
    parts = office.parts(office.accept(ANNA, body))
    assert sent_text(parts).replace("\r", "\n") == body.replace("\r", "\n")
    assert {tpdu.decode_submit(part.tpdu).to for part in parts} == {ANNA}
    assert all(tpdu.decode_submit(part.tpdu).report for part in parts)
    assert [part.seq for part in parts] == list(range(1, len(parts) + 1))


def _validity(office: Office, **more: Any) -> timedelta:
    """TP-VP in relative form (TS 23.040 9.2.3.12.1), read here anew."""
    (part,) = office.parts(office.accept(**more))
    (value,) = tpdu.decode_submit(part.tpdu).validity
    if value < 144:
        return timedelta(minutes=5 * (value + 1))
    return timedelta(hours=12, minutes=30 * (value - 143)) if value < 168 else timedelta(days=value - 166)


def test_the_network_keeps_trying_for_a_day_or_as_long_as_it_is_useful(office: Office) -> None:
    assert _validity(office) == timedelta(days=1)
    assert _validity(office, send_by=office.clock() + timedelta(hours=2)) == timedelta(hours=2)
    assert _validity(office, send_by=office.clock() + timedelta(seconds=2)) == timedelta(minutes=5)
    office.accept(send_by=office.clock() + timedelta(weeks=90))  # longer than TP-VP can say, and no error


def test_a_text_that_is_useless_already_is_refused(office: Office) -> None:
    assert _refusal(office, send_by=office.clock()).key == "send_by_past"


def _reference(office: Office, message_id: int) -> int:
    concats = [tpdu.decode_submit(part.tpdu).data.concat for part in office.parts(message_id)]
    assert all(concat is not None and concat.total == len(concats) for concat in concats)
    (reference,) = {concat.ref for concat in concats if concat is not None}
    return reference


def test_references_of_long_texts_do_not_repeat_for_one_recipient(office: Office) -> None:
    first = _reference(office, office.accept(ANNA, LONG))
    office.accept(BEN, LONG)
    office.accept(ANNA, "short, and needs none")
    office.restart()
    assert _reference(office, office.accept(ANNA, LONG)) == (first + 1) % 256


def test_references_come_around_after_all_of_them(office: Office) -> None:
    given = office.write(lambda tx: [outbox.next_reference(tx, ANNA, 250) for _ in range(256)])
    assert sorted(given) == list(range(256))
    assert office.write(lambda tx: outbox.next_reference(tx, ANNA, 3)) == given[0]


# --- replies -----------------------------------------------------------------------------------------


def _reply(office: Office, peer: str, author: Author = SAM) -> int:
    conversation_id = office.conversation(peer).id

    def work(tx: Any) -> int:
        conversation = conversations.get(tx, conversation_id)
        assert conversation is not None
        return replies.reply(tx, conversation, "Yes, at eight", author, office.clock())

    return office.write(work)


def test_a_reply_goes_by_the_line_of_the_conversation(office: Office) -> None:
    office.text_from(ANNA, "A table for two?")
    office.add_line("back")
    row = office.message(_reply(office, ANNA))
    assert (row.peer, row.line_id, row.purpose) == (ANNA, office.line_id, "conversational")
    conversation = office.conversation(ANNA)
    assert (conversation.waiting_since, conversation.last_message_id) == (None, row.id)
    assert conversation.seen_message_id == row.id


def test_a_program_that_writes_does_not_answer_for_people(office: Office) -> None:
    office.text_from(ANNA, "A table for two?")
    office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    conversation = office.conversation(ANNA)
    assert conversation.waiting_since == office.clock()
    assert conversation.seen_message_id < conversation.last_inbound_id


def test_a_name_cannot_be_replied_to(office: Office) -> None:
    office.text_from("MyBank", "Your code is 123456")
    with pytest.raises(Refused, match="MyBank"):
        _reply(office, "MyBank")


def test_a_removed_line_cannot_be_replied_by(office: Office) -> None:
    office.text_from(ANNA, "Hi")
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))
    with pytest.raises(Refused):
        _reply(office, ANNA)


def test_reading_is_told_once(office: Office) -> None:
    office.text_from(ANNA, "Hi")

    sam = office.person()

    def read() -> None:
        row = office.conversation(ANNA)
        office.write(lambda tx: desk.mark_read(tx, row, sam, office.clock()))

    assert office.unread(sam) == 1
    read()
    read()
    assert office.event_kinds().count("conversation.read") == 1
    assert office.unread(sam) == 0
    assert office.conversation(ANNA).waiting_since is not None, "read is not answered"


# --- decisions ---------------------------------------------------------------------------------------


def _send_again(office: Office, message_id: int) -> int:
    return office.write(lambda tx: unclear.send_again(tx, message_id, SAM, office.clock()))


def _mark_sent(office: Office, message_id: int) -> None:
    office.write(lambda tx: unclear.mark_sent(tx, message_id, SAM, office.clock()))


def _cancel(office: Office, message_id: int) -> None:
    office.write(lambda tx: acceptance.cancel(tx, message_id, SAM, office.clock()))


def test_an_unconfirmed_text_is_sent_again_once(office: Office) -> None:
    message = office.accept(body="Once", purpose=Purpose.TRANSACTIONAL, author=SHOP)
    office.send_one(CannotTell("timeout"))
    again = office.message(_send_again(office, message))
    assert (again.body, again.resend_of_id, again.author_name) == ("Once", message, "Sam")
    assert again.purpose == "transactional"
    assert (office.state(message), office.message(message).reason) == ("unconfirmed", "sent_again")
    with pytest.raises(Refused, match="sent again already"):
        _send_again(office, message)
    assert office.send_one(Accepted(1)).message_id == again.id, "the doubt holds it back no longer"


def test_it_is_sent_again_once_whatever_is_learnt_later(office: Office) -> None:
    """A late report may change state and reason of the first text; the second exists all the same."""
    message = office.accept()
    office.send_one(CannotTell("timeout"))
    _send_again(office, message)
    office.report(99, ANNA, 0x46)
    assert office.state(message) == "undelivered"
    with pytest.raises(Refused, match="sent again already"):
        _send_again(office, message)


def test_only_the_repetition_goes_on(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(CannotTell("timeout"))
    again = _send_again(office, message)
    assert office.part_states(message) == ["unconfirmed", "canceled", "canceled", "canceled"]
    _mark_sent(office, message)
    assert {office.send_one(Accepted(n)).message_id for n in range(4)} == {again}
    assert office.claim() is None


@pytest.mark.parametrize("outcome", [RefusedForGood("CMS 1"), Accepted(1)])
def test_a_text_that_failed_or_did_not_arrive_may_be_sent_again(office: Office, outcome: Any) -> None:
    message = office.accept()
    office.send_one(outcome)
    if isinstance(outcome, Accepted):
        office.report(1, ANNA, 0x46)
    assert office.message(_send_again(office, message)).resend_of_id == message


def test_what_went_or_waits_is_not_sent_again(office: Office) -> None:
    waiting, went = office.accept(), office.accept(BEN)
    office.write(lambda tx: outbox.claim(tx, office.parts(went)[0].id, "box:1", office.clock()))
    office.submit(office.parts(went)[0].id)
    office.record(office.parts(went)[0].id, Accepted(1))
    for message in (waiting, went, 999):
        with pytest.raises(Refused):
            _send_again(office, message)


def test_nothing_is_sent_again_to_who_said_stop(office: Office) -> None:
    message = office.accept()
    office.send_one(CannotTell("timeout"))
    office.text_from(ANNA, "STOP")
    with pytest.raises(Refused, match="asked us to stop"):
        _send_again(office, message)
    assert office.message(message).reason == "timeout"


def test_a_person_may_say_that_it_went(office: Office) -> None:
    message = office.accept()
    office.send_one(CannotTell("timeout"))
    _mark_sent(office, message)
    (part,) = office.parts(message)
    assert (office.state(message), part.evidence, office.message(message).reason) == ("sent", "person", None)
    last = office.read(lambda tx: messages.history(tx, message))[-1]
    assert (last.became, last.why, last.actor) == ("sent", "marked_sent", "person:Sam")
    with pytest.raises(Refused, match="no longer unclear"):
        _mark_sent(office, message)


def test_a_waiting_text_may_be_canceled(office: Office) -> None:
    message = office.accept(body=LONG)
    _cancel(office, message)
    assert (office.state(message), office.part_states(message)) == ("canceled", ["canceled"] * 4)
    assert office.message(message).reason == "canceled"
    assert office.event_kinds()[-1] == "message.canceled"
    with pytest.raises(Refused, match="only a waiting text"):
        _cancel(office, message)
    later = office.accept()
    assert office.send_one(Accepted(1)).message_id == later


def test_a_text_on_its_way_may_not_be_canceled(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(1))
    with pytest.raises(Refused):
        _cancel(office, message)
    assert office.state(message) == "sending"


# --- the whole life of a text ------------------------------------------------------------------------


def test_the_history_of_a_text_is_whole(office: Office) -> None:
    message = office.accept()
    office.send_one(Accepted(1))
    office.report(1, ANNA)
    history = office.read(lambda tx: messages.history(tx, message))
    assert [(row.seq, row.was, row.became) for row in history] == [
        (1, "ready", "submitting"),
        (None, "queued", "sending"),
        (1, "submitting", "accepted"),
        (None, "sending", "sent"),
        (1, "accepted", "delivered"),
        (None, "sent", "delivered"),
    ]


@pytest.mark.parametrize("number", ["112", "911", "999"])
def test_emergency_numbers_are_not_texted(office: Office, number: str) -> None:
    assert _refusal(office, to=number).key == "emergency"


def test_a_line_does_not_text_itself(office: Office) -> None:
    own = office.line().number or "+12025550100"
    office.write(lambda tx: lines.change(tx, office.line_id, number=own))
    assert _refusal(office, to=own).key == "own_number"
