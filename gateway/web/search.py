"""Searching people, and the texts of every conversation."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.domain.language import t
from gateway.domain.message import Direction
from gateway.domain.people import Right
from gateway.store import conversations, search
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.present import author, title
from gateway.web.site import read, visitor

search_pages = Blueprint("search", __name__)

_NUMBER = re.compile(r"[\d\s().+-]+", re.ASCII)
FEWEST_DIGITS = 3
"""Fewer digits are in nearly every number."""


@search_pages.get("/search")
@needs(Right.READ)
def results() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:200]
    people, hits = read(lambda tx: (_people(tx, words), search.find(tx, words)))
    return page("search.html", words=words, people=people, hits=hits, title=title, by=_by)


def _people(tx: Tx, words: str) -> list[Row[Any]]:
    return conversations.with_person(tx, words, _digits(words))


def _digits(words: str) -> str:
    """The digits of what may be a number, without the zeros that are dialled before it; empty for words."""
    digits = re.sub(r"\D", "", words).lstrip("0") if _NUMBER.fullmatch(words) else ""
    return digits if len(digits) >= FEWEST_DIGITS else ""


def _by(hit: Row[Any]) -> str:
    """Who wrote a text that was found; empty for the person the conversation is with."""
    if hit.direction != Direction.OUTBOUND.value:
        return ""
    own = (hit.author_kind, hit.author_id) == ("person", visitor().user_id)
    return (
        str(t("You"))
        if own
        else author(hit.author_kind, hit.author_name, repeats=hit.resend_of_id is not None)
    )
