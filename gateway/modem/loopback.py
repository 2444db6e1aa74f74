"""A line without a radio that answers itself: the demo of an installed copy, and training.

It accepts every text, reports it as delivered a moment later and writes a friendly answer back. It builds
the PDUs a modem would have given, so everything above it works as with one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

from gateway.clock import utc_now
from gateway.domain.alphabet import encode_septets
from gateway.domain.line import (
    Abilities,
    Accepted,
    Go,
    Hear,
    Line,
    LineEvent,
    LineState,
    LineStatus,
    NotAnswered,
    NotNow,
    Received,
    Report,
    Scope,
    Submission,
    UssdAnswer,
    Withdrawn,
)
from gateway.domain.pdu import StoredSubmit, decode_incoming
from gateway.domain.pdu_fields import encode_address, pack_septets

from .untold import AGAIN_S, Untold

SIM = "loopback"
REPORT_AFTER_S = 1.5
REPLY_AFTER_S = 4.0
ANSWERS = (
    "Thank you, that works for me!",
    "Got it. See you then.",
    "Great, thanks for letting me know.",
    "Sorry, could we make it half an hour later?",
    "Perfect. Do I need to bring anything?",
)
FACTS = {
    "imei": SIM,
    "maker": "sms-gateway",
    "model": "Loopback",
    "operator": "Nobody's network",
    "signal_dbm": "-61",
}
ABILITIES = Abilities(calls=False, ussd=False)

_NO_SERVICE_CENTRE = "00"
_DELIVER_NO_MORE = 0x04  # 23.040 9.2.2.1: TP-MTI 00, TP-MMS 1
_STATUS_REPORT_NO_MORE = 0x06  # 9.2.2.3: TP-MTI 10, TP-MMS 1
_DELIVERED = 0x00


class LoopbackSupervisor:
    """Same use as `Supervisor`, over no port; it is its own line."""

    def __init__(
        self,
        hear: Hear,
        *,
        report_after_s: float = REPORT_AFTER_S,
        reply_after_s: float = REPLY_AFTER_S,
        clock: Callable[[], datetime] = utc_now,
        hear_again_s: tuple[float, ...] = AGAIN_S,
    ) -> None:
        self._untold = Untold(hear, hear_again_s)
        self._report_after_s = report_after_s
        self._reply_after_s = reply_after_s
        self._clock = clock
        self._up = asyncio.Event()
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._references = itertools.cycle(range(256))
        self._answers = itertools.cycle(ANSWERS)
        self._answers_due: set[asyncio.TimerHandle] = set()

    # --- as a supervisor -----------------------------------------------------------------------------

    @property
    def line(self) -> Line | None:
        """The line while it is up."""
        return self if self._up.is_set() else None

    @property
    def state(self) -> LineState | None:
        """What was told; None before `run`."""
        return LineState(LineStatus.UP, "ready", dict(FACTS), ABILITIES) if self._up.is_set() else None

    async def wait_up(self) -> None:
        """Return when the line is up."""
        await self._up.wait()

    async def run(self) -> None:
        """Be up until `close`."""
        self._ended.clear()
        self._untold.add(LineState(LineStatus.UP, "ready", dict(FACTS), ABILITIES))
        self._up.set()
        telling = asyncio.create_task(self._untold.keep_telling(), name="telling of the loopback")
        try:
            await self._stop.wait()
            self._up.clear()
            self._untold.close()
            await telling
        finally:
            self._up.clear()
            for answer in self._answers_due:
                answer.cancel()
            telling.cancel()
            self._ended.set()

    async def close(self, grace_s: float | None = None) -> None:
        """Go down; what was about to be answered is not. Nothing is ever on the air to be waited for."""
        self._stop.set()
        await self._ended.wait()

    async def restart(self) -> None:
        """There is nothing to restart."""

    async def ussd(self, code: str) -> UssdAnswer:
        """As `Keeper.ussd`; no network is asked."""
        raise NotAnswered("unsupported")

    def trace(self) -> str:
        """Nothing is exchanged with a device."""
        return ""

    # --- as a line -----------------------------------------------------------------------------------

    @property
    def abilities(self) -> Abilities:
        return ABILITIES

    async def send(self, submission: Submission, go: Go) -> Accepted:
        """As `gateway.domain.line.Line.send`; every text is accepted."""
        if not self._up.is_set():
            raise NotNow("opening", Scope.LINE)
        try:
            allowed = await go()
        except Exception as problem:
            raise Withdrawn(str(problem)) from problem
        if not allowed:
            raise Withdrawn("not allowed to leave")
        reference = next(self._references)
        self._answer(submission, reference)
        return Accepted(reference)

    def _answer(self, submission: Submission, reference: int) -> None:
        sent = decode_incoming(_NO_SERVICE_CENTRE + submission.tpdu.hex())
        if not isinstance(sent, StoredSubmit):
            return
        number = sent.recipient.number
        if sent.report:
            self._later(
                self._report_after_s, lambda: Report(report_pdu(number, reference, self._clock()), None, SIM)
            )
        if sent.concat is None or sent.concat.sequence == sent.concat.total:
            words = next(self._answers)
            self._later(
                self._reply_after_s, lambda: Received(deliver_pdu(number, words, self._clock()), None, SIM)
            )

    def _later(self, delay: float, event: Callable[[], LineEvent]) -> None:
        def tell() -> None:
            self._answers_due.discard(timer)
            self._untold.add(event())

        timer = asyncio.get_running_loop().call_later(delay, tell)
        self._answers_due.add(timer)


def deliver_pdu(sender: str, text: str, at: datetime) -> str:
    """SMS-DELIVER in GSM-7 (23.040 9.2.2.1) as a modem gives it, hex; `at` with its zone."""
    septets = encode_septets(text)
    tpdu = bytes([_DELIVER_NO_MORE]) + encode_address(sender) + bytes([0x00, 0x00]) + _time_stamp(at)
    return _NO_SERVICE_CENTRE + (tpdu + bytes([len(septets)]) + pack_septets(septets)).hex().upper()


def report_pdu(recipient: str, reference: int, at: datetime) -> str:
    """SMS-STATUS-REPORT "delivered" (23.040 9.2.2.3) as a modem gives it, hex."""
    tpdu = bytes([_STATUS_REPORT_NO_MORE, reference]) + encode_address(recipient) + _time_stamp(at) * 2
    return _NO_SERVICE_CENTRE + (tpdu + bytes([_DELIVERED])).hex().upper()


def _time_stamp(at: datetime) -> bytes:
    """TP-SCTS in UTC (23.040 9.2.3.11): swapped decimal digits, zone 0."""
    digits = at.astimezone(UTC).strftime("%y%m%d%H%M%S") + "00"
    return bytes(int(digits[place + 1] + digits[place], 16) for place in range(0, len(digits), 2))
