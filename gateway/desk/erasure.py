"""Erasing everything about a contact, and what the office's rules of retention say is to go.

An erasure is begun in one transaction, which refuses, ends what waits and records it; its rows go in steps
that each hold the writer for a moment, so texts on other conversations flow meanwhile. One that breaks off
is found by its record and goes on (`step` again, by whoever comes first). Whether they asked not to be
texted stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from gateway.desk.drafts import Author
from gateway.domain.events import Event
from gateway.domain.language import Day
from gateway.domain.message import State
from gateway.domain.phone import pretty
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import one_line
from gateway.store import (
    contacts,
    erasure,
    erasures,
    events,
    loose_ends,
    outbox,
    retention,
    search,
    settings,
    team,
)
from gateway.store.database import Tx
from gateway.store.erasure import Person

Run = Callable[[Callable[[Tx], Any]], Any]
"""`Database.read` or `Database.write_now`."""
STEP = 50
"""Texts removed in one transaction at most."""
SETTLED_AFTER = timedelta(seconds=150)
"""So long after a text was handed over its device may still answer (`queue.attempts.ANSWER_WITHIN`)."""
LONGEST_WHY = 200
_REPORTS_COME = timedelta(days=10)
_AT_ONCE = 500


def person(tx: Tx, contact_id: int) -> Person:
    """A contact with their numbers."""
    return Person(contact_id, tuple(contacts.numbers_of(tx, contact_id)))


def counts(tx: Tx, contact_id: int, seen: frozenset[int] | None = None) -> dict[str, int]:
    """What an erasure would remove now of what stands on these lines (None: on all), in the words of
    `domain.erasure_words`."""
    return erasure.count(tx, person(tx, contact_id), seen)


def check(tx: Tx, contact_id: int, now: datetime) -> None:
    """Whether a contact may be erased now.

    Raises:
        Refused: by a legal hold, by a text on its way, or because it is being done.
    """
    contact = contacts.get(tx, contact_id)
    if contact is None:
        raise LookupError(f"contact {contact_id} is not there")
    if erasures.of_contact(tx, contact_id) is not None:
        raise Refused("being_erased")
    if contact.held_since is not None:
        raise Refused("under_hold", since=Day(contact.held_since), why=contact.held_why)
    if erasure.went_lately(tx, contact_id, now - SETTLED_AFTER, now + SETTLED_AFTER):
        raise Refused("text_on_its_way")


def begin(tx: Tx, contact_id: int, who: Author, why: str, now: datetime) -> int:
    """Begin to erase a contact; returns the id of its record.

    From this commit on nothing more is sent of what waits for them, and whoever writes from their number is
    somebody new.

    Raises:
        Refused: see `check`; or the reason is missing, or names them. Nothing was changed.
    """
    check(tx, contact_id, now)
    theirs, contact = person(tx, contact_id), contacts.get(tx, contact_id)
    reason = _reason(why, theirs, contact.name if contact is not None else None)
    found = erasure.count(tx, theirs)
    for message_id in erasure.unsent(tx, contact_id):
        outbox.end(tx, message_id, State.CANCELED, now, "canceled", str(who))
    common = {"kind": erasures.CONTACT, "at": now, "actor": str(who), "why": reason}
    for also in theirs.numbers[1:]:  # so that each of their numbers is known to have been erased
        number_hash = tx.keys.number_hash(also)
        erasures.add(tx, **common, number_hash=number_hash, counts={}, ended_at=now)
    first = tx.keys.number_hash(theirs.numbers[0]) if any(theirs.numbers[:1]) else None
    erasure_id = erasures.add(
        tx, **common, number_hash=first, counts=found, contact_id=contact_id, number="\n".join(theirs.numbers)
    )
    if contact is not None:
        team.note(tx, now, str(who), "contact.erase", contact.public_id)
    erasure.detach_numbers(tx, contact_id)
    return erasure_id


def _reason(why: str, theirs: Person, name: str | None) -> str:
    """The reason as it is kept, which must name nobody."""
    value = one_line(" ".join(why.split()))
    if not value or len(value) > LONGEST_WHY or not value.isprintable():
        raise Refused("no_why", most=LONGEST_WHY)
    digits = "".join(filter(str.isdigit, value))
    words = {word for word in (name or "").casefold().split() if len(word) > 2}
    named = bool(words & set("".join(c if c.isalnum() else " " for c in value.casefold()).split()))
    if named or any(number and number.lstrip("+")[-8:] in digits for number in theirs.numbers):
        raise Refused("why_names_them")
    return value


def step(tx: Tx, erasure_id: int) -> bool:
    """Remove some of the texts of an erasure, in the end whose they were; returns whether there are more to
    remove. Of one that is over, nothing."""
    record = erasures.get(tx, erasure_id)
    if record is None or record.ended_at is not None:
        return False
    texts = erasure.next_texts(tx, record.contact_id, STEP)
    if texts:
        erasure.remove_texts(tx, texts, proof_too=True)
        return True
    erasure.remove_person(tx, Person(record.contact_id, _numbers(record)))
    return False


def _numbers(record: Row[Any]) -> tuple[str, ...]:
    """The numbers of whoever is being erased; of an erasure that is over, none."""
    return tuple(filter(None, (record.number or "").split("\n")))


def erase(
    read: Run, write: Run, contact_id: int, who: Author, why: str, clock: Callable[[], datetime]
) -> int:
    """Erase a contact, from a thread; returns the id of the record.

    Raises:
        Refused: see `begin`.
    """
    erasure_id: int = write(lambda tx: begin(tx, contact_id, who, why, clock()))
    _go_on(read, write, erasure_id, clock)
    return erasure_id


def finish(read: Run, write: Run, clock: Callable[[], datetime]) -> int:
    """Go on with erasures that broke off, from a thread; returns how many there were."""
    records = read(erasures.unfinished)
    for record in records:
        _go_on(read, write, record.id, clock)
    return len(records)


def _go_on(read: Run, write: Run, erasure_id: int, clock: Callable[[], datetime]) -> None:
    while write(lambda tx: step(tx, erasure_id)):
        pass
    _forget(read, write, _numbers(read(lambda tx: erasures.get(tx, erasure_id))))
    write(lambda tx: _over(tx, erasure_id, clock()))


def _forget(read: Run, write: Run, numbers: tuple[str, ...]) -> None:
    """What lies about of these numbers and of what is gone, in portions."""
    for found in read(lambda tx: loose_ends.find(tx, numbers)).pieces(_AT_ONCE):
        write(lambda tx, found=found: erasure.remove_loose(tx, found))  # type: ignore[misc]
    while write(search.squeeze):
        pass


def _over(tx: Tx, erasure_id: int, now: datetime) -> None:
    record = erasures.get(tx, erasure_id)
    if record is not None and record.ended_at is None:
        erasures.change(tx, erasure_id, contact_id=None, number=None, ended_at=now)
        events.record(tx, Event.CONTACT_ERASED, now)


# --- legal hold --------------------------------------------------------------------------------------


def hold(tx: Tx, contact_id: int, why: str, who: Author, now: datetime) -> None:
    """Keep everything of a contact, whatever rule or person would remove it.

    Raises:
        Refused: no reason was given, or they are being erased.
    """
    value = one_line(" ".join(why.split()))
    if not value or len(value) > LONGEST_WHY or not value.isprintable():
        raise Refused("no_why", most=LONGEST_WHY)
    if erasures.of_contact(tx, contact_id) is not None:
        raise Refused("being_erased")
    _set_hold(tx, contact_id, who, now, held_since=now, held_by=str(who), held_why=value)


def lift_hold(tx: Tx, contact_id: int, who: Author, now: datetime) -> None:
    """End a legal hold; the office's rules count again."""
    _set_hold(tx, contact_id, who, now, held_since=None, held_by=None, held_why=None)


def _set_hold(tx: Tx, contact_id: int, who: Author, now: datetime, **values: Any) -> None:
    contact = contacts.get(tx, contact_id)
    if contact is None or (contact.held_since is None) == (values["held_since"] is None):
        return
    contacts.change(tx, contact_id, **values)
    action = "contact.hold" if values["held_since"] else "contact.lift_hold"
    team.note(tx, now, str(who), action, contact.public_id, before=contact.held_why, after=values["held_why"])


# --- retention ---------------------------------------------------------------------------------------


def retain(read: Run, write: Run, clock: Callable[[], datetime], actor: str) -> dict[str, int]:
    """Remove what the office's rules no longer keep, from a thread, in small portions; returns how much of
    what. One that breaks off goes on with the next."""
    now, record_id = clock(), None
    while True:
        texts, calls = read(lambda tx: retention.outdated(tx, now, _AT_ONCE))
        if not texts and not calls:
            break
        for at in range(0, max(len(texts), len(calls)), STEP):
            portion = _Portion(record_id, texts[at : at + STEP], calls[at : at + STEP], actor, now)
            record_id = write(portion.remove)
    if record_id is None:
        return {}
    _forget(read, write, ())
    return dict(write(lambda tx: _end(tx, record_id, clock())))


@dataclass(frozen=True, slots=True)
class _Portion:
    """Texts and calls that go in one transaction. `record_id`: of the portions before."""

    record_id: int | None
    texts: list[int]
    calls: list[int]
    actor: str
    now: datetime

    def remove(self, tx: Tx) -> int:
        """Remove them; returns the id of the record that counts them."""
        texts, calls = retention.unheld(tx, self.texts, self.calls)
        where = erasure.conversations_with(tx, texts, calls)
        kinds = retention.kinds_of(tx, texts)
        erasure.remove_texts(tx, texts, proof_too=False)
        kinds[retention.CALLS] = erasure.remove_calls(tx, calls)
        erasure.tidy(tx, where)
        record_id = self.record_id or self._begin(tx)
        erasures.add_counts(tx, record_id, kinds)
        return record_id

    def _begin(self, tx: Tx) -> int:
        common = {"kind": erasures.RETENTION, "at": self.now, "actor": self.actor}
        return erasures.add(tx, **common, why="retention", counts={})


def _end(tx: Tx, record_id: int, now: datetime) -> dict[str, int]:
    erasures.change(tx, record_id, ended_at=now)
    events.record(tx, Event.CONTACT_ERASED, now)
    record = erasures.get(tx, record_id)
    return dict(record.counts) if record is not None else {}


def sweep(tx: Tx, now: datetime) -> None:
    """Remove what came of erased people after their erasure: reports of texts that had gone out, and hashes
    of what has left the devices by now. Somebody who wrote again is somebody new."""
    hashes = erasures.hashes_since(tx, now - _REPORTS_COME)
    if hashes:
        erasure.remove_reports(tx, loose_ends.reports_of_nobody(tx, hashes, _AT_ONCE))
    loose_ends.swept(tx)


def copies_kept(tx: Tx) -> timedelta:
    """How long a copy that was made before an update stays: as long as the oldest backup."""
    values = settings.every(tx)
    return timedelta(days=max(int(values["backup.keep_days"]), 7 * int(values["backup.keep_weeks"])))


def last(tx: Tx, limit: int = 20) -> list[Row[Any]]:
    """The newest records of what was removed, newest first."""
    return erasures.every(tx, limit)


def shown_name(contact: Row[Any], number: str) -> str:
    """What has to be typed to confirm: the contact's name, or the number where they have none."""
    return str(contact.name or pretty(number))
