"""Asking a line for what only the running program can do."""

from __future__ import annotations

import pytest

from gateway.desk import line_requests as desk
from gateway.desk import lines
from gateway.domain.line_request_words import unanswered
from gateway.domain.line_requests import Kind, State
from gateway.domain.refusal_words import Refused
from gateway.store import line_requests
from tests.office import Office


def ask(office: Office, kind: Kind = Kind.USSD, argument: str = "*100#") -> int:
    return office.write(lambda tx: desk.ask(tx, "front", kind, argument, "person:Sam", office.clock()))


def answer(office: Office, request_id: int, state: State, text: str) -> None:
    office.write(lambda tx: desk.answer(tx, request_id, state, text, office.clock()))


def request(office: Office, request_id: int) -> tuple[str, str]:
    row = office.read(lambda tx: line_requests.get(tx, request_id))
    assert row is not None
    return row.state, row.answer


def open_ids(office: Office) -> list[int]:
    return [row.id for row in office.read(line_requests.open_requests)]


def test_a_request_is_told_and_answered_once(office: Office) -> None:
    first = ask(office, argument=" *100# ")
    assert office.event_kinds()[-1] == "line.asked"
    (row,) = office.read(line_requests.open_requests)
    assert (row.kind, row.argument, row.line_id, row.asked_by) == (
        "ussd",
        "*100#",
        office.line_id,
        "person:Sam",
    )
    answer(office, first, State.DONE, "Balance 12.50")
    assert office.event_kinds()[-1] == "line.answered"
    answer(office, first, State.FAILED, "timeout")
    assert request(office, first) == ("done", "Balance 12.50")
    assert open_ids(office) == []


def test_asked_twice_before_the_answer_it_is_one_request(office: Office) -> None:
    restart = ask(office, Kind.RESTART, "")
    told = len(office.event_kinds())
    assert ask(office, Kind.RESTART, "") == restart
    assert office.event_kinds()[told:] == ["line.asked"], "the running program looks again"
    assert ask(office, Kind.TRACE, "") != restart
    answer(office, restart, State.DONE, "")
    assert ask(office, Kind.RESTART, "") != restart


@pytest.mark.parametrize("code", ["", "1", "100a", "*100#;", "*1" * 16, "*100#\n*101#", "٣٣", "112", "999"])
def test_what_is_no_service_code_is_refused(office: Office, code: str) -> None:
    with pytest.raises(Refused, match="no service code"):
        ask(office, argument=code)
    assert open_ids(office) == []


@pytest.mark.parametrize("code", ["**04*1234*0000*0000#", "**05*12345678*1234*1234#", "**042*1*2*2#"])
def test_a_service_code_that_would_touch_the_pin_is_refused(office: Office, code: str) -> None:
    with pytest.raises(Refused, match="PIN"):
        ask(office, argument=code)


@pytest.mark.parametrize(
    "code",
    ["**21*12025550199#", "**61*12025550199**20#", "##002#", "*21*12025550199#", "#21#", "*61#",
     "*62*1#", "*67*1#", "*002*1#", "#004#", "*33*0000#", "*330*0000#", "*331*1#", "*332#", "#333*1#",
     "*35*0000#", "*351*1#", "#353*1#", "**03*330*0000*1234*1234#", "*03*330*0000*1234*1234#", "*214*1#",
     "*21", "**100#"],
)  # fmt: skip
def test_a_service_code_that_would_change_how_calls_go_is_refused(office: Office, code: str) -> None:
    with pytest.raises(Refused, match="divert or bar calls"):
        ask(office, argument=code)
    assert open_ids(office) == []


@pytest.mark.parametrize(
    "code", ["*100#", "*#100#", "*123*1#", "*#21#", "*3333#", "#100#", "*101*21#", "*611#", "*0021#"]
)
def test_a_service_code_that_only_asks_is_asked(office: Office, code: str) -> None:
    ask(office, argument=code)
    assert [row.argument for row in office.read(line_requests.open_requests)] == [code]


def test_a_line_that_is_not_there_is_named(office: Office) -> None:
    with pytest.raises(Refused, match="no line called side"):
        office.write(lambda tx: desk.ask(tx, "side", Kind.TRACE, "", "person:Sam", office.clock()))


def test_what_a_crash_left_open_is_failed(office: Office) -> None:
    asked = ask(office)
    office.restart()
    office.write(lambda tx: desk.fail_open(tx, office.clock()))
    assert request(office, asked) == ("failed", "crash")


def test_what_a_removed_line_was_asked_has_failed(office: Office) -> None:
    office.add_line("back")
    here = ask(office)
    there = office.write(lambda tx: desk.ask(tx, "back", Kind.RESTART, "", "person:Sam", office.clock()))
    office.write(lambda tx: lines.remove(tx, "front", "person:Sam", office.clock()))
    assert request(office, here) == ("failed", "removed")
    assert "removed" in unanswered("removed")
    assert open_ids(office) == [there], "another line may still answer"


def test_answers_are_emptied_after_a_day(office: Office) -> None:
    old = ask(office)
    answer(office, old, State.DONE, "Balance 12.50")
    office.clock.step(hours=23)
    new = ask(office)
    answer(office, new, State.DONE, "Balance 10.00")
    office.clock.step(hours=2)
    office.write(lambda tx: desk.empty_answers(tx, office.clock()))
    assert (request(office, old), request(office, new)) == (("done", ""), ("done", "Balance 10.00"))
    newest = office.read(lambda tx: line_requests.newest(tx, office.line_id, "ussd"))
    assert newest is not None and newest.id == new


def test_what_was_answered_a_year_ago_is_deleted(office: Office) -> None:
    answered, unanswered = ask(office), ask(office, Kind.TRACE, "")
    answer(office, answered, State.DONE, "Balance 12.50")
    office.clock.step(days=364)
    recent = ask(office)
    answer(office, recent, State.DONE, "Balance 10.00")
    office.clock.step(days=2)
    office.write(lambda tx: desk.empty_answers(tx, office.clock()))
    assert office.read(lambda tx: line_requests.get(tx, answered)) is None
    assert (request(office, unanswered)[0], request(office, recent)) == ("asked", ("done", ""))
