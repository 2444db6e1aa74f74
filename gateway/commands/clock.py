"""`clock`: what this box's clock shows, whether it is trusted, and somebody's word that it is right."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import click

from gateway import kernel_clock
from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import clock as desk
from gateway.domain import clock_words
from gateway.store import settings
from gateway.store.database import Tx
from gateway.timekeeper import Finding, examine


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def clock(ctx: click.Context, as_json: bool) -> None:
    """Show the time of this box, and whether it is trusted.

    Example: sms-gateway clock
    """
    if ctx.invoked_subcommand is not None:
        return
    at, kernel = now(), kernel_clock.look()

    def query(tx: Tx) -> tuple[Finding, ZoneInfo]:
        return examine(tx, at, kernel), ZoneInfo(settings.get(tx, "office.zone"))

    found, zone = ctx.find_object(Context).read(query)  # type: ignore[union-attr]
    if as_json:
        print_json(found.as_object())
        return
    local = at.astimezone(zone)
    say(f"{local:%A} {local.day} {local:%B %Y %H:%M:%S} ({zone.key})")
    say(clock_words.in_doubt(found.doubt) or f"The clock is {clock_words.TRUSTED}.")
    for line in clock_words.evidence(found.evidence):
        say(f"  {line}")
    if found.doubt:
        say(f"{clock_words.MEANWHILE}\n{clock_words.REMEDY}")


@clock.command()
@pass_context
def confirm(context: Context) -> None:
    """Say that the time shown is right: what waits for the clock goes on.

    Example: sms-gateway clock confirm
    """
    at, kernel = now(), kernel_clock.look()

    def verb(tx: Tx) -> bool:
        desk.started(
            tx, kernel.boot
        )  # where the program does not run, this is the first to know of this life
        found = examine(tx, at, kernel)
        if found.doubt != found.state.doubt:
            desk.set_doubt(tx, found.doubt, at)
        return desk.confirm(tx, context.actor, at)

    done = context.write(verb)
    say(clock_words.CONFIRMED if done else clock_words.NOTHING_TO_CONFIRM)
