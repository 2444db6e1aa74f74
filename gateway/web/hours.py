"""The settings of hours and caps: what stands in `gateway.domain.settings`, as a form, with what it comes to
today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import settings as desk
from gateway.domain import hours, presets
from gateway.domain import setting_words as words
from gateway.domain.hours import Opening
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.settings import SETTINGS, BadValue
from gateway.domain.typed import ended
from gateway.store import holidays, settings
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.present import Times
from gateway.web.site import author, may, now, read, write

hour_pages = Blueprint("hours", __name__)

_DAY = timedelta(days=1)
_PRESETS = "hours.presets"


@dataclass(frozen=True, slots=True)
class Field:
    """One setting as its form shows it; `today`: what hours come to on this day."""

    name: str
    label: str
    meaning: str
    value: str
    default: str
    changed: bool
    today: str
    error: str


@hour_pages.get("/settings/hours")
@needs(Right.HOURS_SET)
def show() -> ResponseReturnValue:
    return _page({}, {})


def _page(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    """The form; what was typed into one that could not be used stands in it again."""

    def look(tx: Tx) -> dict[str, Any]:
        stored, said = settings.every(tx), times(tx, now())
        shown = {**_told(stored), **typed}
        chosen = shown[_PRESETS].replace(",", " ").split()

        def fields(labels: Mapping[str, str]) -> list[Field]:
            return [
                Field(
                    name=name,
                    label=label,
                    meaning=SETTINGS[name].meaning,
                    value=shown[name],
                    default=SETTINGS[name].told(SETTINGS[name].default),
                    changed=stored[name] != SETTINGS[name].default,
                    today=today_in_words(tx, name, shown, said) if name not in errors else "",
                    error=errors.get(name, ""),
                )
                for name, label in labels.items()
            ]

        return {
            "warning": desk.warning(tx, said.now),
            "of_office": fields(words.OF_OFFICE),
            "of_customers": fields(words.OF_CUSTOMERS),
            "presets": [(preset, preset.code in chosen) for preset in presets.PRESETS.values()],
        }

    wrong = [(name, label) for name, label in _labels().items() if name in errors]
    return page(
        "hours.html",
        status,
        wrong=wrong,
        saved="saved" in request.args,
        may_set_windows=may(Right.WINDOWS_SET),
        texts=words,
        **read(look),
    )


def _told(stored: Mapping[str, str]) -> dict[str, str]:
    """Settings as whoever reads them would type them."""
    return {name: SETTINGS[name].told(value) for name, value in stored.items()}


def _labels() -> dict[str, str]:
    return {**words.OF_OFFICE, **words.OF_CUSTOMERS}


def today_in_words(tx: Tx, name: str, values: Mapping[str, str], said: Times) -> str:
    """What hours come to today, where the office is; empty for what are no hours."""
    try:
        windows = [hours.parse(values[name])]
        closed = hours.parse_days(values["hours.closed"]) if name in words.OF_OFFICE else frozenset()
        if name == "hours.marketing":
            windows += presets.narrowing(presets.codes(values[_PRESETS]))
    except ValueError:
        return ""
    regions = values["hours.holidays"] or values["office.country"]
    free = holidays.days(tx, filter(None, regions.split(", ")))
    opening = Opening(tuple(windows), (said.zone,), free, closed)
    span = t("{start} to {end}")
    spans = str(t(" and ")).join(
        span.format(start=said.clock(start), end=_end(end, said)) for start, end in _spans(opening, said)
    )
    return words.TODAY.format(spans=spans) if spans else str(words.TODAY_NONE)


def _spans(opening: Opening, said: Times) -> Iterator[tuple[datetime, datetime]]:
    start = hours.resolve(datetime.combine(said.date_of(said.now), datetime.min.time()), said.zone)
    end = hours.resolve(datetime.combine(said.date_of(said.now) + _DAY, datetime.min.time()), said.zone)
    at = opening.next_open(start)
    while at is not None and at < end:
        closes = min(opening.closes_at(at) or end, end)
        yield at, closes
        at = opening.next_open(closes)


def _end(at: datetime, said: Times) -> str:
    return said.clock(at) if said.date_of(at) == said.date_of(said.now) else "24:00"


@hour_pages.post("/settings/hours")
@needs(Right.HOURS_SET)
def save() -> ResponseReturnValue:
    allowed = [*words.OF_OFFICE, *((*words.OF_CUSTOMERS, _PRESETS) if may(Right.WINDOWS_SET) else ())]
    typed = {name: request.form[name] for name in allowed if name in request.form}
    if _PRESETS in allowed:
        typed[_PRESETS] = ", ".join(request.form.getlist("preset"))
    errors = dict(wrong_values(typed))
    if errors:
        return _page(typed, errors, 422)
    actor = str(author())

    def change(tx: Tx, at: datetime) -> None:
        before = settings.every(tx)
        for name, value in typed.items():
            if SETTINGS[name].parse(value) != before[name]:
                desk.change(tx, name, value, actor, at)

    write(change)
    return redirect(url_for("hours.show", saved=1), 303)


def wrong_values(typed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Settings that cannot have the value typed for them, and why, as sentences."""
    for name, value in typed.items():
        try:
            SETTINGS[name].parse(value)
        except BadValue as error:
            text = str(error)
            yield name, ended(f"{text[:1].upper()}{text[1:]}")
