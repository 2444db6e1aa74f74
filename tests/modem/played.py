"""Recorded conversations made whole for our driver: what it asks and the recording computer did not, added at
places, and what must come of it. The recordings themselves stand in tests/fake_modem/transcripts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tests.fake_modem.transcripts.notation import Step, Transcript, parse
from tests.fake_modem.transcripts.stage import load

OK, ERROR = r"\r\nOK\r\n", r"\r\nERROR\r\n"


def said(command: str, answer: str = "") -> str:
    """An exchange in the notation; `answer` stands before the OK."""
    body = rf"\r\n{answer}\r\n" if answer else ""
    return rf"C: {command}\r" + "\n" + rf"M: {body}{OK}" + "\n"


READY = said("AT+CPIN?", "+CPIN: READY")
NO_TEXTS = said("AT+CMGL=4")
SELECT = {store: said(f'AT+CPMS="{store}"', "+CPMS: 0,20,0,20,0,20") for store in ("SM", "ME")}
IN_SM = said("AT+CPMS?", '+CPMS: "SM",0,20,"SM",0,20,"SM",0,20')
BARE = said("AT") + said("ATE0")
NO_TEXTS_SHOWN = said('AT+CMGL="ALL"')


@dataclass(frozen=True)
class Played:
    """One recording for our driver. `added`: exchanges by the line they come after. `outcomes` of the texts
    of the recording, sent one by one when the line is up: codes, or the reference where it was accepted.
    `codes`: states that are told, in this order. `words`: the texts of a device that shows no PDUs.
    `balance`: what *100# brings. `pin`: of the SIM. `caller`: whose call is missed. `all_heard`: False where
    a slot is filled anew in the recording, and what it held depends on how often it was asked."""

    name: str
    added: dict[int, str] = field(default_factory=dict)
    outcomes: tuple[str | int | None, ...] = ()
    codes: tuple[str, ...] = ("opening", "ready")
    words: tuple[str, ...] = ()
    balance: str = ""
    pin: str | None = None
    caller: str = ""
    all_heard: bool = True

    def transcript(self) -> Transcript:
        """The recording with what is added."""
        steps: list[Step] = [*self._steps(0)]
        for step in load(self.name).steps:
            steps += [step, *self._steps(step.line)]
        return Transcript(tuple(steps))

    def _steps(self, line: int) -> list[Step]:
        return [Step(line, one.who, one.data, one.wait) for one in parse(self.added.get(line, "")).steps]


_PDU = re.compile(rb"[\r\n]([0-9A-F]{30,})[\r\n]")


def pdus_told(transcript: Transcript) -> list[str]:
    """Every PDU the modem shows or announces, in order; the echo of what was typed is none of them."""
    everything = b"".join(step.data for step in transcript.steps if step.who == "M")
    echoes = {words for _, words in typed(transcript)}
    return [found.decode() for found in _PDU.findall(everything) if found not in echoes]


def typed(transcript: Transcript) -> list[tuple[bytes, bytes]]:
    """The commands that led to a prompt with what was typed there, Ctrl-Z taken off."""
    words = [step.data for step in transcript.steps if step.who == "C"]
    return [(words[at - 1], one[:-1]) for at, one in enumerate(words) if one.endswith(b"\x1a")]


PLAYED = (
    Played(
        "huawei-e3131",
        {22: IN_SM, 24: SELECT["SM"] + SELECT["ME"] + NO_TEXTS},
        (78,),
        ("opening", "ready", "recovering", "ready"),
    ),
    Played(
        "quectel-ec25",
        {
            9: said("AT+CGMI", "Quectel") + said("AT+CGMM", "EC25"),
            19: READY,
            27: said("AT+CPMS?", '+CPMS: "ME",0,23,"ME",0,23,"ME",0,23') + SELECT["ME"],
            33: NO_TEXTS,
        },
        (78, 79, "CMS 331"),
        ("opening", "ready", "sim_missing"),
        pin="1234",
        caller="+447700900456",
    ),
    Played(
        "sim800",
        {6: READY, 39: said("AT+CUSD=?", "+CUSD: (0-2)")},
        ("device_reset",),
        ("opening", "ready", "recovering", "ready"),
        balance="Your balance is 4.20",
    ),
    Played(
        "wavecom-q2403",
        {
            9: said("AT+CGMI", "WAVECOM MODEM") + said("AT+CGMM", "MULTIBAND  900E  1800"),
            18: said("AT+CPMS?", '+CPMS: "SM",0,30,"SM",0,30') + NO_TEXTS,
            34: SELECT["SM"],
        },
        ("CMS 512", 15, "CMS 513"),
        all_heard=False,
    ),
    Played(
        "line-adapter-text",
        {25: NO_TEXTS_SHOWN, 29: NO_TEXTS_SHOWN, 47: NO_TEXTS_SHOWN},
        (None, "BUSY", "NO DIALTONE"),
        caller="02079460456",
        words=("Hi, can I move my slot to 4pm?", 'OK\nERROR in my bill\n+CMTI: "SM",1'),
    ),
    Played(
        "text-gsm-ucs2",
        {
            0: BARE
            + READY
            + said("AT+CPMS?", '+CPMS: "SM",0,30,"SM",0,30,"SM",0,30')
            + said("AT+CSCS=?", '+CSCS: ("GSM","UCS2")')
            + said("AT+CSMP=?")
            + said("AT+CSMP=49,167,0,0")
            + said("AT+CNMI=2,1,0,1,0")
            + said('AT+CMGL="ALL"')
        },
        (79,),
        words=("Alarm test",),
    ),
    Played(
        "huawei-ussd",
        {
            0: BARE
            + said("AT+CGMI", "huawei")
            + said("AT+CGMM", "E3131")
            + READY
            + said("AT+CMGF=0")
            + IN_SM
            + said('AT+CPMS="SM","SM","SM"', "+CPMS: 0,20,0,20,0,20")
            + said("AT+CUSD=?", "+CUSD: (0-2)")
            + NO_TEXTS
        },
        balance="Balance 4.20",
    ),
)
