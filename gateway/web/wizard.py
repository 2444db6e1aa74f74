"""The frame round each step of the first run: the list of steps, where one is, the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, make_response, redirect, render_template
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import setup as desk
from gateway.domain import setup, setup_words
from gateway.domain.setup import ORDER, Standing, Step
from gateway.store import events, settings
from gateway.store.database import Tx
from gateway.web import other_machines
from gateway.web.frame import times
from gateway.web.site import author, now, read

FINISH = "/setup/finish"


@dataclass(frozen=True, slots=True)
class Mark:
    """A step in the list."""

    title: str
    place: int
    href: str
    standing: Standing
    is_here: bool


def place_of(step: Step) -> str:
    """Address of a step."""
    return f"/setup/{step.value}"


def seen_elsewhere() -> frozenset[Step]:
    """Steps that are done as far as can be seen outside the database."""
    return frozenset({Step.OPENING} if other_machines.addresses() else ())


def go_on(step: Step) -> ResponseReturnValue:
    """To the step after this one."""
    following = setup.after(step)
    return redirect(place_of(following) if following else FINISH, 303)


def wizard(
    template: str,
    step: Step,
    status: int = 200,
    *,
    heading: str = "",
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """A step's page. What was typed into a form that could not be used stands in it again, and why not."""
    at, is_signed_in, elsewhere = now(), "visitor" in g, seen_elsewhere()

    def look(tx: Tx) -> dict[str, Any]:
        marks = [
            Mark(setup_words.TITLES[each], place, place_of(each), standing, each is step)
            for place, (each, standing) in enumerate(desk.standings(tx, elsewhere).items(), 1)
        ]
        return {
            "office": settings.get(tx, "office.name"),
            "marks": marks,
            "times": times(tx, at),
            "last_event": events.last_id(tx),
        }

    before = setup.before(step)
    html = render_template(
        template,
        step=step.value,
        heading=heading or setup_words.TITLES[step],
        number=ORDER.index(step) + 1,
        count=len(ORDER),
        back=place_of(before) if before else "",
        texts=setup_words,
        typed=typed or {},
        errors=errors or {},
        is_signed_in=is_signed_in,
        **read(look),
        **values,
    )
    return make_response(html, status)


def who() -> str:
    """Who does it, for the audit log: whoever gave the code, while nobody can sign in."""
    return str(author()) if "visitor" in g else "setup"
