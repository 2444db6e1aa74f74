"""What can be particular about a family of devices. Data; who reads a field says what it does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.domain.line import Abilities

from .codes import PROVEN_NOT_SENT, Meaning, Remedy, meaning
from .notices import ANY_MODE, Modes


@dataclass(frozen=True, slots=True)
class PinCounter:
    """How a device tells the tries left for the PIN.

    `reads` is a regular expression searched in each line of the answer; its first group is the number.
    """

    command: str
    reads: str


STANDARD_COUNTER = PinCounter("AT+CPINR", r'\+CPINR: *"?SIM PIN"?, *(\d+)')
"""27.007 8.65."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One family of devices; what is not said is as in the book. Times are seconds.

    `matches` is a regular expression searched in "maker model firmware". Of the commands for the ICCID and
    the PIN's counter the first that is answered is used. A refusal of `calming` and `setup` is ignored.
    Notices are the starts of lines nobody asked for.
    """

    name: str
    matches: str
    abilities: Abilities = field(default_factory=Abilities)

    # opening
    calming: tuple[
        str, ...
    ] = ()  # as soon as the device is known and again when its SIM is open: ends floods
    setup: tuple[str, ...] = ()
    iccid_commands: tuple[str, ...] = ("AT+CCID", "AT+ICCID", "AT+CRSM=176,12258,0,0,10")
    pin_counter_commands: tuple[PinCounter, ...] = (STANDARD_COUNTER,)
    sim_state_unended: bool = False  # +CPIN? has no final result
    ready_notices: tuple[str, ...] = ()  # after a restart texts can be worked with from the first of these on
    notices: Modes = ANY_MODE  # tried in this order
    notice_buffer: Literal["", "0", "1"] = ""  # <bfr> of +CNMI; empty: what the device offers
    one_store: bool = False  # +CPMS takes one argument
    preferred_store: str = ""  # empty: the larger one

    # news
    restart_notices: tuple[str, ...] = (
        "RDY",
        "^BOOT",
        "^SYSSTART",
        "SYSSTART",
        "+WIND: 3",
        "+WIND:3",
        "+CFUN: 1",
    )
    sim_out_notices: tuple[str, ...] = ()  # besides +CPIN
    store_full_notices: tuple[str, ...] = ("^SMMEMFULL", "+SMS FULL", '+QIND: "smsfull"')

    # errors
    cms: Mapping[int, Meaning] = field(default_factory=dict)  # the maker's own numbers, 512 and up
    cme: Mapping[int, Meaning] = field(default_factory=dict)
    proven_not_sent: frozenset[str] = PROVEN_NOT_SENT  # closed list

    # recovery
    reset_command: str = "AT+CFUN=1,1"
    radio_step: bool = True  # False: radio off loses the connection to the device

    # service codes: order in which the writings are tried
    ussd: tuple[str, ...] = ("plain", "ucs2", "packed")

    # pace and wire
    inter_command_s: float = 0.0
    inter_char_s: float = 0.0
    after_prompt_s: float = 0.0

    def remedy(self, code: str) -> Remedy:
        """What an error asks for, the maker's own numbers included; `code` as in `SendOutcome`."""
        return meaning(code, self).remedy
