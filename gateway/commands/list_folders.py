"""`import folder`: folders that are watched for customer lists."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.imports import import_, show_one
from gateway.commands.saying import print_json, say
from gateway.desk import list_folders
from gateway.domain import import_words
from gateway.store import import_sources


@import_.group()
def folder() -> None:
    """Folders that are watched for customer lists.

    Example: sms-gateway import folder list
    """


@folder.command("add")
@click.argument("name")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--like", required=True, metavar="ID", help="A list that was brought in, whose columns are used."
)
@click.option(
    "--every", "minutes", type=int, default=60, show_default=True, help="Minutes between two looks."
)
@pass_context
def add_folder(context: Context, /, name: str, path: Path, like: str, minutes: int) -> None:
    """Watch a folder: the newest file in it is brought in when it is another.

    Example: sms-gateway import folder add crm /srv/lists --like imp_01kasv3b0c8m2j5y7q9x4w6t1r
    """
    context.write(lambda tx: list_folders.add(tx, name, path, like, minutes, context.author, now()))
    say(f"{path} is looked into every {minutes} minutes.")


@folder.command("list")
@as_json
@pass_context
def list_of_folders(context: Context, as_json: bool) -> None:
    """List the watched folders, and what came of the last look.

    Example: sms-gateway import folder list
    """
    rows = context.read(import_sources.every)
    kept = [
        {
            "name": row.name,
            "folder": row.place,
            "minutes": row.every_minutes,
            "paused": row.paused_at is not None,
            "last_at": f"{row.last_at:%Y-%m-%dT%H:%M:%SZ}" if row.last_at else None,
            "problem": row.last_problem,
        }
        for row in rows
    ]
    if as_json:
        print_json({"data": kept})
        return
    for one in kept:
        trouble = one["problem"]
        said = str(import_words.list_problem(trouble)) if trouble else "paused" if one["paused"] else "well"
        say(
            f"{one['name']}  {one['folder']}  every {one['minutes']} minutes  {one['last_at'] or '-'}  {said}"
        )


@folder.command("run")
@click.argument("name")
@click.option("--anyway", is_flag=True, help="Also a list that is much shorter than the last.")
@as_json
@pass_context
def run_folder(context: Context, name: str, anyway: bool, as_json: bool) -> None:
    """Look into a folder now.

    Example: sms-gateway import folder run crm
    """
    with context.database() as database:
        source = database.read(lambda tx: list_folders.found(tx, name))
        public_id = list_folders.take(database.read, database.write_now, now, source.id, anyway=anyway)
        if public_id is not None:
            show_one(database, public_id, every=False, as_json=as_json)
            return
        problem = database.read(lambda tx: list_folders.found(tx, name)).last_problem
    if problem is not None:
        raise click.ClickException(f"Nothing was taken: {import_words.list_problem(problem)}.")
    say("There is nothing new.")


@folder.command("pause")
@click.argument("name")
@click.option("--lift", is_flag=True, help="Look again.")
@pass_context
def pause_folder(context: Context, name: str, lift: bool) -> None:
    """Stop looking into a folder.

    Example: sms-gateway import folder pause crm
    """
    context.write(lambda tx: list_folders.pause(tx, name, context.author, now(), paused=not lift))
    say("It is looked into again." if lift else "It is not looked into until --lift.")


@folder.command("remove")
@click.argument("name")
@pass_context
def remove_folder(context: Context, name: str) -> None:
    """Watch a folder no longer; what was brought in stays.

    Example: sms-gateway import folder remove crm
    """
    context.write(lambda tx: list_folders.remove(tx, name, context.author, now()))
    say("The folder is not watched any more.")
