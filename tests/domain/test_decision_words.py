"""What people read of a decision: one table of sentences, on one clock and on several."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain import decision_words, hours, limits, policy
from gateway.domain.clock_trust import Doubt
from gateway.domain.clock_words import WHY
from gateway.domain.decision_words import Clocks, decision, little_time, logged
from gateway.domain.hours import Opening
from gateway.domain.message import Purpose, Rank, State, WaitingFor
from gateway.domain.policy import Cap, Case, Decision, Refuse, SendNow, WaitUntil
from gateway.domain.zones import Source, Zones

NIGHT = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)  # Monday 22:10 in New York, Tuesday 04:10 in Madrid
MADRID, NEW_YORK, CHICAGO = map(ZoneInfo, ("Europe/Madrid", "America/New_York", "America/Chicago"))
H = timedelta(hours=1)
THERE = Clocks(NIGHT, MADRID, (NEW_YORK,))
SEVERAL = Clocks(NIGHT, MADRID, (NEW_YORK, CHICAGO))
HERE = Clocks(NIGHT, MADRID, (MADRID,))
MORNING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 08:00 in New York


def quiet(until: datetime | None) -> Decision:
    return WaitUntil(until, WaitingFor.QUIET_HOURS)


@pytest.mark.parametrize(
    ("found", "clocks", "said"),
    [
        (SendNow(), THERE, "This goes now."),
        (
            quiet(MORNING),
            THERE,
            "It is 22:10 for them. This will go Tuesday at 08:00 their time (14:00 here).",
        ),
        (quiet(MORNING), HERE, "It is 04:10. This will go today at 14:00."),
        (
            quiet(MORNING),
            SEVERAL,
            "It is between 21:10 and 22:10 for them. "
            "This will go today at 14:00 here (between 07:00 and 08:00 their time).",
        ),
        (
            quiet(MORNING + 48 * H),
            Clocks(NIGHT + 14 * H, MADRID, (NEW_YORK,)),
            "It is 12:10 on Tuesday for them. This will go Thursday at 08:00 their time (14:00 here).",
        ),
        (
            WaitUntil(NIGHT + 24 * H, WaitingFor.SCHEDULE),
            THERE,
            "This will go Tuesday at 22:10 their time (Wednesday 04:10 here), as chosen.",
        ),
        (
            WaitUntil(NIGHT + 24 * 40 * H, WaitingFor.SCHEDULE),
            HERE,
            "This will go Sunday 3 January 2027 at 04:10, as chosen.",
        ),
        (
            WaitUntil(MORNING, WaitingFor.CAP),
            THERE,
            "They have had all the automatic texts they may get for now. "
            "This will go Tuesday at 08:00 their time (14:00 here).",
        ),
        (
            WaitUntil(MORNING, WaitingFor.BUDGET),
            HERE,
            "This line has sent as many texts as it may in a day. This will go today at 14:00.",
        ),
        (Refuse(State.CANCELED, "opted_out"), THERE, "This will not go. They asked us to stop."),
        (Refuse(State.EXPIRED, "expired"), THERE, "This will not go. It was not sent in time."),
        (SendNow("begun"), THERE, "The rest goes now: part of it has gone already."),
        (SendNow("answer"), THERE, "This goes now: it answers what they just did."),
        (
            SendNow("urgent"),
            THERE,
            "It is 22:10 for them. This goes now all the same, because it was called urgent.",
        ),
    ],
)
def test_a_decision_in_a_sentence(found: Decision, clocks: Clocks, said: str) -> None:
    assert decision(found, clocks) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "just now"), (1, "1 minute ago"), (5, "5 minutes ago"), (119, "119 minutes ago")],
)
def test_an_answer_says_when_they_wrote(minutes: int, said: str) -> None:
    wrote = NIGHT - timedelta(minutes=minutes)
    assert decision(SendNow("live"), THERE, wrote) == f"This goes now: they wrote {said}."


def test_a_time_that_was_chosen_may_be_one_when_they_sleep() -> None:
    said = decision(quiet(MORNING + 24 * H), THERE, not_before=NIGHT + 24 * H)
    assert said.startswith("The chosen time is outside their hours. This will go Wednesday at 08:00")
    past = decision(quiet(MORNING), THERE, not_before=NIGHT - H)
    assert past.startswith("It is 22:10 for them.")


@pytest.mark.parametrize("why", WaitingFor)
@pytest.mark.parametrize("until", [None, MORNING], ids=["nobody can tell", "a time"])
def test_there_are_words_for_every_wait(why: WaitingFor, until: datetime | None) -> None:
    said = decision(WaitUntil(until, why), THERE)
    assert said.endswith(".") and "{" not in said and ".." not in said
    assert ("This will go" in said) == (until is not None)
    assert logged("waits", why.value, until, THERE).startswith("Held: ")
    assert "{" not in logged("waits", why.value, until, THERE)


@pytest.mark.parametrize(
    ("verdict", "why", "until", "said"),
    [
        (
            "waits",
            "quiet_hours",
            MORNING,
            "Held: outside their hours, until Tuesday at 08:00 their time (14:00 here).",
        ),
        ("waits", "clock", None, "Held: the clock of this box was not trusted."),
        ("refused", "opted_out", None, "Not sent. They asked us to stop."),
        ("goes", "live", None, "Allowed at once: they had just written."),
        ("goes", "urgent", None, "It is 22:10 for them. Allowed all the same: it was called urgent."),
    ],
)
def test_the_log_of_decisions(verdict: str, why: str, until: datetime | None, said: str) -> None:
    assert logged(verdict, why, until, THERE) == said


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(minutes=45), "45 minutes"),
        (timedelta(hours=2, minutes=5), "2 h 05"),
    ],
)
def test_little_time(left: timedelta, said: str) -> None:
    assert little_time(left) == f"That leaves them {said} to read it before it is too late."


# --- rules -------------------------------------------------------------------------------------------

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
    assert decision_words.rule(rule(case, NIGHT), THERE).verdict == verdict


def test_a_rule_says_what_it_looked_at() -> None:
    told = decision_words.rule(policy.quiet_hours(changed(**TALK, urgent=True), NIGHT), THERE)
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
    caps = decision_words.rule(policy.caps(changed(caps=[DAY_CAP]), NIGHT), THERE)
    assert caps.facts == (("At most", "1 automatic text in 24 hours"), ("They had", "0"))


@pytest.mark.parametrize("code", list(Doubt))
def test_why_the_clock_is_in_doubt_is_said_in_words(code: Doubt) -> None:
    ((label, why),) = decision_words.rule(policy.clock(changed(clock_doubt=code.value), NIGHT), THERE).facts
    assert label == "Doubt" and code.value not in why
    assert why.lower() == f"{WHY[code]}.".lower() and why[0].isupper()


def test_every_rule_has_words() -> None:
    titles = [decision_words.rule(judged, THERE).title for judged in policy.explain(CASE, NIGHT)]
    assert len(set(titles)) == len(policy.RULES)
