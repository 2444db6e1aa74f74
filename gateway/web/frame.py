"""Pages: the frame round each of them, and the assets they name."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, make_response, render_template, url_for
from flask.wrappers import Response
from markupsafe import Markup

from gateway.domain import advice_words, alarm_words, phone, role_words
from gateway.domain.alarms import Kind
from gateway.domain.language import Text, spoken
from gateway.domain.people import Right, Role
from gateway.store import alarms, conversation_list, events, lines, outbox, settings
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.web import for_you
from gateway.web.beside import beside
from gateway.web.clock import Banner, banner
from gateway.web.counter import GSM_BASIC, GSM_EXTENDED, attributes, counted, words
from gateway.web.news import stream_name
from gateway.web.present import Health, Times, health, title
from gateway.web.reader import reader
from gateway.web.restored import Banner as RestoredBanner
from gateway.web.restored import banner as restored_banner
from gateway.web.shown import plainly, seen, shown
from gateway.web.site import lines_seen, may, now, read, visitor

STATIC = Path(__file__).with_name("static")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands round every page of somebody who is signed in. `alarms`: what is wrong that nobody has
    seen; `for_you`: how many notes and answers of others wait for the reader."""

    office: str
    unread: int
    for_you: int
    lines: tuple[Health, ...]
    last_event: int
    clock: Banner | None
    alarms: str
    restored: RestoredBanner | None

    @property
    def worst(self) -> Health | None:
        """The line to name in the top bar: one in trouble before one that works."""
        return next((line for line in self.lines if not line.works), self.lines[0] if self.lines else None)

    @property
    def working(self) -> Health | None:
        """A line that works, one whose number is known before others."""
        works = [line for line in self.lines if line.works]
        return next((line for line in works if line.number), works[0] if works else None)


def times(tx: Tx, at: datetime) -> Times:
    """The office's way of saying times."""
    return Times(ZoneInfo(settings.get(tx, "office.zone")), at)


def every_line(tx: Tx) -> tuple[Health, ...]:
    """The lines in use that whoever is signed in may see, as the panel shows them."""
    return tuple(health(row, outbox.counts(tx, row.id)) for row in lines.every(tx, lines_seen()))


def _frame(tx: Tx, said: Times, me: Reader) -> Frame:
    return Frame(
        office=settings.get(tx, "office.name"),
        unread=conversation_list.unread_count(tx, me),
        for_you=for_you.count(tx, me.user_id, said.now, lines_seen()),
        lines=every_line(tx),
        last_event=events.last_id(tx),
        clock=banner(tx, said),
        alarms=_alarms(tx),
        restored=restored_banner(tx, said),
    )


def _alarms(tx: Tx) -> str:
    """The newest alarm that nobody has seen, and how many there are besides; the clock has a banner of its
    own."""
    hidden = lines.names_beyond(tx, lines_seen())
    rows = [
        row
        for row in alarms.every_open(tx)
        if row.seen_at is None and row.kind != Kind.CLOCK and row.subject not in hidden
    ]
    if not rows:
        return ""
    return alarm_words.in_banner(alarm_words.happened(Kind(rows[-1].kind), rows[-1].detail), len(rows) - 1)


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page in its frame, for whoever is signed in."""
    at, me = now(), reader()

    def look(tx: Tx) -> tuple[Frame, Times]:
        said = times(tx, at)
        return _frame(tx, said, me), said

    frame, said = read(look)
    values = {"times": said, **values}
    html = render_template(template, frame=frame, me=visitor(), may_write=may(Right.WRITE), **values)
    return make_response(html, status)


def office_name() -> str:
    """The office's name, for pages nobody is signed in on."""
    return str(read(lambda tx: settings.get(tx, "office.name")))


def install(app: Flask) -> None:
    """Give the templates what they call."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(shown=shown, seen=seen, plainly=plainly)
    app.jinja_env.globals.update(
        asset=asset,
        counted=counted,
        conversation_title=lambda row: title(row.name, row.peer),
        pretty=phone.pretty,
        fresh_key=lambda: secrets.token_urlsafe(16),
        gsm_basic=GSM_BASIC,
        gsm_extended=GSM_EXTENDED,
        counter_attributes=attributes,
        counter_words=words,
        advice_words=advice_words,
        beside=beside,
        papers=papers,
        stream_name=stream_name,
        t=_sentence,
        tn=_counted,
        language=lambda: spoken().code,
        role_name=lambda role: str(role_words.NAMES[Role(role)]),
    )


def _sentence(words: str, /, **values: object) -> Markup:
    """`t` in templates: the sentence in the reader's language, its values escaped. It may hold markup."""
    return Markup(str(Text(words))).format(**values)  # noqa: S704 - sentences are ours, never anybody's words


def _counted(one: str, many: str, count: int, /, **values: object) -> Markup:
    """`tn` in templates: the form for `count`, filled in with it and the values."""
    words = spoken().sentences.ngettext(one, many, count)
    return Markup(words).format(count=count, **values)  # noqa: S704 - as above


def asset(name: str) -> str:
    """Address of a file in static/; it changes with the file, so browsers may keep it for good."""
    return url_for("static", filename=name, v=_digest(name))


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@cache
def papers() -> tuple[str, str]:
    """The colour of the page's ground, by light and in the dark, as the style sheet has it."""
    light, dark = re.findall(r"--paper: (#\w+);", (STATIC / "tokens.css").read_text(encoding="utf-8"))
    return light, dark
