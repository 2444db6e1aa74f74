"""The AT engine: bytes in, events out; intent in, bytes out (3GPP TS 27.005, 27.007, ITU-T V.250).

It owns the classification of every line a device writes, by state and never by substring. It knows no
clock, no port and no await; whoever drives it tells it of silence and of lost patience. Nothing a device
writes makes it raise. The same bytes give the same events however they are cut into pieces.

States: IDLE -> COMMAND -> IDLE, and for a text IDLE -> AWAIT_PROMPT -> AT_PROMPT -> RESULT -> IDLE.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from .answers import Event, Final, Info, Prompt, Result, ResultKind, StrayResult, Unsolicited
from .lines import (
    MAX_LINE,
    PDU_LENGTH_UNKNOWN,
    TextBody,
    is_hex,
    pdu_digits,
    reference,
    split_listing,
    tpdu_length,
)

ESC = b"\x1b"
CTRL_Z = b"\x1a"

_NOISE = bytes(range(33)) + b"\xff"
"""Octets no line of a device begins with: NULs after a reset, 0xFF bursts on unplugging, echoed ESC."""

_FINAL_ERROR = re.compile(r"\+(CM[ES]) ERROR: *(.*)", re.IGNORECASE)
_PREFIX = re.compile(r"([+^*%#$!&][A-Z0-9_]+):", re.IGNORECASE)
_TELEPHONE = frozenset({"BUSY", "NO CARRIER", "NO DIALTONE", "NO DIAL TONE", "NO ANSWER"})
_NUMERIC = {"0": "OK", "3": "NO CARRIER", "4": "ERROR", "6": "NO DIALTONE", "7": "BUSY", "8": "NO ANSWER"}
_RINGING = ("RING", "+CRING", "+CLIP")
_BARE_NEWS = re.compile(
    r"RING|RDY|NORMAL POWER DOWN|UNDER-VOLTAGE .*|(CALL|SMS|PB) (READY|DONE)|\+SMS FULL|\^?SYSSTART"
    r"|VOICE CALL: .*|MISSED_CALL: .*",
    re.IGNORECASE,
)
_MAX_OWED = 16
"""Headers that may wait for their PDU at once; a flood of lone headers must not grow without end."""

_SERVICE_TEXT = "+CUSD"
_AFTER_LAST_QUOTE = re.compile(r" *(, *\d+ *)?")
"""A text of the network may go over several lines, up to its closing quote and <dcs> (27.007 7.15)."""

_SENT = "+CMGS"
_OWES_LISTED = ("+CMGL", "+CMGR")
_OWES_NEWS = ("+CMT", "+CDS", "+CBM")
_BARE_ANSWERS = re.compile(r"AT(I\d?|\+(CGMI|CGMM|CGMR|CGSN|CIMI|GMI|GMM|GMR|GSN|CCID|ICCID|QCCID))\Z")
_ANSWERED_AS = {"+CICCID": "+ICCID"}  # SIMCom
_REGISTRATION_QUERY = re.compile(r"AT\+C(E|G|5G)?REG\?")
_REGISTRATION_ANSWER = re.compile(r"\+C\w*REG: *\d, *0?\d\d?(,|\Z)", re.IGNORECASE)


class State(Enum):
    """Where the exchange stands."""

    IDLE = auto()
    COMMAND = auto()
    AWAIT_PROMPT = auto()
    AT_PROMPT = auto()
    RESULT = auto()


@dataclass(slots=True)
class _Owed:
    """A header whose continuation line has not come yet."""

    header: str
    listed: bool
    digits: int
    survived_final: bool = False


class Engine:
    """One exchange at a time with one device.

    `text_mode` says how the device was told to write messages (+CMGF). Lines longer than `MAX_LINE` are
    dropped.
    """

    def __init__(self) -> None:
        self.state = State.IDLE
        self.text_mode = False
        self._buffer = bytearray()
        self._skipping = False
        self._echoes: tuple[str, ...] = ()
        self._command = ""
        self._body = ""
        self._older: int | None = None
        self._prefix = ""
        self._verbose = False
        self._ringing = False
        self._late_ok_due = False
        self._owed: list[_Owed] = []
        self._text: TextBody | None = None
        self._service_text: list[str] = []
        self._service_quotes = 0
        self._service_length = 0

    # --- intent in, bytes out ------------------------------------------------------------------------

    def command(self, text: str) -> bytes:
        """Begin a command; the bytes to write. Its answer ends with one `Final`."""
        return self._begin(text, State.COMMAND)

    def submit(self, text: str) -> bytes:
        """Begin a command that asks for a prompt (`AT+CMGS=<length>`, 27.005 4.3)."""
        return self._begin(text, State.AWAIT_PROMPT)

    def body(self, text: str, older: int | None = None) -> bytes:
        """The text of the message and the Ctrl-Z that sends it; only right after a `Prompt`. A `+CMGS` with
        the reference `older` answers the text before, and is unsolicited."""
        self.state = State.RESULT
        self._body = text
        self._older = older
        if self.text_mode:  # an adapter's line cannot ring while it dials, and never says that a call ended
            self._ringing = False
        return text.encode("latin-1") + CTRL_Z

    def escape(self) -> bytes:
        """Give up whatever runs and leave a prompt without sending (27.005 3.5.1). Never Ctrl-Z."""
        self.abandon()
        self._verbose = False
        self._late_ok_due = False
        self._owed.clear()
        return ESC

    def abandon(self) -> None:
        """Stop waiting: what still comes for the running command is unsolicited from now on."""
        self.state = State.IDLE
        self._prefix = ""
        self._text = None

    def _begin(self, text: str, state: State) -> bytes:
        self.state = state
        self._command = text
        prefix = _command_prefix(text)
        self._prefix = _ANSWERED_AS.get(prefix, prefix)
        self._echoes = (*self._echoes[-1:], text)
        self._late_ok_due = False
        return text.encode("latin-1") + b"\r"

    # --- bytes in, events out ------------------------------------------------------------------------

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes in any pieces; the events they complete, in order."""
        self._buffer += data
        events: list[Event] = []
        while self._step(events):
            pass
        return events

    @property
    def awaits_silence(self) -> bool:
        """Whether only silence can tell where the message text that is arriving ends."""
        return self._text is not None and self._text.ends_by_silence

    def silence(self) -> list[Event]:
        """Nothing has come for a while (27.005 has no end mark for text): take what is there as whole."""
        events: list[Event] = []
        if self._text is not None and self._text.ends_by_silence:
            self._end_by_silence(self._text, events)
        return events

    def _step(self, events: list[Event]) -> bool:
        """Consume one line, prompt or text body; False when more bytes are needed."""
        if self._text is not None:
            return self._take_text(self._text, events)
        if self.state is State.AWAIT_PROMPT and self._take_prompt(events):
            return True
        line = self._take_line()
        if line is None:
            return False
        text = line.lstrip(_NOISE).rstrip(b"\x1a \t\0").decode("latin-1")
        if text:
            self._classify(text, events)
        return True

    def _take_prompt(self, events: list[Event]) -> bool:
        start = self._buffer.lstrip(_NOISE)
        noise = len(self._buffer) - len(start)
        if self._skipping or noise > MAX_LINE or not start.startswith(b">"):
            return False
        del self._buffer[: noise + 1]
        self.state = State.AT_PROMPT
        events.append(Prompt())
        return True

    def _take_line(self) -> bytes | None:
        """The next line without its end (CR, LF or both: an empty line more harms nobody)."""
        end = _line_end(self._buffer)
        if end < 0:
            if len(self._buffer) > MAX_LINE:
                self._skipping = True
                self._buffer.clear()
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        if self._skipping or end > MAX_LINE:
            self._skipping = False
            return b""
        return line

    # --- classification ------------------------------------------------------------------------------

    def _classify(self, text: str, events: list[Event]) -> None:
        if self._is_echo(text):
            return
        result = self._as_result(text)
        late_ok_due, self._late_ok_due = self._late_ok_due, False
        if result is not None:
            self._finish(result, events, late=late_ok_due and result.ok)
        elif self._is_service_text(text):
            self._take_service_text(text, events)
        elif self._owed and self._pays(text, events):
            pass
        elif self._is_answer(text):
            self._header(text, Info(text), _OWES_LISTED, events)
        else:
            self._note_ringing(text)
            # a result that comes late brings its own OK right behind it: not that of the running command
            self._late_ok_due = _prefix_of(text) == _SENT
            self._header(text, Unsolicited(text), _OWES_NEWS, events)

    def _is_echo(self, text: str) -> bool:
        if text in self._echoes:
            return True
        # a PDU may be echoed in pieces; one digit alone could be a numeric result
        return self.state is State.RESULT and len(text) > 1 and is_hex(text) and text in self._body

    def _as_result(self, text: str) -> Result | None:
        word = text.upper()
        if word in ("OK", "ERROR"):
            self._verbose = True
            return Result(ResultKind(word))
        if word in ("COMMAND NOT SUPPORT", "TOO MANY PARAMETERS"):
            return Result(ResultKind.ERROR)
        match = _FINAL_ERROR.fullmatch(text)
        if match:
            return Result(ResultKind(match[1].upper()), match[2].strip())
        if word in _TELEPHONE and self.state is State.RESULT and not self._ringing:
            return Result(ResultKind.TELEPHONE, word)
        return self._as_numeric_result(word)

    def _as_numeric_result(self, word: str) -> Result | None:
        """A device with verbose results off (ATV0) writes one digit; once it wrote a word it is not one."""
        if self._verbose or word not in _NUMERIC or self.state is State.IDLE:
            return None
        meaning = _NUMERIC[word]
        if meaning in _TELEPHONE:
            return Result(ResultKind.TELEPHONE, meaning) if self.state is State.RESULT else None
        return Result(ResultKind(meaning))

    def _finish(self, result: Result, events: list[Event], late: bool = False) -> None:
        self._settle_owed(events)
        self._end_service_text(events)
        waiting_for_text = self.state in (State.AWAIT_PROMPT, State.AT_PROMPT)
        # OK cannot answer +CMGS before its text was given: it belongs to something older
        if late or self.state is State.IDLE or (waiting_for_text and result.ok):
            events.append(StrayResult(result))
            return
        self.state = State.IDLE
        self._prefix = ""
        events.append(Final(result))

    def _is_answer(self, text: str) -> bool:
        """Whether the line belongs to the running command."""
        if self.state not in (State.COMMAND, State.RESULT) or _BARE_NEWS.fullmatch(text):
            return False
        prefix = _prefix_of(text)
        if not prefix:
            return _BARE_ANSWERS.match(self._command) is not None
        if prefix == _SENT and self._older is not None and reference(text) == self._older:
            return False
        if _REGISTRATION_QUERY.fullmatch(self._command):
            return prefix == self._prefix and _REGISTRATION_ANSWER.match(text) is not None
        return prefix == self._prefix

    def _note_ringing(self, text: str) -> None:
        if text.upper().startswith(_RINGING):
            self._ringing = True
        elif text.upper() in _TELEPHONE:
            self._ringing = False

    # --- headers and what they owe -------------------------------------------------------------------

    def _header(self, text: str, event: Event, owing: tuple[str, ...], events: list[Event]) -> None:
        prefix = _prefix_of(text)
        listed = owing is _OWES_LISTED
        if prefix not in owing or (prefix == "+CDS" and self.text_mode):
            events.append(event)
        elif self.text_mode:
            self._text = TextBody(text, listed)
        elif (length := tpdu_length(text)) == 0:
            events.append(event)
        else:
            digits = length * 2 if length is not None else PDU_LENGTH_UNKNOWN
            self._owed.append(_Owed(text, listed, digits))
            if len(self._owed) > _MAX_OWED:
                events.append(self._paid(self._owed.pop(0), None))

    def _pays(self, text: str, events: list[Event]) -> bool:
        """Take the line as the continuation of an owing header, if it can be one."""
        owed = self._creditor(text)
        if owed is None:
            return False
        self._owed.remove(owed)
        events.append(self._paid(owed, "".join(text.split())))
        return True

    def _creditor(self, text: str) -> _Owed | None:
        digits = pdu_digits(text)
        for owed in reversed(self._owed):
            if digits is not None and digits == owed.digits:
                return owed
        return next((owed for owed in reversed(self._owed) if self._takes_damaged(owed, text)), None)

    def _takes_damaged(self, owed: _Owed, text: str) -> bool:
        """A PDU cut short or with foreign characters is still the customer's text: keep it raw."""
        if _prefix_of(text) or _BARE_NEWS.fullmatch(text) or text.upper() in _TELEPHONE:
            return False
        return owed.listed or not _BARE_ANSWERS.match(self._command) or self.state is not State.COMMAND

    def _settle_owed(self, events: list[Event]) -> None:
        """At a final result listed headers will get nothing more; a notice may still, until the next one."""
        for owed in [owed for owed in self._owed if owed.listed or owed.survived_final]:
            self._owed.remove(owed)
            events.append(self._paid(owed, None))
        for owed in self._owed:
            owed.survived_final = True

    def _paid(self, owed: _Owed, body: str | None) -> Event:
        answers = owed.listed and self.state is State.COMMAND
        return Info(owed.header, body) if answers else Unsolicited(owed.header, body)

    # --- texts of the network ------------------------------------------------------------------------

    def _is_service_text(self, text: str) -> bool:
        """A +CUSD, or a line of one that is still open: not what stands for itself or pays a header."""
        prefix = _prefix_of(text)
        if prefix or not self._service_text or _BARE_NEWS.fullmatch(text):
            return prefix == _SERVICE_TEXT
        return pdu_digits(text) not in [owed.digits for owed in self._owed]

    def _take_service_text(self, text: str, events: list[Event]) -> None:
        if _prefix_of(text):
            self._end_service_text(events)
        self._service_text.append(text)
        self._service_quotes += text.count('"')
        self._service_length += len(text) + 1
        if self._service_text_is_whole(text) or self._service_length > MAX_LINE:
            self._end_service_text(events)

    def _service_text_is_whole(self, last_line: str) -> bool:
        """Looks at the last line alone: a text that never closes its quote must not cost more with each."""
        _, quote, rest = last_line.rpartition('"')
        closes = bool(quote) and self._service_quotes > 1 and _AFTER_LAST_QUOTE.fullmatch(rest) is not None
        return closes or self._service_quotes == 0

    def _end_service_text(self, events: list[Event]) -> None:
        text = "\n".join(self._service_text)
        self._service_text.clear()
        self._service_quotes = self._service_length = 0
        if text:
            events.append(Info(text) if self._is_answer(text) else Unsolicited(text))

    # --- text mode -----------------------------------------------------------------------------------

    def _take_text(self, text: TextBody, events: list[Event]) -> bool:
        """Move bytes into the text body; True when it is complete."""
        if not text.take(self._buffer):
            return False
        self._text = None
        self._deliver_text(text.header, text.text(), text.listed, events)
        return True

    def _deliver_text(self, header: str, body: str, listed: bool, events: list[Event]) -> None:
        answers = listed and self.state is State.COMMAND
        events.append(Info(header, body) if answers else Unsolicited(header, body))

    def _end_by_silence(self, text: TextBody, events: list[Event]) -> None:
        found = text.split_final() if text.listed else (text.text(), "")
        if found is None:
            return
        body, final = found
        self._text = None
        for header, part in split_listing(text.header, body):
            self._deliver_text(header, part, text.listed, events)
        if final:
            self._classify(final, events)


def _line_end(buffer: bytearray) -> int:
    ends = [at for at in (buffer.find(b"\r"), buffer.find(b"\n")) if at >= 0]
    return min(ends, default=-1)


def _prefix_of(text: str) -> str:
    match = _PREFIX.match(text)
    return match[1].upper() if match else ""


def _command_prefix(text: str) -> str:
    match = re.match(r"AT([+^*%#$!&][A-Z0-9_]+)", text)
    return match[1] if match else ""
