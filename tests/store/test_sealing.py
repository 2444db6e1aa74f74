"""What is sealed comes back as it was, or not at all."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

import pytest

from gateway.domain.backups import BadKey, Recipient
from gateway.store import sealing
from gateway.store.sealing import (
    ALTERED,
    ASKS_FOR_KEY,
    ASKS_FOR_WORDS,
    NOT_WHAT_OPENS_IT,
    PIECE,
    CannotOpenSeal,
    Sealed,
    Secret,
    Unsealed,
)

PASSPHRASE = "four words from paper"
WRITTEN, KEY = sealing.new_key()
OPENS = sealing.by_key(WRITTEN)
STEP = PIECE + 16


def sealed(content: bytes, recipient: Recipient = KEY, size: int = 10_000) -> tuple[bytes, bytes]:
    """A sealed file, written in steps, and its key."""
    out = io.BytesIO()
    file = Sealed(out, recipient)
    for at in range(0, len(content), size):
        file.write(content[at : at + size])
    file.finish()
    return out.getvalue(), file.file_key


def opened(octets: bytes, secret: Secret = OPENS) -> bytes:
    return Unsealed(io.BytesIO(octets), secret).read()


@pytest.mark.parametrize("length", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
def test_it_comes_back_as_it_was(length: int) -> None:
    content = random.Random(length).randbytes(length)
    octets, key = sealed(content)
    assert opened(octets) == content
    assert opened(octets, sealing.by_file_key(key)) == content
    assert length < 100 or content[:50] not in octets


def test_a_passphrase_opens_what_was_sealed_with_it_and_no_other_does() -> None:
    octets, _ = sealed(b"history", sealing.recipient_of_passphrase(f"{PASSPHRASE}\n"))
    assert opened(octets, sealing.by_passphrase(PASSPHRASE)) == b"history"
    with pytest.raises(CannotOpenSeal, match=NOT_WHAT_OPENS_IT[:20]):
        opened(octets, sealing.by_passphrase("four words from paint"))
    with pytest.raises(CannotOpenSeal, match=ASKS_FOR_WORDS[:20]):
        opened(octets)


def test_another_key_does_not_open_it() -> None:
    octets, _ = sealed(b"history")
    another, _ = sealing.new_key()
    for secret, words in (
        (sealing.by_key(another), NOT_WHAT_OPENS_IT),
        (sealing.by_passphrase(PASSPHRASE), ASKS_FOR_KEY),
        (sealing.by_file_key(bytes(32)), ALTERED),
    ):
        with pytest.raises(CannotOpenSeal) as caught:
            opened(octets, secret)
        assert str(caught.value) == words


def swapped(octets: bytes) -> bytes:
    head = len(octets) % STEP
    return octets[:head] + octets[head + STEP : head + 2 * STEP] + octets[head : head + STEP]


@pytest.mark.parametrize(
    "harm",
    [
        lambda octets: octets[:-1],
        lambda octets: octets[:-STEP],  # the last piece left out, as a full disk would
        lambda octets: octets[: len(octets) % STEP],
        lambda octets: octets + b"\0",
        lambda octets: octets + octets[-STEP:],
        swapped,
    ],
)
def test_a_file_that_was_cut_or_put_together_anew_is_refused(harm: Callable[[bytes], bytes]) -> None:
    octets, _ = sealed(random.Random(1).randbytes(2 * PIECE))
    with pytest.raises(CannotOpenSeal, match=ALTERED[:20]):
        opened(harm(octets))


def test_any_altered_bit_is_noticed() -> None:
    octets, _ = sealed(random.Random(2).randbytes(PIECE + 500))
    chance = random.Random(3)
    for at in [*range(0, 73, 3), *(chance.randrange(73, len(octets)) for _ in range(60))]:
        altered = bytearray(octets)
        altered[at] ^= 1 << chance.randrange(8)
        with pytest.raises(CannotOpenSeal):
            opened(bytes(altered))


def test_it_is_read_piece_by_piece() -> None:
    """Nothing is held but a piece or two, and nothing is given out before it was authenticated."""

    class Counting(io.BytesIO):
        most = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None and size >= 0
            self.most = max(self.most, size)
            return super().read(size)

    octets, _ = sealed(bytes(20 * PIECE))
    source = Counting(octets)
    file = Unsealed(source, OPENS)
    assert len(file.read(100)) == 100
    assert source.tell() < 4 * STEP and source.most == STEP


def test_a_key_that_was_mistyped_is_refused() -> None:
    """A backup sealed for a mistyped key would be opened by nobody."""
    for written, read in ((str(KEY), Recipient.parse), (WRITTEN, sealing.by_key)):
        assert read(f" {written}\n")
        for at in range(12, len(written)):
            typed = written[:at] + ("A" if written[at] != "A" else "B") + written[at + 1 :]
            with pytest.raises(BadKey):
                read(typed)
        with pytest.raises(BadKey):
            read(written[:-1])


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        sealing.recipient_of_passphrase("letmein")


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_file_does_not_say_how_long_this_box_is_kept_busy(at: int) -> None:
    """The header's log2 N, r and p of scrypt; as written by somebody who means harm."""
    whom = sealing.recipient_of_passphrase("four words from paper")
    hostile = bytearray(whom.derivation)
    hostile[at] = 255
    header = sealing.Header(Recipient(whom.public, bytes(hostile)), bytes(32))
    with pytest.raises(CannotOpenSeal, match="altered"):
        sealing.by_passphrase("four words from paper")(header)


def test_too_little_memory_is_not_called_an_altered_file(monkeypatch: pytest.MonkeyPatch) -> None:
    whom = sealing.recipient_of_passphrase("four words from paper")

    def refuses(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("cryptography.hazmat.primitives.kdf.scrypt.Scrypt", refuses)
    with pytest.raises(CannotOpenSeal, match="too little memory"):
        sealing.by_passphrase("four words from paper")(sealing.Header(whom, bytes(32)))
