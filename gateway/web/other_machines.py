"""The page that says how to open the panel from another device, and the root certificate to trust there.

Both are for anybody: who wants to sign in from a new device has to come here first, and a browser is shown
all of it anyway when it connects.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gateway.domain import opening_words
from gateway.domain.people import Right
from gateway.store.team import note
from gateway.web.access import PUBLIC, needs
from gateway.web.frame import office_name
from gateway.web.opening import Opened, OpeningFailed, places, surest
from gateway.web.qr import svg
from gateway.web.site import author, now, site, write

other_machines = Blueprint("other_machines", __name__)

ROOT_TYPE = "application/x-x509-ca-cert"
"""By this type phones know a certificate to install."""


@other_machines.get("/open")
@needs(PUBLIC)
def opening() -> ResponseReturnValue:
    """How to open the panel from another device."""
    return _page()


def _page(status: int = 200, error: str = "") -> Response:
    opened = site().opening.look()
    addresses = _addresses(opened)
    html = render_template(
        "opening.html",
        office=office_name(),
        words=opening_words,
        error=error,
        opened=opened,
        addresses=addresses,
        code=_code(addresses, opened) if addresses else "",
    )
    return make_response(html, status)


@other_machines.post("/open")
@needs(Right.SETUP)
def open_up() -> ResponseReturnValue:
    """Make the certificate, and open the panel with it."""
    by = str(author())
    try:
        opened = site().opening.make(now())
    except OpeningFailed as error:
        return _page(409, str(error))
    write(lambda tx, at: note(tx, at, by, "tls.init", "panel", after=list(opened.names)))
    return redirect("/open", 303)


@other_machines.get("/ca.crt")
@needs(PUBLIC)
def root() -> ResponseReturnValue:
    """The root of this box's own authority, PEM."""
    opened = site().opening.look()
    if opened is None or opened.root is None:
        abort(404, "This box has no authority of its own. Make one on it with: sms-gateway tls init")
    return Response(opened.root, mimetype=ROOT_TYPE)


def _code(addresses: list[str], opened: Opened | None) -> Markup:
    """What leads a phone to the panel, or to this page where it has to be told to trust the box first."""
    address = surest(addresses) + ("/open" if opened and opened.root else "")
    return svg(address, opening_words.QR_LABEL.format(address=address))


def _addresses(opened: Opened | None) -> list[str]:
    """Where the panel opens on other devices, as far as we know."""
    if opened is not None:
        return places(site().settings, opened)
    # behind a proxy: where it was asked for just now
    return [f"https://{request.host}"] if request.is_secure else []
