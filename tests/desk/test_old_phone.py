"""The texts of an old phone: brought in at their own time, setting nothing off, and taken back."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select

from gateway.desk import contacts as desk_contacts
from gateway.desk import erasure, importing, merging, old_phone, old_phone_files
from gateway.domain import phone
from gateway.domain.line import MissedCall
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import (
    consent,
    contacts,
    imports,
    line_traffic,
    merges,
    messages,
    reads,
    search,
    text_drafts,
    waiting_lists,
)
from gateway.store.database import Tx
from gateway.store.tables import calls, consent_events, conversations, suppressions
from tests.domain.test_old_texts import sms, xml
from tests.office import ANNA, BEN, CARA, SAM, Office

THEN = datetime(2021, 5, 3, 9, 0, tzinfo=UTC)


def at(minutes: int) -> int:
    return int((THEN + timedelta(minutes=minutes)).timestamp() * 1000)


BACKUP = xml(
    sms('"Is the boiler ready?"', ANNA, at(0)),
    sms('"On Tuesday &#55357;&#56832;"', ANNA, at(5), 2),
    sms('"STOP"', BEN, at(7)),
    sms('"Stop."', CARA, at(8)),
    sms('"START"', CARA, at(9)),
    sms('"a draft"', ANNA, at(10), 3),
    '<mms date="1"/>',
    sms('"from whom?"', "", at(11)),
)


def folder(office: Office) -> Path:
    return office.database.keys.folder


def add(office: Office, content: bytes = BACKUP) -> Row:
    form = old_phone_files.form_of(content[: 1 << 16], office.line_id)
    public_id = office.write(lambda tx: old_phone.add(tx, "sms.xml", "upload", form, SAM, office.clock()))
    old_phone_files.put_aside(folder(office), public_id, io.BytesIO(content))
    office.write(lambda tx: old_phone.look(tx, get(office, public_id), form, office.clock()))
    return work(office, public_id)


def get(office: Office, public_id: str) -> Row:
    row = office.read(lambda tx: imports.by_public_id(tx, public_id))
    assert row is not None
    return row


def work(office: Office, public_id: str, steps: int | None = None) -> Row:
    row = get(office, public_id)
    old_phone.work(office.read, office.write, office.clock, folder(office), row.id, steps)
    return get(office, public_id)


def take(office: Office, content: bytes = BACKUP) -> Row:
    looked = add(office, content)
    assert looked.state == "looked", looked.problem
    office.write(lambda tx: old_phone.start(tx, looked, SAM, office.clock()))
    return work(office, looked.public_id)


def undo(office: Office, row: Row) -> Row:
    office.write(lambda tx: old_phone.undo(tx, row, SAM, office.clock()))
    return work(office, row.public_id)


def thread(office: Office, peer: str) -> list[str]:
    def look(tx: Tx) -> list[str]:
        contact = contacts.by_number(tx, peer)
        assert contact is not None
        (here,) = contacts.conversations_of(tx, contact.id)
        return [row.body for row in messages.thread(tx, here)]

    return office.read(look)


def said(office: Office, peer: str) -> list[str]:
    conversation = office.conversation(peer)
    return [row.body for row in office.read(lambda tx: messages.thread(tx, conversation.id))]


def test_they_are_looked_at_first_and_nothing_is_written(office: Office) -> None:
    looked = add(office)
    assert looked.counts == {
        "new": 5, "same": 0, "received": 4, "sent": 1, "people": 3, "suppressed": 1, "invalid": 1,
        "unsent": 1, "picture": 1, "first": "2021-05-03T09:00:00+00:00", "last": "2021-05-03T09:09:00+00:00",
    }  # fmt: skip
    shown = office.read(lambda tx: imports.rows(tx, looked.id, 0, 100))
    assert [(row.row, row.verdict) for row in shown] == [(3, "suppressed"), (8, "invalid")]
    assert office.messages() == [] and office.count(consent_events) == 0


def test_they_stand_in_the_thread_at_their_own_time_before_all_that_was_said_here(office: Office) -> None:
    office.text_from(ANNA, "Hello again")
    sent = office.accept(ANNA, "Good morning")
    done = take(office)
    assert (done.state, done.counts["new"]) == ("done", 5)
    assert said(office, ANNA) == ["Is the boiler ready?", "On Tuesday 😀", "Hello again", "Good morning"]
    first, second = office.messages(ANNA)[:2]
    assert (first.created_at, first.state, first.label) == (THEN, "received", "old_phone")
    assert (second.state, second.author_kind, second.purpose) == ("sent", "old_phone", Purpose.CONVERSATIONAL)
    assert office.conversation(ANNA).last_message_id == sent
    (hit,) = office.read(lambda tx: search.find(tx, "boiler"))
    assert hit.public_id == first.public_id
    assert not waiting_lists.path_of(folder(office), done.public_id).exists()


def test_nothing_is_set_off(office: Office) -> None:
    office.text_from(CARA, "Hello")
    before = office.event_kinds()
    take(office)
    after = office.event_kinds()[len(before) :]
    assert set(after) <= {"import.changed", "consent.changed"}
    anna = office.conversation(ANNA)
    assert (anna.state, anna.waiting_since, anna.last_inbound_id, anna.last_message_at) == (
        "closed", None, 0, THEN + timedelta(minutes=5),
    )  # fmt: skip
    assert [row.direction for row in office.messages(ANNA)] == ["inbound", "outbound"], "nothing is answered"
    assert office.claim() is None, "and nothing is sent"
    who = office.person()
    assert office.unread(who) == 1, "what Cara wrote here"
    assert office.read(lambda tx: reads.upto(tx, who, anna.id)) >= 0
    since = THEN - timedelta(days=1)
    assert office.read(lambda tx: line_traffic._came(tx, office.line_id, since)) == 1


def test_whoever_joins_an_office_that_has_only_an_old_phone_has_nothing_unread(office: Office) -> None:
    take(office)
    who = office.person()
    for row in office.read(lambda tx: list(tx.execute(select(conversations)))):
        office.write(lambda tx, row=row: reads.put(tx, who, row.id, row.last_inbound_id))  # type: ignore[misc]
    assert office.read(lambda tx: reads.newest_message(tx)) == 0


def test_r84_a_stop_of_then_counts_unless_they_started_again(office: Office) -> None:
    waiting = office.accept(BEN, "Your boiler is ready", purpose=Purpose.TRANSACTIONAL)
    done = take(office)
    assert done.counts["suppressed"] == 1
    stopped = office.read(lambda tx: consent.suppression(tx, BEN))
    assert stopped is not None and stopped.since == THEN + timedelta(minutes=7)
    assert office.state(waiting) == "canceled"
    assert office.read(lambda tx: consent.suppression(tx, CARA)) is None
    (event,) = office.read(lambda tx: consent.history(tx, BEN))
    assert (event.kind, event.how, event.words, event.at) == ("opt_out", "old_phone", "STOP", stopped.since)
    with pytest.raises(Refused):
        office.accept(BEN, "Hello")


def test_many_stops_hold_the_writer_for_a_few_at_a_time_and_outlive_a_crash(office: Office) -> None:
    """Each is synced to the log beside the database; meanwhile a text waits at its prompt."""
    looked = add(office, xml(*(sms('"STOP"', f"+120255{n + 10000:05}", at(n)) for n in range(70))))
    office.write(lambda tx: old_phone.start(tx, looked, SAM, office.clock()))
    at_once = []

    def write(verb: Callable[[Tx], Any]) -> Any:
        before = office.count(suppressions)
        if before > 30:
            raise KeyboardInterrupt
        done = office.write(verb)
        at_once.append(office.count(suppressions) - before)
        return done

    with pytest.raises(KeyboardInterrupt):
        old_phone.work(office.read, write, office.clock, folder(office), looked.id)
    assert max(at_once) <= 20
    office.restart()
    done = work(office, looked.public_id)
    assert (done.state, done.counts["suppressed"], office.count(suppressions)) == ("done", 70, 70)
    assert office.count(consent_events) == 70


def test_a_start_that_came_here_wins_against_a_stop_of_then(office: Office) -> None:
    office.text_from(BEN, "STOP")
    office.text_from(BEN, "START")
    assert add(office).counts["suppressed"] == 0
    take(office)
    assert office.read(lambda tx: consent.suppression(tx, BEN)) is None


def test_the_same_file_again_adds_nothing(office: Office) -> None:
    take(office)
    before = [tuple(row) for row in office.messages()]
    again = take(office)
    assert (again.counts["new"], again.counts["same"], again.counts["suppressed"]) == (0, 5, 0)
    assert [tuple(row) for row in office.messages()] == before


def test_another_phone_of_the_same_time_goes_in_between(office: Office) -> None:
    take(office)
    more = [sms(f'"b{n}"', ANNA, at(2)) for n in range(3)] + [sms('"same moment"', ANNA, at(0))]
    assert take(office, xml(*more)).counts["new"] == 4
    assert said(office, ANNA) == ["Is the boiler ready?", "same moment", "b0", "b1", "b2", "On Tuesday 😀"]


def test_undo_takes_back_texts_and_what_was_made_for_them_but_no_stop(office: Office) -> None:
    office.text_from(ANNA, "Hello again")
    done = take(office)
    gone = undo(office, done)
    assert gone.state == "undone"
    assert [row.body for row in office.messages()] == ["Hello again"]
    assert office.read(lambda tx: search.find(tx, "boiler")) == []
    assert office.read(lambda tx: contacts.by_number(tx, CARA)) is None
    assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is not None
    assert office.read(lambda tx: consent.suppression(tx, BEN)) is not None
    office.clock.step(hours=25)
    with pytest.raises(Refused):
        office.write(lambda tx: old_phone.undo(tx, done, SAM, office.clock()))


def test_undo_leaves_people_who_were_there_or_of_whom_something_was_noted_since(office: Office) -> None:
    number = phone.parse(ANNA, None)
    anna = office.write(lambda tx: contacts.find_or_add(tx, number, office.clock()))
    office.clock.step(minutes=5)
    done = take(office)
    (ben, cara) = (office.conversation(one).contact_id for one in (BEN, CARA))
    office.write(lambda tx: desk_contacts.change(tx, ben, {"company": "Quarry"}, SAM, office.clock()))
    office.write(lambda tx: desk_contacts.tag(tx, cara, "recall", SAM, office.clock()))
    undo(office, done)
    assert office.messages() == []
    assert [office.read(lambda tx, one=one: contacts.get(tx, one)) is None for one in (anna, ben, cara)] == [  # type: ignore[misc]
        False
    ] * 3
    assert office.count(conversations) == 0


def test_undo_leaves_what_a_legal_hold_keeps(office: Office) -> None:
    done = take(office)
    anna = office.conversation(ANNA).contact_id
    office.write(lambda tx: erasure.hold(tx, anna, "Court", SAM, office.clock()))
    gone = undo(office, done)
    assert (gone.state, gone.counts["stayed"]) == ("undone", 2)
    assert {row.peer for row in office.messages()} == {ANNA} and len(office.messages()) == 2


def test_undo_leaves_what_somebody_began_to_write_or_called_about(office: Office) -> None:
    sam = office.person("Sam")
    done = take(office)
    cara = office.conversation(CARA)
    office.write(lambda tx: text_drafts.put(tx, sam, cara.id, text_drafts.REPLY, "Dear C", office.clock()))
    office.clock.step(minutes=5)
    office.hear(MissedCall(BEN, 12.0))
    called_at = office.conversation(BEN).last_message_at
    undo(office, done)
    assert office.read(lambda tx: text_drafts.of(tx, sam, cara.id)) == {text_drafts.REPLY: "Dear C"}
    assert office.conversation(CARA).last_message_at is None, "an empty thread is in no list"
    ben = office.conversation(BEN)
    assert (ben.last_message_id, ben.last_message_at, office.count(calls)) == (None, called_at, 1)


def test_a_long_history_goes_in_steps_and_goes_on_after_a_crash(office: Office) -> None:
    many = xml(*(sms(f'"text {n}"', f"+120255{n % 50 + 10000:05}", at(n)) for n in range(1300)))
    looked = add(office, many)
    assert looked.counts["new"] == 1300
    office.write(lambda tx: old_phone.start(tx, looked, SAM, office.clock()))
    half = work(office, looked.public_id, steps=1)
    assert (half.state, half.counts["at"], len(office.messages())) == ("running", 200, 200)
    office.restart()
    done = work(office, looked.public_id)
    assert (done.state, done.counts["new"], done.counts["people"]) == ("done", 1300, 50)
    assert len(office.messages()) == 1300


def test_a_list_is_read_too(office: Office) -> None:
    rows = f"Date,Direction,Number,Text\n2021-05-03 09:00,received,{ANNA},Bonjour\n"
    assert take(office, rows.encode()).counts["new"] == 1
    assert said(office, ANNA) == ["Bonjour"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [(BACKUP[:-30], "history_broken"), (b"<?xml version='1.0'?><!DOCTYPE a><smses/>", "history_doctype")],
)
def test_a_broken_file_is_said_in_words_and_not_kept(office: Office, content: bytes, problem: str) -> None:
    row = add(office, content)
    assert (row.state, row.problem) == ("failed", problem)
    assert list((folder(office) / "imports").iterdir()) == []
    assert office.messages() == []


def test_a_file_that_comes_while_old_ones_are_removed_is_kept(office: Office) -> None:
    left = add(office)
    office.clock.step(hours=8 * 24)
    office.write(lambda tx: importing.tidy(tx, office.clock()))

    def read(verb: Callable[[Tx], set[str]]) -> set[str]:
        found = office.read(verb)
        add(office)
        return found

    old_phone_files.tidy(read, folder(office))
    assert get(office, left.public_id).state == "failed"
    (row, *_) = office.read(lambda tx: imports.newest(tx, 1))
    assert [path.name for path in (folder(office) / "imports").iterdir()] == [row.public_id]


def test_people_with_an_old_phone_are_merged_and_parted(office: Office) -> None:
    take(office)
    anna, cara = (office.read(lambda tx, n=n: contacts.by_number(tx, n)) for n in (ANNA, CARA))  # type: ignore[misc]
    assert anna is not None and cara is not None
    office.write(lambda tx: merging.merge(tx, anna.id, cara.id, SAM, office.clock()))
    row = office.conversation(ANNA)
    assert row.last_message_id is not None and row.waiting_since is None and row.last_inbound_id == 0
    assert said(office, ANNA)[-1] == "START"


def test_what_an_old_phone_brings_after_a_merge_goes_to_whose_number_it_is_when_parted(
    office: Office,
) -> None:
    office.text_from(ANNA, "Hello")
    office.text_from(CARA, "Hello from me too")
    anna, cara = (office.read(lambda tx, n=n: contacts.by_number(tx, n)) for n in (ANNA, CARA))  # type: ignore[misc]
    assert anna is not None and cara is not None
    office.write(lambda tx: merging.merge(tx, anna.id, cara.id, SAM, office.clock()))
    office.clock.step(minutes=1)
    take(office)
    assert "START" in thread(office, ANNA)
    office.write(lambda tx: merging.part(tx, cara.id, SAM, office.clock()))
    assert "START" in thread(office, CARA) and "START" not in thread(office, ANNA)
    assert "Is the boiler ready?" in thread(office, ANNA)


def test_what_an_old_phone_brought_before_a_merge_stays_where_it_was_said(office: Office) -> None:
    """Nothing else was ever said: the newest id of all is below zero."""
    take(office)
    anna, cara = (office.read(lambda tx, n=n: contacts.by_number(tx, n)) for n in (ANNA, CARA))  # type: ignore[misc]
    assert anna is not None and cara is not None
    before = {one: thread(office, one) for one in (ANNA, CARA)}
    office.write(lambda tx: merging.merge(tx, anna.id, cara.id, SAM, office.clock()))
    (merge,) = office.read(lambda tx: merges.standing(tx, anna.id))
    assert merge.moved["text"] == 0
    office.write(lambda tx: merging.part(tx, cara.id, SAM, office.clock()))
    assert {one: thread(office, one) for one in (ANNA, CARA)} == before


class Torn(io.BytesIO):
    """A file that breaks off on its way in."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(28, "No space left on device")
        return super().read(size)


def test_half_a_file_fills_no_disk(office: Office) -> None:
    with pytest.raises(OSError, match="No space"):
        old_phone_files.put_aside(folder(office), "imp_1", Torn(b"x" * (1 << 20)))
    assert list((folder(office) / "imports").iterdir()) == []
