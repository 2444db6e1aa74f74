"""What people read of a decision: one table of sentences, on one clock and on several."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.decision_words import Clocks, decision, little_time, logged
from gateway.domain.message import State, WaitingFor
from gateway.domain.policy import Awaited, Decision, Refuse, SendNow, WaitUntil

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


@pytest.mark.parametrize("unsure", [False, True])
def test_holidays_that_are_not_known_are_why_nobody_can_tell(unsure: bool) -> None:
    computing = decision(quiet(None), THERE, unsure=unsure, awaited=Awaited(("FR", "GB")))
    assert computing == (
        "Waiting until the public holidays of FR and GB are known. "
        "They are being computed, which takes a few minutes."
    )
    failed = decision(quiet(None), THERE, unsure=unsure, awaited=Awaited(("GB",), "it ended with 1"))
    assert failed.endswith("They could not be computed (it ended with 1). That is tried again every hour.")


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
        (timedelta(0), "no time"),
        (timedelta(seconds=59), "no time"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=45), "45 minutes"),
        (timedelta(hours=2, minutes=5), "2 h 05"),
    ],
)
def test_little_time(left: timedelta, said: str) -> None:
    assert little_time(left) == f"That leaves them {said} to read it before it is too late."
