"""Commands of 27.007 for calls and USSD: hanging up, +CUSD. `COMMANDS` is the table.

Handlers as in `commands_general`; +CLIP, +CRC and +CVHU are switches there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ussd
from .answers import READ, TEST, Answer, Cme, Command, line, ok

if TYPE_CHECKING:
    from .commands_general import Handler
    from .modem import Modem


def hang_up(modem: Modem, asked: Command) -> Answer:
    """ATH and AT+CHUP: OK whether there is a call or not."""
    if asked.kind != TEST:
        modem.calls.hang_up(asked.name)
    return ok()


def unstructured(modem: Modem, asked: Command) -> Answer:
    """AT+CUSD: n 0, 1 turns answers off and on, 2 ends the conversation; with a string: send it."""
    if asked.kind == TEST:
        return line("+CUSD: (0-2)")
    if asked.kind == READ:
        return line(f"+CUSD: {modem.settings.switches.get('+CUSD', 0)}")
    modem.require_sim(Cme)
    level = asked.number(0, 0)
    if level > 2:
        raise Cme(50)
    if level == 2:
        modem.ussd_open = False
        return ok()
    modem.settings.switches["+CUSD"] = level
    if len(asked.args) < 2:
        return ok()
    return ussd.converse(modem, asked.args[1], ussd.Manner())


COMMANDS: dict[str, Handler] = {"H": hang_up, "+CHUP": hang_up, "+CUSD": unstructured}
