"""Kinds of events: one row for each durable thing that happened, in the transaction that did it.

The live page, the dispatcher and later the webhooks follow them. Names are those integrators will see.
"""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """Kind of an event row."""

    MESSAGE_RECEIVED = "message.received"
    MESSAGE_RECEIVING = "message.receiving"
    MESSAGE_QUEUED = "message.queued"
    MESSAGE_WAITING = "message.waiting"
    MESSAGE_SENDING = "message.sending"
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_UNDELIVERED = "message.undelivered"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_UNCONFIRMED = "message.unconfirmed"
    MESSAGE_CANCELED = "message.canceled"
    MESSAGE_EXPIRED = "message.expired"
    MESSAGE_BLOCKED = "message.blocked"
    MESSAGE_REROUTED = "message.rerouted"
    MESSAGE_CHANGED = "message.changed"  # a person changed its words, its time, or called it urgent
    CONVERSATION_OPENED = "conversation.opened"
    CONVERSATION_READ = "conversation.read"
    CONVERSATION_CHANGED = "conversation.changed"  # priority, tags, a note, a star
    CONVERSATION_ASSIGNED = "conversation.assigned"
    CONVERSATION_SNOOZED = "conversation.snoozed"
    CONVERSATION_CLOSED = "conversation.closed"
    CONVERSATION_REOPENED = "conversation.reopened"
    TEMPLATES_CHANGED = "templates.changed"
    IMPORT_CHANGED = "import.changed"  # it was previewed, taken in, undone
    CONSENT_CHANGED = "consent.changed"
    CALL_MISSED = "call.missed"
    LINE_CHANGED = "line.changed"
    LINE_RECOVERING = "line.recovering"
    LINE_ASKED = "line.asked"
    LINE_ANSWERED = "line.answered"
    USER_CHANGED = "user.changed"
    PORTS_ASKED = "ports.asked"
    PORTS_ANSWERED = "ports.answered"
    CLOCK_CHANGED = "clock.changed"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_ERASED = "contact.erased"  # their history is gone for good
    RULES_CHANGED = "rules.changed"  # what decides when texts may go: hours, caps, holidays, zones
    ALARM_RAISED = "alarm.raised"
    ALARM_CHANGED = "alarm.changed"  # somebody saw it, or it was told again
    ALARM_ENDED = "alarm.ended"
