"""The Flask application: builds it from its parts and sets what holds for every answer.

Nothing here is global: `create_app` may be called as often as wanted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from gateway import languages as shipped
from gateway.config import Settings
from gateway.domain.refusal_words import Refused
from gateway.store.database import Database, DatabaseError
from gateway.web import access, frame, hosts, packed, problems, timing
from gateway.web.access import PUBLIC, Doors, needs
from gateway.web.account import account_pages
from gateway.web.alarms import alarm_pages
from gateway.web.api import api_v1
from gateway.web.api_changes import change_api
from gateway.web.api_contacts import contact_api
from gateway.web.api_conversations import conversation_api
from gateway.web.api_customers import customer_api
from gateway.web.api_document import install_api
from gateway.web.api_lines import line_api
from gateway.web.api_notes import note_api
from gateway.web.api_search import search_api
from gateway.web.api_templates import template_api
from gateway.web.audit import audit_pages
from gateway.web.auth import auth, show_sign_in
from gateway.web.backups import backup_pages
from gateway.web.beginning import begin_pages
from gateway.web.clock import clock_pages
from gateway.web.contact_data import contact_data_pages
from gateway.web.contact_export import contact_export_pages
from gateway.web.contacts import contact_pages
from gateway.web.conversation_state import state_pages
from gateway.web.conversations import desk_pages
from gateway.web.explain import explain_pages
from gateway.web.health import health_pages
from gateway.web.hours import hour_pages
from gateway.web.imports import import_pages
from gateway.web.installing import installing_pages
from gateway.web.joining import join_pages
from gateway.web.lines import line_pages
from gateway.web.make_known import make_known_pages
from gateway.web.news import news_pages
from gateway.web.office import office_pages
from gateway.web.old_phone import old_phone_pages
from gateway.web.opening import NOT_OPENED, Opening
from gateway.web.other_machines import other_machines
from gateway.web.people import people_pages
from gateway.web.person import person_pages
from gateway.web.person_changes import person_changes
from gateway.web.plainness import EachNameOnce
from gateway.web.restored import restored_pages
from gateway.web.schedule import schedule_pages
from gateway.web.search import search_pages
from gateway.web.sessions import CookieSessions
from gateway.web.setup import setup_pages, show_setup
from gateway.web.setup_line import setup_line_pages
from gateway.web.site import Languages, Site
from gateway.web.templates import template_pages
from gateway.web.thread_export import thread_export_pages
from gateway.web.thread_notes import note_pages
from gateway.web.writing import writing_pages

log = logging.getLogger(__name__)

LARGEST_REQUEST = 1 << 20
"""Bytes of a request's body."""

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)

HEADERS: dict[str, str] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
    "X-Frame-Options": "DENY",
}

STRICT_TRANSPORT = "max-age=31536000"


class Panel(Flask):
    """Flask, which writes an error into our log: by the name the answer gives it and by the route. Addresses
    stay out of it, since some hold a secret."""

    def log_exception(self, exc_info: Any) -> None:
        """As `Flask.log_exception`."""
        fields = {"request": problems.request_id(), "route": str(request.url_rule)}
        log.error("a request failed", extra=fields, exc_info=exc_info)


def create_app(
    database: Database,
    settings: Settings,
    clock: Callable[[], datetime],
    opening: Opening = NOT_OPENED,
    languages: Languages = shipped,
) -> Flask:
    """The panel and the API over a database. `clock` returns the time now, aware; `opening` knows the
    certificate other machines see."""
    app = Panel(__name__)
    site = Site(database, settings, clock, opening, languages)
    site.attach(app.extensions)
    _configure(app, site)
    timing.install(app)
    access.install(app, hosts.trusted(settings, opening), Doors(show_sign_in, show_setup))
    frame.install(app)
    needs(PUBLIC)(app.view_functions["static"])
    for pages in (
        auth,
        desk_pages,
        note_pages,
        writing_pages,
        template_pages,
        thread_export_pages,
        state_pages,
        begin_pages,
        contact_pages,
        import_pages,
        old_phone_pages,
        audit_pages,
        people_pages,
        person_pages,
        person_changes,
        contact_data_pages,
        contact_export_pages,
        schedule_pages,
        explain_pages,
        hour_pages,
        office_pages,
        search_pages,
        line_pages,
        make_known_pages,
        health_pages,
        clock_pages,
        other_machines,
        alarm_pages,
        news_pages,
        installing_pages,
        backup_pages,
        restored_pages,
        account_pages,
        join_pages,
        setup_pages,
        setup_line_pages,
    ):
        app.register_blueprint(pages)
    install_api(
        app,
        api_v1,
        change_api,
        note_api,
        conversation_api,
        contact_api,
        customer_api,
        search_api,
        line_api,
        template_api,
    )
    app.register_error_handler(HTTPException, problems.on_http_error)
    app.register_error_handler(Refused, problems.refusal)
    app.register_error_handler(DatabaseError, problems.on_store_error)
    _set_headers(app, site)
    return app


def _configure(app: Flask, site: Site) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        MAX_FORM_PARTS=100,
        SECRET_KEY=site.database.keys.derived("forms"),
        WTF_CSRF_CHECK_DEFAULT=False,  # asked for by the gate, after who it is and what they may
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # we send no referrer; the gate looks at Sec-Fetch-Site and Origin
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
    )
    app.session_interface = CookieSessions()
    app.json = EachNameOnce(app)


def _set_headers(app: Flask, site: Site) -> None:
    # not with the box's own authority: a device that lost its root could not even read what to do about it
    is_public = site.settings.tls_cert is not None

    @app.after_request
    def secure(answer: Response) -> Response:
        answer.headers.update(HEADERS)
        if is_public and request.is_secure and hosts.may_be_kept_to_tls(request.host):
            answer.headers["Strict-Transport-Security"] = STRICT_TRANSPORT
        if request.endpoint == "static":
            return packed.pack(request, answer)
        answer.headers["Cache-Control"] = "no-store"
        return answer
