"""`line restart`, `line test` and `ussd`: what is done with a line by the running program."""

from __future__ import annotations

import time

import click
from sqlalchemy import Row

from gateway.commands.context import Context, now, pass_context
from gateway.commands.lines import line
from gateway.commands.saying import say, visible
from gateway.desk import line_requests as desk
from gateway.desk import lines as desk_lines
from gateway.desk.line_names import named
from gateway.domain import line_request_words
from gateway.domain.line_requests import Kind, State
from gateway.domain.refusal_words import Refused
from gateway.lock import is_running
from gateway.store import line_requests, messages
from gateway.store.database import Database, Tx

ANSWER_WITHIN_S = 75.0
"""Longer than the network may take for a service code."""
LOOK_EVERY_S = 0.2


def ask(context: Context, name: str, kind: Kind, argument: str = "") -> str:
    """Ask the running program, and return its answer.

    Raises:
        Refused: it is not running, or what was asked cannot be.
        click.ClickException: it could not be done, or the program did not answer; says why.
    """
    with context.database() as database:
        database.read(lambda tx: named(tx, name))
        if not is_running(context.settings().data_dir):
            raise Refused("not_running", line=name)
        request_id = database.write_now(lambda tx: desk.ask(tx, name, kind, argument, context.actor, now()))
        state, answer = _answer(database, request_id)
    if state is not State.DONE:
        raise click.ClickException(visible(line_request_words.unanswered(answer)))
    return answer


def _answer(database: Database, request_id: int) -> tuple[State, str]:
    """Wait until a request is answered; one that nobody answers is withdrawn."""
    end = time.monotonic() + ANSWER_WITHIN_S
    while time.monotonic() < end:
        found = database.read(lambda tx: line_requests.get(tx, request_id))
        if found is not None and found.state != State.ASKED.value:
            return State(found.state), found.answer
        time.sleep(LOOK_EVERY_S)
    database.write_now(lambda tx: desk.answer(tx, request_id, State.FAILED, "too_late", now()))
    return State.FAILED, "too_late"


@click.command()
@click.argument("name")
@click.argument("code")
@pass_context
def ussd(context: Context, name: str, code: str) -> None:
    """Ask the network for what lies behind a service code, such as a prepaid SIM's balance.

    Example: sms-gateway ussd front '*100#'
    """
    say(ask(context, name, Kind.USSD, code))


@line.command("restart")
@click.argument("name")
@pass_context
def line_restart(context: Context, name: str) -> None:
    """Restart a line's device, after the text that is on the air. Nothing is lost.

    Example: sms-gateway line restart front
    """
    ask(context, name, Kind.RESTART)
    say(f"The device of {name} restarts. Texts wait until it is back, in about a minute.")


@line.command("test")
@click.argument("name")
@click.argument("to")
@pass_context
def line_test(context: Context, name: str, to: str) -> None:
    """Send a test text by a line to a phone of your own.

    Example: sms-gateway line test front +12025550123
    """

    def verb(tx: Tx) -> Row[tuple[object, ...]] | None:
        return messages.get(tx, desk_lines.send_test(tx, name, to, context.author, now()))

    row = context.write(verb)
    if row is not None:
        say(f"{row.public_id} queued for {row.peer} by {name}.")
