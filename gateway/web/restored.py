"""The banner on every page after a restore, until an admin has seen what the backup does not know."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from gateway.desk import restored
from gateway.domain import backup_words as words
from gateway.domain.decision_words import Clocks
from gateway.domain.people import Right
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.present import Times
from gateway.web.site import author, may, write

restored_pages = Blueprint("restored", __name__)


@dataclass(frozen=True, slots=True)
class Banner:
    """What every page says after a restore, until an admin has looked; `may_let_go`: they may say so."""

    said: tuple[str, ...]
    may_let_go: bool
    button: str
    hint: str


def banner(tx: Tx, times: Times) -> Banner | None:
    """The banner for whoever is signed in; None where there is nothing to look at."""
    if not restored.is_unseen(tx):
        return None
    state = restored.state(tx)
    assert state is not None
    said = Clocks(times.now, times.zone).when
    sentences = words.gap(
        said(state.restored_at),
        said(state.newest),
        newer_log=state.newer_log,
        unclear_texts=state.unclear,
        erased=state.erased,
    )
    may_let_go = may(Right.BACKUP)
    return Banner((*sentences, words.HELD), may_let_go, words.SEEN, "" if may_let_go else words.ASK_ADMIN)


@restored_pages.post("/settings/backups/seen")
@needs(Right.BACKUP)
def seen() -> ResponseReturnValue:
    """An admin has seen what a restored backup does not know."""
    who = str(author())
    write(lambda tx, at: restored.seen(tx, who, at))
    return redirect(url_for("conversations.inbox"), 303)
