"""Adding, pausing and removing lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gateway.desk import lines as desk_lines
from gateway.desk.lines import BadLine
from gateway.domain.limits import Limit
from gateway.domain.line import LineState, LineStatus
from gateway.domain.refusal_words import Refused
from gateway.store import lines
from gateway.store.tables import audit
from tests.office import ANNA, SAM, Office


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


@pytest.mark.parametrize(
    "port", ["/dev/" + "a" * 300, "/dev/a\x1b[2J", "/dev/a\nb", "/dev/\udcff", "/dev/\0"]
)
def test_what_cannot_be_a_port_is_refused(office: Office, port: str) -> None:
    with pytest.raises(BadLine, match="cannot be a port") as refused:
        office.write(lambda tx: desk_lines.set_port(tx, "front", port, "person:Sam", office.clock()))
    assert str(refused.value).isprintable()
    with pytest.raises(BadLine, match="cannot be a port"):
        office.write(lambda tx: desk_lines.add(tx, "back", port, "person:Sam", office.clock()))
    assert _names(office) == ["front"]


def test_a_fallback_that_is_no_name_is_refused(office: Office) -> None:
    with pytest.raises(BadLine, match="cannot be a line's name"):
        office.write(
            lambda tx: desk_lines.set_option(
                tx, "front", "fallback", "\udcff\udcfe", "person:Sam", office.clock()
            )
        )


def test_a_line_added_again_closes_no_circle(office: Office) -> None:
    def fallback(name: str, to: str) -> None:
        office.write(lambda tx: desk_lines.set_option(tx, name, "fallback", to, "person:Sam", office.clock()))

    office.add_line("back")
    office.add_line("side")
    fallback("back", "front")
    office.write(lambda tx: desk_lines.remove(tx, "back", "person:Sam", office.clock()))
    office.add_line("back")
    fallback("back", "side")
    office.write(lambda tx: desk_lines.remove(tx, "back", "person:Sam", office.clock()))
    office.add_line("back", number="+12025550177")  # another line of that name
    fallback("side", "back")
    office.write(lambda tx: desk_lines.remove(tx, "back", "person:Sam", office.clock()))
    with pytest.raises(BadLine, match="circle"):
        office.add_line("back")
    assert _names(office) == ["front", "side"]


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


def test_a_pin_that_cannot_be_remembered_is_not_sent(office: Office) -> None:
    """Whoever sends it is told: one that was silently forgotten would be tried again and again."""
    nowhere: Any = None
    with pytest.raises(IntegrityError):
        office.write(lambda tx: lines.remember_pin_try(tx, nowhere, "sim 1", "1234", office.clock()))


@pytest.mark.parametrize("country", ["USA", "UK", "ZZ", "1", ""])
def test_a_country_is_two_letters(office: Office, country: str) -> None:
    with pytest.raises(BadLine, match="is not a country"):
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


# --- what makes a line the line it is ----------------------------------------------------------------

STICK, OTHER_STICK, OLD_SIM, NEW_SIM = "350000000000001", "350000000000002", "89441", "89442"


def _audited(office: Office) -> list[tuple[str, Any, Any]]:
    rows = office.read(lambda tx: list(tx.execute(select(audit).order_by(audit.c.id))))
    return [(row.action, row.before, row.after) for row in rows]


def _option(office: Office, option: str, typed: str, name: str = "front") -> str:
    now = office.clock()
    return office.write(lambda tx: desk_lines.set_option(tx, name, option, typed, "person:Sam", now))


def test_an_option_is_set_checked_noted_and_told(office: Office) -> None:
    assert _option(office, "roaming", " YES ") == "yes"
    assert _option(office, "fallback_after", "030") == "30"
    assert office.line().options == {"roaming": "yes", "fallback_after": "30"}
    assert _audited(office)[-1] == ("line.set", {"fallback_after": "15"}, {"fallback_after": "30"})
    assert office.event_kinds()[-1] == "line.changed"


@pytest.mark.parametrize(
    ("option", "typed", "said"),
    [
        ("roaming", "maybe", "yes, no"),
        ("color", "red", "no option of a line"),
        ("smsc", "12", "country code"),
        ("fallback", "front", "stand in for itself"),
    ],
)
def test_an_option_that_cannot_be_is_refused_with_what_can(
    office: Office, option: str, typed: str, said: str
) -> None:
    with pytest.raises(BadLine, match=said):
        _option(office, option, typed)
    assert office.line().options == {}


def test_a_fallback_is_another_line_and_leads_in_no_circle(office: Office) -> None:
    with pytest.raises(Refused, match="no line called back"):
        _option(office, "fallback", "back")
    for name in ("back", "third"):
        office.add_line(name)
    _option(office, "fallback", "back")
    _option(office, "fallback", "third", "back")
    with pytest.raises(BadLine, match="third to front to back to third"):
        _option(office, "fallback", "front", "third")
    _option(office, "fallback", "")
    _option(office, "fallback", "front", "third")


def _hear(office: Office, status: LineStatus, code: str, imei: str, iccid: str) -> None:
    facts = {name: value for name, value in (("imei", imei), ("iccid", iccid)) if value}
    office.hear(LineState(status, code, facts))


def _confirm(office: Office) -> None:
    office.write(lambda tx: desk_lines.confirm(tx, "front", "person:Sam", office.clock()))


def test_another_sim_is_taken_when_somebody_confirms_it(office: Office) -> None:
    _hear(office, LineStatus.UP, "ready", STICK, OLD_SIM)
    _hear(office, LineStatus.DOWN, "other_sim", OTHER_STICK, NEW_SIM)
    _confirm(office)
    line = office.line()
    assert (line.bound_imei, line.bound_iccid, line.code) == (OTHER_STICK, NEW_SIM, "opening")
    assert _audited(office)[-1] == (
        "line.confirm",
        {"device": [STICK, OLD_SIM]},
        {"device": [OTHER_STICK, NEW_SIM]},
    )
    assert office.event_kinds()[-1] == "line.changed"
    with pytest.raises(Refused, match="nothing to confirm"):
        _confirm(office)


def test_a_sim_can_be_confirmed_right_after_a_restart_too(office: Office) -> None:
    _hear(office, LineStatus.UP, "ready", STICK, OLD_SIM)
    _hear(office, LineStatus.DOWN, "other_sim", STICK, NEW_SIM)
    office.write(lambda tx: desk_lines.forget_states(tx, office.clock()))
    _confirm(office)
    assert office.line().bound_iccid == NEW_SIM


def test_a_modem_that_tells_no_sim_can_be_confirmed(office: Office) -> None:
    _hear(office, LineStatus.UP, "ready", STICK, "")
    _hear(office, LineStatus.DOWN, "other_modem", OTHER_STICK, "")
    _confirm(office)
    assert (office.line().bound_imei, office.line().bound_iccid) == (OTHER_STICK, None)


@pytest.mark.parametrize("worked", [True, False])
def test_there_is_nothing_to_confirm_on_a_line_with_its_own_sim(office: Office, worked: bool) -> None:
    if worked:
        _hear(office, LineStatus.UP, "ready", STICK, OLD_SIM)
    with pytest.raises(Refused, match="nothing to confirm"):
        _confirm(office)


def test_a_line_gets_another_port_and_stays_bound_to_its_sim(office: Office) -> None:
    _hear(office, LineStatus.UP, "ready", STICK, OLD_SIM)
    office.write(lambda tx: desk_lines.set_port(tx, "front", "/dev/new", "person:Sam", office.clock()))
    line = office.line()
    assert (line.port, line.code, line.bound_imei, line.bound_iccid) == (
        "/dev/new",
        "opening",
        STICK,
        OLD_SIM,
    )
    assert office.event_kinds()[-1] == "line.changed"
    office.write(lambda tx: desk_lines.set_port(tx, "front", "/dev/new", "person:Sam", office.clock()))
    office.add_line("back")
    with pytest.raises(BadLine, match="The line back uses"):
        office.write(lambda tx: desk_lines.set_port(tx, "front", "/dev/back", "person:Sam", office.clock()))


def test_without_a_known_sim_another_port_is_another_device(office: Office) -> None:
    _hear(office, LineStatus.UP, "ready", STICK, "")
    office.write(lambda tx: desk_lines.set_port(tx, "front", "/dev/new", "person:Sam", office.clock()))
    assert office.line().bound_imei is None


def test_several_lines_may_look_for_their_modem_themselves(office: Office) -> None:
    for name in ("b", "c"):
        office.write(lambda tx, name=name: desk_lines.add(tx, name, "auto", "person:Sam", office.clock()))  # type: ignore[misc]
    assert _names(office) == ["front", "b", "c"]


def test_a_pin_is_kept_sealed_and_stands_nowhere_else(office: Office) -> None:
    office.write(lambda tx: desk_lines.set_pin(tx, "front", "4711", "person:Sam", office.clock()))
    sealed = office.line().pin_sealed
    assert office.database.keys.unseal(sealed) == "4711"
    assert b"4711" not in sealed
    assert _audited(office)[-1] == ("line.set", {"pin": None}, {"pin": None})


def test_a_number_and_limits_are_set(office: Office) -> None:
    now = office.clock()
    office.write(lambda tx: desk_lines.set_number(tx, "front", "+12025550100", "person:Sam", now))
    office.write(lambda tx: desk_lines.set_limits(tx, "front", [Limit(9, "hour")], "person:Sam", now))
    assert (office.line().number, office.line().limits) == ("+12025550100", ["9/hour"])
    office.add_line("back", number="+12025550101")
    with pytest.raises(BadLine, match="The line back has the number"):
        office.write(lambda tx: desk_lines.set_number(tx, "front", "+12025550101", "person:Sam", now))


def test_a_test_text_is_queued_by_that_line_and_says_so(office: Office) -> None:
    back = office.add_line("back")
    text = office.write(lambda tx: desk_lines.send_test(tx, "back", "+44 7700 900123", SAM, office.clock()))
    row = office.message(text)
    assert (row.line_id, row.peer, row.purpose, row.state) == (back, ANNA, "internal", "queued")
    assert "the line back" in row.body


def test_a_line_added_again_is_bound_anew(office: Office) -> None:
    _hear(office, LineStatus.UP, "ready", STICK, OLD_SIM)
    number = office.line().number
    office.write(lambda tx: desk_lines.remove(tx, "front", "person:Sam", office.clock()))
    office.add_line("front", number=number)
    assert (office.line().bound_imei, office.line().bound_iccid) == (None, None)
