"""After an erasure no table and no file holds what was said or who said it; a STOP outlives it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from gateway.desk import contacts as desk_contacts
from gateway.desk import erasure, export, line_requests, schedules, unclear
from gateway.domain import pdu
from gateway.domain.line import Accepted, CannotTell, MissedCall, Received, ReceivedText, Removed
from gateway.domain.line_requests import Kind
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import at_instant
from gateway.queue import attempts
from gateway.queue.erasing import rewrite_now
from gateway.store import contacts, erasures, line_history, rewriting, search, team
from gateway.store import erasure as store_erasure
from gateway.store.database import Tx
from gateway.store.tables import audit, import_rows, line_log, metadata, raw_pdus
from gateway.store.tables import contacts as contacts_table
from gateway.store.tables import line_requests as requests
from tests.desk import test_importing, test_old_phone
from tests.desk.remains import Traces
from tests.office import ANNA, BEN, CENTRE, SAM, SHOP, SIM, Clock, Office, delivers, report

MONDAY = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


# --- every table was thought of ----------------------------------------------------------------------


def test_it_was_decided_about_every_table_and_column() -> None:
    """A new column of a table that stays: can it hold a number, a name or words? Then decide what an erasure
    does with it, and add it to the list."""
    stays = {name: set(columns.split()) for name, columns in store_erasure.STAYS.items()}
    there = {name: set(table.columns.keys()) for name, table in metadata.tables.items()}
    assert there.keys() == stays.keys() | set(store_erasure.GOES.split())
    assert {name: there[name] for name in stays} == stays


# --- a history ---------------------------------------------------------------------------------------


class History:
    """Things that happen between an office and two people, each with words of its own."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.words: dict[str, set[str]] = {ANNA: set(), BEN: set()}
        self._count = 0

    def word(self, who: str) -> str:
        """A word that nobody wrote before."""
        self._count += 1
        made = f"q{self._count * 7919 % 9973:04}{who[-3:]}word{self._count:05}x"
        self.words[who].add(made)
        return made

    def happen(self, what: str, who: str) -> None:
        self.office.clock.step(seconds=40)
        try:
            getattr(self, f"_{what}")(who)
        except Refused as refused:
            assert refused.key == "opted_out", refused.key

    def _go(self, outcome: Any) -> None:
        """Let what may go now go; some wait for a text before them, or for another day."""
        claimed = self.office.claim()
        if claimed is not None and self.office.submit(claimed.part_id):
            self.office.record(claimed.part_id, outcome)

    def _text(self, who: str) -> None:
        slot = self.office.slot()
        self.office.text_from(who, f"Hello from {self.word(who)}", slot=slot)
        self.office.hear(Removed(slot))

    def _stuck(self, who: str) -> None:
        self.office.text_from(who, f"Still on the SIM: {self.word(who)}")

    def _long(self, who: str, parts: int = 9) -> None:
        body = " ".join(self.word(who) for _ in range(20))
        for raw in delivers(who, body, self.office.clock(), ref=self._count % 256)[:parts]:
            slot = self.office.slot()
            self.office.hear(Received(raw, slot))
            self.office.hear(Removed(slot))

    def _half(self, who: str) -> None:
        self._long(who, parts=1)

    def _twice(self, who: str) -> None:
        raw = self.office.text_from(who, f"Twice {self.word(who)}")
        self.office.hear(Received(raw, self.office.slot()))

    def _text_mode(self, who: str) -> None:
        body = f"Written out {self.word(who)}"
        event = ReceivedText(who, body, self.office.clock(), f"{who},{body}", self.office.slot())
        self.office.hear(event)

    def _sent(self, who: str) -> None:
        reference = self._count % 250
        self.office.accept(who, f"See you {self.word(who)}")
        self._go(Accepted(reference))
        self.office.report(reference, who)

    def _unclear(self, who: str) -> None:
        self.office.accept(who, f"Who knows {self.word(who)}")
        self._go(CannotTell("timeout"))

    def _sent_long(self, who: str) -> None:
        message_id = self.office.accept(who, " ".join(self.word(who) for _ in range(20)))
        for part in self.office.parts(message_id):
            self._go(Accepted(part.seq))

    def _waits(self, who: str) -> None:
        at = at_instant(self.office.clock() + timedelta(days=300), "UTC")
        message_id = self.office.accept(who, f"Later {self.word(who)}", when=at)
        now = self.office.clock()
        self.office.write(lambda tx: schedules.edit(tx, message_id, f"Even {self.word(who)}", SAM, now))

    def _urgent(self, who: str) -> None:
        self.office.accept(who, f"Come {self.word(who)}", urgent_reason=f"They are {self.word(who)}")
        self._go(Accepted(7))

    def _answered(self, who: str) -> None:
        message_id = self.office.accept(who, f"From the shop {self.word(who)}", Purpose.TRANSACTIONAL, SHOP)
        row = self.office.message(message_id)
        answer = {"id": row.public_id, "to": who, "body": row.body}
        self.office.write(
            lambda tx: team.store_answer(
                tx, caller="token:1", key=str(self._count), request_hash="0", created_at=self.office.clock(),
                status=202, answer=answer,
            )
        )  # fmt: skip
        self._go(Accepted(9))

    def _named(self, who: str) -> None:
        now, name = self.office.clock(), f"Mx {self.word(who)}"

        def verb(tx: Any) -> None:
            contact = contacts.by_number(tx, who)
            if contact is not None:
                desk_contacts.set_name(tx, contact.id, name, SAM, now)
                desk_contacts.set_zone(tx, contact.id, "Europe/Madrid", SAM, now)

        self.office.write(verb)

    def _call(self, who: str) -> None:
        self.office.hear(MissedCall(who, 12.0))

    def _stray(self, who: str) -> None:
        """A report of a text that nobody here sent."""
        self.office.hear(Received(report(251, who, 0, self.office.clock()), self.office.slot()))

    def _stored(self, who: str) -> None:
        """A text that somebody wrote in a phone with this SIM."""
        text = f"From a phone {self.word(who)}"
        (octets,) = pdu.encode_message(who, text, reference=1, report=False, validity=None)
        self.office.hear(Received((CENTRE + octets).hex().upper(), self.office.slot()))

    def _ussd(self, who: str) -> None:
        code, now = f"*141*0{who[3:]}#", self.office.clock()
        self.office.write(lambda tx: line_requests.ask(tx, "front", Kind.USSD, code, "person:Sam", now))

    def _stop(self, who: str) -> None:
        self.office.text_from(who, "STOP")
        self._go(Accepted(3))

    def _start(self, who: str) -> None:
        self.office.text_from(who, "START")


THINGS = sorted(
    name[1:] for name in vars(History) if name.startswith("_") and name != "_go" and not name.startswith("__")
)


@contextmanager
def history(template: Path) -> Iterator[History]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder) / "gateway.db"))
        with Office(path, Clock(MONDAY)) as office:
            yield History(office)


def contact_of(office: Office, number: str) -> Any:
    return office.read(lambda tx: contacts.by_number(tx, number))


def erase(office: Office, number: str = ANNA, why: str = "They asked for it") -> int:
    office.clock.step(minutes=5)
    contact = contact_of(office, number)
    return erasure.erase(office.database.read, office.database.write_now, contact.id, SAM, why, office.clock)


def kept_about(office: Office, number: str) -> Any:
    found = contact_of(office, number)
    if found is None:
        return None
    return office.read(lambda tx: export.everything(tx, found.id, MONDAY))


WHOLE_INDEX = "INSERT INTO messages_fts (messages_fts) VALUES ('integrity-check')"
EVENT = st.tuples(st.sampled_from(THINGS), st.sampled_from([ANNA, ANNA, BEN]))


@given(st.lists(EVENT, min_size=1, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_of_them_is_left_and_all_of_the_others(empty_database: Path, events: list[Any]) -> None:
    with history(empty_database) as it:
        office = it.office
        it.happen("text", ANNA)
        for what, who in events:
            it.happen(what, who)
        traces = Traces.of_number(ANNA)
        traces.words |= it.words[ANNA]
        traces.note_radio(office.path, ANNA)
        assert traces.in_rows(office.path) != []
        of_ben = kept_about(office, BEN)
        erase(office)
        assert traces.in_rows(office.path) == []
        rewrite_now(office.database, office.clock)
        assert traces.in_rows(office.path) == []
        assert traces.in_files(office.path) == []
        assert kept_about(office, BEN) == of_ben
        assert office.database.check() == "ok"
        office.write(lambda tx: tx.connection.exec_driver_sql(WHOLE_INDEX))
        assert office.read(lambda tx: list(tx.connection.exec_driver_sql("PRAGMA foreign_key_check"))) == []


@pytest.mark.parametrize("what", THINGS)
def test_each_thing_leaves_no_trace(empty_database: Path, what: str) -> None:
    with history(empty_database) as it:
        it.happen("text", ANNA)
        it.happen(what, ANNA)
        traces = Traces.of_number(ANNA)
        traces.words |= it.words[ANNA]
        traces.note_radio(it.office.path, ANNA)
        erase(it.office)
        assert traces.in_rows(it.office.path) == []
        rewrite_now(it.office.database, it.office.clock)
        assert traces.in_files(it.office.path) == []


def test_rows_of_lists_that_became_nobody_are_found_by_their_number(office: Office) -> None:
    """A STOP in an old phone's texts, and a row of a list with a number of theirs beside somebody else's."""
    office.text_from(BEN, "Hello")
    office.text_from(ANNA, "Hello")
    test_importing.take(office, f"Name,Phone,Phone 2\nBen,{BEN},{ANNA}\n".encode())
    test_old_phone.take(
        office, f"Date,Direction,Number,Text\n2021-05-03 09:00,received,{ANNA},STOP\n".encode()
    )
    assert office.count(import_rows) == 2
    traces = Traces.of_number(ANNA)
    erase(office)
    assert traces.in_rows(office.path) == []
    assert office.count(import_rows) == 2, "that there were such rows is no secret, and an undo needs them"


# --- what stays --------------------------------------------------------------------------------------


def test_a_stop_outlives_the_erasure(office: Office, any_hour: None) -> None:
    office.text_from(ANNA, "STOP")
    office.send_one(Accepted(1))
    stopped_at = office.clock()
    erase(office)
    office.clock.step(days=400)
    with pytest.raises(Refused, match=f"{stopped_at:%B %Y}"):
        office.accept(ANNA, "We are back")
    office.text_from(ANNA, "Hello, me again")
    with pytest.raises(Refused) as refused:
        office.accept(ANNA, "Good to hear from you")
    assert refused.value.key == "opted_out"
    office.text_from(ANNA, "START")
    office.accept(ANNA, "Welcome back")


def test_whoever_writes_again_is_somebody_new(office: Office) -> None:
    office.text_from(ANNA, "hello")
    before = contact_of(office, ANNA).public_id
    erase(office)
    assert contact_of(office, ANNA) is None
    office.text_from(ANNA, "hello again")
    assert contact_of(office, ANNA).public_id != before
    assert [row.body for row in office.messages()] == ["hello again"]


def test_the_erasure_is_recorded_without_what_it_erased(office: Office) -> None:
    office.text_from(ANNA, "hello")
    office.accept(ANNA, "hi")
    erasure_id = erase(office)
    record = office.read(lambda tx: erasures.get(tx, erasure_id))
    assert record is not None and record.ended_at == office.clock()
    assert (record.actor, record.why) == ("person:Sam", "They asked for it")
    assert record.counts["texts_received"] == 1 and record.counts["texts_sent"] == 1
    assert record.number_hash == office.database.keys.number_hash(ANNA)
    assert record.number is None and record.contact_id is None
    assert office.event_kinds()[-1] == "contact.erased"


def test_a_text_on_the_sim_is_not_taken_for_a_new_one(office: Office) -> None:
    """The line could not delete it yet, and reads it again every minute."""
    slot = office.slot()
    raw = office.text_from(ANNA, "hello", slot=slot)
    erase(office)
    office.hear(Received(raw, slot))
    assert office.messages() == []
    office.hear(Removed(slot))
    office.write(lambda tx: erasure.sweep(tx, office.clock()))
    assert office.count(raw_pdus) == 0


def test_a_report_that_comes_after_the_erasure_is_swept(office: Office) -> None:
    office.accept(ANNA, "hello")
    office.send_one(Accepted(5))
    erase(office)
    office.report(5, ANNA)
    office.report(6, BEN)
    traces = Traces.of_number(ANNA)
    assert traces.in_rows(office.path) != []
    office.write(lambda tx: erasure.sweep(tx, office.clock()))
    slots = office.read(lambda tx: [row.slot_index for row in tx.execute(select(raw_pdus))])
    assert len(slots) == 2, "the device still holds both"
    assert traces.in_rows(office.path) == []


def test_a_number_is_found_however_it_is_written(office: Office) -> None:
    """And no other note is taken away for digits that only stand near each other."""
    written = ["+44 7700 900123", "07700 900-123", "(0)7700.900123", "+44\u00a07700\u00a0900123"]
    others = ["07700 900124", "at 7:70, 0900 then 123"]
    office.text_from(ANNA, "hello")

    def note(tx: Tx) -> None:
        at = office.clock()
        for text in written + others:
            team.note(tx, at, "person:Sam", "setting.set", "x", before=text, after={"to": [text]})
            asked = {"line_id": office.line_id, "kind": "ussd", "asked_by": "person:Sam", "asked_at": at}
            tx.insert(requests, {**asked, "state": "done", "answer": f"Balance of {text}: 3 GBP"})
            line_history.note(tx, office.line_id, "device", "ready", text, at)

    office.write(note)
    erase(office)
    noted = select(audit).where(audit.c.object == "x")
    values = office.read(lambda tx: [(row.before, row.after) for row in tx.execute(noted)])
    assert [value for value in values if value != (None, None)] == [(text, {"to": [text]}) for text in others]
    answers = office.read(lambda tx: set(tx.execute(select(requests.c.answer)).scalars()))
    assert answers == {"", *(f"Balance of {text}: 3 GBP" for text in others)}
    details = office.read(lambda tx: set(tx.execute(select(line_log.c.detail)).scalars()))
    assert set(others) <= details and not details & set(written)


# --- when it cannot be done --------------------------------------------------------------------------


def refusal(office: Office, why: str = "They asked for it") -> str:
    contact = contact_of(office, ANNA)
    with pytest.raises(Refused) as refused:
        erasure.erase(office.database.read, office.database.write_now, contact.id, SAM, why, office.clock)
    return refused.value.key


def test_a_text_on_the_air_refuses(office: Office) -> None:
    office.accept(ANNA, "hello")
    claimed = office.claim()
    assert claimed is not None and office.submit(claimed.part_id)
    office.clock.step(minutes=10)
    assert refusal(office) == "text_on_its_way"
    office.record(claimed.part_id, CannotTell("timeout"))
    erase(office)


def test_a_text_whose_answer_may_still_come_refuses(office: Office) -> None:
    office.accept(ANNA, "hello")
    office.send_one(CannotTell("port_lost"))
    office.clock.step(seconds=149)
    assert refusal(office) == "text_on_its_way"
    office.clock.step(seconds=2)
    erase(office)


def test_what_waits_is_never_sent(office: Office) -> None:
    """Also when the lane has claimed it already."""
    office.accept(ANNA, "hello")
    claimed = office.claim()
    assert claimed is not None
    contact = contact_of(office, ANNA)
    erasure_id = office.write(lambda tx: erasure.begin(tx, contact.id, SAM, "asked", office.clock()))
    assert not office.submit(claimed.part_id)
    while office.write(lambda tx: erasure.step(tx, erasure_id)):
        pass
    assert not office.submit(claimed.part_id)
    office.record(claimed.part_id, Accepted(1))
    assert office.claim() is None


def test_what_may_not_have_gone_is_not_repeated(office: Office) -> None:
    """Neither by the rule its author chose nor by a person, while its rows wait to be deleted."""
    message_id = office.accept(ANNA, "hello", on_unconfirmed="resend_once")
    office.send_one(CannotTell("timeout"))
    office.clock.step(days=1)
    contact, now = contact_of(office, ANNA), office.clock()
    office.write(lambda tx: erasure.begin(tx, contact.id, SAM, "asked", now))
    assert office.write(lambda tx: attempts.resend_unconfirmed(tx, office.line_id, now)) == 1
    assert office.write(lambda tx: attempts.resend_unconfirmed(tx, office.line_id, now)) == 0
    with pytest.raises(Refused) as refused:
        office.write(lambda tx: unclear.send_again(tx, message_id, SAM, now))
    assert refused.value.key == "being_erased"
    assert [row.id for row in office.messages()] == [message_id] and office.claim() is None


@pytest.mark.parametrize("why", ["", "  ", "x" * 201, "Ann Lee asked", "from 07700 900123", "ann's wish"])
def test_the_reason_is_needed_and_names_nobody(office: Office, why: str) -> None:
    office.text_from(ANNA, "hello")
    contact = contact_of(office, ANNA)
    office.write(lambda tx: desk_contacts.set_name(tx, contact.id, "Ann Lee", SAM, office.clock()))
    assert refusal(office, why) in ("no_why", "why_names_them")
    assert office.read(lambda tx: tx.scalar(select(func.count()).select_from(contacts_table))) == 1


def test_a_legal_hold_refuses_until_it_is_lifted(office: Office) -> None:
    office.text_from(ANNA, "hello")
    contact = contact_of(office, ANNA)
    office.write(lambda tx: erasure.hold(tx, contact.id, "Claim 4711", SAM, office.clock()))
    assert refusal(office) == "under_hold"
    office.write(lambda tx: erasure.lift_hold(tx, contact.id, SAM, office.clock()))
    erase(office)
    assert office.messages() == []


# --- breaking off ------------------------------------------------------------------------------------


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "STEP", 2)


class Died(Exception):
    pass


def dying(write: Callable[..., Any], after: int) -> Callable[..., Any]:
    """A writer whose program dies after so many transactions."""
    left = [after]

    def run(verb: Callable[..., Any]) -> Any:
        if not left[0]:
            raise Died
        left[0] -= 1
        return write(verb)

    return run


@pytest.mark.parametrize("after", range(1, 8))
def test_one_that_breaks_off_goes_on(office: Office, small_steps: None, after: int) -> None:
    words = [f"zebra{number}crossing{number}" for number in range(7)]
    for word in words:
        office.text_from(ANNA, word)
        office.clock.step(minutes=1)
    contact = contact_of(office, ANNA)
    with pytest.raises(Died):
        erasure.erase(
            office.database.read,
            dying(office.database.write_now, after),
            contact.id,
            SAM,
            "asked",
            office.clock,
        )
    office.restart()
    office.text_from(ANNA, "I am new here")
    assert erasure.finish(office.database.read, office.database.write_now, office.clock) == 1
    assert [row.body for row in office.messages()] == ["I am new here"]
    assert Traces(set(words)).in_rows(office.path) == []
    assert office.read(erasures.unfinished) == []
    assert erasure.finish(office.database.read, office.database.write_now, office.clock) == 0


def test_rows_are_overwritten_and_the_journal_is_cut_at_once(office: Office) -> None:
    office.text_from(ANNA, "zebracrossing")
    erase(office)
    assert rewriting.cut_journal(office.path)
    assert Traces(words={"zebracrossing"}).in_files(office.path) == []
    assert office.path.with_name("gateway.db-wal").stat().st_size == 0


def test_the_index_is_squeezed_to_its_end(office: Office) -> None:
    for number in range(40):
        office.text_from(ANNA if number % 2 else BEN, f"word{number} and others")
    erase(office)
    assert office.write(search.squeeze) is False
    assert office.read(lambda tx: len(search.find(tx, "others"))) == 20
    assert SIM not in Traces(words={"word11"}).in_rows(office.path)
    assert Traces(words={"word11", "word13"}).in_rows(office.path) == []
