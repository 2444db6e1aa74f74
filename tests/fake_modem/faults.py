"""What can go wrong, by name: data plus small hooks the terminal and the modem ask at fixed points.

A fault is a class registered under its name. It is in force from `inject` until it has been used `count`
times (None: for ever), `seconds` have passed, or it is cleared. Faults of one moment do their work in
`start` and are never in force.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .terminal import CONTINUATION, ITEM, RESULT, Piece

if TYPE_CHECKING:
    from .modem import Modem

FAULTS: dict[str, type[Fault]] = {}


@dataclass
class SendPlan:
    """What becomes of one text after Ctrl-Z.

    `accepted`: the network takes it. `result`: None the honest one, "" none at all, else this line.
    `late`: seconds the result comes after the time on air; `busy`: commands wait meanwhile.
    `vanish`: seconds after Ctrl-Z at which the modem is gone; `back_after`: seconds until it returns.
    """

    accepted: bool = True
    result: str | None = None
    late: float = 0.0
    busy: bool = True
    vanish: float | None = None
    back_after: float | None = None


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


# --- silence and noise --------------------------------------------------------------------------------


@fault
class Mute(Fault):
    """Takes everything, says nothing, unsolicited lines included. What is typed meanwhile is lost."""

    name, count = "mute", None

    def start(self) -> bool:
        self.modem.terminal.reset()
        return True

    def swallows(self, line: str) -> bool:
        return True

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return []


@fault
class HalfMute(Fault):
    """Answers only a bare AT; other command lines are taken without an answer."""

    name, count = "half-mute", None

    def swallows(self, line: str) -> bool:
        return line.strip().upper() != "AT"


@fault
class ErrorStorm(Fault):
    """Every command is answered `result`; `command` limits it to one name ("+CMGR", "+CMGS", ...)."""

    name, count = "error-storm", None
    params: ClassVar = {"result": "ERROR", "command": None}

    def refuses(self, name: str) -> str | None:
        if self.command not in (None, name):
            return None
        self.use()
        return str(self.result)


@fault
class Echo(Fault):
    """The echo is turned on or off behind the computer's back."""

    name = "echo"
    params: ClassVar = {"on": True}

    def start(self) -> bool:
        self.modem.settings.echo = self.on
        return False


@fault
class Garbage(Fault):
    """Bytes that mean nothing: `hex`, or `n` seeded random ones, before the piece `at`, or now."""

    name = "garbage"
    params: ClassVar = {"hex": None, "n": 16, "at": "now"}

    def start(self) -> bool:
        self.data = bytes.fromhex(self.hex) if self.hex else self.modem.world.random.randbytes(self.n)
        if self.at == "now":
            self.modem.terminal.raw(self.data)
        return bool(self.at != "now")

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return insert(self, pieces, self.data)


# --- answers bent -------------------------------------------------------------------------------------

PLACES = {
    "before-echo": ("echo", 1), "in-cmgr": (CONTINUATION, 1), "between-items": (ITEM, 2),
    "with-prompt": ("prompt", 1), "before-result": (RESULT, 1),
}  # fmt: skip


def insert(one: Any, pieces: list[Piece], data: bytes) -> list[Piece]:
    """`pieces` with `data` before the place `one.at`, and one use counted, where the place occurs."""
    kind, nth = PLACES[one.at]
    places = [place for place, piece in enumerate(pieces) if piece.kind == kind]
    if len(places) < nth:
        return pieces
    one.use()
    return [*pieces[: places[nth - 1]], Piece("urc", data), *pieces[places[nth - 1] :]]


@fault
class Urc(Fault):
    """An unsolicited line, at: now | before-echo | in-cmgr | between-items | with-prompt | before-result."""

    name = "urc"
    params: ClassVar = {"text": "^RSSI:17", "at": "now", "command": None}

    def start(self) -> bool:
        if self.at == "now":
            self.modem.terminal.raw(f"\r\n{self.text}\r\n".encode("latin-1"))
        elif self.at not in PLACES:
            raise ValueError(f"urc has no place {self.at!r}; there are now, {', '.join(PLACES)}")
        return bool(self.at != "now")

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self.command and not line.upper().startswith(f"AT{self.command}".upper()):
            return pieces
        return insert(self, pieces, f"\r\n{self.text}\r\n".encode("latin-1"))


class Answers(Fault):
    """A fault that bends final answers, of one command name or of any."""

    params: ClassVar = {"command": None}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        wanted = not self.command or line.upper().startswith(f"AT{self.command}".upper())
        if not line or not wanted or not any(piece.kind == RESULT for piece in pieces):
            return pieces
        self.use()
        return self.bend(pieces)

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        raise NotImplementedError


@fault
class TruncateAnswer(Answers):
    """The answer ends after `bytes` bytes; the rest never comes."""

    name = "truncate-answer"
    params: ClassVar = {"bytes": 5, "command": None}

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        whole = b"".join(piece.data for piece in pieces)
        return [Piece(RESULT, whole[: self.bytes])]


@fault
class DropOk(Answers):
    """The final result does not come; the modem is ready for the next command all the same."""

    name = "drop-ok"

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        return [piece for piece in pieces if piece.kind != RESULT]


@fault
class DoubleOk(Answers):
    """The final result comes twice."""

    name = "double-ok"

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        return [*pieces, dataclasses.replace(pieces[-1])]


@fault
class LateAnswer(Answers):
    """The answer comes `after` seconds later; what is sent meanwhile waits (and is noted as too soon)."""

    name = "late-answer"
    params: ClassVar = {"after": 1.0, "command": None}

    def bend(self, pieces: list[Piece]) -> list[Piece]:
        return [dataclasses.replace(pieces[0], delay=self.after), *pieces[1:]]


@fault
class Chunking(Fault):
    """Everything goes out cut up: how = byte | random | blob (whole pieces), `gap` seconds between."""

    name, count = "chunking", None
    params: ClassVar = {"how": "byte", "gap": 0.0005}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self.how == "blob":
            return pieces
        out: list[Piece] = []
        for piece in pieces:
            data = piece.data
            while data:
                size = 1 if self.how == "byte" else self.modem.world.random.randint(1, 12)
                gap = self.gap if out else piece.delay
                out.append(Piece(piece.kind, data[:size], gap))
                data = data[size:]
        return out


# --- sending ------------------------------------------------------------------------------------------


class Sends(Fault):
    """A fault of sending; `to` limits it to one recipient by way of the network's rules instead."""

    def plan(self, plan: SendPlan) -> SendPlan:
        self.use()
        return self.decide(plan)

    def decide(self, plan: SendPlan) -> SendPlan:
        raise NotImplementedError


@fault
class DropResult(Sends):
    """After Ctrl-Z no result comes; the network took the text or not; commands are answered again."""

    name = "drop-result"
    params: ClassVar = {"accepted": True}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, accepted=self.accepted, result="")


@fault
class LateResult(Sends):
    """The result comes `after` seconds after the time on air; busy=False: commands run meanwhile."""

    name = "late-result"
    params: ClassVar = {"after": 1.0, "busy": True, "accepted": True}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, late=self.after, busy=self.busy, accepted=self.accepted)


@fault
class SentButError(Sends):
    """The network takes the text, the modem reports an error: `cms` n, or any `result` line."""

    name = "sent-but-error"
    params: ClassVar = {"cms": 500, "result": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, result=self.result or f"+CMS ERROR: {self.cms}")


@fault
class ErrorNotSent(Sends):
    """The text does not reach the network and the modem says so: `cms` n, or any `result` line."""

    name = "error-but-not-sent"
    params: ClassVar = {"cms": 500, "result": None}

    def decide(self, plan: SendPlan) -> SendPlan:
        return dataclasses.replace(plan, accepted=False, result=self.result or f"+CMS ERROR: {self.cms}")


# --- being there --------------------------------------------------------------------------------------


@fault
class Vanish(Fault):
    """The cable is pulled: when = now | at-prompt | mid-body | after-ctrlz.

    `after_bytes` typed (mid-body), `after` seconds and `accepted` by the network (after-ctrlz).
    `back_after` seconds it returns by itself, under another name behind the same link. `powered`: the
    modem does not restart, as behind a serial server.
    """

    name = "vanish"
    params: ClassVar = {
        "when": "now", "back_after": None, "after_bytes": 10, "after": 0.0, "accepted": True, "powered": False,
    }  # fmt: skip

    def start(self) -> bool:
        if self.when not in ("now", "at-prompt", "mid-body", "after-ctrlz"):
            raise ValueError(f"vanish has no moment {self.when!r}")
        if self.when == "now":
            self._go()
        return bool(self.when != "now")

    def _go(self) -> None:
        self.use()
        self.modem.vanish(back_after=self.back_after, powered=self.powered)

    def prompted(self) -> None:
        if self.when == "at-prompt":
            self._go()

    def typing(self, typed: bytes) -> None:
        if self.when == "mid-body" and len(typed) >= self.after_bytes:
            self._go()

    def plan(self, plan: SendPlan) -> SendPlan:
        if self.when != "after-ctrlz":
            return plan
        self.use()
        return dataclasses.replace(
            plan, vanish=self.after, accepted=self.accepted, back_after=self.back_after, result=""
        )


@fault
class Return(Fault):
    """The modem comes back after a vanish."""

    name = "return"
    params: ClassVar = {"after": 0.0}

    def start(self) -> bool:
        self.modem.come_back(self.after)
        return False


@fault
class Reboot(Fault):
    """The modem restarts in place: settings as after power-on, then its banner."""

    name = "reboot"
    params: ClassVar = {"banner": ("RDY",), "after": 0.0}

    def start(self) -> bool:
        banner = (self.banner,) if isinstance(self.banner, str) else tuple(self.banner)
        self.modem.reboot(banner=banner, after=self.after)
        return False


@fault
class StuckPrompt(Fault):
    """The modem stands at a prompt with text in it, as after a crash of the computer.

    Ctrl-Z would send `typed` to `to` as text (or, with `length`, as the PDU `typed` in hex).
    """

    name = "stuck-prompt"
    params: ClassVar = {"to": "+12025550100", "typed": "Your table is bo", "length": None}

    def start(self) -> bool:
        self.modem.stuck_prompt(self.to, self.typed, self.length)
        return False


@fault
class CnmiReset(Fault):
    """The routing of new messages is forgotten: AT+CNMI=0,0,0,0,0."""

    name = "cnmi-reset"

    def start(self) -> bool:
        self.modem.settings.cnmi = (0, 0, 0, 0, 0)
        return False


# --- receiving ----------------------------------------------------------------------------------------


@fault
class SimFull(Fault):
    """The store is filled with texts from `sender`, so that the service centre keeps what comes next.

    `stat`: 0, 1 received; 2, 3 stored by someone, which nobody may take for received. `free` slots stay.
    """

    name = "sim-full"
    params: ClassVar = {"sender": "+12025550199", "stat": 1, "store": None, "free": 0}

    def start(self) -> bool:
        self.modem.fill_store(self.sender, self.stat, self.store, self.free)
        return False


@fault
class Deliver(Fault):
    """A raw PDU (hex with service centre address, damaged as you like) is put into the store.

    `stat` as in `sim-full`; `length` the header tells, counted where not given; direct=True: as +CMT.
    """

    name = "deliver"
    params: ClassVar = {"pdu": "", "stat": 0, "length": None, "direct": False, "store": None}

    def start(self) -> bool:
        self.modem.place_raw(self.pdu, self.stat, self.length, self.direct, self.store)
        return False


@fault
class CmtiLost(Fault):
    """A message is stored and not announced."""

    name = "cmti-lost"

    def announce(self, urc: str) -> list[str]:
        self.use()
        return []


@fault
class CmtiDouble(Fault):
    """A message is announced twice."""

    name = "cmti-double"

    def announce(self, urc: str) -> list[str]:
        self.use()
        return [urc, urc]


@fault
class CmtiEarly(Fault):
    """A message is announced `after` seconds before it can be read."""

    name = "cmti-before-readable"
    params: ClassVar = {"after": 0.5}

    def unreadable_for(self) -> float:
        self.use()
        return float(self.after)
