"""How soon the pages of an office with a long past are there, and what its length costs: the same pages of
the running program, asked for over HTTP by somebody signed in, with few texts and with many."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from gateway.domain.inbox import OF_OPEN, Sort, Tab
from tests.fake_modem import FakeModem

from . import history
from .office import Office
from .rows import Row, Verdict, percentile
from .visitor import Visitor

FAKE_OPTIONS = ("--modems", "2", "--report-delay", "-1", "--seed", "1")
FEW = 10_000
AT_MOST = 2.0
"""Times what the same page takes with few texts."""
BARS_MS = {
    "conversation list": 50.0,
    "open thread": 50.0,
    "two-word search": 100.0,
    "contacts table": 50.0,
    "find in the longest thread": 100.0,
}
"""The groups of pages, each with the milliseconds that 95 of 100 answers may take."""
_PROMISED = ("conversation list", "open thread", "two-word search")


@dataclass(frozen=True, slots=True)
class Size:
    """An office of so many texts: what making it took and came to, and the milliseconds of each page."""

    texts: int
    made_s: float
    megabytes: float
    rows: str
    groups: dict[str, dict[str, list[float]]]


def addresses(past: history.Past) -> dict[str, list[str]]:
    """The pages of each group."""
    day = datetime.fromtimestamp(past.middle / 1e6, UTC).date()
    longest, ordinary = f"/conversations/{past.longest}", f"/conversations/{past.ordinary}"
    recently = datetime.now(UTC).date() - timedelta(days=30)
    return {
        "conversation list": [
            *(f"/?show={tab}&sort={sort}" for tab in Tab for sort in _orders(tab)),
            *(f"/?show={tab}&{narrowed}" for tab in (Tab.OPEN, Tab.ALL) for narrowed in _NARROWED),
        ],
        "open thread": [ordinary, longest, f"{longest}?on={day}"],
        "find in the longest thread": [f"{longest}?find={words}" for words in ("friday", "glasses+ready")],
        "two-word search": [f"/search?q={quote(words)}" for words in _SOUGHT],
        "contacts table": [
            f"/contacts?{asked}" for asked in (*_FILTERED, f"after={recently}", f"before={recently}")
        ],
    }


def _orders(tab: Tab) -> list[Sort]:
    return list(Sort) if tab in OF_OPEN else [Sort.NEWEST]


_NARROWED = ("tag=recall", "priority=urgent", "unread=1", "failed=1", "unclear=1", "line=side")
_SOUGHT = ("friday appointment", "the please", "glasses kabels", "reparation demain", "nadia ald")
_FILTERED = (
    "", "q=nadia", "q=alder+anna", "q=770001", "stage=customer", "priority=urgent", "tag=recall",
    "health=suspect", "consent=open", "consent=stopped", "language=fr", "blocked=yes", "blocked=no",
    "stage=customer&tag=vip&q=ann",
)  # fmt: skip


def measure(folder: Path, texts: int, rounds: int) -> Size:
    """Make the office, start the program on it, and ask for each page `rounds` times, twice before that."""
    with FakeModem(*FAKE_OPTIONS) as fake:
        ports = [str(modem["path"]) for modem in fake.ready["modems"]]
        office = Office(folder, *ports)
        began = time.monotonic()
        past = history.fill(folder / "gateway.db", texts, int(time.time() * 1_000_000))
        made = time.monotonic() - began
        megabytes = (folder / "gateway.db").stat().st_size / 1e6
        with office, Visitor(office.address) as visitor:
            return Size(texts, made, megabytes, ", ".join(history.tables(past)), _ask(visitor, past, rounds))


def _ask(visitor: Visitor, past: history.Past, rounds: int) -> dict[str, dict[str, list[float]]]:
    groups = addresses(past)
    found: dict[str, dict[str, list[float]]] = {
        group: {address: [] for address in pages} for group, pages in groups.items()
    }
    for turn in range(2 + rounds):
        for group, pages in groups.items():
            for address in pages:
                took, _ = visitor.get(address)
                if turn >= 2:
                    found[group][address].append(took)
    return found


def rows(few: Size, many: Size) -> Iterator[Row]:
    """Each group: what its pages take with many texts, and in terms of few."""
    for group, bar in BARS_MS.items():
        yield _row(group, bar, few, many)


def _row(group: str, bar: float, few: Size, many: Size) -> Row:
    samples = [one for page in many.groups[group].values() for one in page]
    before = [one for page in few.groups[group].values() for one in page]
    p95, ratio = percentile(samples, 0.95), percentile(samples, 0.95) / percentile(before, 0.95)
    slowest = sorted(
        ((percentile(times, 0.95), address) for address, times in many.groups[group].items()), reverse=True
    )[:3]
    worst = "; ".join(f"{address} {took:.0f} ms" for took, address in slowest)
    how = (
        f"{len(many.groups[group])} pages, {len(samples)} answers over HTTP, signed in, one after the other; "
        f"median {percentile(samples, 0.5):.0f} ms; with {few.texts:,} texts p95 "
        f"{percentile(before, 0.95):.0f}, median {percentile(before, 0.5):.0f} ms. Slowest by p95: {worst}."
    )
    met = p95 <= bar and ratio <= AT_MOST
    return Row(
        f"{group} at {many.texts:,} texts",
        f"p95 {bar:g} ms, at most {AT_MOST:g} times that at {few.texts:,}",
        f"p95 {p95:.0f} ms, {ratio:.1f} times",
        Verdict.MET if met else Verdict.MISSED,
        how,
        promised=group in _PROMISED,
    )


def made(size: Size) -> str:
    """What the office is, in a sentence."""
    took = f"made in {size.made_s:.0f} s, {size.megabytes:,.0f} MB"
    return f"An office of {size.texts:,} texts, {took}: {size.rows}."
