"""A text that somebody wants sent: who wants it, to whom, by which line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import deciding, settings
from gateway.domain import phone
from gateway.domain.conversation import Priority
from gateway.domain.message import Purpose
from gateway.domain.phrases import list_of
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Schedule
from gateway.store import lines
from gateway.store.database import Tx


@dataclass(frozen=True, slots=True)
class Author:
    """Who is behind an outbound text. `kind`: person, token, rule or command."""

    kind: str
    id: int | None
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text somebody wants sent. `to` is a canonical number; times are aware."""

    to: phone.Number
    body: str
    purpose: Purpose
    author: Author
    send_by: datetime | None = None
    on_unconfirmed: str = "ask"
    reference: str | None = None
    resend_of_id: int | None = None
    reply_to_id: int | None = None
    rule: str | None = None
    when: Schedule | None = None
    cancel_if_answered: bool = False
    urgent_reason: str | None = None
    priority: Priority | None = None
    """Its place among those of its rank; None: that of its conversation."""


def choose_line(tx: Tx, name: str | None, line_ids: Collection[int] | None = None) -> Row[Any]:
    """The line to send by, of these (None: of all): the named one, or the only one there is.

    Raises:
        Refused: there is none, no such one, or several and none was named.
    """
    if name is not None:
        found = lines.by_name(tx, name)
        if found is None or (line_ids is not None and found.id not in line_ids):
            names = [line.name for line in lines.every(tx, line_ids)]
            raise Refused("unknown_line", name=name, names=list_of(names))
        return found
    every = lines.every(tx, line_ids)
    if not every:
        raise Refused("no_lines")
    if len(every) > 1:
        raise Refused("which_line", names=list_of([line.name for line in every]))
    return every[0]


def parse_number(tx: Tx, text: str, line: Row[Any]) -> phone.Number:
    """A number as typed, read with the line's or the office's country.

    Raises:
        Refused: it cannot be texted; the sentence says why.
    """
    try:
        return phone.parse(text, settings.country(tx, line))
    except phone.NotANumber as error:
        raise Refused("bad_number", detail=error.args[0]) from None


def about(draft: Draft, now: datetime) -> deciding.About:
    """What is decided about a text that is not accepted yet."""
    return deciding.About(
        purpose=draft.purpose,
        number=draft.to.text,
        written_at=now,
        not_before=draft.when.at if draft.when else None,
        send_by=draft.send_by,
        urgent=draft.urgent_reason is not None,
        answers=draft.reply_to_id is not None,
    )
