"""A TLS handshake in memory, by OpenSSL as Python has it: no socket, no time lost."""

from __future__ import annotations

import ssl
from pathlib import Path


def shake(server: Path, root: bytes, asked: str) -> bytes:
    """Connect to a server with that certificate and key (one PEM), trusting only `root` (PEM).

    `asked` is the name or address connected to. Returns the certificate it showed (DER).

    Raises ssl.SSLCertVerificationError where a browser would warn.
    """
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(server)
    theirs = ssl.create_default_context(cadata=root.decode())
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = theirs.wrap_bio(down, up, server_hostname=asked)
    ends = [client, ours.wrap_bio(up, down, server_side=True)]
    while ends:
        for end in list(ends):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
            ends.remove(end)
    shown = client.getpeercert(binary_form=True)
    assert shown is not None
    return shown
