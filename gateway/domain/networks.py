"""What counts as one place on a network."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address

NETWORK_BITS = 64
"""What one customer of a network has at least (RFC 6177): a machine may take any address of it."""


def place(address: str) -> str:
    """What counts as one address: of IPv6 the network, since each machine in it may take any of 2^64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), NETWORK_BITS), strict=False))
