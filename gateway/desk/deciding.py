"""Deciding whether a text may leave: the facts are gathered here, the rules are `gateway.domain.policy`.

The same case is made before Send is pressed, when a text is accepted, and in the transaction that lets it go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.desk import clock, restored
from gateway.domain import hours, limits, line_options, policy, presets, zones
from gateway.domain.contact import Health
from gateway.domain.events import Event
from gateway.domain.hours import Opening, Windows
from gateway.domain.message import Purpose, Rank, State, rank_of
from gateway.domain.policy import (
    AUTOMATED,
    NOTHING_AWAITED,
    Awaited,
    Cap,
    Case,
    Decision,
    Judged,
    Refuse,
    SendNow,
    WaitUntil,
)
from gateway.store import consent, contacts, decisions, events, holidays, messages, outbox, rates, settings
from gateway.store.database import Tx

LOOK_AGAIN = timedelta(hours=1)
"""When a text is looked at again that nobody can tell a time for; what frees it makes it due before."""

_LOOK_AHEAD = 100
"""So many texts that wait for one contact are looked at to tell when the caps let another one go."""

_STAMPS_DIFFER = timedelta(hours=26)
"""A network's stamp may be hours off; by more than zones can differ, it tells an old text."""
_DAY, _MONTH = timedelta(hours=24), timedelta(days=30)
_MARKETING = frozenset({Purpose.MARKETING})


@dataclass(frozen=True, slots=True)
class About:
    """The text that is decided about. `message_id`: None while it is not accepted."""

    purpose: Purpose
    number: str
    written_at: datetime
    message_id: int | None = None
    not_before: datetime | None = None
    send_by: datetime | None = None
    urgent: bool = False
    answers: bool = False
    rank: Rank | None = None
    begun: bool = False
    half: bool = False


FLOW = timedelta(seconds=150)
"""A text of which a part was handed over this short a time ago, and that waits for nothing, is on the air: a
line that sends one text a minute is still at it."""
JOINED_WITHIN = timedelta(minutes=10)
"""How long a phone or an operator is trusted to keep the first parts of a text for the rest."""


def about(tx: Tx, message: Row[Any], now: datetime) -> About:
    """What a stored message is, to be decided about."""
    sending = message.state == State.SENDING.value
    begun = sending and outbox.is_flowing(tx, message.id, now - FLOW)
    return About(
        purpose=Purpose(message.purpose),
        number=message.peer,
        written_at=message.created_at,
        message_id=message.id,
        not_before=message.not_before,
        send_by=message.send_by,
        urgent=message.urgent_reason is not None,
        answers=message.reply_to_id is not None,
        rank=Rank(message.rank),
        begun=begun,
        half=sending and not begun and outbox.went_since(tx, message.id, now - JOINED_WITHIN),
    )


# --- the case ----------------------------------------------------------------------------------------


def case(
    tx: Tx, text: About, line: Row[Any], now: datetime, doubt: str | None = None, *, of_line: bool = False
) -> Case:
    """Everything the rules read about a text on a line; `doubt` is what the running clock says of itself,
    `of_line` adds what only the rules of the line read."""
    office = _Office(settings.every(tx))
    contact = contacts.by_number(tx, text.number)
    suppression = consent.suppression(tx, text.number)
    zone = line_options.value(line.options, "zone") or office["office.zone"]
    where = zones.of_recipient(text.number, contact.zone if contact else None, zone, country_of(line), now)
    windows = office.windows(text.purpose)
    places = _zones(where.names)
    no_time = where.unsure and text.purpose is Purpose.MARKETING  # whatever the days there are
    regions = () if no_time else _regions(windows, office, line, text.number)
    doubted = doubt or clock.doubt(tx)
    return Case(
        purpose=text.purpose,
        rank=rank_of(text.purpose, held=False) if text.rank is None else text.rank,
        written_at=text.written_at,
        zones=where,
        opening=Opening(windows, places, holidays.days(tx, regions) if regions else frozenset()),
        awaited=_awaited(tx, regions, max(now.astimezone(zone).date() for zone in places)),
        begun=text.begun,
        half=text.half,
        suppressed_since=suppression.since if suppression else None,
        health=Health(contact.health) if contact else Health.OK,
        blocked=contact is not None and contact.blocked_at is not None,
        not_before=text.not_before,
        send_by=text.send_by,
        urgent=text.urgent,
        answers=text.answers,
        they_wrote_at=_they_wrote(tx, text, now, doubted),
        live_for=timedelta(minutes=int(office["hours.live_minutes"])),
        clock_doubt=doubted,
        restored_unseen=restored.is_unseen(tx),
        had=_had(tx, text, office, now),
        caps=office.caps(),
        paused=line.paused_at is not None,
        limits=limits_of(line),
        left=left(tx, line) if of_line else (),
    )


def country_of(line: Row[Any]) -> str | None:
    """The country a line's customers are thought to be in: the one set, else its own number's."""
    return line.country or (zones.country(line.number) if line.number else None)


class _Office:
    """The office's settings as the rules read them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def windows(self, purpose: Purpose) -> tuple[Windows, ...]:
        """Windows that hold for texts of a purpose, narrowed by the presets the office chose."""
        own = hours.parse(self[f"hours.{_WINDOW.get(purpose, purpose.value)}"])
        if purpose is not Purpose.MARKETING:
            return (own,)
        return (own, *presets.narrowing(tuple(filter(None, self["hours.presets"].split(", ")))))

    def caps(self) -> tuple[Cap, ...]:
        """Caps that are set; 0 is none."""
        every = (
            Cap(int(self["limits.contact_day"]), _DAY, AUTOMATED),
            Cap(int(self["limits.contact_marketing_day"]), _DAY, _MARKETING),
            Cap(int(self["limits.contact_marketing_month"]), _MONTH, _MARKETING),
        )
        return tuple(cap for cap in every if cap.count)


_WINDOW = {
    Purpose.AUTO: Purpose.TRANSACTIONAL.value,
    Purpose.COMPLIANCE: Purpose.TRANSACTIONAL.value,
    Purpose.INTERNAL: Purpose.TRANSACTIONAL.value,
}


@cache
def _zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in names)


def _regions(windows: tuple[Windows, ...], office: _Office, line: Row[Any], number: str) -> tuple[str, ...]:
    """Regions whose public holidays count for a recipient: none where no window speaks of holidays."""
    if all(one.on_holidays is None for one in windows):
        return ()
    theirs = zones.country(number)
    ours = office["hours.holidays"] or line.country or office["office.country"]
    return tuple(sorted({*filter(None, ours.split(", ")), *([theirs] if theirs else [])}))


def _awaited(tx: Tx, regions: tuple[str, ...], today: date) -> Awaited:
    """Those whose holidays are not known as far as that day, the latest it is anywhere they may be."""
    found = holidays.awaited(tx, regions, today) if regions else ()
    return Awaited(found, holidays.trouble(tx)) if found else NOTHING_AWAITED


def _they_wrote(tx: Tx, text: About, now: datetime, doubt: str | None) -> datetime | None:
    """When they wrote last before this was written; only what people say to each other asks. A text that lay
    on a SIM for days counts as of when it was written, unless it is our clock that may be wrong."""
    if text.purpose is not Purpose.CONVERSATIONAL:
        return None
    heard = messages.last_heard(tx, text.number, before=text.message_id)
    if heard is None:
        return None
    created_at: datetime = heard.created_at
    stamped_at: datetime | None = heard.network_at
    if doubt is None and stamped_at is not None and created_at - stamped_at > _STAMPS_DIFFER:
        return stamped_at
    return min(created_at, now)


def _had(tx: Tx, text: About, office: _Office, now: datetime) -> tuple[tuple[Purpose, datetime], ...]:
    if text.purpose not in AUTOMATED:
        return ()
    found: dict[int, tuple[Purpose, datetime]] = {}
    for cap in office.caps():
        if text.purpose in cap.purposes:
            most = max(cap.count, _LOOK_AHEAD)
            rows = rates.texts_to(tx, text.number, cap.purposes, now - cap.within, most, text.message_id)
            for row in rows:  # what waits leaves now at the earliest, what left did so by now
                at = max(row.at, now) if row.state == State.QUEUED.value else min(row.at, now)
                found[row.id] = Purpose(row.purpose), at
    return tuple(found.values())


# --- the line ----------------------------------------------------------------------------------------


def limits_of(line: Row[Any]) -> tuple[limits.Limit, ...]:
    """A line's limits; none for one that has no limit."""
    return tuple(limits.parse(limit) for limit in line.limits)


def left(tx: Tx, line: Row[Any]) -> tuple[datetime, ...]:
    """When the line's last texts left, as many as its limits count, newest first."""
    most = max((limit.count for limit in limits_of(line)), default=0)
    return rates.left(tx, line.id, most) if most else ()


def slots(tx: Tx, line: Row[Any], now: datetime, *, spread: bool = True) -> dict[Rank, limits.Slot]:
    """When the line's limits let a text of each rank go; without `spread` automated ones need no distance."""
    of_line, before = limits_of(line), left(tx, line)
    return {rank: limits.free_at(of_line, rank, before, now, spread=spread) for rank in Rank}


# --- what comes of it --------------------------------------------------------------------------------


def decide(tx: Tx, text: About, line: Row[Any], now: datetime, doubt: str | None = None) -> Decision:
    """Now, later or never, as far as the text and whom it is for are concerned."""
    return policy.decide(case(tx, text, line, now, doubt), now)


def explain(tx: Tx, text: About, line: Row[Any], now: datetime) -> tuple[Decision, list[Judged]]:
    """What the program would do with a text now, the line's limits included, and what each rule says."""
    found = case(tx, text, line, now, of_line=True)
    return policy.decide(found, now, policy.RULES), policy.explain(found, now)


def placed(decision: Decision, purpose: Purpose, now: datetime) -> dict[str, Any]:
    """Columns of a message that say when it is looked at next, why not before, and its place in the queue."""
    if isinstance(decision, WaitUntil):
        due_at = decision.until or now + LOOK_AGAIN
        return {
            "due_at": due_at,
            "waiting_for": decision.why.value,
            "rank": int(rank_of(purpose, held=True)),
        }
    return {"due_at": now, "waiting_for": None, "rank": int(rank_of(purpose, held=False))}


def hold(tx: Tx, message: Row[Any], decision: WaitUntil, now: datetime) -> None:
    """Let a queued message wait: it is looked at again when the reason ends."""
    values = placed(decision, Purpose(message.purpose), now)
    messages.change(tx, message.id, **values)
    same_time = decision.until == message.due_at if decision.until else _was_without_end(tx, message.id)
    if same_time and values["waiting_for"] == message.waiting_for:
        return  # it is only looked at again
    note(tx, message.id, decision, now)
    tell_waiting(tx, message, now)


def _was_without_end(tx: Tx, message_id: int) -> bool:
    newest = next(reversed(decisions.of_message(tx, message_id)), None)
    return newest is not None and newest.until is None


def tell_waiting(tx: Tx, message: Row[Any], now: datetime) -> None:
    """Announce that a message waits, or for something else than before."""
    events.record(
        tx,
        Event.MESSAGE_WAITING,
        now,
        line_id=message.line_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
    )


def note(tx: Tx, message_id: int, decision: Decision, now: datetime) -> None:
    """Keep what was decided, where there is something to tell: a wait, a refusal, an exemption."""
    if isinstance(decision, WaitUntil):
        decisions.add(tx, message_id, now, "waits", decision.why.value, decision.until)
    elif isinstance(decision, Refuse):
        decisions.add(tx, message_id, now, "refused", decision.reason, None)
    elif isinstance(decision, SendNow) and decision.note not in ("", "begun", "answer"):
        decisions.add(tx, message_id, now, "goes", decision.note, None)
