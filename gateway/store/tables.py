"""The tables, as SQLAlchemy Core objects. The migrations together create exactly these.

Integer primary keys order rows (a message's id is its sequence number); `public_id` is what leaves the
house, so that a restore never makes an old id mean something new. Times are UTC microseconds since the
epoch (`Micros`). Words in state columns are those of `gateway.domain.message`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    event,
    false,
    true,
)
from sqlalchemy.engine import Dialect

from gateway.domain.message import Direction, PartState, Purpose, State, WaitingFor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Micros(TypeDecorator[datetime]):
    """An aware datetime kept as UTC microseconds: sorts as a number, never loses its zone."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MICROSECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    # AUTOINCREMENT below: an id is never used twice, even after an erasure
    return Column("id", Integer, primary_key=True)


def _one_of(column: str, words: Any) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


_NEVER_REUSE: dict[str, Any] = {"sqlite_autoincrement": True}

lines = Table(
    "lines",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("port", String, nullable=False),
    Column("number", String),
    Column("country", String(2)),
    Column("pin_sealed", LargeBinary),
    Column("limits", JSON, nullable=False),
    Column("paused_at", Micros),
    Column("removed_at", Micros),
    Column("created_at", Micros, nullable=False),
    # what the line last said of itself
    Column("status", String, nullable=False, server_default="starting"),
    Column("code", String, nullable=False, server_default="opening"),
    Column("status_since", Micros),
    Column("facts", JSON, nullable=False, server_default="{}"),
    Column("options", JSON, nullable=False, server_default="{}"),  # see domain.line_options
    Column("abilities", JSON),  # null while they are not known
    # the device and the SIM it worked with first; others have to be confirmed
    Column("bound_imei", String),
    Column("bound_iccid", String),
    Index("uq_lines_name_live", "name", unique=True, sqlite_where=Column("removed_at").is_(None)),
    **_NEVER_REUSE,
)

line_samples = Table(  # the signal every few minutes, for the graph
    "line_samples",
    metadata,
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
    Column("at", Micros, primary_key=True),
    Column("code", String, nullable=False),
    Column("signal_dbm", Integer),
)

line_log = Table(  # what happened to a line: its states and the steps of its recovery
    "line_log",
    metadata,
    _id(),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("at", Micros, nullable=False),
    Column("kind", String, nullable=False),  # state, recovery, device, reroute
    Column("code", String, nullable=False),
    Column("detail", String, nullable=False, server_default=""),
    Index("ix_line_log_line", "line_id", "id"),
    **_NEVER_REUSE,
)

line_requests = Table(  # what people ask of a line that only the running program can do
    "line_requests",
    metadata,
    _id(),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("kind", String, nullable=False),  # restart, ussd, trace
    Column("argument", String, nullable=False, server_default=""),
    Column("state", String, nullable=False),  # asked, done, failed
    Column("answer", Text, nullable=False, server_default=""),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Micros, nullable=False),
    Column("done_at", Micros),
    Index("ix_line_requests_open", "id", sqlite_where=Column("state") == "asked"),
    Index("ix_line_requests_line", "line_id", "kind", "id"),
    **_NEVER_REUSE,
)

pin_tries = Table(
    "pin_tries",
    metadata,
    Column("sim", String, primary_key=True),
    Column("pin_hash", String, primary_key=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("tried_at", Micros, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("name", String),
    Column("zone", String),  # where they live, of the IANA database; null: by their number
    Column("created_at", Micros, nullable=False),
    # a legal hold: nothing of theirs is removed, neither by rule nor by hand
    Column("held_since", Micros),
    Column("held_by", String),
    Column("held_why", String),
    Column("external_id", String),  # what the customer list calls them
    Column("stage", String, nullable=False, server_default="prospect"),  # see domain.contact
    Column("priority", String, nullable=False, server_default="normal"),
    Column("language", String),
    Column("company", String),
    Column("email", String),
    Column("address", Text),
    Column("fields", JSON, nullable=False, server_default="{}"),  # what the office keeps besides
    Column("edited", JSON, nullable=False, server_default="[]"),  # columns set by hand; an import leaves them
    Column("blocked_at", Micros),
    Column("blocked_by", String),
    Column("blocked_why", String),
    Column("merged_into_id", Integer),  # of contacts: they are one with that one since then
    Column("changed_at", Micros),
    Column("heard_at", Micros),  # their last text or call, from any number
    Column("sought", String, nullable=False, server_default=""),  # see domain.contact.sought
    Index(
        "uq_contacts_external_id", "external_id", unique=True, sqlite_where=Column("external_id").is_not(None)
    ),
    Index("ix_contacts_sought", "sought", "id", sqlite_where=Column("merged_into_id").is_(None)),
    Index("ix_contacts_heard", "heard_at", "id", sqlite_where=Column("merged_into_id").is_(None)),
    Index("ix_contacts_stage", "stage", "sought", "id", sqlite_where=Column("merged_into_id").is_(None)),
    Index(
        "ix_contacts_priority", "priority", "sought", "id", sqlite_where=Column("merged_into_id").is_(None)
    ),
    Index(
        "ix_contacts_language", "language", "sought", "id", sqlite_where=Column("merged_into_id").is_(None)
    ),
    Index("ix_contacts_blocked", "blocked_at", sqlite_where=Column("blocked_at").is_not(None)),
    Index("ix_contacts_merged", "merged_into_id", sqlite_where=Column("merged_into_id").is_not(None)),
    **_NEVER_REUSE,
)

phone_numbers = Table(
    "phone_numbers",
    metadata,
    _id(),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("number", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("health", String, nullable=False, server_default="ok"),  # see domain.hygiene
    Column("failures", Integer, nullable=False, server_default="0"),  # permanent ones in a row
    Column("undelivered_since", Micros),  # nothing arrived since then
    Column("heard_at", Micros),  # their last text or call
    Column("confirmed_at", Micros),  # when a person last said that it is theirs
    Index("ix_phone_numbers_health", "health", "id", sqlite_where=Column("health") != "ok"),
)

number_owners = Table(  # whose number it was before, and who shares it
    "number_owners",
    metadata,
    _id(),
    Column("number", String, nullable=False, index=True),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("since", Micros, nullable=False),
    Column("until", Micros),  # null: shares it now
    Column("why", String, nullable=False),  # moved, merged, shared
    **_NEVER_REUSE,
)

merges = Table(  # contacts that were made one, with what it takes to part them again
    "merges",
    metadata,
    _id(),
    Column("kept_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("merged_id", ForeignKey("contacts.id"), nullable=False, index=True),
    Column("at", Micros, nullable=False),
    Column("by", String, nullable=False),
    Column("moved", JSON, nullable=False),
    Column("undone_at", Micros),
    **_NEVER_REUSE,
)

contact_filters = Table(  # saved filters of the contact table
    "contact_filters",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("query", JSON, nullable=False),
    Column("created_by_id", ForeignKey("users.id")),
    Column("created_at", Micros, nullable=False),
    **_NEVER_REUSE,
)

tags = Table(
    "tags",
    metadata,
    _id(),
    Column("name", String, nullable=False),
    Column("folded", String, nullable=False, unique=True),  # the name, folded: one tag however it is written
    Column("created_at", Micros, nullable=False),
    **_NEVER_REUSE,
)

contact_tags = Table(
    "contact_tags",
    metadata,
    Column("contact_id", ForeignKey("contacts.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True, index=True),
)

conversations = Table(
    "conversations",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("contact_id", ForeignKey("contacts.id"), nullable=False),
    Column("peer", String, nullable=False),
    Column("state", String, nullable=False, server_default="open"),
    Column("last_message_id", Integer),
    Column("last_message_at", Micros),
    Column("waiting_since", Micros),
    Column("seen_message_id", Integer, nullable=False, server_default="0"),
    Column("last_inbound_id", Integer, nullable=False, server_default="0"),
    Column("created_at", Micros, nullable=False),
    Column("assignee_id", Integer),  # of users
    Column("priority", String, nullable=False, server_default="normal"),  # see domain.conversation
    Column("snoozed_until", Micros),  # null while snoozed: until they write
    Column("closed_at", Micros),
    Column("flood_texts", Integer),  # how many came within minutes, while that is a flood: see domain.flood
    UniqueConstraint("line_id", "contact_id"),
    Index("ix_conversations_recent", "last_message_at", "id"),
    Index("ix_conversations_state", "state", "last_message_at", "id"),
    Index("ix_conversations_assignee", "assignee_id", "state", "last_message_at", "id"),
    Index(
        "ix_conversations_waiting", "waiting_since", "id", sqlite_where=Column("waiting_since").is_not(None)
    ),
    Index("ix_conversations_contact", "contact_id"),
    # all that is counted on every page, so that no conversation itself is read for it
    Index(
        "ix_conversations_counted",
        "state",
        "line_id",
        "assignee_id",
        "waiting_since",
        "last_message_at",
        "last_inbound_id",
    ),
    Index("ix_conversations_snoozed", "snoozed_until", sqlite_where=Column("state") == "snoozed"),
    **_NEVER_REUSE,
)

conversation_tags = Table(
    "conversation_tags",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True, index=True),
)

conversation_log = Table(  # what happened to a conversation beside texts; shown between them, and for good
    "conversation_log",
    metadata,
    _id(),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("at", Micros, nullable=False),
    Column("kind", String, nullable=False),  # see domain.conversation.Happened
    Column("actor_kind", String, nullable=False),  # person, token, rule, command
    Column("actor_id", Integer),
    Column("actor_name", String),
    Column("detail", JSON, nullable=False, server_default="{}"),
    Index("ix_conversation_log_conversation", "conversation_id", "at", "id"),
    **_NEVER_REUSE,
)

reads = Table(  # how far each person has read a conversation
    "reads",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True, index=True),
    Column("message_id", Integer, nullable=False),
)

notes = Table(  # what staff write to each other; never a message, and in no table that anything is sent from
    "notes",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("author_id", ForeignKey("users.id")),
    Column("author_name", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", Micros, nullable=False),
    Index("ix_notes_conversation", "conversation_id", "created_at", "id"),
    Index("ix_notes_author", "author_id", "id"),
    **_NEVER_REUSE,
)

mentions = Table(
    "mentions",
    metadata,
    Column("note_id", ForeignKey("notes.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("seen_at", Micros),
    Index("ix_mentions_unseen", "user_id", "note_id", sqlite_where=Column("seen_at").is_(None)),
    Index("ix_mentions_user", "user_id", "note_id"),
)

text_drafts = Table(  # what somebody began to write and has not sent
    "text_drafts",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True, index=True),
    Column("kind", String, primary_key=True),  # reply, note
    Column("body", Text, nullable=False),
    Column("changed_at", Micros, nullable=False),
)

templates = Table(
    "templates",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("owner_id", ForeignKey("users.id"), index=True),  # whose own it is; null: the office's
    Column("created_at", Micros, nullable=False),
    Column("created_by", String, nullable=False),
    Column("changed_at", Micros),
    Column("used", Integer, nullable=False, server_default="0"),
    Column("removed_at", Micros),
    **_NEVER_REUSE,
)

template_texts = Table(  # a template's words, in each language it has
    "template_texts",
    metadata,
    Column("template_id", ForeignKey("templates.id"), primary_key=True),
    Column("language", String, primary_key=True),
    Column("body", Text, nullable=False),
)

imports = Table(  # a list of contacts, or an old phone's history, that was brought in
    "imports",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),  # contacts, history
    Column("source", String, nullable=False),  # upload, command, url, folder
    Column("source_id", ForeignKey("import_sources.id")),
    Column("file_name", String, nullable=False),
    Column("content", LargeBinary),  # until it was taken in
    Column("form", JSON, nullable=False, server_default="{}"),  # format, encoding, separator, columns
    # uploaded, looking, looked, running, done, undoing, undone, failed
    Column("state", String, nullable=False),
    Column("counts", JSON, nullable=False, server_default="{}"),
    Column("created_at", Micros, nullable=False),
    Column("created_by", String, nullable=False),
    Column("done_at", Micros),
    Column("undone_at", Micros),
    Column("problem", String),
    **_NEVER_REUSE,
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", ForeignKey("imports.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("given", JSON, nullable=False),
    Column("verdict", String, nullable=False),  # see domain.imports.Verdict
    Column("why", String, nullable=False, server_default=""),
    Column("contact_id", ForeignKey("contacts.id"), index=True),
    Column("before", JSON),  # the columns it changed, as they were; null: it made the contact
)

import_sources = Table(  # a customer list that is fetched by itself
    "import_sources",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),  # url, folder
    Column("place", String, nullable=False),
    Column("every_minutes", Integer, nullable=False),
    Column("form", JSON, nullable=False, server_default="{}"),
    Column("paused_at", Micros),
    Column("removed_at", Micros),
    Column("created_at", Micros, nullable=False),
    Column("due_at", Micros),
    Column("last_at", Micros),
    Column("last_hash", String),
    Column("last_problem", String),
    **_NEVER_REUSE,
)

calls = Table(
    "calls",
    metadata,
    _id(),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id")),  # null when the caller withheld the number
    Column("number", String, nullable=False),  # empty when withheld
    Column("rang_seconds", Integer, nullable=False),
    Column("ended_at", Micros, nullable=False),
    Index("ix_calls_conversation", "conversation_id", "ended_at"),
    Index("ix_calls_line", "line_id", "ended_at"),
    **_NEVER_REUSE,
)

_AUTOMATED = Column("purpose").in_(["auto", "feedback", "marketing", "transactional"])

messages = Table(
    "messages",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("direction", String, nullable=False),
    Column("purpose", String),
    Column("state", String, nullable=False),
    Column("ended", String),
    Column("peer", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("alphabet", String),
    Column("segments", Integer, nullable=False),
    Column("author_kind", String, nullable=False),  # person, token, rule, command, contact
    Column("author_id", Integer),
    Column("author_name", String),
    Column("created_at", Micros, nullable=False),
    # waiting: a queued message has a due time, and a word for why it is not now
    Column("due_at", Micros),
    Column("rank", Integer),  # see domain.message.Rank; null for inbound
    Column("priority", String, nullable=False, server_default="normal"),  # within its rank; of outbound ones
    Column("waiting_for", String),
    Column("first_refused_at", Micros),  # from when its day of tries counts, by a clock that was trusted
    Column("send_by", Micros),
    # a time its author chose: the instant, and the wall clock that was meant
    Column("not_before", Micros),
    Column("schedule", String),  # at, wake, open; null: at once
    Column("schedule_wall", String),
    Column("schedule_zone", String),
    Column("cancel_if_answered", Boolean, nullable=False, server_default=false()),
    Column("urgent_reason", String),  # null: not urgent
    Column("on_unconfirmed", String, nullable=False, server_default="ask"),
    Column("report_wanted", Boolean, nullable=False, server_default=false()),
    Column("reason", String),
    Column("sent_at", Micros),
    Column("delivered_at", Micros),
    Column("unconfirmed_until", Micros),  # later texts of the conversation wait for this long at most
    Column("resend_of_id", ForeignKey("messages.id")),
    Column("reply_to_id", ForeignKey("messages.id")),  # the inbound text that an automatic answer answers
    Column("rule", String),
    Column("reference", String),
    # inbound
    Column("network_at", Micros),
    Column("label", String),
    Column("twin_of_id", ForeignKey("messages.id")),  # the same text, received a second time
    Column("rerouted_from", String),  # the line that could not send when another took this text over
    Column("import_id", Integer),  # of imports: it was not held here, but on an old phone
    Column("starred_at", Micros),  # an answer worth finding again
    Column("starred_by", String),
    _one_of("direction", Direction),
    _one_of("state", State),
    CheckConstraint(
        "(direction = 'inbound') = (purpose IS NULL)"
        f" AND (purpose IS NULL OR purpose IN ({', '.join(repr(p.value) for p in Purpose)}))",
        name="purpose_known",
    ),
    CheckConstraint(
        f"waiting_for IS NULL OR waiting_for IN ({', '.join(repr(w.value) for w in WaitingFor)})",
        name="waiting_for_known",
    ),
    CheckConstraint("state <> 'queued' OR due_at IS NOT NULL", name="queued_has_due_time"),
    Index("ix_messages_thread", "conversation_id", "id"),
    Index(
        "ix_messages_outbox",
        "line_id",
        "rank",
        "priority",
        "due_at",
        "id",
        sqlite_where=Column("state").in_(["queued", "sending"]),
    ),
    Index(
        "ix_messages_due",
        "line_id",
        "due_at",
        sqlite_where=Column("state").in_(["queued", "sending"]),
    ),
    Index(
        "ix_messages_unfinished",
        "conversation_id",
        "id",
        sqlite_where=Column("state").in_(["queued", "sending", "unconfirmed"]),
    ),
    Index("ix_messages_peer", "peer", "id"),
    # what the caps of a contact count: texts that people do not write to each other
    Index(
        "ix_messages_sent_to",
        "peer",
        "sent_at",
        sqlite_where=and_(_AUTOMATED, Column("sent_at").is_not(None)),
    ),
    Index(
        "ix_messages_unsent_to",
        "peer",
        "state",
        "due_at",
        sqlite_where=and_(_AUTOMATED, Column("sent_at").is_(None)),
    ),
    Index("ix_messages_state", "state", "id"),
    Index("ix_messages_resend_of", "resend_of_id", sqlite_where=Column("resend_of_id").is_not(None)),
    # so that removing a text need not look through all for those that point to it
    Index("ix_messages_reply_to", "reply_to_id", sqlite_where=Column("reply_to_id").is_not(None)),
    Index("ix_messages_twin_of", "twin_of_id", sqlite_where=Column("twin_of_id").is_not(None)),
    Index("ix_messages_starred", "starred_at", sqlite_where=Column("starred_at").is_not(None)),
    # what one searches by: who of us wrote it, and when; a history that was brought in has its own times
    Index("ix_messages_author", "author_id", "id", sqlite_where=Column("author_kind") == "person"),
    Index("ix_messages_created", "created_at", sqlite_where=Column("import_id").is_(None)),
    Index("ix_messages_import", "import_id", sqlite_where=Column("import_id").is_not(None)),
    # one automatic answer per rule and inbound text, whatever is replayed
    Index(
        "uq_messages_answer",
        "reply_to_id",
        "rule",
        unique=True,
        sqlite_where=Column("rule").is_not(None),
    ),
    **_NEVER_REUSE,
)

parts = Table(
    "parts",
    metadata,
    _id(),
    Column("message_id", ForeignKey("messages.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("tpdu", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("owner", String),
    Column("lease_until", Micros),
    Column("sim", String),
    Column("reference", Integer),
    Column("submitted_at", Micros),
    Column("accepted_at", Micros),
    Column("delivered_at", Micros),
    Column("code", String),
    Column("evidence", String),
    _one_of("state", PartState),
    UniqueConstraint("message_id", "seq"),
    Index("ix_parts_in_flight", "state", sqlite_where=Column("state").in_(["submitting", "unconfirmed"])),
    Index("ix_parts_submitted", "submitted_at", sqlite_where=Column("submitted_at").is_not(None)),
    Index("ix_parts_reference", "reference", "accepted_at"),
    **_NEVER_REUSE,
)

attempts = Table(
    "attempts",
    metadata,
    _id(),
    Column("part_id", ForeignKey("parts.id"), nullable=False, index=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Micros, nullable=False),
    Column("ended_at", Micros),
    Column("outcome", String),
    Column("code", String),
    Index("ix_attempts_of_line", "line_id", "id"),
    **_NEVER_REUSE,
)

transitions = Table(
    "transitions",
    metadata,
    _id(),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("seq", Integer),  # of the part; NULL for the message itself
    Column("at", Micros, nullable=False),
    Column("was", String),
    Column("became", String, nullable=False),
    Column("why", String),
    Column("actor", String),
    **_NEVER_REUSE,
)

decisions = Table(  # why a text was held, let go although a rule would have held it, or refused
    "decisions",
    metadata,
    _id(),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("at", Micros, nullable=False),
    Column("verdict", String, nullable=False),  # goes, waits, refused
    Column("why", String, nullable=False),
    Column("until", Micros),
    **_NEVER_REUSE,
)

holidays = Table(
    "holidays",
    metadata,
    Column("region", String, primary_key=True),  # GB, GB-SCT, US-FL
    Column("day", String, primary_key=True),  # 2026-12-25
    Column("name", String, nullable=False),
)

box_state = Table(  # what the box itself remembers: how far its clock is trusted, data it was reckoned with
    "box_state",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

raw_pdus = Table(
    "raw_pdus",
    metadata,
    _id(),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("kind", String, nullable=False),  # deliver, report, undecodable, stored, text
    Column("pdu", Text, nullable=False),
    Column("pdu_hash", String, nullable=False),
    Column("sim", String, nullable=False),
    Column("slot_store", String),
    Column("slot_index", Integer),
    Column("received_at", Micros, nullable=False),
    Column("deleted_at", Micros),
    Column("message_id", ForeignKey("messages.id"), index=True),
    Index("ix_raw_pdus_hash", "sim", "pdu_hash"),
    # what lies on the devices now: few rows of many
    Index(
        "ix_raw_pdus_slot",
        "sim",
        "slot_store",
        "slot_index",
        sqlite_where=Column("deleted_at").is_(None),
    ),
    **_NEVER_REUSE,
)

inbound_parts = Table(
    "inbound_parts",
    metadata,
    _id(),
    Column("raw_id", ForeignKey("raw_pdus.id"), nullable=False, unique=True),
    Column("message_id", ForeignKey("messages.id"), nullable=False, index=True),
    Column("sender", String, nullable=False),
    Column("reference", Integer, nullable=False),
    Column("wide", Boolean, nullable=False),
    Column("total", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("received_at", Micros, nullable=False),
    Index("ix_inbound_parts_set", "sender", "reference", "total", "wide"),
)

delivery_reports = Table(
    "delivery_reports",
    metadata,
    _id(),
    Column("raw_id", ForeignKey("raw_pdus.id"), nullable=False, unique=True),
    Column("line_id", ForeignKey("lines.id"), nullable=False),
    Column("sim", String, nullable=False),
    Column("reference", Integer, nullable=False),
    Column("recipient", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("network_at", Micros),
    Column("discharged_at", Micros),
    Column("received_at", Micros, nullable=False),
    Column("part_id", ForeignKey("parts.id"), index=True),
    Index("ix_delivery_reports_unmatched", "line_id", "reference", sqlite_where=Column("part_id").is_(None)),
)

concat_references = Table(
    "concat_references",
    metadata,
    Column("recipient", String, primary_key=True),
    Column("last", Integer, nullable=False),
)

consent_events = Table(
    "consent_events",
    metadata,
    _id(),
    Column("number", String, nullable=False, index=True),
    Column("kind", String, nullable=False),  # opt_out, opt_in, listed: a customer list says they agreed
    Column("at", Micros, nullable=False),
    Column("how", String, nullable=False),
    Column("words", Text),
    Column("message_id", ForeignKey("messages.id"), index=True),
    Column("recorded_by", String),
    **_NEVER_REUSE,
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("number_hash", String, primary_key=True),
    Column("since", Micros, nullable=False),
    Column("consent_event_id", ForeignKey("consent_events.id")),
)

users = Table(
    "users",
    metadata,
    _id(),
    Column("username", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("disabled_at", Micros),
    # the second factor: the seed of its codes (RFC 6238), sealed, from when it is asked for, and the last
    # step a code was taken for, so that none is taken twice
    Column("totp_sealed", LargeBinary),
    Column("totp_since", Micros),
    Column("totp_step", Integer),
    Column("language", String),  # of the panel for them; null: the office's
    Column("available", Boolean, nullable=False, server_default=true()),  # takes conversations in turn
    Column("shortcuts", Boolean, nullable=False, server_default=true()),  # single keys do things
    Column("hints", Boolean, nullable=False, server_default=true()),  # told of the tone of what they write
    Column("notify", String, nullable=False, server_default="nothing"),  # see `domain.people.Notify`
    Column("signed_in_at", Micros),
    Column("signed_in_before", Micros),  # the time before that, which the page shows
    # what came before they joined is nobody's unread; their own reading is in `reads`
    Column("reads_from_id", Integer, nullable=False, server_default="0"),
    **_NEVER_REUSE,
)

recovery_codes = Table(  # each lets in once without the second factor
    "recovery_codes",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("code_hash", String, primary_key=True),
    Column("used_at", Micros),
)

user_lines = Table(  # the lines somebody is limited to; none: all of them
    "user_lines",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("line_id", ForeignKey("lines.id"), primary_key=True),
)

invitations = Table(  # a link by which a colleague chooses a name and a password
    "invitations",
    metadata,
    _id(),
    Column("secret_hash", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("created_by", String, nullable=False),
    Column("created_by_id", Integer, nullable=False),  # of users: with whom it ends
    Column("for_user_id", Integer),  # who chooses another password by it; null: somebody new joins
    Column("expires_at", Micros, nullable=False),
    Column("used_at", Micros),
    Column("revoked_at", Micros),
    **_NEVER_REUSE,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", String, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", Micros, nullable=False),
    Column("last_seen_at", Micros, nullable=False),
    Column("expires_at", Micros, nullable=False),
    Column("agent", String),
    Column("address", String),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    _id(),
    Column("username", String, nullable=False, index=True),
    Column("address", String, nullable=False, index=True),
    Column("at", Micros, nullable=False, index=True),
    Column("of_code", Boolean, nullable=False, server_default=false()),  # the password before it was right
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("token_hash", String, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("purposes", JSON, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("revoked_at", Micros),
    Column("owner_id", Integer),  # of users: with whom it ends; null: the office's
    **_NEVER_REUSE,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("request_hash", String, nullable=False),
    Column("created_at", Micros, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("answer", JSON, nullable=False),
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("at", Micros, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("line_id", Integer),
    Column("conversation_id", Integer),
    Column("message_id", Integer),
    **_NEVER_REUSE,
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at", Micros, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("object", String, nullable=False),
    Column("before", JSON),
    Column("after", JSON),
    Column("address", String),  # from where, when it was done on the panel or by the API
    Index("ix_audit_actor", "actor", "id"),
    **_NEVER_REUSE,
)

AUDIT_KEPT = (
    """CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit
WHEN NOT (
    EXISTS (SELECT 1 FROM erasures WHERE ended_at IS NULL)
    AND new.id = old.id AND new.at = old.at AND new.actor = old.actor AND new.action = old.action
    AND new.address IS old.address
    AND (new.object = old.object OR new.object = '')
    AND (new.before IS old.before OR new.before = 'null')
    AND (new.after IS old.after OR new.after = 'null')
)
BEGIN SELECT RAISE(ABORT, 'the audit log is kept as it was written'); END""",
    """CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is kept as it was written'); END""",
)
"""Rows of the audit log are added and nothing else. While an erasure is under way, words and numbers may be
taken out of them, in place of which stands nothing."""
for statement in AUDIT_KEPT:
    event.listen(audit, "after_create", DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]

backups = Table(
    "backups",
    metadata,
    _id(),
    Column("kind", String, nullable=False),  # see domain.backups.Kind
    Column("started_at", Micros, nullable=False),
    Column("ended_at", Micros),
    Column("path", String, nullable=False),
    Column("size", Integer),  # octets
    Column("sealed", Boolean, nullable=False),
    Column("key_sealed", LargeBinary),  # opens this file alone; sealed with the box's own secret
    Column("verified_at", Micros),
    Column("problem", String),  # why it failed
    Column("removed_at", Micros),
    **_NEVER_REUSE,
)

drills = Table(  # a backup brought back to a scratch place, and compared
    "drills",
    metadata,
    _id(),
    Column("backup_id", ForeignKey("backups.id")),
    Column("at", Micros, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("problem", String),
    Column("found", JSON, nullable=False),  # what was counted
    **_NEVER_REUSE,
)

alarms = Table(
    "alarms",
    metadata,
    _id(),
    Column("kind", String, nullable=False),  # see domain.alarms
    Column("subject", String, nullable=False, server_default=""),  # the line's name, say
    Column("detail", JSON, nullable=False),  # what its sentences name
    Column("began_at", Micros, nullable=False),
    Column("well_since", Micros),  # it looks over since then; it ends when that lasts
    Column("ended_at", Micros),
    Column("told_at", Micros),  # when notices of it were last made
    Column("seen_at", Micros),
    Column("seen_by", String),
    Index("uq_alarms_open", "kind", "subject", unique=True, sqlite_where=Column("ended_at").is_(None)),
    **_NEVER_REUSE,
)

alarm_notices = Table(  # what is told of an alarm outside the panel: one row for each way and number
    "alarm_notices",
    metadata,
    _id(),
    Column("public_id", String, nullable=False, unique=True),
    Column("alarm_id", ForeignKey("alarms.id"), nullable=False, index=True),
    Column("what", String, nullable=False),  # raised, reminder, ended, test
    Column("way", String, nullable=False),  # text, webhook
    Column("number", String),  # whom a text is for
    Column("message_id", Integer),  # the text, once a line took it; it may be erased before this row
    Column("asked", JSON, nullable=False, server_default="[]"),  # ids of the lines that took the text
    Column("made_at", Micros, nullable=False),
    Column("due_at", Micros),  # when it is tried or looked at again; null once it is settled
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done_at", Micros),  # when it was told, or a line took the text
    Column("problem", String),  # why it could not be told, so far or for good
    Index("ix_alarm_notices_due", "due_at", sqlite_where=Column("due_at").is_not(None)),
    **_NEVER_REUSE,
)

erasures = Table(  # what was removed from the history for good, without what it said
    "erasures",
    metadata,
    _id(),
    Column("kind", String, nullable=False),  # contact, retention
    Column("at", Micros, nullable=False),
    Column("actor", String, nullable=False),
    Column("why", String, nullable=False),
    Column("number_hash", String, index=True),  # whose history it was; null for what a rule removed
    Column("counts", JSON, nullable=False),
    # until it is done: whose rows are still to go, so that one that broke off goes on
    Column("contact_id", Integer),
    Column("number", String),
    Column("ended_at", Micros),
    Column("rewritten_at", Micros),  # since then the file holds no trace of it either
    **_NEVER_REUSE,
)

setup_steps = Table(  # how far the first run of an office got
    "setup_steps",
    metadata,
    Column("name", String, primary_key=True),
    Column("done_at", Micros),
    Column("skipped_at", Micros),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", JSON, nullable=False),
)
