"""One daemon per data folder: a lock that goes with the process, however that ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from gateway.store.database import CannotOpen


class AlreadyRunning(Exception):
    """Another process serves this data folder; the text says so."""


@contextlib.contextmanager
def only_one(*folders: Path) -> Iterator[None]:
    """Hold the locks of the folders that data lies in, each once whatever its names; they go with
    the process, however that ends.

    Raises:
        AlreadyRunning: somebody has one.
        CannotOpen: one cannot be written.
    """
    with contextlib.ExitStack() as held:
        for folder in sorted({folder.resolve() for folder in folders}):
            held.enter_context(_locked(folder))
        yield


@contextlib.contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(data_dir / "daemon.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotOpen(
            f"{data_dir} cannot be used: {error.strerror}. Give this user the right to write there, "
            "or choose another folder with data_dir in config.toml."
        ) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise AlreadyRunning(
            f"Another sms-gateway is running with the data in {data_dir}. "
            "Stop it first, or use another data_dir."
        ) from None
    try:
        yield
    finally:
        os.close(handle)


def is_running(data_dir: Path) -> bool:
    """Whether a daemon serves this data folder now."""
    try:
        handle = os.open(data_dir / "daemon.lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(handle)
    return False
