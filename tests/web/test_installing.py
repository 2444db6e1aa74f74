"""The panel as an app on a phone: its manifest in one's language, and pictures that are what they say."""

from __future__ import annotations

import re
import struct

import pytest

from gateway.web.frame import STATIC, papers
from gateway.web.installing import ICONS, MANIFEST, icon_file
from tests.web.browser import Browser


def size_of(name: str) -> tuple[int, int]:
    """Width and height as the head of a PNG says (RFC 2083, 11.2.2)."""
    head = (STATIC / name).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_the_manifest_says_what_a_phone_asks_for(stranger: Browser) -> None:
    stranger.get("/sign-in")
    found = re.search(r'<link rel="manifest" href="([^"]+)">', stranger.html)
    assert found is not None
    answer = stranger.client.get(found[1])
    told = answer.get_json(force=True)
    assert answer.mimetype == MANIFEST
    assert (told["name"], told["short_name"], told["lang"]) == ("Texts of Alderwick Dental", "Texts", "en")
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")
    assert told["theme_color"] == told["background_color"] == papers()[0]
    assert all(f'content="{colour}"' in stranger.html for colour in papers())
    assert {(one["sizes"], one["purpose"]) for one in told["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        with stranger.client.get(icon["src"]) as picture:
            assert (picture.status_code, picture.mimetype) == (200, "image/png")
            picture.get_data()


def test_the_manifest_speaks_the_language_of_the_page(anna: Browser) -> None:
    anna.get("/account")
    anna.submit("/account/language", language="fr")
    anna.get("/")
    assert 'href="/manifest.webmanifest?language=fr"' in anna.html
    told = anna.client.get("/manifest.webmanifest?language=fr").get_json(force=True)
    assert (told["lang"], told["short_name"]) == ("fr", "SMS")
    assert anna.client.get("/manifest.webmanifest?language=xx").get_json(force=True)["short_name"]


def test_the_policy_lets_the_manifest_and_the_icons_in(stranger: Browser) -> None:
    policy = stranger.get("/sign-in").headers["Content-Security-Policy"]
    assert "manifest-src 'self'" in policy and "img-src 'self'" in policy


@pytest.mark.parametrize(("size", "purpose"), [*ICONS, (180, "apple")])
def test_each_picture_is_as_large_as_it_says(size: int, purpose: str) -> None:
    assert size_of(icon_file(size, purpose)) == (size, size)
