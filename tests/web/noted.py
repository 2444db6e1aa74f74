"""What the audit log has to tell: every change of settings, people, rights, lines' setup, consent, blocks and
legal holds that a request makes. `watch` has a panel look after each request that may change something."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import func, select

from gateway.store.tables import (
    audit,
    consent_events,
    contacts,
    lines,
    settings,
    suppressions,
    user_lines,
    users,
)
from tests.office import Office

_WATCHED = {
    "settings": select(settings),
    "people": select(
        users.c.username, users.c.name, users.c.role, users.c.password_hash, users.c.disabled_at.is_(None),
        users.c.totp_since, users.c.language, users.c.available, users.c.shortcuts, users.c.hints,
    ),
    "rights per line": select(user_lines),
    "lines": select(
        lines.c.name, lines.c.port, lines.c.number, lines.c.limits, lines.c.paused_at, lines.c.removed_at,
        lines.c.options, lines.c.bound_imei, lines.c.bound_iccid,
    ),
    "consent": select(suppressions),
    "what was said of consent": select(consent_events.c.id, consent_events.c.kind),
    "blocks and holds": select(contacts.c.public_id, contacts.c.blocked_why, contacts.c.held_why).where(
        contacts.c.blocked_at.is_not(None) | contacts.c.held_since.is_not(None)
    ),
}  # fmt: skip
_NO_VALUES = frozenset({"user.password", "user.enable", "user.recovered"})
"""Told by the action alone: there is nothing before and after that may be written down."""


def _look(tx: Any) -> tuple[dict[str, str], int]:
    found = {}
    for what, query in _WATCHED.items():
        rows = sorted(json.dumps([*row], default=str) for row in tx.execute(query))
        found[what] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found, tx.scalar(select(func.coalesce(func.max(audit.c.id), 0)))


def _rows_after(tx: Any, last: int) -> list[Any]:
    return list(tx.execute(select(audit).where(audit.c.id > last)))


def watch(panel: Flask, office: Office) -> list[str]:
    """From now on; the list gets a sentence for each change of which the audit log tells nothing."""
    missing: list[str] = []

    def before() -> None:
        if request.method not in ("GET", "HEAD"):
            g.watched = office.read(_look)

    def after(answer: Response) -> Response:
        if "watched" not in g:
            return answer
        (was, last), (now_is, _) = g.watched, office.read(_look)
        changed = [what for what in was if was[what] != now_is[what]]
        rows = office.read(lambda tx: _rows_after(tx, last)) if changed else []
        told = [row for row in rows if row.after is not None or row.before is not None]
        if changed and not told and not _NO_VALUES & {row.action for row in rows}:
            missing.append(f"{request.method} {request.url_rule} changed {', '.join(changed)}")
        return answer

    panel.before_request_funcs.setdefault(None, []).insert(0, before)
    panel.after_request_funcs.setdefault(None, []).append(after)
    return missing
