"""How customers learn a line's number: a link, a picture for a phone's camera, cards to print, a vCard."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from markupsafe import Markup

from gateway.domain import known, phone
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.typed import one_line
from gateway.store import lines, settings
from gateway.store.database import Tx
from gateway.web import qr
from gateway.web.access import needs
from gateway.web.frame import page
from gateway.web.site import may, read

make_known_pages = Blueprint("make_known", __name__)

_PAGE = "/lines/<int(max=9223372036854775807):line_id>/make-known"
_CARDS = 8
"""On one A4 page, two by four, each 85 by 60 mm."""


@dataclass(frozen=True, slots=True)
class Known:
    """A line as strangers get to know it. `words`: written already in the text they begin; often none."""

    id: int
    name: str
    number: str
    office: str
    words: str

    @property
    def link(self) -> str:
        return known.sms_uri(self.number, self.words)

    @property
    def pretty(self) -> str:
        return phone.pretty(self.number)

    @property
    def picture(self) -> Markup:
        return qr.svg(self.link, str(t("Picture that begins a text to {number}").format(number=self.pretty)))

    @property
    def snippet(self) -> str:
        """For a web site."""
        said = t("Text us: {number}").format(number=self.pretty)
        return str(Markup('<a href="{link}">{said}</a>').format(link=self.link, said=said))


def _known(line_id: int) -> Known:
    words = one_line(request.args.get("text", ""))[: known.LONGEST_WORDS]

    def look(tx: Tx) -> Known:
        row = lines.get(tx, line_id)
        if row is None or row.removed_at is not None:
            abort(404)
        return Known(row.id, row.name, row.number or "", settings.get(tx, "office.name"), words)

    return read(look)


def _numbered(line_id: int) -> Known:
    """The same, with a number: without one there is nothing to draw."""
    found = _known(line_id)
    return found if found.number else abort(404)


@make_known_pages.get(_PAGE)
@needs(Right.LINE_SEE)
def show(line_id: int) -> ResponseReturnValue:
    it = _known(line_id)
    places = {
        name: url_for(f"make_known.{name}", line_id=it.id, text=it.words or None)
        for name in ("cards", "picture", "address")
    }
    return page(
        "make_known.html", it=it, places=places, longest=known.LONGEST_WORDS, may_set_up=may(Right.SETUP)
    )


@make_known_pages.get(f"{_PAGE}/cards")
@needs(Right.LINE_SEE)
def cards(line_id: int) -> ResponseReturnValue:
    """A page to print: several times the same card, to be cut apart."""
    return render_template("known_cards.html", it=_numbered(line_id), cards=_CARDS)


@make_known_pages.get(f"{_PAGE}/picture.svg")
@needs(Right.LINE_SEE)
def picture(line_id: int) -> ResponseReturnValue:
    """The picture by itself, for a poster or a letterhead."""
    return _file(_numbered(line_id).picture, "image/svg+xml", "text-us.svg")


@make_known_pages.get(f"{_PAGE}/line.vcf")
@needs(Right.LINE_SEE)
def address(line_id: int) -> ResponseReturnValue:
    it = _numbered(line_id)
    name = f"{it.office} ({it.name})" if it.office else it.name
    return _file(known.vcard(name, it.number, it.office), "text/vcard", "line.vcf")


def _file(content: str, kind: str, name: str) -> Response:
    answer = Response(content, mimetype=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
