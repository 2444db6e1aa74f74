"""Numbers that fail, that nobody uses, that are somebody else's: what is noted, and what they get then."""

from __future__ import annotations

import pytest

from gateway.desk import hygiene
from gateway.domain import hygiene as rules
from gateway.domain.contact import Health
from gateway.domain.line import Accepted, MissedCall, NotNow, RefusedForGood, Scope
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import numbers
from gateway.store.tables import audit
from tests.office import ANNA, BEN, SAM, SHOP, Office

PERMANENT, TEMPORARY, DELIVERED = 0x45, 0x60, 0x00


def _health(office: Office, number: str = ANNA) -> str:
    row = office.read(lambda tx: numbers.get(tx, number))
    assert row is not None
    return str(row.health)


def _told(office: Office, status: int, reference: int) -> None:
    """A text goes, and its report comes."""
    office.accept(ANNA)
    office.send_one(Accepted(reference))
    office.clock.step(seconds=30)
    office.report(reference, ANNA, status)


@pytest.mark.usefixtures("any_hour")
def test_r60_three_permanent_failures_in_a_row_make_a_number_suspect_and_five_bad(office: Office) -> None:
    seen = []
    for reference in range(1, 7):
        _told(office, PERMANENT, reference)
        seen.append(_health(office))
    assert seen == ["ok", "ok", "suspect", "suspect", "bad", "bad"]


@pytest.mark.usefixtures("any_hour")
def test_r60_one_success_resets(office: Office) -> None:
    for reference in (1, 2, 3):
        _told(office, PERMANENT, reference)
    _told(office, DELIVERED, 4)
    assert _health(office) == "ok"
    for reference in (5, 6):
        _told(office, PERMANENT, reference)
    assert _health(office) == "ok", "counting began anew"


@pytest.mark.usefixtures("any_hour")
def test_r60_an_inbound_text_or_call_resets_at_once(office: Office) -> None:
    for reference in range(1, 6):
        _told(office, PERMANENT, reference)
    assert _health(office) == "bad"
    office.text_from(ANNA, "It works again")
    assert _health(office) == "ok"
    for reference in range(6, 11):
        _told(office, PERMANENT, reference)
    office.hear(MissedCall(ANNA, 18.0))
    assert _health(office) == "ok"


@pytest.mark.usefixtures("any_hour")
def test_r60_two_weeks_of_undelivered_make_a_number_suspect(office: Office) -> None:
    _told(office, TEMPORARY, 1)
    office.clock.step(days=13)
    _told(office, TEMPORARY, 2)
    assert _health(office) == "ok"
    office.clock.step(days=1)
    _told(office, TEMPORARY, 3)
    assert _health(office) == "suspect"


@pytest.mark.usefixtures("any_hour")
def test_r60_the_parts_of_one_text_are_one_failure(office: Office) -> None:
    office.accept(ANNA, "long " * 150)
    for reference in range(1, 7):
        if office.claim() is None:
            break
        part = next(p for p in office.parts(1) if p.state == "ready")
        assert office.submit(part.id)
        office.record(part.id, Accepted(reference))
    count = len(office.parts(1))
    assert count > 3
    for reference in range(1, count + 1):
        office.report(reference, ANNA, PERMANENT)
    row = office.read(lambda tx: numbers.get(tx, ANNA))
    assert row is not None and (row.failures, row.health) == (1, "ok")


@pytest.mark.usefixtures("any_hour")
def test_r60_a_refusal_of_the_network_counts_and_trouble_of_the_line_does_not(office: Office) -> None:
    office.accept(ANNA)
    office.send_one(RefusedForGood("CMS 28", 1, None))
    row = office.read(lambda tx: numbers.get(tx, ANNA))
    assert row is not None and row.failures == 1
    office.accept(BEN)
    office.send_one(NotNow("CMS 38", Scope.LINE, None, None))
    row = office.read(lambda tx: numbers.get(tx, BEN))
    assert row is not None and row.failures == 0


@pytest.mark.usefixtures("any_hour")
@pytest.mark.parametrize(
    ("health", "goes"),
    [
        (Health.OK, True),
        (Health.SUSPECT, True),
        (Health.BAD, False),
        (Health.CONFIRM, False),
        (Health.WRONG, False),
    ],
)
def test_r60_r61_bad_and_flagged_numbers_get_nothing_automated(
    office: Office, health: Health, goes: bool
) -> None:
    waiting = office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    office.write(lambda tx: hygiene.decide(tx, ANNA, health, SAM, office.clock()))
    claimed = office.claim()
    assert claimed is not None
    assert office.submit(claimed.part_id) is goes
    assert office.state(waiting) == ("sending" if goes else "blocked")
    office.accept(ANNA, purpose=Purpose.CONVERSATIONAL)  # people may try
    if goes:
        office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
        return
    with pytest.raises(Refused) as refused:
        office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    assert refused.value.key == f"number_{health}" and ANNA in refused.value.text


@pytest.mark.usefixtures("any_hour")
def test_r61_a_number_unused_for_24_months_is_to_be_confirmed_until_a_person_decides(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    office.text_from(BEN, "Hello")
    office.clock.step(days=400)
    office.accept(BEN)
    office.clock.step(days=331)

    def look() -> None:
        assert office.write(lambda tx: hygiene.ask_about_unused(tx, 0, office.clock())) in (1, None)

    look()
    assert (_health(office, ANNA), _health(office, BEN)) == ("confirm", "ok")
    with pytest.raises(Refused):
        office.accept(ANNA, purpose=Purpose.TRANSACTIONAL, author=SHOP)
    office.write(lambda tx: hygiene.decide(tx, ANNA, Health.OK, SAM, office.clock()))
    office.clock.step(days=100)
    look()
    assert _health(office, ANNA) == "ok", "a person said so"
    noted = office.read(lambda tx: [r.actor for r in tx.execute(audit.select()) if "health" in r.action])
    assert noted == ["rule:hygiene", "person:Sam"]


@pytest.mark.parametrize(
    "body",
    [
        "Sorry, wrong number!",
        "Wrong person",
        "Vous avez le mauvais numéro",
        "Erreur de numéro",
        "Vous vous trompez de numéro",
    ],
)
def test_r61_a_wrong_number_answer_is_flagged_until_a_person_or_they_say_otherwise(
    office: Office, body: str
) -> None:
    office.text_from(ANNA, body)
    assert _health(office) == "wrong"
    office.text_from(ANNA, "Ah no, it is me after all")
    assert _health(office) == "ok"


@pytest.mark.parametrize(
    "body", ["You sent the wrong number of chairs", "What is your number?", "wrong " * 60 + "number"]
)
def test_r61_words_about_numbers_flag_nothing(body: str) -> None:
    assert not rules.says_wrong_number(body)


@pytest.mark.usefixtures("any_hour")
def test_r61_what_arrives_on_a_flagged_number_does_not_clear_it(office: Office) -> None:
    office.text_from(ANNA, "Wrong number")
    _told(office, DELIVERED, 1)
    assert _health(office) == "wrong"
