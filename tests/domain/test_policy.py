"""Every rule of the right time, alone: each row is a sentence. `test_policy_decide` has them together."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.domain import policy
from gateway.domain.message import Purpose, Rank, WaitingFor
from gateway.domain.policy import Case, Decision, Judged
from tests.domain.policy_cases import (
    ANSWER,
    AUTO,
    CAPS,
    CHICAGO,
    CONFIRMATION,
    EUCLA,
    FEEDBACK,
    FOR_THE_CLOCK,
    FOUR_OFFERS_A_MONTH,
    GOES,
    KATHMANDU,
    LIVE,
    LOS_ANGELES,
    NEW_YORK,
    NO_HOLIDAYS,
    OFFER,
    ONE_OFFER_A_DAY,
    OPTED_OUT,
    REMINDER,
    REPLY,
    STAFF,
    THREE_A_DAY,
    TOO_LATE,
    URGENT,
    asleep,
    capped,
    in_talk,
    planned,
    rows,
    text,
    them,
    till,
)

ZERO = timedelta(0)


def says(judged: Judged, rule: str, expected: Decision) -> None:
    """The rule names itself, and says that."""
    assert (judged.rule, judged.verdict) == (rule, expected)


# --- consent -----------------------------------------------------------------------------------------


@rows(
    ("a reply to somebody who never said stop goes", text(REPLY), "Mon 12:00", GOES),
    *(
        (f"who said stop gets no {purpose} text",
         text(purpose, suppressed_since="Mon 09:00"), "Mon 12:00", OPTED_OUT)
        for purpose in Purpose
        if purpose is not CONFIRMATION
    ),
    ("who said stop gets the one confirmation",
     text(CONFIRMATION, suppressed_since="Mon 12:00"), "Mon 12:00", GOES),
    ("stop counts in the second it is stored",
     text(REPLY, suppressed_since="Mon 12:00"), "Mon 12:00", OPTED_OUT),
    ("stop counts years later", text(REPLY, suppressed_since="2019-01-01 00:00"), "Mon 12:00", OPTED_OUT),
    ("stop counts by a clock set back", text(REPLY, suppressed_since="Tue 12:00"), "Mon 12:00", OPTED_OUT),
    ("urgent does not overrule stop",
     text(REPLY, urgent=True, suppressed_since="Mon 09:00"), "Mon 12:00", OPTED_OUT),
    (
        "a live conversation does not overrule stop",
        in_talk("Mon 11:59", "Mon 12:00", suppressed_since="Mon 11:59"),
        "Mon 12:00",
        OPTED_OUT,
    ),
    ("an answer does not overrule stop",
     text(AUTO, answers=True, suppressed_since="Mon 09:00"), "Mon 12:00", OPTED_OUT),
    ("the rule of consent does not mind the hour", text(REPLY), "Mon 03:00", GOES),
)  # fmt: skip
def test_consent(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.consent(case, now), "consent", expected)


# --- deadline ----------------------------------------------------------------------------------------


@rows(
    ("without a deadline nothing is too late", text(REMINDER), "Mon 12:00", GOES),
    ("before its deadline a text goes", text(REMINDER, send_by="Mon 17:00"), "Mon 16:59", GOES),
    ("at its deadline a text still goes", text(REMINDER, send_by="Mon 17:00"), "Mon 17:00", GOES),
    ("a second after its deadline it is useless",
     text(REMINDER, send_by="Mon 17:00"), "Mon 17:00:01", TOO_LATE),
    ("a year after its deadline it is useless",
     text(REMINDER, send_by="Mon 17:00"), "2027-03-02 12:00", TOO_LATE),
    ("a late reply is useless too", text(REPLY, send_by="Mon 17:00"), "Mon 18:00", TOO_LATE),
    ("a late offer is useless too", text(OFFER, send_by="Mon 17:00"), "Mon 18:00", TOO_LATE),
    ("urgent makes nothing useful again",
     text(REPLY, urgent=True, send_by="Mon 17:00"), "Mon 18:00", TOO_LATE),
    ("deadlines are told by any clock", text(REMINDER, send_by=f"Mon 12:00 {NEW_YORK}"), "Mon 17:00", GOES),
    ("and end by any clock", text(REMINDER, send_by=f"Mon 12:00 {NEW_YORK}"), "Mon 17:00:01", TOO_LATE),
    (
        "nothing expires by a clock that may be wrong",
        text(REMINDER, send_by="Mon 17:00", clock_doubt="jumped"),
        "Mon 18:00",
        FOR_THE_CLOCK,
    ),
    (
        "even a reply waits, once it is late by a clock that may be wrong",
        text(REPLY, they_wrote_at="Mon 17:59", send_by="Mon 17:00", clock_doubt="jumped"),
        "Mon 18:00",
        FOR_THE_CLOCK,
    ),
    (
        "a clock in doubt ends nothing that is in time by it",
        text(REMINDER, send_by="Mon 17:00", clock_doubt="jumped"),
        "Mon 16:00",
        GOES,
    ),
)  # fmt: skip
def test_deadline(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.deadline(case, now), "deadline", expected)


# --- schedule ----------------------------------------------------------------------------------------


@rows(
    ("without a chosen time it goes", text(REPLY), "Mon 12:00", GOES),
    ("it waits for its chosen time", text(REPLY, not_before="Tue 09:00"), "Mon 12:00", planned("Tue 09:00")),
    ("a second early is too early",
     text(REPLY, not_before="Tue 09:00"), "Tue 08:59:59", planned("Tue 09:00")),
    ("at its chosen time it goes", text(REPLY, not_before="Tue 09:00"), "Tue 09:00", GOES),
    ("after its chosen time it goes", text(REPLY, not_before="Tue 09:00"), "Sat 09:00", GOES),
    ("an urgent one waits for its chosen time", text(REPLY, urgent=True, not_before="Tue 09:00"), "Mon 12:00",
     planned("Tue 09:00")),
    ("an answer waits for its chosen time",
     in_talk("Mon 11:59", "Mon 12:00", not_before="Tue 09:00"), "Mon 12:00",
     planned("Tue 09:00")),
    ("an offer waits for its chosen time",
     text(OFFER, not_before="Tue 09:00"), "Mon 12:00", planned("Tue 09:00")),
    ("a chosen time may lie at night; another rule minds", text(REPLY, not_before="Tue 03:00"), "Mon 12:00",
     planned("Tue 03:00")),
    ("a chosen time is an instant, whatever clock told it", text(REPLY, not_before=f"Mon 08:00 {NEW_YORK}"),
     "Mon 13:00", GOES),
    ("and not before that instant", text(REPLY, not_before=f"Mon 08:00 {NEW_YORK}"), "Mon 12:59",
     planned("Mon 13:00")),
)  # fmt: skip
def test_schedule(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.schedule(case, now), "schedule", expected)


# --- clock -------------------------------------------------------------------------------------------


@rows(
    *((f"a clock that is right holds no {purpose} text", text(purpose), "Mon 12:00",
    GOES) for purpose in Purpose),
    *(
        (f"a clock in doubt holds a {purpose} text",
         text(purpose, clock_doubt="jumped"), "Mon 12:00", FOR_THE_CLOCK)
        for purpose in (REPLY, REMINDER, FEEDBACK, OFFER, AUTO)
    ),
    *(
        (f"whatever the doubt ({doubt}), reminders wait",
         text(REMINDER, clock_doubt=doubt), "Mon 12:00", FOR_THE_CLOCK)
        for doubt in ("network_disagrees", "before_build", "before_records", "not_synchronised")
    ),
    ("staff are told whatever the clock says", text(STAFF, clock_doubt="jumped"), "Mon 12:00", GOES),
    ("the answer to stop goes whatever the clock says",
     text(CONFIRMATION, clock_doubt="jumped"), "Mon 12:00", ANSWER),
    ("an automatic answer to a text goes whatever the clock says",
     text(AUTO, answers=True, written_at="Mon 11:59", clock_doubt="jumped"),
     "Mon 12:00", ANSWER),
    ("a reminder that claims to answer waits",
     text(REMINDER, answers=True, clock_doubt="jumped"), "Mon 12:00",
     FOR_THE_CLOCK),
    ("a live conversation goes on whatever the clock says",
     in_talk("Mon 11:55", "Mon 12:00", clock_doubt="jumped"),
     "Mon 12:00", ANSWER),
    ("a conversation of yesterday waits for the clock",
     in_talk("Sun 11:55", "Mon 12:00", clock_doubt="jumped"),
     "2026-03-09 12:00", FOR_THE_CLOCK),
    ("urgent does not make a clock right",
     text(REPLY, urgent=True, clock_doubt="jumped"), "Mon 12:00", FOR_THE_CLOCK),
)  # fmt: skip
def test_clock(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.clock(case, now), "clock", expected)


# --- quiet hours -------------------------------------------------------------------------------------


@rows(
    ("a reply at noon goes", text(REPLY), "Mon 12:00", GOES),
    ("a reply at eight goes", text(REPLY), "Mon 08:00", GOES),
    ("a reply just before eight waits for eight", text(REPLY), "Mon 07:59:59", asleep("Mon 08:00")),
    ("a reply just before the evening's eight goes", text(REPLY), "Mon 19:59:59", GOES),
    ("a reply at eight in the evening waits for the morning", text(REPLY), "Mon 20:00", asleep("Tue 08:00")),
    ("a reply at ten past ten at night waits for the morning", text(REPLY), "Mon 22:10", asleep("Tue 08:00")),
    ("a reply at midnight waits for eight", text(REPLY), "Tue 00:00", asleep("Tue 08:00")),
    ("a reply on Sunday goes", text(REPLY), "Sun 12:00", GOES),
    ("a reminder may come until nine in the evening", text(REMINDER), "Mon 20:59", GOES),
    ("a reminder at nine in the evening waits", text(REMINDER), "Mon 21:00", asleep("Tue 08:00")),
    ("a question how it was may come until nine", text(FEEDBACK), "Mon 20:59", GOES),
    ("a question how it was waits at night", text(FEEDBACK), "Mon 21:30", asleep("Tue 08:00")),
    ("an automatic text keeps the hours of reminders", text(AUTO), "Mon 20:59", GOES),
    ("an automatic text waits at night", text(AUTO), "Mon 23:00", asleep("Tue 08:00")),
    ("an automatic answer goes at night",
     text(AUTO, answers=True, written_at="Mon 22:59"), "Mon 23:00", ANSWER),
    ("an automatic answer of the afternoon is none at night",
     text(AUTO, answers=True, written_at="Mon 16:00"), "Mon 23:00", asleep("Tue 08:00")),
    ("the answer to stop goes at night", text(CONFIRMATION), "Mon 03:00", GOES),
    ("staff are told at night", text(STAFF), "Mon 03:00", GOES),
    ("an offer waits until ten", text(OFFER), "Mon 09:59", asleep("Mon 10:00")),
    ("an offer goes at ten", text(OFFER), "Mon 10:00", GOES),
    ("an offer waits after six", text(OFFER), "Mon 18:00", asleep("Tue 10:00")),
    ("an offer on Saturday ends at five", text(OFFER), "Sat 17:00", asleep("2026-03-09 10:00")),
    ("an offer on Sunday waits for Monday", text(OFFER), "Sun 12:00", asleep("2026-03-09 10:00")),
    ("an offer waits for holidays that are not known", text(OFFER, awaited=NO_HOLIDAYS), "Tue 12:00",
     asleep(None)),
    ("a reply goes at night before holidays are known",
     in_talk("Mon 02:00", "Mon 02:06", awaited=NO_HOLIDAYS),
     "Mon 02:06", LIVE),
    ("an urgent reminder waits for no holidays", text(REMINDER, urgent=True, awaited=NO_HOLIDAYS),
     "Mon 12:00", URGENT),
    ("what people write waits for holidays that count for it", text(REPLY, awaited=NO_HOLIDAYS), "Mon 12:00",
     asleep(None)),
    ("an offer on a holiday waits for the day after", text(OFFER, holidays=["2026-03-03"]), "Tue 12:00",
     asleep("Wed 10:00")),
    ("a reply on a holiday goes", text(REPLY, holidays=["2026-03-03"]), "Tue 12:00", GOES),
    ("offers keep a preset too",
     text(OFFER, presets=["Mon-Sat 12:00-20:00"]), "Mon 11:00", asleep("Mon 12:00")),
    ("a preset widens nothing", text(OFFER, presets=["daily 00:00-24:00"]), "Mon 19:00", asleep("Tue 10:00")),
    ("hours may have a lunch break", text(REPLY, window="Mon-Fri 09:00-12:00 13:00-17:00"), "Mon 12:30",
     asleep("Mon 13:00")),
    ("a window that is never closed holds nothing",
     text(REPLY, window="daily 00:00-24:00"), "Mon 03:00", GOES),
    ("the night before Saturday is long when Saturdays are closed", text(REPLY, window="Mon-Fri 09:00-17:00"),
     "Fri 17:00", asleep("2026-03-09 09:00")),
    # who talks to us now
    ("a reply at 02:05 to a text of 02:00 goes", in_talk("Mon 02:00", "Mon 02:05"), "Mon 02:05", LIVE),
    ("a reply within two hours goes", in_talk("Mon 02:00", "Mon 03:59"), "Mon 04:00", LIVE),
    ("a reply after two hours waits", in_talk("Mon 02:00", "Mon 04:00"), "Mon 04:00:01", asleep("Mon 08:00")),
    ("a reply by day is no exception", in_talk("Mon 11:00", "Mon 11:05"), "Mon 11:05", GOES),
    ("a live conversation may be set shorter",
     in_talk("Mon 02:00", "Mon 02:05", live_for=timedelta(minutes=4)),
     "Mon 02:05", asleep("Mon 08:00")),
    ("live conversations may be switched off", in_talk("Mon 02:00", "Mon 02:01", live_for=ZERO), "Mon 02:01",
     asleep("Mon 08:00")),
    ("a poll at 02:06 waits, though they wrote at 02:00",
     text(FEEDBACK, they_wrote_at="Mon 02:00", written_at="Mon 02:06"), "Mon 02:06",
     asleep("Mon 08:00")),
    ("a reminder at 02:06 waits, though they wrote at 02:00",
     text(REMINDER, they_wrote_at="Mon 02:00", written_at="Mon 02:06"), "Mon 02:06",
     asleep("Mon 08:00")),
    ("an offer at 02:06 waits, though they wrote at 02:00",
     text(OFFER, they_wrote_at="Mon 02:00", written_at="Mon 02:06"), "Mon 02:06",
     asleep("Mon 10:00")),
    ("a clock that was set back between the two ends no conversation",
     in_talk("Mon 02:00", "Mon 01:59"), "Mon 02:05", LIVE),
    ("an answer of the very second is one", in_talk("Mon 02:00", "Mon 02:00"), "Mon 02:00", LIVE),
    ("who never wrote is in no conversation", text(REPLY), "Mon 02:05", asleep("Mon 08:00")),
    # urgent
    ("an urgent reply goes at night", text(REPLY, urgent=True), "Mon 03:00", URGENT),
    ("an urgent reminder goes at night", text(REMINDER, urgent=True), "Mon 03:00", URGENT),
    ("an urgent question goes at night", text(FEEDBACK, urgent=True), "Mon 03:00", URGENT),
    ("an urgent offer waits", text(OFFER, urgent=True), "Mon 03:00", asleep("Mon 10:00")),
    ("urgent by day is no exception", text(REPLY, urgent=True), "Mon 12:00", GOES),
    ("an urgent reply in a live conversation is live",
     in_talk("Mon 02:00", "Mon 02:05", urgent=True), "Mon 02:05",
     LIVE),
    # where they are
    ("noon in London is seven in New York",
     text(REPLY, NEW_YORK), "Mon 12:00", asleep(f"Mon 08:00 {NEW_YORK}")),
    ("one in London is eight in New York", text(REPLY, NEW_YORK), "Mon 13:00", GOES),
    ("midnight in London is seven in the evening in New York", text(REPLY, NEW_YORK), "Tue 00:00", GOES),
    ("Kathmandu is three quarters of an hour apart",
     text(REPLY, KATHMANDU), "Mon 02:14", asleep("Mon 02:15")),
    ("and wakes at its own eight", text(REPLY, KATHMANDU), "Mon 02:15", GOES),
    ("Eucla is eight hours and three quarters ahead", text(REPLY, EUCLA), "Mon 11:15", asleep("Mon 23:15")),
    ("and wakes there", text(REPLY, EUCLA), "Mon 23:15", GOES),
    ("half an hour apart in India", text(REPLY, "Asia/Kolkata"), "Mon 02:29", asleep("Mon 02:30")),
    ("half an hour apart in Newfoundland", text(REPLY, "America/St_Johns"), "Mon 11:29", asleep("Mon 11:30")),
    ("fourteen hours ahead on Kiritimati",
     text(REPLY, "Pacific/Kiritimati"), "Mon 17:59", asleep("Mon 18:00")),
    # where they may be
    ("of two zones the later to wake counts",
     text(REPLY, NEW_YORK, CHICAGO), "Mon 13:30", asleep("Mon 14:00")),
    ("in two zones it goes when both are awake", text(REPLY, NEW_YORK, CHICAGO), "Mon 14:00", GOES),
    ("of two zones the earlier to sleep counts",
     text(REPLY, NEW_YORK, CHICAGO), "Tue 01:00", asleep("Tue 14:00")),
    ("in two zones it goes until the first sleeps", text(REPLY, NEW_YORK, CHICAGO), "Tue 00:59", GOES),
    ("coast to coast leaves nine hours",
     text(REPLY, NEW_YORK, LOS_ANGELES), "Mon 15:59", asleep("Mon 16:00")),
    ("the order of zones is nothing", text(REPLY, LOS_ANGELES, NEW_YORK), "Mon 15:59", asleep("Mon 16:00")),
    ("a window that two zones never share opens never",
     text(REPLY, "Asia/Tokyo", NEW_YORK, window="daily 12:00-13:00"),
     "Mon 12:00", asleep(None)),
    ("a live conversation needs no zone", in_talk("Mon 02:00", "Mon 02:05", NEW_YORK, CHICAGO), "Mon 07:30",
     asleep("Mon 14:00")),
    ("an offer to an unknown zone is held", text(OFFER, unsure=True), "Mon 12:00", asleep(None)),
    ("an urgent offer to an unknown zone is held",
     text(OFFER, unsure=True, urgent=True), "Mon 12:00", asleep(None)),
    ("a reminder to an unknown zone goes by the line's", text(REMINDER, unsure=True), "Mon 12:00", GOES),
    ("a reply to an unknown zone waits by the line's",
     text(REPLY, unsure=True), "Mon 22:00", asleep("Tue 08:00")),
    # days on which the clocks change
    ("the night the clocks go forward ends at eight all the same", text(REPLY), "2026-03-28 23:00",
     asleep("2026-03-29 07:00 UTC")),
    ("the night the clocks go back ends at eight all the same", text(REPLY), "2026-10-24 23:00",
     asleep("2026-10-25 08:00 UTC")),
    ("on the day the clocks went forward eight is an hour sooner", text(REPLY), "2026-03-29 06:59 UTC",
     asleep("2026-03-29 07:00 UTC")),
    ("on the day the clocks went back eight is an hour later", text(REPLY), "2026-10-25 07:30 UTC",
     asleep("2026-10-25 08:00 UTC")),
    ("a window that begins in the hour that is skipped begins behind it",
     text(REPLY, window="daily 01:30-03:00"),
     "2026-03-29 00:30 UTC", asleep("2026-03-29 01:00 UTC")),
    ("a window in the hour that is skipped is no window that day", text(REPLY, window="daily 01:10-01:50"),
     "2026-03-29 00:30 UTC", asleep("2026-03-30 00:10 UTC")),
    ("a window that begins in the hour that comes twice begins in the first",
     text(REPLY, window="daily 01:30-03:00"),
     "2026-10-25 00:00 UTC", asleep("2026-10-25 00:30 UTC")),
    ("a window in the hour that comes twice is open once", text(REPLY, window="daily 01:10-01:50"),
     "2026-10-25 01:20 UTC", asleep("2026-10-26 01:10 UTC")),
    ("New York changes weeks before London",
     text(REPLY, NEW_YORK), "2026-03-09 11:59", asleep("2026-03-09 12:00")),
    ("the night the clocks change in one of two zones",
     text(REPLY, NEW_YORK, "America/Phoenix"), "2026-03-08 14:00",
     asleep("2026-03-08 15:00")),
)  # fmt: skip
def test_quiet_hours(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.quiet_hours(case, now), "quiet_hours", expected)


# --- caps --------------------------------------------------------------------------------------------


@rows(
    ("who had nothing gets one", text(REMINDER, caps=CAPS), "Mon 12:00", GOES),
    ("without caps there is no end",
     text(REMINDER, had=them(REMINDER, *["Mon 11:00"] * 50)), "Mon 12:00", GOES),
    ("the third automated text of a day goes",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 09:00", "Mon 10:00")),
     "Mon 12:00", GOES),
    ("the fourth automated text of a day waits for the first to be a day old",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 09:00", "Mon 10:00", "Mon 11:00")), "Mon 12:00",
     capped("Tue 09:00")),
    ("a day later to the second it goes",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 09:00", "Mon 10:00", "Mon 11:00")), "Tue 09:00", GOES),
    ("a second before it does not",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 09:00", "Mon 10:00", "Mon 11:00")), "Tue 08:59:59",
     capped("Tue 09:00")),
    ("all automated purposes count together",
     text(FEEDBACK, caps=CAPS,
     had=[*them(REMINDER, "Mon 09:00"), *them(AUTO, "Mon 10:00"), *them(OFFER, "Mon 11:00")]),
     "Mon 12:00", capped("Tue 09:00")),
    ("what people say is not capped",
     text(REPLY, caps=CAPS, had=them(REMINDER, *["Mon 09:00"] * 3)), "Mon 12:00", GOES),
    ("the proof of consent is not capped",
     text(CONFIRMATION, caps=CAPS, had=them(REMINDER, *["Mon 09:00"] * 3)),
     "Mon 12:00", GOES),
    ("staff are not capped",
     text(STAFF, caps=CAPS, had=them(REMINDER, *["Mon 09:00"] * 3)), "Mon 12:00", GOES),
    ("what people said does not count",
     text(REMINDER, caps=CAPS, had=them(REPLY, *["Mon 11:00"] * 9)), "Mon 12:00",
     GOES),
    ("confirmations do not count",
     text(REMINDER, caps=CAPS, had=them(CONFIRMATION, *["Mon 11:00"] * 9)), "Mon 12:00",
     GOES),
    ("an urgent reminder is capped",
     text(REMINDER, urgent=True, caps=CAPS, had=them(REMINDER, *["Mon 09:00"] * 3)),
     "Mon 12:00", capped("Tue 09:00")),
    ("an automatic answer is capped", text(AUTO, answers=True, caps=CAPS, had=them(AUTO, *["Mon 09:00"] * 3)),
     "Mon 12:00", capped("Tue 09:00")),
    ("one offer a day",
     text(OFFER, caps=CAPS, had=them(OFFER, "Mon 11:00")), "Mon 12:00", capped("Tue 11:00")),
    ("an offer the next day", text(OFFER, caps=CAPS, had=them(OFFER, "Mon 11:00")), "Tue 11:00", GOES),
    ("reminders do not count as offers", text(OFFER, caps=CAPS, had=them(REMINDER, "Mon 11:00", "Mon 11:30")),
     "Mon 12:00", GOES),
    ("offers count as automated", text(REMINDER, caps=CAPS, had=them(OFFER, *["Mon 11:00"] * 3)), "Mon 12:00",
     capped("Tue 11:00")),
    ("four offers a month",
     text(OFFER, caps=CAPS,
     had=them(OFFER, "2026-02-05 12:00", "2026-02-10 12:00", "2026-02-15 12:00", "2026-02-20 12:00")),
     "Mon 12:00", capped("2026-03-07 12:00")),
    ("three offers in a month leave one",
     text(OFFER, caps=CAPS, had=them(OFFER, "2026-02-10 12:00", "2026-02-15 12:00", "2026-02-20 12:00")),
     "Mon 12:00",
     GOES),
    ("of two caps the later one counts",
     text(OFFER, caps=(ONE_OFFER_A_DAY, FOUR_OFFERS_A_MONTH),
          had=them(OFFER, "2026-02-01 12:00", "2026-02-02 12:00", "2026-02-03 12:00", "Mon 11:00")),
          "Mon 12:00",
     capped("2026-03-03 12:00")),
    ("of two caps the daily one may be the later",
     text(OFFER, caps=(ONE_OFFER_A_DAY, FOUR_OFFERS_A_MONTH),
          had=them(OFFER, "2026-01-31 13:00", "2026-02-02 12:00", "2026-02-03 12:00", "Mon 11:00")),
          "Mon 12:00",
     capped("Tue 11:00")),
    ("a cap of offers holds no reminder",
     text(REMINDER, caps=(ONE_OFFER_A_DAY,), had=them(OFFER, "Mon 11:00")),
     "Mon 12:00", GOES),
    ("more than the cap allows is counted back from the newest",
     text(REMINDER, caps=CAPS,
     had=them(REMINDER, "Mon 07:00", "Mon 08:00", "Mon 09:00", "Mon 10:00", "Mon 11:00")),
     "Mon 12:00", capped("Tue 09:00")),
    ("texts are counted in whatever order they stand",
     text(REMINDER, caps=CAPS, had=them(REMINDER, "Mon 11:00", "Mon 09:00", "Mon 10:00")), "Mon 12:00",
     capped("Tue 09:00")),
    ("what leaves later today does not hold this one",
     text(REMINDER, caps=CAPS, had=them(REMINDER, *["Mon 18:00"] * 3)),
     "Mon 12:00", GOES),
    ("what will have left by then counts as well",
     text(REMINDER, caps=CAPS, had=them(REMINDER, *["Mon 09:00"] * 3, *["Tue 09:00"] * 3)), "Mon 12:00",
     capped("Wed 09:00")),
    ("over days, each keeps its place",
     text(REMINDER, caps=CAPS,
     had=them(REMINDER, *["Mon 09:00"] * 3, *["Tue 09:00"] * 3, *["Wed 09:00"] * 2)),
     "Mon 12:00", capped("Wed 09:00")),
    ("and the next day when that one is full",
     text(REMINDER, caps=CAPS,
     had=them(REMINDER, *["Mon 09:00"] * 3, *["Tue 09:00"] * 3, *["Wed 09:00"] * 3)),
     "Mon 12:00", capped("Thu 09:00")),
    ("a day is 24 hours, also when the clocks go forward",
     text(REMINDER, caps=(THREE_A_DAY,), had=them(REMINDER, *["2026-03-28 12:00"] * 3)),
     "2026-03-29 12:30 UTC", GOES),
    ("and when the clocks go back",
     text(REMINDER, caps=(THREE_A_DAY,), had=them(REMINDER, *["2026-10-24 12:00 UTC"] * 3)),
     "2026-10-25 11:59 UTC",
     capped("2026-10-25 12:00 UTC")),
)  # fmt: skip
def test_caps(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.caps(case, now), "caps", expected)


# --- line and rate -----------------------------------------------------------------------------------


@rows(
    ("a line that works sends", text(REPLY), "Mon 12:00", GOES),
    *(
        (f"a paused line sends no {purpose} text",
         text(purpose, paused=True), "Mon 12:00", till(None, WaitingFor.LINE))
        for purpose in Purpose
    ),
    ("urgent does not resume a line",
     text(REPLY, urgent=True, paused=True), "Mon 12:00", till(None, WaitingFor.LINE)),
)  # fmt: skip
def test_line(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.line(case, now), "line", expected)


def paced(told: str) -> Decision:
    return till(told, WaitingFor.RATE)


def spent(told: str) -> Decision:
    return till(told, WaitingFor.BUDGET)


LAST_MINUTE = ["Mon 11:59:50", "Mon 11:59:40", "Mon 11:59:30", "Mon 11:59:20", "Mon 11:59:10", "Mon 11:59:01"]


@rows(
    ("a line without limits sends", text(REMINDER, left=LAST_MINUTE), "Mon 12:00", GOES),
    ("a line that sent nothing sends", text(REMINDER, limited="6/minute"), "Mon 12:00", GOES),
    ("the sixth of a minute goes", text(REPLY, limited="6/minute", left=LAST_MINUTE[:5]), "Mon 12:00", GOES),
    ("the seventh waits for the first to be a minute old", text(REPLY, limited="6/minute", left=LAST_MINUTE),
     "Mon 12:00", paced("Mon 12:00:01")),
    ("then it goes", text(REPLY, limited="6/minute", left=LAST_MINUTE), "Mon 12:00:01", GOES),
    ("reminders are spread: ten seconds apart",
     text(REMINDER, limited="6/minute", left=["Mon 11:59:55"]), "Mon 12:00",
     paced("Mon 12:00:05")),
    ("but they may fill the minute",
     text(REMINDER, limited="6/minute", left=LAST_MINUTE[:5]), "Mon 12:00", GOES),
    ("questions are spread", text(FEEDBACK, limited="6/minute", left=["Mon 11:59:55"]), "Mon 12:00",
     paced("Mon 12:00:05")),
    ("offers are spread",
     text(OFFER, limited="6/minute", left=["Mon 11:59:55"]), "Mon 12:00", paced("Mon 12:00:05")),
    ("what people write now is not spread",
     text(REPLY, limited="6/minute", left=["Mon 11:59:59"]), "Mon 12:00", GOES),
    ("what people wrote last night is spread",
     text(REPLY, rank=Rank.REPLY, limited="6/minute", left=["Mon 11:59:55"]), "Mon 12:00",
     paced("Mon 12:00:05")),
    ("the rest of a begun text is not spread",
     text(REMINDER, rank=Rank.BEGUN, limited="6/minute", left=["Mon 11:59:59"]), "Mon 12:00", GOES),
    ("but keeps the minute",
     text(REMINDER, rank=Rank.BEGUN, limited="6/minute", left=LAST_MINUTE), "Mon 12:00",
     paced("Mon 12:00:01")),
    ("of several limits the longest wait counts",
     text(REPLY, limited="6/minute 2/hour", left=LAST_MINUTE), "Mon 12:00",
     paced("Mon 12:59:40")),
    ("whatever their order", text(REPLY, limited="2/hour 6/minute", left=LAST_MINUTE), "Mon 12:00",
     paced("Mon 12:59:40")),
    ("a reply may use the whole budget of a day",
     text(REPLY, limited="10/day", left=["Mon 09:00"] * 9), "Mon 12:00",
     GOES),
    ("a reply beyond the budget waits a day",
     text(REPLY, limited="10/day", left=["Mon 09:00"] * 10), "Mon 12:00",
     spent("Tue 09:00")),
    ("reminders leave a tenth of it", text(REMINDER, limited="10/day", left=["Mon 09:00"] * 9), "Mon 12:00",
     spent("Tue 09:00")),
    ("below that reminders go", text(REMINDER, limited="10/day", left=["Mon 09:00"] * 8), "Mon 12:00", GOES),
    ("questions leave a fifth", text(FEEDBACK, limited="10/day", left=["Mon 09:00"] * 8), "Mon 12:00",
     spent("Tue 09:00")),
    ("below that questions go", text(FEEDBACK, limited="10/day", left=["Mon 09:00"] * 7), "Mon 12:00", GOES),
    ("offers leave three tenths", text(OFFER, limited="10/day", left=["Mon 09:00"] * 7), "Mon 12:00",
     spent("Tue 09:00")),
    ("below that offers go", text(OFFER, limited="10/day", left=["Mon 09:00"] * 6), "Mon 12:00", GOES),
    ("held replies may use the whole budget",
     text(REPLY, rank=Rank.REPLY, limited="10/day", left=["Mon 09:00"] * 9),
     "Mon 12:00", GOES),
    ("a budget is not spread over the day",
     text(OFFER, limited="10/day", left=["Mon 11:59:59"]), "Mon 12:00", GOES),
    ("a budget of one is for offers too", text(OFFER, limited="1/day"), "Mon 12:00", GOES),
    ("half a text is worse than one more than the budget",
     text(REMINDER, rank=Rank.BEGUN, limited="10/day", left=["Mon 09:00"] * 10), "Mon 12:00", GOES),
    ("a budget that is longer than the pace names itself",
     text(REPLY, limited="6/minute 6/day", left=LAST_MINUTE),
     "Mon 12:00", spent("Tue 11:59:01")),
    ("an hour is kept like a minute",
     text(REPLY, limited="2/hour", left=["Mon 11:30", "Mon 11:10"]), "Mon 12:00",
     paced("Mon 12:10")),
    ("a second is kept too",
     text(REPLY, limited="1/second", left=["Mon 12:00"]), "Mon 12:00", paced("Mon 12:00:01")),
    ("what a clock that was ahead sent counts as sent now",
     text(REPLY, limited="1/minute", left=["Mon 15:00"]),
     "Mon 12:00", paced("Mon 12:01")),
)  # fmt: skip
def test_rate(case: Case, now: datetime, expected: Decision) -> None:
    says(policy.rate(case, now), "rate", expected)
