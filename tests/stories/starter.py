"""Commands begun quickly: a process that has read the program's code once forks for each of them.

Reading it takes longer than most commands, and stories give hundreds. Each still is a process of its own,
with its own environment, folder, streams and exit code, and runs what `python -m gateway` runs. What starts
the daemon, or a command that goes on meanwhile, begins a new Python as an office does.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SECONDS = 60.0
"""A command that takes longer is killed, and the story fails."""
_MOST = 1 << 20


class Starter:
    """Starts one command after the other. Close it when no more are to come."""

    def __init__(self, folder: Path) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.stories.starter", str(theirs.fileno())],
                cwd=folder,
                pass_fds=[theirs.fileno()],
            )
        self._ours.settimeout(SECONDS)

    def run(self, words: Sequence[str], environment: Mapping[str, str], feed: str) -> tuple[int, str, str]:
        """Exit code (negative: the signal that ended it), standard output and standard error of a command."""
        with (
            tempfile.TemporaryFile() as into,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            into.write(feed.encode())
            into.seek(0)
            asked = json.dumps({"words": list(words), "environment": dict(environment)})
            streams = [one.fileno() for one in (into, out, err)]
            socket.send_fds(self._ours, [asked.encode()], streams)
            pid = int(self._ours.recv(_MOST))
            try:
                code = int(self._ours.recv(_MOST))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                code = int(self._ours.recv(_MOST))
            for one in (out, err):
                one.seek(0)
            return code, out.read().decode(), err.read().decode()

    def close(self) -> None:
        """No more commands."""
        self._ours.close()
        self._process.wait(SECONDS)


def _serve(asking: socket.socket) -> dict[str, Any] | None:
    """Fork for whatever is asked. Returns what a child is to run, and None when nobody asks any more."""
    while True:
        asked, streams, _, _ = socket.recv_fds(asking, _MOST, 3)
        if not asked:
            return None
        pid = os.fork()
        if pid == 0:
            asking.close()
            for wanted, stream in enumerate(streams):
                os.dup2(stream, wanted)
                os.close(stream)
            found: dict[str, Any] = json.loads(asked)
            return found
        for stream in streams:
            os.close(stream)
        asking.send(str(pid).encode())
        asking.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def main() -> None:
    """Read the program, then serve the socket whose number was given."""
    import importlib

    from gateway import cli, daemon  # noqa: F401 - what commands load is read once

    for files in cli.COMMANDS.values():
        for name in files:
            importlib.import_module(f"gateway.commands.{name}")
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.argv = ["gateway", *asked["words"]]
        cli.main()


if __name__ == "__main__":
    main()
