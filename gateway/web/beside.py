"""What stands beside the box of a reply: advice on its words, what their text asks for, templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.desk import templates as desk
from gateway.domain import advice_words, hints
from gateway.domain.people import Role
from gateway.store import colleagues, contacts, lines, settings, similar
from gateway.store import templates as rows
from gateway.store.database import Tx
from gateway.web.advice import Advice, advice
from gateway.web.site import read, visitor


@dataclass(frozen=True, slots=True)
class Suggestion:
    """That their text may need more than a text: why, and to whom it may be handed (id and name)."""

    why: str
    managers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it. `templates`: id and name of each that one has."""

    advice: Advice
    suggestion: Suggestion | None
    templates: tuple[tuple[str, str], ...]


def beside(conversation: Row[Any], typed: str) -> Beside:
    """What stands beside the box of a conversation in which these words are written."""
    me = visitor().user_id

    def look(tx: Tx) -> Beside:
        return Beside(
            advice(tx, typed, conversation),
            _suggestion(tx, conversation, me),
            tuple((row.public_id, row.name) for row in rows.of(tx, me)),
        )

    return read(look)


def _suggestion(tx: Tx, conversation: Row[Any], me: int) -> Suggestion | None:
    if similar.is_answered(tx, conversation.id):
        return None
    angry = hints.words_of(settings.get(tx, "writing.angry_words"))
    theirs = similar.to_answer(tx, conversation.id)
    found = {trouble for body in theirs for trouble in hints.troubles(body, angry)}
    why = next((words for trouble, words in advice_words.TROUBLES.items() if trouble in found), None)
    return Suggestion(str(why), tuple(_managers(tx, conversation, me))) if why is not None else None


def _managers(tx: Tx, conversation: Row[Any], me: int) -> list[tuple[int, str]]:
    """Who may be handed it: managers on its line, else admins."""
    there = [one for one in colleagues.on_line(tx, conversation.line_id) if one.id != me]
    managers = [one for one in there if one.role == Role.MANAGER] or [
        one for one in there if one.role == Role.ADMIN
    ]
    return [(one.id, one.name) for one in managers if one.id != conversation.assignee_id]


@dataclass(frozen=True, slots=True)
class Ready:
    """A template as it would be put into the box now. `missing`: what is not known of them."""

    id: str
    name: str
    language: str
    words: str
    missing: str
    is_own: bool


def ready(tx: Tx, conversation: Row[Any], user_id: int, me: str) -> list[Ready]:
    """The templates somebody has, filled for whom a conversation is with, the most used first."""
    line, person = lines.get(tx, conversation.line_id), contacts.get(tx, conversation.contact_id)
    assert line is not None  # a conversation has a line, and no line is ever deleted
    found = sorted(rows.of(tx, user_id), key=lambda row: -row.used)
    texts = rows.texts(tx, [row.id for row in found])
    made = []
    for row in found:
        language, done = desk.filled(tx, texts[row.id], person, line, me)
        missing = ", ".join(f"{{{name}}}" for name in done.missing)
        made.append(Ready(row.public_id, row.name, language, done.text, missing, row.owner_id is not None))
    return made
