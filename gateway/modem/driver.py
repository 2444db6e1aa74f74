"""One conversation with one device: commands and their answers, deadlines, and getting back in step.

Asyncio over a port and the AT engine. It owns who may speak (`wire`) and how long each answer may take;
it knows no messages beyond the bytes of one PDU. Everything nobody asked for goes to `on_news`.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from .answers import Event, Final, Info, Prompt, Result, StrayResult, Unsolicited
from .at import Engine, State
from .errors import CommandFailed, DeviceSilent, ModemError, NoAnswer, PortError, PromptGone
from .port import Port, open_port
from .trace import Direction

_LIMITS_S = {
    "AT": 2.0,
    "ATE": 2.0,
    "ATV": 2.0,
    "AT+CMEE": 2.0,
    "AT+CPIN": 30.0,
    "AT+CFUN": 60.0,
    "AT+CPMS": 10.0,
    "AT+CMGR": 10.0,
    "AT+CMGD": 25.0,
    "AT+CMGL": 60.0,
    "AT+COPS": 15.0,
    "AT+CLIP": 15.0,  # some ask the network
}
_RECENT = 256
_ONLY_ASKED_FOR = ("+CMGR:", "+CMGL:", "+CPMS:", "+CSQ:", "+CNMI:", "+CCLK:", "+CSCA:", "+COPS:")
"""Answers no device gives unasked."""
_MOST_DOUBLINGS = 4
_PROOF = "AT+CMEE?"
"""A question whose answer cannot be taken for that of another; a device that does not know it says ERROR."""
_UNANSWERED = 5
"""Commands in a row without a word, while a bare AT is answered, that make a device silent."""
_MOST_LINES = 2000
_MOST_CHARACTERS = 1024 * 1024
"""Of one answer. The largest store of texts stays far below both; what brings more writes without end."""
_NAME = re.compile(r"AT[+^*%#$!&]?[A-Z]*")


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait, seconds. `limits` is by the command's name, without its arguments."""

    limits: dict[str, float] = field(default_factory=lambda: dict(_LIMITS_S))
    other_command: float = 5.0
    prompt: float = 10.0
    result: float = 150.0
    result_end: float = 5.0  # from +CMGS: <mr> to its OK
    after_escape: float = 0.2  # of silence
    drain: float = 2.0  # at most
    after_ok: float = 0.3  # of silence, to be sure that one AT had one OK
    between_escapes: float = 0.5
    text_silence: float = 0.3

    def limit(self, command: str) -> float:
        """Seconds a command may take."""
        name = _NAME.match(command)
        return self.limits.get(name[0], self.other_command) if name else self.other_command

    def scaled(self, factor: float) -> Timing:
        """All of them times `factor`: for tests and for slow devices."""
        numbers = {name: getattr(self, name) * factor for name in self.__slots__ if name != "limits"}
        return replace(self, limits={key: value * factor for key, value in self.limits.items()}, **numbers)


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly a device has to be spoken to, seconds; nothing to wait for by default."""

    between_commands: float = 0.0  # from its last octet to our next command
    between_octets: float = 0.0
    after_prompt: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """All that came for one command; `result` is None when its end never came."""

    lines: list[Info]
    result: Result | None


Record = Callable[[Direction, bytes], None]
"""Told what was written and what was read, as it happens."""

News = Unsolicited | StrayResult
OnNews = Callable[[News], None]
OnLost = Callable[[PortError], None]


class Driver:
    """Speaks to one open port. Whoever uses it holds `wire` for as long as its commands belong together."""

    def __init__(
        self,
        on_news: OnNews,
        on_lost: OnLost,
        timing: Timing | None = None,
        record: Record = lambda direction, data: None,
    ) -> None:
        self.timing = timing or Timing()
        self.pace = Pace()
        self.wire = asyncio.Lock()
        self.recent_news: deque[str] = deque(maxlen=_RECENT)  # what it said of itself, oldest first
        self._record = record
        self._on_news = on_news
        self._on_lost = on_lost
        self._engine = Engine()
        self._port: Port | None = None
        self._lost: ModemError | None = None
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._lines: list[Info] = []
        self._characters = 0
        self._waiter: asyncio.Future[Event] | None = None
        self._patience: asyncio.Timeout | None = None
        self._strays = 0
        self._unanswered = 0
        self._in_step = True
        self._slipped = False
        self._silence: asyncio.TimerHandle | None = None

    async def open(self, path: str) -> None:
        """Open the port; raises PortError."""
        self._port = await open_port(path, self._receive, self._port_lost)

    def close(self) -> None:
        """Let the port go at once; whoever waits for an answer gets PortError."""
        if self._port is not None:
            self._port.close()
        self.retire(PortError("port_lost", "closed"))

    @property
    def text_mode(self) -> bool:
        return self._engine.text_mode

    @text_mode.setter
    def text_mode(self, value: bool) -> None:
        self._engine.text_mode = value

    @property
    def heard_at(self) -> float:
        """When the device last wrote anything, on the loop's clock."""
        return self._heard_at

    # --- commands ------------------------------------------------------------------------------------

    async def command(self, text: str, limit: float | None = None) -> list[Info]:
        """Send one command line and return the lines of its answer. The caller holds `wire`.

        Raises:
            CommandFailed: the device answered with an error.
            NoAnswer: it answered too late or not at all, and is in step again.
            DeviceSilent: it answers nothing any more, or nothing but a bare AT, or without end.
            PortError, DeviceReset: the port is lost, or the driver retired.
        """
        await self._come_in_step()
        answer = await self._exchange(text, self.timing.limit(text) if limit is None else limit)
        if answer.result is None:
            await self.resync()
            self._count_unanswered(answer)
            raise NoAnswer(text, answer.lines)
        self._unanswered = 0
        if not answer.result.ok:
            raise CommandFailed(text, answer.result)
        return answer.lines

    def _count_unanswered(self, answer: Answer) -> None:
        """A device may answer a bare AT and be dead for everything else, as after a crash of its radio."""
        self._unanswered = 0 if answer.lines else self._unanswered + 1
        if self._unanswered >= _UNANSWERED:
            raise DeviceSilent("no answer to anything but AT")

    async def try_command(self, text: str) -> list[Info] | None:
        """As `command`, but None where the device refuses or has no answer.

        Raises:
            DeviceSilent, PortError.
        """
        try:
            return await self.command(text)
        except (CommandFailed, NoAnswer):
            return None

    async def ask_prompt(self, text: str) -> bool:
        """`AT+CMGS=<length>` or `AT+CMGS="<number>"` (27.005 4.3, 3.5.1); False when no prompt came and the
        device is in step again.

        Raises:
            CommandFailed, DeviceSilent, PortError: as `command`; nothing was sent.
        """
        await self._come_in_step()
        self._forget_lines()
        self._in_step = False
        event = await self._converse(self._engine.submit(text), self._write_paced, self.timing.prompt)
        if isinstance(event, Prompt):
            return True
        if isinstance(event, Final):
            self._in_step = True
            raise CommandFailed(text, event.result)
        await self.resync()
        return False

    async def hand_over(self, pdu: str, on_written: Callable[[], None], older: int | None = None) -> Answer:
        """Write the PDU and Ctrl-Z at the prompt and wait for the answer. A `+CMGS` with the reference
        `older` answers the text before and is news.

        `on_written` is called when the text has left us and its outcome is open. When the answer has no
        result the device is out of step: call `resync`.

        Raises:
            PromptGone: the device left the prompt before; nothing was written.
            PortError, DeviceReset: whether before or after Ctrl-Z is told by `on_written` having been called.
        """
        if self.pace.after_prompt:
            await asyncio.sleep(self.pace.after_prompt)
        if self._lost is not None:
            raise self._lost
        if self._engine.state is not State.AT_PROMPT:
            self._in_step = self._engine.state is State.IDLE
            raise PromptGone("the device left the prompt")
        self._forget_lines()

        async def write(data: bytes) -> None:
            await self._write_text(data, on_written)

        try:
            event = await self._converse(self._engine.body(pdu, older), write, self.timing.result)
        except DeviceSilent:  # it was written, and what became of it was not told
            event = None
        self._engine.abandon()
        self._in_step = isinstance(event, Final)
        return Answer(self._lines, event.result if isinstance(event, Final) else None)

    async def _write_text(self, data: bytes, on_written: Callable[[], None]) -> None:
        if self._port is not None and not self._port.tells_what_was_written:
            on_written()
        await self._write(data)
        on_written()

    async def catch_up(self) -> None:
        """Take in what the device has already written: one turn of the loop to poll, one to read."""
        for _ in range(2):
            await asyncio.sleep(0)

    # --- in step -------------------------------------------------------------------------------------

    async def resync(self) -> None:
        """The opening ritual: ESC, drain, `AT` until exactly one OK answers it. Never Ctrl-Z.

        Raises:
            DeviceSilent, PortError.
        """
        self._in_step = False
        await self._escape()
        for attempt in range(2):
            if await self._find_ok():
                self._in_step, self._slipped = True, False
                return
            if attempt == 0:
                await self._escape_hard()
        raise DeviceSilent("no answer to AT, not even after ESC")

    async def _find_ok(self) -> bool:
        silent = 0
        for attempt in range(10):
            strays = self._strays
            answer = await self._exchange("AT", self.timing.limit("AT"))
            if answer.result is None:
                silent += 1
                if silent == 3:
                    return False
                continue
            await self._drain(self.timing.after_ok)
            if answer.result.ok and strays == self._strays and await self._proves_in_step():
                return True
            # answers come later than we wait for them: give them time to catch up
            await self._drain(self.timing.after_ok * 2 ** min(attempt, _MOST_DOUBLINGS))
        return False

    async def _proves_in_step(self) -> bool:
        """Whether the answer to a question is that question's own: on a slow wire one OK may have answered
        the ESC and the next one the AT before it."""
        strays = self._strays
        answer = await self._exchange(_PROOF, self.timing.limit(_PROOF))
        if strays != self._strays:
            return False
        return bool(answer.lines) or answer.result is None or not answer.result.ok

    async def _escape(self) -> None:
        await self._write(self._engine.escape())
        await self._drain(self.timing.after_escape)

    async def _escape_hard(self) -> None:
        for _ in range(3):
            await self._write(self._engine.escape())
            await asyncio.sleep(self.timing.between_escapes)

    async def _come_in_step(self) -> None:
        if not self._in_step or self._slipped:
            await self.resync()

    async def _drain(self, silence: float) -> None:
        """Wait until nothing was written for `silence` seconds, or as long as a drain may take."""
        loop = self._loop
        end = loop.time() + max(self.timing.drain, silence)
        quiet_since = loop.time()
        while loop.time() < end:
            await asyncio.sleep(silence - (loop.time() - quiet_since))
            if self._lost is not None:
                raise self._lost
            if self._heard_at <= quiet_since:
                return
            quiet_since = self._heard_at

    # --- the exchange --------------------------------------------------------------------------------

    async def _exchange(self, text: str, limit: float) -> Answer:
        """One command and its answer. Cut short by anything, it is out of step."""
        self._forget_lines()
        in_step, self._in_step = self._in_step, False
        try:
            event = await self._converse(self._engine.command(text), self._write_paced, limit)
        finally:
            self._engine.abandon()
        if not isinstance(event, Final):
            return Answer(self._lines, None)
        self._in_step = in_step
        return Answer(self._lines, event.result)

    async def blurt(self, text: str) -> None:
        """Write a command line without waiting for an answer: for a device that may not answer at all. The
        caller holds `wire` and brings the device in step afterwards.

        Raises:
            PortError: the port is lost.
        """
        self._in_step = False
        await self._write(self._engine.escape() + text.encode("latin-1") + b"\r")

    async def _write_paced(self, data: bytes) -> None:
        """A command line, no sooner after the last answer than the device can take it."""
        gap = self._heard_at + self.pace.between_commands - self._loop.time()
        if gap > 0:
            await asyncio.sleep(gap)
        await self._write(data)

    async def _write(self, data: bytes) -> None:
        if self._lost is not None or self._port is None:
            raise self._lost or PortError("port_lost", "not open")
        self._record(Direction.COMPUTER, data)
        if not self.pace.between_octets:
            await self._port.write(data)
            return
        for at, octet in enumerate(data):
            if at:  # not after the last one, which may be answered at once
                await asyncio.sleep(self.pace.between_octets)
            await self._port.write(bytes([octet]))

    async def _converse(
        self, data: bytes, write: Callable[[bytes], Awaitable[None]], limit: float
    ) -> Event | None:
        """Write, and wait for the next prompt or final result; None at the limit, which counts from the last
        octet. It is listened for before the first one: an answer may overtake the end of a slow write."""
        if self._lost is not None:
            raise self._lost
        waiter: asyncio.Future[Event] = self._loop.create_future()
        self._waiter = waiter
        try:
            await write(data)
            async with asyncio.timeout(limit) as self._patience:
                return await waiter
        except TimeoutError:
            return None
        finally:
            self._waiter = self._patience = None
            if waiter.done() and not waiter.cancelled():
                waiter.exception()  # a write that failed leaves it unread

    def _receive(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        self._record(Direction.MODEM, data)
        self._dispatch(self._engine.receive(data))
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if self._engine.awaits_silence:
            self._silence = self._loop.call_later(self.timing.text_silence, self._text_ended)

    def _text_ended(self) -> None:
        self._dispatch(self._engine.silence())

    def _dispatch(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Info):
                self._keep(event)
                self._expect_end()
            elif isinstance(event, Prompt | Final):
                self._resolve(event)
            else:
                self._note_unasked(event)
                self._on_news(event)

    def _keep(self, line: Info) -> None:
        """A line of the answer. One that grows without end is given up: it would fill the memory."""
        self._characters += len(line.text) + len(line.body or "")
        if len(self._lines) < _MOST_LINES and self._characters <= _MOST_CHARACTERS:
            self._lines.append(line)
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(DeviceSilent("an answer without end"))

    def _forget_lines(self) -> None:
        self._lines, self._characters = [], 0

    def _note_unasked(self, event: News) -> None:
        """An answer nobody waits for means that answers have slipped against questions: the next command
        would be given this one's, and a text could be taken for another."""
        if isinstance(event, Unsolicited):
            self.recent_news.append(event.text)
        self._strays += isinstance(event, StrayResult)
        if isinstance(event, StrayResult) or event.text.startswith(_ONLY_ASKED_FOR):
            self._slipped = True

    def doubt(self) -> None:
        """What was answered cannot be right: bring the device in step before the next command."""
        self._slipped = True

    def _expect_end(self) -> None:
        """After `+CMGS: <mr>` the text is accepted: its OK follows at once or was lost."""
        if self._engine.state is State.RESULT and self._patience is not None:
            self._patience.reschedule(self._loop.time() + self.timing.result_end)

    def _resolve(self, event: Event) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(event)

    def retire(self, error: ModemError) -> None:
        """Speak no more: whoever waits gets `error`, and so does whoever asks from now on.

        After a restart the device has forgotten which store is selected, so that a command that was on
        its way could hit another text.
        """
        if self._lost is None:
            self._lost = error
        self._engine.abandon()
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(self._lost)
        if self._silence is not None:
            self._silence.cancel()

    def _port_lost(self, error: PortError) -> None:
        first = self._lost is None
        self.retire(error)
        if first:
            self._on_lost(error)
