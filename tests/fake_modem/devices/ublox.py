"""u-blox SARA-U2: sleeps when left alone and loses the command that wakes it; tells of voicemail by +UMWI."""

from __future__ import annotations

from .. import tpdu
from ..habits import Habit, Sleeps
from ..personality import REPLUG, Personality, register

WAITING = range(0xC0, 0xF0)  # the coding groups of message waiting (23.038 4)
KINDS = (1, 3, 4, 5)  # what +UMWI calls voicemail, fax, e-mail, other


class WaitingIndication(Habit):
    """A message waiting indication is told by +UMWI: active or not, and of what; AT+UMWI=0 ends that."""

    def directly(self, direct: bool) -> bool:
        try:
            dcs = tpdu.decode_deliver(self.modem.arriving).dcs
        except tpdu.Undecodable:
            return direct
        if dcs in WAITING and self.modem.settings.extras.get("+UMWI") != ("0",):
            self.modem.terminal.urc(f"+UMWI: {int(bool(dcs & 8))},{KINDS[dcs & 3]}")
        return direct


register(
    Personality(
        "ublox-sara",
        maker="u-blox",
        model="SARA-U270",
        firmware="23.41",
        stores={"SM": 30, "ME": 23},
        index_base=305,
        on_reset=REPLUG,
        habits=(lambda modem: Sleeps(modem, awake=("+UPSV", "0")), WaitingIndication),
        parameters={"sleep_after": 9.2, "reset_seconds": 10.0},
        refuses=frozenset(("+CEREG",)),
        extras=frozenset(("+UPSV", "+UMWI", "+UMNOPROF", "+UDCONF", "+UGPIOC")),
        iccid={"+CCID": "+CCID: {}"},
        retry_counter="+UPINCNT",
    )
)
