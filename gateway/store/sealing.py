"""Sealing a file as it is written, so that only its recipient can read it, and reading it back in pieces.

The format is described for other programs in docs/backup.md. A file begins with a header: `MAGIC`, one octet
that says how it is opened (1 by a passphrase, 2 by a key file), for 1 the derivation
(`gateway.domain.backups`), the recipient's public key, and one that was made for this file alone. The two
make the file's key (X25519, RFC 7748; HKDF-SHA-256, RFC 5869). The rest are pieces of 64 KiB, each with
ChaCha20-Poly1305 (RFC 8439); a nonce is the piece's number (11 octets) and whether it is the last, so pieces
can be neither exchanged nor left out, and a file that was cut short is noticed (STREAM; Hoang and others,
2015). The header is authenticated with each piece.
"""

from __future__ import annotations

import io
import os
import unicodedata
from collections.abc import Callable
from typing import BinaryIO

from gateway.domain.backups import DERIVATION_OCTETS, KEY_OCTETS, Recipient, secret_read, secret_written
from gateway.domain.language import t

MAGIC = b"SMSGWBK1"
PIECE = 64 * 1024
_TAG = 16
_BY_PASSPHRASE, _BY_KEY = 1, 2
_LOG2_N, _R, _P = 16, 8, 1
"""scrypt as new passphrases use it: 64 MiB and about half a second, once for each backup that is opened."""
_MOST_LOG2_N, _MOST_R, _MOST_P = 20, 8, 4
SHORTEST_PASSPHRASE = 10


class CannotOpenSeal(Exception):
    """The seal cannot be opened: another passphrase or key, or an altered file. The text says which."""


NOT_WHAT_OPENS_IT = "That is not the passphrase or key this backup was sealed with. Try another one."
ALTERED = "The file was altered, damaged or cut short, so nothing of it is used. Take another backup."
NO_MEMORY = "There is too little memory here to try the passphrase. End other programs, then try again."
ASKS_FOR_KEY = "This backup is opened by a key file and not by a passphrase. Give it with --key-file."
ASKS_FOR_WORDS = "This backup is opened by a passphrase. Give it with --passphrase-file."

Secret = Callable[["Header"], bytes]
"""What opens a seal: gives the file's key for its header, or raises `CannotOpenSeal`."""


class Header:
    """What a sealed file begins with."""

    def __init__(self, recipient: Recipient, once: bytes) -> None:
        self.recipient, self.once = recipient, once
        kind = _BY_PASSPHRASE if recipient.by_passphrase else _BY_KEY
        self.octets = MAGIC + bytes([kind]) + recipient.derivation + recipient.public + once

    @classmethod
    def read(cls, file: BinaryIO) -> Header:
        """Read it off the beginning of a file.

        Raises:
            CannotOpenSeal: it is none.
        """
        magic, kind = file.read(len(MAGIC)), file.read(1)
        if magic != MAGIC or kind not in (bytes([_BY_PASSPHRASE]), bytes([_BY_KEY])):
            raise CannotOpenSeal("This is no sealed backup of sms-gateway. Take another file.")
        derivation = file.read(DERIVATION_OCTETS) if kind == bytes([_BY_PASSPHRASE]) else b""
        public, once = file.read(KEY_OCTETS), file.read(KEY_OCTETS)
        if len(once) != KEY_OCTETS:
            raise CannotOpenSeal(ALTERED)
        return cls(Recipient(public, derivation), once)


# --- keys --------------------------------------------------------------------------------------------


def recipient_of_passphrase(passphrase: str) -> Recipient:
    """A recipient that this passphrase opens; the passphrase itself is kept nowhere.

    Raises:
        ValueError: it is too short; the text says so.
    """
    if len(_normal(passphrase)) < SHORTEST_PASSPHRASE:
        raise ValueError(
            t("The passphrase is too short. Take at least {count} letters, such as four words.").format(
                count=SHORTEST_PASSPHRASE
            )
        )
    derivation = bytes([_LOG2_N, _R, _P]) + os.urandom(16)
    return Recipient(_public(_derived(passphrase, derivation)), derivation)


def new_key() -> tuple[str, Recipient]:
    """A private key, as it is written into its file, and the recipient it opens."""
    private = os.urandom(KEY_OCTETS)
    return secret_written(private), Recipient(_public(private))


def by_passphrase(passphrase: str) -> Secret:
    """A passphrase as what opens a seal."""

    def key(header: Header) -> bytes:
        if not header.recipient.by_passphrase:
            raise CannotOpenSeal(ASKS_FOR_KEY)
        log2_n, r, p = header.recipient.derivation[:3]
        if log2_n > _MOST_LOG2_N or r > _MOST_R or p > _MOST_P:  # a file may not keep us busy for years
            raise CannotOpenSeal(ALTERED)
        return _file_key_of(_derived(passphrase, header.recipient.derivation), header)

    return key


def by_key(written: str) -> Secret:
    """A private key as what opens a seal.

    Raises:
        BadKey: it is none.
    """
    private = secret_read(written)

    def key(header: Header) -> bytes:
        if header.recipient.by_passphrase:
            raise CannotOpenSeal(ASKS_FOR_WORDS)
        return _file_key_of(private, header)

    return key


def by_file_key(file_key: bytes) -> Secret:
    """The key of one file alone, as the box that wrote it remembers it."""
    return lambda header: file_key


def _normal(passphrase: str) -> str:
    return unicodedata.normalize("NFKC", passphrase.strip("\r\n"))


def _derived(passphrase: str, derivation: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    log2_n, r, p = derivation[:3]
    salt = derivation[3:]
    try:
        kdf = Scrypt(salt=salt, length=KEY_OCTETS, n=1 << log2_n, r=r, p=p)
        return kdf.derive(_normal(passphrase).encode())
    except ValueError:
        raise CannotOpenSeal(ALTERED) from None
    except MemoryError:
        raise CannotOpenSeal(NO_MEMORY) from None


def _public(private: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def _file_key_of(private: bytes, header: Header) -> bytes:
    if _public(private) != header.recipient.public:
        raise CannotOpenSeal(NOT_WHAT_OPENS_IT)
    return _file_key(private, header.once, header)


def _file_key(private: bytes, public: bytes, header: Header) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    ours, theirs = X25519PrivateKey.from_private_bytes(private), X25519PublicKey.from_public_bytes(public)
    try:
        shared = ours.exchange(theirs)
    except ValueError:  # a point of small order: nobody's key
        raise CannotOpenSeal(ALTERED) from None
    return HKDF(SHA256(), KEY_OCTETS, salt=header.octets, info=b"sms-gateway backup").derive(shared)


# --- the file ----------------------------------------------------------------------------------------


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealed(io.RawIOBase):
    """A file to write to; what is written goes out sealed. Only what was closed without an error is whole.

    `file_key` opens this one file, and no other.
    """

    def __init__(self, file: BinaryIO, recipient: Recipient) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        private = os.urandom(KEY_OCTETS)
        self._header = Header(recipient, _public(private))
        self.file_key = _file_key(private, recipient.public, self._header)
        self._cipher = ChaCha20Poly1305(self.file_key)
        self._file, self._rest, self._number = file, bytearray(), 0
        file.write(self._header.octets)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object) -> int:
        """Seal some octets."""
        view = memoryview(data)  # type: ignore[arg-type]
        self._rest += view
        while len(self._rest) > PIECE:  # the last one is written by `finish`, which knows that it is
            self._put(bytes(self._rest[:PIECE]), last=False)
            del self._rest[:PIECE]
        return len(view)

    def finish(self) -> None:
        """Write the last piece."""
        self._put(bytes(self._rest), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, self._header.octets))
        self._number += 1


class Unsealed(io.RawIOBase):
    """A sealed file to read from; what it gives was authenticated."""

    def __init__(self, file: BinaryIO, secret: Secret) -> None:
        """Read the header of `file`.

        Raises:
            CannotOpenSeal: it is no sealed file, or `secret` does not open it.
        """
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

        self._header = Header.read(file)
        self._cipher = ChaCha20Poly1305(secret(self._header))
        self._file, self._number, self._rest = file, 0, b""
        self._ahead = file.read(PIECE + _TAG)
        self._ended = False

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """At most so many octets, as many as there are with -1; none at the end.

        Raises:
            CannotOpenSeal: the file was altered or cut short.
        """
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(PIECE), b""))
        if not self._rest and not self._ended:
            self._rest = self._next()
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    def _next(self) -> bytes:
        from cryptography.exceptions import InvalidTag

        piece, self._ahead = self._ahead, self._file.read(PIECE + _TAG)
        self._ended = not self._ahead
        try:
            opened = self._cipher.decrypt(_nonce(self._number, last=self._ended), piece, self._header.octets)
        except InvalidTag:
            raise CannotOpenSeal(ALTERED) from None
        self._number += 1
        return opened
