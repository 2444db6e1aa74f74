"""`line set`, `line pin`, `line confirm` and `line show`: what a line is, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TextIO

import click
from sqlalchemy import Row

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.lines import check_port, line, own_number, pin_in, port_is_there
from gateway.commands.saying import print_json, say
from gateway.desk import lines as desk
from gateway.desk.line_names import named
from gateway.desk.settings import country
from gateway.domain import limits, line_options, line_words, phone, phrases
from gateway.domain.line_options import OPTIONS
from gateway.lock import is_running
from gateway.store import calls, line_history
from gateway.store.database import Tx
from gateway.web import objects

LATEST = 10
"""Troubles, recoveries and calls shown of each."""

# --- set ---------------------------------------------------------------------------------------------


def _limits(typed: str) -> list[limits.Limit]:
    try:
        return [] if typed.strip() in ("", "none") else [limits.parse(one) for one in typed.split(",")]
    except limits.BadLimit as error:
        raise desk.BadLine(str(error)) from None


def _set_port(tx: Tx, row: Row[Any], typed: str, actor: str, at: datetime) -> str:
    check_port(typed)
    desk.set_port(tx, row.name, typed, actor, at)
    return typed


def _set_number(tx: Tx, row: Row[Any], typed: str, actor: str, at: datetime) -> str:
    number = own_number(typed, country(tx, row)) if typed.strip() else None
    desk.set_number(tx, row.name, number, actor, at)
    return number or ""


def _set_limits(tx: Tx, row: Row[Any], typed: str, actor: str, at: datetime) -> str:
    wanted = _limits(typed)
    desk.set_limits(tx, row.name, wanted, actor, at)
    return ",".join(map(str, wanted))


_OWN: dict[str, Callable[[Tx, Row[Any], str, str, datetime], str]] = {
    "port": _set_port,
    "number": _set_number,
    "limits": _set_limits,
}
"""What can be set beside the options, as `line add` takes it."""


def _value(row: Row[Any], option: str) -> str:
    if option == "limits":
        return ",".join(row.limits)
    if option in _OWN:
        return getattr(row, option) or ""
    if option not in OPTIONS:
        known = phrases.list_of([*_OWN, *OPTIONS])
        raise desk.BadLine(f"{option!r} is no option of a line. There are: {known}.")
    return line_options.value(row.options, option)


@line.command("set")
@click.argument("name")
@click.argument("option")
@click.argument("value", required=False)
@pass_context
def line_set(context: Context, name: str, option: str, value: str | None) -> None:
    """Set an option of a line, its port, number or limits; without VALUE print it.

    The options are in docs/settings.md; "" empties one.

    Example: sms-gateway line set front fallback back
    """
    if value is None:
        say(context.read(lambda tx: _value(named(tx, name), option)))
        return

    def verb(tx: Tx) -> str:
        row = named(tx, name)
        _value(row, option)  # there is such an option
        if option in _OWN:
            return _OWN[option](tx, row, value, context.actor, now())
        return desk.set_option(tx, name, option, value, context.actor, now())

    kept = context.write(verb)
    if option == "port" and not port_is_there(value):
        say(f"Warning: {value} is not there now. The line starts when it appears.", err=True)
    say(f"{option} of {name} is {kept}." if kept else f"{option} of {name} is empty now.")


@line.command("pin")
@click.argument("name")
@click.option(
    "--pin-file", required=True, type=click.File("r", "utf-8"), help="File that holds the SIM's PIN."
)
@pass_context
def line_pin(context: Context, name: str, pin_file: TextIO) -> None:
    """Give the PIN of a line's SIM. It is tried once, and never as the SIM's last try.

    Example: sms-gateway line pin front --pin-file pin.txt
    """
    pin = pin_in(pin_file)
    context.write(lambda tx: desk.set_pin(tx, name, pin, context.actor, now()))
    say(f"The PIN of {name} is kept sealed. Delete {pin_file.name} now.")


@line.command("confirm")
@click.argument("name")
@pass_context
def line_confirm(context: Context, name: str) -> None:
    """Take the SIM and the modem that are in a line now for its own.

    Example: sms-gateway line confirm front
    """
    is_other_sim = context.write(lambda tx: desk.confirm(tx, name, context.actor, now()))
    say(f"Line {name} has this SIM and this modem from now on, and starts.")
    if is_other_sim:
        say(line_words.for_line(line_words.AFTER_CONFIRM, name))


# --- show --------------------------------------------------------------------------------------------


@line.command("show")
@click.argument("name")
@as_json
@pass_context
def line_show(context: Context, name: str, as_json: bool) -> None:
    """Show all that is known of a line.

    Example: sms-gateway line show front
    """
    if as_json:
        print_json(context.read(lambda tx: objects.line_in_full(tx, named(tx, name), now(), callers=True)))
        return
    running = is_running(context.settings().data_dir)
    for said in context.read(lambda tx: list(_shown(tx, named(tx, name), running))):
        say(said)


def _shown(tx: Tx, row: Row[Any], running: bool) -> Iterator[str]:
    code = line_words.line_now(row.status, row.code, row.paused_at) if running else "stopped"
    said = line_words.line_of(row.name, row.port, code, row.facts)
    yield f"{row.name}: {said.is_}."
    yield from (f"  {words}" for words in (said.cause, said.doing, said.you_can) if words)
    yield f"  port {row.port}, number {row.number or 'not given'}, limits {','.join(row.limits) or 'none'}"
    yield from _block("Device", [f"{name}: {value}" for name, value in sorted(row.facts.items())])
    bound = {"modem (IMEI)": row.bound_imei, "SIM (ICCID)": row.bound_iccid}
    yield from _block("Bound to", [f"{name}: {value}" for name, value in bound.items() if value])
    yield from _block("Cannot", line_words.cannot(row.abilities))
    yield from _block("Options", [_option(row, name) for name in OPTIONS])
    yield from _block("What happened", list(_happened(tx, row.id)))
    yield from _block("Missed calls", [_call(call) for call in calls.of_line(tx, row.id, LATEST)])


def _block(heading: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield f"{heading}:"
        yield from (f"  {row}" for row in rows)


def _option(row: Row[Any], name: str) -> str:
    value, default = line_options.value(row.options, name), OPTIONS[name].default
    return f"{name} = {value}" + (f" (changed from: {default or 'empty'})" if value != default else "")


def _happened(tx: Tx, line_id: int) -> Iterator[str]:
    """The latest troubles and what was done about them, newest first."""
    told = [row for row in line_history.log(tx, line_id) if row.code not in ("ready", "opening")]
    for row in told[:LATEST]:
        yield f"{row.at:%Y-%m-%d %H:%M:%S} {line_words.happened(row.kind, row.code, row.detail)}."


def _call(row: Row[Any]) -> str:
    caller = phone.pretty(row.number) or "withheld"
    return f"{row.ended_at:%Y-%m-%d %H:%M:%S} {caller}, rang {row.rang_seconds} s"
