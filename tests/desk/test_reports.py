"""Delivery reports and late results: kept first, applied where they fit one part, never by guess."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from gateway.desk import reports, unclear
from gateway.domain.line import Accepted, CannotTell, LateResult, Report
from gateway.queue import attempts
from gateway.store import messages
from gateway.store.tables import delivery_reports
from tests.office import ANNA, BEN, SAM, Office, report

pytestmark = pytest.mark.usefixtures("any_hour")

LONG = "A long story. " * 20  # 2 parts


def _matched(office: Office) -> list[int | None]:
    query = select(delivery_reports.c.part_id).order_by(delivery_reports.c.id)
    return office.read(lambda tx: list(tx.execute(query).scalars()))


def test_a_report_completes_its_text(office: Office) -> None:
    message = office.accept()
    office.send_one(Accepted(7))
    office.clock.step(seconds=4)
    office.report(7, ANNA)
    row = office.message(message)
    assert (row.state, row.sent_at is not None) == ("delivered", True)
    assert row.delivered_at == office.clock()
    assert office.event_kinds()[-1] == "message.delivered"
    (kept,) = office.read(lambda tx: messages.reports_of(tx, message))
    assert (kept.reference, kept.recipient, kept.status) == (7, ANNA, 0)


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [
        (0x00, "delivered", None),
        (0x01, "delivered", None),
        (0x02, "sent", None),
        (0x20, "sent", None),
        (0x30, "sent", None),
        (0x40, "undelivered", "report_permanent"),
        (0x46, "undelivered", "report_expired"),
        (0x60, "undelivered", "report_temporary"),
        (0x7F, "undelivered", "report_temporary"),
        (0xFF, "undelivered", "report_temporary"),
    ],
)
def test_every_class_of_status(office: Office, status: int, state: str, reason: str | None) -> None:
    message = office.accept()
    office.send_one(Accepted(7))
    office.report(7, ANNA, status)
    assert (office.state(message), office.message(message).reason) == (state, reason)
    assert _matched(office) == [office.parts(message)[0].id]


def test_pending_and_then_delivered(office: Office) -> None:
    message = office.accept()
    office.send_one(Accepted(7))
    for status in (0x30, 0x20, 0x00, 0x30, 0x46):
        office.clock.step(minutes=1)
        office.report(7, ANNA, status)
    assert office.state(message) == "delivered", "and nothing takes that back"


def test_a_text_that_arrived_after_all(office: Office) -> None:
    message = office.accept()
    office.send_one(Accepted(7))
    office.report(7, ANNA, 0x46)
    office.clock.step(minutes=1)
    office.report(7, ANNA, 0x00)
    assert (office.state(message), office.message(message).reason) == ("delivered", None)


def test_a_report_before_the_answer_waits_for_it(office: Office) -> None:
    message, claimed = office.accept(), office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.report(7, ANNA)
    assert (_matched(office), office.state(message)) == ([None], "sending")
    office.record(claimed.part_id, Accepted(7))
    assert (_matched(office), office.state(message)) == ([claimed.part_id], "delivered")


def test_a_report_of_long_ago_is_not_taken_for_this_text(office: Office) -> None:
    office.report(7, ANNA)
    office.clock.step(hours=1)
    message = office.accept()
    office.send_one(Accepted(7))
    assert (_matched(office), office.state(message)) == ([None], "sent")


def test_a_report_about_nothing_is_kept(office: Office) -> None:
    office.report(7, ANNA)
    assert _matched(office) == [None]


def test_references_that_wrapped_around_between_two_recipients(office: Office) -> None:
    first, second = office.accept(ANNA), office.accept(BEN)
    office.send_one(Accepted(7))
    office.clock.step(minutes=30)
    office.send_one(Accepted(7))
    office.report(7, ANNA)
    assert [office.state(m) for m in (first, second)] == ["delivered", "sent"]
    office.report(7, BEN, 0x46)
    assert [office.state(m) for m in (first, second)] == ["delivered", "undelivered"]


def test_references_that_wrapped_around_for_one_recipient(office: Office) -> None:
    """The time stamp in the report tells which of the two texts it speaks of."""
    first, second = office.accept(ANNA), office.accept(ANNA)
    office.send_one(Accepted(7))
    first_sent = office.clock()
    office.clock.step(hours=20)
    office.send_one(Accepted(7))
    second_sent = office.clock()
    office.clock.step(minutes=1)
    office.report(7, ANNA, 0x46, when=first_sent)
    assert [office.state(m) for m in (first, second)] == ["undelivered", "sent"]
    office.report(7, ANNA, 0x00, when=second_sent)
    assert [office.state(m) for m in (first, second)] == ["undelivered", "delivered"]


@pytest.mark.parametrize("written", ["07700900123", "447700900123", "+447700900123"])
def test_the_recipient_may_be_written_nationally(office: Office, written: str) -> None:
    message = office.accept(ANNA)
    office.send_one(Accepted(7))
    office.report(7, written)
    assert office.state(message) == "delivered"


def test_reports_of_the_parts_of_a_long_text(office: Office) -> None:
    message = office.accept(body=LONG)
    office.send_one(Accepted(7))
    office.report(7, ANNA)
    assert office.state(message) == "sending"
    office.send_one(Accepted(8))
    assert office.state(message) == "sent"
    office.report(8, ANNA, 0x46)
    assert office.state(message) == "undelivered"
    assert office.part_states(message) == ["delivered", "undelivered"]


def test_reports_of_another_line_are_not_taken(office: Office) -> None:
    message = office.accept()
    office.send_one(Accepted(7))
    office.hear(Report(report(7, ANNA, 0, office.clock()), office.slot()), line_id=office.add_line("back"))
    assert (office.state(message), _matched(office)) == ("sent", [None])


# --- evidence about unconfirmed texts ----------------------------------------------------------------


def test_a_report_settles_the_only_text_it_can_speak_of(office: Office) -> None:
    message = office.accept()
    office.send_one(CannotTell("timeout"))
    other = office.accept(BEN)
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=2)
    office.report(99, ANNA)
    (part,) = office.parts(message)
    assert (part.state, part.evidence, part.reference) == ("delivered", "report", 99)
    assert [office.state(m) for m in (message, other)] == ["delivered", "unconfirmed"]
    assert office.message(message).reason is None


def test_a_report_that_fits_two_texts_settles_neither(office: Office) -> None:
    both = [office.accept(ANNA, "one"), office.accept(ANNA, "two")]
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=2)
    office.send_one(CannotTell("timeout"))
    office.report(99, ANNA)
    assert [office.state(m) for m in both] == ["unconfirmed", "unconfirmed"]
    assert _matched(office) == [None]


def test_a_report_from_another_time_settles_nothing(office: Office) -> None:
    message = office.accept()
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=30)
    office.report(99, ANNA, when=office.clock())
    assert office.state(message) == "unconfirmed"


def test_a_late_result_settles_its_part(office: Office) -> None:
    message = office.accept()
    unclear = office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=3)
    office.hear(LateResult(unclear.part_id, 12))
    (part,) = office.parts(message)
    assert (part.state, part.evidence, part.reference) == ("accepted", "late_result", 12)
    assert (office.state(message), office.message(message).reason) == ("sent", None)
    office.report(12, ANNA)
    assert office.state(message) == "delivered"


def test_a_late_result_finds_the_report_that_came_before_it(office: Office) -> None:
    """Two unclear texts to one number: the report alone could not tell them apart."""
    first, second = office.accept(ANNA, "one"), office.accept(ANNA, "two")
    office.send_one(CannotTell("timeout"))
    office.clock.step(minutes=2)
    unclear = office.send_one(CannotTell("timeout"))
    office.report(12, ANNA)
    office.hear(LateResult(unclear.part_id, 12))
    assert [office.state(m) for m in (first, second)] == ["unconfirmed", "delivered"]


@pytest.mark.parametrize("reference", [None, 12])
def test_a_late_result_of_what_is_settled_changes_nothing(office: Office, reference: int | None) -> None:
    message = office.accept()
    sent = office.send_one(Accepted(7))
    office.hear(LateResult(sent.part_id, reference))
    office.hear(LateResult(999, reference))
    assert (office.state(message), office.parts(message)[0].reference) == ("sent", 7)


def test_a_report_completes_what_a_person_marked_as_sent(office: Office) -> None:
    message = office.accept()
    office.send_one(CannotTell("timeout"))
    office.write(lambda tx: unclear.mark_sent(tx, message, SAM, office.clock()))
    assert office.state(message) == "sent"
    office.report(12, ANNA)
    assert office.state(message) == "delivered"
    assert office.parts(message)[0].evidence == "person"


@pytest.mark.parametrize("how", ["timeout", "crash"])
def test_a_report_that_came_while_the_text_was_on_the_air_settles_the_doubt(office: Office, how: str) -> None:
    message = office.accept()
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id)
    office.report(12, ANNA)
    if how == "timeout":
        office.record(claimed.part_id, CannotTell("timeout"))
    else:
        office.write(lambda tx: attempts.recover(tx, office.clock()))
    assert office.state(message) == "delivered"
    assert office.parts(message)[0].evidence == "report"


def test_a_reference_used_days_ago_does_not_take_the_report_of_an_unclear_text(office: Office) -> None:
    old = office.accept()
    office.send_one(Accepted(17))
    office.report(17, ANNA)
    office.clock.step(days=5)
    unclear = office.accept()
    office.send_one(CannotTell("timeout"))
    office.report(17, ANNA)
    assert [office.state(m) for m in (old, unclear)] == ["delivered", "delivered"]


def test_a_clock_that_ran_ahead_gives_no_text_the_report_of_another(office: Office) -> None:
    """The report's own time stamp says which text it speaks of, not a clock that is 40 days ahead."""
    first, second = office.accept(), office.accept()
    office.send_one(Accepted(7))
    sent, on_air = office.clock(), office.claim()
    assert on_air is not None
    assert office.submit(on_air.part_id)
    office.clock.step(days=40)
    office.report(7, ANNA, 0x46, when=sent)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    assert [office.state(message) for message in (first, second)] == ["undelivered", "unconfirmed"]


def test_a_clock_that_was_wrong_by_an_hour_makes_nobody_guess(office: Office) -> None:
    """The network says when it took a text; where the clock said something else then, the text with that
    reference is meant as likely as one that went by itself at that time."""
    first, second = office.accept(), office.accept()
    office.clock.step(hours=1)
    office.send_one(Accepted(7))
    office.clock.step(hours=-1)
    taken, on_air = office.clock(), office.claim()
    assert on_air is not None
    assert office.submit(on_air.part_id)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    office.report(7, ANNA, 0x46, when=taken)
    assert [office.state(message) for message in (first, second)] == ["sent", "unconfirmed"]


def test_a_report_that_comes_twice_settles_no_other_text(office: Office) -> None:
    """Nor while the clock was wrong by an hour when the first went."""
    first, second = office.accept(), office.accept()
    taken = office.clock()
    office.clock.step(hours=1)
    office.send_one(Accepted(7))
    office.report(7, ANNA, when=taken)
    office.clock.step(hours=-1)
    on_air = office.claim()
    assert on_air is not None
    assert office.submit(on_air.part_id)
    office.report(7, ANNA, when=taken)
    office.write(lambda tx: attempts.recover(tx, office.clock()))
    assert [office.state(message) for message in (first, second)] == ["delivered", "unconfirmed"]


def test_a_report_that_never_came_is_said(office: Office) -> None:
    message = office.accept()
    office.send_one(Accepted(3))
    office.clock.step(hours=24)
    office.write(lambda tx: reports.note_missing(tx, office.clock()))
    assert office.message(message).reason is None
    office.clock.step(hours=2)
    office.write(lambda tx: reports.note_missing(tx, office.clock()))
    assert (office.state(message), office.message(message).reason) == ("sent", "report_overdue")
    office.report(3, ANNA)
    assert (office.state(message), office.message(message).reason) == ("delivered", None)
