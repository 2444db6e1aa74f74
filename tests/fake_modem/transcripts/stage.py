"""A replay on a pty or a TCP port, in a test's own loop or as a program of its own."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ..wire import PtyWire
from ..wire_net import TcpWire
from . import names, text_of
from .notation import Transcript, parse
from .replay import STRICT, Replay

SETTLE = 0.05  # seconds after the opening in which computers throw away what came before
LINGER = 0.5  # seconds for the other side to read the last words: a pty takes them with it when it closes


class Stage:
    """`async with Stage(transcript, link) as stage: open(stage.path)`; the play starts when it is opened.

    On a pty behind `link`, or with `tcp` on a port (0: a free one).
    """

    def __init__(
        self,
        transcript: Transcript,
        link: str | Path | None = None,
        *,
        tcp: int | None = None,
        mode: str = STRICT,
        factor: float = 1.0,
        settle: float = SETTLE,
    ) -> None:
        self.replay = Replay(transcript, lambda data: self._wire.write(data), mode=mode, factor=factor)
        self._settle = settle
        self._timer: asyncio.TimerHandle | None = None
        self._wire: PtyWire | TcpWire
        if tcp is None:
            self._wire = PtyWire(self.replay.feed, str(link) if link else None, on_open=self._opened)
        else:
            self._wire = TcpWire(self.replay.feed, tcp, on_open=self._opened)

    @property
    def path(self) -> str:
        """What a program opens."""
        return self._wire.path

    def _opened(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._settle, self.replay.start)

    def result(self) -> dict[str, Any]:
        """What can be told of the play so far."""
        return {
            "done": self.replay.done, "unused": self.replay.unused, "early": self.replay.early,
            "deviations": [dataclasses.asdict(one) for one in self.replay.deviations],
        }  # fmt: skip

    async def __aenter__(self) -> Self:
        self._wire.plug()
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer:
            self._timer.cancel()
        self.replay.stop()
        self._wire.unplug()
        await asyncio.sleep(0)


def load(name: str) -> Transcript:
    """A transcript of ours by its name, or any by its path. Raises OSError, ValueError."""
    return parse(text_of(name) if name in names() else Path(name).read_text(encoding="utf-8"))


async def serve(
    name: str, link: str | None, tcp: int | None, *, mode: str, factor: float, until_told: bool
) -> int:
    """Play one transcript: a JSON line when ready, one with the result at the end.

    Ends when the play is over, or, `until_told`, on SIGTERM or SIGINT. Returns 1 where anything deviated.
    """
    told = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    async with Stage(load(name), link, tcp=tcp, mode=mode, factor=factor) as stage:
        print(json.dumps({"path": stage.path, "replay": name}), flush=True)
        ends = [asyncio.create_task(told.wait())]
        if not until_told:
            ends.append(asyncio.create_task(stage.replay.over.wait()))
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        await asyncio.sleep(0.0 if told.is_set() else LINGER)
        json.dump(stage.result(), sys.stdout)
        print(flush=True)
        return int(bool(stage.replay.deviations))
