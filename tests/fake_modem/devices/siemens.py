"""Siemens TC35i: bfr of +CNMI must be 1, and what is routed directly needs phase 2+ and its +CNMA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import commands_sms
from ..answers import SET, Cms, Command
from ..faults import Outcome
from ..personality import Boot, Personality, register

if TYPE_CHECKING:
    from ..modem import Modem


def direct_needs_phase_2_plus(modem: Modem, asked: Command) -> Outcome:
    """mt 2 and ds 1 are refused while AT+CSMS=0."""
    given = asked.args
    direct = given[1:2] == ("2",) or given[3:4] == ("1",)
    if asked.kind == SET and direct and not modem.settings.csms:
        raise Cms(303)
    return commands_sms.COMMANDS["+CNMI"](modem, asked)


register(
    Personality(
        "siemens-tc35",
        maker="SIEMENS",
        model="TC35i",
        firmware="REVISION 03.01",
        stores={"SM": 30, "ME": 25},
        cnmi=((0, 1, 2, 3), (0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (1,)),
        boot=(Boot(0.5, "^SYSSTART"),),
        settings={"cnmi": (0, 0, 0, 0, 1)},
        overrides={"+CNMI": direct_needs_phase_2_plus},
        refuses=frozenset(("+CEREG", "+CPINR", "+CGSMS", "+CVHU")),
        extras=frozenset(("^SCKS", "^SMSO", "^SSCONF", "^SM20", "+IPR", "+IFC")),
        iccid={"^SCID": "^SCID: {}"},
        retry_counter="^SPIC",
        location='"00C3","A1B2"',
        sim_out="^SCKS: 0",
        sim_open="",
    )
)
