"""For tests that run the fake modem as a program of its own: start it, talk to its control socket.

Blocking, standard library only. The verbs are listed in `control_server` and README.md.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]


class ControlError(RuntimeError):
    """The fake modem refused a verb; the message says why."""


class Control:
    """One connection to a control socket. Every method may raise ControlError."""

    def __init__(self, path: str | Path, *, timeout: float = 10.0) -> None:
        self._socket = _connect(str(path), timeout)
        self._file = self._socket.makefile("rw", encoding="utf-8")

    def __call__(self, verb: str, **args: Any) -> dict[str, Any]:
        """Send one verb, give its answer without "ok"."""
        self._file.write(json.dumps({"verb": verb, **args}) + "\n")
        self._file.flush()
        reply = self._file.readline()
        if not reply:
            raise ControlError("the fake modem has gone")
        answer: dict[str, Any] = json.loads(reply)
        if not answer.pop("ok"):
            raise ControlError(answer["error"])
        return answer

    def text(self, phone: str, text: str, **options: Any) -> list[str]:
        """A phone writes to the line; options as of `Phone.text`. Gives the TPDUs."""
        return list(self("text", **{"from": phone}, text=text, **options)["tpdus"])

    def call(self, phone: str, **options: Any) -> bool:
        """A phone calls the line; options as of `Phone.call`. False: the line is taken or away."""
        return bool(self("call", **{"from": phone}, **options)["put_through"])

    def texts(self, phone: str) -> list[str]:
        """The whole texts a phone has received."""
        return list(self("phone", number=phone)["texts"])

    def phones(self) -> dict[str, dict[str, Any]]:
        """Every phone: counts, texts, parts."""
        return dict(self("phones")["phones"])

    def inject(self, fault: str, **params: Any) -> None:
        self("inject", fault=fault, params=params)

    def clear(self, fault: str | None = None) -> None:
        self("clear", fault=fault)

    def vanish(self, back_after: float | None = None) -> None:
        self("vanish", back_after=back_after)

    def come_back(self) -> None:
        self("return")

    def state(self) -> dict[str, Any]:
        return self("state")

    def wait(self, condition: Any, seconds: float = 10.0) -> Any:
        """Ask `condition()` until it is true; its value. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            if time.monotonic() > end:
                raise TimeoutError(f"not within {seconds} s")
            time.sleep(0.02)
        return value

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _connect(path: str, timeout: float) -> socket.socket:
    end = time.monotonic() + timeout
    while True:
        one = socket.socket(socket.AF_UNIX)
        one.settimeout(timeout)
        try:
            one.connect(path)
        except OSError:
            one.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return one


class FakeModem:
    """The program `python -m tests.fake_modem` with `args`, started and stopped.

    `ready` is the line it printed; `path` what a daemon opens; `control` a Control.
    """

    def __init__(self, *args: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fake-modem-")
        socket_path = str(Path(self._folder.name) / "control")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.fake_modem", "--control", socket_path, *args],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        first = self.process.stdout.readline()
        if not first:
            self.process.wait()
            raise ControlError(f"the fake modem ended with {self.process.returncode}")
        self.ready: dict[str, Any] = json.loads(first)
        self.path: str = self.ready["path"]
        self.number: str = self.ready["number"]
        self.control = Control(socket_path)

    def close(self) -> None:
        self.control.close()
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
