"""The panel's files are compressed on their way; what holds anybody's words is not."""

from __future__ import annotations

import gzip

import pytest
from werkzeug.test import TestResponse

from gateway.web.frame import STATIC
from tests.office import ANNA, Office
from tests.web.browser import Browser

PACKS = {"Accept-Encoding": "gzip, deflate, br"}


def _get(who: Browser, path: str, **headers: str) -> TestResponse:
    with who.client.get(path, headers=headers) as answer:
        answer.get_data()
    return answer


@pytest.mark.parametrize("name", ["panel.css", "live.js"])
def test_a_file_is_packed_for_who_takes_that(stranger: Browser, name: str) -> None:
    kept = (STATIC / name).read_bytes()
    packed = _get(stranger, f"/static/{name}", **PACKS)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(kept) / 2
    assert gzip.decompress(packed.data) == kept
    plain = _get(stranger, f"/static/{name}")
    assert plain.data == kept and "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_a_packed_file_is_not_sent_again_to_who_has_it(stranger: Browser) -> None:
    first = _get(stranger, "/static/panel.css", **PACKS)
    again = _get(stranger, "/static/panel.css", **PACKS, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_piece_of_a_file_is_sent_as_it_is(stranger: Browser) -> None:
    piece = _get(stranger, "/static/panel.css", **PACKS, Range="bytes=0-99")
    assert piece.status_code == 206 and "Content-Encoding" not in piece.headers
    assert piece.data == (STATIC / "panel.css").read_bytes()[:100]


@pytest.mark.parametrize("path", ["/", "/account", "/search?q=hello", "/sign-in"])
def test_what_holds_secrets_is_never_packed(anna: Browser, office: Office, path: str) -> None:
    office.text_from(ANNA, "hello " * 20)
    answer = anna.get(path, headers=PACKS, follow_redirects=True)
    assert answer.status_code == 200 and "Content-Encoding" not in answer.headers
