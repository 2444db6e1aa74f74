"""Searching the texts of every conversation."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from gateway.domain.people import Right
from gateway.store import search
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.present import title
from gateway.web.site import read

search_pages = Blueprint("search", __name__)


@search_pages.get("/search")
@needs(Right.READ)
def results() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:200]
    hits = read(lambda tx: search.find(tx, words)) if words else []
    return page("search.html", words=words, hits=hits, title=title)
