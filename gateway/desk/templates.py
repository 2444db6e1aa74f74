"""Templates: kept, filled in for somebody, made of a text that was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain import contact, templates
from gateway.domain.events import Event
from gateway.domain.language import t
from gateway.domain.refusal_words import Refused
from gateway.domain.reserved import misused
from gateway.domain.templates import BadTemplate, Filled
from gateway.store import contacts, events, settings, team
from gateway.store import templates as rows
from gateway.store.database import Tx

LONGEST_NAME = 60
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


# --- keeping -----------------------------------------------------------------------------------------


def add(
    tx: Tx, name: str, texts: Mapping[str, str], owner_id: int | None, author: Author, now: datetime
) -> int:
    """Keep a template and return its id. `texts`: its words by language, empty ones left out; `owner_id`:
    whose own it is, None for the office's.

    Raises:
        Refused: its name or its words cannot be used.
    """
    named, said = _checked(tx, name, texts, owner_id, None)
    template_id = rows.add(tx, named, owner_id, str(author), now)
    rows.put_texts(tx, template_id, said)
    _note(tx, "template.add", rows.get(tx, template_id), author, now, None)
    return template_id


def change(
    tx: Tx,
    template: Row[Any],
    name: str,
    texts: Mapping[str, str],
    owner_id: int | None,
    author: Author,
    now: datetime,
) -> None:
    """Give a template another name, other words or another owner.

    Raises:
        Refused: its name or its words cannot be used.
    """
    named, said = _checked(tx, name, texts, owner_id, template.id)
    before = _told(tx, template)
    rows.change(tx, template.id, name=named, owner_id=owner_id, changed_at=now)
    rows.put_texts(tx, template.id, said)
    _note(tx, "template.change", rows.get(tx, template.id), author, now, before)


def add_words(tx: Tx, name: str, language: str, body: str, author: Author, now: datetime) -> bool:
    """Give the office a template with these words, or the one with that name these words in that language.
    Returns whether it is a new one.

    Raises:
        Refused: its name or its words cannot be used.
    """
    wanted = contact.folded(name)
    there = next((row for row in rows.of(tx, None) if contact.folded(row.name) == wanted), None)
    if there is None:
        add(tx, name, {language: body}, None, author, now)
        return True
    texts = rows.texts(tx, [there.id])[there.id]
    change(tx, there, there.name, {**texts, language: body}, None, author, now)
    return False


def remove(tx: Tx, template: Row[Any], author: Author, now: datetime) -> None:
    """Take a template away; it can be brought back."""
    before = _told(tx, template)
    rows.change(tx, template.id, removed_at=now)
    _note(tx, "template.remove", template, author, now, before)


def restore(tx: Tx, template: Row[Any], author: Author, now: datetime) -> None:
    """Bring a removed template back.

    Raises:
        Refused: there is another with its name by now.
    """
    _check_name(tx, template.name, template.owner_id, template.id)
    rows.change(tx, template.id, removed_at=None)
    _note(tx, "template.restore", template, author, now, None)


def _note(
    tx: Tx, action: str, template: Row[Any], author: Author, now: datetime, before: dict[str, Any] | None
) -> None:
    after = None if action == "template.remove" else _told(tx, template)
    team.note(tx, now, str(author), action, template.public_id, before=before, after=after)
    events.record(tx, Event.TEMPLATES_CHANGED, now)


def _told(tx: Tx, template: Row[Any]) -> dict[str, Any]:
    return {"name": template.name, "owner": template.owner_name, **rows.texts(tx, [template.id])[template.id]}


def _checked(
    tx: Tx, name: str, texts: Mapping[str, str], owner_id: int | None, template_id: int | None
) -> tuple[str, dict[str, str]]:
    named = " ".join(name.split())
    if not 0 < len(named) <= LONGEST_NAME or not named.isprintable():
        raise Refused("bad_name", most=LONGEST_NAME)
    _check_name(tx, named, owner_id, template_id)
    said = {code.strip(): body.strip() for code, body in texts.items() if body.strip()}
    if not said:
        raise Refused("bad_template", detail=t("There is nothing in it. Write the words of the template."))
    for code, body in said.items():
        if not _LANGUAGE.fullmatch(code):
            raise Refused("bad_language", typed=code)
        _check_words(body)
    return named, said


def _check_name(tx: Tx, name: str, owner_id: int | None, template_id: int | None) -> None:
    """Raises:
    Refused: there is a template with that name for whoever would see this one.
    """
    taken = {contact.folded(row.name): row.id for row in rows.of(tx, owner_id)}
    if taken.get(contact.folded(name), template_id) != template_id:
        raise Refused("template_name_taken", name=name)


def _check_words(body: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in body):
        raise Refused("not_text")
    try:
        templates.check(body)
    except BadTemplate as bad:
        raise Refused("bad_template", detail=str(bad)) from None
    found = misused(body)
    if found is not None:
        raise Refused("reserved_word", word=found.word.upper(), instead=found.instead)


# --- filling in --------------------------------------------------------------------------------------


def values(tx: Tx, person: Row[Any] | None, line: Row[Any], me: str) -> dict[str, str]:
    """What the places of a template stand for in a text to a contact (None: nobody we know) by a line; `me`:
    the name of whoever sends it."""
    fields: Mapping[str, Any] = person.fields if person is not None else {}
    name = (person.name if person is not None else None) or ""
    own = {f"{templates.FIELD}{key}": str(value) for key, value in fields.items()}
    return {
        **own,
        "first_name": contact.first_name(name, fields),
        "name": name,
        "office": settings.get(tx, "office.name"),
        "line": line.name,
        "me": me,
    }


def wanted_languages(tx: Tx, person: Row[Any] | None) -> list[str]:
    """The languages a text to a contact is written in, best first."""
    theirs = (person.language if person is not None else None) or ""
    return [theirs, settings.get(tx, "office.language"), "en"]


def filled(
    tx: Tx, texts: Mapping[str, str], person: Row[Any] | None, line: Row[Any], me: str
) -> tuple[str, Filled]:
    """A template's words for a contact, and the language they are in."""
    code = templates.choose(list(texts), wanted_languages(tx, person))
    return code, templates.fill(texts[code], values(tx, person, line, me))


def check_filled(body: str) -> None:
    """Raises:
    Refused: a place of a template stands in a text that is to be sent.
    """
    missing = templates.places(body)
    if missing:
        raise Refused("place_missing", places=", ".join(f"{{{name}}}" for name in missing))


def rendered(
    tx: Tx, named: str, given: Mapping[str, str], number: str, line: Row[Any], author: Author
) -> str:
    """The words of one of the office's templates, by its id or its name, for a number (E.164). `given` goes
    before what is known of the contact.

    Raises:
        Refused: there is no such template, or a place has no value.
    """
    row = find(tx, named, None)
    person = contacts.by_number(tx, number)
    texts = rows.texts(tx, [row.id])[row.id]
    code = templates.choose(list(texts), wanted_languages(tx, person))
    done = templates.fill(texts[code], {**values(tx, person, line, author.name), **given})
    if done.missing:
        raise Refused("place_missing", places=", ".join(f"{{{name}}}" for name in done.missing))
    return done.text


def count_use(tx: Tx, named: str) -> None:
    """One of the office's templates was put into a text.

    Raises:
        Refused: there is none with that id or name.
    """
    rows.count_use(tx, find(tx, named, None).id)


def find(tx: Tx, named: str, user_id: int | None) -> Row[Any]:
    """A template that somebody has (None: the office's alone), by its id or its name.

    Raises:
        Refused: there is none.
    """
    wanted = contact.folded(named)
    for row in rows.of(tx, user_id):
        if row.public_id == named or contact.folded(row.name) == wanted:
            return row
    raise Refused("no_template", name=named)


# --- of a text that was sent -------------------------------------------------------------------------


def made_of(tx: Tx, message: Row[Any]) -> str:
    """The words of a sent text as a template: the contact's name is a place in them."""
    person = contacts.by_number(tx, message.peer)
    if person is None:
        return str(message.body)
    name = person.name or ""
    return templates.templated(message.body, name, contact.first_name(name, person.fields))
