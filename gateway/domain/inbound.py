"""The ordered list of rules an inbound text passes through. Pure: it says what should happen, in order;
`gateway.desk.inbox` does it, in the transaction that stores the text. An opt-out wins over every rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from gateway.domain.consent import Wish, wish
from gateway.domain.labels import NOT_WORDS, NOTICES, Label
from gateway.domain.phone import Kind, Number


class Effect(StrEnum):
    """Something an inbound text brings about beside being kept and shown."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    AWAIT_ANSWER = "await_answer"


@dataclass(frozen=True, slots=True)
class Inbound:
    """A whole inbound text and what is known when it comes."""

    sender: Number
    body: str
    suppressed: bool
    is_twin: bool
    """The same text arrived a second time in another slot: shown, but nothing happens twice."""
    label: Label | None = None


Rule = Callable[[Inbound], tuple[Effect, ...] | None]
"""A rule gives the effects and ends the walk, or None to let the next rule look."""


def _nothing_twice(text: Inbound) -> tuple[Effect, ...] | None:
    return () if text.is_twin else None


def _notices(text: Inbound) -> tuple[Effect, ...] | None:
    return () if text.label in NOTICES else None


def _nobody_to_answer(text: Inbound) -> tuple[Effect, ...] | None:
    """Names and withheld numbers: nobody whose wish it could be, and no answer would ever end the waiting."""
    return () if text.sender.kind in (Kind.NAME, Kind.WITHHELD) else None


def _consent(text: Inbound) -> tuple[Effect, ...] | None:
    if text.label in NOT_WORDS:
        return None
    said = wish(text.body)
    if said is Wish.STOP:
        return (Effect.OPT_OUT,)
    if said is Wish.START and text.suppressed:
        return (Effect.OPT_IN,)
    return None


def _conversation(text: Inbound) -> tuple[Effect, ...] | None:
    return (Effect.AWAIT_ANSWER,)


RULES: tuple[Rule, ...] = (_nothing_twice, _notices, _nobody_to_answer, _consent, _conversation)


def effects(text: Inbound) -> tuple[Effect, ...]:
    """What the first rule that has something to say wants done."""
    for rule in RULES:
        found = rule(text)
        if found is not None:
            return found
    return ()
