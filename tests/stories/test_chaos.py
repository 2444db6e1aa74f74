"""The chaos command in its small form; `make chaos` is the whole."""

from __future__ import annotations

import pytest

from tests.chaos import __main__ as chaos
from tests.chaos.siege import Siege, Size


@pytest.mark.slow
def test_two_rounds_under_sigkill_keep_every_promise(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Siege(tmp_path_factory.mktemp("chaos"), Size(texts=30, inbound=12, kills=2), seed=7) as siege:
        for number in range(2):
            outcome = siege.play(number)
            chaos.say(outcome)
            assert outcome.violations == []
            assert outcome.counts["accepted"] + outcome.counts["refused"] == 30
            assert (outcome.counts["inbound"], outcome.counts["kills"]) == (12, 2)
