"""`python -m tests.eight_o_clock`: many texts wait for 08:00 in five zones, on one line with a limit.

The real lines over a real database on a fake modem, in virtual time: accepted late in the evening, let go in
the morning, the program restarted in the middle of it. What is counted is what was seen on the wire: when
each Ctrl-Z was written, and which phone got that text.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.desk import lines as desk_lines
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.domain import limits, phone
from gateway.domain.message import Purpose
from gateway.lines import Box
from gateway.modem.rhythm import Rhythm
from gateway.store import lines, schema, settings
from gateway.store.database import Tx
from tests import any_hour
from tests.fake_modem import Modem
from tests.faults.bench import Bench, bench, front
from tests.virtual_time import run

EVENING = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
"""20:30 in Honolulu, 01:30 in New York."""
OPENS, CLOSES = time(8), time(20)
WINDOW = "daily 08:00-20:00"
PER_MINUTE = 6
MINUTE = 60.0
PATIENCE_S = 3600.0
OVERNIGHT_S = 6.25 * 3600
"""How long the box is off in the night: until a quarter to eight in New York."""
LOOK_S = 17.0
BURST = 6
"""Replies written at one moment, just before the restart: more than the limit has room for."""
CALM = Rhythm(listing=1800.0, health=1800.0, notices=3600.0, ping=1800.0)
SAM = Author("person", 1, "Sam")
SHOP = Author("token", 1, "shop")

ZONES = {
    "America/New_York": ("+1646555", 0.60),
    "America/Chicago": ("+1312555", 0.15),
    "America/Denver": ("+1303555", 0.10),
    "America/Los_Angeles": ("+1213555", 0.10),
    "Pacific/Honolulu": ("+1808555", 0.05),
}
"""Zone, beginning of its numbers, and its share of the texts: the first keeps the line busy for an hour."""

KINDS = (
    Purpose.TRANSACTIONAL,
    Purpose.MARKETING,
    Purpose.CONVERSATIONAL,
    Purpose.FEEDBACK,
    Purpose.TRANSACTIONAL,
    Purpose.MARKETING,
    Purpose.TRANSACTIONAL,
    Purpose.FEEDBACK,
    Purpose.MARKETING,
    Purpose.TRANSACTIONAL,
)
"""Purposes of ten texts, in the order they are accepted."""


@dataclass(frozen=True, slots=True)
class Left:
    """One text as the wire saw it: when its Ctrl-Z was written (s since the story began), to whom."""

    at: float
    number: str


@dataclass
class Figures:
    """What came of it."""

    began: datetime
    accepted: dict[str, tuple[str, Purpose]] = field(default_factory=dict)  # number: zone, purpose
    fresh: dict[str, float] = field(default_factory=dict)  # number: when its reply was written
    left: list[Left] = field(default_factory=list)

    def when(self, one: Left) -> datetime:
        """Local time of its recipient."""
        zone = ZoneInfo(self.accepted[one.number][0])
        return (self.began + timedelta(seconds=one.at)).astimezone(zone)

    def highest(self) -> int:
        """The highest number of texts in any 60 s, wherever they begin."""
        times = [one.at for one in self.left]
        return max(
            sum(begin <= at < begin + MINUTE for at in times[i : i + 50]) for i, begin in enumerate(times)
        )

    def of_zone(self, zone: str) -> list[Left]:
        return [
            one for one in self.left if self.accepted[one.number][0] == zone and one.number not in self.fresh
        ]

    def overtaken_by(self) -> dict[str, tuple[int, float]]:
        """For each fresh reply: how many texts left between its writing and itself, and after how long."""
        found = {}
        for number, written in self.fresh.items():
            at = next(one.at for one in self.left if one.number == number)
            between = sum(written < one.at < at and one.number not in self.fresh for one in self.left)
            found[number] = between, at - written
        return found

    def wrong(self) -> list[str]:
        """What is not as it should be, in words; nothing is the promise kept."""
        counts = Counter(one.number for one in self.left)
        found = [f"{number} got nothing" for number in self.accepted if not counts[number]]
        found += [f"{number} got {count} texts" for number, count in counts.items() if count > 1]
        outside = [one for one in self.left if not OPENS <= self.when(one).time() < CLOSES]
        found += [f"{one.number} got it at {self.when(one):%H:%M:%S}" for one in outside]
        if self.highest() > PER_MINUTE:
            found.append(f"{self.highest()} texts within 60 s")
        found += [f"{n} was overtaken {b} times" for n, (b, _) in self.overtaken_by().items() if b > 1]
        return found + [words for zone in ZONES for words in self._not_first(zone)]

    def _not_first(self, zone: str) -> list[str]:
        """Automated texts that went before a zone's replies once it was 08:00 there, apart from the one whose
        turn it was and from those that had waited for an hour themselves, of which every fourth may go."""
        replies = [one.at for one in self.of_zone(zone) if self._is_reply(one)]
        stroke = self._stroke(zone)
        ahead = [one for one in self.left if stroke + 3 < one.at < max(replies, default=0.0)]
        others = [one for one in ahead if not self._is_reply(one)]
        fair = [one for one in others if one.at - self._stroke(self.accepted[one.number][0]) >= PATIENCE_S]
        late = [one for one in others if one not in fair][1:]
        if len(fair) > 1 + len(ahead) // 4:
            late += fair
        return [f"{one.number} went before replies in {zone}" for one in late]

    def _is_reply(self, one: Left) -> bool:
        return self.accepted[one.number][1] is Purpose.CONVERSATIONAL

    def _stroke(self, zone: str) -> float:
        day = self.began.astimezone(ZoneInfo(zone)).date()
        at = next(
            moment
            for moment in (
                datetime.combine(day + timedelta(days=more), OPENS, ZoneInfo(zone)) for more in (0, 1)
            )
            if moment > self.began
        )
        return (at - self.began).total_seconds()

    def told(self) -> list[str]:
        """The figures, a line each."""
        said = []
        for zone in ZONES:
            here = self.of_zone(zone)
            replies = sum(self._is_reply(one) for one in here)
            said.append(
                f"{zone:20} {len(here):4} texts, {replies:3} of them replies; "
                f"first {self.when(here[0]):%H:%M:%S}, last {self.when(here[-1]):%H:%M:%S} their time"
            )
        said.append(f"highest number in any 60 s: {self.highest()} (limit {PER_MINUTE})")
        for number, (between, seconds) in self.overtaken_by().items():
            said.append(
                f"fresh reply to {number}: {between} texts before it, on the wire after {seconds:.1f} s"
            )
        said.append(f"accepted {len(self.accepted)}, left {len(self.left)}, wrong: {len(self.wrong())}")
        return said


# --- the story ---------------------------------------------------------------------------------------


def open_hours(tx: Tx) -> None:
    """The same window for every purpose, and no caps."""
    any_hour.lift(tx)
    for name in any_hour.RULES:
        if name.startswith("hours."):
            settings.put(tx, name, WINDOW)


def plan(texts: int) -> list[tuple[str, str, Purpose]]:
    """Number, zone and purpose of each text, mixed as they would come in."""
    of_zone = [
        [(f"{start}{place:04}", zone) for place in range(round(texts * share))]
        for zone, (start, share) in ZONES.items()
    ]
    mixed = [one for row in itertools.zip_longest(*of_zone) for one in row if one is not None]
    in_zone = {zone: itertools.cycle(KINDS) for zone in ZONES}
    return [(number, zone, next(in_zone[zone])) for number, zone in mixed]


class _Morning:
    """One run of the story."""

    def __init__(self, one: Bench, modem: Modem) -> None:
        self.one, self.modem = one, modem
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        modem.log.clock = self._loop.time
        self.figures = Figures(one.clock())

    async def accept(self, texts: Sequence[tuple[str, str, Purpose]]) -> None:
        for number, zone, purpose in texts:
            await self._accept(number, zone, purpose)

    async def _accept(self, number: str, zone: str, purpose: Purpose) -> None:
        author = SAM if purpose is Purpose.CONVERSATIONAL else SHOP
        body = f"A text to {number}"
        draft = Draft(phone.parse(number), body, purpose, author)

        def verb(tx: Tx) -> int:
            row = lines.by_name(tx, "front")
            assert row is not None
            return accept(tx, row, draft, self.one.clock())

        self.one.accepted[await self.one.write(verb)] = body
        self.figures.accepted[number] = zone, purpose

    async def reply(self, number: str, zone: str) -> None:
        """Somebody of the office writes now."""
        self.figures.fresh[number] = self._loop.time() - self._began
        await self._accept(number, zone, Purpose.CONVERSATIONAL)

    def arrived(self) -> int:
        return sum(len(one.parts) for one in self.one.world.phones.values())

    async def until_arrived(self, count: int) -> None:
        """Looks seldom: every look costs real time, however much time is skipped."""
        end = self._loop.time() + 24 * 3600.0
        while self.arrived() < count:
            assert self._loop.time() < end, f"{self.arrived()} texts arrived, not {count}"
            await asyncio.sleep(LOOK_S)

    def seen(self) -> list[Left]:
        """Every Ctrl-Z with the phone that got the text: one is on the air at a time."""
        ends = [chunk.time for chunk in self.modem.log.chunks if chunk.who == "C" and b"\x1a" in chunk.data]
        parts = [(part.time, number) for number, one in self.one.world.phones.items() for part in one.parts]
        whose = [number for _, number in sorted(parts)]
        return [Left(at - self._began, number) for at, number in zip(ends, whose, strict=True)]


async def morning(path: Path, texts: int, fresh: int, *, calm: bool = False) -> Figures:
    """The whole story; `fresh` replies are written while the others wait for their turn. `calm`: for less
    real time the box is off in the night and its line looks after itself but seldom."""
    box = Box(rhythm=CALM) if calm else None
    async with bench(path, box, at_any_hour=False, begin=EVENING, report_delay=None) as one:
        await one.write(open_hours)
        modem = await front(one)
        only = (limits.Limit(PER_MINUTE, "minute"),)
        await one.write(lambda tx: desk_lines.set_limits(tx, "front", only, "command:test", one.clock()))
        it = _Morning(one, modem)
        await it.accept(plan(texts))
        if calm:
            await one.stop()
            await asyncio.sleep(OVERNIGHT_S)
            await one.start_again()
        first = round(texts * ZONES["America/New_York"][1])
        for place in range(fresh):
            await it.until_arrived((place + 1) * first // (fresh + 2) + place)
            await it.reply(f"+1212555{place:04}", "America/New_York")
        await it.until_arrived((fresh + 1) * first // (fresh + 2) + fresh)
        for place in range(fresh, fresh + BURST):
            await it.reply(f"+1212555{place:04}", "America/New_York")
        await one.restart()
        await it.until_arrived(texts + fresh + BURST)
        await one.settled()
        await one.check()
        it.figures.left = it.seen()
        return it.figures


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.eight_o_clock", description=__doc__)
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--fresh", type=int, default=10, help="replies written while the others wait")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "gateway.db"
        schema.prepare(path)
        figures = run(lambda: morning(path, given.texts, given.fresh))
    print("\n".join([*figures.told(), *figures.wrong()]))
    return 1 if figures.wrong() else 0


if __name__ == "__main__":
    sys.exit(main())
