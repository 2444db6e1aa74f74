"""What a contact can be: a prospect or a customer, with numbers that work or do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from gateway.domain import folding
from gateway.domain.phone import Kind, Number


class Stage(StrEnum):
    """How far somebody has come with the office. A prospect who is named stays one until somebody, or the
    customer list, says otherwise."""

    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER = "former"


class Health(StrEnum):
    """What is known of a number: see `gateway.domain.hygiene` for how it becomes so."""

    OK = "ok"
    SUSPECT = "suspect"
    BAD = "bad"
    CONFIRM = "confirm"
    WRONG = "wrong"


class Known(StrEnum):
    """What is told of somebody at once, wherever their name or number stands."""

    NEW_PROSPECT = "new_prospect"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    FORMER = "former"
    NOBODY = "nobody"  # a sender that is no person: a word, a withheld number


def known_as(
    name: str | None, stage: str, external_id: str | None, peer: str, peer_kind: str | None
) -> Known:
    """What a contact is to the office. `peer` is the number or word they write from, `peer_kind` of
    `domain.phone.Kind` (None: a number we no longer hold for them)."""
    if stage != Stage.PROSPECT:
        return Known(stage)
    if external_id is not None:
        return Known.CUSTOMER
    if name is not None:
        return Known.PROSPECT
    is_person = peer_kind is not None and Number(peer, Kind(peer_kind)).can_be_texted
    return Known.NEW_PROSPECT if is_person else Known.NOBODY


FIRST_NAME = "first_name"
"""The office's own field that says how somebody is addressed, where it is not the first word of the name."""


def first_name(name: str | None, fields: Mapping[str, Any]) -> str:
    """How somebody is addressed in a text; empty when nobody knows."""
    written = str(fields.get(FIRST_NAME) or "").strip()
    return written or (name or "").strip().partition(" ")[0]


def folded(text: str) -> str:
    """A text as it is looked for and sorted: without capitals and accents."""
    return " ".join(folding.folded(text).split())


_NAMELESS = "~"
"""Sorts after every letter, so that whoever has a name stands before whoever has none."""


def sought(
    name: str | None, company: str | None, email: str | None, number: str, also: Iterable[str | None] = ()
) -> str:
    """What the table of contacts is sorted and searched by. `also`: what else is noted of them."""
    words = (folded(part) for part in (name, company, email, *also) if part)
    return " ".join(words) if name else " ".join((_NAMELESS, *words, number))
