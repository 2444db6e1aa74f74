"""The page that says how to open the panel from another device, and the root certificate to trust there.

Both are for anybody: who wants to sign in from a new device has to come here first, and a browser is shown
all of it anyway when it connects.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from gateway.domain import opening_words
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.store.team import note
from gateway.web.access import PUBLIC, needs
from gateway.web.frame import office_name
from gateway.web.hosts import is_box_only
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
    opened, found = site().opening.look(), addresses()
    html = render_template(
        "opening.html",
        office=office_name(),
        words=opening_words,
        error=error,
        opened=opened,
        addresses=found,
        code=_code(found, opened) if found else "",
    )
    return make_response(html, status)


@other_machines.post("/open")
@needs(Right.SETUP)
def open_up() -> ResponseReturnValue:
    """Make the certificate, and open the panel with it."""
    try:
        make()
    except OpeningFailed as error:
        return _page(409, str(error))
    return redirect("/open", 303)


def make() -> None:
    """Make an authority of this box's own and its certificate, in the name of whoever is signed in.

    Does nothing where that is done, as for a form that is sent twice.

    Raises:
        OpeningFailed: it cannot be made.
    """
    if site().opening.look() is not None:
        return
    by, opened = str(author()), site().opening.make(now())
    write(lambda tx, at: note(tx, at, by, "tls.init", "panel", after=list(opened.names)))


@other_machines.get("/ca.crt")
@needs(PUBLIC)
def root() -> ResponseReturnValue:
    """The root of this box's own authority, PEM."""
    opened = site().opening.look()
    if opened is None or opened.root is None:
        abort(404, t("This box has no authority of its own. Make one on it with: sms-gateway tls init"))
    return Response(opened.root, mimetype=ROOT_TYPE)


def _code(found: list[str], opened: Opened | None) -> Markup:
    """What leads a phone to the panel, or to this page where it has to be told to trust the box first."""
    address = surest(found) + ("/open" if opened and opened.root else "")
    return svg(address, opening_words.QR_LABEL.format(address=address))


def base() -> str:
    """Where a link leads that somebody else opens: an address that works on this box alone is of no use to
    them while there is another."""
    found = addresses() if is_box_only(request.host) else []
    return surest(found) if found else request.host_url.rstrip("/")


def trust_first() -> str:
    """What somebody who is given such a link has to do before; empty where their device knows the box."""
    opened, here = site().opening.look(), base()
    if opened is None or opened.root is None or here not in places(site().settings, opened):
        return ""
    return opening_words.TRUST_FIRST.format(address=f"{here}/open")


def addresses() -> list[str]:
    """Where the panel opens on other devices, as far as we know."""
    opened = site().opening.look()
    found = places(site().settings, opened) if opened is not None else []
    # behind a proxy: where it was asked for just now
    return found or ([f"https://{request.host}"] if request.is_secure else [])
