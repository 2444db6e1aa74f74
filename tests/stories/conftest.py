"""One office is made by commands for all stories of a run; each story works on a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories import devices
from tests.stories.harness import Office


@dataclass(frozen=True)
class Founded:
    """What stories copy: an office without a line, and one whose line "front" opens `link`."""

    bare: Office
    equipped: Office
    link: Path


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """Made once, by commands; stories of one process run one after the other and share the link."""
    bare = Office.found(tmp_path_factory.mktemp("bare"))
    equipped = bare.copied_to(tmp_path_factory.mktemp("equipped"))
    link = equipped.folder / "modem"
    equipped.must("line", "add", "front", "--port", str(link), "--no-limit")
    return Founded(bare, equipped, link)


def working(office: Office) -> Iterator[Office]:
    """An office for a story; what still runs at its end is killed."""
    try:
        yield office
    finally:
        office.close()
        print(office.output())  # shown where the story failed


@pytest.fixture
def bare_office(founded: Founded, tmp_path: Path) -> Iterator[Office]:
    """An office with a user, a token and no line."""
    yield from working(founded.bare.copied_to(tmp_path))


@pytest.fixture
def office(founded: Founded, tmp_path: Path) -> Iterator[Office]:
    """An office with a user, a token and the line "front", which `modem` is on."""
    yield from working(founded.equipped.copied_to(tmp_path))


@pytest.fixture
def device(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Personality and chunking of the modem, where a story is told on several."""
    return getattr(request, "param", devices.USUAL)


@pytest.fixture
def modem(founded: Founded, device: tuple[str, str]) -> Iterator[FakeModem]:
    """The modem of the line "front", quick on the air, with delivery reports."""
    with FakeModem("--link", str(founded.link), "--report-delay", "0.2", *devices.options(device)) as one:
        yield one
