"""The ordered rules an inbound text passes through."""

from __future__ import annotations

import pytest

from gateway.domain.inbound import Effect, Inbound, effects
from gateway.domain.phone import Kind, Number

PERSON = Number("+447700900123", Kind.E164)
WITHHELD, NAME = Number("", Kind.WITHHELD), Number("MyBank", Kind.NAME)
PLACELESS, SHORT = Number("07700900123", Kind.UNKNOWN), Number("60777", Kind.SHORT_CODE)


@pytest.mark.parametrize(
    ("sender", "body", "suppressed", "wanted"),
    [
        (PERSON, "hello", False, Effect.AWAIT_ANSWER),
        (PERSON, "STOP", False, Effect.OPT_OUT),
        (PERSON, "STOP", True, Effect.OPT_OUT),
        (PERSON, "START", True, Effect.OPT_IN),
        (PERSON, "START", False, Effect.AWAIT_ANSWER),
        (PERSON, "hello", True, Effect.AWAIT_ANSWER),
        (PERSON, "", False, Effect.AWAIT_ANSWER),
        (SHORT, "STOP", False, Effect.OPT_OUT),
        (NAME, "STOP", False, Effect.AWAIT_ANSWER),
        (WITHHELD, "STOP", False, Effect.AWAIT_ANSWER),
        (PLACELESS, "STOP", False, Effect.OPT_OUT),
    ],
)
def test_what_a_text_brings_about(sender: Number, body: str, suppressed: bool, wanted: Effect) -> None:
    assert effects(Inbound(sender, body, suppressed, is_twin=False)) == (wanted,)


@pytest.mark.parametrize("body", ["hello", "STOP", "START"])
def test_a_twin_brings_about_nothing(body: str) -> None:
    assert effects(Inbound(PERSON, body, True, is_twin=True)) == ()
