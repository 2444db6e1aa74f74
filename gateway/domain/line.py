"""The Line contract: what the queue and the desk may ask of a line, and what a line tells them.

A line is one SIM or fixed line as customers see it. Whoever implements this contract (`gateway.modem`,
the loopback, later perhaps a provider's API) knows no database and no people; whoever uses it knows no
AT command. The contract has four parts: sending a part, hearing events, a small memory, and abilities.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

# --- sending -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Submission:
    """One part to put on the air.

    `tpdu` is a whole SMS-SUBMIT (3GPP TS 23.040 9.2.2.2) without the service centre address;
    `part_id` is the queue's own name for it, given back in `LateResult` and asked of `LineMemory`.
    `older` is the TP-MR of the part before, where a delivery report told what became of it and the device
    may still answer for it: that answer is not this part's.
    """

    part_id: int
    tpdu: bytes
    older: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The network took the part. `reference` is TP-MR, 0 to 255; None where the device tells none."""

    reference: int | None


class SendOutcome(Exception):
    """What `Line.send` raises when the part was not accepted; the subclass says what to do.

    `code` is the device's own word for it, stable and short ("CMS 38", "timeout", "port lost", "BUSY");
    it is stored and looked up in the wording table, never shown raw.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RefusedForGood(SendOutcome):
    """Proven not sent, and trying again would not help: fail the message and say why.

    `tries`: so many refusals are needed to believe it, since a number that is wrong and a SIM that may not
    send get the same answer; `after_s` seconds lie between them.
    """

    def __init__(self, code: str, tries: int = 1, after_s: float | None = None) -> None:
        super().__init__(code)
        self.tries, self.after_s = tries, after_s


class Scope(StrEnum):
    """Whose trouble a `NotNow` is."""

    MESSAGE = "message"  # this text or its recipient: back off, others go on
    BUSY = "busy"  # the device asks for seconds; no attempt is counted
    LINE = "line"  # SIM, network or device: the line waits, the message is not to blame


class NotNow(SendOutcome):
    """Proven not sent; it may work later.

    `tries`: after so many the text is given up, None: not before it has become useless. `after_s`: seconds
    until the next, None: the usual pause of its scope.
    """

    def __init__(
        self, code: str, scope: Scope = Scope.MESSAGE, tries: int | None = None, after_s: float | None = None
    ) -> None:
        super().__init__(code)
        self.scope, self.tries, self.after_s = scope, tries, after_s


class CannotTell(SendOutcome):
    """The text was handed over and the answer never came or proves nothing: it may have gone."""


class Withdrawn(Exception):
    """`go` said no between the prompt and the text: ESC was sent, nothing left, the line is in step."""


Go = Callable[[], Awaitable[bool]]
"""Asked after the prompt and before the text; True means the intent is on disk and the text may leave."""


# --- hearing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """Where on the device a stored PDU lies: SIM (ICCID, or IMEI where it is not told), store, index."""

    sim: str
    store: str  # "SM", "ME", "SR", ...
    index: int


@dataclass(frozen=True, slots=True)
class Received:
    """A text was read. `pdu` is the hex the device gave (service centre address included), unchecked.

    `slot` is None for a text delivered directly (`+CMT`), of which the device keeps no copy.
    """

    pdu: str
    slot: Slot | None
    sim: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report (SMS-STATUS-REPORT) was read. Fields as in `Received`."""

    pdu: str
    slot: Slot | None
    sim: str = ""


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text read from a device that works in text mode and gives no PDU.

    `raw` is what the device wrote, header and body, without what differs from one reading to the next; it
    is what is kept, and what a re-read is known by.
    `sender` is as the device gave it, decoded where it came as hex; empty when it gave none. `sent_at` is
    the service centre's time stamp, None where there is none or it cannot be read.
    """

    sender: str
    body: str
    sent_at: datetime | None
    raw: str
    slot: Slot | None
    sim: str = ""
    is_name: bool = False  # the device says that `sender` is a name, even where it is made of digits


@dataclass(frozen=True, slots=True)
class ReportedText:
    """A delivery report from a device in text mode (27.005 3.3.2 `+CDS`): `status` is TP-ST, 0 to 255."""

    reference: int
    recipient: str
    status: int
    sent_at: datetime | None
    discharged_at: datetime | None
    raw: str
    slot: Slot | None
    sim: str = ""


@dataclass(frozen=True, slots=True)
class Removed:
    """The device's copy in that slot is gone, because the line deleted it after `hear` had returned.

    From now on the same bytes in the same slot are a new text, not the old one read again.
    """

    slot: Slot


@dataclass(frozen=True, slots=True)
class LateResult:
    """The result of the part in flight came after its time-out or after a restart."""

    part_id: int
    reference: int | None


@dataclass(frozen=True, slots=True)
class MissedCall:
    """A call ended unanswered. `number` is as the network gave it, None when withheld."""

    number: str | None
    rang_seconds: float


class Rung(StrEnum):
    """One step of recovery, from the mildest to the last; each is taken once before the next."""

    REOPEN = "reopen"  # close the port and open it again
    RADIO = "radio"  # radio off and on
    RESET = "reset"  # the device restarts itself
    USB = "usb"  # the USB port is reset
    POWER = "power"  # its power is cut and given back
    PERSON = "person"  # nothing more can be done from here
    NOTICES = "notices"  # no step of the ladder: the device was made to announce texts again


@dataclass(frozen=True, slots=True)
class Recovery:
    """The line took a step to heal itself. `because` is a code of `LineState`, `detail` the device's own
    words."""

    rung: Rung
    because: str
    detail: str = ""


class LineStatus(StrEnum):
    """Coarse state of a line; `LineState.code` tells why."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class LineState:
    """The line changed state, or learnt something about its device.

    `code` names the reason and is a key of the wording table: ready, opening, port_missing, port_denied,
    port_busy, not_a_modem, no_answer, port_lost, sim_missing, sim_pin, sim_pin_refused, sim_pin_last,
    sim_puk, sim_failure, sim_locked, not_registered, denied, roaming, no_smsc, no_dialtone, other_sim,
    other_modem, recovering, restarting, refuses, unsupported.
    `facts` holds what is known of the device as strings: imei, iccid, imsi, maker, model, firmware,
    profile, device (the path it was found at), usb ("12d1:1001"), operator, signal_dbm, registration,
    smsc, storage_used, storage_total, pin_tries_left, clock_offset_s (the network's clock minus ours,
    seconds), clock_read_at (our time then, ISO 8601), holder (who holds the port: "ModemManager (process
    812)"), of a port that may not be opened user (who wanted to), owner, group and mode ("660"), detail.
    `abilities` is None while they are not known.
    """

    status: LineStatus
    code: str
    facts: dict[str, str] = field(default_factory=dict)
    abilities: Abilities | None = None


LineEvent = (
    Received | ReceivedText | Report | ReportedText | Removed | LateResult | MissedCall | Recovery | LineState
)

Hear = Callable[[LineEvent], Awaitable[None]]
"""Given to the line. Returns once the event is committed, and only then may the device's copy be deleted;
raises when it could not be stored, and then the copy stays."""


class LineMemory(Protocol):
    """What a line must remember over restarts; the store keeps it."""

    async def pin_was_tried(self, sim: str, pin: str) -> bool:
        """Whether this PIN was ever sent to this SIM (known by its ICCID and the IMEI, empty for neither)."""

    async def remember_pin_try(self, sim: str, pin: str) -> None:
        """Commit that the PIN is about to be sent. Must return before it is sent."""

    async def forget_pin_try(self, sim: str, pin: str) -> None:
        """The SIM took this PIN: it may be sent again when the SIM next asks, after a power cut say."""

    async def restarts(self) -> list[float]:
        """How many seconds ago this line restarted its device, those of the last day."""

    async def part_in_flight(self) -> int | None:
        """The part whose outcome is unknown on this line and may still be told by it, newest first."""


# --- the contract ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a line can do. What it cannot is greyed with the reason, never failing at run time."""

    receives: bool = True
    delivery_reports: bool = True
    multipart: bool = True
    unicode: bool = True
    notifications: bool = True
    signal: bool = True
    calls: bool = True
    ussd: bool = True
    deletes: bool = True  # False: what was read stays on the device
    lacks: str = ""  # characters of the GSM 7-bit alphabet that it cannot write all the same


@dataclass(frozen=True, slots=True)
class LineSetup:
    """What an office configured of a line, and what the line was bound to when it first worked."""

    port: str  # a path, socket://host:port, rfc2217://host:port, or "auto"
    smsc: str = ""  # E.164; set where the SIM has lost its own
    roaming: bool = False  # whether texts may go out in a foreign network
    hang_up: bool = False  # whether callers are hung up on, instead of left ringing
    imei: str = ""  # of the device, empty while unbound
    iccid: str = ""  # of the SIM, empty while unbound


class NotAnswered(Exception):
    """A request to a line could not be met; `code` is a key of the wording table."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class UssdAnswer:
    """What the network answered to a service code (27.007 7.15). The session is over; nothing is owed."""

    text: str
    wanted_reply: bool = False


class Keeper(Protocol):
    """Who keeps one line up over all its lives: what the daemon starts and stops, and asks on request."""

    @property
    def line(self) -> Line | None: ...

    @property
    def state(self) -> LineState | None: ...

    async def wait_up(self) -> None: ...

    async def run(self) -> None: ...

    async def close(self, grace_s: float | None = None) -> None: ...

    async def restart(self) -> None:
        """Restart the device, after the text on the air.

        Raises:
            NotAnswered: it is not there.
        """

    async def ussd(self, code: str) -> UssdAnswer:
        """Ask the network for what lies behind a service code such as *100#.

        Raises:
            NotAnswered: the line is down, the device cannot, or the network does not answer.
        """

    def trace(self) -> str:
        """The last exchanges with the device, numbers and texts masked, in the notation of recorded
        transcripts; empty when nothing was exchanged."""


class Line(Protocol):
    """A line that is up. One send at a time; the caller waits for its outcome."""

    @property
    def abilities(self) -> Abilities: ...

    async def send(self, submission: Submission, go: Go) -> Accepted:
        """Put one part on the air.

        Calls `go` after the device is ready for the text and before any of it is written.

        Raises:
            Withdrawn: `go` returned False or raised; nothing was sent (a raise is chained).
            RefusedForGood, NotNow, CannotTell: see there.
        """
