"""`send`, `preview` and `messages`."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Row

from gateway.commands import times
from gateway.commands.context import Command, Context, as_json, limit, now, pass_context
from gateway.commands.saying import print_json, say, visible
from gateway.desk import acceptance, drafts, schedules
from gateway.desk.drafts import Draft
from gateway.domain.conversation import BY_URGENCY, Priority
from gateway.domain.message import CHOSEN_BY_PEOPLE, Direction, Purpose, State
from gateway.domain.people import Scope
from gateway.domain.phrases import counted
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import shown
from gateway.store import messages
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.api_preview import previewed
from gateway.web.objects_decisions import explained


def stored(tx: Tx, message_id: int) -> Row[Any]:
    """A message that is there."""
    row = messages.get(tx, message_id)
    if row is None:
        raise LookupError(f"message {message_id} is not there")
    return row


def named(tx: Tx, public_id: str) -> Row[Any]:
    """The message of that id, as it was typed.

    Raises:
        Refused: there is none.
    """
    row = messages.by_public_id(tx, public_id)
    if row is None:
        raise Refused("no_message", id=shown(public_id))
    return row


def sentences(decision: dict[str, Any]) -> str:
    """A decision of the API as people read it."""
    told = " ".join(reason["text"] for reason in decision["reasons"][:1])
    return told or "This goes now."


def _draft_options(command: Command) -> Command:
    """What a text is made of, alike for sending and for asking what would be done."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.argument("to"),
    click.argument("text"),
    click.option("--line", metavar="NAME", help="Needed only where there are several."),
    click.option(
        "--purpose",
        type=click.Choice([p.value for p in CHOSEN_BY_PEOPLE]),
        default=Purpose.TRANSACTIONAL.value,
        show_default=True,
    ),
    times.options,
    click.option("--urgent", metavar="REASON", help="Send it at night, too; the reason is kept."),
    click.option("--send-by", type=times.WALL, metavar="TIME", help="It is useless after that, our time."),
    click.option(
        "--priority",
        type=click.Choice([one.value for one in BY_URGENCY]),
        help="Its place among waiting texts of its purpose; else that of its conversation.",
    ),
    click.option("--cancel-if-answered", is_flag=True, help="Do not send it if they write first."),
    as_json,
)


def _draft(tx: Tx, context: Context, typed: dict[str, Any], at: datetime) -> tuple[Row[Any], Draft]:
    """The line and the text that were typed.

    Raises:
        Refused: there is no such line, number or time.
    """
    line = drafts.choose_line(tx, typed["line"])
    number = drafts.parse_number(tx, typed["to"], line)
    return line, Draft(
        to=number,
        body=typed["text"],
        purpose=Purpose(typed["purpose"]),
        author=context.author,
        send_by=times.on_our_clock(tx, typed["send_by"]),
        when=typed["wanted"].chosen(tx, line, number.text, at),
        cancel_if_answered=typed["cancel_if_answered"],
        priority=Priority(typed["priority"]) if typed["priority"] else None,
        urgent_reason=None if typed["urgent"] is None else schedules.urgent_reason(typed["urgent"]),
    )


@click.command()
@_draft_options
@pass_context
def send(context: Context, /, as_json: bool, **typed: Any) -> None:
    """Queue a text, and say when it goes. When this returns, it is on disk.

    Example: sms-gateway send +12025550123 "Your glasses are ready." --when wake
    """

    def verb(tx: Tx) -> tuple[dict[str, Any], dict[str, Any]]:
        at = now()
        line, draft = _draft(tx, context, typed, at)
        row = stored(tx, acceptance.accept(tx, line, draft, at))
        return objects.accepted(tx, row, at), explained(tx, row, at)["decision"]

    item, decision = context.write(verb)
    for warning in item["warnings"]:
        say(f"sms-gateway: {warning['text']}", err=True)
    if as_json:
        print_json(item)
    else:
        say(f"{item['id']} queued for {item['to']}. {sentences(decision)}")


@click.command()
@_draft_options
@pass_context
def preview(context: Context, /, as_json: bool, **typed: Any) -> None:
    """Say what would be done with a text: its parts, when it would go, and why. Sends nothing.

    Example: sms-gateway preview +12025550123 "Are you coming tonight?" --purpose conversational
    """

    def query(tx: Tx) -> dict[str, Any]:
        at = now()
        return previewed(tx, *_draft(tx, context, typed, at), at, frozenset(Scope))

    found = context.read(query)
    if as_json:
        print_json(found)
        return
    parts = counted(found["segments"], "part")
    say(f"To {found['to']} by {found['line']}: {parts}, alphabet {found['encoding']}.")
    say(sentences(found))
    for warning in found["warnings"]:
        say(f"Note: {warning['text']}")


@click.command("messages")
@click.option("--direction", type=click.Choice([d.value for d in Direction]))
@click.option("--state", type=click.Choice([s.value for s in State]))
@limit(20)
@as_json
@pass_context
def messages_(context: Context, direction: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """Show texts, newest first, each with its time on the office's clock and its id.

    Example: sms-gateway messages --direction inbound --limit 5
    """

    wanted = messages.Filter(direction=Direction(direction) if direction else None, state=state)

    def query(tx: Tx) -> tuple[list[dict[str, Any]], ZoneInfo]:
        return objects.messages(tx, messages.page(tx, wanted, limit), now()), times.office_zone(tx)

    items, zone = context.read(query)
    if as_json:
        print_json(items)
        return
    for item in items:
        say(_line(item, zone))


def _line(item: dict[str, Any], zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(item["created_at"]).astimezone(zone)
    arrow, peer = ("<", item["from"]) if item["direction"] == "inbound" else (">", item["to"])
    said = f"{peer or 'unknown'} [{item['state']}] {item['body']}"
    return f"{at:%Y-%m-%d %H:%M:%S} {item['id']} {arrow} {visible(said)}"
