"""When an alarm is raised and over, how often it is told, and that what is said of it fits one text."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain import alarm_words
from gateway.domain.alarms import REMIND_EVERY, RULES, TELL_AGAIN_AFTER, UNKNOWN_FOR, Kind, Open, Step, judge
from gateway.domain.segments import segment

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
every = pytest.mark.parametrize("kind", list(Kind))


def alarm(well_since: datetime | None = None, told_at: datetime | None = NOW, *, seen: bool = False) -> Open:
    return Open(well_since, told_at, told_at, seen)


@every
def test_each_kind_has_a_rule_and_its_words(kind: Kind) -> None:
    rule, said = RULES[kind], alarm_words.ALARMS[kind]
    assert rule.kind is kind
    assert rule.is_trouble(rule.raised_at - (rule.over_at > rule.raised_at))
    assert not rule.is_over(rule.raised_at - (rule.over_at > rule.raised_at))
    assert rule.is_over(rule.over_at) and not rule.is_trouble(rule.over_at)
    for sentence in (said.doing, said.you_can, said.over, said.text):
        assert sentence.endswith(("}", ".", "?", "confirm", "--help", "--anyway")), sentence


@every
@pytest.mark.parametrize("what", ["raised", "reminder", "ended", "test"])
@pytest.mark.parametrize(
    "line", ["front", "A line with a name of forty letters, no", "Приём на первом этаже, налево"]
)
def test_as_a_text_it_fits_one_part(kind: Kind, what: str, line: str) -> None:
    words = "the modem was not found, and nobody knows why that may be so"
    detail = defaultdict(lambda: "99 texts", line=line, how=words, why=words, who="command:root")
    text = alarm_words.as_text(kind, what, detail)
    assert len(segment(text).texts) == 1
    assert "{" not in text and len(text) > 15


@every
def test_commands_that_are_named_exist(kind: Kind) -> None:
    from gateway.cli import main
    from tests.docs import commands

    known = {path for path, _ in commands(main)}
    for sentence in (alarm_words.ALARMS[kind].doing, alarm_words.ALARMS[kind].you_can):
        for named in sentence.split("sms-gateway ")[1:]:
            words = re.sub("[.,:)]", " ", named).split()
            if words[0] not in ("-e", "doctor"):
                assert {f"sms-gateway {words[0]}", f"sms-gateway {' '.join(words[:2])}"} & known, named


def test_it_is_raised_at_its_measure_and_not_before() -> None:
    rule = RULES[Kind.LINE_DOWN]
    assert judge(rule, 4.9, None, NOW) is None
    assert judge(rule, 5.0, None, NOW) is Step.RAISE
    assert judge(rule, 5.0, alarm(), NOW) is None
    disk = RULES[Kind.DISK]
    assert judge(disk, 10.0, None, NOW) is None
    assert judge(disk, 9.9, None, NOW) is Step.RAISE
    assert judge(disk, 11.0, alarm(), NOW) is None, "between the two it stays as it is"
    assert judge(disk, 12.0, alarm(), NOW) is Step.WELL


def test_it_ends_when_it_was_over_for_a_while() -> None:
    rule = RULES[Kind.LINE_DOWN]
    assert judge(rule, 0, alarm(), NOW) is Step.WELL
    assert judge(rule, 0, alarm(NOW - 9 * MINUTE), NOW) is None
    assert judge(rule, 0, alarm(NOW - 10 * MINUTE), NOW) is Step.END
    assert judge(rule, 1.0, alarm(NOW - 9 * MINUTE), NOW) is Step.UNWELL
    assert judge(rule, 0, alarm(NOW + MINUTE), NOW) is Step.WELL, "the clock was stepped back"
    assert judge(RULES[Kind.UNCLEAR], 0, alarm(), NOW) is Step.END, "a person decided: nothing to wait for"


def test_what_is_not_known_for_a_day_is_open_no_more() -> None:
    for rule in RULES.values():
        assert judge(rule, None, None, NOW) is None
        assert judge(rule, None, alarm(), NOW) is Step.WELL
        assert judge(rule, None, alarm(NOW - UNKNOWN_FOR + MINUTE), NOW) is None
        assert judge(rule, None, alarm(NOW - UNKNOWN_FOR), NOW) is Step.LAPSE
        assert judge(rule, rule.raised_at, alarm(NOW - UNKNOWN_FOR), NOW) is not Step.LAPSE


def test_it_is_reminded_of_once_a_day_until_it_is_seen() -> None:
    rule = RULES[Kind.LINE_DOWN]
    assert judge(rule, 9.0, alarm(told_at=NOW - REMIND_EVERY + MINUTE), NOW) is None
    assert judge(rule, 9.0, alarm(told_at=NOW - REMIND_EVERY), NOW) is Step.REMIND
    assert judge(rule, 9.0, alarm(told_at=NOW - REMIND_EVERY, seen=True), NOW) is None
    assert judge(rule, 9.0, alarm(told_at=NOW + 300 * REMIND_EVERY), NOW) is Step.REMIND, (
        "it was not told then"
    )


def test_one_that_came_back_too_soon_is_told_an_hour_later() -> None:
    rule = RULES[Kind.LINE_DOWN]
    soon = Open(None, None, NOW - TELL_AGAIN_AFTER + MINUTE, seen=False)
    assert judge(rule, 9.0, soon, NOW) is None
    assert judge(rule, 9.0, soon, NOW + MINUTE) is Step.REMIND
