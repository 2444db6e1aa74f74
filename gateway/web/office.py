"""The office itself: its name, where it is, which language it speaks; as a step of the first run, and as a
page of the settings."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import settings as desk
from gateway.domain import countries, setup_words
from gateway.domain.language import spoken, t
from gateway.domain.people import Right
from gateway.domain.settings import SETTINGS
from gateway.domain.zones import names as zone_names
from gateway.store import settings
from gateway.store.database import Tx
from gateway.web import speech
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.hours import wrong_values
from gateway.web.site import author, read, site, write

office_pages = Blueprint("office", __name__)

FIELDS: dict[str, str] = {
    "office.name": t("Name of the office"),
    "office.country": t("Country"),
    "office.zone": t("Time zone"),
    "office.language": t("Language of the panel"),
}
"""What the form asks for: settings, and what they are called there."""


# --- the form, wherever it stands --------------------------------------------------------------------


def known() -> dict[str, str]:
    """What is set so far; what is not is left open, but for the language: that the browser prefers."""
    stored = read(settings.every)
    found = {name: stored[name] for name in FIELDS if stored[name] != SETTINGS[name].default}
    return {"office.language": speech.preferred(), **found}


def typed() -> dict[str, str]:
    """What the form of this request holds."""
    return {name: request.form.get(name, "") for name in FIELDS}


def values(form: Mapping[str, str]) -> dict[str, str]:
    """The settings that a form stands for: the zone of the country where it has but one."""
    return {**form, "office.zone": form["office.zone"].strip() or _only_zone(form["office.country"])}


def wrong(form: Mapping[str, str]) -> dict[str, str]:
    """Which fields cannot be taken, and why."""
    meant = values(form)
    errors = dict(wrong_values(meant))
    if not meant["office.zone"]:
        errors["office.zone"] = _no_zone(form["office.country"])
    return errors


def _only_zone(country: str) -> str:
    zones = countries.zones(country)
    return zones[0] if len(zones) == 1 else ""


def _no_zone(country: str) -> str:
    zones = countries.zones(country)
    return setup_words.NO_ZONE.format(example=zones[0]) if zones else str(setup_words.NO_COUNTRY_NO_ZONE)


def choices() -> dict[str, Any]:
    """What the form lets one choose from."""
    return {
        "labels": FIELDS,
        "countries": _countries(),
        "zones": sorted(zone_names()),
        "languages": site().languages.NAMES,
    }


def _countries() -> dict[str, str]:
    """Countries by their names in the language spoken, in order of name."""
    own = spoken().locale.territories
    named = {code: own.get(code, name) for code, name in countries.names().items()}
    return dict(sorted(named.items(), key=lambda pair: _without_accents(pair[1])))


def _without_accents(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", name.casefold()) if char.isalnum())


# --- the page ----------------------------------------------------------------------------------------


@office_pages.get("/settings/office")
@needs(Right.WINDOWS_SET)
def show() -> ResponseReturnValue:
    return _page(read(settings.every), {})


def _page(shown: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    return page("office.html", status, typed=shown, errors=errors, saved="saved" in request.args, **choices())


@office_pages.post("/settings/office")
@needs(Right.WINDOWS_SET)
def save() -> ResponseReturnValue:
    form = typed()
    errors = wrong(form)
    if errors:
        return _page(form, errors, 422)
    actor = str(author())

    def change(tx: Tx, at: datetime) -> None:
        before = settings.every(tx)
        for name, value in values(form).items():
            if SETTINGS[name].parse(value) != before[name]:
                desk.change(tx, name, value, actor, at)

    write(change)
    return redirect(url_for("office.show", saved=1), 303)
