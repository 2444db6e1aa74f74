"""R62: several numbers per person, several persons per number, numbers that change hands; two contacts become
one and two again, and no text is lost on the way."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from gateway.desk import blocking, contacts, merging, replies
from gateway.desk import conversations as desk_conversations
from gateway.desk import numbers as desk_numbers
from gateway.domain import phone
from gateway.domain.conversation import Happened
from gateway.domain.line import MissedCall, Received
from gateway.domain.refusal_words import Refused
from gateway.store import contacts as rows
from gateway.store import conversations, numbers, tags
from gateway.store.database import Tx
from gateway.store.tables import audit, calls, conversation_log, messages
from gateway.store.tables import conversations as conversations_table
from tests.office import ANNA, BEN, CARA, SAM, Office, delivers

NEW = "+447700900199"


def _id(office: Office, number: str) -> int:
    row = office.read(lambda tx: rows.by_number(tx, number))
    assert row is not None
    return int(row.id)


def _do(office: Office, verb: Callable[..., Any], *given: Any) -> Any:
    return office.write(lambda tx: verb(tx, *given, SAM, office.clock()))


def _merge(office: Office, kept: int, merged: int) -> None:
    office.clock.step(seconds=5)
    _do(office, merging.merge, kept, merged)


def _part(office: Office, merged: int) -> None:
    office.clock.step(seconds=5)
    _do(office, merging.part, merged)


def _threads(office: Office) -> dict[tuple[int, int], list[str]]:
    """What each contact (id) said and was told on each line, in order."""

    def look(tx: Tx) -> dict[tuple[int, int], list[str]]:
        query = (
            select(messages.c.body, conversations_table.c.contact_id, conversations_table.c.line_id)
            .join(conversations_table, conversations_table.c.id == messages.c.conversation_id)
            .order_by(messages.c.id)
        )
        found: dict[tuple[int, int], list[str]] = {}
        for row in tx.execute(query):
            found.setdefault((row.contact_id, row.line_id), []).append(row.body)
        return found

    return office.read(look)


def _conversation(office: Office, contact_id: int, line_id: int | None = None) -> Any:
    row = office.read(lambda tx: conversations.find(tx, line_id or office.line_id, contact_id))
    assert row is not None
    return row


# --- merging -----------------------------------------------------------------------------------------


def test_r62_what_two_said_on_a_line_becomes_one_thread_in_the_order_it_was_said(office: Office) -> None:
    for number, body in ((ANNA, "one"), (BEN, "two"), (ANNA, "three"), (BEN, "four")):
        office.clock.step(seconds=9)
        office.text_from(number, body)
    anna, ben = _id(office, ANNA), _id(office, BEN)
    _merge(office, anna, ben)
    assert _threads(office) == {(anna, office.line_id): ["one", "two", "three", "four"]}
    assert office.read(lambda tx: rows.numbers_of(tx, anna)) == [ANNA, BEN]
    now = _conversation(office, anna)
    assert now.last_message_id == office.messages()[-1].id
    assert now.waiting_since == office.messages()[0].created_at
    assert now.last_inbound_id > now.seen_message_id, "it is as unread as its parts were"
    left = _conversation(office, ben)
    assert (left.last_message_at, left.waiting_since) == (None, None), "the empty one is in no list"
    _part(office, ben)
    assert _threads(office) == {
        (anna, office.line_id): ["one", "three"],
        (ben, office.line_id): ["two", "four"],
    }
    assert office.read(lambda tx: rows.numbers_of(tx, ben)) == [BEN]
    both = (_conversation(office, anna), _conversation(office, ben))
    assert [row.last_message_id for row in both] == [m.id for m in office.messages()[2:]]
    assert all(row.waiting_since is not None for row in both)


def test_r62_what_came_since_goes_to_whose_number_it_came_from(office: Office) -> None:
    second = office.add_line("back")
    office.text_from(ANNA, "a1")
    office.write(lambda tx: desk_conversations.find_or_open(tx, second, phone.parse(BEN), office.clock()))
    office.text_from(BEN, "b1")
    anna, ben = _id(office, ANNA), _id(office, BEN)
    _merge(office, anna, ben)
    office.text_from(BEN, "b2")
    office.text_from(ANNA, "a2")
    office.accept(BEN, "to b")
    office.hear(MissedCall(BEN, 10.0))
    front = (anna, office.line_id)
    assert _threads(office)[front] == ["a1", "b1", "b2", "a2", "to b"]
    _part(office, ben)
    assert _threads(office) == {front: ["a1", "a2"], (ben, office.line_id): ["b1", "b2", "to b"]}
    call = office.read(lambda tx: tx.execute(select(calls)).one())
    assert call.conversation_id == _conversation(office, ben).id
    assert office.read(lambda tx: conversations.find(tx, second, ben)) is not None


@pytest.mark.parametrize("seed", range(6))
def test_r62_merging_and_parting_in_any_order_loses_no_text(office: Office, seed: int) -> None:
    """Each text stands with the owner of its number once everybody is parted again, and none is gone."""
    chance = random.Random(seed)
    lines = [office.line_id, office.add_line("back")]
    people = [ANNA, BEN, CARA]
    expected: dict[tuple[str, int], list[str]] = {}

    def write() -> None:
        number, line = chance.choice(people), chance.choice(lines)
        body = f"text {sum(map(len, expected.values()))}"
        expected.setdefault((number, line), []).append(body)
        office.clock.step(seconds=20)
        (pdu,) = delivers(number, body, office.clock())
        office.hear(Received(pdu, office.slot()), line)

    for _ in range(8):
        write()
    for number in people:
        if all(number != who for who, _ in expected):
            office.text_from(number, "text x")
            expected[number, office.line_id] = ["text x"]
    ids = {number: _id(office, number) for number in people}
    order = chance.sample(people, 3)
    if chance.random() < 0.5:
        steps = [(order[0], order[1]), (order[0], order[2])]
    else:
        steps = [(order[1], order[2]), (order[0], order[1])]
    for kept, merged in steps:
        _merge(office, ids[kept], ids[merged])
        for _ in range(3):
            write()
    assert sorted(m.body for m in office.messages()) == sorted(
        b for bodies in expected.values() for b in bodies
    )
    for _, merged in reversed(steps):
        _part(office, ids[merged])
        for _ in range(2):
            write()
    assert _threads(office) == {(ids[who], line): bodies for (who, line), bodies in expected.items()}


def test_r62_merges_are_undone_newest_first(office: Office) -> None:
    for number in (ANNA, BEN, CARA):
        office.text_from(number, "Hello")
    anna, ben, cara = (_id(office, number) for number in (ANNA, BEN, CARA))
    _merge(office, anna, ben)
    _merge(office, anna, cara)
    with pytest.raises(Refused) as refused:
        _part(office, ben)
    assert refused.value.key == "merged_since"
    _part(office, cara)
    _part(office, ben)
    with pytest.raises(Refused) as refused:
        _part(office, ben)
    assert refused.value.key == "not_merged"
    with pytest.raises(Refused):
        _merge(office, anna, anna)


def test_r62_what_is_noted_of_two_is_filled_and_taken_out_again(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    office.text_from(BEN, "Hello")
    anna, ben = _id(office, ANNA), _id(office, BEN)
    _do(office, contacts.change, anna, {"name": "Anna Lee", "language": "en"})
    _do(office, contacts.change, ben, {"name": "Benjamin", "email": "ben@example.org", "stage": "customer"})
    _do(office, contacts.set_own_fields, ben, {"Boiler": "X40"})
    _do(office, contacts.tag, ben, "Contract")
    _do(office, blocking.block, ben, "Insults")
    _merge(office, anna, ben)
    row = office.read(lambda tx: rows.get(tx, anna))
    assert row is not None
    assert (row.name, row.language, row.email, row.stage) == ("Anna Lee", "en", "ben@example.org", "customer")
    assert row._mapping["fields"] == {"Boiler": "X40"} and row.blocked_why == "Insults"
    assert office.read(lambda tx: tags.of_contacts(tx, [anna])[anna]) == ["Contract"]
    _part(office, ben)
    row = office.read(lambda tx: rows.get(tx, anna))
    assert row is not None
    assert (row.name, row.email, row.stage, row.blocked_at) == ("Anna Lee", None, "prospect", None)
    assert row._mapping["fields"] == {}
    assert office.read(lambda tx: tags.of_contacts(tx, [anna])[anna]) == []


def test_r62_merging_is_audited_and_stands_in_the_thread(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    office.text_from(BEN, "Hello")
    anna, ben = _id(office, ANNA), _id(office, BEN)
    _merge(office, anna, ben)
    _part(office, ben)
    actions = office.read(lambda tx: [row.action for row in tx.execute(select(audit))])
    assert actions[-2:] == ["contact.merge", "contact.part"]
    kinds = office.read(lambda tx: [row.kind for row in tx.execute(select(conversation_log))])
    assert kinds == [Happened.MERGED, Happened.PARTED, Happened.PARTED]


# --- numbers -----------------------------------------------------------------------------------------


def _reply(office: Office, conversation: Any, body: str) -> int:
    row = office.read(lambda tx: conversations.get(tx, conversation.id))
    return int(office.write(lambda tx: replies.reply(tx, row, body, SAM, office.clock())))


def test_r62_a_person_with_several_numbers_has_one_thread_and_is_answered_where_they_wrote(
    office: Office,
) -> None:
    office.text_from(ANNA, "From my phone")
    anna = _id(office, ANNA)
    _do(office, desk_numbers.add, anna, phone.parse(NEW))
    office.text_from(NEW, "From work")
    assert _threads(office) == {(anna, office.line_id): ["From my phone", "From work"]}
    sent = _reply(office, _conversation(office, anna), "Good")
    assert office.message(sent).peer == NEW
    office.text_from(ANNA, "Home again")
    assert _conversation(office, anna).peer == ANNA


def test_r62_a_number_of_somebody_else_is_not_taken_by_accident(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    office.text_from(BEN, "Hello")
    with pytest.raises(Refused) as refused:
        _do(office, desk_numbers.add, _id(office, ANNA), phone.parse(BEN))
    assert refused.value.key == "number_taken"


def test_r62_a_number_that_changes_hands_leaves_the_texts_where_they_were_said(office: Office) -> None:
    office.text_from(ANNA, "I am Anna")
    anna = _id(office, ANNA)
    office.text_from(BEN, "Hello")
    ben = _id(office, BEN)
    waiting = office.accept(ANNA, "For Anna only")
    office.clock.step(days=30)
    _do(office, desk_numbers.move, ben, ANNA)
    office.text_from(ANNA, "I am Ben now")
    assert _threads(office) == {
        (anna, office.line_id): ["I am Anna", "For Anna only"],
        (ben, office.line_id): ["Hello", "I am Ben now"],
    }
    assert (office.state(waiting), office.message(waiting).reason) == ("canceled", "number_moved")
    with pytest.raises(Refused) as refused:
        _reply(office, _conversation(office, anna), "Still there?")
    assert refused.value.key == "number_moved"
    had = office.read(lambda tx: numbers.owners(tx, ANNA))
    assert [(row.contact_id, row.why, row.until is not None) for row in had] == [(anna, "moved", True)]
    _do(office, desk_numbers.add, anna, phone.parse(NEW))


def test_r62_a_number_change_keeps_the_thread(office: Office) -> None:
    office.text_from(ANNA, "Old number")
    anna = _id(office, ANNA)
    _do(office, desk_numbers.replace, anna, ANNA, phone.parse(NEW))
    assert office.read(lambda tx: rows.numbers_of(tx, anna)) == [NEW]
    sent = _reply(office, _conversation(office, anna), "Hello there")
    assert office.message(sent).peer == NEW
    assert _threads(office) == {(anna, office.line_id): ["Old number", "Hello there"]}
    with pytest.raises(Refused) as refused:
        _do(office, desk_numbers.remove, anna, NEW)
    assert refused.value.key == "last_number"


def test_r62_several_people_share_a_number(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    office.text_from(BEN, "Hello")
    anna, ben = _id(office, ANNA), _id(office, BEN)
    _do(office, desk_numbers.share, ben, ANNA)
    shared = office.read(lambda tx: numbers.sharers(tx, [ANNA]))
    assert [(row.contact_id, row.number) for row in shared] == [(ben, ANNA)]
    assert _id(office, ANNA) == anna, "its texts stand with its owner"
    _do(office, desk_numbers.remove, ben, ANNA)
    assert office.read(lambda tx: numbers.sharers(tx, [ANNA])) == []
    assert _id(office, ANNA) == anna
