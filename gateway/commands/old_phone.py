"""`import texts`: the texts of an old phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.imports import SKIP, import_, import_of, place_of, show_one, work
from gateway.desk import old_phone, old_phone_files
from gateway.desk.drafts import choose_line
from gateway.domain.imports import Form
from gateway.domain.old_texts_csv import OldColumn
from gateway.store import waiting_lists
from gateway.store.database import Database, Tx


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
        sample = old_phone_files.sample_of(path)
        form = old_phone_files.form_of(sample, database.read(lambda tx: choose_line(tx, line)).id)
        form = replace(form, columns=_named(form, sample, mapped))
        public_id = _put_aside(context, database, path, form)
        work(database, database.read(lambda tx: import_of(tx, public_id)))
        if not dry_run and database.read(lambda tx: import_of(tx, public_id)).state == "looked":
            database.write_now(
                lambda tx: old_phone.start(tx, import_of(tx, public_id), context.author, now())
            )
            work(database, database.read(lambda tx: import_of(tx, public_id)))
        if dry_run:
            old_phone_files.forget(database.keys.folder, public_id)
        show_one(database, public_id, every=False, as_json=as_json)


def _named(form: Form, sample: bytes, mapped: Sequence[str]) -> tuple[str, ...]:
    columns = list(form.columns)
    named = old_phone_files.headers_of(sample, form) if form.format == "csv" else ()
    for one in mapped:
        column, _, what = one.rpartition("=")
        if what != SKIP and what not in set(OldColumn) - {OldColumn.SKIP}:
            known = ", ".join([*(one.value for one in OldColumn if one), SKIP])
            raise click.UsageError(f"--map: {what!r} is nothing a column can hold. Choose of: {known}")
        columns[place_of(column, named, len(columns))] = "" if what == SKIP else what
    return tuple(columns)


def _put_aside(context: Context, database: Database, path: Path, form: Form) -> str:
    def begin(tx: Tx) -> str:
        return old_phone.add(tx, path.name, "command", form, context.author, now())

    public_id = database.write_now(begin)
    try:
        with path.open("rb") as content:
            old_phone_files.put_aside(database.keys.folder, public_id, content)
    except OSError as error:
        database.write_now(lambda tx: old_phone.give_up(tx, public_id, now()))
        kept = database.keys.folder / waiting_lists.FOLDER
        raise click.ClickException(
            f"{path} cannot be kept in {kept}: {error.strerror}. Mend that and bring it in again."
        ) from None
    database.write_now(lambda tx: old_phone.look(tx, import_of(tx, public_id), form, now()))
    return public_id
