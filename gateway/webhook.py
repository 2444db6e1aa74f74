"""One call of a webhook: signed as Standard Webhooks 1.0.0 says, one answer, no redirect followed.

Written on asyncio's streams: one time-out holds for all of it, whatever the other side does, and no
environment variable can send it through somebody's proxy. Private addresses are allowed, for the address is
the office's own.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from gateway import __version__

WITHIN_S = 15.0
LONGEST_LINE = 8192
_PREFIX = "whsec_"


class NotTaken(Exception):
    """The other side did not take it; the text says why, for people. `status`: its answer, None without
    one."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """What is posted. `id` is the same at every try; `timestamp` is when this try is made (Unix seconds)."""

    id: str
    timestamp: int
    body: bytes


def signature(secret: str, call: Call) -> str:
    """`v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`, by the secret's decoded bytes.

    Raises:
        ValueError: the secret is not base64.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("the secret is no base64") from None
    signed = f"{call.id}.{call.timestamp}.".encode() + call.body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


async def post(address: str, secret: str | None, call: Call, within_s: float = WITHIN_S) -> None:
    """Call the address once.

    Raises:
        NotTaken: it could not be reached in time, or answered with anything but success.
    """
    try:
        async with asyncio.timeout(within_s):
            status = await _exchange(urlsplit(address), _headers(secret, call), call.body)
    except TimeoutError:
        raise NotTaken(f"it did not answer within {within_s:.0f} seconds") from None
    except ssl.SSLError as error:
        raise NotTaken(f"its certificate was not accepted: {_reason(error)}") from None
    except OSError as error:
        raise NotTaken(f"it could not be reached: {error.strerror or error}") from None
    except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise NotTaken("what answered there speaks no HTTP") from None
    if 300 <= status < 400:
        raise NotTaken(f"it answered with a redirect ({status}), which is not followed", status)
    if not 200 <= status < 300:
        raise NotTaken(f"it answered {status}", status)


def _headers(secret: str | None, call: Call) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(call.body)),
        "User-Agent": f"sms-gateway/{__version__}",
        "Connection": "close",
        "webhook-id": call.id,
        "webhook-timestamp": str(call.timestamp),
    }
    return headers | {"webhook-signature": signature(secret, call)} if secret else headers


async def _exchange(to: SplitResult, headers: Mapping[str, str], body: bytes) -> int:
    """Send the request and return the status of the answer (RFC 9112, 4)."""
    tls = ssl.create_default_context() if to.scheme == "https" else None
    port = to.port or (443 if tls else 80)
    reader, writer = await asyncio.open_connection(to.hostname, port, ssl=tls, limit=LONGEST_LINE)
    try:
        path = (to.path or "/") + (f"?{to.query}" if to.query else "")
        head = [f"POST {path} HTTP/1.1", f"Host: {to.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*head, "", ""]).encode("ascii") + body)
        await writer.drain()
        return await _status(reader)
    finally:
        writer.transport.abort()


async def _status(reader: asyncio.StreamReader) -> int:
    while True:
        words = (await reader.readuntil(b"\n")).split(b" ", 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].strip().isdigit():
            raise ValueError("no status line")
        status = int(words[1])
        if status >= 200:
            return status
        while (await reader.readuntil(b"\n")).strip():  # 1xx: the answer proper comes after its headers
            pass


def _reason(error: ssl.SSLError) -> str:
    verify: str = getattr(error, "verify_message", "") or (error.reason or "it speaks no TLS")
    return verify.replace("_", " ").lower()
