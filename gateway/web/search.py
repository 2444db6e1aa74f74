"""Searching over everything, and the form that writes filters for those who do not type them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.desk import search as desk
from gateway.desk.search import Found, Group, Question, Searcher
from gateway.domain import folding, message_words, search_words
from gateway.domain.language import t
from gateway.domain.message import Direction, State
from gateway.domain.message_words import Tone
from gateway.domain.people import Right
from gateway.domain.search import (
    BEFORE_MAY,
    FROM_ME,
    HAS_NOTE,
    LONGEST,
    ME,
    NOTE,
    STATES,
    WRITTEN,
    Asked,
    Is,
    Kind,
    Name,
    parse,
)
from gateway.store import colleagues, lines, search_people, tags
from gateway.store.database import Tx
from gateway.web import contacts as contact_table
from gateway.web.access import needs
from gateway.web.conversation_list import list_rows
from gateway.web.frame import page, times
from gateway.web.plainness import SEARCHES, at_most
from gateway.web.present import Times, author, title
from gateway.web.reader import reader
from gateway.web.rights import visible_lines
from gateway.web.shown import excerpt, seen
from gateway.web.site import now, read, visitor

search_pages = Blueprint("search", __name__)

FEW, PAGE = 6, 50
"""Rows of each group where all stand on one page, and where one stands alone."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found; `at` is empty for people who never wrote."""

    href: str
    who: str
    at: Any
    said: Any
    by: str = ""
    chips: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A group on the page: its heading and hits, and the query of where it goes on, None at its end."""

    kind: str
    heading: str
    hits: tuple[Hit, ...]
    more: str | None
    more_words: str
    is_cut: bool


@search_pages.get("/search")
@needs(Right.READ)
@at_most(SEARCHES)
def results() -> ResponseReturnValue:
    typed = request.args.get("q", "").strip()[:LONGEST]
    kind = next((one for one in Kind if one == request.args.get("kind")), None)
    after = request.args.get("after") or None

    def look(tx: Tx) -> dict[str, Any]:
        said = times(tx, now())
        asked = parse(typed, said.date_of(said.now))
        wanted = desk.question(tx, asked, _me())
        kinds, limit = ({kind}, PAGE) if kind else (set(Kind), FEW)
        found = desk.find(tx, wanted, kinds, limit, after if kind else None)
        return {
            "asked": asked,
            "troubles": [str(one) for one in wanted.troubles],
            "groups": _shown(tx, typed, wanted, found, kind, said),
            "stopped": found.stopped,
            "form": _form(tx, asked),
        }

    return page(
        "search.html",
        words=typed,
        kind=kind,
        after=after,
        longest=LONGEST,
        examples=" ".join(map(str, _EXAMPLES)),
        zip=zip,
        **read(look),
    )


def _me() -> Searcher:
    me = visitor()
    return Searcher(me.user_id, me.reads_from_id, visible_lines())


# --- what was found ----------------------------------------------------------------------------------


def _shown(
    tx: Tx, typed: str, wanted: Question, found: Found, alone: Kind | None, said: Times
) -> list[Shown]:
    words = [folding.folded(word) for word in wanted.words]
    made = {
        Kind.PEOPLE: lambda rows: _people(tx, rows),
        Kind.CONVERSATIONS: lambda rows: _conversations(tx, rows),
        Kind.TEXTS: lambda rows: [_text(row, words) for row in rows],
        Kind.NOTES: lambda rows: [_note(row, words) for row in rows],
    }
    return [
        Shown(
            kind=kind.value,
            heading=str(search_words.GROUPS[kind]),
            hits=tuple(made[kind](group.rows)),
            more=_more(typed, kind, group, alone),
            more_words=str(t("Older ones") if alone else search_words.ALL_OF[kind]),
            is_cut=group.is_cut,
        )
        for kind, group in found.groups.items()
        if group.rows or group.is_cut
    ]


def _more(typed: str, kind: Kind, group: Group, alone: Kind | None) -> str | None:
    if group.following is None:
        return None
    query = {"q": typed, "kind": kind.value}
    return urlencode({**query, "after": group.following} if alone or group.is_cut else query)


def _people(tx: Tx, rows: Sequence[Row[Any]]) -> list[Hit]:
    newest = search_people.newest_with(tx, [row.id for row in rows], visible_lines())
    found = []
    for row, line in zip(rows, contact_table.made(tx, rows), strict=True):
        talk = newest.get(row.id)
        chips = [(line.known.words, line.known.kind)] if line.known else []
        chips += [(tag, "") for tag in line.tags]
        chips += [(str(t("Stopped")), "")] if line.stopped else []
        chips += [(str(t("Blocked")), "bad")] if line.blocked else []
        found.append(
            Hit(
                href=f"/conversations/{talk.public_id}" if talk is not None else f"/contacts/{row.public_id}",
                who=line.title,
                at=talk.last_message_at if talk is not None else "",
                said=seen(", ".join(filter(None, (*(line.numbers if line.is_named else ()), row.company)))),
                chips=tuple(chips),
            )
        )
    return found


def _conversations(tx: Tx, rows: Sequence[Row[Any]]) -> list[Hit]:
    return [
        Hit(
            href=f"/conversations/{row.id}",
            who=row.title,
            at=row.at,
            said=seen(row.said),
            chips=tuple((chip.words, chip.kind) for chip in row.chips),
        )
        for row in list_rows(tx, reader(), rows, now())
    ]


def _text(row: Row[Any], words: Sequence[str]) -> Hit:
    is_ours = row.direction == Direction.OUTBOUND.value
    state, tone = message_words.STATES[State(row.state)]
    return Hit(
        href=_place(row, words),
        who=title(row.name, row.peer),
        at=row.created_at,
        said=excerpt(row.body, words),
        by=_by(row) if is_ours else "",
        chips=((str(state), "bad" if tone is Tone.BAD else "warn"),)
        if is_ours and tone in (Tone.BAD, Tone.WARN)
        else (),
    )


def _note(row: Row[Any], words: Sequence[str]) -> Hit:
    own = row.author_id == visitor().user_id
    return Hit(
        href=_place(row, words),
        who=title(row.name, row.peer),
        at=row.created_at,
        said=excerpt(row.body, words),
        by=str(t("You")) if own else row.author_name,
    )


def _place(row: Row[Any], words: Sequence[str]) -> str:
    """Where it stands in its thread, with the words marked there."""
    query = {"find": " ".join(words)} if words else {}
    asked = urlencode({**query, "at": row.public_id})
    return f"/conversations/{row.conversation_public_id}?{asked}#{row.public_id}"


def _by(hit: Row[Any]) -> str:
    """Who wrote a text of ours that was found."""
    own = (hit.author_kind, hit.author_id) == ("person", visitor().user_id)
    return (
        str(t("You"))
        if own
        else author(hit.author_kind, hit.author_name, repeats=hit.resend_of_id is not None)
    )


# --- the form ----------------------------------------------------------------------------------------


def _form(tx: Tx, asked: Asked) -> dict[str, Any]:
    """What stands in the form's fields: what was understood of what was typed; and what can be chosen."""
    given = {
        one.name.value: one.first.isoformat() if one.first and one.name is not Name.ON else one.value
        for one in asked.filters
    }
    authors, lines_seen = {row.username: row.name for row in colleagues.by_id(tx).values()}, visible_lines()
    authors = {ME: str(t("Me")), **authors}
    if by := given.get(Name.BY):
        authors.setdefault(by, by)
    return {
        "words": " ".join(asked.words),
        "given": given,
        "kept": [(name.value, given[name.value]) for name in _TYPED_ONLY if name.value in given],
        "states": [(state.value, words) for state, words in search_words.STATES.items()],
        "authors": list(authors.items()),
        "tags": [row.name for row in tags.every(tx)],
        "lines": [row.name for row in lines.every(tx) if lines_seen is None or row.id in lines_seen],
        "is_open": bool(asked.filters),
    }


_TYPED_ONLY = (Name.FROM, Name.TO, Name.ON)
_FIELDS = (*_TYPED_ONLY, Name.BY, Name.WITH, Name.IS, Name.TAG, Name.LINE, Name.AFTER, Name.BEFORE)
_EXAMPLES = (FROM_ME, BEFORE_MAY, STATES[Is.FAILED], HAS_NOTE)


@search_pages.get("/search/filters")
@needs(Right.READ)
def filters() -> ResponseReturnValue:
    """Write what was chosen in the form as it is typed, and search."""
    return redirect("/search?" + urlencode({"q": written(request.args)[:LONGEST]}), 303)


def written(chosen: Mapping[str, str]) -> str:
    """The words and filters of the form as somebody types them."""
    pieces = [" ".join(chosen.get("words", "").split())]
    for name in _FIELDS:
        value = " ".join(chosen.get(name.value, "").replace('"', " ").split())
        if name is Name.IS and value:
            pieces += [str(words) for state, words in STATES.items() if state == value]
        elif value:
            pieces.append(f'{WRITTEN[name]}"{value}"' if " " in value else f"{WRITTEN[name]}{value}")
    if chosen.get("has") == NOTE:
        pieces.append(str(HAS_NOTE))
    return " ".join(filter(None, pieces))
