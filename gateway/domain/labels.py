"""What is special about an inbound text, as a word that is stored with it and explained in
`message_words.LABELS`.

Nothing that comes is ever executed: a label decides only how a text is shown, whether somebody has to look
at it, and whether its words may be taken for a person's (3GPP TS 23.040 9.2.3.9, 9.2.3.24; 23.038 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from gateway.domain.alphabet import Alphabet
from gateway.domain.pdu_messages import Deliver
from gateway.domain.pdu_picture import PictureNotice, read_picture_notice


class Label(StrEnum):
    """The one most special thing about a text."""

    SILENT = "silent"  # short message type 0
    PICTURE = "picture"  # the notice of a picture message (MMS)
    SIM_DATA = "sim_data"
    VOICEMAIL = "voicemail"
    OTHER_WAITS = "other_waits"  # a fax, an e-mail, or what the network calls "other"
    VOICEMAIL_CLEARED = "voicemail_cleared"  # of the others too
    CALL_BACK = "call_back"
    CARD = "card"  # vCard or vCalendar
    DATA = "data"
    FLASH = "flash"
    DAMAGED = "damaged"
    EMPTY = "empty"
    REPLACED = "replaced"  # a later text of the same replace type came
    UNREADABLE = "unreadable"
    OLD_PHONE = "old_phone"  # it was not held here: brought in from an old phone


UNSEEN = frozenset({Label.SILENT, Label.SIM_DATA})
"""What networks say to phones and nobody needs to know of: kept, and shown only where one looks."""

NOTICES = UNSEEN | {Label.VOICEMAIL, Label.OTHER_WAITS, Label.VOICEMAIL_CLEARED}
"""What networks say, and no customer: nobody is waited for, and nobody has to read it."""

NOT_WORDS = NOTICES | {Label.PICTURE, Label.CARD, Label.DATA}
"""What is written for phones: no word in it is a person's wish."""


def label_of(parts: Sequence[Deliver], body: str) -> Label | None:
    """The label of a text by its parts, in order, at least one; None for an ordinary one.

    `body` is what is shown of them.
    """
    first = parts[0]
    if first.silent:
        return Label.SILENT
    if picture_in(parts) is not None:
        return Label.PICTURE
    if first.sim_data:
        return Label.SIM_DATA
    if first.waiting is not None:
        return _waiting(first.waiting.kind, first.waiting.active)
    if first.return_call:
        return Label.CALL_BACK
    if first.card:
        return Label.CARD
    if first.ports is not None or any(_is_data(part) for part in parts):
        return Label.DATA
    if first.message_class == 0:
        return Label.FLASH
    if any(part.truncated for part in parts):
        return Label.DAMAGED
    return empty(body)


def empty(body: str) -> Label | None:
    """The label of a text in which nothing is written; None where something is."""
    return None if body.strip() else Label.EMPTY


def picture_in(parts: Sequence[Deliver]) -> PictureNotice | None:
    """The notice of a picture in the joined data of a text's parts, given in order; None where it is none."""
    if parts[0].picture is None:
        return None
    return read_picture_notice(b"".join(part.user_data.units for part in parts), parts[0].sent_at)


def _waiting(kind: str, active: bool) -> Label:
    if not active:
        return Label.VOICEMAIL_CLEARED
    return Label.VOICEMAIL if kind == "voice" else Label.OTHER_WAITS


def _is_data(part: Deliver) -> bool:
    """Whether it holds octets that are no text: 8-bit data, or compressed."""
    return part.alphabet is Alphabet.DATA and bool(part.user_data.units)
