"""Takes out of a dialogue with a device what is private, octet for octet: nothing gets longer or shorter.

Works on all that was written in one direction joined together, so that it does not matter in what pieces
it came. What is not known to be harmless is masked: letters become x, digits 5. Kept are the names of
commands and notices, short numbers, times, names of stores and states, who made the device, the first
digits of IMEI (8), IMSI (5) and ICCID (6), and the layout of PDUs (`trace_pdu`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from gateway.domain.pdu_fields import Unreadable

from .codes import WORDS
from .lines import fields, number, pdu_digits
from .trace_names import ABOUT_PEOPLE, KNOWN
from .trace_pdu import masked_pdu


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one side wrote at once."""

    by_computer: bool
    data: bytes


def masked(chunks: Sequence[Chunk], cut: Collection[bool]) -> list[bytes]:
    """The data of each chunk, masked and as long as it was.

    `cut` holds True, False or both for the computer and the device, where the beginning of what they wrote
    is missing.
    """
    computer, device = _Stream(chunks, True), _Stream(chunks, False)
    commands = [
        (computer.chunk_at(token.end() - 1), token[0][:-1])
        for token in _TOKEN.finditer(computer.text)
        if token[0].endswith("\r") and _COMMAND.match(token[0])
    ]
    finals = [device.chunk_at(line.start()) for line in _LINE.finditer(device.text) if _is_final(line[0])]
    lengths = {length for _, text in commands if (length := _announced(text)) is not None}
    lengths |= {length for line in _LINE.findall(device.text) if (length := _header_length(line)) is not None}
    said = _mask_computer(computer, finals, lengths, is_cut=True in cut)
    heard = _mask_device(device, commands, lengths, is_cut=False in cut)
    pieces = {True: computer.cut_up(said), False: device.cut_up(heard)}
    return [next(pieces[chunk.by_computer]) for chunk in chunks]


class _Stream:
    """All that one side wrote, and in which chunk of the dialogue each octet stands."""

    def __init__(self, chunks: Sequence[Chunk], by_computer: bool) -> None:
        mine = [(index, chunk.data) for index, chunk in enumerate(chunks) if chunk.by_computer is by_computer]
        self.text = b"".join(data for _, data in mine).decode("latin-1")
        self._indexes = [index for index, _ in mine]
        self._ends = list(accumulate(len(data) for _, data in mine))

    def chunk_at(self, position: int) -> int:
        return self._indexes[bisect_right(self._ends, position)]

    def cut_up(self, text: str) -> Iterator[bytes]:
        data = text.encode("latin-1")
        return (data[start:end] for start, end in zip([0, *self._ends[:-1]], self._ends, strict=True))


# --- what the computer writes ------------------------------------------------------------------------

_TOKEN = re.compile(r"[^\r\x1a\x1b]*[\r\x1a\x1b]|[^\r\x1a\x1b]+")
_COMMAND = re.compile(
    r"AT(?:[+^*%#$!&][A-Z0-9_]+(?:[=?;]|\r?\Z)|D[0-9+*#]|(?:[AEHIQVXZ]\d?|S\d+=\d+|&[A-Z]\d?)*\r?\Z)"
)
_ASKS_PROMPT = re.compile(r"AT\+CMG[SW]=")
_PDU_LENGTH = re.compile(r"AT\+(?:CMGS=|CMGW=|CNMA=\d,)(\d{1,3})\r?")


def _is_command(text: str) -> bool:
    """Whether it is a command line, and no text that looks like one: such a text ends in Ctrl-Z."""
    return _COMMAND.match(text) is not None and not text.endswith("\x1a")


def _announced(command: str) -> int | None:
    match = _PDU_LENGTH.match(command)
    return int(match[1]) if match else None


def _mask_computer(stream: _Stream, finals: list[int], lengths: set[int], *, is_cut: bool) -> str:
    """Commands, and the texts after those that ask for a prompt, unless the device refused to give one."""
    out: list[str] = []
    asked: int | None = None
    for token in _TOKEN.finditer(stream.text):
        text, place = token[0], stream.chunk_at(token.start())
        if asked is not None and bisect_right(finals, place) > bisect_right(finals, asked):
            asked = None
        if asked is not None or (is_cut and not out) or not _is_command(text):
            out.append(_mask_body(text, lengths))
            asked = asked if text[-1] == "\r" else None
        else:
            out.append(_mask_command(text))
            asked = stream.chunk_at(token.end() - 1) if _ASKS_PROMPT.match(text) else None
    return "".join(out)


def _mask_command(text: str) -> str:
    name = re.match(r"AT[A-Z0-9&;]*(?:[+^*%#$!&][A-Z0-9_]+)?", text)
    head = name[0] if name else ""
    rest = text[len(head) :]
    if "CPIN" in head or "CPWD" in head:
        return head + re.sub(r"[^\s\"=,?]", "*", rest)
    if head == "AT+CUSD":
        return head + re.sub(r'"[^"]*"?', _mask_service_code, rest)
    return _short_digits(head) + _mask_values(rest)


def _mask_service_code(quoted: re.Match[str]) -> str:
    """A short code stays as it is: everybody's balance lies behind the same one."""
    code = quoted[0].strip('"')
    if re.fullmatch(r"[0-9A-F]*[A-F][0-9A-F]*", code):
        return quoted[0] if len(code) <= _SHORT_PACKED_CODE else _mask_string(quoted)
    return _short_digits(quoted[0]) if re.fullmatch(r"[0-9*#]*", code) else _mask_string(quoted)


_SHORT_PACKED_CODE = 12  # digits: six characters, such as *100#


# --- what the device writes --------------------------------------------------------------------------

_LINE = re.compile(r"[^\r\n]+")
_LEAD = re.compile(r"[\0-\x20\xff]*(?:> ?)?")
_BARE = re.compile(
    r"OK|ERROR|RING|BUSY|RDY|CONNECT|NO (?:CARRIER|ANSWER|DIAL ?TONE)|NORMAL POWER DOWN|UNDER-VOLTAGE \w+"
    r"|(?:CALL|SMS|PB) (?:READY|DONE)|\+SMS FULL|\^?SYSSTART|COMMAND NOT SUPPORT|TOO MANY PARAMETERS"
    r"|VOICE CALL: (?:BEGIN|END).{0,10}|[0-9]",
    re.IGNORECASE,
)
_FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR:.*", re.IGNORECASE)
_ABOUT_CALLS = re.compile(r"(?:DATE|TIME|NMBR|NAME|MESG) *=|MISSED_CALL:", re.IGNORECASE)
_NOTICE = re.compile(r"[+^*%#$!&][A-Z0-9_]+(?: ERROR)?: ?", re.IGNORECASE)
_HEX_LINE = re.compile(r"[0-9A-F]+(?: +[0-9A-F]+)*", re.IGNORECASE)
_IDENTITY = re.compile(r"AT(?:I\d?|\+C?GM[IMR])\Z")
_NUMBERED = {
    re.compile(r"(?:AT)?\+C?GSN\b|ATI\d?\Z"): 8,  # IMEI
    re.compile(r"(?:AT)?\+CIMI\b"): 5,  # IMSI
    re.compile(r"(?:AT)?[+^](?:Q?CCID|ICCID|CRSM|SPIC)\b"): 6,  # ICCID
}
"""How many first digits stay of the long number that a command asks for, or a notice tells."""


def _core(line: str) -> str:
    """A line without noise or a prompt before it."""
    lead = _LEAD.match(line)
    return line[lead.end() :] if lead else line


def _is_final(line: str) -> bool:
    return _FINAL.fullmatch(_core(line)) is not None


_SERVICE_END = re.compile(r" *(, *\d+ *)?")


def _brings_words(line: str) -> bool:
    """Whether people's words follow in lines of their own."""
    name = line.upper().partition(":")[0]
    if name == "+CUSD":
        after_last_quote = line.rpartition('"')[2] if '"' in line else ""
        return line.count('"') % 2 == 1 or _SERVICE_END.fullmatch(after_last_quote) is None
    return name in ("+CMT", "+CMGL", "+CMGR", "+CBM") and _header_length(line) is None


def _header_length(line: str) -> int | None:
    """Octets of the TPDU that a header in PDU mode announces; None for all other lines."""
    name, _, _ = line.strip().upper().partition(":")
    values = fields(line)
    counts = {"+CMGL": (4,), "+CMGR": (3,), "+CMT": (1, 2), "+CDS": (1, 2), "+CBM": (1,)}
    return number(values[-1]) if len(values) in counts.get(name, ()) else None


def _mask_device(stream: _Stream, commands: list[tuple[int, str]], lengths: set[int], *, is_cut: bool) -> str:
    places = [place for place, _ in commands]
    answered = -1
    words = _Words()
    first = True

    def mask(line: re.Match[str]) -> str:
        nonlocal answered, first
        whole = not (is_cut and first and line.start() == 0)
        first = False
        at = bisect_right(places, stream.chunk_at(line.start())) - 1
        core = _core(line[0])
        if words.go_on(core, at):
            written = _mask_words(core, lengths)
        elif whole:
            written = _mask_line(core, commands[at][1] if at > answered else "", lengths)
        else:
            written = _opaque(core)
        if _FINAL.fullmatch(core) or core.upper().startswith(("+CMT:", "+CMGL:", "+CMGR:", "+CUSD:")):
            answered = at  # what follows is no answer to it
        return line[0][: len(line[0]) - len(core)] + written

    return _LINE.sub(mask, stream.text)


class _Words:
    """Where people's words may be: from the header that brings them until a final result came and the
    computer went on. A line "OK" may be one of theirs."""

    def __init__(self) -> None:
        self._inside = False
        self._final_at: int | None = None

    def go_on(self, line: str, command: int) -> bool:
        """Whether this line, after that many commands, may be people's words."""
        if self._final_at is not None and command > self._final_at:
            self._inside, self._final_at = False, None
        inside = self._inside
        if inside and _FINAL.fullmatch(line) and self._final_at is None:
            self._final_at = command
        self._inside = inside or _brings_words(line)
        return inside


_SAFE_FINAL = re.compile(r"OK|ERROR|\+CM[ES] ERROR: ?\d{1,3}", re.IGNORECASE)


def _mask_words(line: str, lengths: set[int]) -> str:
    """A line among people's words: nothing of it is shown but what every device may write."""
    if _SAFE_FINAL.fullmatch(line):
        return line
    notice = _NOTICE.match(line)
    if notice and _name_of(notice) in KNOWN:
        return notice[0] + _opaque(line[notice.end() :])
    return _mask_body(line, lengths)


def _name_of(notice: re.Match[str]) -> str:
    return notice[0].rstrip(": ").upper()


def _mask_line(text: str, command: str, lengths: set[int]) -> str:
    if not text or _BARE.fullmatch(text):
        return text
    for asked, kept in _NUMBERED.items():
        if _LONG_NUMBER.fullmatch(text) and (asked.match(command) or asked.match(text)):
            return _keep_first(text, kept)
    if _COMMAND.match(text):
        return _mask_command(text)
    is_model = len(text) <= _LONGEST_MODEL and _IDENTITY.match(command)  # such as E3131
    if _HEX_LINE.fullmatch(text.rstrip("\x1a ")) and not is_model:
        return _mask_body(text, lengths)
    return _mask_named(text, command)


_LONGEST_MODEL = 12  # characters


def _mask_named(text: str, command: str) -> str:
    about_call = _ABOUT_CALLS.match(text)
    if about_call:
        return about_call[0] + _opaque(text[about_call.end() :])
    notice = _NOTICE.match(text)
    if _IDENTITY.match(command) and (notice is None or f"AT{_name_of(notice)}" == command):
        return _keep_first(text, 8)
    if notice is None or _name_of(notice) not in KNOWN:
        return _opaque(text)
    name, rest = _name_of(notice), text[notice.end() :]
    if " ERROR" in name and rest.strip().lower() in WORDS:
        return text
    if name == "+CUSD":
        return notice[0] + _mask_service_text(rest)
    if name in ABOUT_PEOPLE and _header_length(text) is None:
        return notice[0] + _mask_about_people(rest)
    return notice[0] + _mask_values(rest)


_LONG_NUMBER = re.compile(r"(?:[+^][A-Z]+: ?)?(?:\d+,\d+,)?\"?\d{5,20}[\dF]{0,2}\"?", re.IGNORECASE)
"""A line that holds one long number, its name before it."""


def _keep_first(text: str, kept: int) -> str:
    """Without the end of numbers that are long enough to name one device, SIM or person."""
    return re.sub(
        r"[0-9]{5,}F*",
        lambda run: run[0][:kept] + _opaque_digits(run[0][kept:]) if len(run[0]) >= 14 else _opaque(run[0]),
        text,
    )


# --- values ------------------------------------------------------------------------------------------

_STORES = frozenset({"SM", "ME", "MT", "SR", "BM", "TE", "FD", "SC", "P2", "ALL"})
_ALPHABETS = frozenset({"GSM", "UCS2", "IRA", "HEX", "PCCP437", "8859-1"})
_STATES = frozenset(
    {
        *("READY", "NOT INSERTED", "NOT READY", "REMOVED", "SIM PIN", "SIM PUK", "SIM PIN2", "SIM PUK2"),
        *("REC UNREAD", "REC READ", "STO UNSENT", "STO SENT"),
        *("SMS DONE", "PB DONE", "smsfull", "smsincoming", "VOICE", "LTE", "WCDMA", "EDGE", "GPRS"),
    }
)
_KEPT = _STORES | _ALPHABETS | _STATES
_TIME = re.compile(r"\d\d/\d\d/\d\d,\d\d:\d\d(?::\d\d)?(?:[+-]\d{1,2})?")
_VALUE = re.compile(r'"[^"]*"?|[^",()]+')
_WIDE = re.compile(r"(?:00[0-9A-F]{2})+", re.IGNORECASE)


def _mask_values(text: str) -> str:
    return _VALUE.sub(
        lambda value: _mask_string(value) if value[0][0] == '"' else _mask_plain(value[0]), text
    )


_SERVICE_TEXT = re.compile(r'(\d(?=,|\Z))?(,?)(.*?)((?<=") *, *\d{1,3} *)?', re.DOTALL)
"""<m>, the text and its <dcs> (27.007 7.15)."""


def _mask_service_text(text: str) -> str:
    found = _SERVICE_TEXT.fullmatch(text)
    if found is None:
        return _opaque(text)
    status, comma, said, dcs = (part or "" for part in found.groups())
    masked_said = _QUOTED.sub(_mask_string, said) if _QUOTED.fullmatch(said) else _opaque(said)
    return status + comma + masked_said + dcs


_QUOTED = re.compile(r'"[^"]*"')
_SMALL = re.compile(r" *\d{1,3} *")


def _mask_about_people(text: str) -> str:
    """Without quotes a number cannot be told from an index: what stands before the first quote is masked,
    but for an index of up to three digits right at the beginning."""

    def mask(value: re.Match[str]) -> str:
        if value[0][0] == '"':
            return _mask_string(value)
        before, after = text[: value.start()], text[value.end() :]
        alone = before[-1:] in (",", "") and after[:1] in (",", "")
        told = '"' in (before if before else after)
        return value[0] if alone and told and _SMALL.fullmatch(value[0]) else _opaque(value[0])

    return _VALUE.sub(mask, text)


def _mask_plain(text: str) -> str:
    """A value without quotes: short numbers and known words stay."""
    if text.strip() in _KEPT:
        return text
    return _opaque(text) if re.search("[A-Za-z]", text) else _short_digits(text)


def _mask_string(quoted: re.Match[str]) -> str:
    text = quoted[0].strip('"')
    if text in _KEPT or _TIME.fullmatch(text):
        return quoted[0]
    is_wide = _WIDE.fullmatch(text) is not None and (
        len(text) >= _LONGER_THAN_NUMBERS or not text.isdecimal()
    )
    if is_wide and bytes.fromhex(text).decode("utf-16-be") in _KEPT:
        return quoted[0]
    if is_wide or (_HEX_LINE.fullmatch(text) and not text.isdecimal() and len(text) > 8):
        return quoted[0].replace(text, _opaque_hex(text))
    return _opaque(quoted[0])


_LONGER_THAN_NUMBERS = 20
"""Digits. As many are no number but hex; with fewer a number cannot be told from UCS-2 of digits."""


def _mask_body(text: str, lengths: set[int]) -> str:
    """A line of hex digits, or the text of a message."""
    digits = text.rstrip("\r\x1a\x1b ")
    if not _HEX_LINE.fullmatch(digits):
        return _opaque(text)
    length = pdu_digits(digits)
    if length is not None and length % 2 == 0 and length // 2 in lengths and " " not in digits:
        try:
            pdu = masked_pdu(bytes.fromhex(digits)).hex()
            return (pdu if digits.islower() else pdu.upper()) + text[len(digits) :]
        except Unreadable:
            pass
    return _opaque_hex(digits) + text[len(digits) :]


def _opaque_hex(digits: str) -> str:
    """Hex that is read as x's by whoever reads it: UCS-2 in its own units, all else in octets."""
    filler = "0078" if len(digits) % 4 == 0 and _WIDE.fullmatch(digits) else "78"
    plus = "002B" if filler == "0078" and digits.upper().startswith("002B") else ""
    return (plus + (filler.replace("78", "35") if plus else filler) * len(digits))[: len(digits)]


def _replacing(pattern: str, by: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(lambda found: by * len(found[0]), text)


_opaque_letters = _replacing(r"[^\W\d_]|[\x80-\xff]", "x")
_opaque_digits = _replacing(r"[0-9]", "5")
_short_digits = _replacing(r"[0-9]{5,}", "5")
"""Numbers of four digits and less stay: they are indexes, lengths and codes."""


def _opaque(text: str) -> str:
    return _opaque_digits(_opaque_letters(text))
