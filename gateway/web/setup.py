"""The first run of an office: its code, its name, its first account, its hours and rules, the way in.

What it takes to have a line is in `setup_line`, colleagues are in `joining`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from flask import Blueprint, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import second_factor as desk_factor
from gateway.desk import setup as desk
from gateway.desk.setup import SetUpAlready, Tried
from gateway.desk.team import BadUser
from gateway.desk.tries import TooSoon
from gateway.domain import opening_words, presets, setup_words
from gateway.domain.people import Right
from gateway.domain.settings import SETTINGS
from gateway.domain.setup import ORDER, Standing, Step
from gateway.store import settings
from gateway.store.database import Tx
from gateway.web import office as office_form
from gateway.web import second_factor
from gateway.web.access import FIRST, SETUP, needs
from gateway.web.auth import begin_session, paused, too_many
from gateway.web.frame import times
from gateway.web.hosts import is_box_only
from gateway.web.hours import today_in_words, wrong_values
from gateway.web.new_person import NewPerson
from gateway.web.opening import OpeningFailed
from gateway.web.other_machines import addresses, make
from gateway.web.sessions import visit
from gateway.web.site import now, read, site, visitor, write
from gateway.web.wizard import FINISH, go_on, place_of, seen_elsewhere, who, wizard

setup_pages = Blueprint("setup", __name__)

_STEPS = ", ".join(step.value for step in ORDER)


# --- the code ----------------------------------------------------------------------------------------


def show_setup() -> ResponseReturnValue:
    """Answer whatever is asked for while nobody can sign in: the page that asks for the code."""
    secret, at = visit().secret, now()
    if read(lambda tx: desk.may_set_up(tx, secret, at)):
        return redirect("/setup", 303)
    return _code_form(200 if request.method in ("GET", "HEAD") else 401)


def _code_form(status: int, error: str = "") -> Response:
    visit().keep()
    return make_response(render_template("setup_code.html", error=error), status)


@setup_pages.post("/setup/code")
@needs(FIRST)
def give_code() -> ResponseReturnValue:
    typed, address = request.form.get("code", ""), request.remote_addr or ""
    secret = secrets.token_urlsafe(32)
    try:
        tried = write(lambda tx, at: desk.try_code(tx, typed, secret, address, at))
    except TooSoon as early:
        return paused(_code_form(429, too_many(early)), early)
    if tried is not Tried.FITS:
        wrong = setup_words.CODE_WRONG if tried is Tried.WRONG else setup_words.CODE_SPENT
        return _code_form(401, wrong)
    visit().begin(secret)
    return redirect("/setup", 303)


@setup_pages.get("/setup")
@needs(SETUP)
def resume() -> ResponseReturnValue:
    """The first step that is open; the end, which lists what was left out, where there is none."""
    elsewhere = seen_elsewhere()
    found = read(lambda tx: desk.standings(tx, elsewhere))
    following = next((step for step, standing in found.items() if standing is Standing.OPEN), None)
    return redirect(place_of(following) if following else FINISH, 303)


@setup_pages.post(f"/setup/<any({_STEPS}):name>/skip")
@needs(SETUP)
def skip(name: str) -> ResponseReturnValue:
    """Leave a step out for now."""
    step = Step(name)
    try:
        write(lambda tx, at: desk.skip(tx, step, at))
    except BadUser:
        return redirect(place_of(step), 303)
    return go_on(step)


# --- the office --------------------------------------------------------------------------------------


@setup_pages.get("/setup/office")
@needs(SETUP)
def office() -> ResponseReturnValue:
    return _office(office_form.known(), {})


def _office(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    return wizard(
        "setup_office.html",
        Step.OFFICE,
        status,
        typed=typed,
        errors=errors,
        **office_form.choices(),
    )


@setup_pages.post("/setup/office")
@needs(SETUP)
def set_office() -> ResponseReturnValue:
    """Name the office; the pages after this one speak the language that was chosen."""
    typed = office_form.typed()
    errors = office_form.wrong(typed)
    if errors:
        return _office(typed, errors, 422)
    _set(Step.OFFICE, office_form.values(typed), who())
    return go_on(Step.OFFICE)


# --- the account -------------------------------------------------------------------------------------


@setup_pages.get("/setup/account")
@needs(SETUP)
def account() -> ResponseReturnValue:
    if "visitor" in g:
        return _factor()
    return _account({}, {})


def _account(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    return wizard("setup_account.html", Step.ACCOUNT, status, typed=typed, errors=errors)


@setup_pages.post("/setup/account")
@needs(SETUP)
def make_account() -> ResponseReturnValue:
    """The first account; from here on one is signed in by it."""
    given = NewPerson.read(request.form)
    who_is = (given.username, given.name, given.password_hash)
    if given.errors:
        return _account(given.typed, given.errors, 422)
    try:
        user = write(lambda tx, at: desk.add_first_account(tx, *who_is, at))
    except BadUser as error:
        return _account(given.typed, {"username": str(error)}, 422)
    except SetUpAlready:
        return redirect("/setup", 303)
    write(lambda tx, _: desk_factor.begin(tx, user.id))
    begin_session(user)
    return redirect("/setup/account", 303)


def _factor(
    status: int = 200, errors: Mapping[str, str] | None = None, recovery: Sequence[str] = ()
) -> Response:
    return wizard(
        "setup_factor.html",
        Step.ACCOUNT,
        status,
        errors=errors,
        username=visitor().username,
        asks_password=not second_factor.is_just_made(),
        **second_factor.standing(recovery),
    )


@setup_pages.post("/setup/factor/begin")
@needs(Right.SETUP)
def begin_factor() -> ResponseReturnValue:
    second_factor.begin()
    return redirect("/setup/account", 303)


@setup_pages.post("/setup/factor")
@needs(Right.SETUP)
def confirm_factor() -> ResponseReturnValue:
    """The first code of the app turns it on; the recovery codes are shown in this answer only."""
    recovery, errors = second_factor.confirm(asks_password=not second_factor.is_just_made())
    return _factor(422, errors) if errors else _factor(recovery=recovery)


# --- hours, rules, other computers -------------------------------------------------------------------


@setup_pages.get("/setup/hours")
@needs(Right.SETUP)
def hours() -> ResponseReturnValue:
    stored = read(settings.every)
    return _hours({name: SETTINGS[name].told(stored[name]) for name in desk.OF_HOURS}, {})


def _hours(typed: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> Response:
    at = now()

    def today(tx: Tx) -> str:
        return today_in_words(tx, "hours.office", {**settings.every(tx), **typed}, times(tx, at))

    shown = "" if errors else read(today)
    return wizard("setup_hours.html", Step.HOURS, status, typed=typed, errors=errors, today=shown)


@setup_pages.post("/setup/hours")
@needs(Right.SETUP)
def set_hours() -> ResponseReturnValue:
    typed, actor = {name: request.form.get(name, "") for name in desk.OF_HOURS}, who()
    errors = dict(wrong_values(typed))
    if errors:
        return _hours(typed, errors, 422)
    if request.form.get("do") == "look":
        return _hours(typed, {})
    _set(Step.HOURS, typed, actor)
    return go_on(Step.HOURS)


def _set(step: Step, values: Mapping[str, str], actor: str) -> None:
    """Change settings, and note that the step is done."""
    write(lambda tx, at: desk.take_settings(tx, step, values, actor, at))


@setup_pages.get("/setup/rules")
@needs(Right.SETUP)
def rules() -> ResponseReturnValue:
    stored = read(settings.every)
    chosen, country = stored["hours.presets"].replace(",", " ").split(), stored["office.country"]
    every = [(preset, preset.code in chosen) for preset in presets.PRESETS.values()]
    near = presets.of_country(country)
    return wizard(
        "setup_rules.html",
        Step.RULES,
        warning=setup_words.WARNINGS.get(country, ""),
        near=[(preset, on) for preset, on in every if preset.code in near],
        far=[(preset, on) for preset, on in every if preset.code not in near],
        far_is_open=any(on for preset, on in every if preset.code not in near),
    )


@setup_pages.post("/setup/rules")
@needs(Right.SETUP)
def set_rules() -> ResponseReturnValue:
    known = [code for code in request.form.getlist("preset") if code in presets.PRESETS]
    _set(Step.RULES, {"hours.presets": ", ".join(known)}, who())
    return go_on(Step.RULES)


@setup_pages.get("/setup/opening")
@needs(Right.SETUP)
def opening() -> ResponseReturnValue:
    return _opening()


def _opening(status: int = 200, error: str = "") -> Response:
    return wizard(
        "setup_opening.html",
        Step.OPENING,
        status,
        error=error,
        address=request.host_url.rstrip("/"),
        is_box_only=is_box_only(request.host),
        addresses=addresses(),
        is_shut=site().opening.look() is not None,
        opening_texts=opening_words,
    )


@setup_pages.post("/setup/opening/open")
@needs(Right.SETUP)
def open_up() -> ResponseReturnValue:
    """As the button of the page for other devices, without leaving the first run."""
    try:
        make()
    except OpeningFailed as error:
        return _opening(409, str(error))
    return redirect(place_of(Step.OPENING), 303)


@setup_pages.post("/setup/opening")
@needs(Right.SETUP)
def opening_read() -> ResponseReturnValue:
    write(lambda tx, at: desk.done(tx, Step.OPENING, at))
    return go_on(Step.OPENING)


@setup_pages.get(FINISH)
@needs(Right.SETUP)
def finish() -> ResponseReturnValue:
    return wizard("setup_finish.html", Step.COLLEAGUES, heading=setup_words.FINISHED, is_finish=True)
