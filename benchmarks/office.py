"""The real program as a process of its own, on the fake modem, with somebody to queue texts for it."""

from __future__ import annotations

import os
import re
import secrets
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from gateway.desk import acceptance, drafts, lines, team
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.message import Purpose, State
from gateway.domain.people import Role, Scope
from gateway.store import lines as store_lines
from gateway.store import messages, schema, settings
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from tests import any_hour

T = TypeVar("T")
LINES = ("front", "side", "back", *(f"desk-{place}" for place in range(4, 17)))
LINE = LINES[0]
USERNAME, PASSWORD = "anna", secrets.token_urlsafe(16)
BODY = "Your glasses are ready. We are open until six today."
AUTHOR = Author("command", None, "benchmark")
_COMMAND = (sys.executable, "-m", "gateway", "run")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_CHANGES_AT = 8
"""Offset of iChange in the WAL index, "incremented with each transaction" (sqlite.org/walformat.html 2.1)."""
_PATIENCE_S = 60.0
RULES = {
    **{
        name: "Mon-Fri 00:00-24:00; Sat-Sun 00:00-24:00"
        for name in any_hour.RULES
        if name.startswith("hours.")
    },
    **{name: "500" for name in any_hour.RULES if name.startswith("limits.")},
}
"""Hours and caps that hold nothing back at the hour of the run, and are judged all the same."""


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


def furnish(tx: Tx, ports: Sequence[str], rules: Mapping[str, str]) -> str:
    """An office with these rules, a line on each port, and somebody who works there; returns a token."""
    now = datetime.now(UTC)
    for name, value in rules.items():
        settings.put(tx, name, value)
    for place, port in enumerate(ports):
        lines.add(tx, LINES[place], port, str(AUTHOR), now, number=f"+1202555{100 - place:04d}")
    hashed = team.hash_password(PASSWORD, USERNAME)
    team.add_user(tx, USERNAME, "Anna Reid", Role.AGENT, hashed, str(AUTHOR), now)
    scopes = [Scope.MESSAGES_SEND, Scope.MESSAGES_READ]
    return team.create_token(tx, "benchmark", scopes, [Purpose.TRANSACTIONAL], str(AUTHOR), now)


class Office:
    """A data folder with a line on each of `ports`, and the program that serves it while the context is open.

    `command` starts the program; the folder and the panel's address reach it by its environment. Quiet hours
    and caps are lifted, unless others are given as `rules`.
    """

    def __init__(
        self,
        folder: Path,
        *ports: str,
        command: Sequence[str] = _COMMAND,
        rules: Mapping[str, str] = any_hour.RULES,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / "gateway.db"
        self._command = command
        schema.prepare(self._path)
        self._database = Database(self._path, Keys(folder))
        self.address = ""
        self.token = self.write(lambda tx: furnish(tx, ports, rules))

    def write(self, verb: Callable[[Tx], T]) -> T:
        """Run a verb of the desk in a transaction, from this process."""
        return self._database.write_now(verb)

    def read(self, query: Callable[[Tx], T]) -> T:
        """Read from this process."""
        return self._database.read(query)

    def __enter__(self) -> Self:
        self.start()
        try:
            self.address = wait_for(self._said_address)
            wait_for(self._serves)
        except BaseException:
            self._stop()
            raise
        return self

    def start(self) -> None:
        """Start the program, without waiting for it."""
        mine = {"SMS_GATEWAY_DATA_DIR": str(self._folder), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"}
        others = {key: value for key, value in os.environ.items() if not key.startswith("SMS_GATEWAY_")}
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                self._command, env=others | mine | {"PYTHONUNBUFFERED": "1"}, stdout=log, stderr=log
            )

    def restart(self) -> float:
        """Start the program again and wait until it is ready; returns the seconds that took."""
        began = time.monotonic()
        self.start()
        self.address = wait_for(self._said_address, every=0.01)
        wait_for(self._is_ready, every=0.01)
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL to the program."""
        self._process.kill()
        self._process.wait(_PATIENCE_S)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz/ready", timeout=_PATIENCE_S) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _serves(self) -> bool:
        return all(line.status == "up" for line in self.read(store_lines.every))

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

    def queue(self, count: int, *names: str) -> None:
        """Accept so many texts for each of these lines in one transaction; the program notices within a
        second."""
        now = datetime.now(UTC)

        def verb(tx: Tx) -> None:
            for line in [drafts.choose_line(tx, name) for name in names or (LINE,)]:
                for to in recipients(count):
                    draft = Draft(phone.parse(to), BODY, Purpose.TRANSACTIONAL, AUTHOR)
                    acceptance.accept(tx, line, draft, now)

        self.write(verb)

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
