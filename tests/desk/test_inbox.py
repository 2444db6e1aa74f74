"""What a line hears, as PDUs that another codec built: nothing lost, nothing twice, in any order."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import select

from gateway.desk import conversations
from gateway.domain.line import LineState, LineStatus, MissedCall, Received, Removed, Slot
from gateway.store import contacts
from gateway.store.tables import contacts as contacts_table
from gateway.store.tables import inbound_parts, raw_pdus
from tests.fake_modem import tpdu
from tests.office import ANNA, BEN, CENTRE, SIM, Office, delivers

STORY = "It all began on a Monday. " * 15  # 3 parts


def _raws(office: Office) -> list[tuple[str, bool]]:
    rows = office.read(lambda tx: list(tx.execute(select(raw_pdus).order_by(raw_pdus.c.id))))
    return [(row.kind, row.deleted_at is not None) for row in rows]


def _inbound(office: Office, peer: str | None = None) -> list[tuple[str, str]]:
    return [(m.state, m.body) for m in office.messages(peer, "inbound")]


# --- one part ----------------------------------------------------------------------------------------


def test_a_text_becomes_a_message_a_conversation_and_an_event(office: Office) -> None:
    office.text_from(ANNA, "Do you have a table for two? ☂")
    (message,) = office.messages(ANNA)
    assert (message.direction, message.state) == ("inbound", "received")
    assert (message.body, message.alphabet, message.segments) == ("Do you have a table for two? ☂", "ucs2", 1)
    assert message.network_at == office.clock()
    conversation = office.conversation(ANNA)
    assert conversation.last_message_id == conversation.last_inbound_id == message.id
    assert conversation.waiting_since == office.clock()
    assert office.event_kinds()[-2:] == ["conversation.opened", "message.received"]
    assert _raws(office) == [("deliver", False)]


def test_waiting_begins_with_the_first_text_that_was_not_answered(office: Office) -> None:
    office.text_from(ANNA, "Hello?")
    first = office.clock()
    office.clock.step(minutes=5)
    office.text_from(ANNA, "Anybody?")
    assert office.conversation(ANNA).waiting_since == first
    office.accept(ANNA)
    assert office.conversation(ANNA).waiting_since is None


def test_the_same_slot_read_again_is_the_same_text(office: Office) -> None:
    slot = office.slot()
    pdu = office.text_from(ANNA, "Hi", slot=slot)
    office.restart()
    office.hear(Received(pdu, slot))
    office.hear(Received(pdu.lower(), slot))
    assert _inbound(office) == [("received", "Hi")]
    assert len(_raws(office)) == 1


def test_a_slot_that_was_cleared_holds_something_new(office: Office) -> None:
    slot = office.slot()
    pdu = office.text_from(ANNA, "Hi", slot=slot)
    office.hear(Removed(slot))
    office.hear(Received(pdu, slot))
    assert _raws(office) == [("deliver", True), ("deliver", False)]
    first, again = office.messages(ANNA)
    assert again.twin_of_id == first.id


def test_removing_one_slot_keeps_the_others(office: Office) -> None:
    kept, gone = office.slot(), office.slot()
    pdu = office.text_from(ANNA, "Hi", slot=kept)
    office.text_from(BEN, "Ho", slot=gone)
    office.hear(Removed(gone))
    office.hear(Removed(Slot("another sim", kept.store, kept.index)))
    office.hear(Received(pdu, kept))
    assert len(_raws(office)) == 2


def test_the_same_text_in_another_slot_is_shown_as_received_twice(office: Office) -> None:
    pdu = office.text_from(ANNA, "Hi")
    office.clock.step(minutes=3)
    office.hear(Received(pdu, office.slot()))
    first, twin = office.messages(ANNA, "inbound")
    assert (twin.body, twin.twin_of_id, first.twin_of_id) == ("Hi", first.id, None)


def test_the_same_words_sent_twice_are_two_texts(office: Office) -> None:
    office.text_from(ANNA, "Hi")
    office.clock.step(seconds=2)
    office.text_from(ANNA, "Hi")
    assert [m.twin_of_id for m in office.messages(ANNA)] == [None, None]


def test_a_text_delivered_directly_has_no_slot(office: Office) -> None:
    (pdu,) = delivers(ANNA, "Hi", office.clock())
    office.hear(Received(pdu, None, SIM))
    office.hear(Received(pdu, None, SIM))
    assert [m.twin_of_id is None for m in office.messages(ANNA)] == [True, False]


@pytest.mark.parametrize("pdu", ["", "zz", "00", "07914477000099F0", "0011" * 40, "A" * 700, "\xff\x00\xe9"])
def test_what_cannot_be_read_is_kept_and_shown(office: Office, pdu: str) -> None:
    office.hear(Received(pdu, office.slot()))
    (message,) = office.messages(direction="inbound")
    assert (message.label, message.state) == ("unreadable", "received")
    assert _raws(office) == [("undecodable", False)]
    assert office.event_kinds()[-1] == "message.received"


def test_a_text_of_ours_found_in_the_store_is_kept_and_not_shown(office: Office) -> None:
    message = office.accept()
    stored = "00" + office.parts(message)[0].tpdu.hex()
    office.hear(Received(stored, office.slot()))
    assert _raws(office) == [("stored", False)]
    assert office.messages(direction="inbound") == []


def test_an_unknown_line_is_an_error_and_the_copy_stays(office: Office) -> None:
    (pdu,) = delivers(ANNA, "Hi", office.clock())
    with pytest.raises(LookupError):
        office.hear(Received(pdu, office.slot()), line_id=99)


def test_numbers_are_read_with_the_lines_country(office: Office) -> None:
    back = office.add_line("back", country="GB")
    (pdu,) = delivers("07700900123", "Hi", office.clock())
    office.hear(Received(pdu, office.slot()), line_id=back)
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is not None


def test_one_person_has_a_conversation_on_each_line(office: Office) -> None:
    office.text_from(ANNA, "Hi")
    (pdu,) = delivers(ANNA, "Ho", office.clock())
    office.hear(Received(pdu, Slot("other sim", "SM", 1)), line_id=office.add_line("back"))
    assert office.count(contacts_table) == 1
    assert len({m.conversation_id for m in office.messages(ANNA)}) == 2


# --- texts of several parts --------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_parts_are_joined_in_any_order_over_restarts(office: Office, order: tuple[int, ...]) -> None:
    pdus = delivers(ANNA, STORY, office.clock(), ref=77)
    for place in order:
        office.hear(Received(pdus[place], office.slot()))
        office.restart()
        office.clock.step(hours=1)
    assert _inbound(office) == [("received", STORY)]
    kinds = office.event_kinds()
    assert kinds.count("message.received") == 1
    assert kinds.count("message.receiving") == 2
    assert office.count(inbound_parts) == 3


def test_what_is_here_of_a_long_text_is_shown(office: Office) -> None:
    pdus = delivers(ANNA, STORY, office.clock())
    office.hear(Received(pdus[0], office.slot()))
    office.hear(Received(pdus[2], office.slot()))
    (message,) = office.messages(ANNA)
    assert message.state == "receiving"
    assert "[part 2 of 3 not arrived]" in message.body
    assert message.body.startswith(STORY[:100])
    assert office.conversation(ANNA).waiting_since is None, "nobody can answer half a text yet"


def test_a_long_text_opened_too_early_is_unread_again_when_it_is_whole(office: Office) -> None:
    first, *others = delivers(ANNA, STORY, office.clock(), ref=7)
    office.hear(Received(first, office.slot()))
    sam = office.person()
    office.write(lambda tx: conversations.mark_read(tx, office.conversation(ANNA), sam, office.clock()))
    assert office.conversation(ANNA).seen_message_id == office.conversation(ANNA).last_inbound_id
    for part in others:
        office.hear(Received(part, office.slot()))
    assert office.conversation(ANNA).seen_message_id < office.conversation(ANNA).last_inbound_id


def test_parts_that_come_twice_add_nothing(office: Office) -> None:
    pdus = delivers(ANNA, STORY, office.clock())
    for pdu in (pdus[0], pdus[0], pdus[1], pdus[2], pdus[1]):
        office.hear(Received(pdu, office.slot()))
    assert _inbound(office) == [("received", STORY)]
    assert office.event_kinds().count("message.received") == 1
    assert len(_raws(office)) == 5, "and every copy is kept"


def test_two_senders_with_one_reference_are_kept_apart(office: Office) -> None:
    annas = delivers(ANNA, STORY, office.clock(), ref=5)
    bens = delivers(BEN, STORY.upper(), office.clock(), ref=5)
    for pair in zip(annas, reversed(bens), strict=True):
        for pdu in pair:
            office.hear(Received(pdu, office.slot()))
    assert (_inbound(office, ANNA), _inbound(office, BEN)) == (
        [("received", STORY)],
        [("received", STORY.upper())],
    )


def test_one_sender_on_two_lines_with_one_reference_is_kept_apart(office: Office) -> None:
    back = office.add_line("back")
    front_pdus = delivers(ANNA, STORY, office.clock(), ref=5)
    back_pdus = delivers(ANNA, STORY.upper(), office.clock(), ref=5)
    for place in (0, 1, 2):
        office.hear(Received(front_pdus[place], office.slot()))
        office.hear(Received(back_pdus[(place + 1) % 3], Slot("other sim", "SM", place)), line_id=back)
    assert sorted(_inbound(office, ANNA)) == sorted([("received", STORY), ("received", STORY.upper())])


def test_a_reference_used_again_begins_another_text(office: Office) -> None:
    for words in (STORY, STORY.upper()):
        office.clock.step(minutes=1)
        for pdu in delivers(ANNA, words, office.clock(), ref=5):
            office.hear(Received(pdu, office.slot()))
    assert _inbound(office) == [("received", STORY), ("received", STORY.upper())]


def test_a_reference_used_again_before_the_first_text_is_whole(office: Office) -> None:
    """The part that is here already, with other words in it, can only belong to another text."""
    first = delivers(ANNA, STORY, office.clock(), ref=5)
    office.clock.step(minutes=1)
    second = delivers(ANNA, STORY.upper(), office.clock(), ref=5)
    for pdu in (first[0], second[0], second[1], second[2]):
        office.hear(Received(pdu, office.slot()))
    (state, _), whole = _inbound(office)
    assert (state, whole) == ("receiving", ("received", STORY.upper()))


def test_a_part_that_comes_weeks_later_is_another_text(office: Office) -> None:
    pdus = delivers(ANNA, STORY, office.clock(), ref=5)
    for pdu in pdus[:2]:
        office.hear(Received(pdu, office.slot()))
    office.clock.step(days=8)
    office.hear(Received(pdus[2], office.slot()))
    assert [state for state, _ in _inbound(office)] == ["receiving", "receiving"]


# --- what else a line says ---------------------------------------------------------------------------


def test_a_line_says_how_it_is(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {"iccid": SIM, "operator": "Test"}))
    line = office.line()
    assert (line.status, line.code, line.status_since) == ("up", "ready", office.clock())
    since = office.clock()
    office.clock.step(minutes=1)
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-71"}))
    line = office.line()
    assert line.status_since == since, "it was up all the time"
    assert line.facts == {"iccid": SIM, "signal_dbm": "-71"}, "who it is stays known, how it was does not"
    before = len(office.event_kinds())
    office.hear(LineState(LineStatus.UP, "ready", {"signal_dbm": "-71"}))
    assert len(office.event_kinds()) == before, "nothing new, nothing to tell"


def test_a_missed_call_is_told(office: Office) -> None:
    office.hear(MissedCall(ANNA, 12.0))
    assert office.event_kinds()[-1] == "call.missed"


def test_a_text_without_a_point_in_time_is_never_taken_for_a_repetition(office: Office) -> None:
    """Some networks write an impossible time stamp: two honest "Ok" are then equal in every byte."""
    ok = tpdu.Deliver(ANNA, 0, 8, bytes(7), tpdu.UserData(tpdu.UCS2, "Ok".encode("utf-16-be")))
    for _ in range(2):
        office.hear(Received((CENTRE + tpdu.encode_deliver(ok)).hex(), office.slot()))
    assert [message.twin_of_id for message in office.messages(ANNA, "inbound")] == [None, None]
