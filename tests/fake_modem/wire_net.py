"""Serial servers on the loopback: raw bytes over TCP, and telnet with or without a login.

RFC 2217 builds on it in `rfc2217`. Know no AT command. One client at a time; a second one is turned away.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from .wire import BUFFER, Feed

IAC, DONT, DO, WONT, WILL, SB, SE, NOP = 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF0, 0xF1  # RFC 854
OPPOSITE = {WILL: WONT, WONT: WILL, DO: DONT, DONT: DO}
BINARY, ECHO, SUPPRESS_GO_AHEAD = 0, 1, 3
LOGIN_TRIES = 3


class Connection(asyncio.Protocol):
    """One client. `dead`: it hears nothing any more and is not heard, and nobody tells it."""

    def __init__(self, wire: TcpWire) -> None:
        self._wire = wire
        self.transport: asyncio.Transport | None = None
        self.dead = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        # else the kernel holds back the end of an answer until its beginning is acknowledged
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._wire.admit(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if not self.dead:
            self._wire.take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wire.leave(self)

    def reset(self) -> None:
        """End with RST instead of FIN."""
        if self.transport:
            at_once = struct.pack("ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.transport.abort()


class TcpWire:
    """Raw bytes. `interrupts` is put into the middle of everything written, as it is."""

    scheme = "socket"

    def __init__(
        self,
        feed: Feed,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        on_open: Callable[[], None] | None = None,
    ) -> None:
        self.feed, self.host, self._on_open = feed, host, on_open
        self.interrupts = b""
        self._listener: socket.socket | None = socket.create_server((host, port))
        self.port: int = self._listener.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._client: Connection | None = None
        self._dead: list[Connection] = []
        self._starting: asyncio.Task[None] | None = None

    @property
    def path(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    def plug(self) -> None:
        """Listen; the port stays the same over unplugging."""
        if self._starting:
            return
        self._starting = asyncio.get_running_loop().create_task(self._serve(), name="fake modem tcp")

    async def _serve(self) -> None:
        listener = self._listener or socket.create_server((self.host, self.port))
        self._listener = None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), sock=listener)

    def unplug(self) -> None:
        """Stop listening and end the client."""
        if self._starting:
            self._starting.cancel()
            self._starting = None
        if self._listener:
            self._listener.close()
            self._listener = None
        if self._server:
            self._server.close()
            self._server = None
        for client in (self._client, *self._dead):
            if client and client.transport:
                client.transport.abort()
        self._client = None
        self._dead.clear()

    def hang_up(self) -> None:
        """End the connection in order (FIN); the next is taken at once."""
        if self._client and self._client.transport:
            self._client.transport.close()
        self._client = None

    def reset(self) -> None:
        """End the connection with RST."""
        if self._client:
            self._client.reset()
        self._client = None

    def half_open(self) -> None:
        """Forget the client without a word; a new one is welcome."""
        if self._client:
            self._client.dead = True
            self._dead.append(self._client)
        self._client = None

    def stall(self, stalled: bool) -> None:
        """Stop reading from the client, or go on."""
        if self._client and self._client.transport:
            transport = self._client.transport
            (transport.pause_reading if stalled else transport.resume_reading)()

    def admit(self, connection: Connection) -> bool:
        """Whether this connection becomes the client."""
        if self._client is not None:
            return False
        self._client = connection
        if self._on_open:
            self._on_open()
        return True

    def leave(self, connection: Connection) -> None:
        """A connection has ended."""
        if self._client is connection:
            self._client = None

    def take(self, data: bytes) -> None:
        """Bytes from the client."""
        self.feed(data)

    def write(self, data: bytes) -> None:
        """Bytes of the modem; lost where nobody is connected."""
        middle = len(data) // 2
        self.put(self.interrupts.join((self.spell(data[:middle]), self.spell(data[middle:]))))

    def spell(self, data: bytes) -> bytes:
        """`data` as it stands on this kind of wire."""
        return data

    def put(self, data: bytes) -> None:
        """Bytes as they are."""
        transport = self._client.transport if self._client else None
        if transport and transport.get_write_buffer_size() < BUFFER:
            transport.write(data)


@dataclass
class Incoming:
    """What a telnet client wrote, taken apart (RFC 854); state is kept between chunks."""

    commands: list[tuple[int, int]] = field(default_factory=list)
    subnegotiations: list[bytes] = field(default_factory=list)
    _rest: bytes = b""

    def take(self, data: bytes) -> bytes:
        """The plain bytes among `data`; negotiation goes to `commands` and `subnegotiations`."""
        data, plain = self._rest + data, bytearray()
        place = 0
        while place < len(data):
            if data[place] != IAC:
                plain.append(data[place])
                place += 1
                continue
            size = self._command(data[place:])
            if not size:
                break
            if data[place + 1] == IAC:
                plain.append(IAC)
            place += size
        self._rest = data[place:]
        return bytes(plain)

    def _command(self, data: bytes) -> int:
        """Note the command that `data` begins with; how many bytes it has, 0: more must come."""
        if len(data) < 2:
            return 0
        if data[1] in (WILL, WONT, DO, DONT):
            if len(data) < 3:
                return 0
            self.commands.append((data[1], data[2]))
            return 3
        if data[1] != SB:
            return 2
        end = re.match(rb"\xff\xfa((?:[^\xff]|\xff\xff)*)\xff\xf0", data, re.DOTALL)
        if not end:
            return 0
        self.subnegotiations.append(end[1].replace(b"\xff\xff", b"\xff"))
        return end.end()


class TelnetWire(TcpWire):
    """Telnet: 0xFF doubled, options negotiated, on demand a login before the modem is reached.

    `login`: user and password, asked of every new client; None: no login. A bare CR that the modem sends is
    not followed by NUL: serial servers do not do so either.
    """

    scheme = "telnet"
    offers = (ECHO, SUPPRESS_GO_AHEAD, BINARY)  # what we WILL
    wants = (SUPPRESS_GO_AHEAD, BINARY)  # what we ask the client to DO

    def __init__(
        self, feed: Feed, port: int = 0, host: str = "127.0.0.1", login: tuple[str, str] | None = None
    ) -> None:
        super().__init__(feed, port, host)
        self.login = login
        self._new_client()

    def _new_client(self) -> None:
        self.incoming = Incoming()
        self.agreed: set[tuple[int, int]] = set()
        self._said: set[tuple[int, int]] = set()
        self._door = Door(*self.login) if self.login else None
        self._after_return = False

    def admit(self, connection: Connection) -> bool:
        if not super().admit(connection):
            return False
        self._new_client()
        self.greet()
        if self._door:
            self.put(self._door.ask())
        return True

    def greet(self) -> None:
        """Say what we offer and want."""
        for option in self.offers:
            self._say(WILL, option)
        for option in self.wants:
            self._say(DO, option)

    def _say(self, verb: int, option: int) -> None:
        if (verb, option) not in self._said:
            self._said.add((verb, option))
            self._said.discard((OPPOSITE[verb], option))
            self.put(bytes((IAC, verb, option)))

    def take(self, data: bytes) -> None:
        plain = self.incoming.take(data)
        while self.incoming.commands:
            self._answer(*self.incoming.commands.pop(0))
        while self.incoming.subnegotiations:
            self.negotiate(self.incoming.subnegotiations.pop(0))
        plain = self._without_padding(plain)
        if self._door and plain:
            said, plain = self._door.hear(plain)
            self.put(said)
            if self._door.shut:
                self.hang_up()
            elif self._door.open:
                self._door = None
        if plain:
            self.feed(plain)

    def _answer(self, verb: int, option: int) -> None:
        """Yes to what we know, no to the rest; nothing where it is agreed (RFC 854, RFC 1143)."""
        if verb in (WILL, DO):
            ours = verb == DO
            known = option in (self.offers if ours else self.wants)
            self._say((WILL if known else WONT) if ours else (DO if known else DONT), option)
            if known and (verb, option) not in self.agreed:
                self.agreed.add((verb, option))
                self.agree(verb, option)
        else:
            self.agreed.discard((WILL if verb == WONT else DO, option))
            self._say(WONT if verb == DONT else DONT, option)

    def agree(self, verb: int, option: int) -> None:
        """The client has agreed to, or asked for, what we know."""

    def negotiate(self, words: bytes) -> None:
        """A subnegotiation, of which telnet alone has none."""

    def _without_padding(self, data: bytes) -> bytes:
        """Without the NUL or LF that follows CR where the client is not binary (RFC 854, NVT printer)."""
        if (WILL, BINARY) in self.agreed or not data:
            return data
        if self._after_return and data[:1] in (b"\0", b"\n"):
            data = data[1:]
        self._after_return = data.endswith(b"\r")
        return re.sub(rb"\r[\0\n]", b"\r", data)

    def write(self, data: bytes) -> None:
        if self._door is None:
            super().write(data)

    def spell(self, data: bytes) -> bytes:
        return data.replace(b"\xff", b"\xff\xff")


class Door:
    """The login of one client: asks for user and password, three times at most."""

    def __init__(self, user: str, password: str) -> None:
        self._wanted = [user.encode(), password.encode()]
        self._given: list[bytes] = []
        self._typed = b""
        self.tries = 0

    @property
    def open(self) -> bool:
        return self._given == self._wanted

    @property
    def shut(self) -> bool:
        return self.tries >= LOGIN_TRIES

    def ask(self) -> bytes:
        """What stands on the screen next."""
        return b"\r\nPassword: " if self._given else b"\r\nlogin: "

    def hear(self, data: bytes) -> tuple[bytes, bytes]:
        """What to say to `data`, and what of it is for the modem already."""
        said = b""
        self._typed += data
        while b"\r" in self._typed and not self.open and not self.shut:
            line, _, self._typed = self._typed.partition(b"\r")
            self._given.append(line.strip())
            if len(self._given) == 2 and not self.open:
                self.tries += 1
                self._given = []
                said += b"\r\nLogin incorrect\r\n"
            if not self.open and not self.shut:
                said += self.ask()
        return said, self._typed if self.open else b""
