"""What an office hands out so that customers learn a line's number."""

from __future__ import annotations

import html
import re

import pytest
import segno

from gateway.desk import lines as desk
from gateway.domain import known
from tests.office import Office
from tests.web.browser import Browser
from tests.web.test_lines import BrowserOf

NUMBER = "+33612345678"
WORDS = "RDV & <merci> ?"


@pytest.fixture
def place(office: Office) -> str:
    office.write(lambda tx: desk.set_number(tx, "front", NUMBER, "command:test", office.clock()))
    return f"/lines/{office.line_id}/make-known"


def _drawn(page: str) -> list[list[list[int]]]:
    """The modules of each picture of a page, without the white round it."""
    found = []
    for side, path in re.findall(r'viewBox="0 0 (\d+) \d+".*?<path class="qr-ink"[^>]* d="([^"]*)"', page):
        dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}
        inner = range(4, int(side) - 4)
        assert all(x in inner and y in inner for x, y in dark)
        found.append([[int((x, y) in dark) for x in inner] for y in inner])
    return found


def _code(words: str) -> list[list[int]]:
    """What the library draws for the link that is meant."""
    return [list(row) for row in segno.make(known.sms_uri(NUMBER, words), error="m", micro=False).matrix]


@pytest.mark.parametrize("words", ["", WORDS])
def test_the_picture_holds_the_link_with_the_words(anna: Browser, place: str, words: str) -> None:
    anna.get(f"{place}?text={known.quote(words)}")
    assert _drawn(anna.html) == [_code(words)]
    assert _code(words) != _code(words + "x")
    assert f'href="{html.escape(known.sms_uri(NUMBER, words))}"' in anna.html


def test_everybody_comes_to_it_from_the_line_and_types_the_words(
    browser_of: BrowserOf, place: str, office: Office
) -> None:
    viewer = browser_of("viewer")
    viewer.get(f"/lines/{office.line_id}")
    assert f'href="{place}"' in viewer.html
    viewer.get(place)
    assert viewer.page.forms[place] == {"text": ""}


def test_the_snippet_is_html_that_a_web_site_can_take(anna: Browser, place: str) -> None:
    anna.get(f"{place}?text={known.quote(WORDS)}")
    shown = re.search(r'<textarea[^>]*id="snippet"[^>]*>(.*?)</textarea>', anna.html)
    assert shown is not None
    link = html.escape(known.sms_uri(NUMBER, WORDS))
    assert html.unescape(shown[1]) == f'<a href="{link}">Text us: +33 6 12 34 56 78</a>'


def test_a_page_of_cards_each_with_picture_number_and_words(anna: Browser, place: str) -> None:
    anna.get(f"{place}/cards?text=RDV")
    assert _drawn(anna.html) == [_code("RDV")] * 8
    assert anna.html.count("+33 6 12 34 56 78</p>") == anna.html.count("Write: RDV") == 8


def test_the_files_are_files(anna: Browser, place: str) -> None:
    answer = anna.client.get(f"{place}/picture.svg?text=RDV")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "image/svg+xml", 'attachment; filename="text-us.svg"',
    )  # fmt: skip
    assert _drawn(answer.text) == [_code("RDV")] and 'xmlns="http://www.w3.org/2000/svg"' in answer.text
    answer = anna.client.get(f"{place}/line.vcf")
    assert answer.mimetype == "text/vcard" and f"TEL;TYPE=CELL,PREF:{NUMBER}" in answer.text
    assert "(front)" in answer.text


def test_a_line_without_a_number_says_so(anna: Browser, office: Office, place: str) -> None:
    office.write(lambda tx: desk.set_number(tx, "front", None, "command:test", office.clock()))
    anna.get(place)
    assert "does not know its own number" in anna.html and "/setup/number" not in anna.html
    assert _drawn(anna.html) == []
    for name in ("cards", "picture.svg", "line.vcf"):
        assert anna.client.get(f"{place}/{name}").status_code == 404
