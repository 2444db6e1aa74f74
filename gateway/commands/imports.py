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
from gateway.desk import old_phone
from gateway.desk.settings import country
from gateway.domain import csv_lists, import_words
from gateway.domain.contact import Stage
from gateway.domain.imports import HISTORY, LARGEST, OWN, Column, Form, Given, Verdict
from gateway.domain.refusal_words import REFUSALS, Refused
from gateway.store import imports
from gateway.store.database import Database, Tx

SKIP = "skip"
"""What `--map` says of a column that is passed over."""
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
        show_one(database, public_id, every=every, as_json=as_json)


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
        columns[place_of(column, named, len(columns))] = _what(what)
    return replace(form, columns=tuple(columns))


def place_of(column: str, named: Sequence[str], count: int) -> int:
    """Which column is meant: by its header, or by its number."""
    if column in named:
        return list(named).index(column)
    if column.isascii() and column.isdigit() and 0 < int(column) <= count:
        return int(column) - 1
    there = ", ".join(named) or f"1 to {count}"
    raise click.UsageError(f"--map: there is no column {column!r}. There are: {there}")


def _what(typed: str) -> str:
    if typed == SKIP:
        return Column.SKIP.value
    if typed in set(Column) - {Column.SKIP} or (typed.startswith(OWN) and typed != OWN):
        return typed
    known = ", ".join([*(one.value for one in Column if one), f"{OWN}NAME", SKIP])
    raise click.UsageError(f"--map: {typed!r} is nothing a column can hold. Choose of: {known}")


def _take(context: Context, database: Database, content: bytes, name: str, form: Form) -> str:
    def begin(tx: Tx) -> Row[Any]:
        public_id = desk.add(tx, content, name, "command", form, context.author, now())
        row = import_of(tx, public_id)
        desk.look(tx, row, form, now())
        return row

    row = database.write_now(begin)
    work(database, row)
    database.write_now(lambda tx: desk.start(tx, import_of(tx, row.public_id), context.author, now()))
    work(database, row)
    return str(row.public_id)


def work(database: Database, row: Row[Any]) -> None:
    """Go on with it to its end."""
    if row.kind == HISTORY:
        old_phone.work(database.read, database.write_now, now, database.keys.folder, row.id)
    else:
        desk.work(database.read, database.write_now, now, row.id)


# --- what is shown -----------------------------------------------------------------------------------


def _show_dry(database: Database, content: bytes, form: Form, *, every: bool, as_json: bool) -> None:
    found = list(desk.judged(database.read, content, form))
    counts = Counter(one.verdict.value for _, one in found)
    shown = [
        _line(given, one.verdict, one.why) for given, one in found if _is_shown(one.verdict, one.why, every)
    ]
    _print({"id": None, "state": "looked", "counts": counts, "rows": shown}, database, as_json=as_json)


def show_one(database: Database, public_id: str, *, every: bool, as_json: bool) -> None:
    """Print what became of one, or would become of it."""

    def look(tx: Tx) -> dict[str, Any]:
        row = import_of(tx, public_id)
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


# --- earlier ones ------------------------------------------------------------------------------------


def import_of(tx: Tx, public_id: str) -> Row[Any]:
    """One of what was brought in, by its id.

    Raises:
        Refused: there is none.
    """
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
        show_one(database, public_id, every=every, as_json=as_json)


@import_.command()
@click.argument("public_id", metavar="ID")
@pass_context
def undo(context: Context, public_id: str) -> None:
    """Take back what a list changed, for 24 hours; what somebody changed since stays.

    Example: sms-gateway import undo imp_01kasv3b0c8m2j5y7q9x4w6t1r
    """
    with context.database() as database:

        def verb(tx: Tx) -> Row[Any]:
            row = import_of(tx, public_id)
            (old_phone if row.kind == HISTORY else desk).undo(tx, row, context.author, now())
            return row

        work(database, database.write_now(verb))
        row = database.read(lambda tx: import_of(tx, public_id))
    say("The list was undone.")
    if stayed := row.counts.get("stayed", 0):
        kept = "Texts that stay, since a legal hold keeps them"
        changed = "Rows that stay, since somebody changed or used them"
        say(f"{kept if row.kind == HISTORY else changed}: {stayed}")
