"""Evidence of what became of a part: delivery reports, and results that came late.

A report is kept before anything is concluded from it, and matched by line, reference, recipient and
time, in whatever order things arrive. One that fits nothing, or two things equally, is kept and counted
and never applied by guess.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk import conversation_state, hygiene, validity
from gateway.domain import phone
from gateway.domain.events import Event
from gateway.domain.line import LateResult, ReportedText
from gateway.domain.message import PartState, State
from gateway.domain.pdu import StatusClass, StatusReport, status_class
from gateway.store import events, messages, outbox, received
from gateway.store.database import Tx

MATCH_WITHIN = timedelta(days=8)
"""A report may come this long after acceptance: the network's own limit is mostly 1 to 7 days."""
REPORT_WITHIN = timedelta(hours=1)
"""A report that has not come so long after the network stopped trying mostly never does."""
WRAPS_AFTER = timedelta(days=1)
"""References come round again after 256 texts: seldom within less than a day."""
SUBMITTED_BEFORE = timedelta(minutes=10)
SUBMITTED_AFTER = timedelta(minutes=5)
"""A part without a reference fits a report whose time stamp lies within these around its hand-over."""

_REASONS = {
    StatusClass.FAILED_PERMANENT: "report_permanent",
    StatusClass.FAILED_TEMPORARY: "report_temporary",
}
_VALIDITY_EXPIRED = 0x46  # TP-ST, 23.040 9.2.3.15


def keep(
    tx: Tx, line: Row[Any], report: StatusReport | ReportedText, raw_id: int, sim: str, now: datetime
) -> None:
    """Store a report and, where it fits exactly one part, apply it."""
    report_id = received.add_report(
        tx,
        raw_id=raw_id,
        line_id=line.id,
        sim=sim,
        reference=report.reference,
        recipient=report.recipient if isinstance(report, ReportedText) else report.recipient.number,
        status=report.status,
        network_at=report.sent_at,
        discharged_at=report.discharged_at,
        received_at=now,
    )
    _match(tx, received.report(tx, report_id), now)


def _match(tx: Tx, report: Row[Any], now: datetime) -> None:
    """Find the one part a stored report speaks of, and apply it."""
    known = _by_reference(tx, report)
    is_known = known is not None and _is_near(known, report)
    part = known if is_known else _known_or_unclear(tx, report, known)
    if part is not None:
        received.match_report(tx, report.id, part.id)
        _apply(tx, part, report.status, report.discharged_at, now)


def _known_or_unclear(tx: Tx, report: Row[Any], known: Row[Any] | None) -> Row[Any] | None:
    """A reference used days ago is weaker evidence than a text without one that went just then; one used
    the same day is not, for our clock may have been wrong by hours: the report may speak of either, or say
    once more what became of the known one."""
    unclear = _without_reference(tx, report)
    if unclear is None:
        return known if _is_open(known) else None
    if known is not None and abs(known.accepted_at - _stamp(report)) < WRAPS_AFTER:
        return None
    return _settled(tx, report, unclear)


def _by_reference(tx: Tx, report: Row[Any]) -> Row[Any] | None:
    """The accepted part with this reference that went to this recipient; references wrap around, so of
    several the one accepted nearest to the report's time stamp. How far back is told by that stamp as well:
    our clock may have run ahead since."""
    since = min(report.received_at, _stamp(report)) - MATCH_WITHIN
    theirs = [
        part
        for part in received.accepted_with(tx, report.line_id, report.reference, since)
        if phone.same_subscriber(part.peer, report.recipient)
    ]
    return min(theirs, key=lambda part: abs(part.accepted_at - _stamp(report)), default=None)


def _stamp(report: Row[Any]) -> datetime:
    """When the network took the text a report speaks of; when the report came, where it does not say."""
    stamp: datetime = report.network_at or report.received_at
    return stamp


def _is_near(part: Row[Any], report: Row[Any]) -> bool:
    return bool(abs(part.accepted_at - _stamp(report)) <= SUBMITTED_BEFORE)


def _is_open(part: Row[Any] | None) -> bool:
    return part is not None and part.state == PartState.ACCEPTED.value


def _without_reference(tx: Tx, report: Row[Any]) -> Row[Any] | None:
    """The part without a reference that the report can speak of, if it is the only one."""
    stamp = _stamp(report)
    found = [
        part
        for part in received.without_reference_between(
            tx, report.line_id, stamp - SUBMITTED_BEFORE, stamp + SUBMITTED_AFTER
        )
        if phone.same_subscriber(part.peer, report.recipient)
    ]
    return found[0] if len(found) == 1 and found[0].state != PartState.SUBMITTING.value else None


def _settled(tx: Tx, report: Row[Any], part: Row[Any]) -> Row[Any] | None:
    """A part without a reference that a report speaks of: it went."""
    if part.state == PartState.UNCONFIRMED.value:
        outbox.move(
            tx,
            part.id,
            PartState.ACCEPTED,
            report.received_at,
            "report",
            evidence="report",
            reference=report.reference,
            accepted_at=_stamp(report),
        )
    return outbox.get(tx, part.id)


def _apply(tx: Tx, part: Row[Any], status: int, discharged_at: datetime | None, now: datetime) -> None:
    meaning = status_class(status)
    if meaning in (StatusClass.PENDING, StatusClass.REPLACED):
        return
    delivered = meaning in (StatusClass.DELIVERED, StatusClass.FORWARDED)
    to = PartState.DELIVERED if delivered else PartState.UNDELIVERED
    if part.state == to.value or part.state == PartState.DELIVERED.value:
        return
    if part.state not in (PartState.ACCEPTED.value, PartState.UNDELIVERED.value):
        return
    values: dict[str, Any] = (
        {"delivered_at": discharged_at or now} if delivered else {"code": f"ST {status:02X}"}
    )
    was = messages.get(tx, part.message_id)
    outbox.move(tx, part.id, to, now, f"report ST {status:02X}", **values)
    if not delivered:
        reason = "report_expired" if status == _VALIDITY_EXPIRED else _REASONS[meaning]
        messages.change(tx, part.message_id, reason=reason)
        conversation_state.text_failed(tx, part.message_id, now)
    if delivered:
        hygiene.arrived(tx, part.peer, now)
    elif was is not None and was.state != State.UNDELIVERED.value:  # not once more for each part of a text
        is_for_good = meaning is StatusClass.FAILED_PERMANENT
        (hygiene.failed if is_for_good else hygiene.undelivered)(tx, part.peer, now)


def match_earlier(tx: Tx, part_id: int, now: datetime) -> None:
    """A part was just accepted: a report of it may have come before the modem's answer."""
    part = outbox.get(tx, part_id)
    if part is None or part.reference is None or part.submitted_at is None:
        return
    for report in received.unmatched_reports(tx, part.line_id, part.reference, part.submitted_at):
        if phone.same_subscriber(part.peer, report.recipient):
            received.match_report(tx, report.id, part_id)
            _apply(tx, part, report.status, report.discharged_at, now)


def match_unclear(tx: Tx, part_id: int, now: datetime) -> None:
    """Nobody knows whether a part went: a report that came while it was on the air may tell."""
    part = outbox.get(tx, part_id)
    if part is None or part.submitted_at is None:
        return
    earliest = part.submitted_at - SUBMITTED_AFTER
    for report in received.unmatched_since(tx, part.line_id, earliest):
        if phone.same_subscriber(part.peer, report.recipient):
            _match(tx, report, now)


def late_result(tx: Tx, event: LateResult, now: datetime) -> None:
    """The modem told the result of the part in flight after all: the network took it."""
    part = outbox.get(tx, event.part_id)
    if part is None or part.state not in (PartState.UNCONFIRMED.value, PartState.SUBMITTING.value):
        return
    if event.reference is not None and _answers_reported(tx, part, event.reference):
        return
    outbox.move(
        tx,
        part.id,
        PartState.ACCEPTED,
        now,
        "late_result",
        evidence="late_result",
        reference=event.reference,
        accepted_at=now,
    )
    match_earlier(tx, part.id, now)


def _answers_reported(tx: Tx, part: Row[Any], reference: int) -> bool:
    """Whether a late result can be that of an earlier text, whose report came before it: no reference comes
    round again within minutes."""
    since = part.submitted_at - SUBMITTED_BEFORE
    near = received.accepted_with(tx, part.line_id, reference, since)
    return any(other.id != part.id and other.evidence == "report" for other in near)


def note_missing(tx: Tx, now: datetime) -> None:
    """Say of texts the network took long ago that it never told whether they arrived."""
    ended = now - REPORT_WITHIN
    for message in outbox.without_report(tx, ended, ended - validity.VALIDITY):
        if validity.ends_at(message.send_by, message.sent_at) > ended:
            continue
        messages.change(tx, message.id, reason="report_overdue")
        events.record(
            tx,
            Event.MESSAGE_SENT,
            now,
            line_id=message.line_id,
            conversation_id=message.conversation_id,
            message_id=message.id,
        )
