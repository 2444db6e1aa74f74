"""What is typed into the search box is words, whatever it means to a database (fault row 87)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.office import ANNA, BEN, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient

SYNTAX = [
    '"', '""', '"unclosed', "*", "word*", "**", "%", "_", "%%%", "\\", "\\%", "NEAR", "NEAR(a b, 5)",
    "a NEAR/2 b", "AND", "OR", "NOT", "a AND", "OR b", "NOT a", "a AND NOT b", "(", ")", "((((",
    "(a OR b", "{a b}: c", "body:a", "-body: a", "peer : x", "^a", "a^", "+", "-", "a + b", ":", "col:",
    "'", "''", "' OR 1=1 --", "'; DROP TABLE messages; --", "a' UNION SELECT password_hash FROM users --",
    "\x00", "a\x00b", "\ufffe", "?", "𝕒", "\u202e", "[a-z]*", "?", "??", "a?b", "/*", "--", ";",
    "{{7*7}}", "from:", "from:'", 'from:"', "before:x", "has:link OR 1", "is:", 'tag:"', "line:%",
    "date:2025-99-99", "..", ",", "<script>", "😀", "𓀀",
]  # fmt: skip


@pytest.fixture
def desk(anna: Browser, office: Office) -> Browser:
    office.text_from(ANNA, "The crown is loose (again)")
    office.text_from(BEN, "100% sure: see_you at 5")
    return anna


@pytest.mark.parametrize("typed", SYNTAX, ids=[f"{n}" for n in range(len(SYNTAX))])
def test_row_87_syntax_is_words(desk: Browser, typed: str) -> None:
    assert desk.get("/search", query_string={"q": typed}).status_code in (200, 303), typed
    assert "OperationalError" not in desk.html and "syntax" not in desk.html


def test_row_87_words_beside_syntax_are_found_as_without_it(desk: Browser) -> None:
    for typed in ("crown", '"crown', "crown)", "crown*", "crown'"):
        desk.get("/search", query_string={"q": typed})
        assert "loose" in desk.text, typed


@pytest.mark.parametrize("piece", ["a", "a ", '"', "* ", "NEAR(", "(", "é", "crown OR ", "😀"])
def test_row_87_ten_kilobytes_take_no_time(desk: Browser, piece: str) -> None:
    typed = (piece * 10_000)[:10_000]
    began = time.thread_time()
    assert desk.get("/search", query_string={"q": typed}).status_code in (200, 303, 400, 414, 422)
    assert time.thread_time() - began < 2, "seconds of processor"


PLACES = ["/contacts?q=", "/settings/templates?q=", "/starred?q=", "/mentions?q=", "/?tag=", "/?line="]


@pytest.mark.parametrize("place", PLACES)
def test_row_87_other_boxes_take_words_too(desk: Browser, office: Office, place: str) -> None:
    path, _, name = place.rstrip("=").partition("?")
    for typed in SYNTAX:
        assert desk.get(path, query_string={name: typed}).status_code == 200, (place, typed)


def test_row_87_a_place_in_a_thread_is_looked_for_by_words(desk: Browser, office: Office) -> None:
    place = f"/conversations/{office.conversation(ANNA).public_id}"
    for typed in SYNTAX:
        assert desk.get(place, query_string={"find": typed}).status_code == 200, typed


def test_row_87_the_apis_search_takes_words(desk: Any, shop: ApiClient) -> None:
    for typed in SYNTAX:
        answer = shop.get("/api/v1/contacts", query_string={"q": typed})
        assert answer.status_code in (200, 422), (typed, answer.get_json())
