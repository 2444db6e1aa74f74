"""The list of security requirements names tests that there are, and each requirement once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.asvs import ITEMS, Item

TESTS = Path(__file__).parent


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.ids)
def test_what_holds_a_requirement_is_there(item: Item) -> None:
    assert item.tests and item.done.endswith(".")
    for file, _, name in (one.partition("::") for one in item.tests):
        source = (TESTS / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", source, re.M), f"{file}::{name}"


def test_each_requirement_stands_once() -> None:
    ids = [one for item in ITEMS for one in item.ids.split(", ")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+(-\d+\.\d+\.\d+)?", one) for one in ids)
