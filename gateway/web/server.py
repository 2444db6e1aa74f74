"""Serves panel and API inside the daemon's loop: Hypercorn, eight threads for Flask, streams beside them.

A request's body is read here, whole and in limited time, before it takes one of the eight threads, and an
answer waits for its client only so long, so that a slow client cannot hold one.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from flask import Flask
from hypercorn.asyncio import serve as hypercorn_serve

from gateway.config import ConfigError, Network, Settings
from gateway.domain.networks import place
from gateway.store.database import Database
from gateway.web import answer as answers
from gateway.web.answer import Answer, Message, NotTaken, Receive, Send
from gateway.web.app import HEADERS, LARGEST_REQUEST
from gateway.web.connections import LimitedConfig
from gateway.web.live import EventStream, Scope
from gateway.web.opening import NOT_OPENED, Opening
from gateway.web.problems import PROBLEM, is_api, new_request_id, plain_problem
from gateway.web.proxies import seen_through
from gateway.web.room import Room
from gateway.web.secure_door import SecureDoor, TlsConfig, UnusableCertificate, check
from gateway.web.site import Site, site_of

Answerer = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application."""

log = logging.getLogger(__name__)

WORKERS = 8
MOST_AT_ONCE = 100
"""Requests being answered or waiting for a thread; more are told to come back."""
MOST_OF_ONE = 50
"""As many of them may be of one address, so that it cannot keep everybody else out."""
MOST_ARRIVING = 20
"""Requests of one address whose bodies are awaited; half-sent ones keep nobody else from being answered."""
BODY_WITHIN_S = 20.0
IDLE_S = 20.0
"""A connection without a complete request head is closed after this."""
TLS_HANDSHAKE_S = 10.0
STOP_WITHIN_S = 5.0


class CannotListen(Exception):
    """The address cannot be opened. The text says why and what to do."""


async def serve(
    app: Flask,
    database: Database,
    settings: Settings,
    clock: Callable[[], datetime],
    stopping: asyncio.Event,
    started: Callable[[str], None] = lambda address: None,
    listener: socket.socket | None = None,
    opening: Opening = NOT_OPENED,
) -> None:
    """Serve until `stopping` is set. `started` is told the real address once connections are taken.

    `listener` is what `listen` gave, where that was called before; it is closed at the end. `opening` knows
    the certificate; where that is of the box's own authority, a second door is opened with it, now or once it
    is made.

    Raises:
        ConfigError, CannotListen: as `listen`.
    """
    listener = listener or listen(settings)
    site = Site(database, settings, clock, opening, presence=site_of(app).presence)
    own = _own_certificate(settings)
    middleware = WSGIMiddleware(cast(Any, app.wsgi_app), workers=WORKERS)
    router = Router(
        EventStream(site, stopping),
        cast(Answerer, middleware),
        proxies=settings.trusted_proxies,
        taken_within=answers.TAKEN_WITHIN_S,
        room=Room(site),
    )

    async def answer(config: LimitedConfig, taken: socket.socket) -> None:
        config.doors = 1 if own or settings.tls_listen is None else 2
        _fit(config, taken)
        await hypercorn_serve(cast(Any, router), config, shutdown_trigger=stopping.wait, mode="asgi")

    async def answer_others(config: TlsConfig) -> None:
        if settings.tls_listen is not None:
            taken = listen_at(*settings.tls_listen, setting="tls_listen")
            log.info("the panel is open to other machines: %s", _address(taken, "https"))
            await answer(config, taken)

    following = asyncio.ensure_future(SecureDoor(opening, answer_others, own).follow(stopping))
    started(_address(listener, "https" if own else "http"))
    try:
        await answer(own or LimitedConfig(), listener)
    finally:
        if not stopping.is_set():
            following.cancel()
        await asyncio.wait({following})
        middleware.executor.shutdown(wait=False)


def _address(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def listen(settings: Settings) -> socket.socket:
    """Check the certificate and open the address; who connects now is answered once `serve` runs.

    Raises:
        ConfigError: the certificate or its key cannot be used.
        CannotListen: the address is taken or not ours to open.
    """
    _own_certificate(settings)
    return listen_at(*settings.listen, setting="listen")


def listen_at(host: str, port: int, setting: str) -> socket.socket:
    """Open an address. Raises CannotListen, which names the setting it is from."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(100)
    except OSError as error:
        listener.close()
        raise CannotListen(_why(error, f"{host}:{port}", setting)) from None
    return listener


def _why(error: OSError, address: str, setting: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{address} is in use by another program. Stop it, or change the {setting} setting."
    if error.errno == errno.EACCES:
        return f"This user may not open {address}. Choose a port above 1023 with the {setting} setting."
    return f"{address} cannot be opened: {error.strerror}. Check the {setting} setting."


def _own_certificate(settings: Settings) -> TlsConfig | None:
    """For a main door that speaks TLS with the certificate of the settings. Raises ConfigError."""
    certificate, key = settings.tls_cert, settings.tls_key
    if certificate is None or key is None:
        return None
    for name, path in (("tls_cert", certificate), ("tls_key", key)):
        try:
            path.read_bytes()  # the errors of ssl name no file
        except OSError as error:
            raise ConfigError(
                f"{name} = {path} cannot be read: {error.strerror}. Correct the path, "
                "or give this user the right to read it."
            ) from None
    try:
        check(certificate, key)
    except UnusableCertificate as error:
        raise ConfigError(
            f"tls_cert = {certificate} and tls_key = {key} cannot be used ({error}). "
            "Give a PEM certificate and its own PEM key, without a password."
        ) from None
    return TlsConfig(certificate, key)


def _fit(config: LimitedConfig, listener: socket.socket) -> None:
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = IDLE_S
    config.ssl_handshake_timeout = TLS_HANDSHAKE_S
    config.graceful_timeout = STOP_WITHIN_S
    config.h2_max_header_list_size = 16 * 1024
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn.error")
    config.accesslog = None


class Router:
    """Sends the event stream one way and everything else to Flask."""

    def __init__(
        self,
        stream: EventStream,
        wsgi: Answerer,
        body_within: float = BODY_WITHIN_S,
        proxies: Sequence[Network] = (),
        taken_within: float = answers.TAKEN_WITHIN_S,
        room: Callable[[Scope], Awaitable[int]] | None = None,
    ) -> None:
        self._stream = stream
        self._room = room or _any_request
        self._wsgi = wsgi
        self._proxies = proxies
        self._body_within = body_within
        self._taken_within = taken_within
        self._busy: Counter[str] = Counter()
        self._arriving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self._wsgi(scope, receive, send)
            return
        scope = seen_through(scope, self._proxies)
        answer = Answer(send, self._taken_within)
        with contextlib.suppress(NotTaken):
            if scope["path"] == "/events":
                await self._stream(scope, receive, answer.send)
            elif _is_framed_twice(scope):
                words = "This request says in two ways where it ends. Send Content-Length alone."
                await _refuse(scope, answer.send, 400, words)
            elif not _brings_body(scope):
                await self._answer(scope, b"", receive, answer)
            else:
                await self._await_body(scope, receive, answer)

    async def _await_body(self, scope: Scope, receive: Receive, answer: Answer) -> None:
        peer = _peer(scope)
        if self._arriving[peer] >= MOST_ARRIVING:
            words = "Too many of your requests are still arriving. Finish those first."
            await _refuse(scope, answer.send, 429, words)
            return
        self._arriving[peer] += 1
        try:
            async with asyncio.timeout(self._body_within):
                body = await _body(receive, await self._room(scope))
        except TimeoutError:
            await _refuse(scope, answer.send, 408, "The request took too long to arrive.")
            return
        finally:
            self._arriving[peer] -= 1
            self._arriving += Counter()  # forgets peers of whom nothing is awaited
        if body is not None:
            await self._answer(scope, body, receive, answer)

    async def _answer(self, scope: Scope, body: bytes, receive: Receive, answer: Answer) -> None:
        peer = _peer(scope)
        if self._busy[peer] >= MOST_OF_ONE or self._busy.total() >= MOST_AT_ONCE:
            words = "Too many requests at once. Try again in a few seconds."
            await _refuse(scope, answer.send, 503, words)
            return
        self._busy[peer] += 1
        leaving = asyncio.ensure_future(answer.watch(receive)) if _says_who_left(scope) else None
        try:
            await self._wsgi(_with_length(scope, len(body)), _once(body), answer.send_or_drop)
        finally:
            if leaving is not None:
                leaving.cancel()
            self._busy[peer] -= 1
            self._busy += Counter()  # forgets peers who are answered


def _peer(scope: Scope) -> str:
    """Who asks: an address, of IPv6 its network."""
    return place(str((scope.get("client") or ("",))[0]))


def _says_who_left(scope: Scope) -> bool:
    """Under HTTP/1.1 "left" may be the end of what the client sends alone; sending fails where it is gone."""
    return bool(scope.get("http_version", "1.1") >= "2")


def _brings_body(scope: Scope) -> bool:
    framed = {b"content-length", b"transfer-encoding"}
    return scope["method"] not in ("GET", "HEAD") or any(name in framed for name, _ in scope["headers"])


def _is_framed_twice(scope: Scope) -> bool:
    """Whether a proxy could find another end than we do (request smuggling; RFC 9112, 6.3)."""
    names = {name for name, _ in scope["headers"]}
    return {b"content-length", b"transfer-encoding"} <= names


async def _any_request(_: Scope) -> int:
    return LARGEST_REQUEST


async def _body(receive: Receive, most: int) -> bytes | None:
    """The request's body, cut one byte above the limit (Flask then refuses it); None when the client left."""
    body = bytearray()
    more = True
    while more and len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body[: most + 1])


_REWRITTEN = (b"content-length", b"transfer-encoding", b"cookie")


def _with_length(scope: Scope, length: int) -> Scope:
    """The request as Flask shall see it: its true length, and one Cookie header (HTTP/2 may split it)."""
    headers = [pair for pair in scope["headers"] if pair[0] not in _REWRITTEN]
    cookies = [value for name, value in scope["headers"] if name == b"cookie"]
    if cookies:
        headers.append((b"cookie", b"; ".join(cookies)))
    if length:
        headers.append((b"content-length", str(length).encode()))
    return {**scope, "headers": headers}


def _once(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _refuse(scope: Scope, send: Send, status: int, words: str) -> None:
    """Answer without Flask, in the language of whoever asks."""
    path = scope["path"]
    kind, body = "text/plain; charset=utf-8", words
    if is_api(path):
        kind, body = PROBLEM, json.dumps(plain_problem(status, words, path, new_request_id()))
    headers = {**HEADERS, "Content-Type": kind, "Cache-Control": "no-store", "Retry-After": "5"}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    if scope.get("http_version", "1.1") < "2":  # HTTP/2 has no such header
        raw.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body.encode(), "more_body": False})
