"""The ordered rules an inbound text passes through."""

from __future__ import annotations

import pytest

from gateway.domain.inbound import Effect, Inbound, effects
from gateway.domain.labels import NOT_WORDS, NOTICES, Label
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
        (PLACELESS, "STOP", False, Effect.OPT_OUT),
    ],
)
def test_what_a_text_brings_about(sender: Number, body: str, suppressed: bool, wanted: Effect) -> None:
    assert effects(Inbound(sender, body, suppressed, is_twin=False)) == (wanted,)


@pytest.mark.parametrize("body", ["hello", "STOP", "START"])
def test_a_twin_brings_about_nothing(body: str) -> None:
    assert effects(Inbound(PERSON, body, True, is_twin=True)) == ()


@pytest.mark.parametrize("sender", [NAME, WITHHELD])
@pytest.mark.parametrize("body", ["hello", "STOP", "START"])
def test_nobody_is_waited_for_who_cannot_be_answered(sender: Number, body: str) -> None:
    assert effects(Inbound(sender, body, True, is_twin=False)) == ()


@pytest.mark.parametrize("label", list(Label))
@pytest.mark.parametrize("body", ["hello", "STOP", "START"])
def test_what_is_written_for_phones_is_nobodys_wish(label: Label, body: str) -> None:
    wanted = effects(Inbound(PERSON, body, True, is_twin=False, label=label))
    if label in NOTICES:
        assert wanted == ()
    elif label in NOT_WORDS:
        assert wanted == (Effect.AWAIT_ANSWER,)
    else:
        assert wanted == effects(Inbound(PERSON, body, True, is_twin=False))
