"""A text about an alarm is told when it went, not when a line took it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import alarm_texts, unclear
from gateway.desk import alarms as desk
from gateway.desk.drafts import Author
from gateway.domain import alarm_words
from gateway.domain.line import Accepted, CannotTell, LineState, LineStatus, RefusedForGood
from gateway.store import alarm_figures, alarms, restoring, settings
from tests.desk.test_alarms import OWNER, notices, tell, texts
from tests.office import Office

UP = LineState(LineStatus.UP, "ready")


@pytest.fixture
def told(office: Office, any_hour: None) -> Office:
    """An office with two lines, where a test was handed to the first."""
    office.hear(UP)
    office.hear(UP, office.add_line("back"))
    office.write(lambda tx: settings.put(tx, "alarms.numbers", OWNER))
    office.write(lambda tx: desk.test(tx, "person:Ruth", office.clock()))
    tell(office)
    return office


def again(office: Office) -> None:
    """Look at it as the program does a little later."""
    office.clock.step(seconds=alarm_texts.AGAIN_AFTER.total_seconds())
    tell(office)


def spent(office: Office) -> int:
    """Texts for alarms within the last day."""
    now = office.clock()
    return office.read(lambda tx: alarm_figures.texts_of_rule(tx, "alarm", now - timedelta(days=1), now))


def said(office: Office) -> str:
    (notice,) = notices(office)
    return office.read(lambda tx: alarm_texts.became(tx, notice, OWNER))


def test_it_says_how_far_the_text_came(told: Office) -> None:
    assert said(told) == f"Text to {OWNER} by line front: queued"
    told.send_one(Accepted(7))
    again(told)
    assert said(told) == f"Text to {OWNER} by line front: sent"
    (notice,) = notices(told)
    assert (notice.due_at, notice.problem) == (None, None)


def test_where_a_line_cannot_send_it_the_next_is_asked(told: Office) -> None:
    told.send_one(RefusedForGood("CMS 8"))
    again(told)
    first, second = texts(told)
    assert first.state == "failed" and second.line_id > first.line_id
    assert said(told) == f"Text to {OWNER} by line back: queued"
    assert spent(told) == 1


def test_a_line_that_comes_back_is_asked_whatever_its_place(told: Office) -> None:
    front, back = told.line_id, told.line_id + 1
    told.send_one(Accepted(7))
    told.hear(LineState(LineStatus.DOWN, "not_registered"), front)
    told.write(lambda tx: desk.test(tx, "person:Ruth", told.clock()))
    tell(told)
    told.line_id = back
    told.send_one(RefusedForGood("CMS 8"))
    told.hear(UP, front)
    again(told)
    assert [text.line_id for text in texts(told)] == [front, back, front]
    told.line_id = front
    told.send_one(RefusedForGood("CMS 8"))
    again(told)
    assert len(texts(told)) == 3, "each line is asked once"


def test_one_that_failed_is_none_of_the_days_texts(told: Office) -> None:
    told.write(lambda tx: settings.put(tx, "alarms.texts_a_day", "1"))
    told.send_one(RefusedForGood("CMS 8"))
    again(told)
    assert [text.state for text in texts(told)] == ["failed", "queued"] and spent(told) == 1


def test_one_that_was_sent_twice_counts_twice(told: Office) -> None:
    told.send_one(CannotTell("timeout"))
    assert spent(told) == 1
    (text,) = texts(told)
    told.write(lambda tx: unclear.repeat(tx, text, Author("rule", None, "resend once"), told.clock()))
    assert spent(told) == 2


def test_where_no_line_could_send_it_that_is_said(told: Office) -> None:
    told.hear(LineState(LineStatus.DOWN, "not_registered"), told.line_id + 1)
    told.send_one(RefusedForGood("CMS 8"))
    again(told)
    (notice,) = notices(told)
    assert (notice.done_at, notice.problem) == (None, alarm_words.NOT_SENT.format(line="front"))
    assert notice.due_at is not None, "the other line may come back"
    told.clock.step(seconds=alarm_texts.GIVE_UP_AFTER.total_seconds())
    tell(told)
    (notice,) = notices(told)
    assert notice.due_at is None and said(told).startswith(f"Not told by text to {OWNER}: line front")


def test_where_nobody_can_tell_it_is_sent_once_more(told: Office) -> None:
    told.send_one(CannotTell("timeout"))
    (text,) = texts(told)
    assert text.on_unconfirmed == "resend_once"


def test_a_restore_says_nothing_of_a_text_that_a_line_took(told: Office) -> None:
    told.write(lambda tx: desk.test(tx, "person:Ruth", told.clock()))
    told.write(lambda tx: restoring.settle_notices(tx, "It waited."))
    taken, waited = notices(told)
    assert (taken.due_at, taken.problem) == (None, None)
    assert (waited.due_at, waited.problem) == (None, "It waited.")


def test_one_that_was_erased_meanwhile_is_settled(told: Office) -> None:
    (notice,) = notices(told)
    told.write(lambda tx: alarms.change_notice(tx, notice.id, message_id=9999))
    again(told)
    (notice,) = notices(told)
    assert notice.due_at is None and said(told) == f"Told by text to {OWNER}"
