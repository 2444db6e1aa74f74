"""Every doubt has words, and so has every piece of evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain import clock_words
from gateway.domain.clock_trust import Doubt, Evidence

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("doubt", list(Doubt))
def test_every_doubt_is_a_sentence(doubt: Doubt) -> None:
    said = clock_words.in_doubt(doubt.value)
    assert said.startswith("The clock of this box may be wrong: ") and said.endswith(".")


def test_no_doubt_is_no_word() -> None:
    assert clock_words.in_doubt(None) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "agrees within 1 s"),
        (-90, "agrees within 90 s"),
        (150, "is 2 min ahead"),
        (-7300, "is 2 h behind"),
    ],
)
def test_the_networks_time(seconds: int, said: str) -> None:
    assert f"Mobile network: {said}" in clock_words.evidence(
        Evidence(NOW, offsets=(timedelta(seconds=seconds),))
    )


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    assert clock_words.evidence(Evidence(NOW)) == [
        "Time service: cannot be asked",
        "Mobile network: no line that works has told its time lately",
    ]
