"""Doing a thing once, however often it is asked for: a double click, a retry after a lost answer.

The answer is kept under (caller, key) in the transaction that did the thing, so two requests racing with
one key cannot both do it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.store import team
from gateway.store.database import Tx


class KeyReused(Exception):
    """The key was used before for something else; nothing was done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, and whether it was answered before."""

    body: dict[str, Any]
    replayed: bool


def fingerprint(request: object) -> str:
    """Hash of what was asked, the same for the same JSON values in any order of keys."""
    canonical = json.dumps(request, sort_keys=True, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def once(
    tx: Tx,
    caller: str,
    key: str,
    request_hash: str,
    now: datetime,
    act: Callable[[], dict[str, Any]],
    status: int = 202,
) -> Answer:
    """Do `act` and keep its answer, or give the answer kept before.

    Raises:
        KeyReused: the caller's key stands for another request.
    """
    kept = team.stored_answer(tx, caller, key)
    if kept is None:
        body = act()
        team.store_answer(
            tx, caller=caller, key=key, request_hash=request_hash, created_at=now, status=status, answer=body
        )
        return Answer(body, replayed=False)
    if kept.request_hash != request_hash:
        raise KeyReused
    return Answer(kept.answer, replayed=True)
