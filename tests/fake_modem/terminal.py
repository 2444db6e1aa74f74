"""The terminal adaptor: bytes in, command lines and typed texts out, answers back (V.250, 27.005 3.5.1).

Owns: echo, the strict states COMMAND, BUSY and PROMPT, the order of what goes out, what was sent too soon.
Knows nothing of messages; the modem behind it runs the commands.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .answers import Answer, Command, Fail, Later, Prompt, Refusal, parse_line

if TYPE_CHECKING:
    from .modem import Modem
    from .wire import Wire

COMMAND, BUSY, PROMPT = "command", "busy", "prompt"
ECHO, ITEM, CONTINUATION, ASK, RESULT, URC = "echo", "item", "continuation", "prompt", "result", "urc"
CTRL_Z, ESC = 0x1A, 0x1B
NUMERIC = {"OK": "0", "ERROR": "4"}


@dataclass
class Piece:
    """Bytes on their way out: what they are, and seconds to wait before them."""

    kind: str
    data: bytes
    delay: float = 0.0


@dataclass(frozen=True)
class TooSoon:
    """Bytes that came while a command was running, and which."""

    time: float
    data: bytes
    during: str


class Output:
    """Pieces in order; those with a delay hold back what comes after them."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._queue: deque[Piece | Callable[[], None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, pieces: list[Piece], then: Callable[[], None] | None = None) -> None:
        """Send `pieces`, then call `then`; at once where nothing waits."""
        if not self._queue and self._timer is None and not any(piece.delay for piece in pieces):
            if data := b"".join(piece.data for piece in pieces):
                self._write(data)
            if then:
                then()
            return
        self._queue.extend(pieces)
        if then:
            self._queue.append(then)
        if self._timer is None:
            self._pump()

    def _pump(self) -> None:
        self._timer = None
        while self._queue:
            head = self._queue[0]
            if not isinstance(head, Piece):
                self._queue.popleft()
                head()
            elif head.delay:
                delay, head.delay = head.delay, 0.0
                self._timer = asyncio.get_running_loop().call_later(delay, self._pump)
                return
            else:
                self._queue.popleft()
                self._write(head.data)

    def clear(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
        self._queue.clear()


class Terminal:
    """One AT channel. `too_soon` lists what was sent before the previous result had gone out; of the
    commands while a text was on the air `questions_after_ctrlz` only asked whether anybody is there."""

    def __init__(self, modem: Modem, write: Callable[[bytes], None]) -> None:
        self.modem = modem
        self.out = Output(write)
        self.too_soon: list[TooSoon] = []
        self.commands_after_ctrlz = self.questions_after_ctrlz = 0
        self.prompts_closed_by_ctrlz = self.prompts_closed_by_esc = 0
        self.reset()

    def reset(self) -> None:
        """As after power-on: command level, nothing typed, nothing on the way out."""
        self.state = COMMAND
        self.typed = bytearray()
        self.running = ""
        self._backlog = bytearray()
        self._answered = False
        self._pending: list[Command] = []
        self._items: list[list[str]] = []
        self._on_text: Callable[[bytes], Answer | Later] | None = None
        self._held_urcs: list[str] = []
        self.session = getattr(self, "session", 0) + 1
        self.out.clear()

    # --- in -------------------------------------------------------------------------------------------

    def feed(self, data: bytes, *, noted: bool = False) -> None:
        """Bytes from the computer, in whatever chunks; `noted`: they waited and are known as too soon."""
        if not noted:
            data = self.modem.faults.hears(data)
        while data:
            if self.state == BUSY:
                if not noted:
                    self._note_too_soon(data, self.running, sending=self.modem.sending)
                self._backlog += data
                return
            typing = self.state == PROMPT
            rest = self._typed(data) if typing else self._command(data)
            if rest and self.state != BUSY and not noted and self._answered:
                # One read held the end of a command and more: it was written before any answer was seen.
                self._note_too_soon(rest, repr(data[: -len(rest)]), sending=typing)
                noted = True
            data = rest

    def _note_too_soon(self, data: bytes, during: str, *, sending: bool) -> None:
        if data == b"\n" and not self._backlog:
            return
        self.too_soon.append(TooSoon(time.time(), data, during))
        if sending:
            self.commands_after_ctrlz += data.count(b"\r")
            self.questions_after_ctrlz += sum(line.strip(b"\x1b\n") == b"AT" for line in data.split(b"\r"))

    def _command(self, data: bytes) -> bytes:
        end = data.find(b"\r") + 1 or len(data)
        taken, rest = data[:end], data[end:]
        if self.modem.settings.echo or self.modem.faults.echoes(typing=False):
            self._emit([Piece(ECHO, taken)])
        for byte in taken:
            if byte == 0x08:
                del self.typed[-1:]
            elif byte >= 0x20:
                self.typed.append(byte)
        if taken.endswith(b"\r"):
            text = self.typed.decode("latin-1")
            self.typed.clear()
            self._answered = self._run_line(text)
        return rest

    def _typed(self, data: bytes) -> bytes:
        end = next((place for place, byte in enumerate(data) if byte in (CTRL_Z, ESC)), len(data))
        self.typed += data[:end]
        if self.modem.faults.echoes(typing=True):
            self._emit([Piece(ECHO, data[: end + 1])])
        elif end and self.modem.settings.echo:
            self._emit([Piece(ECHO, data[:end])])
        self.modem.faults.typing(bytes(self.typed))
        if self.state != PROMPT or end == len(data):
            return b""
        if data[end] == CTRL_Z:
            self._close_prompt()
        else:
            self.prompts_closed_by_esc += 1
            self._leave_prompt()
            self.finish(Answer())
        self._answered = True
        return data[end + 1 :]

    def _close_prompt(self) -> None:
        self.prompts_closed_by_ctrlz += 1
        text, on_text = self._leave_prompt()
        self._settle(lambda: on_text(text))

    def _leave_prompt(self) -> tuple[bytes, Callable[[bytes], Answer | Later]]:
        assert self._on_text is not None
        text, on_text = bytes(self.typed), self._on_text
        self.typed.clear()
        self._on_text, self.state = None, BUSY
        return text, on_text

    # --- running --------------------------------------------------------------------------------------

    def _run_line(self, text: str) -> bool:
        """Run the commands after AT; False where nothing will be answered."""
        start = text.upper().find("AT")
        if start < 0:
            return False
        commands = parse_line(text[start + 2 :])
        self.state, self.running = BUSY, text[start:]
        if self.modem.faults.swallows(self.running):
            self.state = COMMAND
            return False
        self.modem.heard(self.running)
        self._items = []
        if commands is None:
            self.finish(Answer(result="ERROR"))
            return True
        self._pending = commands
        self._next()
        return True

    def _next(self) -> None:
        if not self._pending:
            self.finish(Answer())
            return
        command = self._pending.pop(0)
        delay = self.modem.latency(command.name) + self.modem.faults.latency(command.name)
        if delay:
            self._later(delay, lambda: self._settle(lambda: self.modem.execute(command)))
        else:
            self._settle(lambda: self.modem.execute(command))

    def _later(self, delay: float, call: Callable[[], None]) -> None:
        session = self.session
        loop = asyncio.get_running_loop()
        loop.call_later(delay, lambda: call() if session == self.session else None)

    def _settle(self, run: Callable[[], Answer | Prompt | Later]) -> None:
        session = self.session
        try:
            answer = run()
        except Refusal as refusal:
            answer = Answer(result=refusal.result(self.modem.settings.cmee))
        if session != self.session or isinstance(answer, Later):
            return
        if isinstance(answer, Prompt):
            self._open_prompt(answer)
        elif answer.result == "OK" and self._pending:
            self._items += answer.items
            self._next()
        else:
            self.finish(answer)

    def _open_prompt(self, prompt: Prompt) -> None:
        if self._pending:
            self.finish(Answer(result=Fail().result(0)))
            return
        self._on_text = prompt.on_text
        self._emit([Piece(ASK, b"\r\n> ")], self._prompt_is_open)

    def _prompt_is_open(self) -> None:
        self.state = PROMPT
        self.modem.faults.prompted()
        self._take_backlog()

    def stuck_prompt(self, on_text: Callable[[bytes], Answer | Later], typed: bytes) -> None:
        """Be at a prompt already, with `typed` in the buffer, as after a crash of the computer."""
        self._on_text, self.state = on_text, PROMPT
        self.typed[:] = typed

    # --- out ------------------------------------------------------------------------------------------

    def finish(self, answer: Answer) -> None:
        """Send the answer of the running command and take the next."""
        self._pending = []
        pieces = self._pieces(self._items + answer.items, answer.result)
        self._items = []
        self._emit(pieces, self._at_command_level)

    def _at_command_level(self) -> None:
        self.state, self.running = COMMAND, ""
        held, self._held_urcs = self._held_urcs, []
        for urc in held:
            self.urc(urc)
        self._take_backlog()

    def _take_backlog(self) -> None:
        if self._backlog:
            data, self._backlog = bytes(self._backlog), bytearray()
            self.feed(data, noted=True)

    def _pieces(self, items: list[list[str]], result: str) -> list[Piece]:
        settings = self.modem.settings
        pieces: list[Piece] = []
        for item in items:
            for place, text in enumerate(item):
                lead = b"\r\n" if settings.verbose and not pieces else b""
                data = lead + text.encode("latin-1", "replace") + b"\r\n"
                pieces.append(Piece(CONTINUATION if place else ITEM, data))
        if result and not settings.quiet:
            shown = f"\r\n{result}\r\n" if settings.verbose else NUMERIC.get(result, result) + "\r"
            pieces.append(Piece(RESULT, shown.encode("latin-1")))
        return pieces

    def _emit(self, pieces: list[Piece], then: Callable[[], None] | None = None) -> None:
        self.out.put(self.modem.faults.shape(pieces, self.running), then)

    def urc(self, text: str, *, held: bool = True, to: Wire | None = None) -> None:
        """An unsolicited line (or header and continuation) on the wire of such lines, or on the one given.

        On the wire of the commands it waits while a text is being typed; not `held`, it does not.
        """
        if to is None and held and self.state == PROMPT and not self.modem.ports.apart:
            self._held_urcs.append(text)
            return
        pieces = [Piece(URC, f"\r\n{text}\r\n".encode("latin-1", "replace"))]
        if to is None and not self.modem.ports.apart:
            self._emit(pieces)
            return
        data = b"".join(piece.data for piece in self.modem.faults.shape(pieces, ""))
        self.modem.ports.say(data, to)

    def late(self, answer: Answer) -> None:
        """An answer nobody waits for any more."""
        self._emit(self._pieces(answer.items, answer.result))

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self.out.put([Piece(URC, data)])
