"""What conversations can be narrowed to when one searches: their line, tags, state, notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from gateway.domain.search import Is
from gateway.store import reads
from gateway.store.tables import contact_tags, contacts, conversation_tags, conversations, notes

_c = conversations.c


@dataclass(frozen=True, slots=True)
class Where:
    """Which conversations. `lines`: those somebody may see (None: all); `tag_ids`: all of these are on them
    or on whom they are with; `user_id` and `joined_at_id`: whose reading counts, as `users` has them."""

    lines: frozenset[int] | None = None
    line_id: int | None = None
    tag_ids: tuple[int, ...] = ()
    states: frozenset[Is] = frozenset()
    has_note: bool = False
    user_id: int = 0
    joined_at_id: int = 0

    @property
    def may_be_few(self) -> bool:
        """Whether it asks for more than a line."""
        return bool(self.tag_ids or self.states or self.has_note)


ANYWHERE = Where()


def listed(ids: Iterable[int]) -> Select[Any]:
    """Ids as one value: as parameters of their own they would make a new statement for each count of them."""
    given = func.json_each(f"[{','.join(map(str, sorted(ids)))}]").table_valued("value")
    return select(given.c.value)


def conditions(where: Where) -> Iterator[ColumnElement[bool]]:
    """What has to hold of a row of `conversations`."""
    if where.lines is not None:
        yield _c.line_id.in_(sorted(where.lines))
    if where.line_id is not None:
        yield _c.line_id == where.line_id
    for tag_id in where.tag_ids:
        yield or_(
            select(conversation_tags.c.tag_id)
            .where(conversation_tags.c.conversation_id == _c.id, conversation_tags.c.tag_id == tag_id)
            .correlate(conversations)
            .exists(),
            select(contact_tags.c.tag_id)
            .where(contact_tags.c.contact_id == _c.contact_id, contact_tags.c.tag_id == tag_id)
            .correlate(conversations)
            .exists(),
        )
    if where.has_note:
        noted = notes.alias("noted")
        yield select(noted.c.id).where(noted.c.conversation_id == _c.id).correlate(conversations).exists()
    for state in sorted(where.states):
        yield _is(where, state)


def _is(where: Where, state: Is) -> ColumnElement[bool]:
    if state is Is.WAITING:
        return _c.waiting_since.is_not(None)
    if state is Is.MINE:
        return _c.assignee_id == where.user_id
    if state is Is.UNASSIGNED:
        return _c.assignee_id.is_(None)
    if state is Is.UNREAD:
        return reads.is_unread(where.user_id, where.joined_at_id)
    if state is Is.BLOCKED:
        return (
            select(contacts.c.id)
            .where(contacts.c.id == _c.contact_id, contacts.c.blocked_at.is_not(None))
            .correlate(conversations)
            .exists()
        )
    return _c.state == state.value
