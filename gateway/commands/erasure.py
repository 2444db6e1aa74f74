"""`erase`, `export`, `retention`: what goes for good, and what somebody may see of themselves."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import click

from gateway.commands.context import Context, limit, now, pass_context
from gateway.commands.saying import say
from gateway.desk import clock as desk_clock
from gateway.desk import erasure as desk
from gateway.desk import export as desk_export
from gateway.desk.contacts import known
from gateway.desk.settings import country
from gateway.domain import erasure_words, phone
from gateway.lock import is_running
from gateway.queue.erasing import rewrite_now
from gateway.store import contacts, plain_copies, retention, rewriting
from gateway.store.database import Database, DatabaseError, Tx


def contact_id_of(tx: Tx, typed: str) -> int:
    """The contact with a number, or with a sender's name that is none.

    Raises:
        Refused: nobody is known by that.
    """
    found = contacts.by_number(tx, typed) or known(tx, phone.parse(typed, country(tx)).text)
    return int(found.id)


@click.command()
@click.argument("number")
@click.option("--why", default="", help="The reason, which is kept for good: without their name or number.")
@click.option("--dry-run", is_flag=True, help="Only say how much would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask for the number again.")
@pass_context
def erase(context: Context, number: str, why: str, dry_run: bool, yes: bool) -> None:
    """Erase everything about somebody for good; whether they said STOP stays known.

    It shows how much that is, and asks for the number again before it does so.

    Example: sms-gateway erase +12025550123 --why "Asked for it on 3 March"
    """
    with context.database() as database:
        contact_id, found = database.read(lambda tx: _found(tx, number))
        if dry_run or not yes:
            database.read(lambda tx: desk.check(tx, contact_id, now()))
            say("This would be erased:")
            _say_counts(found)
        if dry_run:
            return
        if not yes:
            _ask_again(number)
        desk.erase(database.read, database.write_now, contact_id, context.author, why, now)
        say(erasure_words.ERASED)
        _say_counts(found)
        say(erasure_words.STAYS)
        say(_clean(context, database))
    say(erasure_words.BACKUPS)
    _say_copies(context)


def _ask_again(number: str) -> None:
    """
    Raises:
        UsageError: it was not typed again, or nobody is there to be asked.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(
            "Nobody can be asked here, and nothing was erased. If you are sure, add --yes."
        )
    if click.prompt("Type the number again to erase it", err=True).strip() != number.strip():
        raise click.UsageError("That is another number. Nothing was erased.")


def _found(tx: Tx, number: str) -> tuple[int, dict[str, int]]:
    contact_id = contact_id_of(tx, number)
    return contact_id, desk.counts(tx, contact_id)


def _say_counts(found: dict[str, int]) -> None:
    for told in erasure_words.counted(found):
        say(f"  {told}")


def _say_copies(context: Context) -> None:
    settings = context.settings()
    for sentence in erasure_words.copies(plain_copies.every(settings.database_path, settings.data_dir)):
        say(sentence)


def _clean(context: Context, database: Database) -> str:
    """Write the file anew at once where nobody waits for it; else the running program does it at night."""
    if is_running(context.settings().data_dir):
        return erasure_words.TONIGHT if rewriting.cut_journal(database.path) else erasure_words.NOT_NOW
    try:
        rewrite_now(database, now)
    except DatabaseError as error:
        return str(error)
    return erasure_words.CLEAN


@click.command()
@click.argument("number")
@click.option(
    "--to",
    "target",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to: .json holds everything, .txt is for reading.",
)
@pass_context
def export(context: Context, number: str, target: Path) -> None:
    """Write everything that is kept about somebody into a file.

    Example: sms-gateway export +12025550123 --to ann.json
    """

    def look(tx: Tx) -> dict[str, Any]:
        return desk_export.everything(tx, contact_id_of(tx, number), now())

    if target.suffix not in (".json", ".txt"):
        raise click.UsageError("Choose a file that ends in .json or in .txt.")
    with _made(target) as file:  # before root is given up for the data's owner
        found = context.read(look)
        as_text = target.suffix == ".txt"
        file.write(
            desk_export.readable(found) if as_text else json.dumps(found, ensure_ascii=False, indent=2)
        )
    texts = sum(len(conversation["texts"]) for conversation in found["conversations"])
    say(f"{target} holds all there is, with {texts} {'text' if texts == 1 else 'texts'}.")


@contextlib.contextmanager
def _made(target: Path) -> Iterator[TextIO]:
    """A new file that nobody else may read; root makes it for whom the folder belongs to. It does not stay
    where nothing can be written into it, as far as that is possible once root was given up."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        if os.geteuid() == 0:
            folder = target.absolute().parent.stat()
            os.fchown(handle, folder.st_uid, folder.st_gid)
    except FileExistsError:
        raise click.UsageError(f"{target} is there already. Choose another name.") from None
    except OSError as error:
        raise click.UsageError(
            f"{target} cannot be written: {error.strerror}. Choose another place."
        ) from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        try:
            yield file
        except BaseException:
            with contextlib.suppress(OSError):
                target.unlink()
            raise


@click.command(name="retention")
@click.option("--dry-run", is_flag=True, help="Only say how much would be removed.")
@pass_context
def retention_(context: Context, dry_run: bool) -> None:
    """Remove what the office's settings (retention.*) no longer keep. The program does that every night.

    Example: sms-gateway retention --dry-run
    """
    with context.database() as database:
        if database.read(desk_clock.doubt):
            raise DatabaseError(
                "The clock is not to be trusted now, so nothing is removed. See: sms-gateway clock"
            )
        if dry_run:
            found, held = database.read(lambda tx: _due(tx, now()))
            if not found:
                say(
                    "Everything is kept for ever. "
                    "Change that with: sms-gateway setting set retention.marketing 365"
                )
                return
            say("This would be removed:")
            _say_counts(found)
            if held:
                say(f"Nothing of {held} {'person' if held == 1 else 'people'} under a legal hold.")
            return
        done = desk.retain(database.read, database.write_now, now, context.actor)
        if done:
            rewriting.cut_journal(database.path)
            say("Removed:")
            _say_counts(done)
        else:
            say("There is nothing to remove.")


@click.command()
@limit(20)
@pass_context
def erasures(context: Context, limit: int) -> None:
    """List what was removed for good: when, by whom, why and how much.

    Example: sms-gateway erasures
    """
    records = context.read(lambda tx: desk.last(tx, limit))
    for record in records:
        left = "" if record.rewritten_at else " (traces may be in the database file until tonight)"
        how_far = left if record.ended_at else " (under way)"
        counts = ", ".join(erasure_words.counted(record.counts))
        say(f"{record.at:%Y-%m-%d %H:%M} UTC, {record.actor}: {record.why}{how_far}. {counts}")
    if records:
        _say_copies(context)
    else:
        say("Nothing was erased so far.")


def _due(tx: Tx, at: datetime) -> tuple[dict[str, int], int]:
    return retention.count_due(tx, at), retention.held_contacts(tx)
