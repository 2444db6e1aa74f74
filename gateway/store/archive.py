"""A backup as one file: the copy of the database, the secret and the log of opt-outs, and a list of what they
are; sealed for a recipient, or for nobody while it stays in the data folder.

A gzip of a tar, the list (`manifest.json`) first; written and read in pieces, whatever its size. For other
programs it is described in docs/backup.md.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from gateway.domain.backups import Recipient
from gateway.store import backup
from gateway.store.backup import BackupFailed
from gateway.store.sealing import MAGIC, CannotOpenSeal, Sealed, Secret, Unsealed

DATABASE, KEY, LOG = "gateway.db", "secret.key", "suppressions.log"
"""What is in a backup, by the names it has in the data folder."""
SEALED_NAME, PLAIN_NAME = ".smsbackup", ".tar.gz"
"""How the names of backups end."""

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
_FORMAT = 1
_BLOCK = 1 << 18
_SYNC_EVERY = 16 << 20
"""Octets after which what was written goes to the disk, so that no text waits for gigabytes at once."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is. `newest`: when the last thing happened that it knows of; `counts`: rows of its
    tables; `files`: length and SHA-256 of each, by name; `schema`: revision of its database."""

    made_at: datetime
    newest: datetime | None
    program: str
    schema: str
    office: str
    counts: Mapping[str, int]
    files: Mapping[str, tuple[int, str]]

    def to_json(self) -> bytes:
        """As it stands in the file."""
        value = {"format": _FORMAT, **asdict(self)}
        return json.dumps(value, default=lambda at: at.isoformat(), indent=1).encode()

    @classmethod
    def from_json(cls, octets: bytes) -> Manifest:
        """Read it.

        Raises:
            BackupFailed: it is none, or of a newer program.
        """
        try:
            value = json.loads(octets)
            if value.pop("format") != _FORMAT:
                raise BackupFailed(
                    f"This backup was made by sms-gateway {value.get('program')}, whose backups this version "
                    "does not know. Install that version, or a newer one."
                )
            made_at, newest = value.pop("made_at"), value.pop("newest")
            return cls(
                made_at=datetime.fromisoformat(made_at),
                newest=datetime.fromisoformat(newest) if newest else None,
                files={name: (int(size), digest) for name, (size, digest) in value.pop("files").items()},
                **value,
            )
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BackupFailed(NOT_WHOLE) from None


NOT_WHOLE = "This file is no backup of sms-gateway, or it is damaged or cut short. Take another one."


def described(
    folder: Path,
    made_at: datetime,
    program: str,
    schema: str,
    office: str,
    counts: Mapping[str, int] | None = None,
) -> Manifest:
    """What the files in a folder come to, read once. `counts`: as `backup.copy` found them, which then looked
    through the database.

    Raises:
        BackupFailed: the database in it is damaged.
    """
    return Manifest(
        made_at=made_at,
        newest=backup.newest(folder / DATABASE),
        program=program,
        schema=schema,
        office=office,
        counts=backup.counts(folder / DATABASE) if counts is None else counts,
        files={name: _digest(folder / name) for name in (KEY, LOG, DATABASE)},
    )


def pack(folder: Path, manifest: Manifest, target: Path, recipient: Recipient | None) -> bytes | None:
    """Write the files of a folder into one new file (mode 0600) and bring it to the disk. Returns the key
    that opens this file alone; None where it is not sealed.

    Raises:
        BackupFailed: it could not be written; nothing of it is left.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            key = _written(folder, manifest, cast(BinaryIO, _Steadily(file)), recipient)
            file.flush()
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)  # who reads it next reads the disk
        part.rename(target)
        backup.sync(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise BackupFailed(backup.why(error)) from None
        raise
    return key


def _written(folder: Path, manifest: Manifest, file: BinaryIO, recipient: Recipient | None) -> bytes | None:
    sealed = Sealed(file, recipient) if recipient is not None else None
    out = cast(BinaryIO, sealed) if sealed is not None else file
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as packed,
        tarfile.open(fileobj=packed, mode="w|", bufsize=_BLOCK, format=tarfile.PAX_FORMAT) as tar,
    ):
        octets = manifest.to_json()
        tar.addfile(_member(_MANIFEST, len(octets), manifest.made_at), io.BytesIO(octets))
        for name, (size, _) in manifest.files.items():
            with (folder / name).open("rb") as source:
                tar.addfile(_member(name, size, manifest.made_at), source)
    if sealed is None:
        return None
    sealed.finish()
    return sealed.file_key


def _member(name: str, size: int, at: datetime) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(at.timestamp()), 0o600
    return member


class _Steadily:
    """A file that goes to the disk as it is written, not all at its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._unsynced = file, 0

    def write(self, data: bytes) -> int:
        """Write, and sync now and then."""
        self._unsynced += len(data)
        written = self._file.write(data)
        if self._unsynced >= _SYNC_EVERY:
            self._file.flush()
            os.fdatasync(self._file.fileno())
            self._unsynced = 0
        return written

    def flush(self) -> None:
        """Hand on what is buffered."""
        self._file.flush()


# --- reading -----------------------------------------------------------------------------------------


Source = Path | BinaryIO
"""A backup's file: where it is, or open already (from its beginning, whatever was read of it before)."""


@contextlib.contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """A backup's file, to be read from its beginning.

    Raises:
        BackupFailed: it cannot be read.
    """
    try:
        if isinstance(source, Path):
            file: Any = source.open("rb")
        else:
            source.seek(0)
            file = contextlib.nullcontext(source)
    except OSError as error:
        raise BackupFailed(
            f"{name_of(source)} cannot be read: {error.strerror}. Check its path and rights."
        ) from None
    with file as ready:
        yield ready


def name_of(source: Source) -> str:
    """What a backup's file is called."""
    return str(source if isinstance(source, Path) else source.name)


def begins_with(source: Source, octets: bytes) -> bool:
    """Whether these are a file's first octets.

    Raises:
        BackupFailed: it cannot be read.
    """
    with opened(source) as file:
        try:
            return file.read(len(octets)) == octets
        except OSError as error:
            raise BackupFailed(backup.why(error)) from None


def is_sealed(source: Source) -> bool:
    """Whether a file is a sealed backup.

    Raises:
        BackupFailed: it cannot be read.
    """
    return begins_with(source, MAGIC)


def look(path: Source, secret: Secret | None) -> Manifest:
    """Read a backup to its end and hold what is in it against its list.

    Raises:
        BackupFailed: it is not whole, or cannot be read or opened.
    """
    return _read(path, secret, None)


def unpack(path: Source, secret: Secret | None, folder: Path) -> Manifest:
    """`look`, and write what is in it into an empty folder (mode 0600), synced; then look through
    the database.

    Raises:
        BackupFailed: as `look`, or there is no room, or the database in it is damaged.
    """
    manifest = _read(path, secret, folder)
    found = backup.counts(folder / DATABASE)
    if found != dict(manifest.counts):
        raise BackupFailed(f"The database in {path} does not hold what its list says. Take another backup.")
    return manifest


def _read(path: Source, secret: Secret | None, folder: Path | None) -> Manifest:
    needs_secret = is_sealed(path)
    if needs_secret and secret is None:
        raise BackupFailed(
            f"{name_of(path)} is sealed. Give what opens it with --passphrase-file or --key-file."
        )
    try:
        with opened(path) as file:
            source = Unsealed(file, secret) if needs_secret and secret is not None else file
            with gzip.GzipFile(fileobj=cast(BinaryIO, source), mode="rb") as packed:
                manifest = _members(cast(BinaryIO, packed), folder)
                while packed.read(_BLOCK):  # its end is where a gzip's sum and a seal's last piece are
                    pass
    except CannotOpenSeal as error:
        raise BackupFailed(str(error)) from None
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile):
        raise BackupFailed(NOT_WHOLE) from None
    except OSError as error:
        raise BackupFailed(backup.why(error)) from None
    return manifest


def _members(packed: BinaryIO, folder: Path | None) -> Manifest:
    with tarfile.open(fileobj=packed, mode="r|", bufsize=_BLOCK) as tar:
        first = tar.next()
        if first is None or first.name != _MANIFEST or first.size > _LARGEST_MANIFEST:
            raise BackupFailed(NOT_WHOLE)
        manifest = Manifest.from_json(_content(tar, first).read())
        if set(manifest.files) != {KEY, LOG, DATABASE}:
            raise BackupFailed(NOT_WHOLE)
        if folder is not None:
            backup.need_room(folder, manifest.files[DATABASE][0])
        missing = set(manifest.files)
        while (member := tar.next()) is not None:
            if member.name not in missing:  # no other name is ever written to
                raise BackupFailed(NOT_WHOLE)
            missing.discard(member.name)
            _take(_content(tar, member), manifest.files[member.name], folder and folder / member.name)
        if missing:
            raise BackupFailed(NOT_WHOLE)
    return manifest


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> BinaryIO:
    content = tar.extractfile(member) if member.isreg() else None
    if content is None:
        raise BackupFailed(NOT_WHOLE)
    return cast(BinaryIO, content)


def _take(content: BinaryIO, expected: tuple[int, str], target: Path | None) -> None:
    summed, size = hashlib.sha256(), 0
    with contextlib.ExitStack() as opened:
        out: Any = None
        if target is not None:
            handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            out = opened.enter_context(os.fdopen(handle, "wb"))
        for block in _blocks(content):
            summed.update(block)
            size += len(block)
            if out is not None:
                out.write(block)
        if out is not None:
            out.flush()
            os.fsync(out.fileno())
    if (size, summed.hexdigest()) != expected:
        raise BackupFailed(NOT_WHOLE)


def _digest(path: Path) -> tuple[int, str]:
    summed, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        for block in _blocks(file):
            summed.update(block)
            size += len(block)
    return size, summed.hexdigest()


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")
