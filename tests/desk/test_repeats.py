"""What a repetition takes along from the text it repeats: everything, where a rule repeats it; the words and
what they are for, where a person does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from gateway.desk import settings, unclear
from gateway.domain.line import CannotTell
from gateway.queue import attempts
from tests.office import ANNA, SAM, Office

NIGHT = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
HOURS = {
    "office.zone": "Europe/London",
    "hours.conversational": "daily 08:00-20:00",
    "hours.live_minutes": "60",
}


def _unclear(office: Office) -> int:
    """An urgent answer at night of which nobody knows whether it went."""
    office.clock.now = NIGHT
    for name, value in HOURS.items():
        office.write(partial(settings.change, name=name, typed=value, actor="command:test", now=NIGHT))
    office.text_from(ANNA, "Water everywhere")
    (asked,) = office.messages(ANNA, "inbound")
    message = office.accept(
        body="Close the main tap",
        urgent_reason="leak",
        reply_to_id=asked.id,
        on_unconfirmed="resend_once",
    )
    office.send_one(CannotTell("timeout"))
    office.clock.step(hours=2)  # nobody talks any more
    return message


def test_a_rule_repeats_an_urgent_answer_as_one(office: Office) -> None:
    message = _unclear(office)
    office.write(lambda tx: attempts.resend_unconfirmed(tx, office.line_id, office.clock()))
    again, before = office.messages(ANNA)[-1], office.message(message)
    assert again.resend_of_id == message
    assert (again.urgent_reason, again.reply_to_id) == ("leak", before.reply_to_id)
    claimed = office.claim()
    assert claimed is not None and claimed.message_id == again.id and office.submit(claimed.part_id)


def test_a_person_who_sends_it_again_decides_anew_whether_it_is_urgent(office: Office) -> None:
    message = _unclear(office)
    again = office.message(office.write(lambda tx: unclear.send_again(tx, message, SAM, office.clock())))
    assert (again.urgent_reason, again.reply_to_id, again.waiting_for) == (None, None, "quiet_hours")
    assert again.due_at == NIGHT + timedelta(hours=10)
