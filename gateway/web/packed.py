"""The panel's own files, compressed on their way. Pages and answers of the API go as they are: beside
somebody's texts they hold what a stranger chose to have in them, and from how much such a mixture shrinks
under TLS the rest of it can be guessed (the attack called BREACH). In files there is nothing to guess."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Request, Response

LEAST = 500
"""Octets below which packing wins nothing."""
KINDS = ("text/", "image/svg+xml")


def pack(asked: Request, answer: Response) -> Response:
    """The same answer, compressed where the browser takes that and it is a file that shrinks."""
    if not (answer.mimetype or "").startswith(KINDS):
        return answer
    answer.vary.add("Accept-Encoding")
    is_whole = answer.status_code == 200 and asked.range is None
    if not is_whole or not asked.accept_encodings.quality("gzip") or (answer.content_length or 0) < LEAST:
        return answer
    etag, _ = answer.get_etag()
    if etag:
        answer.set_etag(etag, weak=True)  # another coding of the same file (RFC 9110, 8.8.3.3)
    answer.direct_passthrough = False
    answer.set_data(_gzip(answer.get_data()))
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Accept-Ranges", None)
    return answer


@lru_cache(maxsize=64)
def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)
