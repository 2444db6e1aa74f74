"""The banner on every page while the clock is in doubt, and somebody's word that it is right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from gateway.desk import clock as desk
from gateway.domain import clock_words
from gateway.domain.language import dated, t
from gateway.domain.people import Right
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.present import Times
from gateway.web.site import author, may, write

clock_pages = Blueprint("clock", __name__)


@dataclass(frozen=True, slots=True)
class Banner:
    """What the banner says. `since` names the doubt that is confirmed; `button` is empty for who may not."""

    said: str
    meanwhile: str
    button: str
    hint: str
    since: str


def banner(tx: Tx, times: Times) -> Banner | None:
    """The banner for whoever is signed in; None while the clock is trusted."""
    known = desk.state(tx)
    if known.doubt is None:
        return None
    local = times.local(times.now)
    shows = clock_words.SHOWS.format(time=f"{dated(local, t('EEEE d MMMM y'))}, {local:%H:%M}")
    confirms = may(Right.LINE_PAUSE)
    return Banner(
        said=f"{clock_words.in_doubt(known.doubt)} {shows}",
        meanwhile=clock_words.MEANWHILE,
        button=clock_words.CONFIRM if confirms else "",
        hint=clock_words.ASK if confirms else clock_words.CANNOT_CONFIRM,
        since=known.since.isoformat() if known.since else "",
    )


@clock_pages.post("/clock/confirm")
@needs(Right.LINE_PAUSE)
def confirm() -> ResponseReturnValue:
    """Take the time shown for right. Where the clock was set anew meanwhile nothing is done, and the banner
    of the page that is shown next says what it shows now."""
    who, since = str(author()), _time(request.form.get("since", ""))
    if since is not None:
        write(lambda tx, at: desk.confirm(tx, who, at, since))
    return redirect(url_for("conversations.inbox"), 303)


def _time(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None
