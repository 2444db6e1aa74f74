"""`doctor`."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, TextIO

import click

from gateway.commands import line_requests
from gateway.commands.context import Context, as_json, pass_context
from gateway.commands.saying import print_json, say
from gateway.domain.line_requests import Kind
from gateway.domain.refusal_words import Refused
from gateway.lock import is_running
from gateway.store import lines

if TYPE_CHECKING:
    from gateway.doctor import Check


@click.command()
@click.option("--trace", "traced", metavar="LINE", help="Print the last exchanges with a line's device.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.File("a", "utf-8", lazy=False),  # opened before root is given up for the data's owner
    help="Write them there instead.",
)
@click.option(
    "--send-test",
    "to",
    metavar="NUMBER",
    help="Send a text to this phone of yours as well, and wait for the report of its arrival.",
)
@click.option("--line", "name", metavar="LINE", help="The line that sends it, where there are several.")
@as_json
@pass_context
def doctor(
    context: Context,
    traced: str | None,
    output: TextIO | None,
    to: str | None,
    name: str | None,
    as_json: bool,
) -> None:
    """Check the installation and say what to do about what is wrong.

    Nothing is changed, and nothing is sent unless --send-test asks for it. What needs you stands first. The
    exit code is 1 when something does. Every finding is explained in docs/doctor.md.

    With --trace, print what was last said to a line's device and by it, for a bug report: in the notation of
    recorded transcripts, with numbers and texts masked.

    Example: sms-gateway doctor
    """
    if traced is not None:
        trace = line_requests.ask(context, traced, Kind.TRACE)
        _empty(output)
        say(trace.rstrip() or "Nothing was said to the device since the program started.", output)
        return
    if output is not None:
        raise click.UsageError("--output goes with --trace LINE.")
    if name is not None and to is None:
        raise click.UsageError("--line goes with --send-test NUMBER.")
    from gateway import doctor as checks

    found = checks.examine_from(context.settings)
    if to is not None:
        found.append(_send_test(context, to, name))
    ordered = checks.in_order(found)
    if as_json:
        print_json([check.as_object() for check in ordered])
    else:
        for check in ordered:
            say(check.as_text())
        say(f"\n{checks.summary(ordered)}")
    sys.exit(0 if all(check.ok for check in found) else 1)


def _empty(output: TextIO | None) -> None:
    """Only now, so that what was in the file outlives a word that was mistyped."""
    if output is not None and output.mode == "a":  # not "-", which is the terminal's
        with contextlib.suppress(OSError):  # a pipe or a device cannot be emptied
            output.truncate(0)


def _send_test(context: Context, to: str, name: str | None) -> Check:
    """A test text by that line, or by the only one there is.

    Raises:
        Refused: the program does not run, or it cannot be sent there.
    """
    from gateway.doctor.round_trip import round_trip

    with context.database() as database:
        if name is None:
            every = database.read(lines.every)
            if len(every) != 1:
                raise click.UsageError("Say by which line: --line LINE.")
            name = every[0].name
        if not is_running(context.settings().data_dir):
            raise Refused("not_running", line=name)
        return round_trip(database, name, to, context.author)
