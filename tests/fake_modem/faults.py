"""What can go wrong, by name: the base of all faults and those in force on one modem.

A fault is data plus small hooks that the terminal and the modem ask at fixed points. They stand in the
`faults_*` files by subject.

A fault is a class registered under its name. It is in force from `inject` until it has been used `count`
times (None: for ever), `seconds` have passed, or it is cleared. Faults of one moment do their work in
`start` and are never in force.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from . import clock
from .answers import Answer, Command, Later, Prompt

if TYPE_CHECKING:
    from . import tpdu
    from .modem import Modem
    from .stores import Store
    from .terminal import Piece

Outcome = Answer | Prompt | Later
Proceed = Callable[[Command], Outcome]

FAULTS: dict[str, type[Fault]] = {}
WORDS, SPELLING, CUTTING = 0, 1, 2
SLACK = 0.001  # seconds after its end in which a fault is looked for and stopped


@dataclass
class SendPlan:
    """What becomes of one text after Ctrl-Z.

    `accepted`: the network takes it. `result`: None the honest one, "" none at all, else this line.
    `to`: the recipient. `air_time`: seconds on air, None the network's own. `late`: seconds the result comes
    after them; `busy`: commands wait meanwhile. `flips`: a stored text counts as sent afterwards.
    `leave`: what the modem does `leave_after` seconds after Ctrl-Z instead of answering.
    """

    to: str = ""
    accepted: bool = True
    result: str | None = None
    air_time: float | None = None
    late: float = 0.0
    busy: bool = True
    flips: bool = True
    leave: Callable[[], None] | None = None
    leave_after: float = 0.0


@dataclass
class ReportPlan:
    """The status reports of one part: `reports` after `delay` seconds, or `first`, before the result.

    `part` and `parts`: which part of how many it is.
    """

    reports: list[tpdu.StatusReport]
    delay: float
    first: bool = False
    part: int = 1
    parts: int = 1


class Fault:
    """Base of all: no hook does anything. Subclasses name their parameters with defaults in `params`."""

    name: ClassVar[str] = ""
    params: ClassVar[dict[str, Any]] = {}
    count: int | None = 1
    order: ClassVar[int] = WORDS
    """Who changes what goes out first: WORDS, who need lines whole, then SPELLING, then CUTTING."""

    def __init__(self, modem: Modem, **given: Any) -> None:
        self.modem = modem
        seconds = given.pop("seconds", None) if "seconds" not in self.params else None
        self.until = clock.seconds() + seconds if seconds is not None else None
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
        return self.left == 0 or (self.until is not None and clock.seconds() >= self.until)

    def use(self) -> None:
        """Count one use."""
        if self.left is not None:
            self.left -= 1

    def start(self) -> bool:
        """Called at injection; False: all is done already."""
        return True

    def stop(self) -> None:
        """Called when cleared or spent."""

    def hears(self, data: bytes) -> bytes:
        """What the modem hears of the bytes the computer has written."""
        return data

    def echoes(self, *, typing: bool) -> bool:
        """Whether bytes come back though the echo is off; `typing`: at the prompt."""
        return False

    def latency(self, name: str) -> float:
        """Seconds more before the command called `name` is run."""
        return 0.0

    def swallows(self, line: str) -> bool:
        """Whether a command line is taken without any answer."""
        return False

    def refuses(self, name: str) -> str | None:
        """A final result to give instead of running the command called `name`."""
        return None

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        """Run a command, or something else instead. May raise Refusal."""
        return proceed(asked)

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

    def confirm(self, text: str) -> str:
        """What is said instead of "+CMGS: 12" or "+CMSS: 12"; "": no line at all."""
        return text

    def refused(self) -> None:
        """The network has not taken the text just handed over."""

    def started(self) -> None:
        """The modem has power."""

    def restarted(self) -> None:
        """The modem has lost its power."""

    def directly(self, direct: bool) -> bool:
        """Whether a message goes to the computer without being stored; `direct` is what +CNMI says."""
        return direct

    def owed_within(self, seconds: float | None) -> float | None:
        """Seconds within which +CNMA is owed for what was given directly; None: it is not."""
        return seconds

    def place(self, store: str) -> str:
        """The name of the store a message goes to."""
        return store

    def stored(self, store: Store, index: int) -> None:
        """A message was just stored."""

    def no_room(self, store: Store) -> None:
        """A message was just refused for want of space."""

    def announce(self, urc: str) -> list[str]:
        """Which notices go out for a message that was stored."""
        return [urc]

    def unreadable_for(self) -> float:
        """Seconds a message just stored cannot be read yet."""
        return 0.0

    def report(self, plan: ReportPlan) -> ReportPlan:
        """Decide on the status reports of a part the network has taken."""
        return plan

    def report_header(self, header: str, octets: bytes) -> str:
        """What is said for a report given directly: +CDS and all that follows."""
        return header

    def ringing(self, urc: str) -> list[str]:
        """Which lines go out for RING, +CRING or +CLIP."""
        return [urc]

    def hangs_up(self, by: str, honoured: bool) -> bool:
        """Whether `by` ("+CHUP", "H") ends a call; `honoured` is what the book says."""
        return honoured


def fault(cls: type[Fault]) -> type[Fault]:
    """Register under `cls.name`."""
    FAULTS[cls.name] = cls
    return cls


class Faults:
    """The faults in force on one modem, oldest first."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.active: list[Fault] = []
        self._lasting: list[Fault] = []

    def inject(self, name: str, **params: Any) -> Fault:
        """Put a fault in force. Raises ValueError for an unknown name or parameter."""
        if name not in FAULTS:
            raise ValueError(f"no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
        one = FAULTS[name](self._modem, **params)
        if one.start():
            self.active.append(one)
            if one.until is not None:
                self._modem.world.later(one.until - clock.seconds() + SLACK, self._live)
        return one

    def keep(self, one: Fault) -> None:
        """Put a habit of the device in force."""
        self.active.append(one)
        self._lasting.append(one)

    def last(self, name: str, **params: Any) -> Fault:
        """Put a fault in force that belongs to the device: only `clear` by its name ends it."""
        one = self.inject(name, **params)
        self._lasting.append(one)
        return one

    def clear(self, name: str | None = None) -> None:
        """End the faults of that name, or all but the lasting ones."""
        kept = self._lasting if name is None else []
        for one in [one for one in self.active if name in (None, one.name) and one not in kept]:
            self.active.remove(one)
            one.stop()

    def _live(self) -> list[Fault]:
        for one in [one for one in self.active if one.spent]:
            self.active.remove(one)
            one.stop()
        return list(self.active)

    def _each(self) -> list[Fault]:
        return self._live() if self.active else []

    def hears(self, data: bytes) -> bytes:
        for one in self._each():
            data = one.hears(data)
        return data

    def echoes(self, *, typing: bool) -> bool:
        return any(one.echoes(typing=typing) for one in self._each())

    def latency(self, name: str) -> float:
        return sum(one.latency(name) for one in self._each())

    def swallows(self, line: str) -> bool:
        return any(one.swallows(line) for one in self._each())

    def refuses(self, name: str) -> str | None:
        for one in self._each():
            if (result := one.refuses(name)) is not None:
                return result
        return None

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        """Run a command through all faults, the newest outermost."""
        for one in self._each():
            proceed = _wrapped(one, proceed)
        return proceed(asked)

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        for one in sorted(self._each(), key=lambda one: one.order):
            pieces = one.shape(pieces, line)
        return pieces

    def prompted(self) -> None:
        for one in self._each():
            one.prompted()

    def typing(self, typed: bytes) -> None:
        for one in self._each():
            one.typing(typed)

    def plan(self, to: str) -> SendPlan:
        plan = SendPlan(to)
        for one in self._each():
            plan = one.plan(plan)
        return plan

    def confirm(self, text: str) -> str:
        for one in self._each():
            text = one.confirm(text)
        return text

    def refused(self) -> None:
        for one in self._each():
            one.refused()

    def started(self) -> None:
        for one in self._each():
            one.started()

    def restarted(self) -> None:
        for one in self._each():
            one.restarted()

    def directly(self, direct: bool) -> bool:
        for one in self._each():
            direct = one.directly(direct)
        return direct

    def owed_within(self, seconds: float | None) -> float | None:
        for one in self._each():
            seconds = one.owed_within(seconds)
        return seconds

    def place(self, store: str) -> str:
        for one in self._each():
            store = one.place(store)
        return store

    def stored(self, store: Store, index: int) -> None:
        for one in self._each():
            one.stored(store, index)

    def no_room(self, store: Store) -> None:
        for one in self._each():
            one.no_room(store)

    def announce(self, urc: str) -> list[str]:
        urcs = [urc]
        for one in self._each():
            urcs = [other for each in urcs for other in one.announce(each)]
        return urcs

    def unreadable_for(self) -> float:
        return max((one.unreadable_for() for one in self._each()), default=0.0)

    def report(self, plan: ReportPlan) -> ReportPlan:
        for one in self._each():
            plan = one.report(plan)
        return plan

    def report_header(self, header: str, octets: bytes) -> str:
        for one in self._each():
            header = one.report_header(header, octets)
        return header

    def ringing(self, urc: str) -> list[str]:
        urcs = [urc]
        for one in self._each():
            urcs = [other for each in urcs for other in one.ringing(each)]
        return urcs

    def hangs_up(self, by: str, honoured: bool) -> bool:
        for one in self._each():
            honoured = one.hangs_up(by, honoured)
        return honoured


def _wrapped(one: Fault, proceed: Proceed) -> Proceed:
    return lambda asked: one.run(asked, proceed)
