"""`backup`, `restore` and `drill`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Row
from sqlalchemy.exc import SQLAlchemyError

from gateway.commands.context import Context, as_json, now, pass_context
from gateway.commands.saying import print_json, say
from gateway.desk import backups as desk
from gateway.desk import drills, restored
from gateway.desk import settings as desk_settings
from gateway.desk.restored import Restored
from gateway.domain import backup_words as words
from gateway.domain.backups import BadKey, Kind, Recipient
from gateway.domain.decision_words import Clocks
from gateway.domain.phrases import counted
from gateway.owner import become_owner_of
from gateway.store import archive, backup_log, looking, sealing, settings
from gateway.store.archive import Source
from gateway.store.backup import BackupFailed
from gateway.store.database import DatabaseError, Tx
from gateway.store.keys import Keys
from gateway.store.sealing import Secret

Command = TypeVar("Command", bound=Callable[..., Any])
When = Callable[[datetime], str]

_passphrase_file = click.option(
    "--passphrase-file",
    metavar="FILE",
    type=click.File("r", "utf-8-sig"),
    help="File that holds the passphrase.",
)
_key_file = click.option(
    "--key-file",
    metavar="FILE",
    type=click.File("r", "utf-8-sig"),
    help="File that backup seal --new-key wrote.",
)


def _opener(command: Command) -> Command:
    return _passphrase_file(_key_file(command))


@click.group(invoke_without_command=True)
@click.option("--to", "to", metavar="PATH", help="A file or a folder. Default: where the nightly ones go.")
@_passphrase_file
@click.option("--recipient", metavar="KEY", help="Seal it for this public key.")
@as_json
@click.pass_context
def backup(
    ctx: click.Context, to: str | None, passphrase_file: IO[str] | None, recipient: str | None, as_json: bool
) -> None:
    """Make a backup now: history, settings, secrets and the list of who said STOP, as one file.

    It may be made while the program runs. What leaves the data folder is sealed: with the passphrase or for
    the key given here, else as backup seal has set it.

    Example: sms-gateway backup --to /media/usb --passphrase-file passphrase.txt
    """
    if ctx.invoked_subcommand is not None:
        return
    context: Context = ctx.find_object(Context)  # type: ignore[assignment]
    sealed_for = _recipient(passphrase_file, recipient)
    kind = Kind.ASKED if to else Kind.NOW
    target = Path(to) if to else None
    with context.database() as database:
        made = desk.make(database, now, kind, to=target, sealed_for=sealed_for)
        said = database.read(_when)
    if as_json:
        print_json(_as_object(made))
        return
    say(f"{made.path}: {words.size(made.size)}, found whole. {_sealed(made)}")
    say(f"It knows what happened until {said(made.started_at)}.")


def _recipient(passphrase_file: IO[str] | None, key: str | None) -> Recipient | None:
    if passphrase_file is not None and key is not None:
        raise click.UsageError("Give one of --passphrase-file and --recipient.")
    if key is not None:
        return _parsed(key)
    if passphrase_file is None:
        return None
    try:
        return sealing.recipient_of_passphrase(passphrase_file.read())
    except ValueError as error:
        raise BackupFailed(str(error)) from None


def _parsed(key: str) -> Recipient:
    try:
        return Recipient.parse(key)
    except BadKey as error:
        raise BackupFailed(f"That is no public key for backups: {error}.") from None


@backup.command("list")
@as_json
@pass_context
def backup_list(context: Context, as_json: bool) -> None:
    """Show the backups that were made, newest first, and what is wrong with them.

    Example: sms-gateway backup list
    """

    def look(tx: Tx) -> tuple[list[Row[Any]], desk.Standing, When]:
        said = _when(tx)
        return backup_log.listed(tx, 100), desk.standing(tx, now(), said), said

    rows, standing, said = context.read(look)
    if as_json:
        print_json([_as_object(row) for row in rows])
        return
    for row in rows:
        say(f"{said(row.started_at)}  {_state(row)}  {row.path}")
    if standing.drill is not None and not standing.drill.problem:
        say(f"Tried out {said(standing.drill.at)}: it can be restored.")
    for warning in standing.warnings:
        say(warning)


def _state(row: Row[Any]) -> str:
    if row.ended_at is None:
        return "is being made"
    if row.problem:
        return f"failed: {row.problem}"
    return f"{words.size(row.size)}, {'sealed' if row.sealed else 'not sealed'}"


@backup.command("verify")
@click.argument("file")
@_opener
@pass_context
def backup_verify(
    context: Context, file: str, passphrase_file: IO[str] | None, key_file: IO[str] | None
) -> None:
    """Read a backup to its end and say whether it is whole. Changes nothing.

    Example: sms-gateway backup verify /media/usb/sms-gateway-2026-11-22-024000.smsbackup
    """
    path = Path(file)
    with archive.opened(path) as opened:  # with root's own rights, which end where the box's own data begins
        become_owner_of(context.settings().data_dir)
        manifest = archive.look(opened, _secret(context, opened, passphrase_file, key_file))
    say(f"{path} is whole: {manifest.office}, made by sms-gateway {manifest.program} on "
        f"{manifest.made_at:%Y-%m-%d %H:%M} UTC, {manifest.counts.get('messages', 0)} texts.")  # fmt: skip


def _secret(
    context: Context, source: Source | None, passphrase_file: IO[str] | None, key_file: IO[str] | None
) -> Secret | None:
    """What was given to open a backup, else what this box remembers of its own, else what is typed."""
    if passphrase_file is not None and key_file is not None:
        raise click.UsageError("Give one of --passphrase-file and --key-file.")
    if passphrase_file is not None:
        return sealing.by_passphrase(passphrase_file.read())
    if key_file is not None:
        try:
            return sealing.by_key(key_file.read())
        except BadKey as error:
            raise BackupFailed(f"{key_file.name} holds no key for backups: {error}.") from None
    if source is None or not archive.is_sealed(source):
        return None
    return _own(context, Path(archive.name_of(source))) or _typed()


def _own(context: Context, path: Path) -> Secret | None:
    """What this box remembers of it. A database that cannot be read, whatever it is, remembers nothing: it
    may be the one that is to be replaced, and is not opened for writing."""
    boot = context.settings()
    try:
        keys = Keys(boot.data_dir, may_make=False)
        onlooker = looking.Onlooker(boot.database_path, keys)
        row = onlooker.read(lambda tx: backup_log.at_path(tx, str(path.absolute())))
    except (DatabaseError, SQLAlchemyError, OSError, ValueError):
        return None
    return drills.own_secret(keys, row)


def _typed() -> Secret | None:
    if not sys.stdin.isatty():
        return None
    return sealing.by_passphrase(click.prompt("Passphrase of the backup", hide_input=True, err=True))


@backup.command("seal")
@_passphrase_file
@click.option("--new-key", metavar="FILE", help="Make a key, and write the private one there.")
@click.option("--recipient", metavar="KEY", help="Seal for this public key.")
@click.option("--off", is_flag=True, help="Seal no more: backups stay on this box.")
@pass_context
def backup_seal(
    context: Context, passphrase_file: IO[str] | None, new_key: str | None, recipient: str | None, off: bool
) -> None:
    """Say what backups are sealed with from now on. The passphrase itself is not kept on this box.

    Example: sms-gateway backup seal --passphrase-file passphrase.txt
    """
    if sum(map(bool, (passphrase_file, new_key, recipient, off))) != 1:
        raise click.UsageError("Give one of --passphrase-file, --new-key, --recipient and --off.")
    whom = _recipient(passphrase_file, recipient)
    if new_key is not None:
        whom = _write_key(new_key)
    value = str(whom) if whom is not None else ""
    context.write(lambda tx: desk_settings.change(tx, "backup.recipient", value, context.actor, now()))
    say(f"Backups are sealed for {value}" if value else "Backups are not sealed, and stay on this box.")
    if new_key is not None:
        say(f"Only {new_key} opens them. Keep it away from this box; nobody can make it again.")
    elif passphrase_file is not None:
        say("Only the passphrase opens them. Keep it away from this box; nobody can find it out again.")


def _write_key(file: str) -> Recipient:
    written, whom = sealing.new_key()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"{written}\n")
    except OSError as error:
        raise BackupFailed(
            f"{file} cannot be written: {error.strerror}. Choose another name; nothing was changed."
        ) from None
    return whom


@backup.command("gap")
@click.option("--seen", is_flag=True, help="I have looked: let automatic texts go.")
@pass_context
def backup_gap(context: Context, seen: bool) -> None:
    """Say what a restored backup does not know; automatic texts wait until an admin has seen it.

    Example: sms-gateway backup gap --seen
    """
    state, said = context.read(lambda tx: (restored.state(tx), _when(tx)))
    if state is None:
        say("No backup was ever restored here.")
        return
    for sentence in _gap(state, said):
        say(sentence)
    if seen:
        context.write(lambda tx: restored.seen(tx, context.actor, now()))
        say("Automatic texts go out again.")
    elif state.seen_at is None:
        say(f"{words.HELD} Let them go with: sms-gateway backup gap --seen")
    else:
        say(f"Seen by {state.seen_by} {said(state.seen_at)}.")


def _gap(state: Restored, said: When) -> list[str]:
    return words.gap(
        said(state.restored_at),
        said(state.newest),
        newer_log=state.newer_log,
        unclear_texts=state.unclear,
        erased=state.erased,
    )


# --- restoring ---------------------------------------------------------------------------------------


@click.command()
@click.argument("file")
@click.option("--data-dir", metavar="FOLDER", help="Where to. Default: the data folder of the settings.")
@_opener
@click.option(
    "--suppressions",
    metavar="LOG",
    multiple=True,
    help="suppressions.log of the old disk, if it can be read.",
)
@click.option("--replace", is_flag=True, help="Move aside what is there, and put the backup in its place.")
@pass_context
def restore(
    context: Context,
    file: str,
    data_dir: str | None,
    passphrase_file: IO[str] | None,
    key_file: IO[str] | None,
    suppressions: tuple[str, ...],
    replace: bool,
) -> None:
    """Bring a backup back, on this PC or a new one. The program must not run meanwhile.

    Nothing is sent a second time: texts that waited are marked unclear, and automatic ones wait until an
    admin has seen what the backup does not know.

    FILE may also be the copy that an update made of the database (pre-OLD-NEW.db), where it lies.

    Example: sms-gateway restore /media/usb/sms-gateway-2026-11-22-024000.smsbackup
    """
    from gateway.restore import Place, read_log
    from gateway.restore import restore as bring_back

    boot = context.settings()
    path = Path(file)
    place = Place(boot.data_dir, boot.database_path)
    if data_dir is not None:
        folder = Path(data_dir).expanduser().absolute()
        place = Place(folder, folder / archive.DATABASE)
    logs = [read_log(Path(log)) for log in suppressions]
    with archive.opened(path) as opened:
        become_owner_of(place.data_dir)  # all that needed root's rights is open
        secret = _secret(context, opened, passphrase_file, key_file)
        done = bring_back(opened, secret, place, replace=replace, logs=logs, actor=context.actor, now=now())
    say(f"{done.office} is restored to {place.data_dir}: {done.manifest.counts['messages']} texts.")
    if done.moved_to is not None:
        say(f"What was there before is in {done.moved_to}.")
    if done.damaged:
        say(words.LOG_DAMAGED.format(lines=counted(done.damaged, "line")))
    for sentence in _gap(done.state, Clocks(now(), ZoneInfo(done.zone)).when):
        say(sentence)
    say(f"{words.HELD} Start the program now: sms-gateway run, or systemctl start sms-gateway")


@click.command()
@click.argument("file", required=False)
@_opener
@as_json
@pass_context
def drill(
    context: Context,
    file: str | None,
    passphrase_file: IO[str] | None,
    key_file: IO[str] | None,
    as_json: bool,
) -> None:
    """Try a backup out: restore it into a scratch folder, count, search, and throw that away.

    Without FILE the newest one. With the passphrase it shows besides that the passphrase is not lost.

    Example: sms-gateway drill
    """
    path = Path(file) if file else None
    given = passphrase_file or key_file
    secret = _secret(context, path, passphrase_file, key_file) if given else None
    with context.database() as database:
        found = drills.try_out(database, now, path, secret)
        failed = database.read(_failed_since) if path is None else ""
    if as_json:
        print_json(
            {"file": str(found.path), "seconds": found.seconds, "problem": found.problem, **found.found}
        )
    elif not found.problem:
        texts = found.found["counts"]["messages"]
        say(
            f"{found.path} can be restored: {texts} texts, found whole and searched in {found.seconds:.1f} s."
        )
        if failed:
            say(failed)
    if found.problem:
        _fail(f"{found.path} cannot be restored: {found.problem}")


def _failed_since(tx: Tx) -> str:
    """That the backup begun last is another one than the last good one; empty where it is not."""
    last = backup_log.newest(tx)
    if last is None or not last.problem:
        return ""
    return words.NOT_THE_FAILED.format(when=_when(tx)(last.started_at))


def _fail(text: str) -> NoReturn:
    raise BackupFailed(text)


# --- saying ------------------------------------------------------------------------------------------


def _when(tx: Tx) -> When:
    return Clocks(now(), ZoneInfo(settings.get(tx, "office.zone"))).when


def _sealed(row: Row[Any]) -> str:
    return "Sealed." if row.sealed else words.NOT_SEALED_COMMAND


def _as_object(row: Row[Any]) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "path": row.path,
        "size": row.size,
        "sealed": row.sealed,
        "started_at": row.started_at.isoformat(),
        "verified_at": row.verified_at.isoformat() if row.verified_at else None,
        "problem": row.problem,
    }
