"""An office for end-to-end stories: the real program as processes, and everything a story asks of it.

`Office` starts, stops and kills `python -m gateway run`, runs single commands, speaks to the API and keeps
what the program wrote to its standard streams. `Panel` is a browser without a screen. It imports nothing
of the program.
"""

from __future__ import annotations

import atexit
import functools
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from tests.stories.forms import buttons_of
from tests.stories.starter import Starter

ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")

USERNAME, PASSWORD = "anna", "the kettle is on again"
SCOPES = ("messages:send", "messages:read", "metrics:read")
OPEN = "The panel is open at "
ANY_HOUR = {
    "hours.conversational": "daily 00:00-24:00",
    "hours.transactional": "daily 00:00-24:00",
    "limits.contact_day": "0",
}
"""Stories are told at any hour, to the same few people."""
NOTICED_WITHIN = 10.0
SANDBOX = ("-m", "tests.sandbox", sys.executable)
"""Arguments of Python before those of a program that is to run under the filters of our unit."""


def until(condition: Callable[[], T], seconds: float = 15.0, what: str = "") -> T:
    """Ask until the answer is true, and give it.

    Raises AssertionError, with the last answer, when that takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what or 'condition'}; last seen: {value!r}")
        time.sleep(0.02)
    return value


@dataclass(frozen=True)
class Done:
    """A command that ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Answer:
    """An HTTP answer. `body` is decoded where it is JSON, text otherwise."""

    status: int
    headers: dict[str, str]
    body: Any


def exchange(
    address: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """One HTTP request on a connection of its own. Raises OSError or HTTPException."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        found = {name.lower(): value for name, value in answer.getheaders()}
        is_json = "json" in found.get("content-type", "")
        return Answer(answer.status, found, json.loads(text) if is_json else text)
    finally:
        connection.close()


@functools.cache
def _starter() -> Starter:
    """One for all stories of a process."""
    starter = Starter(ROOT)
    atexit.register(starter.close)
    return starter


@dataclass
class Office:
    """One data folder and the programs that work on it.

    `data` is the folder, `token` a secret with every scope; both are made by `found`. `address` is where
    the running daemon answers. `settings` are boot settings of its own, by their environment variables.
    `is_sandboxed`: its daemons run under the filters of our unit, in all stories by `make test-sandbox`.
    """

    folder: Path
    token: str = ""
    listen: str = "127.0.0.1:0"
    address: str = ""
    process: subprocess.Popen[bytes] | None = None
    said: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    is_sandboxed: bool = "SANDBOXED" in os.environ
    _starts: int = 0

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @classmethod
    def found(cls, folder: Path) -> Office:
        """A new office with one user and one token, made by commands."""
        office = cls(folder)
        done = office.run("user", "add", USERNAME, "--role", "admin", "--password-stdin", feed=PASSWORD)
        assert done.code == 0, done
        office.must("setting", "set", "office.second_factor", "offered")
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        done = office.run("token", "create", "stories", *scopes)
        assert done.code == 0, done
        office.token = done.out.strip()
        for name, value in ANY_HOUR.items():
            office.must("setting", "set", name, value)
        return office

    def copied_to(self, folder: Path) -> Office:
        """The same office in another place, as a restored backup would be."""
        shutil.copytree(self.data, folder / "data")
        return Office(folder, self.token)

    # --- commands -------------------------------------------------------------------------------------

    def environment(self, **more: str) -> dict[str, str]:
        """What a command sees: ours alone, none of the caller's own settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SMS_GATEWAY_")}
        own = {"SMS_GATEWAY_DATA_DIR": str(self.data), "SMS_GATEWAY_LISTEN": self.listen}
        return inherited | own | self.settings | more

    def launch(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a command; end it with `finish`."""
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", *words],
            cwd=ROOT,
            env=self.environment(**more),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, process: subprocess.Popen[str], feed: str = "") -> Done:
        """Wait for a command."""
        out, err = process.communicate(feed, timeout=60)
        self.said.append(err)
        return Done(process.returncode, out, err)

    def run(self, *words: str, feed: str = "", **more: str) -> Done:
        """Run one command to its end."""
        done = Done(*_starter().run(words, self.environment(**more), feed))
        self.said.append(done.err)
        return done

    def must(self, *words: str) -> str:
        """Run a command that has to succeed; its standard output."""
        done = self.run(*words)
        assert done.code == 0, done
        return done.out

    # --- the daemon -----------------------------------------------------------------------------------

    def launch_daemon(self, *program: str) -> None:
        """Start the daemon and do not wait for it. `program`: Python's arguments, to run another one."""
        assert self.process is None
        self._starts += 1
        filters = SANDBOX if self.is_sandboxed else ()
        with self._stream("out").open("wb") as out, self._stream("err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, *filters, *(program or ("-m", "gateway", "run"))],
                cwd=ROOT, env=self.environment(), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )  # fmt: skip

    def _stream(self, name: str) -> Path:
        return self.folder / f"daemon-{self._starts}.{name}"

    def wait_open(self, seconds: float = 30.0) -> None:
        """Return when the daemon says where its panel is. Raises AssertionError when it ended instead."""

        def opened() -> str:
            assert self.process is not None
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.output()}"
            said = self._stream("out").read_text()
            return said.partition(OPEN)[2].partition("\n")[0]

        self.address = until(opened, seconds, "the panel opens").rstrip("/")

    def start(self, *program: str) -> None:
        """Start the daemon as `launch_daemon` does; returns when its doors are open."""
        self.launch_daemon(*program)
        self.wait_open()

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        code = self.process.wait(90)
        self.process = None
        return code

    def close(self) -> None:
        """End what still runs."""
        if self.process is not None:
            self.kill()

    def output(self) -> str:
        """Everything daemons and commands wrote that a log would keep."""
        streams = [path.read_text() for path in sorted(self.folder.glob("daemon-*"))]
        return "\n".join(streams + self.said)

    # --- the API --------------------------------------------------------------------------------------

    def api(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One API request with the token. Header names are written with underscores."""
        sent = {"Authorization": f"Bearer {self.token}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        octets = None
        if body is not None:
            octets = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        return exchange(self.address, method, path, octets, sent)

    def post(self, to: str, body: str, **fields: Any) -> dict[str, Any]:
        """Post a text that has to be accepted; the message object."""
        answer = self.api("POST", "/api/v1/messages", {"to": to, "body": body, **fields})
        assert answer.status == 202, answer
        found: dict[str, Any] = answer.body
        assert answer.headers["location"].endswith(f"/api/v1/messages/{found['id']}")
        return found

    def message(self, message_id: str, explain: bool = False) -> dict[str, Any]:
        """One message as it is now."""
        answer = self.api("GET", f"/api/v1/messages/{message_id}" + ("?explain=1" if explain else ""))
        assert answer.status == 200, answer
        found: dict[str, Any] = answer.body
        return found

    def pages(self, **filters: str) -> Iterator[dict[str, Any]]:
        """Every message that fits, newest first, page by page."""
        cursor = ""
        while True:
            query = urlencode(filters | {"limit": "500"} | ({"cursor": cursor} if cursor else {}))
            answer = self.api("GET", f"/api/v1/messages?{query}")
            assert answer.status == 200, answer
            yield from answer.body["data"]
            cursor = answer.body["next_cursor"] or ""
            if not cursor:
                return

    def inbound(self, sender: str) -> list[dict[str, Any]]:
        """What that number wrote to us."""
        return list(self.pages(direction="inbound", **{"from": sender}))

    def until_state(self, message_id: str, *states: str, seconds: float = 15.0) -> dict[str, Any]:
        """Wait until a message is in one of the states; the message."""

        def there() -> dict[str, Any] | None:
            message = self.message(message_id)
            last.append(message["state"])
            return message if message["state"] in states else None

        last: list[str] = []
        try:
            return until(there, seconds)  # type: ignore[return-value]
        except AssertionError:
            raise AssertionError(f"never {' or '.join(states)} in {seconds} s, but {last[-1]}") from None

    def line_health(self, name: str = "front") -> dict[str, Any]:
        """What /healthz/lines says of a line; empty when it does not know it."""
        answer = self.api("GET", "/healthz/lines")
        assert answer.status == 200, answer
        return next((line for line in answer.body["lines"] if line["name"] == name), {})

    def until_up(self, name: str = "front", seconds: float = 20.0) -> None:
        """Wait until a line works."""
        until(lambda: self.line_health(name).get("status") == "up", seconds, f"line {name} is up")

    def sign_in(self) -> Panel:
        """A browser in which anna is signed in."""
        panel = Panel(self)
        panel.press("/sign-in", "Sign in", username=USERNAME, password=PASSWORD)
        return panel


class Panel:
    """A browser without a screen and without JavaScript: pages, cookies, forms."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> str:
        """A page that has to be there."""
        answer = self._ask("GET", path)
        assert answer.status == 200, (path, answer.status, answer.body[:500])
        return str(answer.body)

    def press(self, path: str, button: str, within: str = "", **typed: str) -> str:
        """Press a button on the page at `path`, with what was typed; the page one lands on.

        `within`: part of the address it sends to, where several buttons say the same.
        """
        every = list(buttons_of(self.get(path)))
        found = next((one for one in every if one.words == button and within in one.action), None)
        assert found, f"no button {button!r} on {path}, only {[one.words for one in every]}"
        fields = urlencode(found.form.fields | typed)
        answer = self._ask("POST", found.action or path, fields.encode())
        assert answer.status in (302, 303), (button, answer.status, answer.body[:500])
        return self.get(urlsplit(answer.headers["location"]).path)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Origin"] = self._office.address
        answer = exchange(self._office.address, method, quote(path, safe="/?=&%"), body, headers)
        name, _, value = answer.headers.get("set-cookie", "").partition(";")[0].partition("=")
        if name:
            self._cookies[name] = value
        return answer
