"""Codes drawn by chance for people to type, and how they are kept: as a hash keyed by the box's secret."""

from __future__ import annotations

import hmac
import secrets

from gateway.domain import one_time_codes
from gateway.store.database import Tx


def draw(length: int) -> str:
    """A code of so many characters, five bits each."""
    return "".join(secrets.choice(one_time_codes.ALPHABET) for _ in range(length))


def kept(tx: Tx, purpose: str, code: str) -> str:
    """The hash a code is kept as."""
    return tx.keys.derived(f"{purpose}:{one_time_codes.typed(code)}")


def fits(tx: Tx, purpose: str, code: str, hashed: str | None) -> bool:
    """Whether a typed code is the one kept under that hash; compared in constant time."""
    return hmac.compare_digest(kept(tx, purpose, code), hashed or "")
