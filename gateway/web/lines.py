"""How the lines are, and what staff do with one: test it, pause it, restart it, ask it, set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from sqlalchemy import Row

from gateway.desk import line_requests
from gateway.desk import lines as desk
from gateway.desk.lines import BadLine
from gateway.domain import line_options, line_words
from gateway.domain.line_requests import Kind
from gateway.domain.people import Right
from gateway.domain.refusal_words import Refused
from gateway.store import lines, messages
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.line_page import line_page, options, test_text
from gateway.web.once import fingerprint, once
from gateway.web.site import author, lines_seen, may, now, read, write

line_pages = Blueprint("lines", __name__)

_LINE = "/lines/<int(max=9223372036854775807):line_id>"

# --- reading -----------------------------------------------------------------------------------------


@line_pages.get("/lines")
@needs(Right.LINE_SEE)
def every() -> ResponseReturnValue:
    """The lines; the page of the only one where there is one."""
    ids = read(lambda tx: [row.id for row in lines.every(tx, lines_seen())])
    return _line_page(ids[0]) if len(ids) == 1 else page("lines.html", may_set_up=may(Right.SETUP))


@line_pages.get(_LINE)
@needs(Right.LINE_SEE)
def show(line_id: int) -> ResponseReturnValue:
    return _line_page(line_id)


@line_pages.get(f"{_LINE}/<any(test, options, confirm, restart, balance):_form>")
@needs(Right.LINE_SEE)
def reload_form(line_id: int, _form: str) -> ResponseReturnValue:
    """A refused form stands at its address; whoever asks for it anew means the line."""
    return _back(line_id)


def _line(tx: Tx, line_id: int) -> Row[Any]:
    row = lines.get(tx, line_id)
    if row is None or row.removed_at is not None:
        abort(404)
    return row


def _line_page(
    line_id: int,
    status: int = 200,
    *,
    refused: str = "",
    test_to: str = "",
    test_refused: str = "",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    """A line's page. What was typed into a form that could not be used stands in it again."""
    tested, at = request.args.get("test", ""), now()

    def look(tx: Tx) -> dict[str, Any]:
        row, said = _line(tx, line_id), times(tx, at)
        return {
            "it": line_page(tx, row, said),
            "after_confirm": line_words.for_line(line_words.AFTER_CONFIRM, row.name),
            "test": test_text(tx, row, tested, said),
            "options": options(tx, row, typed, errors) if may(Right.LINE_SET) else (),
        }

    return page(
        "line.html",
        status,
        refused=refused,
        test_to=test_to,
        test_refused=test_refused,
        saved="saved" in request.args,
        confirmed="confirmed" in request.args,
        may_pause=may(Right.LINE_PAUSE),
        may_test=may(Right.LINE_TEST),
        may_restart=may(Right.LINE_RESTART),
        may_set=may(Right.LINE_SET),
        **read(look),
    )


def _back(line_id: int, query: str = "") -> ResponseReturnValue:
    return redirect(url_for("lines.show", line_id=line_id) + query, 303)


# --- doing -------------------------------------------------------------------------------------------

Verb = Callable[[Tx, str, str, datetime], object]
"""What is done with a line: its name, who does it, when."""


def _do(line_id: int, verb: Verb) -> ResponseReturnValue:
    actor = str(author())
    try:
        write(lambda tx, at: verb(tx, _line(tx, line_id).name, actor, at))
    except Refused as refused:
        return _line_page(line_id, 409, refused=refused.text)
    return _back(line_id)


@line_pages.post(f"{_LINE}/pause")
@needs(Right.LINE_PAUSE)
def pause(line_id: int) -> ResponseReturnValue:
    return _do(line_id, desk.pause)


@line_pages.post(f"{_LINE}/resume")
@needs(Right.LINE_PAUSE)
def resume(line_id: int) -> ResponseReturnValue:
    return _do(line_id, desk.resume)


@line_pages.post(f"{_LINE}/confirm")
@needs(Right.LINE_SET)
def confirm(line_id: int) -> ResponseReturnValue:
    actor = str(author())
    try:
        is_other_sim = write(lambda tx, at: desk.confirm(tx, _line(tx, line_id).name, actor, at))
    except Refused as refused:
        return _line_page(line_id, 409, refused=refused.text)
    return _back(line_id, "?confirmed=1" if is_other_sim else "")


@line_pages.post(f"{_LINE}/restart")
@needs(Right.LINE_RESTART)
def restart(line_id: int) -> ResponseReturnValue:
    return _do(line_id, lambda tx, name, actor, at: line_requests.ask(tx, name, Kind.RESTART, "", actor, at))


@line_pages.post(f"{_LINE}/balance")
@needs(Right.LINE_TEST)
def balance(line_id: int) -> ResponseReturnValue:
    def ask(tx: Tx, name: str, actor: str, at: datetime) -> object:
        code = line_options.value(_line(tx, line_id).options, "balance")
        return line_requests.ask(tx, name, Kind.USSD, code, actor, at)

    return _do(line_id, ask)


@line_pages.post(f"{_LINE}/test")
@needs(Right.LINE_TEST)
def test(line_id: int) -> ResponseReturnValue:
    """Send a test text, once for each form that was shown."""
    who, to, key = author(), request.form.get("to", ""), request.form.get("key", "")

    def send(tx: Tx, at: datetime) -> dict[str, Any]:
        line, asked = _line(tx, line_id), fingerprint([line_id, to])

        def act() -> dict[str, Any]:
            sent = messages.get(tx, desk.send_test(tx, line.name, to, who, at))
            return {"message": sent.public_id if sent else ""}

        return once(tx, f"person:{who.id}", f"{key}.{asked[:16]}", asked, at, act).body

    try:
        sent = write(send)
    except Refused as refused:
        return _line_page(line_id, 422, test_to=to, test_refused=refused.text)
    return _back(line_id, f"?test={sent['message']}#test")


# --- setting -----------------------------------------------------------------------------------------


class _Unfit(Exception):
    """Some options cannot be set as typed; nothing was changed."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


@line_pages.post(f"{_LINE}/options")
@needs(Right.LINE_SET)
def set_options(line_id: int) -> ResponseReturnValue:
    """Set what was changed in the form, all of it or nothing."""
    actor = str(author())
    typed = {name: request.form[name] for name in line_options.OPTIONS if name in request.form}

    def change(tx: Tx, at: datetime) -> None:
        line, errors = _line(tx, line_id), {}
        for name, value in typed.items():
            if value == line_options.value(line.options, name):
                continue
            try:
                desk.set_option(tx, line.name, name, value, actor, at)
            except (BadLine, Refused) as error:
                errors[name] = str(error)
        if errors:
            raise _Unfit(errors)

    try:
        write(change)
    except _Unfit as unfit:
        return _line_page(line_id, 422, typed=typed, errors=unfit.errors)
    return _back(line_id, "?saved=1#options")
