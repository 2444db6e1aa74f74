"""An office in which strangers and colleagues wrote an attack into everything they may write into."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from gateway.desk import alarms as desk_alarms
from gateway.desk import blocking, conversation_state, team, templates
from gateway.desk import contacts as desk_contacts
from gateway.desk import notes as desk_notes
from gateway.desk.drafts import Author
from gateway.domain.alarms import Kind
from gateway.domain.line import MissedCall
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.store import contact_list, contacts, conversations, settings
from gateway.store import team as store_team
from gateway.store.tables import metadata
from tests.office import ANNA, BEN, CARA, Office

PROBE = "xss-probe"
ATTACK = (
    f'"\'><{PROBE} onload=alert(1)></{PROBE}><script>window.hit=1</script><img src=x onerror="window.hit=1">'
    f"<svg onload=window.hit=1>{{{{7*7}}}}${{7*7}}</textarea></title></style>"
    f"<{PROBE}>--><a href=javascript:hit>"
)
LINKS = (
    "javascript:window.hit=1 JaVaScRiPt:hit data:text/html,<b> vbscript:x https://evil.example/?a='onclick=x'"
)

WRITTEN: dict[str, tuple[str, ...]] = {
    "messages": ("body", "author_name", "urgent_reason", "reference", "starred_by"),
    "contacts": (
        "name",
        "company",
        "email",
        "address",
        "external_id",
        "held_why",
        "blocked_why",
        "blocked_by",
    ),
    "number_owners": ("why",),
    "contact_filters": ("name",),
    "tags": ("name",),
    "conversation_log": ("actor_name",),
    "notes": ("body", "author_name"),
    "text_drafts": ("body",),
    "templates": ("name", "created_by"),
    "template_texts": ("body",),
    "imports": ("file_name", "created_by", "problem"),
    "users": ("name",),
    "audit": ("actor", "object", "address"),
    "sessions": ("agent",),
    "invitations": ("created_by",),
    "alarms": ("seen_by",),
    "consent_events": ("words", "recorded_by"),
    "erasures": ("why", "actor"),
}
"""Columns whose words are somebody's: of a stranger, a colleague, a program, or a device."""


def attacked(office: Office, words: str = f"{ATTACK} {LINKS}") -> None:
    """Seed the office; `words` stand in every column of `WRITTEN`."""
    office.write(lambda tx: settings.put(tx, "office.name", words[:200]))
    for number in (ANNA, BEN, CARA):
        office.text_from(number, "hello")
        office.clock.step(minutes=1)
    office.accept(ANNA, "See you at nine")
    office.hear(MissedCall(BEN, 9))
    office.write(lambda tx: _do(tx, office))
    office.write(lambda tx: _overwrite(tx, words))


def _do(tx: Any, office: Office) -> None:
    user, now = store_team.user_by_name(tx, "admin"), office.clock()
    assert user is not None
    me = Author("person", user.id, user.name)
    anna, ben = contacts.by_number(tx, ANNA), contacts.by_number(tx, BEN)
    row = conversations.by_public_id(tx, office.conversation(ANNA).public_id)
    assert anna is not None and ben is not None and row is not None
    desk_contacts.set_name(tx, anna.id, "Anna", me, now)
    desk_contacts.set_own_fields(tx, anna.id, {"Dog": "Rex"}, me, now)
    desk_contacts.tag(tx, anna.id, "crown", me, now)
    conversation_state.tag(tx, row, "urgent", me, now)
    conversation_state.assign(tx, row, user.id, me, now)
    desk_notes.add(tx, row, "a note for @admin", me, now)
    templates.add(tx, "hello", {"en": "Hello {first_name}"}, None, me, now)
    blocking.block(tx, ben.id, "spam", me, now)
    contact_list.add_filter(tx, public_id="flt_x", name="mine", query={}, created_at=now)
    desk_alarms.raise_(tx, Kind.DISK, "", {"percent": 9, "free": "1 GB", "folder": "/data"}, now)
    team.create_token(tx, "shop", list(Scope), list(Purpose), "command:test", now)


def _overwrite(tx: Any, words: str) -> None:
    tx.connection.exec_driver_sql("DROP TRIGGER audit_keeps")
    for name, columns in WRITTEN.items():
        table = metadata.tables[name]
        for column in columns:
            there = table.c[column].is_not(None) if table.c[column].nullable else True
            tx.execute(update(table).where(there).values({column: words}))
    tx.execute(update(metadata.tables["contacts"]).values(fields={words: words}))
