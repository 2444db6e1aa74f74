"""A nursery for the whole run, and an office whose folder every test copies."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.clock import utc_now
from gateway.desk import lines, team
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.store import settings
from gateway.store.database import Tx, opened
from gateway.store.keys import Keys
from tests.faults.nursery import Nursery
from tests.office import ANNA, CARA, delivers


@dataclass(frozen=True)
class Founded:
    """An office at rest: a folder to copy, a token that may do everything, what lies on its SIM."""

    folder: Path
    token: str
    pdus: frozenset[str]


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    one = Nursery()
    yield one
    one.close()


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Founded:
    """One line called front, one token, open at any hour; a question and a STOP wait on the SIM."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copy(empty_database, folder / "gateway.db")

    def found(tx: Tx) -> str:
        now = utc_now()
        for purpose in ("conversational", "transactional"):
            settings.put(tx, f"hours.{purpose}", "daily 00:00-24:00")
        lines.add(tx, "front", "loopback", "command:test", now)
        return team.create_token(tx, "shop", [*Scope], [*Purpose], "command:test", now)

    with opened(folder / "gateway.db", Keys(folder)) as database:
        token = database.write_now(found)
    pdus = delivers(ANNA, "Any chance to be seen today?", utc_now()) + delivers(CARA, "STOP", utc_now())
    (folder / "sim").mkdir()
    for index, pdu in enumerate(pdus, start=1):
        (folder / "sim" / str(index)).write_text(pdu)
    return Founded(folder, token, frozenset(pdus))


@pytest.fixture
def new_folder(founded: Founded, tmp_path: Path) -> Callable[[str], Path]:
    """Another copy of the office, by name."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(founded.folder, tmp_path / name))

    return copy
