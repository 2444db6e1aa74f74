"""The network and its service centre: takes texts, refuses some, delivers, reports, keeps what must wait.

Knows numbers, phones and modems by number; nothing of AT commands.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from . import tpdu
from .faults import ReportPlan

if TYPE_CHECKING:
    from .modem import Modem
    from .phone import Phone
    from .world import World

SERVICE_CENTRE = "+12025550190"
AirTime = float | tuple[float, float]


class Network:
    """Parameters: `air_time` s from Ctrl-Z to +CMGS (or a range), `report_delay` s (None: no reports)."""

    def __init__(self, world: World, air_time: AirTime, report_delay: float | None) -> None:
        self._world = world
        self.air_time, self.report_delay = air_time, report_delay
        self.reports_first = False  # the report goes out before the result of the command
        self.ussd = {"*100#": "Your balance is 4.20"}  # code to what is said
        self.refusals: dict[str, int] = {}
        self.refused: list[tuple[str, int]] = []
        self._waiting: dict[str, deque[bytes]] = {}
        self._releasing: set[str] = set()

    def time_on_air(self) -> float:
        """Seconds the next text takes."""
        if isinstance(self.air_time, tuple):
            return self._world.random.uniform(*self.air_time)
        return self.air_time

    def refuse(self, number: str, cms: int | None) -> None:
        """Every text to `number` is answered +CMS ERROR `cms` (None: no more)."""
        if cms is None:
            self.refusals.pop(number, None)
        else:
            self.refusals[number] = cms

    def submit(self, modem: Modem, octets: bytes, submit: tpdu.Submit, reference: int) -> int:
        """Take a text from a modem; 0, or the number of the error."""
        refusal = self.refusals.get(submit.to, 0)
        if refusal:
            self.refused.append((submit.to, refusal))
            return refusal
        if submit.to in self._world.modems:
            self.to_line(submit.to, tpdu.submit_to_deliver(submit, modem.number, self._world.now()))
            status: int | None = 0x00
        else:
            phone = self._world.phone(submit.to)
            status = self._deliver(phone, modem, octets, submit, reference)
        if submit.report and self.report_delay is not None and status is not None:
            self._report(modem, submit, reference, status)
        return 0

    def _deliver(
        self, phone: Phone, modem: Modem, octets: bytes, submit: tpdu.Submit, reference: int
    ) -> int | None:
        phone.receive(modem.number, octets, submit, reference)
        return phone.next_status()

    def _report(self, modem: Modem, submit: tpdu.Submit, reference: int, status: int) -> None:
        now = tpdu.encode_time(self._world.now())
        report = tpdu.StatusReport(reference, submit.to, now, now, status)
        concat = submit.data.concat
        part, parts = (concat.seq, concat.total) if concat else (1, 1)
        plan = ReportPlan([report], self.report_delay or 0.0, self.reports_first, part, parts)
        plan = modem.faults.report(plan)
        number = modem.number

        def deliver() -> None:
            for one in plan.reports:
                one.discharge = tpdu.encode_time(self._world.now())
                self.to_line(number, tpdu.encode_report(one))

        if plan.first:
            deliver()
        else:
            self._world.later(plan.delay, deliver)

    # --- towards the line -----------------------------------------------------------------------------

    def to_line(self, number: str, octets: bytes) -> None:
        """Deliver a DELIVER or STATUS-REPORT to the modem of that number, at once or when it can take it."""
        self._waiting.setdefault(number, deque()).append(octets)
        self.release(number)

    def requeue(self, number: str, octets: bytes) -> None:
        """The modem did not take it after all: it is the next one again."""
        self._waiting.setdefault(number, deque()).appendleft(octets)

    def release(self, number: str) -> None:
        """Try what waits for that number, in order, until the modem takes no more."""
        queue, modem = self._waiting.get(number), self._world.modems.get(number)
        if not queue or modem is None or number in self._releasing:
            return
        self._releasing.add(number)
        try:
            while queue and modem.receive(queue[0], SERVICE_CENTRE):
                queue.popleft()
        finally:
            self._releasing.discard(number)

    def waiting(self, number: str) -> int:
        """How many messages the service centre keeps for that number."""
        return len(self._waiting.get(number, ()))
