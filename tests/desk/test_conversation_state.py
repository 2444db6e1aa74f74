"""What changes the state of a conversation, with the rows and events of each change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.desk import conversation_state as desk
from gateway.desk import undoing
from gateway.desk.drafts import Author
from gateway.domain.conversation import Happened, Priority
from gateway.domain.line import Accepted, RefusedForGood
from gateway.domain.message import Purpose
from gateway.domain.people import Role
from gateway.domain.refusal_words import Refused
from gateway.queue import attempts
from gateway.store import conversation_log, reads, settings, tags, team
from tests.office import ANNA, BEN, SHOP, Office


@pytest.fixture
def sam(office: Office) -> Author:
    return Author("person", office.person("Sam"), "Sam")


def put(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: settings.put(tx, name, value))


def do(office: Office, verb: Any, *arguments: Any, peer: str = ANNA) -> Any:
    row = office.conversation(peer)
    return office.write(lambda tx: verb(tx, row, *arguments, office.clock()))


def log(office: Office, peer: str = ANNA) -> list[tuple[str, dict[str, Any]]]:
    row = office.conversation(peer)
    far = office.clock() + timedelta(days=99)
    rows = office.read(lambda tx: conversation_log.between(tx, row.id, row.created_at, far))
    return [(one.kind, one.detail) for one in rows]


def test_assigning_is_logged_with_who_had_it(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    tom = office.person("Tom")
    assert do(office, desk.assign, sam.id, sam)
    assert not do(office, desk.assign, sam.id, sam), "it is theirs already"
    assert do(office, desk.assign, tom, sam)
    assert do(office, desk.assign, None, sam)
    assert [(d["was_name"], d["to_name"], d["how"]) for _, d in log(office)] == [
        (None, "Sam", "person"),
        ("Sam", "Tom", "person"),
        ("Tom", None, "person"),
    ]
    assert office.event_kinds().count("conversation.assigned") == 3
    assert office.conversation(ANNA).assignee_id is None


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("outcome", [RefusedForGood("CMS 302"), "report", "expired"])
def test_a_closed_conversation_opens_when_our_last_text_did_not_arrive(
    office: Office, sam: Author, outcome: RefusedForGood | str
) -> None:
    send_by = office.clock() + timedelta(hours=1) if outcome == "expired" else None
    message = office.accept(ANNA, author=sam, send_by=send_by)
    do(office, desk.close, sam)
    if isinstance(outcome, str):
        _end(office, outcome)
    else:
        claimed = office.claim()
        assert claimed is not None
        office.record(claimed.part_id, outcome)
    assert office.state(message) in ("failed", "undelivered", "expired")
    assert office.conversation(ANNA).state == "open"
    assert log(office)[-1] == ("reopened", {"why": "failed"})
    assert office.event_kinds().count("conversation.reopened") == 1


def _end(office: Office, how: str) -> None:
    if how == "expired":
        office.clock.step(hours=2)
        office.write(lambda tx: attempts.expire(tx, office.clock()))
    else:
        office.send_one(Accepted(7))
        office.report(7, ANNA, status=0x41)


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize("why", ["a later text", "an offer"])
def test_what_is_settled_otherwise_stays_closed(office: Office, sam: Author, why: str) -> None:
    offers = {"purpose": Purpose.MARKETING} if why == "an offer" else {}
    office.accept(ANNA, author=SHOP, **offers)
    office.send_one(Accepted(7))
    if why == "a later text":
        office.accept(ANNA, author=sam)
        office.send_one(Accepted(8))
    do(office, desk.close, sam)
    office.report(7, ANNA, status=0x41)
    assert office.conversation(ANNA).state == "closed"


def test_only_who_may_answer_can_be_given_one(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    viewer, gone = office.person("Vera", Role.VIEWER), office.person("Gus")
    office.write(lambda tx: team.change_user(tx, gone, disabled_at=office.clock()))
    for nobody in (viewer, gone, 999):
        with pytest.raises(Refused) as refused:
            do(office, desk.assign, nobody, sam)
        assert refused.value.key == "cannot_assign"
    assert log(office) == []


def test_the_first_person_who_answers_has_it(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    office.accept(ANNA, "From the shop", Purpose.TRANSACTIONAL, SHOP)
    assert office.conversation(ANNA).assignee_id is None
    office.accept(ANNA, "Hello", author=sam)
    assert office.conversation(ANNA).assignee_id == sam.id
    tom = Author("person", office.person("Tom"), "Tom")
    office.accept(ANNA, "Me too", author=tom)
    assert office.conversation(ANNA).assignee_id == sam.id
    assert [d["how"] for _, d in log(office)] == ["first reply"]


def test_with_the_setting_off_nobody_has_it_by_answering(office: Office, sam: Author) -> None:
    put(office, "inbox.assign_first_reply", "off")
    office.text_from(ANNA, "Hi")
    office.accept(ANNA, "Hello", author=sam)
    assert office.conversation(ANNA).assignee_id is None


def test_turns_go_to_whoever_was_given_one_longest_ago(office: Office, sam: Author) -> None:
    put(office, "inbox.round_robin", "on")
    tom, away = office.person("Tom"), office.person("Ada")
    office.write(lambda tx: team.change_user(tx, away, available=False))
    got = []
    for number in range(4):
        peer = f"+4477009001{number:02}"
        office.clock.step(minutes=1)
        office.text_from(peer, "Hi")
        got.append(office.conversation(peer).assignee_id)
    assert got == [sam.id, tom, sam.id, tom]
    office.write(lambda tx: team.change_user(tx, tom, available=False))
    office.text_from(BEN, "Hi")
    assert office.conversation(BEN).assignee_id == sam.id


def test_who_leaves_has_nothing_any_more(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    office.text_from(BEN, "Hi")
    for peer in (ANNA, BEN):
        do(office, desk.assign, sam.id, sam, peer=peer)
    do(office, desk.close, sam, peer=BEN)
    office.write(lambda tx: team.change_user(tx, sam.id or 0, disabled_at=office.clock()))
    admin = Author("person", None, "Ruth")
    assert office.write(lambda tx: desk.give_back(tx, sam.id or 0, admin, office.clock())) == 1
    assert office.conversation(ANNA).assignee_id is None
    office.text_from(BEN, "One more thing")
    assert office.conversation(BEN).assignee_id is None, "it opened again, and Sam is gone"


def test_a_snooze_ends_at_its_time(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    until = office.clock() + timedelta(hours=1)
    do(office, desk.snooze, until, sam)
    row = office.conversation(ANNA)
    assert (row.state, row.snoozed_until) == ("snoozed", until)
    assert office.write(lambda tx: desk.wake_due(tx, until - timedelta(seconds=1))) == 0
    office.clock.now = until
    assert office.write(lambda tx: desk.wake_due(tx, until)) == 1
    row = office.conversation(ANNA)
    assert (row.state, row.snoozed_until) == ("open", None)
    assert row.waiting_since is not None, "nobody has answered yet"
    assert [kind for kind, _ in log(office)] == ["snoozed", "woken"]
    assert log(office)[1][1] == {"why": "time"}


def test_a_snooze_ends_when_they_write(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    do(office, desk.snooze, None, sam)
    assert office.write(lambda tx: desk.wake_due(tx, office.clock() + timedelta(days=99))) == 0
    office.text_from(ANNA, "Hello?")
    assert office.conversation(ANNA).state == "open"
    assert log(office)[-1] == ("woken", {"why": "text"})


@pytest.mark.parametrize(("away", "reason"), [(timedelta(0), "time_past"), (timedelta(days=401), "time_far")])
def test_a_snooze_is_until_a_time_to_come(office: Office, sam: Author, away: timedelta, reason: str) -> None:
    office.text_from(ANNA, "Hi")
    with pytest.raises(Refused) as refused:
        do(office, desk.snooze, office.clock() + away, sam)
    assert refused.value.key == reason and office.conversation(ANNA).state == "open"


def test_closing_ends_the_waiting_and_an_undo_brings_it_back(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    since = office.conversation(ANNA).waiting_since
    office.clock.step(minutes=5)
    assert do(office, desk.close, sam)
    row = office.conversation(ANNA)
    assert (row.state, row.waiting_since, row.closed_at) == ("closed", None, office.clock())
    assert not do(office, desk.close, sam)
    assert do(office, desk.reopen, "undo", sam)
    row = office.conversation(ANNA)
    assert (row.state, row.waiting_since, row.closed_at) == ("open", since, None)
    assert not do(office, desk.reopen, "undo", sam)
    assert [kind for kind, _ in log(office)] == ["closed", "reopened"]


def test_undoing_a_close_puts_it_off_again(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    until = office.clock() + timedelta(hours=3)
    do(office, desk.snooze, until, sam)
    do(office, desk.close, sam)
    do(office, desk.reopen, "undo", sam)
    row = office.conversation(ANNA)
    assert (row.state, row.snoozed_until) == ("snoozed", until)
    do(office, desk.close, sam)
    office.clock.step(hours=4)
    do(office, desk.reopen, "undo", sam)
    assert office.conversation(ANNA).state == "open", "its time has passed"


def test_a_text_of_theirs_opens_what_is_closed(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    do(office, desk.close, sam)
    office.clock.step(minutes=5)
    office.text_from(ANNA, "One more thing")
    row = office.conversation(ANNA)
    assert (row.state, row.waiting_since) == ("open", office.clock())
    assert log(office)[-1] == ("reopened", {"why": "text"})


def test_a_reply_opens_what_is_closed_and_an_automatic_text_does_not(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    do(office, desk.close, sam)
    office.accept(ANNA, "Your bill", Purpose.TRANSACTIONAL, SHOP)
    assert office.conversation(ANNA).state == "closed"
    office.accept(ANNA, "I forgot", author=sam)
    assert office.conversation(ANNA).state == "open"
    assert log(office)[-2:][0] == ("reopened", {"why": "person"})


def test_an_automatic_text_is_no_answer(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    since = office.conversation(ANNA).waiting_since
    office.clock.step(minutes=5)
    office.text_from(ANNA, "Hello?")
    office.accept(ANNA, "Your bill", Purpose.TRANSACTIONAL, SHOP)
    assert office.conversation(ANNA).waiting_since == since, "from the first text on"
    office.accept(ANNA, "Here I am", author=sam)
    assert office.conversation(ANNA).waiting_since is None


def test_what_we_said_last_is_closed_after_a_while(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    office.text_from(BEN, "Hi")
    office.accept(ANNA, "Hello", author=sam)
    later = office.clock() + timedelta(days=14)

    def idle() -> int:
        return office.write(lambda tx: desk.close_idle(tx, later, later))

    assert idle() == 0, "it has not gone out yet"
    office.send_one(Accepted(1))
    assert idle() == 1
    assert office.conversation(ANNA).state == "closed"
    assert office.conversation(BEN).state == "open", "Ben waits"
    kind, detail = log(office)[-1]
    assert (kind, detail["was"]) == ("closed", "open")


def test_priority_is_logged_with_what_it_was(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    assert do(office, desk.set_priority, Priority.HIGH, sam)
    assert not do(office, desk.set_priority, Priority.HIGH, sam)
    assert log(office) == [(Happened.PRIORITY.value, {"was": "normal", "now": "high"})]
    assert office.event_kinds().count("conversation.changed") == 1


def test_a_tag_is_one_however_it_is_written(office: Office, sam: Author) -> None:
    office.text_from(ANNA, "Hi")
    assert do(office, desk.tag, "  Réparation ", sam)
    assert not do(office, desk.tag, "REPARATION", sam)
    row = office.conversation(ANNA)
    assert office.read(lambda tx: tags.of_conversations(tx, [row.id])) == {row.id: ["Réparation"]}
    assert do(office, desk.untag, "reparation", sam)
    assert not do(office, desk.untag, "reparation", sam)
    assert not do(office, desk.untag, "never made", sam)
    assert log(office) == [("tagged", {"tag": "Réparation"}), ("untagged", {"tag": "Réparation"})]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "\u200b", "\u0301"])
def test_what_cannot_be_seen_or_is_too_long_is_no_tag(office: Office, sam: Author, name: str) -> None:
    office.text_from(ANNA, "Hi")
    with pytest.raises(Refused) as refused:
        do(office, desk.tag, name, sam)
    assert refused.value.key == "bad_tag"


def test_unread_is_each_persons_own(office: Office, sam: Author) -> None:
    tom = office.person("Tom")
    office.text_from(ANNA, "Hi")
    row = office.conversation(ANNA)

    def unread(user_id: int | None) -> bool:
        return bool(office.read(lambda tx: reads.unread_among(tx, user_id or 0, 0, [row.id])))

    office.accept(ANNA, "Hello", author=sam)
    assert not unread(sam.id) and unread(tom)
    do(office, desk.mark_unread, sam.id)
    assert unread(sam.id)
    office.text_from(BEN, "Hi")
    late = office.person("Late")
    joined = office.read(lambda tx: team.user(tx, late).reads_from_id)
    assert not office.read(lambda tx: reads.unread_among(tx, late, joined, [row.id]))


@pytest.mark.parametrize("act", ["assign", "priority", "tag", "untag", "snooze", "close"])
def test_an_undo_pressed_twice_undoes_once(office: Office, sam: Author, act: str) -> None:
    office.text_from(ANNA, "Hi")
    tom = office.person("Tom")
    do(office, desk.assign, tom, sam)
    do(office, desk.tag, "old", sam)
    before = standing(office)
    office.clock.step(minutes=1)
    verb, *given = {
        "assign": (desk.assign, sam.id),
        "priority": (desk.set_priority, Priority.URGENT),
        "tag": (desk.tag, "new"),
        "untag": (desk.untag, "old"),
        "snooze": (desk.snooze, None),
        "close": (desk.close,),
    }[act]  # type: ignore[misc]
    do(office, verb, *given, sam)
    assert standing(office) != before
    assert do(office, undoing.undo, act, sam)
    assert standing(office) == before
    assert not do(office, undoing.undo, act, sam), "nor does it offer to"
    assert standing(office) == before


@pytest.mark.parametrize("was", ["snoozed", "closed"])
def test_undoing_a_putting_off_lets_it_stand_as_before(office: Office, sam: Author, was: str) -> None:
    office.text_from(ANNA, "Hi")
    later = office.clock() + timedelta(hours=3)
    do(office, desk.snooze, later, sam) if was == "snoozed" else do(office, desk.close, sam)
    before = standing(office)
    do(office, desk.snooze, office.clock() + timedelta(days=2), sam)
    assert do(office, undoing.undo, "snooze", sam)
    assert standing(office) == before


def standing(office: Office) -> tuple[Any, ...]:
    row = office.conversation(ANNA)
    on_it = office.read(lambda tx: tags.of_conversations(tx, [row.id]).get(row.id, []))
    stood = (row.state, row.snoozed_until, row.closed_at, row.waiting_since)
    return row.assignee_id, row.priority, list(on_it), *stood
