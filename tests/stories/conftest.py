"""One office is made by commands for all stories; each story works on a copy of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories.harness import Office


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a user and a token, and no line."""
    return Office.found(tmp_path_factory.mktemp("office"))


@pytest.fixture
def office(founded: Office, tmp_path: Path) -> Iterator[Office]:
    """The story's own office; what still runs at its end is killed."""
    own = founded.copied_to(tmp_path)
    try:
        yield own
    finally:
        own.close()
        print(own.output())  # shown where the story failed


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[FakeModem]:
    """A modem behind a symlink, quick on the air, with delivery reports."""
    with FakeModem("--link", str(tmp_path / "modem"), "--report-delay", "0.2") as one:
        yield one
