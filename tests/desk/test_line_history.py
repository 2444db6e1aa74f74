"""What a line tells of itself: its abilities, what it is bound to, its log and its samples."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.line import Abilities, LineState, LineStatus, Recovery, Rung
from gateway.store import line_history
from tests.conftest import MONDAY
from tests.office import Office

OLD_SIM, NEW_SIM = "8944100000000000001", "8944100000000000002"
STICK, OTHER_STICK = "350000000000001", "350000000000002"


def up(**facts: str) -> LineState:
    return LineState(LineStatus.UP, "ready", facts)


def down(code: str, **facts: str) -> LineState:
    return LineState(LineStatus.DOWN, code, facts)


def log(office: Office, kind: str | None = None) -> list[tuple[str, str, str]]:
    rows = office.read(lambda tx: line_history.log(tx, office.line_id, kind))
    return [(row.kind, row.code, row.detail) for row in rows][::-1]


def samples(office: Office) -> list[tuple[int, str, int | None]]:
    rows = office.read(lambda tx: line_history.samples(tx, office.line_id, MONDAY))
    return [((row.at - MONDAY) // timedelta(minutes=1), row.code, row.signal_dbm) for row in rows]


def test_what_a_line_can_do_stays_known_while_it_is_away(office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", abilities=Abilities(unicode=False)))
    office.hear(down("port_lost"))
    abilities = office.line().abilities
    assert (abilities["unicode"], abilities["multipart"]) == (False, True)


def test_a_line_is_bound_to_what_it_first_worked_with(office: Office) -> None:
    office.hear(down("not_registered", imei=STICK, iccid=NEW_SIM))
    assert (office.line().bound_imei, office.line().bound_iccid) == (None, None)
    office.hear(up(imei=STICK, iccid=OLD_SIM))
    assert (office.line().bound_imei, office.line().bound_iccid) == (STICK, OLD_SIM)


def test_a_sim_may_move_to_another_modem_and_that_is_logged(office: Office) -> None:
    office.hear(up(imei=STICK, iccid=OLD_SIM))
    office.hear(up(imei=OTHER_STICK, iccid=OLD_SIM))
    assert (office.line().bound_imei, office.line().bound_iccid) == (OTHER_STICK, OLD_SIM)
    assert log(office, "device") == [("device", "other_modem", f"{STICK}, now {OTHER_STICK}")]


@pytest.mark.parametrize("iccid", [NEW_SIM, ""])
def test_another_sim_is_never_taken_by_itself(office: Office, iccid: str) -> None:
    office.hear(up(imei=STICK, iccid=OLD_SIM))
    office.hear(up(imei=OTHER_STICK, iccid=iccid))
    assert (office.line().bound_imei, office.line().bound_iccid) == (STICK, OLD_SIM)


def test_a_modem_with_another_sim_is_not_taken_either(office: Office) -> None:
    office.hear(up(iccid=OLD_SIM))
    office.hear(up(imei=OTHER_STICK, iccid=NEW_SIM))
    assert (office.line().bound_imei, office.line().bound_iccid) == (None, OLD_SIM)


def test_a_device_that_tells_no_sim_is_bound_by_itself_and_the_sim_once_it_is_told(office: Office) -> None:
    office.hear(up(imei=STICK))
    assert (office.line().bound_imei, office.line().bound_iccid) == (STICK, None)
    office.hear(up(imei=STICK, iccid=OLD_SIM))
    assert (office.line().bound_imei, office.line().bound_iccid) == (STICK, OLD_SIM)


def test_changes_of_state_are_logged_and_news_of_the_signal_are_not(office: Office) -> None:
    office.hear(up(signal_dbm="-71"))
    office.hear(up(signal_dbm="-73"))
    office.hear(down("port_lost", detail="read: Input/output error"))
    assert log(office)[1:] == [("state", "ready", ""), ("state", "port_lost", "read: Input/output error")]


def test_steps_of_recovery_are_logged_and_told(office: Office) -> None:
    office.hear(Recovery(Rung.RADIO, "not_registered", "+CREG: 0,2"))
    office.hear(Recovery(Rung.RESET, "no_answer"))
    assert log(office, "recovery") == [
        ("recovery", "radio", "not_registered: +CREG: 0,2"),
        ("recovery", "reset", "no_answer"),
    ]
    assert office.event_kinds()[-2:] == ["line.recovering", "line.recovering"]


def test_samples_come_every_five_minutes_and_with_every_other_state(office: Office) -> None:
    for _ in range(7):
        office.hear(up(signal_dbm="-71"))
        office.clock.step(minutes=2)
    office.hear(down("not_registered"))
    office.hear(up(signal_dbm="none"))  # at the same moment: one sample of each is kept
    assert samples(office) == [(0, "ready", -71), (6, "ready", -71), (12, "ready", -71), (14, "ready", None)]


def test_a_clock_set_back_does_not_stop_the_samples(office: Office) -> None:
    office.hear(up(signal_dbm="-71"))
    office.clock.step(hours=-1)
    office.hear(up(signal_dbm="-90"))
    rows = office.read(lambda tx: line_history.samples(tx, office.line_id, office.clock()))
    assert [row.signal_dbm for row in rows] == [-90, -71]


def test_down_counts_from_when_it_last_worked_whatever_the_trouble_is_called(office: Office) -> None:
    def since() -> object:
        return office.read(lambda tx: line_history.down_since(tx, office.line_id))

    assert since() == MONDAY, "it was added, and never worked"
    office.hear(down("port_missing"))
    office.hear(up())
    began = office.clock.step(minutes=1)
    for code in ("port_lost", "not_registered", "denied"):
        office.hear(down(code))
        assert since() == began
        office.clock.step(minutes=1)


def test_old_samples_and_log_entries_are_forgotten(office: Office) -> None:
    office.hear(up())
    office.clock.step(days=31)
    office.write(lambda tx: line_history.forget_old(tx, office.clock()))
    assert samples(office) == [] and log(office) != []
    office.clock.step(days=365)
    office.write(lambda tx: line_history.forget_old(tx, office.clock()))
    assert log(office) == []
