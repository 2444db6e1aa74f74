"""Service codes such as *100#, and what the network answers (USSD; 27.007 7.15 +CUSD, 23.038 5).

Owns the exchange over one driver and the writings devices use for it: plain text, septets packed into hex,
UCS-2 in hex, octets in hex. Devices do not say which they use; what worked once is used from then on.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.domain.alphabet import decode_septets, encode_septets
from gateway.domain.line import NotAnswered, UssdAnswer
from gateway.domain.pdu_fields import pack_septets, unpack_septets

from .answers import Info
from .codes import Remedy, meaning, normal_code
from .driver import Driver
from .errors import CommandFailed, ModemError, NoAnswer

PLAIN, PACKED, UCS2 = "plain", "packed", "ucs2"
"""Ways to write a service code, as profiles name them."""

ANSWER_LIMIT_S = 60.0
END_LIMIT_S = 5.0
"""For `AT+CUSD=2`, on which some devices hang."""

_CODE = re.compile(r"[0-9*#]{1,100}")
_DCS = 15  # GSM-7, language unspecified
_DCS_UCS2 = 72

# <m> of +CUSD
_DONE, _WANTS_REPLY, _ENDED, _NOT_SUPPORTED, _TIMED_OUT = 0, 1, 2, 4, 5


class Ussd:
    """Asks service codes over one driver. `encodings` are the writings to try, in order."""

    def __init__(
        self,
        driver: Driver,
        encodings: tuple[str, ...],
        *,
        limit_s: float = ANSWER_LIMIT_S,
        end_limit_s: float = END_LIMIT_S,
    ) -> None:
        self._driver = driver
        self._encodings = encodings
        self._limit_s = limit_s
        self._end_limit_s = end_limit_s
        self._ends = True
        self._was_understood = False
        self._waiter: asyncio.Future[_Told] | None = None

    async def ask(self, code: str) -> UssdAnswer:
        """Ask the network for what lies behind a service code. Holds the wire until it has answered.

        Raises:
            NotAnswered: `unsupported` the device has no such thing, `unknown_code` the network does not
                know this one, `refused` (with the device's code), `timeout`, or what `stop` was given.
            ValueError: it is no service code.
            DeviceSilent, PortError, DeviceReset: as `Driver.command`.
        """
        if not _CODE.fullmatch(code):
            raise ValueError(f"{code!r} is no service code")
        async with self._driver.wire:
            try:
                async with asyncio.timeout(self._limit_s):
                    return await self._ask_in_turn(code)
            except TimeoutError:
                await self._end()
                raise NotAnswered("timeout") from None
            finally:
                self._forget_waiter()

    def news(self, text: str) -> bool:
        """Take a line nobody asked for; True when it was a +CUSD, whether anyone waits for it or not."""
        told = _read(text)
        if told is None:
            return False
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(told)
        return True

    def stop(self, code: str = "port_lost") -> None:
        """The line goes away: who waits for an answer gets NotAnswered with this code."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(NotAnswered(code))

    async def _ask_in_turn(self, code: str) -> UssdAnswer:
        """Try each writing until one is understood; a refusal that is not of the writing counts most."""
        refusals = []
        for encoding in self._encodings:
            try:
                told = await self._exchange(_written(code, encoding))
            except CommandFailed as failed:
                refusals.append(self._refusal(failed))
                continue
            if told.text or told.kind in (_DONE, _WANTS_REPLY):
                self._encodings, self._was_understood = (encoding,), True
                return await self._answer(told, encoding)
            refusals.append(NotAnswered(_SILENT_ENDS.get(told.kind, "refused")))
        refusals.append(NotAnswered("unsupported"))
        raise next((told for told in refusals if told.code != "unsupported"), refusals[0])

    def _refusal(self, failed: CommandFailed) -> NotAnswered:
        """What the device's error means; one about the command's form asks for another writing. Where a
        code was answered before, the form is right, and it is the code that is not known."""
        code = normal_code(failed.result)
        if code != "ERROR" and meaning(code).remedy is not Remedy.OURS:
            return NotAnswered("refused", code)
        return NotAnswered("unknown_code" if self._was_understood else "unsupported", code)

    def _forget_waiter(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.cancel() and not waiter.cancelled():
            waiter.exception()  # seen, even if nobody came to wait for it

    async def _exchange(self, written: str) -> _Told:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            lines = await self._driver.command(f'AT+CUSD=1,"{written}",{_DCS}', self._limit_s)
        except NoAnswer as late:
            raise NotAnswered("no_answer") from late
        return next(_told_in(lines), None) or await self._waiter

    async def _answer(self, told: _Told, encoding: str) -> UssdAnswer:
        wants_reply = told.kind == _WANTS_REPLY
        if wants_reply:
            await self._end()
        return UssdAnswer(decode_ussd(told.text, told.dcs, packed=encoding == PACKED), wants_reply)

    async def _end(self) -> None:
        """End the conversation, or the network keeps it open. One that hangs on it is not asked again."""
        if not self._ends:
            return
        self._ends = False
        with contextlib.suppress(ModemError):
            try:
                await self._driver.command("AT+CUSD=2", self._end_limit_s)
                self._ends = True
            except CommandFailed:
                self._ends = True


_SILENT_ENDS = {_NOT_SUPPORTED: "unknown_code", _TIMED_OUT: "timeout"}


# --- +CUSD: <m>[,"<text>"[,<dcs>]] -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    kind: int
    text: str = ""
    dcs: int | None = None


_ANSWER = re.compile(
    r'\+CUSD: *(\d)\s*(?:, *(?:"(.*?)"?|([^",]*))\s*(?:, *(\d+))?)?\s*', re.DOTALL | re.IGNORECASE
)


def _read(line: str) -> _Told | None:
    match = _ANSWER.fullmatch(line)
    if match is None:
        return _Told(_ENDED) if line.upper().startswith("+CUSD:") else None
    kind, quoted, bare, dcs = match.groups()
    return _Told(int(kind), quoted or bare or "", int(dcs) if dcs else None)


def _told_in(lines: list[Info]) -> Iterator[_Told]:
    """The answers among the lines of a command: some devices write it before OK."""
    return (told for told in (_read(line.text) for line in lines) if told is not None)


# --- writings ----------------------------------------------------------------------------------------

_CR = b"\r"
_HEX = re.compile(r"(?:[0-9A-F]{2})+", re.IGNORECASE)
_ORDINARY = re.compile(r"[A-Za-z0-9 .,:;/#*+%!?()'\"&=@$£€\n\r-]")
_MOST = 0.75
"""Share of ordinary characters in a text that is taken for one."""
_SURELY_HEX = 16
"""Digits: a balance in plain is shorter, hex without a letter from A to F that long is hardly chance."""


def _written(code: str, encoding: str) -> str:
    if encoding == PACKED:
        return pack_hex(code)
    if encoding == UCS2:
        return code.encode("utf-16-be").hex().upper()
    return code


def pack_hex(text: str) -> str:
    """Septets in hex; seven bits that would be left over hold a CR (23.038 6.1.2.3.1).

    Raises:
        NotInAlphabet: a character is not in the default alphabet.
    """
    units = encode_septets(text)
    return pack_septets(units + _CR if len(units) % 8 == 7 else units).hex().upper()


def decode_ussd(text: str, dcs: int | None = None, *, packed: bool = False) -> str:
    """What the string of a +CUSD says, whichever way it is written. Never raises.

    `dcs` is its data coding scheme, None where none came; `packed` says that the device takes packed hex,
    so that it gives it, too. Hex that makes no text in any way is given as it is.
    """
    digits = text.strip()
    if not _HEX.fullmatch(digits):
        return _tidy(text)
    octets = bytes.fromhex(digits)
    if len(octets) % 2 == 0 and (dcs == _DCS_UCS2 or octets[0] in (0x00, 0x04)):
        wide = octets.decode("utf-16-be", errors="replace")
        if dcs == _DCS_UCS2 or wide.isprintable():
            return _tidy(wide)
    if packed:
        return _tidy(_unpacked(octets))
    if digits.isdecimal() and len(digits) < _SURELY_HEX:
        return digits
    return _tidy(_most_ordinary(digits, octets, dcs))


def _most_ordinary(digits: str, octets: bytes, dcs: int | None) -> str:
    """Of septets, octets and the digits themselves what looks most like a text; the first of equals."""
    candidates = [_unpacked(octets), octets.decode("latin-1")]
    if dcs is not None and dcs != _DCS:
        candidates.reverse()
    best = max(candidates, key=_ordinary)
    return best if _ordinary(best) >= _MOST else digits


def _ordinary(text: str) -> float:
    return len(_ORDINARY.findall(text)) / len(text) if text else 0.0


def _unpacked(octets: bytes) -> str:
    """Text of packed septets; a last one that only fills the octet up is not part of it."""
    units = unpack_septets(octets, len(octets) * 8 // 7)
    if len(units) % 8 == 0 and units[-1:] in (_CR, b"\0"):
        units = units[:-1]
    return decode_septets(units)


def _tidy(text: str) -> str:
    return re.sub(r"\r\n?|\n", "\n", text).strip("\n\0 ")
