"""`import`: customer lists from a file, what became of each row, and taking it back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Row

from gateway.commands.context import Context, as_json, limit, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import importing as desk
from gateway.desk import list_folders, old_phone
from gateway.desk.drafts import choose_line
from gateway.desk.settings import country
from gateway.domain import csv_lists, import_words
from gateway.domain.contact import Stage
from gateway.domain.imports import HISTORY, LARGEST, OWN, Column, Form, Given, Verdict
from gateway.domain.old_texts_csv import OldColumn
from gateway.domain.refusal_words import REFUSALS, Refused
from gateway.store import import_sources, imports, waiting_lists
from gateway.store.database import Database, Tx

_SKIP = "skip"
_SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_PLAIN = frozenset({Verdict.NEW.value, Verdict.UPDATE.value, Verdict.SAME.value})
_AT_ONCE = 500


class _FileOrCommand(click.Group):
    """`import clients.csv` is `import file clients.csv`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["file", *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=_FileOrCommand)
def import_() -> None:
    """Customer lists. `import FILE` is short for `import file FILE`.

    Example: sms-gateway import file clients.csv --dry-run
    """


# --- a file ------------------------------------------------------------------------------------------


@import_.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would become of each row.")
@click.option(
    "--map",
    "mapped",
    metavar="COLUMN=WHAT",
    multiple=True,
    help="What a column holds, by its header or its number: name, number, company, ..., field:Boiler, skip.",
)
@click.option("--name", help="What it is called in lists. Default: the file's name.")
@click.option(
    "--stage",
    type=click.Choice([one.value for one in Stage]),
    help="Of those who are new. Default: prospect.",
)
@click.option("--overwrite", is_flag=True, help="Also replace what was entered by hand.")
@click.option("--encoding", type=click.Choice(csv_lists.ENCODINGS), help="Default: found out.")
@click.option("--separator", type=click.Choice(list(_SEPARATORS)), help="Default: found out.")
@click.option("--headers/--no-headers", default=None, help="Whether the first row names the columns.")
@click.option("--rows", "every", is_flag=True, help="Show all rows, not only those to look at.")
@as_json
@pass_context
def file(
    context: Context,
    /,
    path: Path,
    dry_run: bool,
    mapped: tuple[str, ...],
    name: str | None,
    stage: str | None,
    overwrite: bool,
    every: bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Bring in a CSV or vCard file, and show what became of each row.

    Example: sms-gateway import file clients.csv --map "Tel 2=number" --map Boiler=field:Boiler
    """
    content = _content(path)
    form = replace(_form(content, mapped, **reading), overwrites=overwrite)
    form = replace(form, stage=stage) if stage is not None else form
    with context.database() as database:
        if dry_run:
            _show_dry(database, content, form, every=every, as_json=as_json)
            return
        public_id = _take(context, database, content, name or path.name, form)
        _show(database, public_id, every=every, as_json=as_json)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise Refused("import_large", most=LARGEST >> 20)
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}. Choose another file.") from None


def _form(
    content: bytes,
    mapped: Sequence[str],
    encoding: str | None,
    separator: str | None,
    headers: bool | None,
) -> Form:
    form = desk.form_of(content)
    if encoding is not None or separator is not None:
        parts = _SEPARATORS[separator] if separator is not None else form.separator
        form = desk.guessed(content, replace(form, encoding=encoding or form.encoding, separator=parts))
    if headers is not None:
        form = replace(form, headers=headers)
    columns = list(form.columns)
    named = desk.table(content, form).rows[0].cells if form.headers else ()
    for one in mapped:
        column, _, what = one.rpartition("=")
        columns[_place(column, named, len(columns))] = _what(what)
    return replace(form, columns=tuple(columns))


def _place(column: str, named: Sequence[str], count: int) -> int:
    if column in named:
        return list(named).index(column)
    if column.isascii() and column.isdigit() and 0 < int(column) <= count:
        return int(column) - 1
    there = ", ".join(named) or f"1 to {count}"
    raise click.UsageError(f"--map: there is no column {column!r}. There are: {there}")


def _what(typed: str) -> str:
    if typed == _SKIP:
        return Column.SKIP.value
    if typed in set(Column) - {Column.SKIP} or (typed.startswith(OWN) and typed != OWN):
        return typed
    known = ", ".join([*(one.value for one in Column if one), f"{OWN}NAME", _SKIP])
    raise click.UsageError(f"--map: {typed!r} is nothing a column can hold. Choose of: {known}")


def _take(context: Context, database: Database, content: bytes, name: str, form: Form) -> str:
    def begin(tx: Tx) -> Row[Any]:
        public_id = desk.add(tx, content, name, "command", form, context.author, now())
        row = _found(tx, public_id)
        desk.look(tx, row, form, now())
        return row

    row = database.write_now(begin)
    _work(database, row)
    database.write_now(lambda tx: desk.start(tx, _found(tx, row.public_id), context.author, now()))
    _work(database, row)
    return str(row.public_id)


def _work(database: Database, row: Row[Any]) -> None:
    if row.kind == HISTORY:
        old_phone.work(database.read, database.write_now, now, database.keys.folder, row.id)
    else:
        desk.work(database.read, database.write_now, now, row.id)


# --- an old phone ------------------------------------------------------------------------------------


@import_.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--line", help="The line that goes on with these conversations; needed where there are several."
)
@click.option("--dry-run", is_flag=True, help="Only show what would become of the texts.")
@click.option(
    "--map",
    "mapped",
    metavar="COLUMN=WHAT",
    multiple=True,
    help="What a list's column holds, by header or number: at, time, direction, number, body, skip.",
)
@as_json
@pass_context
def texts(
    context: Context, /, path: Path, line: str | None, dry_run: bool, mapped: tuple[str, ...], as_json: bool
) -> None:
    """Bring in the texts of an old phone: a list, or the XML of SMS Backup & Restore, up to 512 MiB.

    Example: sms-gateway import texts sms-20261123.xml --line front
    """
    with context.database() as database:
        sample = old_phone.sample_of(path)
        form = old_phone.form_of(sample, database.read(lambda tx: choose_line(tx, line)).id)
        form = replace(form, columns=_named(form, sample, mapped))
        public_id = _put_aside(context, database, path, form)
        _work(database, database.read(lambda tx: _found(tx, public_id)))
        if not dry_run and database.read(lambda tx: _found(tx, public_id)).state == "looked":
            database.write_now(lambda tx: old_phone.start(tx, _found(tx, public_id), context.author, now()))
            _work(database, database.read(lambda tx: _found(tx, public_id)))
        if dry_run:
            old_phone.forget(database.keys.folder, public_id)
        _show(database, public_id, every=False, as_json=as_json)


def _named(form: Form, sample: bytes, mapped: Sequence[str]) -> tuple[str, ...]:
    columns = list(form.columns)
    named = old_phone.headers_of(sample, form) if form.format == "csv" else ()
    for one in mapped:
        column, _, what = one.rpartition("=")
        if what != _SKIP and what not in set(OldColumn) - {OldColumn.SKIP}:
            known = ", ".join([*(one.value for one in OldColumn if one), _SKIP])
            raise click.UsageError(f"--map: {what!r} is nothing a column can hold. Choose of: {known}")
        columns[_place(column, named, len(columns))] = "" if what == _SKIP else what
    return tuple(columns)


def _put_aside(context: Context, database: Database, path: Path, form: Form) -> str:
    def begin(tx: Tx) -> str:
        return old_phone.add(tx, path.name, "command", form, context.author, now())

    public_id = database.write_now(begin)
    try:
        with path.open("rb") as content:
            old_phone.put_aside(database.keys.folder, public_id, content)
    except OSError as error:
        database.write_now(lambda tx: old_phone.give_up(tx, public_id, now()))
        kept = database.keys.folder / waiting_lists.FOLDER
        raise click.ClickException(
            f"{path} cannot be kept in {kept}: {error.strerror}. Mend that and bring it in again."
        ) from None
    database.write_now(lambda tx: old_phone.look(tx, _found(tx, public_id), form, now()))
    return public_id


# --- what is shown -----------------------------------------------------------------------------------


def _show_dry(database: Database, content: bytes, form: Form, *, every: bool, as_json: bool) -> None:
    found = list(desk.judged(database.read, content, form))
    counts = Counter(one.verdict.value for _, one in found)
    shown = [
        _line(given, one.verdict, one.why) for given, one in found if _is_shown(one.verdict, one.why, every)
    ]
    _print({"id": None, "state": "looked", "counts": counts, "rows": shown}, database, as_json=as_json)


def _show(database: Database, public_id: str, *, every: bool, as_json: bool) -> None:
    def look(tx: Tx) -> dict[str, Any]:
        row = _found(tx, public_id)
        shown: list[dict[str, Any]] = []
        after = 0
        while some := imports.rows(tx, row.id, after, _AT_ONCE):
            after = some[-1].row
            for one in some:
                why = [(key, what) for key, what in json.loads(one.why or "[]")]
                if _is_shown(one.verdict, why, every):
                    shown.append(_line(Given(one.row, {"name": one.given["name"]}), one.verdict, why))
        return {
            "id": public_id,
            "state": row.state,
            "problem": row.problem,
            "rows": shown,
            "counts": counts_of(tx, row),
        }

    _print(database.read(look), database, as_json=as_json)


def _is_shown(verdict: str, why: object, every: bool) -> bool:
    return every or bool(why) or verdict not in _PLAIN


def _line(given: Given, verdict: str, why: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"row": given.row, "name": given.name, "verdict": str(verdict), "why": list(why)}


def _print(found: dict[str, Any], database: Database, *, as_json: bool) -> None:
    region = database.read(country)
    for row in found["rows"]:
        row["why"] = import_words.why(row["why"], region)
    found["counts"] = {name: count for name, count in found["counts"].items() if count}
    if as_json:
        print_json(found)
        return
    for row in found["rows"]:
        said = f"Row {row['row']}: {import_words.VERDICTS[row['verdict']].words}. {row['why']}".rstrip()
        say(f"{said} ({row['name']})" if row["name"] else said)
    say(_counted(found["counts"]))
    if found.get("problem") in REFUSALS:
        say(str(REFUSALS[found["problem"]].text))
    elif found["id"] is None or found["state"] == "looked":
        say("Nothing was saved.")
    elif found["state"] == "done":
        say(f"For 24 hours it can be undone: sms-gateway import undo {found['id']}")


def counts_of(tx: Tx, row: Row[Any]) -> dict[str, int]:
    """How many rows there are of each kind."""
    return dict(row.counts) if row.kind == HISTORY else imports.tally(tx, row.id)


def _counted(counts: dict[str, int]) -> str:
    words = [f"{import_words.VERDICTS[name].words}: {counts[name]}" for name in Verdict if counts.get(name)]
    words += [f"{said}: {counts[name]}" for name, said in import_words.PASSED.items() if counts.get(name)]
    return ", ".join(words) or "No rows"


# --- watched folders ---------------------------------------------------------------------------------


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
            _show(database, public_id, every=False, as_json=as_json)
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


# --- earlier ones ------------------------------------------------------------------------------------


def _found(tx: Tx, public_id: str) -> Row[Any]:
    row = imports.by_public_id(tx, public_id)
    if row is None:
        raise Refused("no_import", id=public_id)
    return row


@import_.command("list")
@limit(20)
@as_json
@pass_context
def list_(context: Context, limit: int, as_json: bool) -> None:
    """List what was brought in, the newest first.

    Example: sms-gateway import list
    """
    rows = context.read(lambda tx: imports.newest(tx, limit))
    found = [
        {
            "id": row.public_id,
            "name": row.file_name,
            "source": row.source,
            "state": row.state,
            "counts": {name: count for name, count in row.counts.items() if count},
            "created_at": f"{row.created_at:%Y-%m-%dT%H:%M:%SZ}",
            "created_by": row.created_by,
        }
        for row in rows
    ]
    if as_json:
        print_json({"data": found})
        return
    for one in found:
        say(
            f"{one['id']}  {one['created_at'][:16]}  {one['state']}  {one['name']}  {_counted(one['counts'])}"
        )


@import_.command()
@click.argument("public_id", metavar="ID")
@click.option("--rows", "every", is_flag=True, help="Show all rows, not only those to look at.")
@as_json
@pass_context
def show(context: Context, public_id: str, every: bool, as_json: bool) -> None:
    """Show what became of each row of one.

    Example: sms-gateway import show imp_01kasv3b0c8m2j5y7q9x4w6t1r
    """
    with context.database() as database:
        _show(database, public_id, every=every, as_json=as_json)


@import_.command()
@click.argument("public_id", metavar="ID")
@pass_context
def undo(context: Context, public_id: str) -> None:
    """Take back what a list changed, for 24 hours; what somebody changed since stays.

    Example: sms-gateway import undo imp_01kasv3b0c8m2j5y7q9x4w6t1r
    """
    with context.database() as database:

        def verb(tx: Tx) -> Row[Any]:
            row = _found(tx, public_id)
            (old_phone if row.kind == HISTORY else desk).undo(tx, row, context.author, now())
            return row

        _work(database, database.write_now(verb))
        row = database.read(lambda tx: _found(tx, public_id))
    say("The list was undone.")
    if stayed := row.counts.get("stayed", 0):
        kept = "Texts that stay, since a legal hold keeps them"
        changed = "Rows that stay, since somebody changed or used them"
        say(f"{kept if row.kind == HISTORY else changed}: {stayed}")
