"""What a reverse proxy in front of us says of who asks. Only the proxies of the settings are believed; what
anybody else writes into these headers is taken out of the request."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from gateway.config import Network

Scope = dict[str, Any]
Address = IPv4Address | IPv6Address

_SENDER, _SCHEME = b"x-forwarded-for", b"x-forwarded-proto"
_TOLD = (_SENDER, _SCHEME, b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-prefix", b"forwarded")


def seen_through(scope: Scope, proxies: Sequence[Network]) -> Scope:
    """The request (ASGI) as whoever began it sent it: their address, and whether over TLS.

    Each proxy appends whom it heard to X-Forwarded-For, so the last address in it that is no proxy of ours is
    the sender. The Host header is the proxy's to pass on: another name is not believed from anybody.
    """
    told = [(name.lower(), value) for name, value in scope["headers"] if name.lower() in _TOLD]
    if not told:
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _TOLD]
    seen = {**scope, "headers": headers}
    client = scope.get("client")
    if client is None or not _is_ours(_address(client[0]), proxies):
        return seen
    sender = _sender([value for name, value in told if name == _SENDER], proxies)
    if sender is not None:
        seen["client"] = (str(sender), 0)
    schemes = [value for name, value in told if name == _SCHEME]
    if schemes and schemes[-1].rpartition(b",")[2].strip().lower() == b"https":
        seen["scheme"] = "https"
    return seen


def _sender(told: list[bytes], proxies: Sequence[Network]) -> Address | None:
    """Who the last proxy that is not ours was told of; None when that is no address."""
    hops = b",".join(told).decode("latin-1").split(",")
    for hop in reversed(hops):
        address = _address(hop.strip())
        if not _is_ours(address, proxies):
            return address
    return None


def _is_ours(address: Address | None, proxies: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in proxies)


def _address(text: str) -> Address | None:
    """An address, also as some write it: [::1], 192.0.2.1:4711, ::ffff:192.0.2.1."""
    for form in (text, text.strip("[]"), text.rpartition(":")[0].strip("[]")):
        try:
            found = ip_address(form)
        except ValueError:
            continue
        return getattr(found, "ipv4_mapped", None) or found
    return None
