"""The panel over TLS: the door for other machines, opened as soon as this box has a certificate of its own
authority, and every new certificate taken while the panel is in use. Connections that are open stay as they
are.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Coroutine
from pathlib import Path

from gateway.web.connections import LimitedConfig
from gateway.web.opening import Opened, Opening

log = logging.getLogger(__name__)

FOLLOW_EVERY_S = 5.0
"""How often the files are looked at: what somebody else renews, such as certbot, tells nobody."""


class UnusableCertificate(Exception):
    """A certificate and its key cannot be served. The text says why, without a full stop."""


class TlsConfig(LimitedConfig):
    """Hypercorn's settings for a door with TLS; keeps what takes a new certificate."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.certfile, self.keyfile = str(certificate), str(key)
        self._context: ssl.SSLContext | None = None

    def create_ssl_context(self) -> ssl.SSLContext | None:
        """As `Config.create_ssl_context`."""
        self._context = super().create_ssl_context()
        return self._context

    def take(self, certificate: Path, key: Path) -> None:
        """Serve new connections with another certificate.

        Raises:
            UnusableCertificate: it stays with the one before.
        """
        check(certificate, key)
        self.certfile, self.keyfile = str(certificate), str(key)
        if self._context is not None:
            self._context.load_cert_chain(certificate, key, password="")


def check(certificate: Path, key: Path) -> None:
    """Raises UnusableCertificate unless both can be read and belong together."""
    try:
        # a password, even a wrong one: without it a sealed key would be asked for at the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise UnusableCertificate(_reason(error)) from None
    except OSError as error:
        raise UnusableCertificate(error.strerror or "it cannot be read") from None


def _reason(error: Exception) -> str:
    word = getattr(error, "reason", None) or "no PEM"
    return str(word).replace("_", " ").lower()


class SecureDoor:
    """Follows the certificate while the panel is served.

    `config` is the main door's where that speaks TLS with somebody else's certificate; it is given each new
    one. Where it is None, `serve` opens a second door with the settings it is given, until the end.
    """

    def __init__(
        self,
        opening: Opening,
        serve: Callable[[TlsConfig], Coroutine[None, None, None]],
        config: TlsConfig | None = None,
    ) -> None:
        self._opening = opening
        self._serve = serve
        self._config = config
        self._is_second = config is None
        self._seen: object = None
        self._said = self._unforeseen = ""
        self._door: asyncio.Task[None] | None = None

    async def follow(self, stopping: asyncio.Event) -> None:
        """Look at the certificate until `stopping`; returns when the second door is closed."""
        try:
            while not stopping.is_set():
                try:
                    self._look()
                except Exception as error:  # noqa: BLE001 - the panel stays open whatever comes
                    self._note_unforeseen(error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(FOLLOW_EVERY_S):
                        await stopping.wait()
            if self._door is not None:
                await asyncio.wait({self._door})
        finally:
            if self._door is not None:
                self._door.cancel()
                self._note_why_closed(self._door)

    def _note_unforeseen(self, error: Exception) -> None:
        if repr(error) != self._unforeseen:
            self._unforeseen = repr(error)
            log.exception("the certificate could not be looked at")

    def _look(self) -> None:
        opened = self._opening.look()
        if opened is not None and opened.edition != self._seen:
            self._seen = opened.edition
            self._take(opened)
        if self._is_second and self._config is not None:
            self._hold_open(self._config)

    def _take(self, opened: Opened) -> None:
        try:
            if self._config is None:
                check(opened.certificate, opened.key)
                self._config = TlsConfig(opened.certificate, opened.key)
            else:
                self._config.take(opened.certificate, opened.key)
        except UnusableCertificate as error:
            log.error("%s cannot be used (%s); what was used before stays", opened.certificate, error)
        else:
            log.info("the panel uses the certificate that ends on %s", f"{opened.ends:%Y-%m-%d}")

    def _hold_open(self, config: TlsConfig) -> None:
        """Open the second door, and again when it fell shut, as where another program has its address."""
        if self._door is not None and not self._door.done():
            self._said = ""  # it is open: should it fall shut again, that is said again
            return
        if self._door is not None:
            self._note_why_closed(self._door)
        self._door = asyncio.ensure_future(self._serve(config))

    def _note_why_closed(self, door: asyncio.Task[None]) -> None:
        error = None if not door.done() or door.cancelled() else door.exception()
        if error is not None and str(error) != self._said:
            self._said = str(error)
            log.error("the panel is not open to other machines: %s", error)
