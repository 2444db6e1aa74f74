"""The event stream a page listens to (server-sent events, native ASGI).

It carries no content, only "something happened" with the event's id; the page then asks for itself anew,
with the rights its session has then. A stream ends within `CHECK_EVERY_S` of its session's end. All tabs of a
browser share one stream (static/stream.js), and ask `web/news.py` where they can have none.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import Row

from gateway.desk import team
from gateway.store import events
from gateway.store import team as store_team
from gateway.store.database import Tx
from gateway.web import hosts
from gateway.web.answer import Receive, Send, left
from gateway.web.app import HEADERS
from gateway.web.sessions import cookie_name
from gateway.web.site import Site

Scope = dict[str, Any]

CHECK_EVERY_S = 4.0
"""How often the session is looked at; a colleague who was removed is out within 5 s."""
HEARTBEAT_EVERY_S = 15.0
RETRY_MS = (2000, 5000)
"""A page that lost its stream asks again after a time between these, so that not all come back at once."""
MOST_STREAMS = 200
LONGEST_ID = 19
"""Digits of the largest id SQLite has."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """Who listens: `lines` are ids of those they are limited to; None: all of them."""

    lines: frozenset[int] | None


class EventStream:
    """Serves `GET /events` to every open page. `stopping` ends all streams."""

    def __init__(
        self,
        site: Site,
        stopping: asyncio.Event,
        check_every: float = CHECK_EVERY_S,
        heartbeat_every: float = HEARTBEAT_EVERY_S,
    ) -> None:
        self._site = site
        self._stopping = stopping
        self._check_every = check_every
        self._heartbeat_every = heartbeat_every
        self._names = hosts.trusted(site.settings, site.opening)
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for the stream."""
        secret = cookie(scope, cookie_name(scope.get("scheme") == "https"))
        if not hosts.is_trusted(_header(scope, b"host"), self._names) or scope["method"] != "GET":
            await _refuse(send, 400)
        elif (listener := await self._whose(secret)) is None:
            await _refuse(send, 401)
        elif self._open >= MOST_STREAMS:
            await _refuse(send, 503)
        else:
            await self._serve(scope, receive, send, secret, listener)

    async def _whose(self, secret: str) -> _Listener | None:
        """Who listens by a session; None once it is over."""
        now = self._site.clock()

        def look(tx: Tx) -> _Listener | None:
            found = team.session(tx, secret, now)
            return _Listener(store_team.lines_of(tx, found.user_id)) if found is not None else None

        return await self._site.database.aread(look) if secret else None

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, secret: str, listener: _Listener
    ) -> None:
        self._open += 1
        gone = asyncio.ensure_future(left(receive))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            cursor = await self._start(scope)
            await _begin(send, cursor)
            await self._follow(send, cursor, secret, listener, {gone, stopping})
        finally:
            self._open -= 1
            for task in (gone, stopping):
                task.cancel()

    async def _start(self, scope: Scope) -> int:
        """Where this page's knowledge ends: what it saw last, never beyond the end of the log."""
        asked = _header(scope, b"last-event-id") or _query(scope, "after")
        newest = await self._site.database.aread(events.last_id)
        is_id = asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_ID
        return min(int(asked), newest) if is_id else newest

    async def _follow(
        self,
        send: Send,
        cursor: int,
        secret: str,
        listener: _Listener | None,
        over: set[asyncio.Future[Any]],
    ) -> None:
        loop = asyncio.get_running_loop()
        feed, presence = self._site.database.feed, self._site.presence
        moved = presence.last
        quiet_since = checked = loop.time()
        while listener is not None:
            announced = feed.last
            rows = await self._after(cursor)  # at first: what happened while nobody listened
            if rows:
                await _write(send, b"".join(_event(row) for row in rows))
                cursor, quiet_since = rows[-1].id, loop.time()
            people, moved = presence.since(moved, listener.lines)
            if people:
                await _write(send, b"".join(map(_presence, people)))
                quiet_since = loop.time()
            news = asyncio.ensure_future(feed.wait(max(cursor, announced)))
            moves = asyncio.ensure_future(presence.wait(moved))
            left = max(0.0, checked + self._check_every - loop.time())
            await asyncio.wait({news, moves, *over}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            moves.cancel()
            if any(task.done() for task in over):
                await _write(send, b"", more=False)
                return
            # by the clock alone: a look at every event would stand before the dispatcher's own reads
            if loop.time() - checked >= self._check_every:
                listener, checked = await self._whose(secret), loop.time()
            if loop.time() - quiet_since >= self._heartbeat_every:
                await _write(send, b"event: beat\ndata: still here\n\n")
                quiet_since = loop.time()
        await _write(send, b"event: end\ndata: signed out\n\n", more=False)

    async def _after(self, cursor: int) -> list[Row[Any]]:
        return await self._site.database.aread(lambda tx: events.after(tx, cursor))


def _event(row: Row[Any]) -> bytes:
    data = json.dumps({"kind": row.kind})
    return f"id: {row.id}\nevent: change\ndata: {data}\n\n".encode()


def _presence(conversation: str) -> bytes:
    """Somebody began or ended to read a conversation, or to write in it. Without an id: it is in no log."""
    data = json.dumps({"conversation": conversation})
    return f"event: presence\ndata: {data}\n\n".encode()


# --- ASGI --------------------------------------------------------------------------------------------


async def _begin(send: Send, cursor: int) -> None:
    """The first words come at once: a page that does not hear them knows that something on the way keeps the
    stream to itself."""
    headers = {
        **HEADERS,
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store, no-transform",
        "X-Accel-Buffering": "no",  # nginx hands each event on
    }
    await send({"type": "http.response.start", "status": 200, "headers": _raw(headers)})
    retry = random.randint(*RETRY_MS)  # noqa: S311 - no secret
    await _write(send, f"retry: {retry}\nevent: hello\ndata: {cursor}\n\n".encode())


async def _write(send: Send, body: bytes, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _refuse(send: Send, status: int) -> None:
    headers = {**HEADERS, "Content-Length": "0", "Cache-Control": "no-store"}
    await send({"type": "http.response.start", "status": status, "headers": _raw(headers)})
    await _write(send, b"", more=False)


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _header(scope: Scope, wanted: bytes) -> str:
    found: list[bytes] = [value for name, value in scope["headers"] if name.lower() == wanted]
    return b"; ".join(found).decode("latin-1")


def _query(scope: Scope, name: str) -> str:
    asked: bytes = scope["query_string"]
    return parse_qs(asked.decode("latin-1")).get(name, [""])[0]


def cookie(scope: Scope, name: str) -> str:
    """A cookie of a request (ASGI); empty where it brought none."""
    try:
        found = SimpleCookie(_header(scope, b"cookie")).get(name)
    except CookieError:
        return ""
    return str(found.value) if found else ""
