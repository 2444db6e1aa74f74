"""Earlier answers to texts with the same words: what the office knows already."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import templates as desk_templates
from gateway.domain import contact, templates
from gateway.domain.folding import folded
from gateway.store import contacts, similar
from gateway.store.database import Tx

MOST = 5
"""Answers that are offered."""
_LOOKED_AT = 40
"""Texts that one combination of words may bring."""
_LOOKED_AT_IN_ALL = 200
_SHORTEST, _MOST_WORDS = 4, 6

_COMMON_WORDS = (
    "about after again also anyone because been before being came come could does doing done down each "
    "even from good have hello here just know like made make many maybe more much must need only other "
    "over please really same should since some soon still such sure take than thank thanks that their "
    "them then there these they thing this those time today tomorrow until very want well were what when "
    "where which while will with would your yours yourself ours alors aussi avec avoir bien bonjour "
    "bonsoir cela cette ceux chez comme comment dans depuis donc elle elles encore entre etes etre faire "
    "fait faut leur leurs mais meme merci moins notre nous parce pour pouvez pourquoi pouvoir puis quand "
    "quel quelle quels sans sera serait sont sous suis tous tout toute toutes tres vais veux vers voir "
    "votre vous vraiment"
)
"""Words that say nothing of what a text is about."""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class Answer:
    """An earlier answer. `asked`: the text it answered; `words`: it as it fits the open contact, the other's
    name replaced; `starred`: somebody marked it as good."""

    id: str
    asked: str
    words: str
    who: str
    at: datetime
    starred: bool


def answers(
    tx: Tx, conversation: Row[Any], line: Row[Any], me: str, lines: frozenset[int] | None
) -> list[Answer]:
    """Answers to texts like those that wait in a conversation, on lines one may see (None: all): starred ones
    first, then those to the texts most like it."""
    words = topic(similar.to_answer(tx, conversation.id))
    if not words:
        return []
    person = contacts.get(tx, conversation.contact_id)
    values = desk_templates.values(tx, person, line, me)
    found: dict[str, Answer] = {}
    for asked, given in _exchanges(tx, words, conversation.id, lines):
        own = contact.first_name(given.name, given.fields)
        made = templates.templated(given.body, given.name or "", own)
        said = templates.fill(made, values).text if made != given.body else given.body
        one = Answer(
            given.public_id, asked, said, given.author_name or "", given.created_at, bool(given.starred_at)
        )
        found.setdefault(folded(said), one)
        if len(found) >= MOST * 3:
            break
    return sorted(found.values(), key=lambda one: not one.starred)[:MOST]


def topic(bodies: Sequence[str]) -> list[str]:
    """The words that say what texts are about, the longest first: those are rare."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]+", folded(" ".join(bodies))))
    telling = [word for word in words if len(word) >= _SHORTEST and word not in _COMMON]
    return sorted(telling, key=len, reverse=True)[:_MOST_WORDS]


def _exchanges(
    tx: Tx, words: Sequence[str], conversation_id: int, lines: frozenset[int] | None
) -> Iterator[tuple[str, Row[Any]]]:
    """Texts that hold many of the words before those that hold few, each with its answer, no answer twice."""
    seen, left = set[int](), _LOOKED_AT_IN_ALL
    for size in range(min(3, len(words)), 0, -1):
        for some in itertools.combinations(words, size):
            for row in similar.inbound(tx, some, conversation_id, lines, min(left, _LOOKED_AT)):
                left -= 1
                given = similar.answer_to(tx, row.conversation_id, row.id)
                if given is not None and given.id not in seen:
                    seen.add(given.id)
                    yield row.body, given
