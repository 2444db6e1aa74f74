"""An answer on its way to whoever asked. It waits for a client only so long, for whatever waits holds one of
few places: a request's, a thread's, a stream's.

Hypercorn's HTTP/2 waits for the client's window (RFC 9113, 5.2) without end, even of one that hung up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TAKEN_WITHIN_S = 20.0
"""A client that takes no piece of an answer for so long gets no more of it."""
PIECE = 32 * 1024
"""Octets of a body that are handed on at once: less than 14 kbit/s is no client that takes it."""


class NotTaken(Exception):
    """The client took a piece of the answer not in time, or left."""


class Answer:
    """Sends one answer (ASGI). `within_s`: how long each piece may wait to be taken."""

    def __init__(self, send: Send, within_s: float = TAKEN_WITHIN_S) -> None:
        self._send, self._within_s = send, within_s
        self._limit: asyncio.Timeout | None = None
        self._is_over = False

    async def send(self, message: Message) -> None:
        """Send one message, a long body in pieces.

        Raises:
            NotTaken: nobody takes it, or took one before.
        """
        body = message.get("body", b"")
        for start in range(0, len(body) - PIECE, PIECE):
            await self._send_piece({**message, "body": body[start : start + PIECE], "more_body": True})
        last = (len(body) - 1) // PIECE * PIECE if body else 0
        await self._send_piece({**message, "body": body[last:]} if last else message)

    async def _send_piece(self, message: Message) -> None:
        if self._is_over:
            raise NotTaken
        try:
            async with asyncio.timeout(self._within_s) as self._limit:
                await self._send(message)
        except TimeoutError:
            self._is_over = True
            raise NotTaken from None
        finally:
            self._limit = None

    async def send_or_drop(self, message: Message) -> None:
        """As `send`, for what cannot be stopped on its way, as a thread: what nobody takes is dropped."""
        try:
            await self.send(message)
        except NotTaken:
            return

    def give_up(self) -> None:
        """Wait no longer: the client left."""
        self._is_over = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(0)  # long past, by the loop's clock

    async def watch(self, receive: Receive) -> None:
        """Give up once the client left; nothing but that is expected of `receive` any more."""
        await left(receive)
        self.give_up()


async def left(receive: Receive) -> None:
    """Wait until the client left."""
    while (await receive())["type"] != "http.disconnect":
        pass
