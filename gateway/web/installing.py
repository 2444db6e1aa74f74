"""What lets a phone or a computer keep the panel as an app of its own (W3C Web Application Manifest).

There is no service worker: browsers ask for none any more, and nothing of a customer's is to stay on a phone.
"""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from gateway.domain.language import speaking, spoken, t
from gateway.web.access import PUBLIC, needs
from gateway.web.frame import asset, office_name, papers
from gateway.web.site import site

installing_pages = Blueprint("installing", __name__)

MANIFEST = "application/manifest+json"
ICONS = ((192, "any"), (512, "any"), (512, "maskable"))
"""Width in pixels and purpose of each picture `python -m tests.icons` draws."""


@installing_pages.get("/manifest.webmanifest")
@needs(PUBLIC)
def manifest() -> ResponseReturnValue:
    """Asked for by browsers without their cookie, so the page says in which language."""
    asked = request.args.get("language", "")
    languages = site().languages
    with speaking(languages.of(asked) if asked in languages.NAMES else spoken()):
        return _manifest(asked), {"Content-Type": MANIFEST}


def _manifest(code: str) -> dict[str, object]:
    light, _ = papers()
    return {
        "id": "/",
        "name": t("Texts of {office}").format(office=office_name()),
        "short_name": str(t("Texts")),
        "description": str(t("The shared inbox of the office’s text messages.")),
        "lang": code or spoken().code,
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": light,
        "background_color": light,
        "icons": [_icon(size, purpose) for size, purpose in ICONS],
        "shortcuts": [{"name": str(t("New conversation")), "url": "/conversations/new"}],
    }


def _icon(size: int, purpose: str) -> dict[str, str]:
    return {
        "src": asset(icon_file(size, purpose)),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def icon_file(size: int, purpose: str) -> str:
    """The file in static/ that holds that picture."""
    return f"icon-{size}.png" if purpose == "any" else f"icon-{purpose}-{size}.png"
