"""What most tests start from: a real database in a temporary folder, a clock stepped by hand, one line."""

from __future__ import annotations

import fcntl
import gc
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.domain import language
from gateway.store import schema
from tests import any_hour as any_hours
from tests.office import Clock, Office

MONDAY = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


def pytest_collection_finish() -> None:
    """What is loaded by now stays; nobody need look through it again for what may go."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A page that was answered in French leaves its thread speaking it; the next test begins anew."""
    with language.speaking(language.ENGLISH):
        yield


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """One after the other, whichever process runs them: tests marked `alone` with the same word."""
    marker = request.node.get_closest_marker("alone")
    if marker is None:
        yield
        return
    with (Path(tempfile.gettempdir()) / f"sms-gateway-tests-{marker.args[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file that tests copy; migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("schema") / "gateway.db"
    schema.prepare(path)
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock(MONDAY)


@pytest.fixture
def database_path(tmp_path: Path, empty_database: Path) -> Path:
    return Path(shutil.copy(empty_database, tmp_path / "gateway.db"))


@pytest.fixture
def office(database_path: Path, clock: Clock) -> Iterator[Office]:
    """An office with one line called front."""
    with Office(database_path, clock) as office:
        yield office


@pytest.fixture
def any_hour(office: Office) -> None:
    """In this office everything may go at any hour, as often as one likes."""
    office.write(any_hours.lift)
