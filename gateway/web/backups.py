"""The page of backups: how they are, making and taking away one, what they are sealed with, where they go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from gateway.desk import backups as desk
from gateway.desk import settings as desk_settings
from gateway.domain import backup_words as words
from gateway.domain.backups import Kind
from gateway.domain.decision_words import Clocks
from gateway.domain.language import t
from gateway.domain.people import Right
from gateway.domain.settings import SETTINGS, BadValue
from gateway.domain.typed import ended
from gateway.store import backup_log, sealing, settings
from gateway.store.backup import BackupFailed, is_there, need_folder
from gateway.store.database import Database, DatabaseError, Tx
from gateway.web.access import needs
from gateway.web.frame import page, times
from gateway.web.plainness import EXPORTS, at_most
from gateway.web.site import author, now, read, site, write

backup_pages = Blueprint("backups", __name__)

log = logging.getLogger(__name__)

LISTED = 30
_PLACE = {
    "backup.folder": t("Folder"),
    "backup.keep_days": t("Days of which one is kept"),
    "backup.keep_weeks": t("Weeks of which one is kept"),
}


# --- the page ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """One backup as the page shows it. `download`: it may be taken away."""

    id: int
    when: str
    name: str
    folder: str
    state: str
    failed: bool
    download: bool


@backup_pages.get("/settings/backups")
@needs(Right.BACKUP)
def show() -> ResponseReturnValue:
    return _page()


def _page(error: str = "", typed: dict[str, str] | None = None, status: int = 200) -> Response:
    """The page; `error` is what could not be done, `typed` what stands in the fields again."""

    def look(tx: Tx) -> dict[str, Any]:
        said = times(tx, now())
        when = Clocks(said.now, said.zone).when
        stored = settings.every(tx)
        standing = desk.standing(tx, said.now, when)
        rows = backup_log.listed(tx, LISTED)
        return {
            "standing": standing,
            "good": _good(standing, when),
            "drill": when(standing.drill.at) if standing.drill and not standing.drill.problem else "",
            "running": any(row.ended_at is None for row in rows),
            "rows": [_listed(row, when) for row in rows],
            "fields": [
                (name, label, SETTINGS[name].meaning, (typed or stored)[name])
                for name, label in _PLACE.items()
            ],
        }

    said = {"made": words.MADE, "sealed": words.SEAL_SET, "saved": t("Saved.")}
    told = next((text for key, text in said.items() if key in request.args), "")
    return page("backups.html", status, error=error, told=told, texts=words, **read(look))


def _good(standing: desk.Standing, when: Callable[[datetime], str]) -> str:
    row = standing.good
    if row is None:
        return ""
    where = words.WHERE_SEALED if row.sealed else words.WHERE_PLAIN
    return words.WELL.format(when=when(row.started_at), where=where.format(folder=Path(row.path).parent))


def _listed(row: Any, when: Callable[[datetime], str]) -> Listed:
    path = Path(row.path)
    there = row.verified_at is not None and is_there(path)
    if row.ended_at is None:
        state = str(t("is being made"))
    elif row.problem:
        state = t("failed. {problem}").format(problem=words.why_failed(row.problem))
    else:
        how = t("{size}, sealed") if row.sealed else t("{size}, not sealed")
        state = how.format(size=words.size(row.size))
        state = state if there else t("{state}; the disk it is on is not there").format(state=state)
    begun = when(row.started_at)
    return Listed(
        row.id,
        f"{begun[:1].upper()}{begun[1:]}",
        path.name,
        str(path.parent),
        state,
        bool(row.problem),
        there and row.sealed,
    )


# --- what can be done --------------------------------------------------------------------------------


@backup_pages.post("/settings/backups/make")
@needs(Right.BACKUP)
def make() -> ResponseReturnValue:
    """Make one now. It may take minutes, so nobody waits for it: the page shows it when it is done."""
    database, clock = site().database, site().clock
    threading.Thread(target=_make, args=(database, clock), name="backup", daemon=True).start()
    return redirect(url_for("backups.show", made=1), 303)


def _make(database: Database, clock: Callable[[], datetime]) -> None:
    try:
        desk.make(database, clock, Kind.NOW)
    except (BackupFailed, DatabaseError) as error:  # its row says so, too
        log.warning("the backup that was asked for failed: %s", error)


@backup_pages.post("/settings/backups/<int:backup_id>/download")
@needs(Right.BACKUP)
@at_most(EXPORTS)
def download(backup_id: int) -> ResponseReturnValue:
    """Take a sealed backup away; what is not sealed does not leave this box."""
    row = read(lambda tx: backup_log.get(tx, backup_id))
    if row is None or not row.sealed or row.verified_at is None or not is_there(Path(row.path)):
        abort(404, t("There is no such backup to take away. Look at the list again."))
    who = str(author())
    write(lambda tx, at: desk.note_download(tx, backup_id, who, at))
    name = Path(row.path).name
    return send_file(row.path, mimetype="application/octet-stream", as_attachment=True, download_name=name)


@backup_pages.post("/settings/backups/seal")
@needs(Right.BACKUP)
def seal() -> ResponseReturnValue:
    """Seal backups with a passphrase, which is not kept."""
    passphrase = request.form.get("passphrase", "")
    if passphrase != request.form.get("again", ""):
        return _page(words.DIFFERENT, status=422)
    try:
        whom = sealing.recipient_of_passphrase(passphrase)
    except ValueError as error:
        return _page(str(error), status=422)
    who = str(author())
    write(lambda tx, at: desk_settings.change(tx, "backup.recipient", str(whom), who, at))
    return redirect(url_for("backups.show", sealed=1), 303)


@backup_pages.post("/settings/backups/place")
@needs(Right.BACKUP)
def place() -> ResponseReturnValue:
    """Where backups go and how long they are kept."""
    typed = {name: request.form.get(name, "") for name in _PLACE}
    try:
        values = {name: SETTINGS[name].parse(value) for name, value in typed.items()}
    except BadValue as error:
        text = str(error)
        return _page(ended(f"{text[:1].upper()}{text[1:]}"), typed, 422)
    try:
        if values["backup.folder"]:
            need_folder(Path(values["backup.folder"]))
    except BackupFailed as error:
        return _page(str(error), typed, 422)
    who = str(author())

    def change(tx: Tx, at: datetime) -> None:
        before = settings.every(tx)
        for name, value in values.items():
            if value != before[name]:
                desk_settings.change(tx, name, value, who, at)

    write(change)
    return redirect(url_for("backups.show", saved=1), 303)
