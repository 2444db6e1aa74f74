"""What handlers of several devices share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import TEST, Answer, Command
from ..commands_general import LINGER, Handler
from ..faults import Outcome

if TYPE_CHECKING:
    from ..modem import Modem


def needs_sim(handler: Handler) -> Handler:
    """A handler of 27.005 that is refused while the SIM is not open."""

    def with_sim(modem: Modem, asked: Command) -> Outcome:
        if asked.kind != TEST:
            modem.require_sim()
        return handler(modem, asked)

    return with_sim


def powers_off(modem: Modem, asked: Command) -> Answer:
    """The device is gone until somebody presses its key: `Modem.come_back`."""
    modem.world.later(LINGER, modem.vanish)
    return Answer()


def dummy(text: str) -> Handler:
    """A command that answers always the same line, and takes every setting."""

    def handler(modem: Modem, asked: Command) -> Answer:
        return Answer() if asked.args else Answer([[text]])

    return handler
