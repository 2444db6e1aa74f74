"""What two contacts have apart that becomes one thing when they are merged: conversations on one line, and
what is noted of each; and how it becomes two again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gateway.domain.contact import Stage
from gateway.domain.conversation import ConversationState, Priority
from gateway.store import contacts, conversations, merges, tags
from gateway.store.database import Tx

# --- conversations -----------------------------------------------------------------------------------


def join(tx: Tx, kept_id: int, theirs: Row[Any]) -> dict[str, Any]:
    """Let a conversation be with the kept contact: it changes hands, or what it holds joins the one they have
    on that line. Returns what `put_back` needs, as JSON holds it."""
    ours = conversations.find(tx, theirs.line_id, kept_id)
    if ours is None:
        conversations.change(tx, theirs.id, contact_id=kept_id)
        return {"id": theirs.id, "into": None}
    held = merges.held_by(tx, theirs.id)
    merges.take(tx, theirs.id, ours.id, held)
    new_tags = merges.tags_of(tx, theirs.id) - merges.tags_of(tx, ours.id)
    merges.tag(tx, ours.id, new_tags)
    _join_reads(tx, ours, theirs)
    merges.move_drafts(tx, theirs.id, ours.id)
    conversations.change(tx, ours.id, **_joined(ours, theirs))
    conversations.change(tx, theirs.id, **_EMPTY)
    was = {name: theirs._mapping[name] for name in _KEPT_APART}
    return {
        "id": theirs.id,
        "into": ours.id,
        "held": held,
        "tags": sorted(new_tags),
        "was": was,
        "waited": theirs.waiting_since is not None,
        "answered_at": ours.peer,
    }


_KEPT_APART = ("state", "assignee_id", "priority", "seen_message_id", "last_inbound_id", "peer")
"""Columns of a conversation that are as they were when it is parted again."""
_EMPTY: dict[str, Any] = {
    "state": ConversationState.CLOSED.value,
    "last_message_id": None,
    "last_message_at": None,
    "waiting_since": None,
    "last_inbound_id": 0,
    "seen_message_id": 0,
    "snoozed_until": None,
    "flood_texts": None,
}
"""A conversation whose texts are in another one: in no list, and nobody waits in it."""
_BY_URGENCY = list(Priority)


def _joined(ours: Row[Any], theirs: Row[Any]) -> dict[str, Any]:
    """Columns of two conversations that are one now: what needs somebody in either needs them in both."""
    both = (ours, theirs)
    unread = [row for row in both if row.last_inbound_id > row.seen_message_id]
    newest = max(both, key=lambda row: row.last_inbound_id)
    is_open = ConversationState.OPEN.value in (ours.state, theirs.state)
    last_at = max((row.last_message_at for row in both if row.last_message_at), default=None)
    return {
        "state": ConversationState.OPEN.value if is_open else ours.state,
        "last_message_id": max((row.last_message_id for row in both if row.last_message_id), default=None),
        "last_message_at": last_at,
        "waiting_since": min((row.waiting_since for row in both if row.waiting_since), default=None),
        "last_inbound_id": newest.last_inbound_id,
        "seen_message_id": min((row.seen_message_id for row in unread), default=newest.last_inbound_id),
        "assignee_id": ours.assignee_id or theirs.assignee_id,
        "priority": max((row.priority for row in both), key=lambda one: _BY_URGENCY.index(Priority(one))),
        "peer": newest.peer,
    }


def _join_reads(tx: Tx, ours: Row[Any], theirs: Row[Any]) -> None:
    """Whoever has not read one of two to its end has not read the whole."""
    of_ours, of_theirs = merges.reads_of(tx, ours.id), merges.reads_of(tx, theirs.id)
    for user_id in of_ours.keys() | of_theirs.keys():
        reached = [
            (read, read >= row.last_inbound_id)
            for row, read in ((ours, of_ours.get(user_id, 0)), (theirs, of_theirs.get(user_id, 0)))
            if row.last_inbound_id
        ]
        open_ends = [read for read, is_read in reached if not is_read]
        upto = min(open_ends) if open_ends else max((read for read, _ in reached), default=0)
        merges.put_read(tx, user_id, ours.id, upto)


def put_back(tx: Tx, kept_id: int, merged_id: int, entry: dict[str, Any]) -> None:
    """Undo `join`: what moved goes back. What came since is the caller's to sort out."""
    theirs = merges.conversation(tx, entry["id"])
    if theirs is None:
        return  # it went by retention, with all it held
    if entry["into"] is None:
        if theirs.contact_id == kept_id:
            conversations.change(tx, theirs.id, contact_id=merged_id)
        return
    ours = merges.conversation(tx, entry["into"])
    if ours is None:
        return
    merges.take(tx, ours.id, theirs.id, entry["held"])
    merges.untag(tx, ours.id, entry["tags"])
    is_read = ours.seen_message_id >= ours.last_inbound_id
    was = dict(entry["was"])
    if is_read:
        was["seen_message_id"] = max(was["seen_message_id"], was["last_inbound_id"])
    waits = ours.waiting_since if entry["waited"] else None
    conversations.change(tx, theirs.id, **was, waiting_since=waits)
    conversations.change(tx, ours.id, peer=_peer(tx, kept_id, ours, entry))
    for user_id, message_id in merges.reads_of(tx, ours.id).items():
        merges.put_read(tx, user_id, theirs.id, message_id)


def _peer(tx: Tx, kept_id: int, ours: Row[Any], entry: dict[str, Any]) -> str:
    """Where the kept contact is answered: the number they wrote from before, unless they wrote since."""
    return str(ours.peer if ours.peer in contacts.numbers_of(tx, kept_id) else entry["answered_at"])


# --- what is noted -----------------------------------------------------------------------------------

_GROUPS = (
    ("name",),
    ("zone",),
    ("language",),
    ("company",),
    ("email",),
    ("address",),
    ("blocked_at", "blocked_by", "blocked_why"),
    ("held_since", "held_by", "held_why"),
)
"""Columns that are filled together, where the first of them is empty."""


def fill(tx: Tx, kept: Row[Any], merged: Row[Any]) -> dict[str, Any]:
    """Fill what is empty of the kept contact with what is noted of the other. Returns what `unfill` needs."""
    groups = [
        group
        for group in _GROUPS
        if getattr(kept, group[0]) is None and getattr(merged, group[0]) is not None
    ]
    values = {name: getattr(merged, name) for group in groups for name in group}
    ours, theirs = kept._mapping["fields"], merged._mapping["fields"]
    own = sorted(set(theirs) - set(ours))
    values["fields"] = {**ours, **{name: theirs[name] for name in own}}
    values["stage"] = _stage(kept, merged)
    values["priority"] = max(kept.priority, merged.priority, key=lambda one: _BY_URGENCY.index(Priority(one)))
    values["heard_at"] = max(filter(None, (kept.heard_at, merged.heard_at)), default=None)
    contacts.change(tx, kept.id, **values)
    known = tags.ids_of_contact(tx, kept.id)
    new_tags = sorted(tags.ids_of_contact(tx, merged.id) - known)
    for tag_id in new_tags:
        tags.put_on_contact(tx, kept.id, tag_id)
    return {
        "columns": [name for group in groups for name in group],
        "fields": own,
        "tags": new_tags,
        "was": {"stage": kept.stage, "priority": kept.priority},
        "became": {"stage": values["stage"], "priority": values["priority"]},
    }


def _stage(kept: Row[Any], merged: Row[Any]) -> str:
    if kept.stage != Stage.PROSPECT:
        return str(kept.stage)
    return Stage.CUSTOMER.value if merged.external_id is not None else str(merged.stage)


def unfill(tx: Tx, kept: Row[Any], merged: Row[Any], filled: dict[str, Any]) -> None:
    """Undo `fill`, but where somebody has noted something else since."""
    values: dict[str, Any] = {
        name: None for name in filled["columns"] if getattr(kept, name) == getattr(merged, name)
    }
    for name, became in filled["became"].items():
        if getattr(kept, name) == became:
            values[name] = filled["was"][name]
    ours, theirs = kept._mapping["fields"], merged._mapping["fields"]
    kept_fields = {
        name: value
        for name, value in ours.items()
        if name not in filled["fields"] or value != theirs.get(name)
    }
    contacts.change(tx, kept.id, **values, fields=kept_fields)
    for tag_id in filled["tags"]:
        tags.take_from_contact(tx, kept.id, tag_id)
