"""After a restore: nothing is resent, who said STOP since is heard, and automatic texts wait until an admin
has seen what the backup does not know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.domain import backup_words as words
from gateway.domain.events import Event
from gateway.domain.message import PartState
from gateway.store import box_state, events, messages, outbox, restoring, team
from gateway.store.backup import is_there
from gateway.store.database import Tx
from gateway.store.suppression_log import OPT_OUT, Entry, Log

_NAME = "restored"
RESTORED = "restored"
"""Why nobody can tell whether a text went that waited when the backup was made."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What there is to know of the last restore.

    `newest`: until when the backup knows what happened; `newer_log`: whether it was learnt from the
    old disk who said STOP since; `unclear`: how many texts may have gone; `stops`: how many numbers were told
    by that log; `erased`: of how many numbers the database that was here knows that they were erased since;
    `seen_by`, `seen_at`: which admin looked.
    """

    restored_at: datetime
    made_at: datetime
    newest: datetime
    newer_log: bool
    unclear: int
    stops: int
    erased: int
    seen_by: str = ""
    seen_at: datetime | None = None


def state(tx: Tx) -> Restored | None:
    """The last restore; None where nothing was ever restored."""
    kept = box_state.get(tx, _NAME)
    if not kept:
        return None
    times = {
        name: datetime.fromisoformat(kept[name])
        for name in ("restored_at", "made_at", "newest", "seen_at")
        if kept.get(name)
    }
    return Restored(**{**kept, **times})


def is_unseen(tx: Tx) -> bool:
    """Whether something was restored and no admin has looked yet: automatic texts wait."""
    kept = box_state.get(tx, _NAME)
    return bool(kept) and not kept.get("seen_at")


def seen(tx: Tx, who: str, now: datetime) -> bool:
    """An admin has seen what is missing: what waited for that is decided anew. False: nothing waited."""
    if not is_unseen(tx):
        return False
    box_state.put(tx, _NAME, {**box_state.get(tx, _NAME), "seen_by": who, "seen_at": now.isoformat()})
    restoring.make_due(tx, now)
    team.note(tx, now, who, "restore.seen", _NAME)
    events.record(tx, Event.RULES_CHANGED, now)
    return True


def settle(
    tx: Tx,
    made_at: datetime,
    newest: datetime | None,
    log: Log,
    log_is_newer: bool,
    actor: str,
    now: datetime,
    erased: int = 0,
) -> Restored:
    """What was brought back becomes safe to start: every unfinished text is in doubt and none repeats itself,
    the log of STOPs counts, everybody signs in again, no invitation and no alarm that waited goes on."""
    doubtful = {part.message_id for part in restoring.untried(tx)}
    for part in restoring.untried(tx):
        outbox.move(
            tx,
            part.id,
            PartState.UNCONFIRMED,
            now,
            RESTORED,
            actor,
            code=RESTORED,
            owner=None,
            lease_until=None,
        )
    for message_id in doubtful:
        messages.change(tx, message_id, reason=RESTORED, unconfirmed_until=now)
    restoring.ask_about_all(tx)
    restoring.end_sessions(tx)
    restoring.revoke_invitations(tx, now)
    restoring.settle_notices(tx, words.NOT_TOLD_AGAIN)
    stops = replay(tx, log)
    gone = [
        row.id for row in restoring.every_backup(tx) if row.ended_at is None or not is_there(Path(row.path))
    ]
    restoring.forget_backups(tx, gone, now)
    known = newest or made_at
    found = Restored(
        restored_at=now,
        made_at=made_at,
        newest=known,
        newer_log=log_is_newer,
        unclear=restoring.unclear(tx),
        stops=stops,
        erased=erased,
    )
    box_state.put(tx, _NAME, _kept(found))
    team.note(tx, now, actor, "restore", _NAME, after=_kept(found))
    events.record(tx, Event.RULES_CHANGED, now)
    return found


def replay(tx: Tx, log: Log) -> int:
    """Let the log of STOPs and STARTs count, in its order; returns for how many numbers that changed
    something.

    A START counts only where nothing speaks against it: no STOP of that number is later by its place or by
    its time (a clock may have been wrong), nor in the database, and every line could be read.
    """
    by_number: dict[str, list[Entry]] = {}
    for entry in log.entries:
        by_number.setdefault(entry.number_hash, []).append(entry)
    changed = 0
    for number_hash, entries in by_number.items():
        last, stops = entries[-1], [entry.at for entry in entries if entry.kind == OPT_OUT]
        if stops and (last.kind == OPT_OUT or max(stops) > last.at):
            changed += restoring.suppress(tx, number_hash, max(stops))
        elif not log.damaged:
            changed += restoring.lift(tx, number_hash, last.at)
    return changed


def _kept(found: Restored) -> dict[str, Any]:
    values = {name: getattr(found, name) for name in Restored.__slots__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }
