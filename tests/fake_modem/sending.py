"""One text on its way: from Ctrl-Z to the result, as the faults in force have planned it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import tpdu
from .answers import Answer, Cms
from .faults import SendPlan
from .stores import SENT, Slot

if TYPE_CHECKING:
    from .modem import Modem


@dataclass
class Sending:
    """One text between Ctrl-Z and its result."""

    modem: Modem
    octets: bytes
    submit: tpdu.Submit
    reference: int
    plan: SendPlan
    stored: Slot | None

    def __post_init__(self) -> None:
        self.restarts, self.session = self.modem.restarts, self.modem.terminal.session

    def _hand_over(self) -> int:
        if not self.plan.accepted:
            return 0
        return self.modem.world.network.submit(self.modem, self.octets, self.submit, self.reference)

    def answer(self) -> Answer:
        """Hand over to the network and say how it went. Raises Cms."""
        self.modem.sending = False
        refused = self._hand_over()
        if self.plan.late and not self.plan.busy:
            late = Answer(result=f"+CMS ERROR: {refused}") if refused else self._good()
            self.modem.world.later(self.plan.late, lambda: self._late(late))
            return Answer(result="")
        if self.plan.result is not None:
            return Answer(result=self.plan.result)
        if refused:
            raise Cms(refused)
        return self._good()

    def _good(self) -> Answer:
        if self.stored is None:
            return Answer([[f"+CMGS: {self.reference}"]])
        self.stored.stat = SENT
        return Answer([[f"+CMSS: {self.reference}"]])

    def _late(self, answer: Answer) -> None:
        if self.restarts == self.modem.restarts:
            self.modem.terminal.late(answer)

    def answer_later(self) -> None:
        """The time on air is over; a modem that has restarted since says nothing."""
        try:
            answer = self.answer()
        except Cms as refusal:
            answer = Answer(result=refusal.result(self.modem.settings.cmee))
        if self.session == self.modem.terminal.session:
            self.modem.terminal.finish(answer)
        else:
            self._late(answer)

    def leave(self) -> None:
        """The modem goes away without an answer; what the network has taken it keeps."""
        assert self.plan.leave is not None
        self.modem.sending = False
        self._hand_over()
        self.plan.leave()
