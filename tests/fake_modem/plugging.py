"""Builds the wires of a modem: which transports it is on, and what its several ports are.

`Transports` is what a caller asks for; `plug_together` makes it so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .ports import ROLES, UNASKED, DataPort
from .rfc2217 import Rfc2217Wire
from .wire import Feed, PtyWire, Wire
from .wire_net import TcpWire, TelnetWire
from .wirelog import escape

if TYPE_CHECKING:
    from .modem import Modem


@dataclass(frozen=True)
class Transports:
    """Where a modem can be reached: a pty behind `link`, and servers on TCP ports (0: a free one).

    `roles` of its ports in their order, each on a pty behind `<link>-if00`, `-if01`, ...; none: one port.
    `login`: user and password asked for by the telnet and RFC 2217 servers.
    """

    link: str | None = None
    tcp: int | None = None
    telnet: int | None = None
    rfc2217: int | None = None
    roles: tuple[str, ...] = ()
    login: tuple[str, str] | None = None
    lose_when_closed: bool = False

    def __post_init__(self) -> None:
        if self.roles and (self.roles.count("at") != 1 or self.roles.count("urc") > 1):
            raise ValueError("of several ports one is at, and at most one urc")
        if unknown := set(self.roles) - set(ROLES):
            raise ValueError(f"no role {sorted(unknown)[0]!r}; there are {', '.join(ROLES)}")

    @property
    def on_net(self) -> bool:
        """Whether any server was asked for."""
        return (self.tcp, self.telnet, self.rfc2217) != (None, None, None)


def plug_together(modem: Modem, asked: Transports, own_link: Callable[[], str]) -> None:
    """Give `modem` its wires; `own_link` makes a path up where a pty is wanted and none was named."""
    ports = modem.ports
    ports.roles = asked.roles
    if asked.roles:
        base = asked.link or own_link()
        for number, role in enumerate(asked.roles):
            wire = _port(modem, role, f"{base}-if{number:02d}", asked)
            ports.wires.append(wire)
            if role == "at":
                ports.at.append(wire)
    elif asked.link or not asked.on_net:
        link = asked.link or own_link()
        _add(modem, PtyWire(modem.hear, link, lose_when_closed=asked.lose_when_closed))
    if asked.tcp is not None:
        _add(modem, TcpWire(modem.hear, asked.tcp))
    if asked.telnet is not None:
        _add(modem, TelnetWire(modem.hear, asked.telnet, login=asked.login))
    if asked.rfc2217 is not None:
        _add(modem, Rfc2217Wire(modem.hear, asked.rfc2217, login=asked.login))
    ports.speak(random.Random(modem.world.seed))


def _add(modem: Modem, wire: Wire) -> None:
    modem.ports.wires.append(wire)
    modem.ports.at.append(wire)


def _port(modem: Modem, role: str, link: str, asked: Transports) -> PtyWire:
    lose = role in UNASKED or asked.lose_when_closed
    if role == "at":
        return PtyWire(modem.hear, link, lose_when_closed=lose)
    data_port = DataPort()
    heard: Feed = data_port.feed if role == "data" else lambda data: None

    def feed(data: bytes) -> None:
        modem.log.remark(f"heard on {link}: {escape(data)}")
        heard(data)

    wire = PtyWire(feed, link, lose_when_closed=lose)
    data_port.write = wire.write
    return wire
