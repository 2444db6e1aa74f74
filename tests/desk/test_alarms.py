"""Each alarm over real rows: raised by its trouble, told once, ended when it is over; and the texts to
staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from gateway.desk import alarm_readings, alarm_texts, lives, tries, unclear
from gateway.desk import alarms as desk
from gateway.desk import clock as desk_clock
from gateway.desk import lines as desk_lines
from gateway.domain import alarm_words
from gateway.domain.alarms import REMIND_EVERY, Kind
from gateway.domain.line import Accepted, CannotTell, LineState, LineStatus, NotNow, Recovery, Rung
from gateway.domain.message import Purpose
from gateway.store import alarms, settings
from gateway.store.tables import alarm_notices, backups, messages
from tests.office import ANNA, BEN, CARA, SAM, Office

OWNER = "+447700900777"
UP = LineState(LineStatus.UP, "ready")
KINDS = alarm_readings.OF_LINES | alarm_readings.OF_BOX


def back_up(office: Office) -> None:
    """A backup is made and verified."""
    at = office.clock()
    row = {"kind": "night", "started_at": at, "path": "x", "sealed": True, "verified_at": at}
    office.write(lambda tx: tx.execute(insert(backups), row))


class Watched:
    """An office that is looked at; `look` is what the program does each minute."""

    def __init__(self, office: Office) -> None:
        self.office, self.started = office, office.clock()

    def look(self, *, seldom: bool = False, doubt: str | None = None) -> None:
        office, now = self.office, self.office.clock()
        kinds = alarm_readings.judged(KINDS | (alarm_readings.SELDOM if seldom else frozenset()), doubt)

        def verb(tx: Any) -> None:
            found = [*alarm_readings.often(tx, self.started, now)]
            found += alarm_readings.seldom(tx, now) if seldom else []
            desk.follow(tx, desk.weigh(tx, [r for r in found if r.kind in kinds], kinds, now), now)

        office.write(verb)

    def open(self) -> list[str]:
        return [row.kind for row in self.office.read(alarms.every_open)]

    def pass_minutes(self, minutes: int, **how: Any) -> None:
        for _ in range(minutes):
            self.office.clock.step(minutes=1)
            self.look(**how)

    def every(self) -> list[Any]:
        past = self.office.read(lambda tx: alarms.past(tx, 100))
        return [*reversed(past), *self.office.read(alarms.every_open)]


@pytest.fixture
def watched(office: Office) -> Iterator[Watched]:
    """An office whose one line works."""
    office.hear(UP)
    back_up(office)
    yield Watched(office)


def notices(office: Office, way: str = "text") -> list[Any]:
    query = select(alarm_notices).where(alarm_notices.c.way == way).order_by(alarm_notices.c.id)
    return office.read(lambda tx: list(tx.execute(query)))


def tell(office: Office) -> None:
    """What the program does with the texts that are due."""

    def verb(tx: Any) -> None:
        for notice in alarms.due_notices(tx, desk.TEXT, office.clock(), 50):
            alarm_texts.tell(tx, notice, office.clock())

    office.write(verb)


def texts(office: Office) -> list[Any]:
    return [row for row in office.messages() if row.purpose == Purpose.INTERNAL.value]


# --- lines -------------------------------------------------------------------------------------------


def test_a_line_that_is_down_for_five_minutes(watched: Watched, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "not_registered"))
    watched.pass_minutes(4)
    assert watched.open() == []
    watched.pass_minutes(2)
    assert watched.open() == ["line_down"]
    (row,) = office.read(alarms.every_open)
    assert (
        alarm_words.happened(Kind.LINE_DOWN, row.detail)
        == "Line front has not worked for 5 minutes: no network."
    )
    assert "antenna" in alarm_words.you_can(Kind.LINE_DOWN, row.detail)
    office.hear(UP)
    watched.pass_minutes(5)
    assert watched.open() == ["line_down"], "it may go down again"
    watched.pass_minutes(7)
    assert watched.open() == []


def test_a_line_that_blinks_is_one_alarm(watched: Watched, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "alarms.numbers", OWNER))
    for _ in range(20):
        office.hear(LineState(LineStatus.DOWN, "port_lost"))
        watched.pass_minutes(7)
        office.hear(UP)
        watched.pass_minutes(2)
    assert [row.kind for row in watched.every()] == ["line_down"]
    assert len(notices(office)) == 1


def test_a_line_that_comes_and_goes_slowly_is_told_once_an_hour(watched: Watched, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "alarms.webhook", "http://127.0.0.1:9/"))
    for _ in range(6):
        office.hear(LineState(LineStatus.DOWN, "port_lost"))
        watched.pass_minutes(7)
        office.hear(UP)
        watched.pass_minutes(13)
    assert len(watched.every()) == 6
    assert [one.what for one in notices(office, "webhook")].count("raised") == 2


def test_a_line_that_was_removed_is_no_trouble_any_more(watched: Watched, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "not_registered"))
    watched.pass_minutes(6)
    office.write(lambda tx: desk_lines.remove(tx, "front", "command:test", office.clock()))
    watched.pass_minutes(1)
    assert watched.open() == []


def test_texts_that_do_not_go_though_nothing_holds_them(
    watched: Watched, office: Office, any_hour: None
) -> None:
    office.accept()
    watched.pass_minutes(9)
    assert watched.open() == []
    watched.pass_minutes(2)
    assert watched.open() == ["queue"]
    office.send_one(Accepted(7))
    watched.pass_minutes(12)
    assert watched.open() == []


def test_texts_that_wait_for_the_morning_are_no_trouble(watched: Watched, office: Office) -> None:
    office.clock.step(hours=13)
    watched.started = office.clock()
    office.accept(purpose=Purpose.TRANSACTIONAL)
    watched.pass_minutes(20)
    assert "queue" not in watched.open()


def test_texts_of_a_paused_line_are_no_trouble(watched: Watched, office: Office, any_hour: None) -> None:
    office.accept()
    office.write(lambda tx: desk_lines.pause(tx, "front", "person:Sam", office.clock()))
    watched.pass_minutes(20)
    assert watched.open() == []


def test_an_unclear_text_for_a_quarter_of_an_hour(watched: Watched, office: Office, any_hour: None) -> None:
    message_id = office.accept()
    office.send_one(CannotTell("timeout"))
    watched.pass_minutes(14)
    assert watched.open() == []
    watched.pass_minutes(2)
    assert watched.open() == ["unclear"]
    office.write(lambda tx: unclear.mark_sent(tx, message_id, SAM, office.clock()))
    watched.pass_minutes(1)
    assert watched.open() == []


def test_notices_that_had_to_be_switched_on_again(watched: Watched, office: Office) -> None:
    office.hear(Recovery(Rung.NOTICES, "notices_off"))
    watched.pass_minutes(1)
    assert watched.open() == ["notices"]
    office.clock.step(hours=22)
    watched.look()
    assert "notices" in watched.open()
    office.clock.step(hours=3)
    watched.look()
    assert "notices" not in watched.open()


@pytest.mark.parametrize(("used", "open_"), [("7", []), ("8", ["sim_full"]), ("10", ["sim_full"])])
def test_a_sim_that_is_nearly_full(watched: Watched, office: Office, used: str, open_: list[str]) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {"storage_used": used, "storage_total": "10"}))
    watched.pass_minutes(1)
    assert watched.open() == open_


def test_the_network_refuses_everybody(watched: Watched, office: Office, any_hour: None) -> None:
    for number in (ANNA, BEN, CARA):
        office.accept(number)
        office.send_one(NotNow("CMS 38"))
    watched.pass_minutes(1)
    assert watched.open() == ["balance"]
    (row,) = office.read(alarms.every_open)
    assert alarm_words.happened(Kind.BALANCE, row.detail).startswith(
        "Balance? The network refuses every text"
    )
    assert "CMS 38" in alarm_words.happened(Kind.BALANCE, row.detail)


# --- over weeks --------------------------------------------------------------------------------------


def history(office: Office, days: float, count: int, arrived: int, direction: str = "outbound") -> None:
    """Texts sent so long ago, of which so many arrived."""
    at = office.clock() - timedelta(days=days)
    ids = office.conversation(ANNA).id

    def put(tx: Any) -> None:
        for number in range(count):
            state = "delivered" if number < arrived else "undelivered"
            tx.execute(insert(messages), {
                "public_id": f"x{days}{number}", "conversation_id": ids, "line_id": office.line_id,
                "direction": direction, "purpose": "transactional", "state": state, "peer": ANNA, "body": "x",
                "segments": 1, "author_kind": "token", "created_at": at, "sent_at": at, "report_wanted": True,
            })  # fmt: skip

    office.write(put)


@pytest.mark.parametrize(
    ("before", "lately", "open_"),
    [
        ((40, 38), (20, 14), ["delivery"]),
        ((40, 38), (20, 18), []),
        ((40, 38), (19, 2), []),
        ((40, 20), (20, 10), []),
    ],
)
def test_fewer_texts_arrive_than_usual(
    watched: Watched, office: Office, before: tuple[int, int], lately: tuple[int, int], open_: list[str]
) -> None:
    office.text_from(ANNA, "Hello")
    history(office, 5, *before)
    history(office, 0.5, *lately)
    watched.look(seldom=True)
    assert watched.open() == open_


def test_one_that_cannot_be_measured_any_more_ends_and_says_so(watched: Watched, office: Office) -> None:
    office.text_from(ANNA, "Hello")
    history(office, 5, 40, 38)
    history(office, 0.5, 20, 14)
    watched.look(seldom=True)
    office.clock.step(hours=30)  # the office is closed: nothing is sent
    watched.look(seldom=True)
    assert "delivery" in watched.open()
    office.clock.step(hours=24)
    watched.look(seldom=True)
    assert "delivery" not in watched.open()
    (row,) = [one for one in watched.every() if one.kind == Kind.DELIVERY]
    assert alarm_words.over(Kind.DELIVERY, row.detail) == f"{alarm_words.LAPSED}."
    assert alarm_words.as_text(Kind.DELIVERY, "ended", row.detail).startswith(
        f"{alarm_words.LAPSED}: Line front"
    )


# --- the box -----------------------------------------------------------------------------------------


def test_no_verified_backup_for_26_hours(watched: Watched, office: Office) -> None:
    office.clock.step(hours=25.9)
    watched.look()
    assert watched.open() == []
    office.clock.step(minutes=10)
    watched.look()
    assert watched.open() == ["backup"]
    back_up(office)
    watched.look()
    assert watched.open() == []


def test_an_office_without_any_backup_is_told_after_its_first_day(office: Office) -> None:
    office.hear(UP)
    watched = Watched(office)
    watched.look()
    assert watched.open() == []
    office.clock.step(hours=27)
    watched.look()
    assert watched.open() == ["backup"]


def test_a_clock_in_doubt_is_told_and_nothing_is_judged_by_it(watched: Watched, office: Office) -> None:
    office.write(lambda tx: desk_clock.set_doubt(tx, "jumped", office.clock()))
    office.clock.step(hours=30)
    watched.look(doubt="jumped")
    assert watched.open() == ["clock"], "the backup looks old by a clock that may be wrong"
    office.write(lambda tx: desk_clock.set_doubt(tx, None, office.clock()))
    watched.pass_minutes(12)
    assert watched.open() == ["backup"]


def test_sign_ins_that_fail(watched: Watched, office: Office) -> None:
    for _ in range(9):
        office.write(lambda tx: tries.failed(tx, "ruth", "192.168.1.9", office.clock()))
    watched.look()
    assert watched.open() == []
    office.write(lambda tx: tries.failed(tx, "ruth", "192.168.1.9", office.clock()))
    watched.look()
    assert watched.open() == ["sign_ins"]
    watched.pass_minutes(26)
    assert watched.open() == []


def test_restarts_that_nobody_asked_for(watched: Watched, office: Office) -> None:
    def live(*, ends: bool) -> None:
        office.write(lambda tx: lives.started(tx, office.clock()))
        if ends:
            office.write(lives.ended)
        office.clock.step(minutes=5)
        watched.look()

    live(ends=True)
    live(ends=True)
    live(ends=False)
    live(ends=False)
    assert watched.open() == []
    live(ends=False)
    assert watched.open() == ["restarts"]
    watched.pass_minutes(80)
    assert watched.open() == []


# --- telling -----------------------------------------------------------------------------------------


@pytest.fixture
def owner(watched: Watched, office: Office) -> Watched:
    """Serious alarms are texted, and there is a second line."""
    office.write(lambda tx: settings.put(tx, "alarms.numbers", OWNER))
    office.hear(UP, office.add_line("back"))
    return watched


def test_a_text_about_a_line_goes_by_another_one(owner: Watched, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "not_registered"))
    owner.pass_minutes(6)
    tell(office)
    (text,) = texts(office)
    assert (text.line_id != office.line_id, text.peer, text.segments) == (True, OWNER, 1)
    assert text.body.startswith("Line front has not worked for 5 minutes: no network.")
    office.hear(UP)
    owner.pass_minutes(12)
    tell(office)
    assert [one.body for one in texts(office) if "front" in one.body][1:] == ["Line front works again."]


def test_a_line_never_tells_of_itself_though_it_works(owner: Watched, office: Office) -> None:
    office.hear(LineState(LineStatus.UP, "ready", {"storage_used": "9", "storage_total": "10"}))
    owner.pass_minutes(1)
    tell(office)
    (text,) = texts(office)
    assert text.body.startswith("Line front: 9 of 10 places") and text.line_id != office.line_id


def test_without_another_line_it_waits_and_is_not_told_late(owner: Watched, office: Office) -> None:
    office.write(lambda tx: desk_lines.pause(tx, "back", "person:Sam", office.clock()))
    office.hear(LineState(LineStatus.DOWN, "not_registered"))
    owner.pass_minutes(6)
    tell(office)
    (notice,) = notices(office)
    assert notice.problem == alarm_words.NO_LINE and notice.due_at == office.clock() + alarm_texts.AGAIN_AFTER
    office.hear(UP)
    owner.pass_minutes(12)
    tell(office)
    assert texts(office) == []
    assert {one.problem for one in notices(office)} == {alarm_words.OVER_BEFORE}


def test_a_text_to_staff_goes_at_night_and_though_they_said_nothing(owner: Watched, office: Office) -> None:
    office.clock.step(hours=16)
    office.write(lambda tx: desk.test(tx, "person:Ruth", office.clock()))
    tell(office)
    (text,) = texts(office)
    assert text.waiting_for is None and text.due_at == office.clock()


def test_a_days_texts_are_not_exceeded(owner: Watched, office: Office) -> None:
    office.write(lambda tx: settings.put(tx, "alarms.texts_a_day", "3"))
    for _ in range(5):
        office.write(lambda tx: desk.test(tx, "person:Ruth", office.clock()))
        office.clock.step(minutes=1)
    tell(office)
    assert len(texts(office)) == 3
    assert [one.problem for one in notices(office)] == [None] * 3 + [alarm_words.TOO_MANY] * 2
    office.clock.step(hours=25)
    office.write(lambda tx: desk.test(tx, "person:Ruth", office.clock()))
    tell(office)
    assert len(texts(office)) == 4


def test_it_is_reminded_of_daily_until_somebody_saw_it(owner: Watched, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "not_registered"))
    owner.pass_minutes(6)
    tell(office)
    for _ in range(3):
        office.clock.step(seconds=REMIND_EVERY.total_seconds())
        owner.look()
        tell(office)
    about = [one.body for one in texts(office) if "front" in one.body]
    assert len(about) == 4 and all(one.startswith("Still: ") for one in about[1:])
    assert office.write(lambda tx: desk.seen(tx, None, "person:Ruth", office.clock())) >= 1
    office.clock.step(seconds=REMIND_EVERY.total_seconds())
    owner.look()
    tell(office)
    assert len([one for one in texts(office) if "front" in one.body]) == 4


def test_a_warning_costs_no_text(owner: Watched, office: Office) -> None:
    office.hear(Recovery(Rung.NOTICES, "notices_off"))
    owner.pass_minutes(1)
    assert owner.open() == ["notices"] and notices(office) == []


def test_seen_is_noted_once_and_the_same_alarm_is_open_once(owner: Watched, office: Office) -> None:
    office.hear(LineState(LineStatus.DOWN, "not_registered"))
    owner.pass_minutes(6)
    owner.look()
    (row,) = office.read(alarms.every_open)
    for expected in (1, 0):
        assert office.write(lambda tx: desk.seen(tx, row.id, "person:Ruth", office.clock())) == expected
    (row,) = office.read(alarms.every_open)
    assert (row.seen_by, row.seen_at) == ("Ruth", office.clock())
    assert {"alarm.raised", "alarm.changed"} <= set(office.event_kinds())
