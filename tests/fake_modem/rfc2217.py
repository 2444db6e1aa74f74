"""A serial server that speaks RFC 2217, the com port option of telnet: the server's side.

Settings are agreed to and kept, states are told, what they would do to a real line is not played.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .wire import Feed
from .wire_net import DO, IAC, SB, SE, TelnetWire

COM_PORT = 44
SERVER = 100  # the server answers command n as n + 100 (RFC 2217, section 3)
SIGNATURE, BAUD_RATE, DATA_SIZE, PARITY, STOP_SIZE, CONTROL = 0, 1, 2, 3, 4, 5
LINE_STATE, MODEM_STATE, SUSPEND, RESUME, LINE_MASK, MODEM_MASK, PURGE = 6, 7, 8, 9, 10, 11, 12
CTS, DSR, RING, CARRIER = 0x10, 0x20, 0x40, 0x80
DTR_ON, DTR_OFF, RTS_ON, RTS_OFF = 8, 9, 11, 12  # values of SET-CONTROL


@dataclass
class LineSettings:
    """What the client has set; numbers as RFC 2217 has them (parity 1 none, stop size 1 one bit)."""

    baud_rate: int = 9600
    data_size: int = 8
    parity: int = 1
    stop_size: int = 1
    dtr: bool = False
    rts: bool = False
    purges: int = 0
    modem_mask: int = 0xFF
    line_mask: int = 0


class Rfc2217Wire(TelnetWire):
    """`settings` as the client made them; `silent_controls`: SET-CONTROL is not answered, as by some."""

    scheme = "rfc2217"
    offers = (*TelnetWire.offers, COM_PORT)
    wants = (*TelnetWire.wants, COM_PORT)

    def __init__(
        self, feed: Feed, port: int = 0, host: str = "127.0.0.1", login: tuple[str, str] | None = None
    ) -> None:
        super().__init__(feed, port, host, login)
        self.settings = LineSettings()
        self.modem_state = CTS | DSR | CARRIER
        self.silent_controls = False
        self.suspended = False

    def greet(self) -> None:
        """Nothing: the client begins."""
        self.settings = LineSettings()
        self.suspended = False

    def agree(self, verb: int, option: int) -> None:
        if (verb, option) == (DO, COM_PORT):
            self._tell(MODEM_STATE, bytes([self.modem_state]))

    def set_modem_state(self, state: int) -> None:
        """CTS, DSR, RING and CARRIER as they are now; the client is told what changed (section 3, 107)."""
        changed = (state ^ self.modem_state) >> 4
        self.modem_state = state
        if (changed << 4 | changed) & self.settings.modem_mask:
            self._tell(MODEM_STATE, bytes([state | changed]))

    def _tell(self, command: int, value: bytes) -> None:
        self.put(bytes([IAC, SB, COM_PORT, command + SERVER]) + self.spell(value) + bytes([IAC, SE]))

    def negotiate(self, words: bytes) -> None:
        if len(words) < 2 or words[0] != COM_PORT:
            return
        command, value = words[1], words[2:]
        if command == SIGNATURE:
            self._tell(SIGNATURE, value or b"fake modem")
        elif command in (SUSPEND, RESUME):
            self.suspended = command == SUSPEND
        elif command == MODEM_STATE:
            self._tell(MODEM_STATE, bytes([self.modem_state]))
        elif command == LINE_STATE:
            self._tell(LINE_STATE, b"\0")
        elif value:
            self._set(command, value)

    def _set(self, command: int, value: bytes) -> None:
        """A setting: kept, and told as it is now; 0 asks only."""
        settings, number = self.settings, value[0]
        if command == BAUD_RATE and len(value) == 4:
            settings.baud_rate = struct.unpack("!I", value)[0] or settings.baud_rate
            self._tell(command, struct.pack("!I", settings.baud_rate))
        elif command == DATA_SIZE:
            settings.data_size = number or settings.data_size
            self._tell(command, bytes([settings.data_size]))
        elif command == PARITY:
            settings.parity = number or settings.parity
            self._tell(command, bytes([settings.parity]))
        elif command == STOP_SIZE:
            settings.stop_size = number or settings.stop_size
            self._tell(command, bytes([settings.stop_size]))
        elif command == CONTROL:
            self._control(number)
        elif command == PURGE:
            settings.purges += 1
            self._tell(command, value)
        elif command in (LINE_MASK, MODEM_MASK):
            setattr(settings, "line_mask" if command == LINE_MASK else "modem_mask", number)
            self._tell(command, value)

    def _control(self, number: int) -> None:
        settings = self.settings
        if number in (DTR_ON, DTR_OFF):
            settings.dtr = number == DTR_ON
        elif number in (RTS_ON, RTS_OFF):
            settings.rts = number == RTS_ON
        if not self.silent_controls:
            self._tell(CONTROL, bytes([self._state_asked(number)]))

    def _state_asked(self, number: int) -> int:
        """The value to answer a control with: that of the state for a question, else itself."""
        if number == 7:
            return DTR_ON if self.settings.dtr else DTR_OFF
        if number == 10:
            return RTS_ON if self.settings.rts else RTS_OFF
        return {0: 1, 4: 6, 13: 14}.get(number, number)

    def write(self, data: bytes) -> None:
        """Bytes of the modem; lost while the client has suspended the flow."""
        if not self.suspended:
            super().write(data)
