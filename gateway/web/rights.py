"""Rights per line: which lines whoever is signed in may see, and whether an address leads to one of them.

`note_lines` and `guard` are asked before every view of the panel. What stands on a line one may not see
answers 404, as what is not there does, so that nobody learns of it by its id. Programs see all lines.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import abort, request
from sqlalchemy import Row

from gateway.store import contacts, conversations, messages, team
from gateway.store.database import Tx
from gateway.web.site import limit_to_lines, lines_seen, read, visitor


def visible_lines() -> frozenset[int] | None:
    """Ids of the lines whoever is signed in is limited to; None: all of them."""
    return lines_seen()


def sees(line_id: int) -> bool:
    """Whether whoever is signed in may see that line."""
    seen = lines_seen()
    return seen is None or line_id in seen


def conversation(tx: Tx, public_id: str) -> Row[Any]:
    """A conversation by its id; answers 404 where there is none, or on a line one may not see."""
    return _on_a_line(conversations.by_public_id(tx, public_id))


def message(tx: Tx, public_id: str) -> Row[Any]:
    """A text by its id; answers 404 where there is none, or on a line one may not see."""
    return _on_a_line(messages.by_public_id(tx, public_id))


def _on_a_line(row: Row[Any] | None) -> Row[Any]:
    if row is None or not sees(row.line_id):
        abort(404)
    return row


def contact(tx: Tx, public_id: str) -> Row[Any]:
    """Somebody by their id; answers 404 where there is nobody, or who is on lines alone one may not see."""
    row = contacts.by_public_id(tx, public_id)
    if row is None or not contacts.is_seen(tx, contacts.live(tx, row).id, lines_seen()):
        abort(404)
    return row


def _line(_: Tx, line_id: int) -> None:
    if not sees(line_id):
        abort(404)


# --- at the door -------------------------------------------------------------------------------------

OBJECTS: dict[str, tuple[str, Callable[[Tx, Any], object]]] = {
    "/conversations/<public_id>": ("public_id", conversation),
    "/messages/<public_id>": ("public_id", message),
    "/contacts/<public_id>": ("public_id", contact),
    "/lines/<int": ("line_id", _line),
}
"""What the id in an address stands for, by how its route begins."""


def note_lines() -> None:
    """Note which lines whoever is signed in may see: before anything is shown to them, refusals too."""
    user_id = visitor().user_id
    limit_to_lines(read(lambda tx: team.lines_of(tx, user_id)))


def guard() -> None:
    """Answer 404 where the address is of a line one may not see."""
    if lines_seen() is None:
        return
    rule, given = str(request.url_rule), request.view_args or {}
    for begin, (name, look) in OBJECTS.items():
        if rule.startswith(begin):
            read(functools.partial(look, **{name: given[name]}))
