"""Putting one part on the air, and knowing at each moment whether it can have left.

It owns the order prompt -> `go` -> PDU and Ctrl-Z -> answer, and the one part whose outcome is still open.
Nothing is ever sent twice here: who may try again, and when, is for the queue to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.line import (
    Accepted,
    CannotTell,
    Go,
    LateResult,
    NotNow,
    RefusedForGood,
    Scope,
    SendOutcome,
    Submission,
    Withdrawn,
)
from gateway.domain.pdu import cmgs_length

from .answers import Info, Result, Unsolicited
from .codes import BOOK, Tables, outcome
from .driver import Answer, Driver
from .errors import CommandFailed, DeviceReset, ModemError, NoAnswer, PortError, PromptGone
from .lines import reference
from .textmode import Parameters, TextMode, set_parameters, typed

_PROMPT_TRIES = 2
_OWN_SERVICE_CENTRE = "00"  # the PDU names none: the SIM's is used

_NO_DIALTONE = ("NO DIALTONE", "NO DIAL TONE")
_TELEPHONE = {"BUSY": Scope.BUSY, "NO ANSWER": Scope.BUSY, **dict.fromkeys(_NO_DIALTONE, Scope.LINE)}
"""Results of a line adapter, whose sending is a telephone call, that prove that no call came about. After
NO CARRIER the text may have got through."""


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """One part as the device wants it: the command that asks for the prompt, what is typed there, and in
    text mode how that is to be sent."""

    command: str
    body: str
    parameters: Parameters | None = None


@dataclass(slots=True)
class _Attempt:
    submission: Submission
    outgoing: _Outgoing
    go: Go
    handed_over: bool = False
    late: Accepted | None = None


class Sender:
    """Sends parts over one connection, one at a time.

    `tell_late` is given the result of the open part when it comes outside its own exchange; `lose` is
    told when the device stopped answering.
    """

    def __init__(
        self,
        driver: Driver,
        tell_late: Callable[[LateResult], None],
        lose: Callable[[ModemError], None],
    ) -> None:
        self._driver = driver
        self._tell_late = tell_late
        self._lose = lose
        self._tables: Tables = BOOK
        self._text: TextMode | None = None
        self._parameters: Parameters | None = None
        self._no_dialtone = 0
        self._open_part: int | None = None
        self._older: int | None = None
        self._older_until = 0.0
        self._current: _Attempt | None = None
        self._tasks: set[asyncio.Task[Accepted]] = set()

    def use(self, tables: Tables, text: TextMode | None) -> None:
        """What the opening dialogue found: the maker's errors, and how texts are typed where no PDU is
        taken."""
        self._tables, self._text, self._parameters = tables, text, None

    @property
    def trouble(self) -> str:
        """A code of `LineState` for what sending itself has shown to be wrong, empty for nothing: the
        telephone line had no dial tone twice in a row. It is over when a text gets any other answer."""
        return "no_dialtone" if self._no_dialtone > 1 else ""

    def expect_late(self, part_id: int | None) -> None:
        """The part whose result this device may still tell, from before this connection."""
        self._open_part = part_id

    async def send(self, submission: Submission, go: Go) -> Accepted:
        """As `Line.send`. A caller cancelled before Ctrl-Z takes the text back; after it the answer is
        awaited all the same and told as `LateResult`.
        """
        if submission.older is not None:
            self._older = submission.older
            self._older_until = asyncio.get_running_loop().time() + self._driver.timing.result
        attempt = _Attempt(submission, self._outgoing(submission), go)
        task = asyncio.create_task(self._run(attempt), name=f"send part {submission.part_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if attempt.handed_over:
                task.add_done_callback(lambda done: self._after_cancel(done, submission.part_id))
            else:
                task.cancel()
                await asyncio.wait([task])
            raise

    async def finish(self, grace_s: float) -> None:
        """Wait for what is on the air, at most `grace_s` seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace_s)

    def late(self, news: Unsolicited) -> None:
        """A `+CMGS: <mr>` came that no exchange was waiting for: of the open part, or of one before."""
        accepted = Accepted(reference(news.text))
        if accepted.reference is not None and accepted.reference == self._may_be_older():
            self._older = None
        elif self._current is not None and self._current.handed_over:
            self._current.late = accepted
        elif self._open_part is not None:
            part_id, self._open_part = self._open_part, None
            self._tell_late(LateResult(part_id, accepted.reference))

    def _may_be_older(self) -> int | None:
        """The reference by which an answer is known to be not that of the part handed over last."""
        if asyncio.get_running_loop().time() > self._older_until:
            self._older = None
        return self._older

    def _after_cancel(self, task: asyncio.Task[Accepted], part_id: int) -> None:
        if not task.cancelled() and task.exception() is None:
            self._tell_late(LateResult(part_id, task.result().reference))

    # --- the steps -----------------------------------------------------------------------------------

    async def _run(self, attempt: _Attempt) -> Accepted:
        async with self._driver.wire:
            self._current = attempt
            try:
                await self._reach_prompt(attempt)
                await self._ask(attempt)
                return await self._submit(attempt)
            except asyncio.CancelledError:
                await self._leave_prompt()
                raise
            finally:
                self._current = None

    def _outgoing(self, submission: Submission) -> _Outgoing:
        if self._text is None:
            pdu = _OWN_SERVICE_CENTRE + submission.tpdu.hex().upper()
            return _Outgoing(f"AT+CMGS={cmgs_length(submission.tpdu)}", pdu)
        text = typed(submission.tpdu, self._text)
        return _Outgoing(f'AT+CMGS="{text.number}"', text.body, text.parameters)

    async def _reach_prompt(self, attempt: _Attempt) -> None:
        try:
            await self._announce(attempt.outgoing.parameters)
            for _ in range(_PROMPT_TRIES):
                if await self._driver.ask_prompt(attempt.outgoing.command):
                    return
        except CommandFailed as refusal:
            error = outcome(refusal.result, handed_over=False, tables=self._tables)
            raise error or NotNow("no_prompt") from refusal
        except PortError as loss:
            raise NotNow("port_lost", Scope.LINE) from loss
        except NoAnswer as late:
            raise NotNow("no_answer", Scope.LINE) from late
        except ModemError as silence:
            self._lose(silence)
            raise NotNow("no_answer", Scope.LINE) from silence
        raise NotNow("no_prompt", Scope.LINE)

    async def _announce(self, parameters: Parameters | None) -> None:
        """Tell a device in text mode how the next text is to be sent, where that is not as the last one."""
        if self._text is None or parameters is None or parameters == self._parameters:
            return
        if self._text.first_octet is not None:
            self._parameters = None
            await set_parameters(self._driver, self._text, parameters)
        self._parameters = parameters

    async def _ask(self, attempt: _Attempt) -> None:
        try:
            allowed = await attempt.go()
        except Exception as problem:
            await self._leave_prompt()
            raise Withdrawn(str(problem)) from problem
        if not allowed:
            await self._leave_prompt()
            raise Withdrawn("not allowed to leave")

    async def _leave_prompt(self) -> None:
        try:
            await self._driver.resync()
        except PortError:
            pass  # the line notices by itself; nothing was written
        except ModemError as silence:
            self._lose(silence)

    async def _submit(self, attempt: _Attempt) -> Accepted:
        def written() -> None:
            attempt.handed_over = True
            self._open_part = attempt.submission.part_id

        try:
            answer = await self._driver.hand_over(attempt.outgoing.body, written, self._may_be_older())
        except ModemError as loss:
            code = _loss_code(loss)
            raise CannotTell(code) if attempt.handed_over else NotNow(code, Scope.LINE) from loss
        return await self._judge(attempt, answer)

    async def _judge(self, attempt: _Attempt, answer: Answer) -> Accepted:
        accepted = _acceptance(answer.lines)
        if answer.result is None:
            await self._leave_prompt()  # ESC ends whatever the device still does with it
        accepted = accepted or attempt.late
        no_tone = answer.result is not None and answer.result.code in _NO_DIALTONE
        self._no_dialtone = self._no_dialtone + 1 if no_tone else 0
        if accepted is None and answer.result is None:
            raise CannotTell("timeout")
        if accepted is not None or answer.result is None or answer.result.ok:
            self._open_part = None
            return accepted or Accepted(None)
        error = self._refusal(answer.result)
        if isinstance(error, NotNow | RefusedForGood) and self._may_be_older() is not None:
            error = CannotTell(error.code)  # an error names no text: it may answer the one before
        if not isinstance(error, CannotTell):
            self._open_part = None
        if error is not None:
            raise error
        return Accepted(None)

    def _refusal(self, result: Result) -> SendOutcome | None:
        if self._text is not None and result.code in _TELEPHONE:
            return NotNow(result.code, _TELEPHONE[result.code])
        return outcome(result, handed_over=True, tables=self._tables)


def _acceptance(lines: list[Info]) -> Accepted | None:
    """`+CMGS: <mr>` (27.005 4.3): the network took it, whatever is said afterwards."""
    return Accepted(reference(lines[0].text)) if lines else None


def _loss_code(loss: ModemError) -> str:
    if isinstance(loss, PromptGone):
        return "no_prompt"
    return "device_reset" if isinstance(loss, DeviceReset) else "port_lost"
