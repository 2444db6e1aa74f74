"""`send` and `messages`."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import Row

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say, visible
from gateway.desk import conversations
from gateway.desk.conversations import Draft
from gateway.domain.message import CHOSEN_BY_PEOPLE, Direction, Purpose, State
from gateway.store import messages
from gateway.store.database import Tx
from gateway.web import objects


def _stored(tx: Tx, message_id: int) -> Row[Any]:
    row = messages.get(tx, message_id)
    if row is None:
        raise LookupError(f"message {message_id} is not there")
    return row


@click.command()
@click.argument("to")
@click.argument("text")
@click.option("--line", "line_name", metavar="NAME", help="Needed only where there are several.")
@click.option(
    "--purpose",
    type=click.Choice([p.value for p in CHOSEN_BY_PEOPLE]),
    default=Purpose.TRANSACTIONAL.value,
    show_default=True,
)
@as_json
@pass_context
def send(context: Context, to: str, text: str, line_name: str | None, purpose: str, as_json: bool) -> None:
    """Queue a text. When this returns, it is on disk.

    Example: sms-gateway send +12025550123 "Your glasses are ready."
    """

    def verb(tx: Tx) -> dict[str, Any]:
        row = conversations.choose_line(tx, line_name)
        number = conversations.parse_number(tx, to, row)
        message_id = conversations.accept(
            tx, row, Draft(number, text, Purpose(purpose), context.author), now()
        )
        return objects.accepted(_stored(tx, message_id))

    item = context.write(verb)
    for warning in item["warnings"]:
        say(f"sms-gateway: {warning['text']}", err=True)
    if as_json:
        print_json(item)
    else:
        say(f"{item['id']} queued for {item['to']}.")


@click.command("messages")
@click.option("--direction", type=click.Choice([d.value for d in Direction]))
@click.option("--state", type=click.Choice([s.value for s in State]))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@as_json
@pass_context
def messages_(context: Context, direction: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """Show texts, newest first.

    Example: sms-gateway messages --direction inbound --limit 5
    """

    wanted = messages.Filter(direction=Direction(direction) if direction else None, state=state)

    def query(tx: Tx) -> list[dict[str, Any]]:
        return [objects.message(row) for row in messages.page(tx, wanted, limit)]

    items = context.read(query)
    if as_json:
        print_json(items)
        return
    for item in items:
        arrow, peer = ("<", item["from"]) if item["direction"] == "inbound" else (">", item["to"])
        said = f"{peer or 'unknown'} [{item['state']}] {item['body']}"
        say(f"{item['created_at'][:19]} {arrow} {visible(said)}")
