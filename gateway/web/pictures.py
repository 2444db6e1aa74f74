"""What is known of pictures that people sent: read from the network's notice, which is kept as it came."""

from __future__ import annotations

from gateway.domain import pdu
from gateway.domain.labels import picture_in
from gateway.domain.pdu_picture import PictureNotice


def notices(pdus: dict[int, list[str]]) -> dict[int, PictureNotice]:
    """The notice of each message, from the PDUs it came as, in the order of their parts."""
    found = {message_id: _notice(each) for message_id, each in pdus.items()}
    return {message_id: notice for message_id, notice in found.items() if notice is not None}


def _notice(pdus: list[str]) -> PictureNotice | None:
    parts = [part for part in map(pdu.decode_incoming, pdus) if isinstance(part, pdu.Deliver)]
    return picture_in(parts) if parts else None
