"""The box's secret, and the two things that hang on it: number hashes and the log of opt-outs.

`DATA_DIR/secret.key` (0600) is part of every backup; without it hashes in an old database mean nothing,
so a new one is never made beside a database that was written with another.
`DATA_DIR/suppressions.log` repeats every opt-out outside the database, synced before the transaction
that makes it count, so that restoring an old backup cannot make us text someone who said stop since.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import hmac
import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gateway.store import suppression_log
from gateway.store.database import CannotOpen

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_FILE = "secret.key"
KEY_BYTES = 32


class KeyLost(CannotOpen):
    """The secret is gone or damaged, and with it every opt-out. The text says what to do."""


class Keys:
    """Secret and opt-out log of one data folder, `folder`."""

    def __init__(self, data_dir: Path, *, may_make: bool = True) -> None:
        """Load the secret of `data_dir`; make one when there is none, if `may_make` (see `schema.prepare`).

        Raises:
            KeyLost: there is none and none may be made, or the file is damaged.
            CannotOpen: it cannot be read or written.
        """
        self.folder = data_dir
        path = data_dir / KEY_FILE
        try:
            self._secret = _load(path) or (_make(path) if may_make else _missing(path))
        except OSError as error:
            raise CannotOpen(
                f"{path} cannot be read or made: {error.strerror}. Give this user the right to, "
                "or choose another folder with data_dir in config.toml."
            ) from None
        self._log = data_dir / suppression_log.NAME

    def number_hash(self, number: str) -> str:
        """Keyed hash of a phone number (HMAC-SHA-256, hex): the same on this box only."""
        return self._hash("number", number)

    def pin_hash(self, sim: str, pin: str) -> str:
        """Keyed hash of a PIN for one SIM, to know it was tried without keeping it."""
        return self._hash("pin", f"{sim}:{pin}")

    def derived(self, purpose: str) -> str:
        """A key for one purpose (hex), from which neither the secret nor another key follows."""
        return self._hash("key", purpose)

    def seal(self, secret: str) -> bytes:
        """Encrypt a secret that must be read again, such as a PIN (AES-128-CBC with HMAC-SHA-256: Fernet)."""
        return self._fernet().encrypt(secret.encode())

    def unseal(self, sealed: bytes | None) -> str | None:
        """The secret sealed on this box; None for none, and for one sealed with another key."""
        from cryptography.fernet import InvalidToken

        if sealed is None:
            return None
        try:
            return self._fernet().decrypt(sealed).decode()
        except InvalidToken:
            return None

    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet  # 8 MiB of memory that only a line with a PIN needs

        return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + self._secret).digest()))

    def _hash(self, what: str, value: str) -> str:
        return hmac.new(self._secret, f"{what}:{value}".encode(), hashlib.sha256).hexdigest()

    def log_suppression(self, kind: str, number_hash: str, at: datetime) -> None:
        """Append one line and sync it. `kind` is opt_out or opt_in. Repeating a line is harmless.

        Raises:
            OSError: it is not there whole. What is there of it takes no other line with it.
        """
        line = json.dumps({"at": at.isoformat(), "kind": kind, "number_hash": number_hash}) + "\n"
        handle = os.open(self._log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.fstat(handle).st_size
            octets = (b"" if end == 0 or os.pread(handle, 1, end - 1) == b"\n" else b"\n") + line.encode()
            if os.write(handle, octets) < len(octets):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._log))
            os.fsync(handle)
        finally:
            os.close(handle)


def _load(path: Path) -> bytes | None:
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(secret) != KEY_BYTES:
        raise KeyLost(
            f"{path} is damaged: it has {len(secret)} bytes and not {KEY_BYTES}. {_RESTORE.format(path.name)}"
        )
    return secret


def _missing(path: Path) -> NoReturn:
    raise KeyLost(f"{path} is missing, though there is a database. {_RESTORE.format(path.name)}")


_RESTORE = "Without it nobody who said stop is known. Restore {} from the backup. Nothing was changed."


def _make(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = secrets.token_bytes(KEY_BYTES)
    draft = path.with_suffix(f".{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(draft, path)  # fails when another process was first: then its secret counts
    except FileExistsError:
        return path.read_bytes()
    finally:
        draft.unlink()
    return secret
