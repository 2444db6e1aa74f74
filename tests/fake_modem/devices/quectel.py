"""Quectel EC25: lines at boot, reports announced in the wrong store, notices on another port (H.2)."""

from __future__ import annotations

from ..answers import SET, Command
from ..faults import Outcome, Proceed
from ..habits import FullSign, Habit
from ..personality import REPLUG, Boot, Personality, register
from ..terminal import URC, Piece
from .common import powers_off


class ReportTrap(Habit):
    """With ds=2 a report is stored in "SR" and announced as of "SM" (chan_quectel, pull request 75)."""

    def announce(self, urc: str) -> list[str]:
        return [urc.replace('+CDSI: "SR"', '+CDSI: "SM"')]


class NoticePort(Habit):
    """Notices come out on the port AT+QURCCFG="urcport" names; this port is `this_port`."""

    def __init__(self, *args: object, **given: object) -> None:
        super().__init__(*args, **given)  # type: ignore[arg-type]
        self._chosen: str = self.parameter("notice_port")

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        outcome = proceed(asked)
        if asked.name == "+QURCCFG" and asked.kind == SET and asked.args[:1] == ("urcport",):
            self._chosen = asked.args[1]
        return outcome

    def shape(self, pieces: list[Piece], line: str) -> list[Piece]:
        if self._chosen == self.parameter("this_port"):
            return pieces
        return [piece for piece in pieces if piece.kind != URC]


register(
    Personality(
        "quectel-ec25",
        maker="Quectel",
        model="EC25",
        firmware="EC25EFAR06A03M4G",
        stores={"SM": 50, "ME": 23, "SR": 20},
        index_base=0,
        cnmi=((0, 1, 2), (0, 1, 2, 3), (0, 2, 3), (0, 1, 2), (0, 1)),
        offers={
            "+CNMI": "+CNMI: (0-2),(0-3),(0,2,3),(0-2),(0-1)",
            "+CPMS": '+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME")',
        },
        boot=(
            Boot(0.0, "RDY"),
            Boot(1.5, "+CFUN: 1"),
            Boot(0.3, "+CPIN: READY", sim=True),
            Boot(0.4, "+QUSIM: 1", sim=True),
            Boot(2.5, "+QIND: SMS DONE", sim=True),
            Boot(0.8, "+QIND: PB DONE", sim=True),
        ),
        on_reset=REPLUG,
        settings={"memories": ("ME", "ME", "ME")},
        habits=(ReportTrap, NoticePort, FullSign),
        parameters={"notice_port": "usbat", "this_port": "usbat", "reset_seconds": 15.0},
        overrides={"+QPOWD": powers_off},
        extras=frozenset(("+QURCCFG", "+QINDCFG", "+QCFG", "+QSIMDET")),
        iccid={"+QCCID": "+QCCID: {}", "+CCID": "+CCID: {}"},
        retry_counter="+QPINC",
        location='"1A2B","01C3D402",7',
        sim_out="+CPIN: NOT READY",
        full_sign='+QIND: "smsfull","{store}"',
    )
)
