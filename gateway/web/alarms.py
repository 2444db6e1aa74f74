"""Alarms: the banner on every page, the page with those that are open and past, and how they reach people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import alarm_readings, alarm_texts
from gateway.desk import alarms as desk
from gateway.desk import settings as desk_settings
from gateway.desk.settings import BadSetting
from gateway.domain import alarm_words, phone
from gateway.domain.alarms import RULES, Kind, Severity
from gateway.domain.language import t
from gateway.domain.message_words import Tone
from gateway.domain.people import Right
from gateway.domain.settings import SETTINGS
from gateway.store import alarms, lines, settings
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.present import Times
from gateway.web.site import author, lines_seen, may, now, read, write

alarm_pages = Blueprint("alarms", __name__)

PAST = 30
"""So many alarms that are over are shown."""
LABELS = {
    "alarms.numbers": t("Numbers to text"),
    "alarms.texts_a_day": t("Texts for alarms in 24 hours"),
    "alarms.webhook": t("Address to call (webhook)"),
}
_ALARM = "/alarms/<int(max=9223372036854775807):alarm_id>"


@dataclass(frozen=True, slots=True)
class Shown:
    """One alarm as the page shows it. `told` are sentences on who was told how."""

    id: int
    tone: Tone
    happened: str
    doing: str
    you_can: str
    when: str
    seen: str
    told: tuple[str, ...]


def _shown(tx: Tx, row: Row[Any], notices: Sequence[Row[Any]], said: Times) -> Shown:
    kind, is_over = Kind(row.kind), row.ended_at is not None
    severe = Tone.BAD if RULES[kind].severity is Severity.SERIOUS else Tone.WARN
    began = said.since(row.began_at)
    when = t("Since {time}.").format(time=began)
    if kind is Kind.TEST:
        when = f"{began}."
    elif is_over:
        span = t("{start} to {end}").format(start=began, end=said.since(row.ended_at))
        when = f"{span}. {alarm_words.over(kind, row.detail)}"
    return Shown(
        id=row.id,
        tone=Tone.OK if is_over else severe,
        happened=alarm_words.happened(kind, row.detail),
        doing=alarm_words.doing(kind, row.detail),
        you_can=alarm_words.you_can(kind, row.detail),
        when=when,
        seen=t("Seen by {who}, {time}.").format(who=row.seen_by, time=said.since(row.seen_at))
        if row.seen_at and kind is not Kind.TEST
        else "",
        told=tuple(_told(tx, notice, said) for notice in notices),
    )


def _told(tx: Tx, notice: Row[Any], said: Times) -> str:
    """What became of one notice."""
    if notice.way == desk.WEBHOOK:
        told = alarm_words.told(alarm_words.BY_WEBHOOK, notice.what, notice.problem)
    else:
        told = alarm_texts.became(tx, notice, phone.pretty(notice.number))
    if notice.done_at is not None:
        return f"{told}, {said.since(notice.done_at)}."
    if notice.due_at is not None and notice.problem:
        again = t("It is tried again at {time}.").format(time=said.since(notice.due_at))
        return f"{told}. {again}"
    return f"{told}."


# --- the page ----------------------------------------------------------------------------------------


@alarm_pages.get("/alarms")
@needs(Right.READ)
def every() -> ResponseReturnValue:
    return _page()


def _page(status: int = 200, *, errors: Mapping[str, str] | None = None, secret: str = "") -> Response:
    """The page. What was typed into a field that could not be used stands in it again."""
    typed = {name: request.form[name] for name in LABELS if errors and name in request.form}

    def look(tx: Tx) -> dict[str, Any]:
        said, hidden = times(tx, now()), lines.names_beyond(tx, lines_seen())
        there = [row for row in alarms.every_open(tx) if row.subject not in hidden]
        over = alarms.past(tx, PAST, hidden)
        notices = defaultdict(list)
        for notice in alarms.notices_of(tx, [row.id for row in (*there, *over)]):
            notices[notice.alarm_id].append(notice)
        values = {**settings.every(tx), **typed}
        return {
            "open_alarms": [_shown(tx, row, notices[row.id], said) for row in reversed(there)],
            "coming": alarm_readings.coming(tx, said.since, lines_seen()),
            "past_alarms": [_shown(tx, row, notices[row.id], said) for row in over],
            "unseen": sum(row.seen_at is None for row in there),
            "fields": [
                {
                    "name": name,
                    "label": label,
                    "value": values[name],
                    "meaning": SETTINGS[name].meaning,
                    "error": (errors or {}).get(name, ""),
                }
                for name, label in LABELS.items()
            ],
            "signed": desk.secret(tx) is not None,
            "no_ways": "" if values["alarms.webhook"] or desk.numbers(tx) else alarm_words.NO_WAYS_YET,
        }

    return page(
        "alarms.html",
        status,
        secret=secret,
        saved="saved" in request.args,
        tested="tested" in request.args,
        may_see=may(Right.ALARM_SEEN),
        may_set=may(Right.ALARM_SET),
        **read(look),
    )


@alarm_pages.get("/alarms/<any(ways, secret):_form>")
@needs(Right.READ)
def reload_form(_form: str) -> ResponseReturnValue:
    """A refused form stands at its address; whoever asks for it anew means the page."""
    return redirect(url_for("alarms.every"), 303)


# --- doing -------------------------------------------------------------------------------------------


@alarm_pages.post(f"{_ALARM}/seen")
@needs(Right.ALARM_SEEN)
def seen(alarm_id: int) -> ResponseReturnValue:
    actor = str(author())
    write(lambda tx, at: desk.seen(tx, alarm_id, actor, at))
    return redirect(url_for("alarms.every"), 303)


@alarm_pages.post("/alarms/seen")
@needs(Right.ALARM_SEEN)
def all_seen() -> ResponseReturnValue:
    actor = str(author())
    write(lambda tx, at: desk.seen(tx, None, actor, at))
    return redirect(url_for("alarms.every"), 303)


@alarm_pages.post("/alarms/test")
@needs(Right.ALARM_SET)
def test() -> ResponseReturnValue:
    """Tell a test by every way that is set."""
    actor = str(author())
    write(lambda tx, at: desk.test(tx, actor, at))
    return redirect(url_for("alarms.every") + "?tested=1#past", 303)


class _Unfit(Exception):
    """Some settings cannot be as typed; nothing was changed."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@alarm_pages.post("/alarms/ways")
@needs(Right.ALARM_SET)
def set_ways() -> ResponseReturnValue:
    """Set how alarms reach people, all of it or nothing."""
    actor = str(author())
    typed = {name: request.form[name] for name in LABELS if name in request.form}

    def change(tx: Tx, at: datetime) -> None:
        before, errors = settings.every(tx), {}
        for name, value in typed.items():
            if value == before[name]:
                continue
            try:
                desk_settings.change(tx, name, value, actor, at)
            except BadSetting as error:
                errors[name] = str(error)
        if errors:
            raise _Unfit(errors)

    try:
        write(change)
    except _Unfit as unfit:
        return _page(422, errors=unfit.errors)
    return redirect(url_for("alarms.every") + "?saved=1#ways", 303)


@alarm_pages.post("/alarms/secret")
@needs(Right.ALARM_SET)
def new_secret() -> ResponseReturnValue:
    """Make a new secret for the webhook, shown on this one page."""
    actor = str(author())
    return _page(secret=write(lambda tx, at: desk.new_secret(tx, actor, at)))
