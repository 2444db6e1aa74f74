"""The certificates the panel is opened with to other machines, and the folder they are kept in.

`DATA_DIR/tls/authority.pem` is the box's own authority, `server.pem` the certificate it signed; each file
holds its key too, so that the two are never of different ages. An office may give its own certificate instead
(`tls_cert`, `tls_key`); then the folder is not looked at.

The library that makes certificates takes 8 MiB of memory, so it is loaded only where there are some.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.clock import Clock
from gateway.config import LOOPBACK, Settings
from gateway.web.opening import Opened, Opening, OpeningFailed, covers

if TYPE_CHECKING:
    from gateway.certificates import Names

log = logging.getLogger(__name__)

FOLDER = "tls"
AUTHORITY, SERVER = "authority.pem", "server.pem"
RENEW_BEFORE = timedelta(days=31)
"""A certificate of the box's own is replaced this long before it ends."""

ENDED = (
    "tls_cert = {path} ended on {ends:%Y-%m-%d}: browsers warn. Put a new one there; it is taken without a "
    "restart."
)
NOT_NAMED = (
    "tls_cert = {path} does not name {names}, which trusted_hosts lists: browsers warn. Get a certificate "
    "that does, or take the name out of trusted_hosts."
)

Edition = tuple[tuple[int, int, int], ...]
"""Which state some files are in: of each its inode, size, and time of change in nanoseconds."""


class TlsError(OpeningFailed):
    """It cannot be done. The text says what is wrong and what to do."""


# --- what is made ------------------------------------------------------------------------------------


def init(data_dir: Path, names: Names, now: datetime, *, anew: bool = False) -> Opened:
    """Make an authority for these names and the certificate of this box.

    Raises:
        TlsError: there is one already (unless `anew`), there are no names, or the folder cannot be written.
    """
    if not names and (anew or not _is_made(data_dir / FOLDER)):
        raise TlsError("This machine has no name and no address others could use. Give one with --name.")
    with _alone(data_dir / FOLDER, make=True) as folder:
        return _init(folder, names, now, anew=anew)


def _init(folder: Path, names: Names, now: datetime, *, anew: bool) -> Opened:
    from gateway import certificates

    if _is_made(folder) and not anew:
        raise TlsError(
            f"{folder} holds an authority already, and devices may trust it. See it with: sms-gateway tls "
            "show. To make another, which every device has to be told to trust again: sms-gateway tls init "
            "--anew"
        )
    authority = certificates.make_authority(names, now)
    _keep(folder, AUTHORITY, authority)
    _keep(folder, SERVER, certificates.make_server(authority, now))
    return _read(folder)


def renew(data_dir: Path, now: datetime) -> Opened:
    """Make a new certificate of this box with the authority there is; devices notice nothing.

    Raises:
        TlsError: there is no authority, it is damaged or has ended, or the folder cannot be written.
    """
    with _alone(data_dir / FOLDER, make=False) as folder:
        return _renew(folder, now)


def _renew(folder: Path, now: datetime) -> Opened:
    from gateway import certificates

    try:
        made = certificates.make_server((folder / AUTHORITY).read_bytes(), now)
    except FileNotFoundError:
        raise TlsError(_NO_AUTHORITY.format(folder=folder)) from None
    except OSError as error:
        raise TlsError(f"{error.filename} cannot be read: {error.strerror}. {_RIGHTS}") from None
    except certificates.BadCertificate as error:
        raise TlsError(
            f"{folder / AUTHORITY} cannot sign: {error}. Make another, which every device has to be told to "
            "trust again: sms-gateway tls init --anew"
        ) from None
    _keep(folder, SERVER, made)
    return _read(folder)


def is_due(data_dir: Path, now: datetime) -> bool:
    """Whether there is a certificate of the box's own that has to be replaced: it ends soon, is not valid yet
    (the clock was ahead when it was made), cannot be read, or is of another authority."""
    from gateway import certificates

    folder = data_dir / FOLDER
    try:
        authority = (folder / AUTHORITY).read_bytes()
        server = (folder / SERVER).read_bytes()
        found = certificates.facts(server)
        if now < found.begins or not certificates.is_signed_by(server, authority):
            return True
        is_near = now >= found.ends - RENEW_BEFORE
        return is_near and not ends_with_authority(_read(folder))
    except (OSError, TlsError, certificates.BadCertificate):
        return has_authority(data_dir)


def can_renew(settings: Settings) -> bool:
    """Whether the box's own authority is there and can sign."""
    from gateway import certificates

    try:
        certificates.facts((settings.data_dir / FOLDER / AUTHORITY).read_bytes())
    except (OSError, certificates.BadCertificate):
        return False
    return True


def ends_with_authority(opened: Opened) -> bool:
    """Whether this certificate ends with the box's own authority: then a new one lasts no longer."""
    from gateway import certificates

    return opened.root is not None and certificates.facts(opened.root).ends <= opened.ends


def upkeep(
    settings: Settings, opening: Opening, clock: Clock, doubt: Callable[[], str | None]
) -> Callable[[], Awaitable[None]]:
    """The chore that renews the box's own certificate in time, and says when somebody else's has ended: that
    one is served all the same, for texts have to go on, and browsers warn by themselves.

    While the clock is in doubt nothing is done: the certificate would be one of another time.
    """

    said = ""

    async def run() -> None:
        nonlocal said
        now = clock()
        if doubt() is not None:
            return
        if settings.tls_cert is None and has_authority(settings.data_dir):
            _renew_if_due(settings.data_dir, now)
        elif settings.tls_cert is not None and (found := opening.look()) is not None:
            trouble = trouble_of_own(settings, found, now)
            if trouble and trouble != said:
                log.error("your own certificate: %s", trouble)
            said = trouble

    return run


def trouble_of_own(settings: Settings, found: Opened, now: datetime) -> str:
    """What is wrong with somebody else's certificate, and what to do; empty when nothing is."""
    if found.ends <= now:
        return ENDED.format(path=found.certificate, ends=found.ends)
    missing = [
        name
        for name in settings.trusted_hosts
        if name.lower() not in LOOPBACK and not covers(found.names, name.lower())
    ]
    return NOT_NAMED.format(path=found.certificate, names=", ".join(missing)) if missing else ""


def _renew_if_due(data_dir: Path, now: datetime) -> None:
    try:
        if is_due(data_dir, now):
            made = renew(data_dir, now)
            log.info("the certificate of this box was renewed; it ends on %s", f"{made.ends:%Y-%m-%d}")
    except TlsError as error:
        log.error("the certificate of this box was not renewed: %s", error)


def has_authority(data_dir: Path) -> bool:
    """Whether `tls init` was done here, as far as this user may know."""
    try:
        return _is_made(data_dir / FOLDER)
    except TlsError:
        return False


def _is_made(folder: Path) -> bool:
    try:
        return (folder / AUTHORITY).exists()
    except OSError as error:
        raise TlsError(f"{folder} cannot be read: {error.strerror}. {_RIGHTS}") from None


# --- what is in use ----------------------------------------------------------------------------------


class Certificates:
    """Knows the certificate of these settings; reads it anew when its files changed."""

    def __init__(self, settings: Settings) -> None:
        self._own = (settings.tls_cert, settings.tls_key)
        self._data_dir = settings.data_dir
        self._folder = settings.data_dir / FOLDER
        self._read: tuple[Edition | None, Opened | None] = (None, None)
        """What was read of which edition; set as one, for many threads look."""

    def look(self) -> Opened | None:
        """See `Opening.look`. What cannot be read any more leaves in use what was read before."""
        certificate, key = self._own
        boxes_own = (self._folder / SERVER, self._folder / AUTHORITY)
        files = (certificate, key) if certificate and key else boxes_own
        seen, found = self._read
        try:
            edition = edition_of(*files)
        except OSError:
            return found
        if edition != seen:
            try:
                found = read_own(*files) if certificate else _read(self._folder)
            except TlsError as error:
                log.error("a certificate is not taken: %s", error)
            finally:
                self._read = (edition, found)  # also after what nobody foresaw: it is said once
        return found

    def make(self, now: datetime) -> Opened:
        """See `Opening.make`."""
        from gateway import box_names

        return init(self._data_dir, box_names.found(), now)


def read_in_use(settings: Settings) -> Opened | None:
    """The certificate these settings lead to; None where there is none.

    Raises:
        TlsError: there is one, and it cannot be read.
    """
    if settings.tls_cert is not None and settings.tls_key is not None:
        return read_own(settings.tls_cert, settings.tls_key)
    folder = settings.data_dir / FOLDER
    return _read(folder) if _is_made(folder) else None


def edition_of(*files: Path) -> Edition:
    """In which state these files are. Raises OSError."""
    every = [path.stat() for path in files]
    return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in every)


def read_own(certificate: Path, key: Path) -> Opened:
    """What somebody else's certificate says.

    Raises:
        TlsError: it cannot be read.
    """
    from gateway import certificates

    try:
        edition = edition_of(certificate, key)
        found = certificates.facts(certificate.read_bytes())
    except OSError as error:
        raise TlsError(f"{error.filename} cannot be read: {error.strerror}. {_RIGHTS}") from None
    except certificates.BadCertificate as error:
        raise TlsError(f"{certificate} cannot be used: {error}. Give a PEM certificate.") from None
    return Opened(certificate, key, found.names.every, found.ends, None, found.fingerprint, edition)


def _read(folder: Path) -> Opened:
    from gateway import certificates

    server, authority = folder / SERVER, folder / AUTHORITY
    try:
        root = certificates.facts(authority.read_bytes())
    except OSError as error:
        raise TlsError(f"{error.filename} cannot be read: {error.strerror}. {_RIGHTS}") from None
    except certificates.BadCertificate as error:
        raise TlsError(f"{authority} cannot be used: {error}. {_AGAIN}") from None
    try:
        edition = edition_of(server, authority)
        found = certificates.facts(server.read_bytes())
    except FileNotFoundError:
        raise TlsError(f"{server} is not there. {_RENEW}") from None
    except OSError as error:
        raise TlsError(f"{error.filename} cannot be read: {error.strerror}. {_RIGHTS}") from None
    except certificates.BadCertificate as error:
        raise TlsError(f"{server} cannot be used: {error}. {_RENEW}") from None
    return Opened(server, server, found.names.every, found.ends, root.pem, root.fingerprint, edition)


_RIGHTS = "Run this with sudo, or as the service's user."
_NO_AUTHORITY = "{folder} holds no authority. Make one with: sms-gateway tls init"
_RENEW = "Make a new one with the authority there is; devices notice nothing: sms-gateway tls renew"
_AGAIN = (
    "Make them again; then every device has to be told to trust this box again: sms-gateway tls init --anew"
)


# --- files -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _alone(folder: Path, *, make: bool) -> Iterator[Path]:
    """The folder while nobody else writes in it: the button, a command and the hourly chore may want to at
    the same time. `make`: where it is not there it is made."""
    try:
        if make:
            folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        raise TlsError(_NO_AUTHORITY.format(folder=folder)) from None
    except OSError as error:
        raise TlsError(f"{folder} cannot be written: {error.strerror}. {_RIGHTS}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(handle)


def _keep(folder: Path, name: str, content: bytes) -> None:
    """Write a file whole, for its owner alone; nobody else writes here meanwhile (`_alone`)."""
    try:
        for torn in folder.glob(".*.pem-*"):  # of a program that was killed while it wrote
            torn.unlink(missing_ok=True)
        handle, draft = tempfile.mkstemp(prefix=f".{name}-", dir=folder)  # 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(folder / name)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync(folder)
    except OSError as error:
        raise TlsError(f"{folder} cannot be written: {error.strerror}. {_RIGHTS}") from None


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
