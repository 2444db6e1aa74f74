"""`schedule`: what goes by itself, and moving, hurrying and canceling it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from sqlalchemy import Row

from gateway.commands import times
from gateway.commands.context import Context, as_json, limit, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.commands.texts import named, sentences, stored
from gateway.commands.times import Wanted
from gateway.desk import acceptance, chosen_times, schedules
from gateway.desk.waiting import Wait, waits
from gateway.domain import decision_words, line_words, message_words
from gateway.domain.message import State, WaitingFor
from gateway.store import lines, messages
from gateway.store.database import Tx
from gateway.web import objects
from gateway.web.objects_decisions import explained

_WAITS = messages.Filter(state=State.QUEUED.value)


@click.group(invoke_without_command=True)
@limit(50)
@as_json
@click.pass_context
def schedule(ctx: click.Context, limit: int, as_json: bool) -> None:
    """Show what goes by itself, the next first: when, to whom, and why not now.

    Example: sms-gateway schedule
    """
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.find_object(Context)  # type: ignore[assignment]
    at = now()
    if as_json:
        print_json(context.read(lambda tx: objects.messages(tx, messages.due(tx, _WAITS, limit), at)))
        return
    for told in context.read(lambda tx: _listed(tx, limit, at)) or ["Nothing waits."]:
        say(told)


def _listed(tx: Tx, limit: int, at: datetime) -> list[str]:
    rows = messages.due(tx, _WAITS, limit)
    found = waits(tx, rows, at)
    return [_told(tx, row, found[row.id], at) for row in rows]


def _told(tx: Tx, row: Row[Any], wait: Wait, at: datetime) -> str:
    line = lines.get(tx, row.line_id)
    when = "no time known" if wait.is_held else "as soon as it can"
    if wait.until is not None and line is not None:
        when = chosen_times.clocks(tx, line, row.peer, at).when(wait.until)
    said = _why(wait)
    return f"{row.public_id} to {row.peer}, {when}{f': {said}' if said else ''}"


def _why(wait: Wait) -> str:
    if wait.why is None:
        return "in its turn"
    if wait.why is WaitingFor.SCHEDULE:
        return "as chosen"
    if wait.never_opens:
        said = str(decision_words.SHUT)
    elif wait.awaited.regions:
        said = message_words.no_holidays(wait.awaited.regions)
    else:
        line = line_words.line_alone(wait.line)
        said = message_words.WAITING[wait.why].format(line=line, why="it did not go")
    return said[:1].lower() + said[1:]


# --- one text ----------------------------------------------------------------------------------------


Verb = Callable[[Tx, Row[Any], datetime], object]


def _do(context: Context, public_id: str, verb: Verb) -> None:
    """Do something with a text that waits, and say when it goes now."""

    def work(tx: Tx) -> dict[str, Any] | None:
        at = now()
        row = named(tx, public_id)
        verb(tx, row, at)
        found: dict[str, Any] | None = explained(tx, stored(tx, row.id), at)["decision"]
        return found

    decision = context.write(work)
    say(f"{public_id} is canceled." if decision is None else f"{public_id}: {sentences(decision)}")


@schedule.command()
@click.argument("message_id", metavar="ID")
@times.options
@pass_context
def move(context: Context, message_id: str, wanted: Wanted) -> None:
    """Let a text that waits go at another time.

    Example: sms-gateway schedule move msg_01JD... --at "2026-11-24 08:00" --their-time
    """
    if not wanted.is_given:
        raise click.UsageError('Say when it is to go, such as --at "2026-11-24 08:00" or --when wake.')

    def verb(tx: Tx, row: Row[Any], at: datetime) -> None:
        line = lines.get(tx, row.line_id)
        when = wanted.chosen(tx, line, row.peer, at) if line is not None else None
        schedules.reschedule(tx, row.id, when, context.author, at, may_hurry=True)

    _do(context, message_id, verb)


@schedule.command("now")
@click.argument("message_id", metavar="ID")
@click.option("--urgent", metavar="REASON", help="Send it at night, too; the reason is kept.")
@pass_context
def send_now(context: Context, message_id: str, urgent: str | None) -> None:
    """Let a text that waits go as soon as the rules allow.

    Example: sms-gateway schedule now msg_01JD...
    """

    def verb(tx: Tx, row: Row[Any], at: datetime) -> None:
        if urgent is not None:
            schedules.make_urgent(tx, row.id, urgent, context.author, at)
        schedules.send_now(tx, row.id, context.author, at, may_hurry=True)

    _do(context, message_id, verb)


@schedule.command()
@click.argument("message_id", metavar="ID")
@pass_context
def cancel(context: Context, message_id: str) -> None:
    """Cancel a text that waits.

    Example: sms-gateway schedule cancel msg_01JD...
    """
    _do(context, message_id, lambda tx, row, at: acceptance.cancel(tx, row.id, context.author, at))
