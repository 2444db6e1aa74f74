"""The stories on every personality, whole, byte by byte and cut up at random; and what each line cannot do.

`make test` runs a sample; the names of the rest tell their place in the whole.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from gateway.domain import line_words
from tests.faults.bench import bench, front
from tests.faults.checklist import PERSONALITIES
from tests.faults.product import COUNT, Combination, combinations
from tests.faults.stories import STORIES, abilities
from tests.virtual_time import run

CASES = [
    pytest.param(one, marks=() if one.each_time else (pytest.mark.slow,), id=str(one))
    for one in combinations()
]


@pytest.mark.parametrize("case", CASES)
def test_story(case: Combination, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path, chunking=case.chunking) as one:
            modem = await front(one, personality=case.personality)
            await STORIES[case.story](one, modem)
            await one.check()
            assert one.world.complaints == []
            assert modem.commands_after_ctrlz_before_result == 0
            assert modem.terminal.too_soon == []

    run(story)


def test_the_sample_has_every_story_on_three_personalities_and_more() -> None:
    chosen = [one for one in combinations() if one.each_time]
    assert len(list(combinations())) == COUNT
    for story in STORIES:
        assert len({one.personality for one in chosen if one.story == story}) >= 5


LACKS = {
    "line-adapter-text": {
        "delivery_reports", "multipart", "unicode", "notifications", "signal", "calls", "ussd",
    },
    "text-gsm-ucs2": {"multipart"},
    "minimal-gsm": {"delivery_reports", "notifications", "ussd"},
}  # fmt: skip
"""What lines on these devices cannot do; on all others they can do everything."""


@pytest.mark.parametrize("personality", PERSONALITIES)
def test_what_a_line_cannot_do_is_said(personality: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            await front(one, personality=personality)
            can = asdict(await abilities(one))
            missing = can.pop("lacks")
            lacks = {name for name, able in can.items() if not able}
            assert lacks == LACKS.get(personality, set())
            said = "\n".join(line_words.cannot_in_full(can, missing)).lower()
            assert all(line_words.ABILITIES[name] in said for name in lacks)
            assert bool(missing) == ("write these characters" in said) == (personality == "line-adapter-text")

    run(story)
