"""What may be done with one text: the buttons and links under it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from gateway.desk.schedules import THEY_WROTE_FIRST, is_fixed
from gateway.desk.waiting import Wait
from gateway.domain.language import t
from gateway.domain.message import Purpose, State, WaitingFor
from gateway.web.hands import Hands


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done under a text: its words and the last piece of its address; a button, or a link to a
    page that asks for more. `body`: words that a script may put into the reply box instead."""

    words: str
    path: str
    is_link: bool = False
    is_quiet: bool = False
    body: str = ""


_MAY_GO_AGAIN = {State.FAILED, State.UNDELIVERED, State.EXPIRED}


def actions(row: Row[Any], wait: Wait | None, hands: Hands) -> Iterator[Action]:
    """What the reader may do with a text; `wait` is what it waits for."""
    state = State(row.state)
    if wait is not None:
        yield from waiting_actions(row, wait, hands)
    elif row.was_sent_again:
        return
    elif state is State.UNCONFIRMED:
        yield Action(t("Mark as sent"), "mark-sent")
        yield Action(t("Send again"), "send-again")
    elif state in _MAY_GO_AGAIN:
        yield Action(t("Send again"), "send-again")
    elif state is State.CANCELED and row.reason == THEY_WROTE_FIRST:
        place = f"/conversations/{row.conversation_public_id}?use={row.public_id}#reply"
        yield Action(t("Use these words"), place, is_link=True, body=row.body)


def waiting_actions(row: Row[Any], wait: Wait, hands: Hands) -> Iterator[Action]:
    """What the reader may do with a text that waits."""
    if not hands.may_handle(row, wait):
        return
    if is_fixed(row) or wait.why is WaitingFor.APPROVAL:
        yield Action(t("Cancel this text"), "cancel", is_quiet=True)
        return
    if wait.why is WaitingFor.SCHEDULE:
        yield Action(t("Send now"), "send-now")
    elif wait.why is WaitingFor.QUIET_HOURS and hands.may_hurry and row.purpose != Purpose.MARKETING.value:
        words = t("Send now as urgent…") if row.not_before is None else t("Send as urgent…")
        yield Action(words, "change#urgent", is_link=True)
    if hands.may_change(row):
        yield Action(t("Change"), "change", is_link=True, is_quiet=True)
    yield Action(t("Cancel this text"), "cancel", is_quiet=True)
