"""`conversations`: how they stand, whose they are; closing them and putting them off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Row

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.commands.times import WALL
from gateway.desk import conversation_state as desk
from gateway.desk.drafts import Author
from gateway.domain import typed
from gateway.domain.hours import resolve
from gateway.domain.inbox import Tab as Shown
from gateway.domain.inbox import Wanted
from gateway.domain.refusal_words import Refused
from gateway.store import conversation_list, settings, team
from gateway.store import conversations as stored
from gateway.store.conversation_list import Reader
from gateway.store.database import Tx
from gateway.web import objects_conversations

_TABS = [tab.value for tab in Shown if tab is not Shown.MINE]


@click.group()
def conversations() -> None:
    """The conversations of the inbox: one contact on one line.

    Example: sms-gateway conversations list --show waiting
    """


@conversations.command("list")
@click.option("--show", type=click.Choice(_TABS), default=Shown.OPEN.value, help="Which of them.")
@click.option("--limit", type=click.IntRange(1, 500), default=50, help="At most so many.")
@as_json
@pass_context
def list_(context: Context, show: str, limit: int, as_json: bool) -> None:
    """List conversations: id, state, whose it is, number and name.

    Example: sms-gateway conversations list --show unassigned
    """

    def look(tx: Tx) -> list[dict[str, Any]]:
        rows = conversation_list.page(tx, Reader(0, 0), Wanted(Shown(show)), limit)
        return objects_conversations.conversations(tx, rows)

    found = context.read(look)
    if as_json:
        print_json({"data": found})
        return
    for one in found:
        words = (one["id"], one["state"], one["assignee"], one["number"], one["name"])
        say("  ".join(word or "-" for word in words))


@conversations.command()
@click.argument("conversation")
@click.argument("username", required=False)
@pass_context
def assign(context: Context, conversation: str, username: str | None) -> None:
    """Give a conversation to somebody; without USERNAME back to everybody.

    Example: sms-gateway conversations assign cnv_01jd... anna
    """

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        user = team.user_by_name(tx, username) if username is not None else None
        if username is not None and user is None:
            raise Refused("cannot_assign")
        desk.assign(tx, row, user.id if user is not None else None, who, at)

    _change(context, conversation, change)
    say(f"It is {username}'s now." if username else "It is nobody's now.")


@conversations.command()
@click.argument("conversation")
@pass_context
def close(context: Context, conversation: str) -> None:
    """Close a conversation. Their next text opens it again.

    Example: sms-gateway conversations close cnv_01jd...
    """
    _change(context, conversation, desk.close)
    say("Closed.")


@conversations.command()
@click.argument("conversation")
@click.argument("until", type=WALL, required=False)
@pass_context
def snooze(context: Context, conversation: str, until: datetime | None) -> None:
    """Put a conversation off until a time of the office; without UNTIL until they write.

    Example: sms-gateway conversations snooze cnv_01jd... "2026-11-24 08:00"
    """

    def change(tx: Tx, row: Row[Any], who: Author, at: datetime) -> None:
        zone = ZoneInfo(settings.get(tx, "office.zone"))
        desk.snooze(tx, row, resolve(until, zone) if until is not None else None, who, at)

    _change(context, conversation, change)
    say("Put off.")


def _change(
    context: Context, public_id: str, change: Callable[[Tx, Row[Any], Author, datetime], object]
) -> None:
    def act(tx: Tx) -> None:
        row = stored.by_public_id(tx, public_id)
        if row is None:
            raise click.ClickException(
                f"There is no conversation {typed.shown(public_id)}. "
                "List them with: sms-gateway conversations list"
            )
        change(tx, row, context.author, now())

    context.write(act)
