"""`line`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TextIO

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import lines as desk_lines
from gateway.domain import limits, line_words, phone
from gateway.lock import is_running
from gateway.store import lines, outbox
from gateway.store.database import Tx
from gateway.web import objects

_PIN = re.compile(r"[0-9]{4,8}")  # 3GPP TS 31.101 9.5.1


@click.group()
def line() -> None:
    """Add, change and remove lines, see how they are, and pause them.

    Example: sms-gateway line list
    """


def _limits(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[limits.Limit, ...]:
    try:
        return tuple(limits.parse(value) for value in values)
    except limits.BadLimit as error:
        raise click.BadParameter(str(error)) from None


def port_is_there(port: str) -> bool:
    """Whether a port can be opened now, as far as its path tells."""
    try:
        return "://" in port or port in desk_lines.SHARED_PORTS or Path(port).exists()
    except OSError:
        return False


def check_port(port: str) -> None:
    from gateway.modem.errors import PortError
    from gateway.modem.port import AUTO, server_address

    if port == AUTO:
        return
    try:
        server_address(port)
    except PortError:
        raise desk_lines.BadLine(
            f"{port!r} is no port that is understood. Give the path of a device or pty, "
            "socket://host:port, rfc2217://host:port, or auto."
        ) from None


def own_number(written: str, country: str | None) -> str:
    """A line's own number in E.164.

    Raises:
        BadLine: it is a short code.
        NotANumber: it is no number.
    """
    number = phone.parse(written, country)
    if number.kind is not phone.Kind.E164:
        raise desk_lines.BadLine(
            f"{written} is a short code, not a line's own number. "
            "Write the number of the SIM with its country code, for example +12025550100."
        )
    return number.text


def pin_in(file: TextIO) -> str:
    """The PIN a file holds.

    Raises:
        BadLine: it holds none.
    """
    try:
        pin = file.read().strip()
    except UnicodeDecodeError:
        pin = ""
    if not _PIN.fullmatch(pin):
        raise desk_lines.BadLine(f"{file.name} holds no PIN. Write its 4 to 8 digits there, nothing else.")
    return pin


@line.command("add")
@click.argument("name")
@click.option(
    "--port",
    required=True,
    metavar="PATH",
    help="Device, pty, auto, socket://host:port or rfc2217://host:port.",
)
@click.option("--number", help="The line's own number, +country code first.")
@click.option("--country", help="Two letters; numbers in national writing are read with it.")
@click.option("--pin-file", type=click.File("r", "utf-8"), help="File that holds the SIM's PIN.")
@click.option(
    "--limit", "limit", multiple=True, callback=_limits, metavar="N/SPAN", help="Such as 6/minute; repeat it."
)
@click.option("--no-limit", is_flag=True, help="Send as fast as the line can.")
@pass_context
def line_add(
    context: Context,
    name: str,
    port: str,
    number: str | None,
    country: str | None,
    pin_file: TextIO | None,
    limit: tuple[limits.Limit, ...],
    no_limit: bool,
) -> None:
    """Add a line.

    Example: sms-gateway line add front --port /dev/ttyUSB2 --number +12025550100
    """
    if limit and no_limit:
        raise click.UsageError("--limit and --no-limit exclude each other. Give one of them.")
    check_port(port)
    own = own_number(number, country) if number else None
    chosen = () if no_limit else limit or limits.DEFAULT
    pin = pin_in(pin_file) if pin_file else None

    def verb(tx: Tx) -> None:
        desk_lines.add(
            tx, name, port, context.actor, now(), number=own, country=country, limits=chosen, pin=pin
        )

    context.write(verb)
    if not port_is_there(port):
        say(f"Warning: {port} is not there now. The line starts when it appears.", err=True)
    say(f"Line {name} added.")


@line.command("remove")
@click.argument("name")
@pass_context
def line_remove(context: Context, name: str) -> None:
    """Take a line out of use; its conversations stay, what waits on it is canceled.

    Example: sms-gateway line remove front
    """
    context.write(lambda tx: desk_lines.remove(tx, name, context.actor, now()))
    say(f"Line {name} removed. Its conversations stay.")


@line.command("pause")
@click.argument("name")
@pass_context
def line_pause(context: Context, name: str) -> None:
    """Send nothing by a line until it is resumed.

    Example: sms-gateway line pause front
    """
    context.write(lambda tx: desk_lines.pause(tx, name, context.actor, now()))
    say(f"Line {name} is paused. What comes in is still read.")


@line.command("resume")
@click.argument("name")
@pass_context
def line_resume(context: Context, name: str) -> None:
    """Send by a line again.

    Example: sms-gateway line resume front
    """
    context.write(lambda tx: desk_lines.resume(tx, name, context.actor, now()))
    say(f"Line {name} sends again.")


@line.command("list")
@as_json
@pass_context
def line_list(context: Context, as_json: bool) -> None:
    """Show every line and how it is.

    Example: sms-gateway line list
    """

    def query(tx: Tx) -> list[tuple[Any, dict[str, Any]]]:
        return [(row, objects.line(row, outbox.counts(tx, row.id))) for row in lines.every(tx)]

    found = context.read(query)
    if as_json:
        print_json([item for _, item in found])
        return
    if not found:
        say("There is no line yet. Add one with: sms-gateway line add NAME --port PATH")
    running = is_running(context.settings().data_dir)
    for row, item in found:
        now_is = line_words.line_now(row.status, row.code, row.paused_at) if running else "stopped"
        said = line_words.line_of(row.name, row.port, now_is, row.facts)
        say(f"{row.name}: {said.is_}. {said.you_can}".rstrip())
        say(f"  port {row.port}, number {row.number or 'not given'}, {item['queued']} waiting")
