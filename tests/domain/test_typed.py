"""What people type into a field of one line."""

from __future__ import annotations

import pytest

from gateway.domain.typed import one_line


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u2060 \ufeff", "\u3164", "\u2800\u2800", "\u0301", "\t\n"]
)
def test_what_nobody_sees_is_empty(text: str) -> None:
    assert one_line(text) == ""


@pytest.mark.parametrize(
    ("text", "kept"), [(" a  leak\n", "a leak"), ("नमस्ते", "नमस्ते"), ("👩\u200d🔧", "👩\u200d🔧"), ("!", "!")]
)
def test_what_is_seen_stays(text: str, kept: str) -> None:
    assert one_line(text) == kept
