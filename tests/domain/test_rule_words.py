"""What each rule says of a text, in words, with what it looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain import hours, limits, policy, rule_words
from gateway.domain.clock_trust import Doubt
from gateway.domain.clock_words import WHY
from gateway.domain.decision_words import Clocks
from gateway.domain.hours import Opening
from gateway.domain.message import Purpose, Rank
from gateway.domain.policy import Awaited, Cap, Case
from gateway.domain.zones import Source, Zones

NEW_YORK, MADRID = ZoneInfo("America/New_York"), ZoneInfo("Europe/Madrid")
NIGHT = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)  # Monday 22:10 in New York, Tuesday 04:10 in Madrid
H = timedelta(hours=1)
THERE = Clocks(NIGHT, MADRID, (NEW_YORK,))
OPENING = Opening((hours.parse("daily 08:00-20:00"),), (NEW_YORK,))
CASE = Case(Purpose.TRANSACTIONAL, Rank.REMINDER, NIGHT, Zones(("America/New_York",), Source.NUMBER), OPENING)


def changed(**changes: object) -> Case:
    return replace(CASE, **changes)  # type: ignore[arg-type]


DAY_CAP = Cap(1, 24 * H, policy.AUTOMATED)
TALK: dict[str, object] = {"purpose": Purpose.CONVERSATIONAL, "they_wrote_at": NIGHT - H}


@pytest.mark.parametrize(
    ("rule", "case", "verdict"),
    [
        (policy.consent, CASE, "They did not ask us to stop."),
        (
            policy.consent,
            changed(suppressed_since=NIGHT - H),
            "They asked us to stop. Only they can start again, by texting START.",
        ),
        (
            policy.consent,
            changed(suppressed_since=NIGHT, purpose=Purpose.COMPLIANCE),
            "They asked us to stop; this only confirms it.",
        ),
        (policy.deadline, CASE, "It has no deadline."),
        (policy.deadline, changed(send_by=NIGHT + H), "There is still time."),
        (policy.deadline, changed(send_by=NIGHT - H), "It is too late now, so it is not sent."),
        (
            policy.deadline,
            changed(send_by=NIGHT - H, clock_doubt="jumped"),
            "It is too late by the clock, but the clock may be wrong, so this waits.",
        ),
        (policy.restored, CASE, "Nothing was restored that an admin has not looked at."),
        (
            policy.restored,
            changed(restored_unseen=True, purpose=Purpose.CONVERSATIONAL),
            "A backup was restored, but a text of this kind may go.",
        ),
        (
            policy.restored,
            changed(restored_unseen=True),
            "A backup was restored, and no admin has looked yet at what it does not know. "
            "Automatic texts wait until an admin has looked at this. Replies that people write go out.",
        ),
        (policy.schedule, CASE, "No time was chosen."),
        (policy.schedule, changed(not_before=NIGHT - H), "Its time has come."),
        (policy.schedule, changed(not_before=NIGHT + H), "Its time has not come."),
        (policy.clock, CASE, "The clock is trusted."),
        (
            policy.clock,
            changed(clock_doubt="stepped"),
            "The clock may be wrong, so this waits until it is right.",
        ),
        (
            policy.clock,
            changed(clock_doubt="stepped", **TALK),
            "The clock may be wrong, but this may go now.",
        ),
        (policy.quiet_hours, CASE, "It is outside the hours for this kind of text."),
        (
            policy.quiet_hours,
            changed(awaited=Awaited(("GB",))),
            "Waiting until the public holidays of GB are known.",
        ),
        (
            policy.quiet_hours,
            changed(urgent=True),
            "It is 22:10 for them, but it was called urgent.",
        ),
        (
            policy.quiet_hours,
            changed(**TALK),
            "It is 22:10 for them, but they have just written, so an answer may go.",
        ),
        (
            policy.quiet_hours,
            changed(purpose=Purpose.INTERNAL),
            "A text of this kind may go at this hour.",
        ),
        (policy.caps, CASE, "No limit is set."),
        (policy.caps, changed(caps=[DAY_CAP]), "They are below the limit."),
        (
            policy.caps,
            changed(caps=[DAY_CAP], had=[(Purpose.AUTO, NIGHT - H)]),
            "They have had all the automatic texts they may get for now.",
        ),
        (policy.line, CASE, "The line is not paused."),
        (policy.line, changed(paused=True), "Somebody paused the line."),
        (policy.rate, CASE, "The line has no limit."),
        (policy.rate, changed(limits=[limits.parse("6/minute")]), "The line is below its limits."),
        (
            policy.rate,
            changed(limits=[limits.parse("1/minute")], left=[NIGHT]),
            "The line is at its sending limit for the moment.",
        ),
        (
            policy.rate,
            changed(limits=[limits.parse("1/day")], left=[NIGHT]),
            "The line has sent as many texts as it may in a day.",
        ),
    ],
)
def test_a_rules_verdict(rule: policy.Rule, case: Case, verdict: str) -> None:
    assert rule_words.rule(rule(case, NIGHT), THERE).verdict == verdict


def test_a_rule_says_what_it_looked_at() -> None:
    told = rule_words.rule(policy.quiet_hours(changed(**TALK, urgent=True), NIGHT), THERE)
    assert (told.title, told.facts) == (
        "Hours",
        (
            ("Their clock", "It is 22:10 for them."),
            ("Where they are", "New York"),
            ("Known from", "their number"),
            ("Hours", "daily 08:00-20:00"),
            ("They wrote", "60 minutes ago"),
            ("Urgent", "yes"),
        ),
    )
    caps = rule_words.rule(policy.caps(changed(caps=[DAY_CAP]), NIGHT), THERE)
    assert caps.facts == (("At most", "1 automatic text in 24 hours"), ("They had", "0"))


@pytest.mark.parametrize("code", list(Doubt))
def test_why_the_clock_is_in_doubt_is_said_in_words(code: Doubt) -> None:
    ((label, why),) = rule_words.rule(policy.clock(changed(clock_doubt=code.value), NIGHT), THERE).facts
    assert label == "Doubt" and code.value not in why
    assert why.lower() == f"{WHY[code]}.".lower() and why[0].isupper()


def test_every_rule_has_words() -> None:
    titles = [rule_words.rule(judged, THERE).title for judged in policy.explain(CASE, NIGHT)]
    assert len(set(titles)) == len(policy.RULES)
