"""The command line. Every command acts on the database, with the daemon running or not; a running one
notices within a second. Errors go to stderr: one sentence on what is wrong, one on what to do.

Exit codes: 0 ok, 1 failed, 2 usage, 78 configuration.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from gateway import __version__, config
from gateway.config import ConfigError, Settings
from gateway.desk import conversations, team
from gateway.desk import lines as desk_lines
from gateway.desk import settings as desk_settings
from gateway.desk.conversations import Author, Draft
from gateway.domain import limits, phone, wording
from gateway.domain.message import Direction, Purpose, State
from gateway.domain.people import Role, Scope
from gateway.domain.settings import SETTINGS
from gateway.store import lines, messages, outbox, schema, settings
from gateway.store import team as store_team
from gateway.store.database import Database, DatabaseError, Tx
from gateway.store.keys import Keys

EX_CONFIG = 78  # sysexits.h
T = TypeVar("T")


def _now() -> datetime:
    from gateway.daemon import utc_now

    return utc_now()


def _fail(text: str, code: int = 1) -> NoReturn:
    click.echo(f"sms-gateway: {text}", err=True)
    sys.exit(code)


class Context:
    """What a command works with: settings, the open database, and who acts."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.author = Author("command", None, getpass.getuser() if os.environ.get("HOME") else "root")

    @property
    def actor(self) -> str:
        """The person at the keyboard, for the audit log."""
        return str(self.author)

    def settings(self) -> Settings:
        """Boot settings."""
        return config.load(self.file)

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """The database, created when there is none."""
        from gateway.daemon import database_path

        boot = self.settings()
        path = database_path(boot)
        schema.prepare(path)
        database = Database(path, Keys(boot.data_dir))
        try:
            yield database
        finally:
            database.close()

    def write(self, verb: Callable[[Tx], T]) -> T:
        """Run one verb in one transaction."""
        with self.database() as database:
            return database.write_now(verb)

    def read(self, query: Callable[[Tx], T]) -> T:
        """Run one query."""
        with self.database() as database:
            return database.read(query)


class _Group(click.Group):
    """Turns our errors into sentences and exit codes, for every command alike."""

    def invoke(self, ctx: click.Context) -> Any:
        from gateway.daemon import AlreadyRunning

        try:
            return super().invoke(ctx)
        except ConfigError as error:
            _fail(str(error), EX_CONFIG)
        except DatabaseError as error:
            _fail(str(error), EX_CONFIG)
        except (
            AlreadyRunning,
            desk_lines.BadLine,
            team.BadUser,
            wording.Refused,
            desk_settings.BadSetting,
        ) as error:
            _fail(str(error))


pass_context = click.make_pass_decorator(Context)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config", "file", metavar="FILE", help="Settings file. Default: /etc/sms-gateway/config.toml."
)
@click.pass_context
def main(ctx: click.Context, file: str | None) -> None:
    """A self-hosted text line for an office.

    Example: sms-gateway line add front --port /dev/ttyUSB2 && sms-gateway run
    """
    ctx.obj = Context(file)


def _json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


as_json = click.option("--json", "as_json", is_flag=True, help="Print the API's own objects.")


# --- running -----------------------------------------------------------------------------------------


def _log_to_stderr(boot: Settings) -> None:
    from gateway.logs import configure

    configure(boot.log_level, boot.log_format)


@main.command()
@pass_context
def run(context: Context) -> None:
    """Serve: lines, queue, panel and API, until SIGTERM.

    Example: SMS_GATEWAY_LISTEN=127.0.0.1:8080 sms-gateway run
    """
    import asyncio

    from gateway import daemon

    boot = context.settings()
    _log_to_stderr(boot)

    def ready(address: str) -> None:
        click.echo(f"The panel is open at {address}")

    try:
        sys.exit(asyncio.run(daemon.run(boot, ready)))
    except OSError as error:
        _fail(
            f"It could not start: {error.strerror or error}. Choose another address with the listen setting."
        )


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

    sys.exit(trial.run(port, number, listen, Path(keep) if keep else None))


# --- lines -------------------------------------------------------------------------------------------


@main.group()
def line() -> None:
    """Add, remove, pause and list lines.

    Example: sms-gateway line list
    """


def _limits(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[limits.Limit, ...]:
    try:
        return tuple(limits.parse(value) for value in values)
    except limits.BadLimit as error:
        raise click.BadParameter(str(error)) from None


def _port_is_there(port: str) -> bool:
    return "://" in port or port in ("auto", "loopback") or Path(port).exists()


@line.command("add")
@click.argument("name")
@click.option("--port", required=True, metavar="PATH", help="Device, pty, or socket://host:port.")
@click.option("--number", help="The line's own number, +country code first.")
@click.option("--country", help="Two letters; numbers in national writing are read with it.")
@click.option("--pin-file", type=click.File("r"), help="File that holds the SIM's PIN.")
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
    pin_file: Any,
    limit: tuple[limits.Limit, ...],
    no_limit: bool,
) -> None:
    """Add a line.

    Example: sms-gateway line add front --port /dev/ttyUSB2 --number +12025550100
    """
    if limit and no_limit:
        raise click.UsageError("--limit and --no-limit exclude each other. Give one of them.")
    own = phone.parse(number, country).text if number else None
    chosen = () if no_limit else limit or limits.DEFAULT
    pin = pin_file.read().strip() if pin_file else None

    def verb(tx: Tx) -> None:
        desk_lines.add(
            tx, name, port, context.actor, _now(), number=own, country=country, limits=chosen, pin=pin
        )

    context.write(verb)
    if not _port_is_there(port):
        click.echo(f"Warning: {port} is not there now. The line starts when it appears.", err=True)
    click.echo(f"Line {name} added.")


@line.command("remove")
@click.argument("name")
@pass_context
def line_remove(context: Context, name: str) -> None:
    """Take a line out of use; its conversations stay.

    Example: sms-gateway line remove front
    """
    context.write(lambda tx: desk_lines.remove(tx, name, context.actor, _now()))
    click.echo(f"Line {name} removed. Its conversations stay.")


@line.command("pause")
@click.argument("name")
@pass_context
def line_pause(context: Context, name: str) -> None:
    """Send nothing by a line until it is resumed.

    Example: sms-gateway line pause front
    """
    context.write(lambda tx: desk_lines.pause(tx, name, context.actor, _now()))
    click.echo(f"Line {name} is paused. What comes in is still read.")


@line.command("resume")
@click.argument("name")
@pass_context
def line_resume(context: Context, name: str) -> None:
    """Send by a line again.

    Example: sms-gateway line resume front
    """
    context.write(lambda tx: desk_lines.resume(tx, name, context.actor, _now()))
    click.echo(f"Line {name} sends again.")


@line.command("list")
@as_json
@pass_context
def line_list(context: Context, as_json: bool) -> None:
    """Show every line and how it is.

    Example: sms-gateway line list
    """
    from gateway.web.objects import line_object

    def query(tx: Tx) -> list[tuple[Any, dict[str, Any]]]:
        return [(row, line_object(row, outbox.counts(tx, row.id))) for row in lines.every(tx)]

    found = context.read(query)
    if as_json:
        _json([item for _, item in found])
        return
    if not found:
        click.echo("There is no line yet. Add one with: sms-gateway line add NAME --port PATH")
    for row, item in found:
        said = wording.line("paused" if row.paused_at else row.code)
        click.echo(f"{row.name}: {said.is_}. {said.you_can}".rstrip())
        click.echo(f"  port {row.port}, number {row.number or 'not given'}, {item['queued']} waiting")


@main.command()
@as_json
def modems(as_json: bool) -> None:
    """List serial ports, ask each who it is, say what answered.

    Example: sms-gateway modems
    """
    import asyncio
    from dataclasses import asdict

    from gateway.modem.probe import probe_all

    found = asyncio.run(probe_all())
    if as_json:
        _json([asdict(result) for result in found])
        return
    if not found:
        click.echo("No serial port was found. Plug the modem in, wait ten seconds, and try again.")
    for result in found:
        click.echo(f"{result.path}: {wording.probe(result.code, result.facts)}")


# --- people and programs -----------------------------------------------------------------------------


@main.group()
def user() -> None:
    """Add and manage the people who sign in to the panel.

    Example: sms-gateway user list
    """


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@user.command("add")
@click.argument("name")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.AGENT.value, show_default=True
)
@click.option("--full-name", help="As colleagues know them. Default: NAME.")
@from_stdin
@pass_context
def user_add(context: Context, name: str, role: str, full_name: str | None, password_stdin: bool) -> None:
    """Add somebody who may sign in.

    Example: echo "a sentence as password" | sms-gateway user add anna --role agent --password-stdin
    """
    hashed = team.hash_password(_read_password(password_stdin), name)
    shown = full_name or name.capitalize()
    context.write(lambda tx: team.add_user(tx, name, shown, Role(role), hashed, context.actor, _now()))
    click.echo(f"User {name} added as {role}.")


@user.command("passwd")
@click.argument("name")
@from_stdin
@pass_context
def user_passwd(context: Context, name: str, password_stdin: bool) -> None:
    """Set somebody's password; they are signed out everywhere.

    Example: sms-gateway user passwd anna
    """
    hashed = team.hash_password(_read_password(password_stdin), name)
    context.write(lambda tx: team.change_password(tx, name, hashed, context.actor, _now()))
    click.echo(f"Password of {name} changed.")


@user.command("disable")
@click.argument("name")
@pass_context
def user_disable(context: Context, name: str) -> None:
    """End somebody's access at once; what they wrote stays.

    Example: sms-gateway user disable anna
    """
    context.write(lambda tx: team.disable_user(tx, name, context.actor, _now()))
    click.echo(f"User {name} may not sign in any more.")


@user.command("list")
@as_json
@pass_context
def user_list(context: Context, as_json: bool) -> None:
    """Show who may sign in.

    Example: sms-gateway user list
    """
    rows = context.read(store_team.every_user)
    items = [
        {
            "username": row.username,
            "name": row.name,
            "role": row.role,
            "disabled": row.disabled_at is not None,
        }
        for row in rows
    ]
    if as_json:
        _json(items)
        return
    for item in items:
        click.echo(
            f"{item['username']}: {item['name']}, {item['role']}{', disabled' if item['disabled'] else ''}"
        )


@main.group()
def token() -> None:
    """Make and revoke the tokens programs use on the API.

    Example: sms-gateway token list
    """


@token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([s.value for s in Scope]))
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([p.value for p in Purpose]),
    help="May send these.",
)
@pass_context
def token_create(context: Context, name: str, scopes: tuple[str, ...], purposes: tuple[str, ...]) -> None:
    """Make a token and print it, this once.

    Example: sms-gateway token create shop --scope messages:send --scope messages:read
    """
    allowed = [Purpose(purpose) for purpose in purposes] or [Purpose.TRANSACTIONAL]
    secret = context.write(
        lambda tx: team.create_token(
            tx, name, [Scope(scope) for scope in scopes], allowed, context.actor, _now()
        )
    )
    click.echo(secret)


@token.command("revoke")
@click.argument("name")
@pass_context
def token_revoke(context: Context, name: str) -> None:
    """End a token at once.

    Example: sms-gateway token revoke shop
    """
    context.write(lambda tx: team.revoke_token(tx, name, context.actor, _now()))
    click.echo(f"Token {name} revoked.")


@token.command("list")
@as_json
@pass_context
def token_list(context: Context, as_json: bool) -> None:
    """Show the tokens, never their secrets.

    Example: sms-gateway token list
    """
    items = [
        {
            "id": row.public_id,
            "name": row.name,
            "scopes": row.scopes,
            "purposes": row.purposes,
            "revoked": row.revoked_at is not None,
        }
        for row in context.read(store_team.every_token)
    ]
    if as_json:
        _json(items)
        return
    for item in items:
        click.echo(f"{item['name']}: {', '.join(item['scopes'])}{', revoked' if item['revoked'] else ''}")


# --- texts -------------------------------------------------------------------------------------------


@main.command()
@click.argument("to")
@click.argument("text")
@click.option("--line", "line_name", metavar="NAME", help="Needed only where there are several.")
@click.option(
    "--purpose",
    type=click.Choice([p.value for p in Purpose]),
    default=Purpose.TRANSACTIONAL.value,
    show_default=True,
)
@as_json
@pass_context
def send(context: Context, to: str, text: str, line_name: str | None, purpose: str, as_json: bool) -> None:
    """Queue a text. When this returns, it is on disk.

    Example: sms-gateway send +12025550123 "Your glasses are ready."
    """
    from gateway.web.objects import message_object

    def verb(tx: Tx) -> dict[str, Any]:
        row = conversations.choose_line(tx, line_name)
        number = conversations.parse_number(tx, to, row)
        message_id = conversations.accept(
            tx, row, Draft(number, text, Purpose(purpose), context.author), _now()
        )
        return message_object(tx, messages.get(tx, message_id))

    item = context.write(verb)
    if as_json:
        _json(item)
    else:
        click.echo(f"{item['id']} queued for {item['to']}.")


@main.command("messages")
@click.option("--direction", type=click.Choice([d.value for d in Direction]))
@click.option("--state", type=click.Choice([s.value for s in State]))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 500))
@as_json
@pass_context
def messages_(context: Context, direction: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """Show texts, newest first.

    Example: sms-gateway messages --direction inbound --limit 5
    """
    from gateway.web.objects import message_object

    wanted = messages.Filter(direction=Direction(direction) if direction else None, state=state)

    def query(tx: Tx) -> list[dict[str, Any]]:
        return [message_object(tx, row) for row in messages.page(tx, wanted, limit)]

    items = context.read(query)
    if as_json:
        _json(items)
        return
    for item in items:
        arrow, peer = ("<", item["from"]) if item["direction"] == "inbound" else (">", item["to"])
        click.echo(f"{item['created_at'][:19]} {arrow} {peer or 'unknown'} [{item['state']}] {item['body']}")


# --- settings and health -----------------------------------------------------------------------------


@main.group()
def setting() -> None:
    """Read and change the settings of the office.

    Example: sms-gateway setting list
    """


@setting.command("get")
@click.argument("name")
@pass_context
def setting_get(context: Context, name: str) -> None:
    """Print one setting.

    Example: sms-gateway setting get office.name
    """
    click.echo(context.read(lambda tx: settings.get(tx, desk_settings.known(name))))


@setting.command("set")
@click.argument("name")
@click.argument("value")
@pass_context
def setting_set(context: Context, name: str, value: str) -> None:
    """Change one setting.

    Example: sms-gateway setting set office.name "Alderwick Dental"
    """
    context.write(lambda tx: desk_settings.change(tx, name, value, context.actor, _now()))
    click.echo(f"{name} changed.")


@setting.command("list")
@pass_context
def setting_list(context: Context) -> None:
    """Print every setting with its value and meaning.

    Example: sms-gateway setting list
    """

    def query(tx: Tx) -> list[tuple[str, Any, str]]:
        return [(name, settings.get(tx, name), row.meaning) for name, row in SETTINGS.items()]

    for name, value, meaning in context.read(query):
        click.echo(f"{name} = {value}\n    {meaning}")


@main.command()
@as_json
@pass_context
def doctor(context: Context, as_json: bool) -> None:
    """Check the installation and say what to do about what is wrong.

    Example: sms-gateway doctor
    """
    from gateway import doctor as checks

    found = checks.examine(context.settings())
    if as_json:
        _json([check.as_object() for check in found])
    else:
        for check in found:
            click.echo(check.as_text())
    sys.exit(0 if all(check.ok for check in found) else 1)


@main.command()
@pass_context
def migrate(context: Context) -> None:
    """Bring the database to this program's schema.

    Example: sms-gateway migrate
    """
    with context.database() as database:
        click.echo(f"{database.path} has schema {schema.HEAD}.")


@main.command()
def version() -> None:
    """Print the program's version.

    Example: sms-gateway version
    """
    click.echo(f"sms-gateway {__version__}, schema {schema.HEAD}")


if __name__ == "__main__":
    main()
