"""One text on its way: from Ctrl-Z to the result, as the faults in force have planned it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import tpdu
from .answers import Answer, Cms, Later
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

    def start(self) -> Answer | Later:
        """Put it on the air: the answer where that takes no time. Raises Cms."""
        world, plan = self.modem.world, self.plan
        air_time = world.network.time_on_air() if plan.air_time is None else plan.air_time
        if not (air_time or plan.late or plan.leave):
            return self._answer(self._hand_over())
        self.modem.sending = True
        if plan.leave:
            world.later(plan.leave_after, self._leave)
        else:
            world.later(air_time, self._landed)
        return Later()

    def _hand_over(self) -> int:
        """0, or the number of the network's refusal."""
        network = self.modem.world.network
        refused = 0
        if self.plan.accepted:
            refused = network.submit(self.modem, self.octets, self.submit, self.reference)
        if refused or not self.plan.accepted:
            self.modem.faults.refused()
        return refused

    def _answer(self, refused: int) -> Answer:
        if self.plan.result is not None:
            return Answer(result=self.plan.result)
        if refused:
            raise Cms(refused)
        if self.stored and self.plan.flips:
            self.stored.stat = SENT
        name = "+CMGS" if self.stored is None else "+CMSS"
        confirmed = self.modem.faults.confirm(f"{name}: {self.reference}")
        return Answer([[confirmed]] if confirmed else [])

    def _landed(self) -> None:
        """The time on air is over: the network has it or has refused it; the result may still be late."""
        try:
            answer = self._answer(self._hand_over())
        except Cms as refusal:
            answer = Answer(result=refusal.result(self.modem.settings.cmee))
        if self.plan.late and not self.plan.busy:
            self._finish(Answer(result=""))
        if self.plan.late:
            self.modem.world.later(self.plan.late, lambda: self._finish(answer))
        else:
            self._finish(answer)

    def _finish(self, answer: Answer) -> None:
        """Give the result: as that of the running command, or as words nobody waits for any more.

        A modem that has restarted since Ctrl-Z says nothing.
        """
        terminal = self.modem.terminal
        if self.restarts != self.modem.restarts:
            return
        if self.session == terminal.session and self.modem.sending:
            self.modem.sending = False
            terminal.finish(answer)
        else:
            terminal.late(answer)

    def _leave(self) -> None:
        """The modem goes away without an answer; what the network has taken it keeps."""
        assert self.plan.leave is not None
        self.modem.sending = False
        self._hand_over()
        self.plan.leave()
