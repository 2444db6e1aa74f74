"""People who are blocked, and people who write more than anybody can mean: kept, shown, and silent."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gateway.desk import blocking
from gateway.domain.contact import Health
from gateway.domain.conversation import Happened
from gateway.domain.line import Accepted, MissedCall
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, numbers
from gateway.store.tables import audit, conversation_log
from tests.office import ANNA, BEN, SAM, SHOP, Office


def _id(office: Office, number: str = ANNA) -> int:
    row = office.read(lambda tx: contacts.by_number(tx, number))
    assert row is not None
    return int(row.id)


def _block(office: Office, why: str = "Insults") -> None:
    who = _id(office)
    office.write(lambda tx: blocking.block(tx, who, why, SAM, office.clock()))


def _unblock(office: Office) -> None:
    who = _id(office)
    office.write(lambda tx: blocking.unblock(tx, who, SAM, office.clock()))


# --- blocked -----------------------------------------------------------------------------------------


def test_r84_texts_of_blocked_people_are_stored_and_silent(office: Office) -> None:
    office.text_from(ANNA, "First")
    office.clock.step(minutes=1)
    _block(office)
    before = office.conversation(ANNA)
    assert before.waiting_since is None
    office.clock.step(minutes=1)
    office.text_from(ANNA, "You fools")
    office.hear(MissedCall(ANNA, 20.0))
    after = office.conversation(ANNA)
    assert [m.body for m in office.messages(ANNA)] == ["First", "You fools"]
    assert (after.waiting_since, after.last_inbound_id, after.last_message_id, after.last_message_at) == (
        None,
        before.last_inbound_id,
        before.last_message_id,
        before.last_message_at,
    )


def test_r84_stop_from_a_blocked_number_still_counts(office: Office) -> None:
    office.text_from(ANNA, "First")
    _block(office)
    office.text_from(ANNA, "STOP")
    with pytest.raises(Refused) as refused:
        office.accept(ANNA)
    assert refused.value.key == "opted_out"


@pytest.mark.usefixtures("any_hour")
def test_r84_nothing_goes_to_blocked_people_by_itself_and_people_may_write(office: Office) -> None:
    waiting = office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    _block(office)
    claimed = office.claim()
    assert claimed is not None and not office.submit(claimed.part_id)
    assert office.state(waiting) == "blocked"
    assert office.message(waiting).reason == "blocked_contact"
    with pytest.raises(Refused) as refused:
        office.accept(ANNA, purpose=Purpose.FEEDBACK, author=SHOP)
    assert refused.value.key == "blocked_contact"
    office.accept(ANNA, purpose=Purpose.CONVERSATIONAL)


def test_r84_block_and_unblock_are_audited_and_stand_in_the_thread(office: Office) -> None:
    office.text_from(ANNA, "First")
    _block(office)
    office.clock.step(minutes=1)
    office.text_from(ANNA, "Second")
    _unblock(office)
    rows = office.read(lambda tx: tx.execute(select(audit).where(audit.c.action.contains("block"))).all())
    assert [(row.action, row.actor) for row in rows] == [
        ("contact.block", "person:Sam"),
        ("contact.unblock", "person:Sam"),
    ]
    assert rows[0].after == {"blocked": "Insults"}
    kinds = office.read(lambda tx: [r.kind for r in tx.execute(select(conversation_log))])
    assert kinds == [Happened.BLOCKED, Happened.UNBLOCKED]
    now = office.conversation(ANNA)
    assert now.last_message_id == office.messages(ANNA)[-1].id, "it stands where its newest text puts it"
    assert now.waiting_since is None


@pytest.mark.parametrize("why", ["", "   ", "x" * 201])
def test_r84_blocking_takes_a_reason(office: Office, why: str) -> None:
    office.text_from(ANNA, "First")
    with pytest.raises(Refused) as refused:
        _block(office, why)
    assert refused.value.key == "no_block_why"


def test_r84_a_wrong_number_from_somebody_blocked_is_noted(office: Office) -> None:
    office.text_from(ANNA, "First")
    _block(office)
    office.text_from(ANNA, "wrong number")
    row = office.read(lambda tx: numbers.get(tx, ANNA))
    assert row is not None and row.health == Health.WRONG


# --- floods ------------------------------------------------------------------------------------------


def _flood(office: Office, texts: int, number: str = ANNA) -> None:
    for count in range(texts):
        office.clock.step(seconds=8)
        office.text_from(number, f"text {count}")


def test_r85_more_than_20_texts_in_5_minutes_stand_as_one_and_staff_see_each(office: Office) -> None:
    _flood(office, 20)
    assert office.conversation(ANNA).flood_texts is None
    _flood(office, 14)
    assert office.conversation(ANNA).flood_texts == 34
    assert len(office.messages(ANNA)) == 34
    office.text_from(BEN, "Hello")
    assert office.conversation(BEN).flood_texts is None


def test_r85_a_flood_ends_when_they_write_as_people_do(office: Office) -> None:
    _flood(office, 30)
    office.clock.step(minutes=6)
    office.text_from(ANNA, "Sorry")
    assert office.conversation(ANNA).flood_texts is None


def test_r85_a_flood_sets_nothing_off_by_itself_but_a_stop_counts(office: Office) -> None:
    office.text_from(ANNA, "STOP")
    office.clock.step(days=2)
    office.send_one(Accepted(1))
    _flood(office, 25)
    office.text_from(ANNA, "START")
    sent = [(m.rule, m.state) for m in office.messages(ANNA, "outbound")]
    assert sent == [("stop", "sent")], "they are on again, and nothing was answered"
    office.accept(ANNA)
    office.text_from(ANNA, "STOP")
    with pytest.raises(Refused):
        office.accept(ANNA)


def test_r85_several_people_behind_withheld_numbers_are_no_flood(office: Office) -> None:
    _flood(office, 25, "")
    assert office.conversation("").flood_texts is None
