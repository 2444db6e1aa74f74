"""Habits that several devices share: faults that are always in force and are nobody's fault.

Delays and counts are read from `Modem.parameters` when they are needed, so that a test can change them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from . import clock, commands_sms
from .answers import TEST, Answer, Command, Later, Prompt, Refusal
from .faults import Fault, Outcome, Proceed
from .terminal import ASK, ITEM, URC, Piece

if TYPE_CHECKING:
    from .stores import Store


class Habit(Fault):
    """Never spent and never cleared."""

    count = None

    def parameter(self, name: str) -> Any:
        """A delay or count of the device, as it is now."""
        return self.modem.parameters[name]


class Rewrites(Habit):
    """Information and unsolicited lines in the device's own spelling: pairs of pattern and replacement."""

    params: ClassVar = {"rules": ()}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return [self._spelled(piece) if piece.kind in (ITEM, URC) else piece for piece in pieces]

    def _spelled(self, piece: Piece) -> Piece:
        data = piece.data
        for pattern, replacement in self.rules:
            data = re.sub(pattern, replacement, data)
        return replace(piece, data=data)


class NotReady(Habit):
    """Commands of 27.005 are refused until the line `ready_at` of the boot has been said.

    A SIM that is absent or locked refuses them in its own way.
    """

    params: ClassVar = {"refusal": None}

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        modem = self.modem
        open_sim = modem.sim_present and modem.sim.state == "READY"
        concerned = asked.kind != TEST and asked.name in commands_sms.COMMANDS
        if not modem.startup.ready and open_sim and concerned:
            refusal: Refusal = self.refusal()
            raise refusal
        return proceed(asked)


class FullSign(Habit):
    """Says `full_sign` when the last place of a store is taken, and when a message found none."""

    def stored(self, store: Store, index: int) -> None:
        if store.full:
            self._say(store)

    def no_room(self, store: Store) -> None:
        self._say(store)

    def _say(self, store: Store) -> None:
        self.modem.terminal.urc(self.modem.personality.full_sign.format(store=store.name))


class Repeats(Habit):
    """Says a line every so often while `talking`; subclasses say which, how often, and when it ends."""

    every: ClassVar[str] = ""  # the parameter: seconds, 0 for never

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.talking, self._round = False, 0

    def talk(self) -> None:
        """Begin anew."""
        self._round += 1
        self.talking = bool(self.parameter(self.every))
        if self.talking:
            self._later(self._round)

    def hush(self) -> None:
        self.talking = False

    def say(self) -> None:
        raise NotImplementedError

    def _later(self, round_: int) -> None:
        self.modem.world.later(self.parameter(self.every), lambda: self._again(round_))

    def _again(self, round_: int) -> None:
        if self.talking and round_ == self._round:
            self.say()
            self._later(round_)

    def restarted(self) -> None:
        self.hush()


class ShapedPrompt(Habit):
    """The prompt is `prompt`."""

    params: ClassVar = {"prompt": b"\r\n>"}

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        return [replace(piece, data=self.prompt) if piece.kind == ASK else piece for piece in pieces]


Taker = Callable[[bytes], Answer | Later]


class Typed(Habit):
    """Base of habits about what is typed at the prompt."""

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        outcome = proceed(asked)
        if not isinstance(outcome, Prompt):
            return outcome
        taker = outcome.on_text
        return Prompt(lambda typed: self.taken(typed, taker))

    def taken(self, typed: bytes, taker: Taker) -> Answer | Later:
        """Ctrl-Z came."""
        raise NotImplementedError


class EchoesTyped(Typed):
    """What was typed at the prompt is echoed with its Ctrl-Z, echo or not (H.4)."""

    def taken(self, typed: bytes, taker: Taker) -> Answer | Later:
        if not self.modem.settings.echo:
            self.modem.terminal.raw(typed + b"\x1a")
        return taker(typed)


class Sleeps(Habit):
    """After `sleep_after` idle seconds the first command line wakes the device and is lost.

    `awake`: the name and value of the setting that forbids it.
    """

    params: ClassVar = {"awake": ("", "")}

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self._last, self._waking = clock.seconds(), False

    def hears(self, data: bytes) -> bytes:
        idle, self._last = clock.seconds() - self._last, clock.seconds()
        name, value = self.awake
        if idle >= self.parameter("sleep_after") and self.modem.settings.extras.get(name) != (value,):
            self._waking = True
        if not self._waking:
            return data
        lost, end, rest = data.partition(b"\r")
        self._waking = not end and lost != b"\x1b"
        return rest
