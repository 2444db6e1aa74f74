"""What somebody wrote in a form that sends a text, in a conversation or to begin one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import abort, request
from sqlalchemy import Row

from gateway.desk import schedules
from gateway.desk.drafts import Author
from gateway.desk.templates import check_filled
from gateway.domain import composer_words
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.domain.schedule import Kind
from gateway.store import messages
from gateway.store.database import Tx
from gateway.web.composer import FIELD_OF, Later, chosen, later
from gateway.web.once import fingerprint, once
from gateway.web.site import author, may


@dataclass(frozen=True, slots=True)
class Written:
    """What was typed, and the key that the form was given when it was shown. `urgent`: it was sent with the
    button that says so; `to` and `line` are empty in a conversation."""

    who: Author
    key: str
    body: str
    later: Later
    urgent: bool = False
    to: str = ""
    line: str = ""

    def how(self, tx: Tx, line: Row[Any], number: str, at: datetime) -> dict[str, Any]:
        """When it is to go, and past what: fields of a draft.

        Raises:
            Refused: the time is none, it is urgent and nothing says why, or a place of a template stands in
                the words.
        """
        check_filled(self.body)
        reason = schedules.urgent_reason(self.later.reason) if self.urgent else None
        when = chosen(tx, self.later, line, number, at)
        return {"when": when, "cancel_if_answered": self.later.cancel, "urgent_reason": reason}

    def send_once(self, tx: Tx, at: datetime, to: str, send: Callable[[], int]) -> dict[str, Any]:
        """Send it unless this form sent it before; the same form with anything else asked of it is another
        text: other words, another time, or as urgent. Returns the id of its conversation."""
        asked = fingerprint([to, self.line, self.body, *self._when()])

        def act() -> dict[str, Any]:
            sent = messages.get(tx, send())
            return {"conversation": sent.conversation_public_id if sent else ""}

        return once(tx, f"person:{self.who.id}", f"{self.key}.{asked[:16]}", asked, at, act).body

    def _when(self) -> list[Any]:
        """What was asked about its time, without fields that were filled and do not count."""
        when = self.later
        wall = [when.at, when.clock] if when.when == Kind.AT else []
        return [when.when, *wall, when.cancel, *["urgent"] * self.urgent]

    def refused(self, refused: Refused) -> tuple[Later, str]:
        """The fields as they are shown again, a refusal that belongs to one of them said there; otherwise
        the sentence to say."""
        where = FIELD_OF.get(refused.key)
        kept = replace(self.later, errors={where: refused.text} if where else {})
        return kept, "" if where else refused.text


def written() -> Written:
    """What the form of this request holds; who may not hurry a text is turned away."""
    form = request.form
    urgent = form.get("do") == "urgent"
    if urgent and not may(Right.URGENT):
        abort(403, composer_words.NOT_ENTITLED)
    body = form.get("body", "").replace("\r\n", "\n")  # browsers send CR LF, texts have LF
    key, to, line = form.get("key", ""), form.get("to", "").strip(), form.get("line", "")
    return Written(author(), key, body, later(form), urgent, to, line)
