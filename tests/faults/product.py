"""Every story on every personality under every way of cutting up what a modem says, and which of them are
run each time: all stories on three personalities that differ most and on a sample of the others.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.checklist import PERSONALITIES
from tests.faults.stories import STORIES

CHUNKINGS = ("blob", "byte", "random")
FARTHEST = ("huawei-e3131", "wavecom-q2403", "line-adapter-text")
SEED, SAMPLE = 27005, 2


@dataclass(frozen=True)
class Combination:
    """One story on one modem. `number` is its place in the whole, from 1."""

    number: int
    story: str
    personality: str
    chunking: str
    each_time: bool

    def __str__(self) -> str:
        return f"{self.number}of{COUNT}-{self.story}-{self.personality}-{self.chunking}"


COUNT = len(STORIES) * len(PERSONALITIES) * len(CHUNKINGS)


def combinations() -> Iterator[Combination]:
    """All of them, in an order that does not change."""
    chosen = set(_each_time())
    every = itertools.product(STORIES, PERSONALITIES, CHUNKINGS)
    for number, (story, personality, chunking) in enumerate(every, start=1):
        is_chosen = (story, personality, chunking) in chosen
        yield Combination(number, story, personality, chunking, is_chosen)


def _each_time() -> Iterator[tuple[str, str, str]]:
    """Each story in one piece on the farthest personalities and a sample; the main job byte by byte, too."""
    others = sorted(set(PERSONALITIES) - set(FARTHEST))
    chance = random.Random(SEED)
    for story in STORIES:
        for personality in (*FARTHEST, *chance.sample(others, SAMPLE)):
            yield story, personality, "blob"
    for personality in FARTHEST:
        yield "main_job", personality, "byte"
