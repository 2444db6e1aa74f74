"""A text as it goes out: cut for its line, and a PDU for each part."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from gateway.desk import carrying, validity
from gateway.desk.drafts import Draft
from gateway.domain import pdu
from gateway.domain.refusal_words import Refused
from gateway.store import outbox
from gateway.store.database import Tx


def _cut(line: Row[Any], draft: Draft) -> tuple[Draft, carrying.Cut]:
    """The text as it will be sent, in parts; a rule's answer has nobody who could write it anew."""
    if draft.rule is None:
        return draft, carrying.cut(line, draft.body)
    body, cut = carrying.cut_anyhow(line, draft.body)
    return replace(draft, body=body), cut


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as it goes out: its words, the alphabet they are written in, and a PDU for each part."""

    body: str
    alphabet: str
    tpdus: list[bytes]
    report_wanted: bool

    def columns(self) -> dict[str, Any]:
        """As it is stored with a message."""
        return {
            "body": self.body,
            "alphabet": self.alphabet,
            "segments": len(self.tpdus),
            "report_wanted": self.report_wanted,
        }


def encode(tx: Tx, line: Row[Any], draft: Draft, now: datetime) -> Encoded:
    """Cut and encode a text for its line.

    Raises:
        Refused: it is empty, or the line cannot carry it; the sentence says what is in the way.
    """
    if not draft.body.strip():
        raise Refused("empty")
    draft, cut = _cut(line, draft)
    report = carrying.abilities(line).delivery_reports
    return Encoded(draft.body, cut.alphabet.value, _tpdus(tx, draft, cut, report, now), report)


def _tpdus(tx: Tx, draft: Draft, cut: carrying.Cut, report: bool, now: datetime) -> list[bytes]:
    total = len(cut.texts)
    joined = cut.joined and total > 1
    reference = outbox.next_reference(tx, draft.to.text, secrets.randbelow(256)) if joined else 0
    return [
        pdu.encode_submit(
            draft.to.text,
            text,
            alphabet=cut.alphabet,
            concat=pdu.Concat(reference, total, sequence) if joined else None,
            report=report,
            validity=validity.asked_for(draft.send_by, now),  # told anew when it leaves
        )
        for sequence, text in enumerate(cut.texts, start=1)
    ]
