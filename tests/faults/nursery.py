"""Offices as processes, born quickly: the test's side of `tests.faults.office_at_work`, and faults of their
system calls by strace.

A row that needs what this machine does not give is skipped with the words "not run here: needs ...".
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stories.harness import OPEN, Answer, exchange, until

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Child:
    """A process that the nursery bore."""

    pid: int
    folder: Path
    _nursery: Nursery

    def wait(self, seconds: float = 60.0) -> int:
        """Its exit code; minus the signal that killed it."""
        ended: list[int] = []

        def has_ended() -> bool:
            code = self._nursery.ask(ended=self.pid)["code"]
            ended.extend([] if code is None else [code])
            return bool(ended)

        until(has_ended, seconds, "the process ends")
        return ended[0]

    def go_on(self) -> None:
        """Let a child that waits begin."""
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def address(self) -> str:
        """Where the program's panel is, once it is open."""

        def opened() -> str:
            said = self.said()
            assert "Traceback" not in said, said
            return said.partition(OPEN)[2].partition("\n")[0]

        return until(opened, 30.0, "the panel opens").rstrip("/")

    def said(self) -> str:
        """What it wrote to its standard streams."""
        return "".join((self.folder / name).read_text() for name in ("out", "err"))


class Nursery:
    """Starts children that have everything imported."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.office_at_work"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def office(self, folder: Path, *, waits: bool = False, limits: Any = None, **plan: Any) -> Child:
        """An office at work in `folder`, as `Plan` says."""
        return self._bear(folder, waits=waits, limits=limits or {}, plan={"folder": str(folder), **plan})

    def program(self, folder: Path, *words: str, says: Path | None = None, **more: Any) -> Child:
        """The program itself with the data in `folder`: `words` as on the command line. What it writes to
        its standard streams is kept there too, or in the folder `says`."""
        environment = {"SMS_GATEWAY_DATA_DIR": str(folder), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"}
        return self._bear(says or folder, words=list(words), environment=environment, **more)

    def _bear(self, folder: Path, **order: Any) -> Child:
        for name in ("out", "err"):
            (folder / name).write_text("")  # what an earlier life said is not this one's
            (folder / name).chmod(0o666)
        pid = self.ask(out=str(folder / "out"), err=str(folder / "err"), **order)["pid"]
        return Child(pid, folder, self)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Program:
    """A program that serves, and a program with a token that talks to it."""

    child: Child
    token: str
    address: str = ""

    def open(self) -> Program:
        """Wait until it answers."""
        self.address = self.child.address()
        return self

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        octets = None if body is None else json.dumps(body).encode()
        return exchange(self.address, method, path, octets, sent)

    def post(self, to: str, body: str, **headers: str) -> Answer:
        """Hand in a text."""
        return self.ask("POST", "/api/v1/messages", {"to": to, "body": body}, **headers)

    def states(self) -> dict[str, str]:
        """Every text that went out or will, by its words."""
        answer = self.ask("GET", "/api/v1/messages?limit=500&direction=outbound")
        assert answer.status == 200, answer
        return {one["body"]: one["state"] for one in answer.body["data"]}

    def end(self) -> int:
        """SIGTERM; the exit code."""
        self.child.signal(signal.SIGTERM)
        return self.child.wait()


# --- faults of system calls --------------------------------------------------------------------------


@functools.cache
def _why_not_traced() -> str:
    """Why system calls cannot be made to fail here; empty when they can."""
    if shutil.which("strace") is None:
        return "strace"
    tried = subprocess.run(["strace", "-e", "trace=none", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "the right to trace processes"


needs_strace = pytest.mark.skipif(bool(_why_not_traced()), reason=f"not run here: needs {_why_not_traced()}")


@functools.cache
def _why_not_mounted() -> str:
    """Why no disk of a few megabytes can be had here; empty when it can."""
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
        if tried.returncode == 0:
            subprocess.run(["umount", folder], check=True)
            return ""
    return "the right to mount a tmpfs"


needs_mount = pytest.mark.skipif(bool(_why_not_mounted()), reason=f"not run here: needs {_why_not_mounted()}")


@contextlib.contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of that size, empty, mounted at `folder`."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


MEMORY = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
"""Where groups of processes get a limit of memory: of the first kind, of the second."""


@contextlib.contextmanager
def memory_limit(octets: int) -> Iterator[Callable[[int], None]]:
    """A group of processes that the kernel kills when they take more; gives what puts one into it."""
    for root, name in zip(MEMORY, ("memory.limit_in_bytes", "memory.max"), strict=True):
        group = root / f"sms-gateway-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            if not (group / name).exists():
                continue
            (group / name).write_text(str(octets))
            yield lambda pid, group=group: (group / "cgroup.procs").write_text(str(pid)) and None  # type: ignore[misc]
            return
        finally:
            until(lambda group=group: _removed(group), what="the group is empty")  # type: ignore[misc]
    pytest.skip("not run here: needs the right to limit the memory of processes")


def _removed(group: Path) -> bool:
    try:
        group.rmdir()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def traced(pid: int, *options: str) -> Iterator[None]:
    """While this is open the process, with all its threads, runs under strace; then it goes on alone."""
    strace = subprocess.Popen(
        ["strace", "-f", *options, "-p", str(pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert strace.stderr is not None
    try:
        said = strace.stderr.readline()
        assert "attached" in said, said
        time.sleep(0.1)  # a thread that runs is stopped a moment after it was seized
        yield
    finally:
        strace.terminate()
        strace.communicate()


def injected(pid: int, *faults: str) -> contextlib.AbstractContextManager[None]:
    """System calls of a process fail: each of `faults` as strace's --inject takes it."""
    calls = ",".join(fault.partition(":")[0] for fault in faults)
    options = [word for fault in faults for word in ("-e", f"inject={fault}")]
    return traced(pid, "-o", os.devnull, "-e", f"trace={calls}", *options)
