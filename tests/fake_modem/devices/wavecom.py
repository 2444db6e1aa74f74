"""Wavecom Q2403: two stores in +CPMS, no OK after +CPIN, a bare prompt and the PDU echoed (H.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import commands_sim
from ..answers import READ, TEST, Answer, Cme, Cms, Command, line
from ..habits import EchoesTyped, NotReady, ShapedPrompt
from ..personality import Boot, Personality, register
from .common import needs_sim

if TYPE_CHECKING:
    from ..modem import Modem


def pin_without_ok(modem: Modem, asked: Command) -> Answer:
    """The answer to +CPIN? is its end, too."""
    answer = commands_sim.pin(modem, asked)
    if asked.kind == READ:
        answer.result = ""
    return answer


def two_stores(modem: Modem, asked: Command) -> Answer:
    """+CPMS with mem1 and mem2 only, of which mem2 is always the SIM."""
    settings = modem.settings
    if asked.kind not in (READ, TEST):
        first, rest = asked.args[0] if asked.args else "", asked.args[1:]
        if first not in modem.stores or rest not in ((), ("SM",)):
            raise Cms(302)
        settings.memories = (first, "SM", "SM")
    pairs = []
    for name in settings.memories[:2]:
        store = modem.stores[name]
        pairs.append((f'"{name}",' if asked.kind == READ else "") + f"{store.used},{store.capacity}")
    return line("+CPMS: " + ",".join(pairs))


register(
    Personality(
        "wavecom-q2403",
        maker="WAVECOM MODEM",
        model="MULTIBAND 900E 1800",
        firmware="440_09gm.Q2403 1264484 041002 18:30",
        stores={"SM": 30, "BM": 10, "SR": 10},
        cnmi=((0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2, 3), (0, 1, 2), (0, 1)),
        offers={"+CPMS": '+CPMS: (("SM","BM","SR"),("SM"))', "+CSMS": "+CSMS: (0,1)"},
        boot=(Boot(0.0, "+WIND: 1"), Boot(0.8, "+WIND: 3"), Boot(2.0, "+WIND: 4", sim=True)),
        ready_at="+WIND: 4",
        settings={"echo": False},
        overrides={
            "+CPIN": pin_without_ok,
            "+CPMS": needs_sim(two_stores),
        },
        habits=(lambda modem: NotReady(modem, refusal=lambda: Cme(515)), ShapedPrompt, EchoesTyped),
        refuses=frozenset(("+CEREG", "+CVHU", "+CGSMS")),
        extras=frozenset(("+WIND", "+IPR", "+WOPEN", "+CPHS")),
        iccid={"+CCID": '+CCID: "{}"'},
        location='"00C3","A1B2"',
        sim_out="+WIND: 0",
    )
)
