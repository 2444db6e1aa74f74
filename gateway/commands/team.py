"""`user` and `token`."""

from __future__ import annotations

import sys

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import invitations, second_factor, team
from gateway.desk.team import BadUser
from gateway.domain.message import CHOSEN_BY_PEOPLE, Purpose
from gateway.domain.people import Role, Scope
from gateway.domain.phrases import counted
from gateway.store import invitations as store_invitations
from gateway.store import lines
from gateway.store import settings as store_settings
from gateway.store import team as store_team
from gateway.store.database import Tx


@click.group()
def user() -> None:
    """Add and manage the people who sign in to the panel.

    Example: sms-gateway user list
    """


def _office(context: Context) -> str:
    return str(context.read(lambda tx: store_settings.get(tx, "office.name")))


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
    """Add somebody who may sign in, an admin first.

    Example: echo "a sentence as password" | sms-gateway user add anna --role agent --password-stdin
    """
    shown = full_name or name.capitalize()
    context.read(lambda tx: team.require_admin(tx, Role(role)))
    hashed = team.hash_password(_read_password(password_stdin), name, shown, _office(context))
    context.write(lambda tx: team.add_user(tx, name, shown, Role(role), hashed, context.actor, now()))
    say(f"User {name} added as {role}.")


@user.command("passwd")
@click.argument("name")
@from_stdin
@pass_context
def user_passwd(context: Context, name: str, password_stdin: bool) -> None:
    """Set somebody's password; they are signed out everywhere.

    Example: sms-gateway user passwd anna
    """
    full_name = context.read(lambda tx: team.known(tx, name)).name
    hashed = team.hash_password(_read_password(password_stdin), name, full_name, _office(context))
    context.write(lambda tx: team.change_password(tx, name, hashed, context.actor, now()))
    say(f"Password of {name} changed.")


@user.command("disable")
@click.argument("name")
@pass_context
def user_disable(context: Context, name: str) -> None:
    """End somebody's access at once; what they wrote stays. Links they made let nobody join any more.

    Example: sms-gateway user disable anna
    """
    links = context.write(lambda tx: team.disable_user(tx, name, context.actor, now()))
    say(f"User {name} may not sign in any more.")
    _say_taken_back(links)


def _say_taken_back(links: int) -> None:
    if links:
        say(f"Taken back: {counted(links, 'link')} of theirs by which colleagues could have joined.")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@pass_context
def user_role(context: Context, name: str, role: str) -> None:
    """Give somebody another role, for which they sign in anew.

    Example: sms-gateway user role anna manager
    """
    links = context.write(lambda tx: team.change_role(tx, name, Role(role), context.actor, now()))
    say(f"User {name} is {role} now.")
    _say_taken_back(links)


@user.command("lines")
@click.argument("name")
@click.option("--line", "names", multiple=True, metavar="LINE", help="See this line; may be given again.")
@click.option("--all", "see_all", is_flag=True, help="See all lines, also those added later.")
@pass_context
def user_lines(context: Context, name: str, names: tuple[str, ...], see_all: bool) -> None:
    """Limit somebody to some lines, or let them see all.

    Example: sms-gateway user lines anna --line front
    """
    if bool(names) == see_all:
        raise click.UsageError("Give --line for each line they see, or --all.")

    def limit(tx: Tx) -> None:
        found = {one: lines.by_name(tx, one) for one in names}
        missing = [one for one, row in found.items() if row is None or row.removed_at is not None]
        if missing:
            raise BadUser(f"There is no line called {missing[0]}. See them with: sms-gateway line list")
        ids = [row.id for row in found.values() if row is not None]
        team.set_lines(tx, name, ids, context.actor, now())

    context.write(limit)
    say(f"User {name} sees {'all lines' if see_all else ', '.join(names)}.")


@user.command("sign-out")
@click.argument("name")
@pass_context
def user_sign_out(context: Context, name: str) -> None:
    """Sign somebody out everywhere; they may sign in again.

    Example: sms-gateway user sign-out anna
    """
    context.write(lambda tx: team.sign_out_everywhere(tx, name, context.actor, now()))
    say(f"User {name} is signed out everywhere.")


@user.command("enable")
@click.argument("name")
@pass_context
def user_enable(context: Context, name: str) -> None:
    """Let somebody in again who was disabled, with the password they had.

    Example: sms-gateway user enable anna
    """
    context.write(lambda tx: team.enable_user(tx, name, context.actor, now()))
    say(f"User {name} may sign in.")


def _take_back(tx: Tx, number: int, actor: str) -> None:
    if not invitations.take_back(tx, number, actor, now()):
        raise BadUser(f"Nobody can join by a link {number}. See those that count: sms-gateway user links")


@user.command("links")
@click.option("--take-back", type=int, metavar="NUMBER", help="Let nobody join by that one.")
@as_json
@pass_context
def user_links(context: Context, take_back: int | None, as_json: bool) -> None:
    """Show the links by which colleagues may still join, or take one back.

    Example: sms-gateway user links --take-back 3
    """
    if take_back is not None:
        context.write(lambda tx: _take_back(tx, take_back, context.actor))
    rows = context.read(lambda tx: store_invitations.counting(tx, now()))
    if as_json:
        print_json(
            [
                {
                    "number": row.id,
                    "role": row.role,
                    "by": row.created_by,
                    "until": row.expires_at.isoformat(),
                }
                for row in rows
            ]
        )
        return
    for row in rows:
        say(f"{row.id}: {row.role}, made by {row.created_by}, until {row.expires_at:%Y-%m-%d %H:%M} UTC")
    if not rows:
        say("By no link may anybody join.")


@user.command("second-factor")
@click.argument("name")
@click.option("--remove", is_flag=True, required=True, help="Ask for it no more.")
@pass_context
def user_second_factor(context: Context, name: str, remove: bool) -> None:
    """Let somebody in by the password alone who lost both phone and recovery code.

    Example: sms-gateway user second-factor anna --remove
    """
    context.write(lambda tx: second_factor.remove(tx, name, context.actor, now()))
    say(f"{name} signs in by the password alone. They can set it up anew under More, Your account.")


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
        print_json(items)
        return
    for item in items:
        say(f"{item['username']}: {item['name']}, {item['role']}{', disabled' if item['disabled'] else ''}")


@click.group()
def token() -> None:
    """Make and revoke the tokens programs use on the API.

    Example: sms-gateway token list
    """


@token.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([s.value for s in Scope]))
@click.option("--owner", metavar="USER", help="Whose it is; it ends when they are removed.")
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    type=click.Choice([p.value for p in CHOSEN_BY_PEOPLE]),
    help="May send these.",
)
@pass_context
def token_create(
    context: Context, name: str, scopes: tuple[str, ...], owner: str | None, purposes: tuple[str, ...]
) -> None:
    """Make a token and print it, this once.

    Example: sms-gateway token create shop --scope messages:send --scope messages:read
    """
    allowed = [Purpose(purpose) for purpose in purposes] or [Purpose.TRANSACTIONAL]
    secret = context.write(
        lambda tx: team.create_token(
            tx, name, [Scope(scope) for scope in scopes], allowed, context.actor, now(), owner
        )
    )
    say(secret)


@token.command("revoke")
@click.argument("name")
@pass_context
def token_revoke(context: Context, name: str) -> None:
    """End a token at once.

    Example: sms-gateway token revoke shop
    """
    context.write(lambda tx: team.revoke_token(tx, name, context.actor, now()))
    say(f"Token {name} revoked.")


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
        print_json(items)
        return
    for item in items:
        say(f"{item['name']}: {', '.join(item['scopes'])}{', revoked' if item['revoked'] else ''}")
