"""What can go wrong, by name: the base of all faults and those in force on one modem.

A fault is data plus small hooks that the terminal and the modem ask at fixed points. Those of the wire and
of answers are in `faults_line`, those of sending, receiving and being there in `faults_air`.

A fault is a class registered under its name. It is in force from `inject` until it has been used `count`
times (None: for ever), `seconds` have passed, or it is cleared. Faults of one moment do their work in
`start` and are never in force.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from .modem import Modem
    from .terminal import Piece

FAULTS: dict[str, type[Fault]] = {}


@dataclass
class SendPlan:
    """What becomes of one text after Ctrl-Z.

    `accepted`: the network takes it. `result`: None the honest one, "" none at all, else this line.
    `late`: seconds the result comes after the time on air; `busy`: commands wait meanwhile.
    `leave`: what the modem does `leave_after` seconds after Ctrl-Z instead of answering.
    """

    accepted: bool = True
    result: str | None = None
    late: float = 0.0
    busy: bool = True
    leave: Callable[[], None] | None = None
    leave_after: float = 0.0


class Fault:
    """Base of all: no hook does anything. Subclasses name their parameters with defaults in `params`."""

    name: ClassVar[str] = ""
    params: ClassVar[dict[str, Any]] = {}
    count: int | None = 1

    def __init__(self, modem: Modem, **given: Any) -> None:
        self.modem = modem
        seconds = given.pop("seconds", None) if "seconds" not in self.params else None
        self.until = time.monotonic() + seconds if seconds is not None else None
        default = None if seconds is not None else type(self).count
        self.left: int | None = given.pop("count", default) if "count" not in self.params else default
        if unknown := given.keys() - self.params.keys():
            raise ValueError(
                f"{self.name} has no parameter {sorted(unknown)[0]}; it has {sorted(self.params)}"
            )
        for key, value in (self.params | given).items():
            setattr(self, key, value)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...  # the parameters

    @property
    def spent(self) -> bool:
        return self.left == 0 or (self.until is not None and time.monotonic() >= self.until)

    def use(self) -> None:
        """Count one use."""
        if self.left is not None:
            self.left -= 1

    def start(self) -> bool:
        """Called at injection; False: all is done already."""
        return True

    def stop(self) -> None:
        """Called when cleared or spent."""

    def swallows(self, line: str) -> bool:
        """Whether a command line is taken without any answer."""
        return False

    def refuses(self, name: str) -> str | None:
        """A final result to give instead of running the command called `name`."""
        return None

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        """Change what goes out; `line` is the running command line, "" for unsolicited lines."""
        return pieces

    def prompted(self) -> None:
        """The prompt has gone out."""

    def typing(self, typed: bytes) -> None:
        """More text was typed at the prompt; `typed` is all of it."""

    def plan(self, plan: SendPlan) -> SendPlan:
        """Decide on the text just handed over."""
        return plan

    def announce(self, urc: str) -> list[str]:
        """Which notices go out for a message that was stored."""
        return [urc]

    def unreadable_for(self) -> float:
        """Seconds a message just stored cannot be read yet."""
        return 0.0


def fault(cls: type[Fault]) -> type[Fault]:
    """Register under `cls.name`."""
    FAULTS[cls.name] = cls
    return cls


class Faults:
    """The faults in force on one modem, oldest first."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.active: list[Fault] = []

    def inject(self, name: str, **params: Any) -> Fault:
        """Put a fault in force. Raises ValueError for an unknown name or parameter."""
        if name not in FAULTS:
            raise ValueError(f"no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        one = FAULTS[name](self._modem, **params)
        if one.start():
            self.active.append(one)
        return one

    def clear(self, name: str | None = None) -> None:
        """End the faults of that name, or all."""
        for one in [one for one in self.active if name in (None, one.name)]:
            self.active.remove(one)
            one.stop()

    def _live(self) -> list[Fault]:
        for one in [one for one in self.active if one.spent]:
            self.active.remove(one)
            one.stop()
        return list(self.active)

    def swallows(self, line: str) -> bool:
        return any(one.swallows(line) for one in self._live()) if self.active else False

    def refuses(self, name: str) -> str | None:
        for one in self._live() if self.active else ():
            if (result := one.refuses(name)) is not None:
                return result
        return None

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        for one in self._live() if self.active else ():
            pieces = one.shape(pieces, line)
        return pieces

    def prompted(self) -> None:
        for one in self._live() if self.active else ():
            one.prompted()

    def typing(self, typed: bytes) -> None:
        for one in self._live() if self.active else ():
            one.typing(typed)

    def plan(self) -> SendPlan:
        plan = SendPlan()
        for one in self._live() if self.active else ():
            plan = one.plan(plan)
        return plan

    def announce(self, urc: str) -> list[str]:
        urcs = [urc]
        for one in self._live() if self.active else ():
            urcs = [other for each in urcs for other in one.announce(each)]
        return urcs

    def unreadable_for(self) -> float:
        return max((one.unreadable_for() for one in self._live()), default=0.0)
