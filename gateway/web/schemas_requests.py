"""What the API takes about texts, described once: what is checked, and what the OpenAPI document says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from gateway.domain import zones
from gateway.domain.conversation import Priority
from gateway.domain.message import Direction, Purpose, State, WaitingFor
from gateway.domain.schedule import Kind
from gateway.domain.typed import one_line
from gateway.web.schemas_shared import is_text, text

MOST = 500
"""Largest page of a list."""
LONGEST_BODY = 255 * 153
"""Characters: no text of more fits into 255 parts of any alphabet (3GPP TS 23.040 9.2.3.24.1)."""

OF_RECIPIENT, OF_OFFICE = "recipient", "office"
"""Said in place of a zone: wherever they live; where the office is."""

_WALL = r"^2\d{3}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?\Z"


def _is_wall(value: str) -> None:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise ValidationError("There is no such day or time.") from None


def _is_zone(value: str) -> None:
    if value in (OF_RECIPIENT, OF_OFFICE):
        return
    try:
        zones.named(value)
    except zones.UnknownZone as error:
        raise ValidationError(f"{error} {OF_RECIPIENT} and {OF_OFFICE} can be written, too.") from None


def _is_instant(value: datetime) -> None:
    if not datetime.min.year < value.year < datetime.max.year:  # beyond them in some zone
        raise ValidationError("That year is out of reach.")


def _instant(description: str, **more: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(
        format="iso",
        allow_none=True,
        validate=_is_instant,
        error_messages={
            "invalid": "Write a time like 2026-11-24T08:00:00+04:00.",
            "invalid_awareness": "Write its offset from UTC too, as in 2026-11-24T08:00:00+04:00.",
        },
        metadata={"description": description},
        **more,
    )


class When(Schema):
    """When a text is to go: `when` alone, or `at` with `zone`."""

    class Meta:
        unknown = RAISE

    when = fields.String(
        validate=validate.OneOf([Kind.WAKE.value, Kind.OPEN.value]),
        metadata={"description": "wake: when their day begins; open: when the office opens."},
    )
    at = fields.String(
        validate=[validate.Regexp(_WALL), _is_wall],
        metadata={"description": "What clocks show in `zone`.", "example": "2026-11-24T08:00"},
    )
    zone = fields.String(
        validate=[validate.Length(1, 64), is_text, _is_zone],
        metadata={
            "description": f"Of the IANA database, or {OF_RECIPIENT} or {OF_OFFICE}.",
            "example": "Asia/Dubai",
        },
    )

    @validates_schema
    def _one_way(self, data: dict[str, Any], **_: Any) -> None:
        if "when" in data and ("at" in data or "zone" in data):
            raise ValidationError("Say when, or at with zone; not both.", "when")
        if "when" not in data and "at" not in data:
            raise ValidationError("Say when (wake or open), or at with zone.", "when")
        if "at" in data and "zone" not in data:
            raise ValidationError(f"Say whose clock: a zone, {OF_RECIPIENT} or {OF_OFFICE}.", "zone")


class Timed(Schema):
    """The fields that say when a text is to go: one of the two, or none."""

    scheduled_at = _instant("Not before this time, which has an offset (RFC 3339).")
    schedule = fields.Nested(When, allow_none=True)

    @validates_schema
    def _one_time(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("scheduled_at") is not None and data.get("schedule") is not None:
            raise ValidationError("Give scheduled_at or schedule; not both.", "schedule")


class Hurried(Schema):
    """The fields that say whether quiet hours hold for a text."""

    quiet_hours = fields.String(
        load_default="obey",
        validate=validate.OneOf(["obey", "override"]),
        metadata={"description": "override: it goes at night too; needs `reason` and messages:override."},
    )
    reason = text(
        200,
        allow_none=True,
        load_default=None,
        metadata={"description": "Why quiet hours are overridden; kept with the text."},
    )

    @validates_schema
    def _reasoned(self, data: dict[str, Any], **_: Any) -> None:
        is_urgent, reason = data.get("quiet_hours") == "override", data.get("reason")
        if is_urgent and not one_line(reason or ""):
            raise ValidationError("Say why it cannot wait.", "reason")
        if reason is not None and not is_urgent:
            raise ValidationError('A reason belongs to "quiet_hours": "override".', "reason")


class SendNow(Hurried):
    """What `POST /messages/{id}/send-now` takes, if anything. Unknown fields are refused."""

    class Meta:
        unknown = RAISE


class ChangedMessage(Timed):
    """What `PATCH /messages/{id}` takes: what is to change. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    body = fields.String(metadata={"description": "Other words."})
    send_by = _instant("After this time it is useless and expires; null: it never is.")
    cancel_if_answered = fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "Whether it is canceled when they write before it goes."},
    )

    @validates_schema(skip_on_field_errors=True)
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError(
                "Say what is to change: body, scheduled_at or schedule, send_by, cancel_if_answered."
            )


class NewMessage(Timed, Hurried):
    """What `POST /messages` and `POST /messages/preview` take. Unknown fields are refused."""

    class Meta:
        unknown = RAISE

    to = text(
        64,
        required=True,
        metadata={
            "description": "E.164, a short code, or national writing where the line's or the office's "
            "country is set.",
            "example": "+12025550123",
        },
    )
    body = fields.String(
        load_default=None,
        metadata={
            "description": "The text; up to 255 parts. Give this or `template`.",
            "example": "See you at 9.",
        },
    )
    template = text(
        80,
        allow_none=True,
        load_default=None,
        metadata={"description": "In place of `body`: the id or name of one of the office's templates."},
    )
    vars = fields.Dict(
        keys=text(60),
        values=fields.String(validate=[validate.Length(max=500), is_text]),
        load_default=dict,
        metadata={
            "description": "What its places stand for; what is not given is taken from the contact.",
            "example": {"first_name": "Nadia"},
        },
    )
    purpose = fields.Enum(Purpose, by_value=True, load_default=Purpose.TRANSACTIONAL)
    line = text(
        40, allow_none=True, load_default=None, metadata={"description": "Needed where there are several."}
    )
    reference = text(
        200, allow_none=True, load_default=None, metadata={"description": "Your own name for it."}
    )
    send_by = _instant("After this time it is useless and expires. A time to come.", load_default=None)
    priority = fields.Enum(
        Priority,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={"description": "Its place among waiting texts of its purpose; else its conversation's."},
    )
    on_unconfirmed = fields.String(
        load_default="ask",
        validate=validate.OneOf(["ask", "resend_once"]),
        metadata={"description": "What to do when nobody can know whether it went out."},
    )
    seen_up_to = text(
        64,
        allow_none=True,
        load_default=None,
        metadata={
            "description": "The id of the newest text you saw in the conversation. Where somebody wrote or "
            "answered since, nothing is sent (409, arrived)."
        },
    )
    cancel_if_answered = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Cancel it when they write before it goes."},
    )

    @validates_schema
    def _words(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("body") is None) == (data.get("template") is None):
            raise ValidationError("Give body or template; not both.", "body")
        if data.get("vars") and data.get("template") is None:
            raise ValidationError("Only a template has places to fill in.", "vars")


NEWEST, DUE = "newest", "due"
OF_THE_LINE = (WaitingFor.RATE, WaitingFor.BUDGET, WaitingFor.ORDER)
"""What a text waits for because of others on its line; which do changes with every text that leaves."""
_OF_THE_LINE = (
    "Must be one of: {choices}. What waits for rate, budget or order changes with every text that leaves: "
    "GET /lines/{{name}} counts it."
)


class ListQuery(Schema):
    """What `GET /messages` can be narrowed by."""

    class Meta:
        unknown = RAISE

    direction = fields.Enum(Direction, by_value=True, load_default=None)
    state = fields.Enum(State, by_value=True, load_default=None)
    sender = fields.String(
        data_key="from", load_default=None, validate=[validate.Length(min=1, max=64), is_text]
    )
    recipient = fields.String(
        data_key="to", load_default=None, validate=[validate.Length(min=1, max=64), is_text]
    )
    purpose = fields.Enum(Purpose, by_value=True, load_default=None)
    waiting_for = fields.String(
        load_default=None,
        validate=validate.OneOf(
            [why.value for why in WaitingFor if why not in OF_THE_LINE], error=_OF_THE_LINE
        ),
        metadata={"description": "Queued texts that wait for that now."},
    )
    scheduled = fields.Boolean(
        load_default=None,
        metadata={"description": "Whether it waits for a time that was chosen for it."},
    )
    order = fields.String(
        load_default=NEWEST,
        validate=validate.OneOf([NEWEST, DUE]),
        metadata={"description": "due: only what is still to go, the earliest due first."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))
    cursor = fields.String(
        load_default=None, validate=validate.Regexp(r"^[A-Za-z0-9_-]{11}([A-Za-z0-9_-]{11})?\Z")
    )

    @validates_schema
    def _cursor_of_order(self, data: dict[str, Any], **_: Any) -> None:
        cursor, length = data.get("cursor"), 22 if data.get("order") == DUE else 11
        if cursor is not None and len(cursor) != length:
            raise ValidationError("This cursor is of a list in another order.", "cursor")


class OneQuery(Schema):
    """What `GET /messages/{id}` can be asked."""

    class Meta:
        unknown = RAISE

    explain = fields.Boolean(load_default=False, metadata={"description": "Add the whole history."})
