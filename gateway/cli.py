"""The command line. Every command acts on the database, with the daemon running or not; a running one
notices within a second. Errors go to stderr: one sentence on what is wrong, one on what to do.

Exit codes: 0 ok, 1 failed, 2 usage, 78 configuration.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from gateway import __version__
from gateway.commands.context import Context, pass_context
from gateway.commands.saying import say
from gateway.config import ConfigError
from gateway.desk.lines import BadLine
from gateway.desk.settings import BadSetting
from gateway.desk.team import BadUser
from gateway.domain.phone import NotANumber
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import shown
from gateway.lock import AlreadyRunning
from gateway.owner import become_owner_of
from gateway.store import schema
from gateway.store.backup import BackupFailed
from gateway.store.database import CannotOpen, DatabaseError
from gateway.tls import TlsError

EX_CONFIG = 78  # sysexits.h

COMMANDS = {
    "alarm": ("alarms",),
    "backup": ("backups",),
    "clock": ("clock",),
    "contact": ("contacts",),
    "conversations": ("conversations",),
    "doctor": ("doctor",),
    "drill": ("backups",),
    "erase": ("erasure",),
    "erasures": ("erasure",),
    "explain": ("explain",),
    "export": ("erasure",),
    "import": ("imports", "old_phone", "list_folders"),
    "line": ("lines", "line_settings", "line_requests"),
    "messages": ("texts",),
    "modems": ("modems",),
    "preview": ("texts",),
    "restore": ("backups",),
    "retention": ("erasure",),
    "schedule": ("schedule",),
    "search": ("search",),
    "send": ("texts",),
    "setting": ("settings",),
    "setup": ("setup",),
    "template": ("templates",),
    "tls": ("tls",),
    "token": ("team",),
    "user": ("team",),
    "ussd": ("line_requests",),
}
"""Where each command is: files of `gateway.commands`, read only when it is called, for reading all of them
takes longer than most commands. The first holds it under its own name, or that with a `_` where the name is
Python's; the others fill its group."""


def _fail(text: str, code: int = 1) -> NoReturn:
    say(f"sms-gateway: {text}", err=True)
    sys.exit(code)


@contextlib.contextmanager
def _start_failures() -> Iterator[None]:
    """For the commands that serve: the panel's code, and its errors, are loaded by these alone."""
    from gateway.web.server import CannotListen

    try:
        yield
    except CannotListen as error:
        _fail(str(error))


class _Group(click.Group):
    """Reads a command's file when it is called; turns our errors into sentences and exit codes, for every
    command alike."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        files = [importlib.import_module(f"gateway.commands.{name}") for name in COMMANDS[cmd_name]]
        own = vars(files[0])
        found: click.Command = own.get(f"{cmd_name}_") or own[cmd_name]
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        for typed in args:
            try:
                typed.encode()
            except UnicodeEncodeError:  # bytes that are not UTF-8; nothing can store or send them
                raise click.UsageError(
                    f"{shown(typed)} holds bytes that are no letters (not UTF-8). Type it again."
                ) from None
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigError, CannotOpen) as error:
            _fail(str(error), EX_CONFIG)
        except (
            AlreadyRunning,
            BackupFailed,
            BadLine,
            BadUser,
            BadSetting,
            DatabaseError,
            NotANumber,
            Refused,
            TlsError,
        ) as error:
            _fail(str(error))


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--config", "file", metavar="FILE", help="Default: /etc/sms-gateway/config.toml.")
@click.pass_context
def main(ctx: click.Context, file: str | None) -> None:
    """A self-hosted text line for an office.

    Example: sms-gateway line add front --port /dev/ttyUSB2 && sms-gateway run
    """
    ctx.obj = Context(file)


@main.command()
@pass_context
def run(context: Context) -> None:
    """Serve: lines, queue, panel and API, until SIGTERM.

    Example: SMS_GATEWAY_LISTEN=127.0.0.1:8080 sms-gateway run
    """
    from gateway import daemon, logs

    boot = context.settings()
    become_owner_of(boot.data_dir)
    logs.configure(boot.log_level, boot.log_format)

    def ready(address: str) -> None:
        say(f"The panel is open at {address}")

    with _start_failures():
        sys.exit(asyncio.run(daemon.run(boot, ready)))


@main.command()
@click.option(
    "--port", default="loopback", metavar="PATH", help="A modem to use. Default: one that answers itself."
)
@click.option("--number", default="+12025550100", show_default=True, help="The line's own number.")
@click.option(
    "--listen", default="127.0.0.1:0", show_default=True, help="Address of the panel; port 0: a free one."
)
@click.option("--keep", metavar="FOLDER", help="Keep the data here instead of throwing it away.")
@pass_context
def demo(context: Context, port: str, number: str, listen: str, keep: str | None) -> None:
    """Try the panel with a made-up office, in a throw-away data folder.

    Example: sms-gateway demo
    """
    from gateway import trial

    with _start_failures():
        sys.exit(trial.run(port, number, listen, Path(keep) if keep else None))


@main.command()
@pass_context
def migrate(context: Context) -> None:
    """Bring the database to this program's schema.

    Example: sms-gateway migrate
    """
    with context.database() as database:
        say(f"{database.path} has schema {schema.HEAD}.")


@main.command()
def version() -> None:
    """Print the program's version.

    Example: sms-gateway version
    """
    say(f"sms-gateway {__version__}, schema {schema.HEAD}")


if __name__ == "__main__":
    main()
