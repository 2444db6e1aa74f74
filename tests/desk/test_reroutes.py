"""Texts of a line that is down go by its fallback: only untouched ones, in order, and where it can."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from gateway.desk import lines as desk_lines
from gateway.desk import reroutes
from gateway.desk.drafts import Author
from gateway.domain.line import (
    Abilities,
    Accepted,
    CannotTell,
    LineState,
    LineStatus,
    NotNow,
    RefusedForGood,
    Report,
    Scope,
)
from gateway.domain.message import Purpose
from gateway.queue import attempts
from gateway.store import line_history, lines, messages
from tests.office import ANNA, BEN, CARA, OWNER, Office, report

pytestmark = pytest.mark.usefixtures("any_hour")

UP, DOWN = LineState(LineStatus.UP, "ready"), LineState(LineStatus.DOWN, "not_registered")
STORY = "It all began on a Monday. " * 15


@pytest.fixture
def back(office: Office) -> int:
    """A second line that works and stands in for the first, which has been down for its patience."""
    back = office.add_line("back", number="+447700900199")
    set_fallback(office, "front", "back")
    office.hear(UP, back)
    office.hear(UP)
    office.hear(DOWN)
    office.clock.step(minutes=15)
    return back


def set_fallback(office: Office, name: str, fallback: str) -> None:
    office.write(
        lambda tx: desk_lines.set_option(tx, name, "fallback", fallback, "person:Sam", office.clock())
    )


def reroute(office: Office, line_id: int | None = None) -> int:
    return office.write(lambda tx: reroutes.reroute(tx, line_id or office.line_id, office.clock()))


def claim(office: Office, line_id: int) -> int | None:
    claimed = office.write(lambda tx: attempts.claim_next(tx, line_id, OWNER, office.clock()))
    return claimed.message_id if claimed else None


def line_of(office: Office, message_id: int) -> int:
    return int(office.message(message_id).line_id)


def test_what_waits_is_sent_by_the_other_line_and_says_so(office: Office, back: int) -> None:
    text = office.accept(ANNA)
    before = office.message(text)
    assert reroute(office) == 1
    after = office.message(text)
    assert (after.line_id, after.rerouted_from, after.line_name) == (back, "front", "back")
    assert (after.purpose, after.rank, after.due_at) == (before.purpose, before.rank, before.due_at)
    assert after.conversation_id == before.conversation_id, "it stays where it was written"
    assert office.event_kinds()[-1] == "message.rerouted"
    (entry,) = office.read(lambda tx: line_history.log(tx, office.line_id, "reroute"))
    assert (entry.code, entry.detail) == ("back", "1")
    assert reroute(office) == 0
    assert office.claim() is None and claim(office, back) == text


def test_a_report_finds_a_text_that_went_by_another_line(office: Office, back: int) -> None:
    text = office.accept(ANNA)
    reroute(office)
    claimed = office.write(lambda tx: attempts.claim_next(tx, back, OWNER, office.clock()))
    assert claimed is not None and office.submit(claimed.part_id, line_id=back)
    office.record(claimed.part_id, Accepted(7))
    office.report(7, ANNA)  # the line it was written on got a report with that number too: not of this text
    assert office.state(text) == "sent"
    office.hear(Report(report(7, ANNA, 0, office.clock()), office.slot()), back)
    assert office.state(text) == "delivered"


@pytest.mark.parametrize(
    "trouble", ["not yet", "up again", "paused", "other down", "other paused", "other removed", "none named"]
)
def test_texts_wait_when_the_other_line_may_not_or_cannot(office: Office, back: int, trouble: str) -> None:
    office.accept(ANNA)

    def pause(name: str) -> None:
        office.write(lambda tx: desk_lines.pause(tx, name, "person:Sam", office.clock()))

    if trouble == "not yet":
        office.clock.step(minutes=-1)
    elif trouble == "up again":
        office.hear(UP)
    elif trouble == "paused":
        pause("front")
    elif trouble == "other down":
        office.hear(DOWN, back)
    elif trouble == "other paused":
        pause("back")
    elif trouble == "other removed":
        office.write(lambda tx: desk_lines.remove(tx, "back", "person:Sam", office.clock()))
    else:
        set_fallback(office, "front", "")
    assert reroute(office) == 0


def test_patience_counts_from_when_it_went_down_not_from_its_last_trouble(office: Office, back: int) -> None:
    office.accept(ANNA)
    office.hear(LineState(LineStatus.DOWN, "denied"))
    assert reroute(office) == 1


def test_what_was_tried_or_is_claimed_stays(office: Office, back: int) -> None:
    unclear, again, claimed = (office.accept(to) for to in (ANNA, BEN, CARA))
    office.send_one(CannotTell("timeout"))
    office.send_one(NotNow("CMS 41"))
    assert office.claim() is not None
    assert reroute(office) == 0
    assert {line_of(office, text) for text in (unclear, again, claimed)} == {office.line_id}
    office.clock.step(minutes=6)  # a claim that ran out is nobody's
    assert reroute(office) == 1
    assert line_of(office, claimed) == back
    part = office.parts(claimed)[0]
    assert (part.owner, part.lease_until) == (None, None)
    assert not office.submit(part.id), "whoever had claimed it cannot send it any more"


def test_the_line_it_was_taken_from_cannot_send_it_while_the_other_claims_it(
    office: Office, back: int
) -> None:
    text = office.accept(ANNA)
    assert office.claim() is not None
    office.clock.step(minutes=6)
    assert reroute(office) == 1 and claim(office, back) == text
    part = office.parts(text)[0]
    assert part.owner == OWNER, "one program drives both lines"
    assert not office.submit(part.id)
    assert office.submit(part.id, line_id=back)


def test_what_the_device_refused_for_its_own_trouble_stays(office: Office, back: int) -> None:
    office.accept(ANNA)
    office.send_one(NotNow("CMS 331", Scope.LINE))
    office.clock.step(minutes=1)
    assert reroute(office) == 0


def test_an_earlier_text_that_moved_before_holds_nothing_back(office: Office, back: int) -> None:
    office.accept(ANNA, "first")
    reroute(office)
    claimed = office.write(lambda tx: attempts.claim_next(tx, back, OWNER, office.clock()))
    assert claimed is not None and office.submit(claimed.part_id, line_id=back)
    office.record(claimed.part_id, CannotTell("timeout"))
    office.accept(ANNA, "second")
    assert reroute(office) == 1
    assert claim(office, back) is None, "the other line keeps the order itself"


def test_the_answer_to_a_stop_waits_for_nothing(office: Office, back: int) -> None:
    office.accept(ANNA)
    office.send_one(CannotTell("timeout"))
    answer = office.accept(ANNA, "You will get no more texts.", Purpose.COMPLIANCE)
    assert reroute(office) == 1
    assert line_of(office, answer) == back


def test_nothing_overtakes_what_stays(office: Office, back: int) -> None:
    first = office.accept(ANNA, "first")
    office.send_one(CannotTell("timeout"))
    second, other = office.accept(ANNA, "second"), office.accept(BEN)
    assert reroute(office) == 1
    assert [line_of(office, text) for text in (first, second, other)] == [office.line_id] * 2 + [back]
    office.clock.step(minutes=3)  # later texts wait for an unclear one no longer
    assert reroute(office) == 1
    assert line_of(office, second) == back


def test_texts_of_one_conversation_go_in_their_order(office: Office, back: int) -> None:
    texts = [office.accept(ANNA, body) for body in ("one", "two", "three")]
    assert reroute(office) == 3
    went = []
    while (
        claimed := office.write(lambda tx: attempts.claim_next(tx, back, OWNER, office.clock()))
    ) is not None:
        assert office.submit(claimed.part_id, line_id=back)
        office.record(claimed.part_id, Accepted(len(went)))
        went.append(claimed.message_id)
    assert went == texts


def test_what_is_scheduled_for_later_stays(office: Office, back: int) -> None:
    text = office.accept(ANNA)
    later = office.clock.now.replace(year=2026)
    office.write(lambda tx: messages.change(tx, text, due_at=later, waiting_for="schedule"))
    after = office.accept(ANNA, "Now")
    assert reroute(office) == 1
    assert (line_of(office, text), line_of(office, after)) == (office.line_id, back)
    office.write(lambda tx: messages.change(tx, text, waiting_for=None))
    assert reroute(office) == 0, "whatever it waits for, it is not due"


@pytest.mark.parametrize(
    ("abilities", "body", "moved"),
    [
        (Abilities(unicode=False), "Hello", 1),
        (Abilities(unicode=False), "Grüß Gott ☂", 0),
        (Abilities(unicode=False, lacks="€"), "Costs 5 €", 0),
        (Abilities(multipart=False), "Hello", 1),
        (Abilities(multipart=False), STORY, 0),
    ],
)
def test_the_other_line_gets_what_it_can_carry(
    office: Office, back: int, abilities: Abilities, body: str, moved: int
) -> None:
    office.write(lambda tx: lines.change(tx, back, abilities=asdict(abilities)))
    office.accept(ANNA, body)
    assert reroute(office) == moved


@pytest.mark.parametrize("reports", [True, False])
def test_a_line_that_tells_of_no_arrival_is_not_waited_for(office: Office, back: int, reports: bool) -> None:
    office.write(lambda tx: lines.change(tx, back, abilities=asdict(Abilities(delivery_reports=reports))))
    text = office.accept(ANNA)
    reroute(office)
    assert office.message(text).report_wanted is reports


def test_a_line_does_not_text_itself(office: Office, back: int) -> None:
    office.accept("+447700900199", "Test")
    assert reroute(office) == 0


def test_a_test_text_says_which_line_sent_it_so_it_stays(office: Office, back: int) -> None:
    author = Author("person", 1, "Sam")
    text = office.write(lambda tx: desk_lines.send_test(tx, "front", ANNA, author, office.clock()))
    assert reroute(office) == 0
    assert line_of(office, text) == office.line_id


def test_texts_that_cannot_move_do_not_block_the_others(
    office: Office, back: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reroutes, "AT_ONCE", 3)
    office.write(lambda tx: lines.change(tx, back, abilities=asdict(Abilities(unicode=False))))
    for number in range(4):
        office.accept(f"+1202555010{number}", "Grüß Gott ☂")
    behind = office.accept("+12025550100", "After the umbrella")
    texts = [office.accept(to, body) for to in (ANNA, BEN) for body in ("one", "two")]
    assert (reroute(office), reroute(office), reroute(office)) == (3, 1, 0), "never more than that at once"
    assert {line_of(office, text) for text in texts} == {back}
    assert line_of(office, behind) == office.line_id


def test_a_text_that_moves_twice_names_the_line_it_was_written_on(office: Office, back: int) -> None:
    third = office.add_line("third")
    set_fallback(office, "back", "third")
    text = office.accept(ANNA)
    reroute(office)
    office.hear(UP, third)
    office.hear(DOWN, back)
    office.clock.step(minutes=15)
    assert reroute(office, back) == 1
    assert (line_of(office, text), office.message(text).rerouted_from) == (third, "front")


# --- a line whose every text the network refuses -----------------------------------------------------

PEOPLE = tuple(f"+44770090013{digit}" for digit in range(9))


def refuse(office: Office, times: int) -> list[int]:
    """The network refuses the next texts of the line; returns which."""
    return [office.send_one(RefusedForGood("CMS 38", 3, 30.0)).message_id for _ in range(times)]


@pytest.fixture
def resting(office: Office) -> int:
    """A second line that stands in for the first, which is up; returns its id."""
    back = office.add_line("back", number="+447700900199")
    set_fallback(office, "front", "back")
    office.hear(UP, back)
    office.hear(UP)
    return back


def at_rest(office: Office) -> list[int]:
    return office.read(lambda tx: reroutes.at_rest(tx, office.clock()))


def test_texts_of_a_line_that_is_refused_every_text_go_by_the_other(office: Office, resting: int) -> None:
    texts = [office.accept(to) for to in PEOPLE[:7]]
    refused = refuse(office, 3)
    for minutes in (1, 2):
        office.clock.step(minutes=minutes, seconds=1)
        refused += refuse(office, 1)
    assert at_rest(office) == [] and reroute(office) == 0, "its patience has not passed"
    office.clock.step(minutes=12)
    assert at_rest(office) == [office.line_id]
    assert reroute(office) == 2
    moved = [text for text in texts if line_of(office, text) == resting]
    assert moved == [text for text in texts if text not in refused]
    assert {office.message(text).rerouted_from for text in moved} == {"front"}
    assert claim(office, resting) == moved[0]


def test_one_text_is_left_to_try_the_line_by_until_it_is_sure(office: Office, resting: int) -> None:
    texts = [office.accept(to) for to in PEOPLE[:6]]
    refused = refuse(office, 3)
    office.clock.step(minutes=15)
    assert reroute(office) == 2
    assert reroute(office) == 0, "the same one is left"
    (left,) = (text for text in texts if text not in refused and line_of(office, text) == office.line_id)
    assert office.send_one(Accepted(1)).message_id == left
    office.accept(ANNA)
    assert at_rest(office) == [] and reroute(office) == 0, "three wrong numbers in a row, and it is well"


def test_no_text_goes_to_a_line_that_is_refused_itself(office: Office, back: int) -> None:
    texts = [office.accept(to) for to in (ANNA, BEN, CARA)]
    assert reroute(office) == 3
    for _ in texts:
        claimed = office.write(lambda tx: attempts.claim_next(tx, back, OWNER, office.clock()))
        assert claimed is not None and office.submit(claimed.part_id, line_id=back)
        office.record(claimed.part_id, RefusedForGood("CMS 38", 3, 30.0))
    office.accept(PEOPLE[0])
    assert reroute(office) == 0


def test_a_long_patience_counts_from_when_it_was_told(office: Office, resting: int) -> None:
    office.write(
        lambda tx: desk_lines.set_option(tx, "front", "fallback_after", "1440", "person:Sam", office.clock())
    )
    for to in PEOPLE:
        office.accept(to)
    refuse(office, 3)
    for _ in range(90):
        office.clock.step(minutes=16)
        refuse(office, 1)
    assert at_rest(office) == [office.line_id]
