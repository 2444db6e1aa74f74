"""The real program as a process of its own, on the fake modem, with somebody to queue texts for it."""

from __future__ import annotations

import os
import re
import secrets
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gateway.desk import conversations, lines, team
from gateway.desk.conversations import Author, Draft
from gateway.domain import phone
from gateway.domain.message import Purpose, State
from gateway.domain.people import Role, Scope
from gateway.store import lines as store_lines
from gateway.store import messages, schema
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from tests import any_hour

T = TypeVar("T")
LINES = ("front", "side", "back")
LINE = LINES[0]
USERNAME, PASSWORD = "anna", secrets.token_urlsafe(16)
BODY = "Your glasses are ready. We are open until six today."
_AUTHOR = Author("command", None, "benchmark")
_COMMAND = (sys.executable, "-m", "gateway", "run")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_CHANGES_AT = 8
"""Offset of iChange in the WAL index, "incremented with each transaction" (sqlite.org/walformat.html 2.1)."""
_PATIENCE_S = 60.0


def recipients(count: int) -> list[str]:
    """Numbers reserved for fiction, in turn. None is a fake modem's own: such a text would come back in."""
    return [f"+12025550{101 + place % 50}" for place in range(count)]


def wait_for(condition: Callable[[], T | None], every: float = 0.1, patience: float = _PATIENCE_S) -> T:
    """What `condition` gives once it gives something.

    Raises:
        TimeoutError: not within so many seconds.
    """
    end = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"the program did not get there within {patience:.0f} s")
        time.sleep(every)
    return value


class Office:
    """A data folder with a line on each of `ports`, and the program that serves it while the context is open.

    `command` starts the program; the folder and the panel's address reach it by its environment.
    """

    def __init__(self, folder: Path, *ports: str, command: Sequence[str] = _COMMAND) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / "gateway.db"
        self._command = command
        schema.prepare(self._path)
        self._database = Database(self._path, Keys(folder))
        self.address = ""
        self.token = self._write(lambda tx: self._furnish(tx, ports))

    def _furnish(self, tx: Tx, ports: Sequence[str]) -> str:
        now = datetime.now(UTC)
        any_hour.lift(tx)
        for place, port in enumerate(ports):
            lines.add(tx, LINES[place], port, str(_AUTHOR), now, number=f"+1202555{100 - place:04d}")
        hashed = team.hash_password(PASSWORD, USERNAME)
        team.add_user(tx, USERNAME, "Anna Reid", Role.AGENT, hashed, str(_AUTHOR), now)
        scopes = [Scope.MESSAGES_SEND, Scope.MESSAGES_READ]
        return team.create_token(tx, "benchmark", scopes, [Purpose.TRANSACTIONAL], str(_AUTHOR), now)

    def _write(self, verb: Callable[[Tx], T]) -> T:
        return self._database.write_now(verb)

    def __enter__(self) -> Self:
        mine = {"SMS_GATEWAY_DATA_DIR": str(self._folder), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"}
        others = {key: value for key, value in os.environ.items() if not key.startswith("SMS_GATEWAY_")}
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=others | mine | {"PYTHONUNBUFFERED": "1"}, stdout=log, stderr=log
            )
        try:
            self.address = wait_for(self._said_address)
            wait_for(self._serves)
        except BaseException:
            self._stop()
            raise
        return self

    def _serves(self) -> bool:
        return all(line.status == "up" for line in self._database.read(store_lines.every))

    def _said_address(self) -> str | None:
        said = (self._folder / "log").read_text()
        if self._process.poll() is not None:
            raise RuntimeError(f"the program ended with {self._process.returncode}:\n{said}")
        found = _ADDRESS.search(said)
        return found[0] if found else None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(_PATIENCE_S)
        self._database.close()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    # --- texts ---------------------------------------------------------------------------------------

    def queue(self, count: int, name: str = LINE) -> None:
        """Accept texts for a line in one transaction; the program notices within a second."""
        now = datetime.now(UTC)

        def verb(tx: Tx) -> None:
            line = conversations.choose_line(tx, name)
            for to in recipients(count):
                draft = Draft(phone.parse(to), BODY, Purpose.TRANSACTIONAL, _AUTHOR)
                conversations.accept(tx, line, draft, now)

        self._write(verb)

    def settled(self) -> bool:
        """Whether the outcome of every text is recorded."""
        return not any(self._any_in(state) for state in (State.QUEUED, State.SENDING))

    def _any_in(self, state: State) -> bool:
        return bool(self._database.read(lambda tx: messages.page(tx, messages.Filter(state=state.value), 1)))

    def commits(self) -> int:
        """Transactions ever committed to the database by any process, as SQLite itself counts them."""
        with self._path.with_name(f"{self._path.name}-shm").open("rb") as index:
            index.seek(_CHANGES_AT)
            (count,) = struct.unpack("=I", index.read(4))
        return int(count)
