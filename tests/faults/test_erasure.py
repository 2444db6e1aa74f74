"""A program that is killed while it erases: at every moment of it what began is either undone or goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.desk import erasure
from gateway.queue.erasing import rewrite_now
from gateway.store import contacts, erasures
from tests.desk.remains import Traces
from tests.office import ANNA, Clock, Office

_KILLED = """
import os, signal, sqlite3, sys
from pathlib import Path
from sqlalchemy import Engine, event
from gateway.desk import erasure
from gateway.store import contacts
from tests.office import ANNA, SAM, Clock, Office
from datetime import datetime

path, at, now = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
erasure.STEP = 2
office = Office(path, Clock(now))
left = [at]

@event.listens_for(Engine, "before_cursor_execute")
def count(connection, cursor, statement, parameters, context, many):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)

contact = office.read(lambda tx: contacts.by_number(tx, ANNA))
erasure.erase(office.database.read, office.database.write_now, contact.id, SAM, "asked", office.clock)
print("whole")
"""


@pytest.mark.parametrize("at", [3, 12, 25, 40, 60, 85, 120])
def test_killed_while_it_erases(database_path: Path, clock: Clock, at: int) -> None:
    words = [f"zebra{number}crossing{number}" for number in range(6)]
    with Office(database_path, clock) as office:
        for word in words:
            office.text_from(ANNA, word)
        office.accept(ANNA, "waits for the modem")
        clock.step(minutes=5)
    arguments = [sys.executable, "-c", _KILLED, str(database_path), str(at), clock().isoformat()]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False, cwd=_root())
    assert done.returncode == -signal.SIGKILL or done.stdout == "whole\n", done.stderr
    with Office(database_path, clock) as office:
        began = office.read(lambda tx: erasures.every(tx, 5)) != []
        if not began:
            assert len(office.messages()) == 7, "all of it is there"
            assert office.read(lambda tx: contacts.by_number(tx, ANNA)) is not None
            return
        assert office.claim() is None, "nothing leaves any more"
        erasure.finish(office.database.read, office.database.write_now, clock)
        assert office.messages() == [] and office.read(erasures.unfinished) == []
        traces = Traces.of_number(ANNA)
        traces.words |= set(words)
        assert traces.in_rows(office.path) == []
        rewrite_now(office.database, clock)
        assert traces.in_files(office.path) == []
        assert office.database.check() == "ok"


def _root() -> str:
    return os.fspath(Path(__file__).parents[2])
