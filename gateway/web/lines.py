"""How the lines are, and pausing them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from gateway.desk import lines as desk
from gateway.domain.people import Right
from gateway.store import lines
from gateway.store.database import Tx
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.site import author, may, write

line_pages = Blueprint("lines", __name__)


@line_pages.get("/lines")
@needs(Right.LINE_SEE)
def show() -> ResponseReturnValue:
    return page("lines.html", may_pause=may(Right.LINE_PAUSE))


def _line(tx: Tx, line_id: int) -> Row[Any]:
    row = lines.get(tx, line_id)
    if row is None or row.removed_at is not None:
        abort(404)
    return row


@line_pages.post("/lines/<int(max=9223372036854775807):line_id>/pause")
@needs(Right.LINE_PAUSE)
def pause(line_id: int) -> ResponseReturnValue:
    actor = str(author())
    write(lambda tx, at: desk.pause(tx, _line(tx, line_id).name, actor, at))
    return redirect("/lines", 303)


@line_pages.post("/lines/<int(max=9223372036854775807):line_id>/resume")
@needs(Right.LINE_PAUSE)
def resume(line_id: int) -> ResponseReturnValue:
    actor = str(author())
    write(lambda tx, at: desk.resume(tx, _line(tx, line_id).name, actor, at))
    return redirect("/lines", 303)
