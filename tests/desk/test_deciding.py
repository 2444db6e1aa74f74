"""What comes of a decision: it is kept once, and told once."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gateway.desk.waiting import Wait, waits
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.policy import Awaited
from gateway.store import decisions, holidays, settings
from tests.office import ANNA, BEN, SHOP, Office

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
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


# --- public holidays that are not known yet ----------------------------------------------------------


def wait_of(office: Office, message_id: int) -> Wait:
    row = office.message(message_id)
    return office.read(lambda tx: waits(tx, [row], office.clock()))[message_id]


def sends(office: Office) -> bool:
    claimed = office.claim()
    return claimed is not None and office.submit(claimed.part_id)


def test_an_offer_waits_for_holidays_that_were_never_computed(office: Office) -> None:
    office.clock.now = NOON
    offer = office.accept(ANNA, "Half price", Purpose.MARKETING, SHOP)
    assert not sends(office)
    wait = wait_of(office, offer)
    assert (wait.why, wait.until, wait.awaited) == (WaitingFor.QUIET_HOURS, None, Awaited(("GB",)))
    assert not wait.never_opens
    office.know_holidays("FR")
    office.clock.now = office.message(offer).due_at
    assert not sends(office)
    office.know_holidays("GB")
    office.clock.now = office.message(offer).due_at
    assert sends(office)
    assert len(office.read(lambda tx: decisions.of_message(tx, offer))) == 1


def test_a_text_whose_hours_do_not_speak_of_holidays_waits_for_none(office: Office) -> None:
    office.clock.now = NOON
    for purpose in (Purpose.CONVERSATIONAL, Purpose.TRANSACTIONAL, Purpose.FEEDBACK):
        text = office.accept(ANNA, purpose.value, purpose, SHOP)
        assert office.message(text).waiting_for is None
    office.write(lambda tx: settings.put(tx, "hours.transactional", "daily 09:00-18:00; holidays none"))
    reminder = office.accept(BEN, "Tomorrow at nine", Purpose.TRANSACTIONAL, SHOP)
    assert wait_of(office, reminder).awaited.regions == ("GB",)


def test_what_answers_them_waits_for_no_holidays(office: Office) -> None:
    office.clock.now = NOON
    office.write(lambda tx: settings.put(tx, "hours.conversational", "daily 09:00-18:00; holidays none"))
    office.text_from(ANNA, "Are you open?")
    office.accept(ANNA, "We are")
    assert sends(office)


def test_an_offer_waits_for_the_holidays_of_the_year_it_is_there(office: Office) -> None:
    office.know_holidays("GB", "NZ", until=date(2025, 12, 31))
    auckland = "+6421123456"
    office.clock.now = datetime(2025, 12, 30, 23, 30, tzinfo=UTC)  # the last day, at 12:30 there
    offer = office.accept(auckland, "Half price", Purpose.MARKETING, SHOP)
    assert office.message(offer).waiting_for is None
    office.clock.now = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # the next year has begun there
    offer = office.accept("+6421123457", "Half price", Purpose.MARKETING, SHOP)
    assert wait_of(office, offer).awaited.regions == ("NZ",)


def test_holidays_that_cannot_be_computed_say_why(office: Office) -> None:
    office.clock.now = NOON
    offer = office.accept(ANNA, "Half price", Purpose.MARKETING, SHOP)
    office.write(lambda tx: holidays.note_trouble(tx, "it ended with 1"))
    wait = wait_of(office, offer)
    assert wait.awaited == Awaited(("GB",), "it ended with 1")


def test_a_text_whose_time_was_known_is_told_to_have_none_when_its_holidays_are_not(office: Office) -> None:
    office.clock.now = NOON.replace(hour=8)
    office.know_holidays("GB")
    offer = office.accept(ANNA, "Half price", Purpose.MARKETING, SHOP)
    assert wait_of(office, offer).until == NOON.replace(hour=10)
    office.write(lambda tx: settings.put(tx, "hours.holidays", "GB-SCT"))
    office.clock.now = NOON.replace(hour=10)
    assert not sends(office)
    assert wait_of(office, offer).until is None
