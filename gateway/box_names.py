"""What this machine is called on its network: its host name and the addresses others reach it by."""

from __future__ import annotations

import contextlib
import fcntl
import re
import socket
import struct
from ipaddress import IPv4Address
from pathlib import Path

from gateway.certificates import Names

_SIOCGIFADDR = 0x8915  # linux/sockios.h: the address of an interface
INTERFACES = Path("/sys/class/net")
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.ASCII)
_OF_THIS_MACHINE = re.compile(r"lo|docker\d+|br-[0-9a-f]{12}|veth.*|virbr\d+|lxcbr\d+|cni\d+|podman\d+")
"""Interfaces behind which are containers and virtual machines of this machine, and nobody else."""


def found() -> Names:
    """Its names, with the one for mDNS (RFC 6762: NAME.local), and its IPv4 addresses. A bare host name is
    none of them, for no authority can be limited to it (`gateway.certificates`). IPv6 addresses change by
    themselves in most offices (RFC 8981), so who wants one in the certificate names it."""
    return Names(_names(socket.gethostname()), _addresses())


def moved_from(names: Names) -> tuple[IPv4Address, ...]:
    """The addresses this machine has now, where a certificate names others and none of them; else empty."""
    here = _addresses()
    return here if names.addresses and not set(here) & set(names.addresses) else ()


def is_name(typed: str) -> bool:
    """Whether it can be a DNS name with a domain."""
    return "." in typed and _is_host(typed.lower())


def _is_host(name: str) -> bool:
    return len(name) <= 253 and _NAME.fullmatch(name) is not None


def _names(host: str) -> tuple[str, ...]:
    host = host.lower().rstrip(".")
    short = host.partition(".")[0]
    if short == "localhost" or not _is_host(host):
        return ()
    return tuple(dict.fromkeys((f"{short}.local", *([host] if is_name(host) else []))))


def _addresses() -> tuple[IPv4Address, ...]:
    """Those of each interface, first the one that leads out."""
    first = _way_out()
    every = [first, *(_address(name) for name in _interfaces() if not _OF_THIS_MACHINE.fullmatch(name))]
    usable = [at for at in every if at and not (at.is_loopback or at.is_link_local or at.is_unspecified)]
    return tuple(dict.fromkeys(usable))


def _interfaces() -> list[str]:
    """Their names, from the kernel's files: the service may open no netlink socket, as libraries do."""
    try:
        return sorted(path.name for path in INTERFACES.iterdir())
    except OSError:
        return []


def _address(interface: str) -> IPv4Address | None:
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asked:
        try:
            answer = fcntl.ioctl(asked, _SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
        except OSError:
            return None  # it has none
    return IPv4Address(answer[20:24])  # struct ifreq: 16 bytes of name, then a sockaddr_in


def _way_out() -> IPv4Address | None:
    """Our address on the way to others; nothing is sent to learn it."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # TEST-NET-1, RFC 5737
        except OSError:
            return None
        return IPv4Address(asked.getsockname()[0])
