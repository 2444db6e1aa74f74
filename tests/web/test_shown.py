"""Words of strangers on a page: the fault rows of scripts and of what cannot be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from gateway.desk import chosen_times
from gateway.domain.schedule import Kind
from gateway.store import contacts
from gateway.web.shown import MOST_MARKS, hosts, plainly, seen, shown
from tests.office import ANNA, Office
from tests.web.browser import Browser

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


@pytest.mark.parametrize("sign", ["\u202e", "\u2069", "\u200b", "\x1b"])
def test_row_63_titles_name_it_in_plain_letters(sign: str) -> None:
    assert plainly(f"<b>gnp{sign}.exe") == f"<b>gnp[U+{ord(sign):04X}].exe"


def test_row_63_letters_that_run_to_the_left_turn_nothing_beside_them() -> None:
    assert plainly("Karen \u00d8deg\u00e5rd") == "Karen \u00d8deg\u00e5rd"
    assert plainly("\u05d3\u05d5\u05d3") == "\u2068\u05d3\u05d5\u05d3\u2069"


NAME = "Ann\u202egnp.exe\u2066" + "\u0301" * 50
PLACES = (
    "/",
    "{thread}",
    "{thread}/thread-export",
    "{text}/explain",
    "/search?q=Ann",
    "/contacts",
    "/schedule",
)


@pytest.mark.parametrize("place", PLACES)
def test_row_63_a_name_turns_no_page_and_no_title(
    browser_of: Callable[[str], Browser], office: Office, place: str
) -> None:
    office.text_from(ANNA, "look\u202egpj.exe")

    def name(tx: Any) -> None:
        contact = contacts.by_number(tx, ANNA)
        assert contact is not None
        contacts.change(tx, contact.id, name=NAME)  # as one kept before names were checked

    office.write(name)
    wall = (office.clock() + timedelta(days=2)).replace(tzinfo=None)
    when = office.write(
        lambda tx: chosen_times.choose(tx, Kind.AT, office.line(), ANNA, office.clock(), wall)
    )
    office.accept(ANNA, "one that waits", when=when)
    where = {
        "thread": f"/conversations/{office.conversation(ANNA).public_id}",
        "text": f"/messages/{office.messages()[-1].public_id}",
    }
    ruth = browser_of("admin")
    answer = ruth.get(place.format(**where))
    assert answer.status_code == 200
    assert re.findall(".{40}[\u202e\u2066]", ruth.html) == []
    assert ruth.html.count("\u0301" * MOST_MARKS) and "\u0301" * (MOST_MARKS + 1) not in ruth.html
    title = ruth.html.partition("<title>")[2].partition("</title>")[0]
    assert "span" not in title
