"""Adding, pausing and removing lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.desk import lines as desk_lines
from gateway.desk.lines import BadLine
from gateway.domain.limits import Limit
from gateway.domain.line import LineState, LineStatus
from gateway.domain.wording import Refused
from gateway.store import lines
from tests.office import Office


def _names(office: Office) -> list[str]:
    return [row.name for row in office.read(lines.every)]


def test_a_line_is_added_with_its_limits_and_told(office: Office) -> None:
    back = office.add_line("back", number="+447700900000", limits=[Limit(6, "minute"), Limit(300, "day")])
    row = office.read(lambda tx: lines.get(tx, back))
    assert row is not None
    assert (row.limits, row.number, row.status, row.code) == (
        ["6/minute", "300/day"],
        "+447700900000",
        "starting",
        "opening",
    )
    assert office.event_kinds()[-1] == "line.changed"


@pytest.mark.parametrize("name", ["", " front", "-x", "a" * 41, "a/b", "a\nb", "back\n"])
def test_names_that_cannot_be(office: Office, name: str) -> None:
    with pytest.raises(BadLine, match="cannot be a line's name"):
        office.add_line(name)
    assert _names(office) == ["front"]


@pytest.mark.parametrize("name", ["Küche 2", "_", "a", "1st.floor-b"])
def test_names_that_can_be(office: Office, name: str) -> None:
    office.add_line(name)
    assert _names(office) == ["front", name]


def test_a_name_is_used_once_and_freed_by_removing(office: Office) -> None:
    with pytest.raises(BadLine, match="a line called front already"):
        office.add_line("front")
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))
    office.add_line("front")


def test_a_line_added_again_goes_on_with_its_conversations(office: Office) -> None:
    number = office.line().number
    office.accept()
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))

    def again(port: str, number: str | None) -> int:
        return office.write(
            lambda tx: desk_lines.add(tx, "front", port, "person:Sam", office.clock(), number=number)
        )

    assert again("/dev/other", number) == office.line_id
    assert (office.line().port, office.line().code) == ("/dev/other", "opening")
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))
    assert again("/dev/other", "+12025550199") != office.line_id, "another number is another line"


def test_a_modem_serves_one_line(office: Office) -> None:
    with pytest.raises(BadLine, match="The line front uses /dev/front"):
        office.write(lambda tx: desk_lines.add(tx, "back", "/dev/front", "person:Sam", office.clock()))


@pytest.mark.parametrize("verb", [desk_lines.pause, desk_lines.resume, desk_lines.remove])
def test_a_line_that_is_not_there_is_named(office: Office, verb: Callable[..., Any]) -> None:
    with pytest.raises(Refused, match="no line called back"):
        office.write(lambda tx: verb(tx, "back", "person:Sam", office.clock()))


def test_pausing_is_shown_until_resumed(office: Office) -> None:
    office.write(lambda tx: desk_lines.pause(tx, "front", "person:Sam", office.clock()))
    assert office.line().paused_at == office.clock()
    office.write(lambda tx: desk_lines.resume(tx, "front", "person:Sam", office.clock()))
    assert office.line().paused_at is None
    assert office.event_kinds()[-2:] == ["line.changed", "line.changed"]


def test_a_pin_is_tried_once_for_each_sim(office: Office) -> None:
    def tried(sim: str, pin: str) -> bool:
        return office.read(lambda tx: lines.pin_was_tried(tx, sim, pin))

    for _ in range(2):
        office.write(lambda tx: lines.remember_pin_try(tx, office.line_id, "sim 1", "1234", office.clock()))
    assert tried("sim 1", "1234")
    assert not tried("sim 1", "1235")
    assert not tried("sim 2", "1234")


@pytest.mark.parametrize("country", ["USA", "gb", "1"])
def test_a_country_is_two_letters(office: Office, country: str) -> None:
    with pytest.raises(BadLine, match="two capital letters"):
        office.write(
            lambda tx: desk_lines.add(tx, "b", "/dev/b", "person:Sam", office.clock(), country=country)
        )


def test_two_lines_do_not_have_one_number(office: Office) -> None:
    def add(name: str) -> int:
        return office.write(
            lambda tx: desk_lines.add(
                tx, name, f"/dev/{name}", "person:Sam", office.clock(), number="+12025550177"
            )
        )

    add("b")
    with pytest.raises(BadLine, match="The line b has the number"):
        add("c")


def test_what_a_line_said_in_the_last_life_of_the_program_is_forgotten(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {"iccid": "8944"}))
    office.write(lambda tx: desk_lines.forget_states(tx, office.clock()))
    assert (office.line().status, office.line().code) == ("starting", "opening")
    assert office.line().facts["iccid"] == "8944"
