"""Words of strangers on a page: the fault rows of scripts and of what cannot be seen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from gateway.web.shown import MOST_MARKS, hosts, seen, shown

ATTACKS = [
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "{{7*7}}",
    "javascript:alert(1)",
    '<svg onload="alert(1)">',
    "data:text/html,<script>1</script>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_row_62_a_script_is_shown_as_text(attack: str) -> None:
    assert shown(attack) == escape(attack)
    assert "<a " not in shown(attack)


def test_row_62_only_links_of_the_web_are_links_and_their_host_is_known() -> None:
    text = 'See https://bank.example@evil.example/x?a=1&b="2". Or ftp://a.example, HTTP://B.example!'
    html = str(shown(text))
    assert re.findall(r'href="([^"]*)" rel="noreferrer noopener nofollow"', html) == [
        "https://bank.example@evil.example/x?a=1&amp;b=",
        "HTTP://B.example",
    ]
    assert hosts(text) == ["evil.example", "b.example"]
    assert hosts("http://аpple.example https://[") == ["xn--pple-43d.example"]
    assert re.sub(r"<[^>]*>", "", html) == str(escape(text))


@pytest.mark.parametrize(
    "sign", ["\u202e", "\u2066", "\u2069", "\u200b", "\u200f", "\u061c", "\x1b", "\x00", "\u2028"]
)
def test_row_63_what_cannot_be_seen_is_named(sign: str) -> None:
    html = str(shown(f"gnp{sign}.exe"))
    assert sign not in html and f">U+{ord(sign):04X}</span>" in html


def test_row_63_marks_on_one_letter_end_after_a_few() -> None:
    html = str(shown("e" + "\u0301" * 2000 + "!"))
    assert html.count("\u0301") == MOST_MARKS and f"+{2000 - MOST_MARKS}</span>!" in html


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧 ❤️ 🇬🇧 🏴\U000e0067\U000e0062\U000e0065\U000e007f",
        "می‌خواهم",
        "नमस्ते",
        "Tiếng Việt",
        "שָׁלוֹם",
        "one\ntwo\tthree",
    ],
)
def test_row_63_writing_in_use_stays_whole(text: str) -> None:
    assert shown(text) == escape(text)


def test_line_ends_of_phones_are_line_ends() -> None:
    assert shown("a\r\nb\rc\n") == "a\nb\nc\n"


def test_words_that_were_looked_for_are_marked_in_links_too() -> None:
    html = str(shown("Réparation: https://reparation.example", ["repara"]))
    assert (
        html.startswith("<mark>Répara</mark>tion: <a ")
        and ">https://<mark>repara</mark>tion.example</a>" in html
    )


@given(st.text(max_size=200), st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_nothing_but_our_own_elements_comes_out(text: str, words: list[str]) -> None:
    html = str(shown(text, words))
    link = r'<a href="[^"<>]*" rel="noreferrer noopener nofollow" target="_blank">|</a>'
    ours = link + r'|</?mark>|<span class="unseen" dir="ltr">[^<]*</span>'
    assert "<" not in re.sub(ours, "", html)
    assert "<a " not in seen(text)
