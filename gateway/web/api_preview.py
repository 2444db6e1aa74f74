"""What would be done with a text, without doing it: the same checks and the same rules as when it is sent."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import acceptance, carrying, drafts
from gateway.desk.drafts import Draft
from gateway.domain.people import Scope
from gateway.domain.refusal_words import Refused
from gateway.domain.zones import Source
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.objects_decisions import Found, judged
from gateway.web.schemas_decisions import REFUSE

BY_RULES = frozenset(
    {
        "opted_out",
        "blocked_contact",
        "number_bad",
        "number_confirm",
        "number_wrong",
        "send_by_past",
        "never_in_time",
        "urgent_marketing",
    }
)
"""Refusals that a preview tells as its verdict: the request can be read, and what it asks for may not be."""


_READ_WITH: dict[str, Scope] = {
    "they_wrote_at": Scope.MESSAGES_READ,
    "had": Scope.MESSAGES_READ,
    "health": Scope.CONTACTS_READ,
    "blocked": Scope.CONTACTS_READ,
    "suppressed_since": Scope.CONTACTS_READ,
}
"""What the rules look at that a token sees only with a scope to read it."""


def previewed(
    tx: Tx, line: Row[Any], draft: Draft, now: datetime, scopes: Collection[Scope]
) -> dict[str, Any]:
    """What `POST /messages` would do with a text at that time; stores nothing. Of what the rules looked at
    it tells what a token with these scopes may read.

    Raises:
        Refused: it cannot be sent as it is written, whatever the time; the same as when it is sent.
    """
    refused = _refused(tx, line, draft, now)
    cut = carrying.cut(line, draft.body)
    found = judged(tx, drafts.about(draft, now), line, now)
    decision, goes_at = (found.decision, found.goes_at) if refused is None else (_not(refused, found), None)
    return {
        **decision,
        "to": draft.to.text,
        "line": line.name,
        "purpose": draft.purpose.value,
        "body": draft.body,
        "encoding": cut.alphabet.value,
        "segments": len(cut.texts),
        "rules": [{**rule, "inputs": _readable(rule["inputs"], scopes)} for rule in found.rules],
        "warnings": objects.warnings(draft.to.text, goes_at, draft.send_by, now),
    }


def _readable(inputs: Mapping[str, Any], scopes: Collection[Scope]) -> dict[str, Any]:
    hidden = {name for name, scope in _READ_WITH.items() if scope not in scopes}
    if inputs.get("zones_from") == Source.CONTACT and Scope.CONTACTS_READ not in scopes:
        hidden.add("zones")
    return {name: value for name, value in inputs.items() if name not in hidden}


def _not(refused: Refused, found: Found) -> dict[str, Any]:
    first = {"code": refused.key, "text": refused.text}
    others = (reason for reason in found.decision["reasons"] if reason["code"] != refused.key)
    return {"verdict": REFUSE, "would_send_at": None, "reasons": [first, *others]}


def _refused(tx: Tx, line: Row[Any], draft: Draft, now: datetime) -> Refused | None:
    try:
        acceptance.check(tx, line, draft, now)
    except Refused as refused:
        if refused.key not in BY_RULES:
            raise
        return refused
    return None
