"""A line's limits as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import limits
from gateway.domain.limits import BadLimit, Limit


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
