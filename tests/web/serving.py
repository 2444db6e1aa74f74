"""A panel served for real: Hypercorn in a loop on a thread of its own, on a free port."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Self

from flask import Flask

from gateway.config import Settings
from gateway.store.database import Database
from gateway.web import server
from gateway.web.opening import NOT_OPENED, Opening
from tests.office import Office


class Served:
    """Serves while the block runs; `address` is where."""

    def __init__(self, app: Flask, office: Office, boot: Settings, opening: Opening = NOT_OPENED) -> None:
        self._serve = lambda stopping, started: server.serve(
            app, office.database, boot, office.clock, stopping, started, opening=opening
        )
        self._database = office.database
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self.address = ""
        self.error: BaseException | None = None

    async def _run(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()

        def started(address: str) -> None:
            self.address = address
            self._ready.set()

        try:
            await self._serve(self._stopping, started)
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.error = error
        finally:
            await close_reader(self._database)
            self._ready.set()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop as the daemon does, and wait."""
        if self._thread.is_alive() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(20)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error


async def close_reader(database: Database) -> None:
    """Close the loop's own connection, in its loop; the threads' stay open for the test."""
    engine, database._loop_engine = database._loop_engine, None
    if engine is not None:
        await engine.dispose()


def on_port(boot: Settings, address: str) -> Settings:
    """The same settings with the port of an address, to come back where one was."""
    values: dict[str, Any] = {name: getattr(boot, name) for name in Settings.__slots__}
    return Settings(**{**values, "listen": ("127.0.0.1", int(address.rpartition(":")[2]))})
