"""What comes of a decision: it is kept once, and told once."""

from __future__ import annotations

from gateway.domain.message import Purpose
from gateway.store import decisions
from tests.office import SHOP, Office

IN_ONE_OF_TEN_ZONES = "+79161234567"


def test_a_text_nobody_can_tell_a_time_for_is_looked_at_again_and_noted_once(office: Office) -> None:
    message = office.accept(IN_ONE_OF_TEN_ZONES, "Half price", purpose=Purpose.MARKETING, author=SHOP)
    assert office.message(message).waiting_for == "quiet_hours"
    for _ in range(3):
        before = office.message(message).due_at
        office.clock.now = before
        assert office.claim() is None
        assert office.message(message).due_at > before
    (noted,) = office.read(lambda tx: decisions.of_message(tx, message))
    assert (noted.verdict, noted.why, noted.until) == ("waits", "quiet_hours", None)
