"""What the rules of the right time decide together: each row is a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import policy
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.policy import Case, Decision, Refuse, SendNow, WaitUntil
from tests.domain.policy_cases import (
    ANSWER,
    AUTO,
    BEGUN,
    CAPS,
    CHICAGO,
    CONFIRMATION,
    FEEDBACK,
    FOR_THE_CLOCK,
    GOES,
    KATHMANDU,
    LIVE,
    LONDON,
    LOS_ANGELES,
    NEW_YORK,
    OFFER,
    OPTED_OUT,
    REMINDER,
    REPLY,
    STAFF,
    TOO_LATE,
    URGENT,
    asleep,
    at,
    capped,
    in_talk,
    planned,
    rows,
    text,
    them,
    till,
)

HAD_THREE = them(REMINDER, "Mon 20:00", "Mon 20:10", "Mon 20:20")


@rows(
    *(
        (f"a {purpose} text on a Monday at noon goes", text(purpose, caps=CAPS), "Mon 12:00", GOES)
        for purpose in Purpose
    ),
    # what ends a text goes before what holds it
    ("stop ends what waits for its time",
     text(REPLY, suppressed_since="Mon 09:00", not_before="Tue 09:00"), "Mon 12:00", OPTED_OUT),
    ("stop ends what waits for the night to end",
     text(REPLY, suppressed_since="Mon 09:00"), "Mon 22:00", OPTED_OUT),
    ("stop ends what waits for the clock",
     text(REPLY, suppressed_since="Mon 09:00", clock_doubt="jumped"), "Mon 12:00", OPTED_OUT),
    ("stop ends what waits for a cap",
     text(REMINDER, suppressed_since="Mon 09:00", caps=CAPS, had=HAD_THREE), "Tue 12:00", OPTED_OUT),
    ("stop says more than too late",
     text(REPLY, suppressed_since="Mon 09:00", send_by="Mon 10:00"), "Mon 12:00", OPTED_OUT),
    ("the confirmation of stop goes at night in a doubtful hour",
     text(CONFIRMATION, suppressed_since="Mon 03:00", clock_doubt="jumped"), "Mon 03:00", ANSWER),
    ("what is useless ends, though it was to wait for the morning",
     text(REMINDER, send_by="Mon 21:30"), "Mon 22:00", TOO_LATE),
    ("what is useless ends, though it is urgent",
     text(REPLY, urgent=True, send_by="Mon 21:30"), "Mon 22:00", TOO_LATE),
    ("what is useless ends, though they had enough",
     text(REMINDER, send_by="Mon 21:30", caps=CAPS, had=HAD_THREE), "Mon 22:00", TOO_LATE),
    # half a text is worse than a whole one
    ("a begun text is completed at night", text(REMINDER, begun=True), "Mon 23:00", BEGUN),
    ("a begun text is completed after stop",
     text(REMINDER, begun=True, suppressed_since="Mon 12:00"), "Mon 12:00", BEGUN),
    ("a begun text is completed after its deadline",
     text(REMINDER, begun=True, send_by="Mon 11:00"), "Mon 12:00", BEGUN),
    ("a begun text is completed whatever the clock says",
     text(REMINDER, begun=True, clock_doubt="jumped"), "Mon 12:00", BEGUN),
    ("a begun text is completed beyond the caps",
     text(REMINDER, begun=True, caps=CAPS, had=HAD_THREE), "Mon 20:30", BEGUN),
    ("a begun offer is completed at night", text(OFFER, begun=True), "Mon 23:00", BEGUN),
    ("a begun text is completed though its time was moved",
     text(REPLY, begun=True, not_before="Tue 09:00"), "Mon 12:00", BEGUN),
    # the longest wait, and looking again then
    ("a time chosen by day goes then",
     text(REPLY, not_before="Tue 09:00"), "Mon 22:00", planned("Tue 09:00")),
    ("a time chosen at night waits for the morning after it",
     text(REPLY, not_before="Tue 03:00"), "Mon 12:00", asleep("Tue 08:00")),
    ("a time chosen in the evening waits for the next morning",
     text(REPLY, not_before="Mon 21:00"), "Mon 12:00", asleep("Tue 08:00")),
    ("a time chosen for the minute they wake goes then",
     text(REPLY, not_before="Tue 08:00"), "Mon 12:00", planned("Tue 08:00")),
    ("an urgent text of a chosen time goes at that time of night",
     text(REPLY, urgent=True, not_before="Tue 03:00"), "Mon 12:00", planned("Tue 03:00")),
    ("an urgent text goes at that time of night",
     text(REPLY, urgent=True, not_before="Tue 03:00"), "Tue 03:00", URGENT),
    ("a time chosen in their evening is our night",
     text(REPLY, NEW_YORK, not_before="Tue 00:30"), "Mon 22:00", planned("Tue 00:30")),
    ("a time chosen in our evening may be their morning",
     text(REPLY, KATHMANDU, not_before="Mon 20:00"), "Mon 12:00", asleep("Tue 02:15")),
    ("a Sunday chosen for an offer becomes Monday",
     text(OFFER, not_before="Sun 12:00"), "Mon 12:00", asleep("2026-03-09 10:00")),
    ("a holiday chosen for an offer becomes the day after",
     text(OFFER, not_before="Tue 12:00", holidays=["2026-03-03"]), "Mon 12:00", asleep("Wed 10:00")),
    ("two holidays in a row are passed over",
     text(OFFER, not_before="Tue 12:00", holidays=["2026-03-03", "2026-03-04"]), "Mon 12:00",
     asleep("Thu 10:00")),
    ("after the cap ends at night they sleep",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 02:00", "Mon 10:00", "Mon 11:00")), "Mon 12:00",
     capped("Tue 08:00")),
    ("after the cap ends by day it goes",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 09:00", "Mon 10:00", "Mon 11:00")), "Mon 12:00",
     capped("Tue 09:00")),
    ("after the night the cap may still hold it",
     text(REMINDER, caps=CAPS, had=HAD_THREE), "Mon 21:30", capped("Tue 20:00")),
    ("a cap until the evening's end means the morning after",
     text(REMINDER, window="daily 08:00-20:00", caps=CAPS, had=HAD_THREE), "Mon 21:30", capped("Wed 08:00")),
    ("a chosen time after the cap is the longest wait",
     text(REMINDER, caps=CAPS, had=HAD_THREE, not_before="Wed 09:00"), "Mon 21:30", planned("Wed 09:00")),
    ("a chosen time before the cap ends is not",
     text(REMINDER, caps=CAPS, had=HAD_THREE, not_before="Tue 09:00"), "Mon 21:30", capped("Tue 20:00")),
    ("at the chosen time others may have filled the cap",
     text(REMINDER, not_before="Tue 12:00", caps=CAPS, had=them(REMINDER, *["Tue 09:00"] * 3)), "Mon 12:00",
     capped("Wed 09:00")),
    ("the second offer of a day waits until the next",
     text(OFFER, caps=CAPS, had=them(OFFER, "Mon 11:00")), "Mon 12:00", capped("Tue 11:00")),
    ("the second offer of a Saturday waits until Monday",
     text(OFFER, caps=CAPS, had=them(OFFER, "Sat 11:00")), "Sat 12:00", capped("2026-03-09 10:00")),
    ("the fifth offer of a month waits for the first to be thirty days old",
     text(OFFER, caps=CAPS,
     had=them(OFFER, "2026-02-06 12:00", "2026-02-10 12:00", "2026-02-16 12:00", "2026-02-20 12:00")),
     "Mon 12:00", capped("2026-03-09 10:00")),
    ("the seventh reminder accepted at once goes in three days",
     text(REMINDER, caps=CAPS, had=them(REMINDER, *["Mon 12:00"] * 3, *["Tue 12:00"] * 3)), "Mon 12:00",
     capped("Wed 12:00")),
    # useful until then
    ("what will be useless by the morning waits all the same: it may be hurried",
     text(REMINDER, send_by="Tue 07:00"), "Mon 22:00", asleep("Tue 08:00")),
    ("what will be useless at its chosen time waits all the same: it may be moved",
     text(REMINDER, send_by="Tue 07:00", not_before="Tue 09:00"), "Mon 12:00", planned("Tue 09:00")),
    ("what is useful until the window opens goes then",
     text(REMINDER, send_by="Tue 08:00"), "Mon 22:00", asleep("Tue 08:00")),
    ("a today-until-five text that was held until ten to five goes",
     text(REMINDER, send_by="Mon 17:00"), "Mon 16:50", GOES),
    ("a today-until-five text that was held until ten past five does not",
     text(REMINDER, send_by="Mon 17:00"), "Mon 17:10", TOO_LATE),
    # a clock nobody trusts
    ("a clock in doubt holds what would go now",
     text(REMINDER, clock_doubt="jumped"), "Mon 12:00", FOR_THE_CLOCK),
    ("a clock in doubt holds what is late by it",
     text(REMINDER, send_by="Mon 09:00", clock_doubt="jumped"), "Mon 12:00", FOR_THE_CLOCK),
    ("a clock in doubt goes before the night",
     text(REMINDER, clock_doubt="jumped"), "Mon 23:00", FOR_THE_CLOCK),
    ("a clock in doubt goes before a chosen time",
     text(REMINDER, clock_doubt="jumped", not_before="Tue 09:00"), "Mon 12:00", FOR_THE_CLOCK),
    ("staff are told at night in a doubtful hour", text(STAFF, clock_doubt="jumped"), "Mon 03:00", GOES),
    ("an automatic answer goes at night in a doubtful hour",
     text(AUTO, answers=True, written_at="Mon 02:50", clock_doubt="jumped"), "Mon 03:00", ANSWER),
    ("an urgent text waits for the clock",
     text(REPLY, urgent=True, clock_doubt="jumped"), "Mon 03:00", FOR_THE_CLOCK),
    ("a reply in a live conversation does not wait for the clock",
     in_talk("Mon 02:00", "Mon 02:05", clock_doubt="jumped"), "Mon 02:05", ANSWER),
    # people who talk to each other
    ("after a text at 02:00 the reply of 02:05 goes", in_talk("Mon 02:00", "Mon 02:05"), "Mon 02:05", LIVE),
    ("after a text at 02:00 the poll of 02:06 is held",
     text(FEEDBACK, they_wrote_at="Mon 02:00", written_at="Mon 02:06", caps=CAPS), "Mon 02:06",
     asleep("Mon 08:00")),
    ("after a text at 02:00 the automatic text of 02:06 is held",
     text(AUTO, they_wrote_at="Mon 02:00", written_at="Mon 02:06", caps=CAPS), "Mon 02:06",
     asleep("Mon 08:00")),
    ("a reply that the line kept for two hours waits for the morning",
     in_talk("Mon 02:00", "Mon 02:05"), "Mon 04:05", asleep("Mon 08:00")),
    ("a reply at night to a text of the evening waits",
     in_talk("Mon 20:00", "Mon 23:00"), "Mon 23:00", asleep("Tue 08:00")),
    ("a live reply for a chosen time of night waits for the morning",
     in_talk("Mon 02:00", "Mon 02:05", not_before="Mon 05:00"), "Mon 02:05", asleep("Mon 08:00")),
    ("a live reply for in half an hour goes then",
     in_talk("Mon 02:00", "Mon 02:05", not_before="Mon 02:35"), "Mon 02:05", planned("Mon 02:35")),
    ("a reply to who had three reminders goes",
     in_talk("Mon 20:30", "Mon 20:40", caps=CAPS, had=HAD_THREE), "Mon 20:40", LIVE),
    ("an urgent reminder at night keeps the cap",
     text(REMINDER, urgent=True, caps=CAPS, had=HAD_THREE), "Mon 23:00", capped("Tue 20:00")),
    # places
    ("who may live on either coast gets it when both are awake",
     text(REPLY, NEW_YORK, LOS_ANGELES), "Mon 12:00", asleep("Mon 16:00")),
    ("who may live in two zones sleeps when the first one does",
     text(REPLY, NEW_YORK, CHICAGO), "Tue 01:30", asleep("Tue 14:00")),
    ("an offer to nobody knows where waits until somebody knows",
     text(OFFER, unsure=True, caps=CAPS), "Mon 12:00", asleep(None)),
    ("an offer to nobody knows where ends by stop",
     text(OFFER, unsure=True, suppressed_since="Mon 09:00"), "Mon 12:00", OPTED_OUT),
    ("a reminder to nobody knows where goes by the line's clock",
     text(REMINDER, unsure=True), "Mon 12:00", GOES),
    ("two zones that never share the window hold it",
     text(REPLY, "Asia/Tokyo", NEW_YORK, window="daily 12:00-13:00"), "Mon 12:00", asleep(None)),
    # nights that are shorter, or longer
    ("a chosen time in the hour that is skipped waits for that morning",
     text(REPLY, not_before="2026-03-29 01:30 UTC"), "2026-03-28 12:00", asleep("2026-03-29 07:00 UTC")),
    ("a cap of 24 hours ends an hour later by the clock in spring",
     text(REMINDER, caps=CAPS, had=them(REMINDER, *["2026-03-28 19:30"] * 3)), "2026-03-28 19:40",
     capped("2026-03-29 19:30 UTC")),
    ("and may end an hour sooner by the clock, in their night, in autumn",
     text(REMINDER, caps=CAPS, had=them(REMINDER, *["2026-10-24 08:30"] * 3)), "2026-10-24 12:00",
     capped("2026-10-25 08:00 UTC")),
    ("a text held over the night the clocks change goes at eight",
     text(REPLY), "2026-10-24 22:00 UTC", asleep("2026-10-25 08:00 UTC")),
    # what only the line waits for is no word about the text
    ("a paused line is not the text's matter", text(REPLY, paused=True), "Mon 12:00", GOES),
    ("a spent budget is not the text's matter",
     text(REMINDER, limited="1/day", left=["Mon 11:00"]), "Mon 12:00", GOES),
)  # fmt: skip
def test_what_is_decided_about_a_text(case: Case, now: datetime, expected: Decision) -> None:
    assert policy.decide(case, now) == expected


@rows(
    ("nothing in the way", text(REMINDER, limited="6/minute"), "Mon 12:00", GOES),
    ("a paused line holds it until somebody resumes it",
     text(REMINDER, paused=True), "Mon 12:00", till(None, WaitingFor.LINE)),
    ("the pace of a line",
     text(REMINDER, limited="6/minute", left=["Mon 11:59:55"]), "Mon 12:00",
     till("Mon 12:00:05", WaitingFor.RATE)),
    ("the budget of a line may last into the night",
     text(REMINDER, limited="1/day", left=["Mon 22:00"]), "Tue 12:00", asleep("Wed 08:00")),
    ("the budget of a line",
     text(REMINDER, limited="1/day", left=["Mon 18:00"]), "Tue 12:00", till("Tue 18:00", WaitingFor.BUDGET)),
    ("the night is longer than the pace",
     text(REMINDER, limited="6/minute", left=["Mon 22:59:55"]), "Mon 23:00", asleep("Tue 08:00")),
    ("stop needs no line", text(REMINDER, suppressed_since="Mon 09:00", paused=True), "Mon 12:00", OPTED_OUT),
)  # fmt: skip
def test_what_is_shown_of_a_text_and_its_line(case: Case, now: datetime, expected: Decision) -> None:
    assert policy.decide(case, now, policy.RULES) == expected


def test_every_rule_is_explained_once_in_order() -> None:
    judged = policy.explain(text(OFFER, limited="6/minute", caps=CAPS), at("Mon 12:00"))
    names = ["consent", "number", "deadline", "schedule", "clock", "restored", "quiet_hours", "caps", "line"]
    assert [one.rule for one in judged] == [*names, "rate"]
    assert all(one.inputs for one in judged)


# --- whatever the case -------------------------------------------------------------------------------

TIMES = st.datetimes(datetime(2026, 2, 20), datetime(2026, 4, 10)).map(
    lambda naive: f"{naive:%Y-%m-%d %H:%M}"
)
MAYBE = st.none() | TIMES


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zones = draw(st.lists(st.sampled_from([LONDON, NEW_YORK, CHICAGO, KATHMANDU]), min_size=1, unique=True))
    return text(
        draw(st.sampled_from(Purpose)),
        *zones,
        unsure=draw(st.booleans()),
        caps=draw(st.sampled_from([(), CAPS])),
        had=[
            (draw(st.sampled_from([REMINDER, OFFER, REPLY])), draw(TIMES))
            for _ in range(draw(st.integers(0, 6)))
        ],
        written_at=draw(TIMES),
        not_before=draw(MAYBE),
        send_by=draw(MAYBE),
        suppressed_since=draw(MAYBE),
        they_wrote_at=draw(MAYBE),
        urgent=draw(st.booleans()),
        answers=draw(st.booleans()),
        begun=draw(st.sampled_from([False, False, False, True])),
        clock_doubt=draw(st.sampled_from([None, None, "jumped"])),
    )


@given(cases(), TIMES)
def test_a_text_that_may_go_is_held_by_no_rule(case: Case, told: str) -> None:
    """And one that may not names a rule that says so at that moment, or will at a later one."""
    now = at(told)
    verdicts = [rule(case, now).verdict for rule in policy.OF_THE_TEXT]
    decision = policy.decide(case, now)
    if case.begun:
        assert decision == BEGUN
    elif isinstance(decision, SendNow):
        assert all(isinstance(verdict, SendNow) for verdict in verdicts)
    elif isinstance(decision, Refuse):
        assert decision in verdicts
    else:
        assert any(isinstance(verdict, WaitUntil) for verdict in verdicts)


@given(cases(), TIMES)
def test_a_wait_ends_at_its_time(case: Case, told: str) -> None:
    """When a text is looked at at the time it waits for, it goes or it ends."""
    now = at(told)
    decision = policy.decide(case, now)
    if isinstance(decision, WaitUntil) and decision.until is not None:
        assert decision.until > now
        assert not isinstance(policy.decide(case, decision.until), WaitUntil)
        early = policy.decide(case, decision.until - timedelta(seconds=1))
        too_late = isinstance(early, Refuse)  # its deadline passed meanwhile
        assert early == decision or too_late or decision.until - timedelta(seconds=1) <= now


@given(cases(), TIMES)
def test_nobody_who_said_stop_is_texted(case: Case, told: str) -> None:
    decision = policy.decide(case, at(told))
    if case.suppressed_since is not None and case.purpose is not CONFIRMATION and not case.begun:
        assert decision == OPTED_OUT


@given(cases(), TIMES)
def test_nobody_is_woken_but_by_an_answer_or_for_a_reason(case: Case, told: str) -> None:
    now = at(told)
    decision = policy.decide(case, now)
    if isinstance(decision, SendNow) and decision != BEGUN and not case.opening.is_open(now):
        assert (
            case.purpose in (CONFIRMATION, STAFF)
            or case.is_answer(now)
            or (case.urgent and case.purpose is not OFFER)
        )
