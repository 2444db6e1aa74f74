"""Lines without PDUs: what they hear is kept like any text, and what they cannot carry is refused at once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from gateway.desk import replies
from gateway.domain.line import Abilities, Accepted, ReceivedText, Removed, ReportedText, Slot
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import consent, lines, settings
from gateway.store import conversations as stored
from gateway.store.tables import delivery_reports, raw_pdus
from tests.fake_modem import tpdu
from tests.office import ANNA, BEN, SAM, Office

ADAPTER = Abilities(
    delivery_reports=False, multipart=False, unicode=False, notifications=False, signal=False, lacks="€@"
)
STORY = "It all began on a Monday, and nobody knew why. " * 8


def _text(
    office: Office,
    sender: str,
    body: str,
    *,
    slot: Slot | None = None,
    when: datetime | None = None,
    is_name: bool = False,
) -> ReceivedText:
    stamp = f"{when:%y/%m/%d,%H:%M:%S+00}" if when else ""
    raw = f'"{sender}","","{stamp}"\n{body}'
    return ReceivedText(sender, body, when, raw, slot or office.slot(), is_name=is_name)


def _report(office: Office, reference: int, recipient: str, status: int, sent_at: datetime) -> ReportedText:
    raw = f'"6","{reference}","{recipient}"'
    return ReportedText(reference, recipient, status, sent_at, sent_at, raw, office.slot())


def _give(office: Office, can: Abilities, **options: str) -> None:
    office.write(lambda tx: lines.change(tx, office.line_id, abilities=asdict(can), options=options))


def _bodies(office: Office, peer: str) -> list[str]:
    return [message.body for message in office.messages(peer, "inbound")]


# --- what is heard -----------------------------------------------------------------------------------


def test_a_text_becomes_a_message_like_any_other(office: Office) -> None:
    office.hear(_text(office, ANNA, "Can I move my slot to 4pm?", when=office.clock()))
    (message,) = office.messages(ANNA)
    assert (message.state, message.body, message.network_at) == (
        "received",
        "Can I move my slot to 4pm?",
        office.clock(),
    )
    assert office.conversation(ANNA).waiting_since == office.clock()
    assert office.event_kinds()[-2:] == ["conversation.opened", "message.received"]
    (raw,) = office.read(lambda tx: list(tx.execute(select(raw_pdus))))
    assert (raw.kind, raw.message_id) == ("text", message.id)


def test_a_re_read_adds_nothing_until_the_slot_is_free_again(office: Office) -> None:
    slot = office.slot(1)
    said = _text(office, ANNA, "Ok", slot=slot)
    office.hear(said)
    office.restart()
    office.hear(said)
    assert _bodies(office, ANNA) == ["Ok"]
    office.hear(Removed(slot))
    office.hear(said)
    assert _bodies(office, ANNA) == ["Ok", "Ok"]


def test_capital_letters_make_another_text(office: Office) -> None:
    slot = office.slot(1)
    office.hear(_text(office, ANNA, "stop it", slot=slot))
    office.hear(_text(office, ANNA, "STOP it", slot=slot))
    assert _bodies(office, ANNA) == ["stop it", "STOP it"]


@pytest.mark.parametrize("timed", [True, False])
def test_equal_texts_are_twins_only_where_the_time_says_so(office: Office, timed: bool) -> None:
    when = office.clock() if timed else None
    for _ in range(2):
        office.hear(_text(office, ANNA, "Ok", when=when))
    first, second = office.messages(ANNA)
    assert second.twin_of_id == (first.id if timed else None)


def test_stop_works_without_pdus(office: Office) -> None:
    waiting = office.accept(ANNA)
    office.hear(_text(office, ANNA, "STOP"))
    assert office.read(lambda tx: consent.suppression(tx, ANNA)) is not None
    assert office.state(waiting) == "canceled"
    assert [m.rule for m in office.messages(ANNA, "outbound") if m.rule] == ["stop"]


def test_a_number_in_national_writing_is_the_person_we_know(office: Office) -> None:
    office.accept(ANNA)
    office.hear(_text(office, "07700900123", "STOP"))
    assert office.read(lambda tx: consent.suppression(tx, ANNA)) is not None


@pytest.mark.parametrize(("sender", "is_name"), [("STOP", False), ("HarbourDntl", False), ("12345", True)])
def test_a_name_cannot_be_answered_and_stops_nothing(office: Office, sender: str, is_name: bool) -> None:
    office.hear(_text(office, sender, "STOP", is_name=is_name))
    (message,) = office.messages(direction="inbound")
    conversation = office.read(lambda tx: stored.get(tx, message.conversation_id))
    assert conversation is not None and conversation.peer_kind == "name"
    assert office.messages(direction="outbound") == []
    assert office.read(lambda tx: consent.suppression(tx, message.peer)) is None
    with pytest.raises(Refused) as refused:
        office.write(lambda tx: replies.reply(tx, conversation, "Hello", SAM, office.clock()))
    assert refused.value.key == "cannot_answer"


def test_a_stop_that_comes_twice_is_answered_once(office: Office) -> None:
    when = office.clock()
    for _ in range(2):
        office.hear(_text(office, ANNA, "STOP", when=when))
        office.clock.step(minutes=1)
    first, twin = office.messages(ANNA, "inbound")
    assert twin.twin_of_id == first.id
    assert len(office.messages(ANNA, "outbound")) == 1


def test_a_text_in_which_nothing_is_written_says_so(office: Office) -> None:
    office.hear(_text(office, ANNA, "", when=office.clock()))
    (message,) = office.messages(ANNA)
    assert (message.label, message.state) == ("empty", "received")


def test_a_text_without_a_sender_is_kept(office: Office) -> None:
    office.hear(_text(office, "", "who am I"))
    assert [m.body for m in office.messages(direction="inbound")] == ["who am I"]


def test_a_report_in_words_is_applied(office: Office) -> None:
    sent = office.accept(ANNA)
    office.send_one(Accepted(79))
    office.hear(_report(office, 79, ANNA, 0, office.clock()))
    assert office.state(sent) == "delivered"
    other = office.accept(BEN)
    office.send_one(Accepted(80))
    office.hear(_report(office, 80, BEN, 0x46, office.clock()))
    assert (office.state(other), office.message(other).reason) == ("undelivered", "report_expired")
    assert office.count(delivery_reports) == 2


# --- what a line cannot carry ------------------------------------------------------------------------


def test_a_line_that_is_not_known_yet_takes_everything(office: Office) -> None:
    assert office.line().abilities is None
    assert len(office.parts(office.accept(body=STORY + "☂"))) > 1


def test_characters_in_the_way_are_named(office: Office) -> None:
    _give(office, ADAPTER)
    with pytest.raises(Refused) as refused:
        office.accept(body="5 € – see you at anna@example.org 🙂")
    assert refused.value.key == "cannot_write"
    assert all(char in refused.value.text for char in "€–@🙂")
    assert office.messages() == []
    office.accept(body="See you at nine, Jürgen")


def test_many_characters_in_the_way_are_counted(office: Office) -> None:
    _give(office, ADAPTER)
    with pytest.raises(Refused, match="4 more"):
        office.accept(body="абвгдежзи")


def test_a_long_text_is_refused_with_its_parts(office: Office) -> None:
    _give(office, ADAPTER)
    with pytest.raises(Refused) as refused:
        office.accept(body=STORY)
    assert (refused.value.key, refused.value.data["count"]) == ("cannot_join", 3)


def test_a_long_text_goes_as_numbered_singles_where_asked(office: Office) -> None:
    _give(office, ADAPTER, long_texts="number")
    message = office.accept(body=STORY)
    submits = [tpdu.decode_submit(part.tpdu) for part in office.parts(message)]
    assert office.message(message).segments == len(submits) == 3
    texts = [submit.data.text for submit in submits]
    assert [text[:4] for text in texts] == ["1/3 ", "2/3 ", "3/3 "]
    assert " ".join(text[4:] for text in texts) == STORY.strip()
    assert all(not submit.data.elements and len(submit.data.units) <= 160 for submit in submits)
    for reference in (None, None, None):
        office.send_one(Accepted(reference))
    assert office.state(message) == "sent"


def test_without_reports_none_is_asked_for_nor_missed(office: Office) -> None:
    _give(office, ADAPTER)
    message = office.accept()
    (part,) = office.parts(message)
    assert not part.tpdu[0] & 0x20
    assert not office.message(message).report_wanted


def test_the_answer_to_stop_goes_out_whatever_the_line_lacks(office: Office) -> None:
    _give(office, ADAPTER)
    name = "Zahnärztin Łucja Čapková – Praxis am Hafen €" * 3
    office.write(lambda tx: settings.put(tx, "office.name", name))
    office.hear(_text(office, ANNA, "STOP"))
    (answer,) = office.messages(ANNA, "outbound")
    assert answer.purpose == Purpose.COMPLIANCE
    assert "Zahnärztin" in answer.body
    assert "Capková" not in answer.body and "Capkova" in answer.body
    assert not set("€–@") & set(answer.body)
    assert len(office.parts(answer.id)) == answer.segments > 1


def test_times_of_numbered_texts_keep_their_order(office: Office) -> None:
    _give(office, ADAPTER, long_texts="number")
    message = office.accept(body=STORY, send_by=office.clock() + timedelta(hours=1))
    claimed = [office.send_one(Accepted(None)).part_id for _ in range(3)]
    assert claimed == [part.id for part in office.parts(message)]
