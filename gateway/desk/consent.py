"""STOP and START: the ledger, the suppression, what is canceled, and the one confirmation, all in the
transaction that stores the text. Whether a text means one of them is `gateway.domain.consent`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row

from gateway.desk.acceptance import accept
from gateway.desk.deciding import FLOW
from gateway.desk.drafts import Author, Draft
from gateway.domain.events import Event
from gateway.domain.message import Purpose, State
from gateway.domain.phone import Kind, Number
from gateway.store import consent, events, messages, outbox, restoring, settings, standing, suppression_log
from gateway.store.database import Tx
from gateway.store.suppression_log import OPT_IN, OPT_OUT

ONE_CONFIRMATION_IN = timedelta(hours=24)
"""Repeated STOPs within this time are confirmed once (47 CFR 64.1200(a)(12) allows one)."""


def opt_out(tx: Tx, line: Row[Any], number: Number, words: str, message_id: int, now: datetime) -> None:
    """The owner of the number wants no more texts: from this commit on nothing leaves but one confirmation.

    A text whose parts are just going out is completed, for half a text is worse; what waits is canceled.
    """
    _stop(tx, number, words, message_id, now)
    _announce(tx, line, message_id, now)
    if not messages.answer_exists(tx, number.text, outbox.STOP_RULE, now - ONE_CONFIRMATION_IN):
        _confirm(tx, line, number, outbox.STOP_RULE, message_id, now)


def opt_out_all(
    tx: Tx, line: Row[Any], numbers: Sequence[str], words: str, message_id: int, now: datetime
) -> None:
    """STOP came from a number in a writing that fits several we know: none of them is texted any more.

    No confirmation: it would reach people who asked for nothing.
    """
    for number in numbers:
        _stop(tx, Number(number, Kind.E164), words, message_id, now)
    _announce(tx, line, message_id, now)


def _stop(tx: Tx, number: Number, words: str, message_id: int, now: datetime) -> None:
    event_id = _record(tx, "opt_out", number, words, message_id, now)
    if consent.suppression(tx, number.text) is None:
        consent.suppress(tx, number.text, now, event_id)
    _cancel(tx, number.text, now)


def _cancel(tx: Tx, number: str, now: datetime) -> None:
    for message in outbox.unsent_to(tx, number):
        if not outbox.is_flowing(tx, message, now - FLOW):
            outbox.end(tx, message, State.CANCELED, now, "opted_out", "rule:stop")


def opt_in(
    tx: Tx,
    line: Row[Any],
    number: Number,
    words: str,
    message_id: int,
    now: datetime,
    *,
    confirms: bool = True,
) -> None:
    """The owner of the number, who had said stop, wants texts again; one confirmation says so, unless it is
    answered to nothing by itself (`confirms`)."""
    _record(tx, "opt_in", number, words, message_id, now)
    consent.lift(tx, number.text, now)
    _announce(tx, line, message_id, now)
    if confirms and not messages.answer_exists(tx, number.text, "start", now - ONE_CONFIRMATION_IN):
        _confirm(tx, line, number, "start", message_id, now)


def is_decided(tx: Tx, number: str, at: datetime) -> bool:
    """Whether a STOP of then changes nothing: they are stopped already, or texted START here since."""
    started = any(row.at > at and row.kind == "opt_in" for row in consent.history(tx, number))
    return started or consent.suppression(tx, number) is not None


def opt_out_before(
    tx: Tx, number: str, words: str, message_id: int | None, at: datetime, now: datetime
) -> None:
    """The texts of an old phone say that the owner of the number said stop then, and nothing since: it counts
    here too, and what waits for them is canceled. Nothing is answered."""
    event_id = consent.record(
        tx, number=number, kind="opt_out", at=at, how="old_phone", words=words, message_id=message_id
    )
    consent.suppress(tx, number, at, event_id)
    _cancel(tx, number, now)
    message = messages.get(tx, message_id) if message_id is not None else None
    conversation_id = message.conversation_id if message is not None else None
    events.record(tx, Event.CONSENT_CHANGED, now, conversation_id=conversation_id, message_id=message_id)


def take_from_log(tx: Tx) -> int:
    """Hear again of each STOP in the log beside the database that the database does not know: a crash came
    between the two, or an older database was put back. Returns how many. Where they wanted texts again and
    the crash took the log's line of that, the line is written.

    Raises:
        OSError: the log cannot be read; nothing was changed.
    """
    log = suppression_log.read(tx.keys.folder / suppression_log.NAME)
    known, last = standing.suppressed(tx), {entry.number_hash: entry for entry in log.entries}
    unheard = [entry for entry in last.values() if entry.kind == OPT_OUT and entry.number_hash not in known]
    started = consent.last_starts(tx) if unheard else {}
    heard = 0
    for entry in unheard:
        at = started.get(entry.number_hash)
        if at is not None and at > entry.at:
            tx.after_commit.append(partial(tx.keys.log_suppression, OPT_IN, entry.number_hash, at))
        else:
            heard += restoring.suppress(tx, entry.number_hash, entry.at)
    return heard


def _record(tx: Tx, kind: str, number: Number, words: str, message_id: int, now: datetime) -> int:
    return consent.record(
        tx, number=number.text, kind=kind, at=now, how="text", words=words, message_id=message_id
    )


def _announce(tx: Tx, line: Row[Any], message_id: int, now: datetime) -> None:
    message = messages.get(tx, message_id)
    conversation_id = message.conversation_id if message else None
    events.record(
        tx,
        Event.CONSENT_CHANGED,
        now,
        line_id=line.id,
        conversation_id=conversation_id,
        message_id=message_id,
    )


def _confirm(tx: Tx, line: Row[Any], number: Number, rule: str, message_id: int, now: datetime) -> None:
    body = settings.get(tx, f"consent.{rule}_answer").replace("{office}", settings.get(tx, "office.name"))
    author = Author("rule", None, rule.upper())
    accept(tx, line, Draft(number, body, Purpose.COMPLIANCE, author, reply_to_id=message_id, rule=rule), now)
