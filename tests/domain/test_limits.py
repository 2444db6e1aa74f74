"""A line's limits as people write them, and what they let go whatever wants to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import limits
from gateway.domain.limits import BadLimit, Limit, free_at
from gateway.domain.message import Rank


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("6/minute", Limit(6, "minute")),
        (" 300 / Days ", Limit(300, "day")),
        ("1/SECOND", Limit(1, "second")),
        ("999999/hours", Limit(999999, "hour")),
    ],
)
def test_limits(text: str, limit: Limit) -> None:
    assert limits.parse(text) == limit


@pytest.mark.parametrize(
    "text", ["", "6", "6/", "/minute", "0/minute", "-1/day", "6 per minute", "1e3/day", "6/week"]
)
def test_what_is_no_limit_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadLimit, match="6/minute or 300/day"):
        limits.parse(text)


@given(st.builds(Limit, st.integers(1, 999_999), st.sampled_from(sorted(limits.SPANS))))
def test_a_limit_is_written_as_it_is_read(limit: Limit) -> None:
    assert limits.parse(str(limit)) == limit


def test_the_default_is_a_persons_use() -> None:
    assert [str(limit) for limit in limits.DEFAULT] == ["6/minute", "300/day"]


# --- what they let go --------------------------------------------------------------------------------

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AUTOMATED = (Rank.REMINDER, Rank.FEEDBACK, Rank.MARKETING)

PACES = st.builds(Limit, st.integers(1, 8), st.sampled_from(["second", "minute", "hour"]))
BUDGETS = st.builds(Limit, st.integers(1, 12), st.just("day"))
SETS = st.lists(PACES | BUDGETS, min_size=1, max_size=3)
WANTED = st.lists(st.tuples(st.integers(0, 7200), st.sampled_from(Rank)), min_size=1, max_size=40)
"""When something wants to go, in seconds, and its rank."""

Gone = list[tuple[datetime, Rank, datetime]]
"""What left: when, its rank, and when it wanted to."""


def _played(of_line: Sequence[Limit], wanted: Sequence[tuple[float, Rank]]) -> Gone:
    """A line that sends in no time whatever its limits let go, the best rank first."""
    waiting = sorted(
        ((START + timedelta(seconds=after), rank) for after, rank in wanted), key=lambda one: one[0]
    )
    gone: Gone = []
    now = START
    while waiting:
        left = [at for at, _, _ in reversed(gone)]
        due = [(rank, at) for at, rank in waiting if at <= now]
        slots = {rank: free_at(of_line, rank, left, now).at for rank, _ in due}
        if free := [(rank, at) for rank, at in due if slots[rank] <= now]:
            rank, at = min(free)
            waiting.remove((at, rank))
            gone.append((now, rank, at))
        else:
            now = min([*slots.values(), *(at for at, _ in waiting if at > now)])
    return gone


@given(SETS, WANTED)
def test_no_window_wherever_it_begins_holds_more_than_its_limit(
    of_line: list[Limit], wanted: list[tuple[float, Rank]]
) -> None:
    gone = _played(of_line, wanted)
    for limit in of_line:
        completes = limit.within > timedelta(minutes=1)  # rather one too many than half a text
        counted = [at for at, rank, _ in gone if not (completes and rank is Rank.BEGUN)]
        assert all(
            later - at >= limit.within for at, later in zip(counted, counted[limit.count :], strict=False)
        )


@given(SETS, WANTED)
def test_everything_leaves_in_the_end_and_nothing_before_it_wants_to(
    of_line: list[Limit], wanted: list[tuple[float, Rank]]
) -> None:
    gone = _played(of_line, wanted)
    assert sorted(rank for _, rank, _ in gone) == sorted(rank for _, rank in wanted)
    assert all(at >= since for at, _, since in gone)


@given(SETS, WANTED)
def test_what_is_automated_does_not_burst(of_line: list[Limit], wanted: list[tuple[float, Rank]]) -> None:
    paces = [limit.within / limit.count for limit in of_line if not limit.is_budget]
    for (before, _, _), (at, rank, _) in pairwise(_played(of_line, wanted)):
        if rank > Rank.ANSWER:
            assert at - before >= max(paces, default=timedelta(0))


@given(SETS, st.lists(st.sampled_from(AUTOMATED), max_size=60), st.integers(0, 7200))
def test_what_a_person_writes_now_waits_for_one_slot_at_most(
    of_line: list[Limit], automated: list[Rank], after: int
) -> None:
    """However many automated texts wait, if their line's budget is not that of a single text."""
    shared = [limit for limit in of_line if not limit.is_budget or limit.count > 1]
    gone = _played(shared, [*((0.0, rank) for rank in automated), (after, Rank.ANSWER)])
    slot = max((limit.within / limit.count for limit in shared if not limit.is_budget), default=timedelta(0))
    ((at, since),) = [(at, since) for at, rank, since in gone if rank is Rank.ANSWER]
    assert at - since <= slot


@given(BUDGETS, st.sampled_from([Rank.ANSWER, *AUTOMATED]), st.integers(0, 12))
def test_of_a_budget_each_rank_may_use_its_share(budget: Limit, rank: Rank, used: int) -> None:
    left = [START - timedelta(minutes=number) for number in range(used)]
    goes = free_at([budget], rank, left, START).at == START
    assert goes is (used < max(1, int(budget.count * limits.SHARES[rank])))


HISTORY = st.lists(st.integers(0, 90_000), max_size=20).map(
    lambda ago: [START - timedelta(seconds=seconds) for seconds in sorted(ago)]
)


@given(SETS, HISTORY, st.integers(0, 90_000))
def test_a_better_rank_never_waits_longer(of_line: list[Limit], left: list[datetime], after: int) -> None:
    now = START + timedelta(seconds=after)
    slots = [free_at(of_line, rank, left, now).at for rank in Rank]
    assert slots == sorted(slots)


@given(SETS, PACES | BUDGETS, HISTORY, st.sampled_from(Rank))
def test_one_more_limit_lets_nothing_go_sooner(
    of_line: list[Limit], more: Limit, left: list[datetime], rank: Rank
) -> None:
    assert free_at([*of_line, more], rank, left, START).at >= free_at(of_line, rank, left, START).at


@given(SETS, HISTORY, st.sampled_from(Rank), st.integers(0, 3600))
def test_one_text_more_that_left_lets_nothing_go_sooner(
    of_line: list[Limit], left: list[datetime], rank: Rank, ago: int
) -> None:
    more = sorted([*left, START - timedelta(seconds=ago)], reverse=True)
    assert free_at(of_line, rank, more, START).at >= free_at(of_line, rank, left, START).at


@given(SETS, HISTORY, st.sampled_from(Rank))
def test_at_its_slot_a_text_may_leave_and_a_moment_before_it_may_not(
    of_line: list[Limit], left: list[datetime], rank: Rank
) -> None:
    slot = free_at(of_line, rank, left, START)
    assert free_at(of_line, rank, left, slot.at).at == slot.at
    if slot.limit is not None:
        assert slot.at > START
        assert free_at(of_line, rank, left, slot.at - timedelta(microseconds=1)).at == slot.at


@given(SETS, HISTORY, st.sampled_from(Rank), st.integers(1, 10**6))
def test_a_clock_that_was_ahead_holds_a_line_for_one_window_at_most(
    of_line: list[Limit], left: list[datetime], rank: Rank, ahead: int
) -> None:
    stepped = [at + timedelta(seconds=ahead) for at in left]
    assert free_at(of_line, rank, stepped, START).at <= START + max(limit.within for limit in of_line)
