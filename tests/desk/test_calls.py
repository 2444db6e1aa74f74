"""Missed calls: kept in the caller's conversation, and waiting for an answer."""

from __future__ import annotations

from sqlalchemy import select

from gateway.domain.line import MissedCall
from gateway.store import calls, conversations
from gateway.store.tables import calls as calls_table
from gateway.store.tables import conversations as conversations_table
from tests.office import ANNA, BEN, Office


def listed(office: Office) -> list[str]:
    return office.listed()


def test_a_stranger_who_calls_is_shown_in_the_list_and_waits(office: Office) -> None:
    office.hear(MissedCall(ANNA, 12.4))
    conversation = office.conversation(ANNA)
    assert listed(office) == [ANNA]
    assert conversation.waiting_since == conversation.last_message_at == office.clock()
    (call,) = office.read(lambda tx: calls.of_line(tx, office.line_id))
    assert (call.number, call.rang_seconds, call.ended_at) == (ANNA, 12, office.clock())
    assert office.event_kinds()[-2:] == ["conversation.opened", "call.missed"]


def test_a_call_moves_a_conversation_up_and_keeps_what_waits_longer(office: Office) -> None:
    office.text_from(ANNA, "Hello?")
    first = office.clock()
    office.clock.step(minutes=1)
    office.text_from(BEN, "Hi")
    office.clock.step(minutes=1)
    conversation_id = office.conversation(ANNA).id
    office.write(lambda tx: conversations.change(tx, conversation_id, state="closed"))
    office.hear(MissedCall(ANNA, 5.0))
    assert listed(office) == [ANNA, BEN]
    assert office.conversation(ANNA).waiting_since == first
    assert office.conversation(ANNA).state == "open"
    newest = office.read(lambda tx: calls.newest_in(tx, [1, 2]))
    assert newest == {office.conversation(ANNA).id: office.clock()}


def test_a_person_who_answers_ends_the_waiting(office: Office) -> None:
    office.hear(MissedCall(ANNA, 5.0))
    office.accept(ANNA)
    assert office.conversation(ANNA).waiting_since is None


def test_a_withheld_number_is_kept_with_the_line_alone(office: Office) -> None:
    for number in (None, ""):
        office.hear(MissedCall(number, 3.0))
    assert office.count(conversations_table) == 0
    rows = office.read(lambda tx: calls.of_line(tx, office.line_id))
    assert [(row.number, row.conversation_id) for row in rows] == [("", None)] * 2
    assert office.event_kinds()[-1] == "call.missed"


def test_national_writing_finds_the_caller_we_know(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    office.hear(MissedCall("07700900123", 5.0))
    (call,) = office.read(lambda tx: list(tx.execute(select(calls_table))))
    assert call.conversation_id == office.conversation(ANNA).id
    assert call.number == ANNA
