"""`setup`: how far the first run is, the one-time code for the panel, and the command for each step."""

from __future__ import annotations

import click

from gateway.commands.context import Context, as_json, pass_context
from gateway.commands.saying import print_json, say
from gateway.config import Settings
from gateway.desk import setup as desk
from gateway.desk.setup import SetUpAlready
from gateway.domain import one_time_codes, setup_words
from gateway.domain.setup import Standing, Step
from gateway.web.opening import places

_MARKS = {Standing.DONE: "done", Standing.SKIPPED: "left out", Standing.OPEN: "open"}


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def setup(ctx: click.Context, as_json: bool) -> None:
    """Show how far the office is set up, and which command does each step.

    The panel does the same: open it, and type the code of `sms-gateway setup code`.

    Example: sms-gateway setup
    """
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.find_object(Context)  # type: ignore[assignment]
    elsewhere = _seen_elsewhere(context.settings())
    found = context.read(lambda tx: desk.standings(tx, elsewhere))
    if as_json:
        print_json([{"step": step.value, "standing": standing.value} for step, standing in found.items()])
        return
    for step, standing in found.items():
        say(f"{setup_words.TITLES[step]}: {_MARKS[standing]}")
        if standing is not Standing.DONE:
            say(f"    {setup_words.COMMANDS[step]}")


def _seen_elsewhere(boot: Settings) -> set[Step]:
    """Steps that are done as far as can be seen outside the database."""
    from gateway import tls

    try:
        opened = tls.read_in_use(boot)
    except tls.TlsError:
        opened = None
    return {Step.OPENING} if opened is not None and places(boot, opened) else set()


@setup.command("code")
@pass_context
def setup_code(context: Context) -> None:
    """Print a new one-time code for the panel, while nobody can sign in.

    Example: sms-gateway setup code
    """
    try:
        code = context.write(desk.new_code)
    except SetUpAlready:
        raise click.ClickException(setup_words.OVER) from None
    say(setup_words.CODE_NEW.format(code=one_time_codes.grouped(code)))
