"""How long the network keeps trying to deliver a text (TP-VP): until it is useless, counted from the moment
it leaves, however long it waited here."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.domain import pdu

VALIDITY = timedelta(hours=24)
"""How long the network keeps trying when the creator named no time after which the text is useless."""

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(weeks=63)
"""What TP-VP can say (23.040 9.2.3.12.1)."""


def asked_for(send_by: datetime | None, leaves_at: datetime) -> timedelta:
    """The validity a text should have that leaves then and is useful until `send_by`; None: at any time."""
    useful_for = VALIDITY if send_by is None else send_by - leaves_at
    return min(max(useful_for, SHORTEST), LONGEST)


def renewed(tpdu: bytes, send_by: datetime | None, now: datetime) -> bytes:
    """An SMS-SUBMIT that was encoded a while ago, with the validity that is right now."""
    return pdu.with_validity(tpdu, asked_for(send_by, now))


def ends_at(send_by: datetime | None, left_at: datetime) -> datetime:
    """When the network stops trying: TP-VP is rounded up, to a day or a week where it is long."""
    return left_at + pdu.decode_validity(pdu.encode_validity(asked_for(send_by, left_at)))
