"""The whole queue against a simple model, step by step: what an office, its customers, the radio, the box and
the clock may do, in any order.

What must hold is said in `Truth`, in words of its own: who may be texted when is written down again, for four
people, and not asked of the program. What left is read by the codec of the fake modem.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from gateway.desk import clock as desk_clock
from gateway.desk import waiting
from gateway.domain.message import Purpose, WaitingFor
from gateway.store.tables import messages, parts
from tests.fake_modem import tpdu
from tests.office import Office

START = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
"""A Friday, two days before the clocks go forward in London."""
DAY, MONTH = timedelta(hours=24), timedelta(days=30)
FLOW, GRACE, LIVE = timedelta(seconds=60), timedelta(seconds=120), timedelta(minutes=120)

PEOPLE = {
    "+447700900123": ("Europe/London",),
    "+12025550123": ("America/New_York",),
    "+9779841234567": ("Asia/Kathmandu",),
    "+12705550123": ("America/New_York", "America/Chicago"),
}
"""Four numbers, and where their owners may live."""

WORDS = ("See you at nine", "A long story, told at length. " * 8, "A story without end, dear Anna. " * 13)
"""Texts of one, two and three parts."""

AUTOMATED = {Purpose.TRANSACTIONAL, Purpose.FEEDBACK, Purpose.MARKETING, Purpose.AUTO}
CAPS = ((3, DAY, AUTOMATED), (1, DAY, {Purpose.MARKETING}), (4, MONTH, {Purpose.MARKETING}))
_WINDOWS = {Purpose.CONVERSATIONAL: (8, 20), Purpose.TRANSACTIONAL: (8, 21), Purpose.FEEDBACK: (8, 21)}
_OVERTAKEN = {"schedule", "quiet_hours", "approval", "cap", "clock"}


@dataclass
class Text:
    """A text as its author knows it."""

    id: int
    to: str
    purpose: Purpose
    body: str
    not_before: datetime | None = None
    send_by: datetime | None = None
    urgent: bool = False
    if_unanswered: bool = False
    heard_at: datetime | None = None
    is_answer: bool = False
    is_repeat: bool = False
    canceled: bool = False
    told: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Handed:
    """A part that was handed to the device. `taken`: whether the network has it; `is_back`: the device said,
    in words that prove it, that it has not."""

    text: Text
    part_id: int
    seq: int
    at: datetime
    octets: bytes
    reference: int
    begun: bool
    network_at: datetime
    taken: bool = True
    is_back: bool = False


class Truth:
    """What was promised, what left, and what must hold after every step."""

    def __init__(self, office: Office, limits: Sequence[tuple[int, timedelta]]) -> None:
        self.office, self.limits = office, limits
        self.texts: dict[int, Text] = {}
        self.handed: list[Handed] = []
        self.suppressed: dict[str, datetime] = {}
        self.heard: dict[str, datetime] = {}
        self.decided: set[int] = set()
        self.paused = False
        self.was_stepped = False
        self.ahead = timedelta(0)

    @property
    def now(self) -> datetime:
        return self.office.clock()

    # --- when a part leaves ------------------------------------------------------------------------------

    def leaves(self, message_id: int, part_id: int, octets: bytes, reference: int) -> Handed:
        """A part is written to the device: everything that forbids it did not hold."""
        self.learn()
        text, now = self.texts[message_id], self.now
        part = next(part for part in self.office.parts(message_id) if part.id == part_id)
        begun = any(one.text is text and now - one.at <= FLOW for one in self.handed)
        one = Handed(text, part_id, part.seq, now, octets, reference, begun, now - self.ahead)
        assert not text.canceled, f"{text} was canceled"
        assert not self.paused, f"{text} left by a paused line"
        assert not [two for two in self.handed if two.part_id == part_id and not two.is_back], "twice"
        self._check_rules(text, now, begun)
        self._check_limits(one)
        self._check_order(text)
        self._check_confirmation(text, now)
        self._check_words(text, one)
        self.handed.append(one)
        return one

    def _check_rules(self, text: Text, now: datetime, begun: bool) -> None:
        if begun:
            return
        assert text.to not in self.suppressed or text.purpose is Purpose.COMPLIANCE, f"{text} after STOP"
        assert text.send_by is None or now <= text.send_by, f"{text} left late"
        assert text.not_before is None or now >= text.not_before, f"{text} left early"
        answers = text.is_answer or self._is_live(text, now)
        doubt = self.office.read(desk_clock.doubt)
        assert doubt is None or answers or text.purpose is Purpose.INTERNAL, f"{text} left while {doubt}"
        excused = answers or (text.urgent and text.purpose is not Purpose.MARKETING)
        assert excused or _is_open(text, now), f"{text} left at {now}"
        for count, within, purposes in CAPS:
            if text.purpose in purposes:
                others = self._got(text, purposes, now - within)
                assert len(others) < count, f"{text} beyond {count} in {within}: {others}"

    def _is_live(self, text: Text, now: datetime) -> bool:
        is_reply = text.purpose is Purpose.CONVERSATIONAL and text.heard_at is not None
        return is_reply and text.heard_at is not None and now - text.heard_at <= LIVE

    def _got(self, text: Text, purposes: set[Purpose], since: datetime) -> set[int]:
        """Other texts of these purposes that reached them, or may have, since then."""
        ids = {
            one.text.id
            for one in self.handed
            if one.text is not text and one.text.to == text.to and one.text.purpose in purposes
            if not one.is_back and min(one.at, self.now) > since
        }
        return {message_id for message_id in ids if self.office.state(message_id) != "failed"}

    def _check_limits(self, one: Handed) -> None:
        for count, within in self.limits:
            if one.begun and within >= DAY:
                continue
            since = one.at - within
            left = [two for two in self.handed if not two.is_back and min(two.at, one.at) > since]
            assert len(left) < count, f"{len(left) + 1} texts within {within}"

    def _check_order(self, text: Text) -> None:
        """What people say to each other goes in the order they said it, but for what waits for its time."""
        if text.purpose is not Purpose.CONVERSATIONAL:
            return
        for earlier in self.texts.values():
            if earlier.to != text.to or earlier.id >= text.id or earlier.purpose is not text.purpose:
                continue
            row = self.office.message(earlier.id)
            assert row.state != "sending", f"{earlier} is just going out"
            assert row.state != "queued" or row.waiting_for in _OVERTAKEN, (
                f"{earlier} was overtaken by {text}"
            )
            in_doubt = row.state == "unconfirmed" and row.unconfirmed_until > self.now
            assert not in_doubt, f"{earlier} is in doubt"

    def _check_confirmation(self, text: Text, now: datetime) -> None:
        """Of a STOP there is one confirmation in a day, by a clock nobody set."""
        if text.is_repeat or not text.is_answer or self.was_stepped:
            return
        before = [
            one
            for one in self.handed
            if one.text is not text and one.text.body == text.body and one.text.to == text.to
            if not one.is_back and not one.text.is_repeat and now - one.at < DAY
        ]
        assert before == [], f"{text} again"

    def _check_words(self, text: Text, one: Handed) -> None:
        submit = tpdu.decode_submit(one.octets)
        assert submit.complaints == []
        assert submit.to == text.to
        text.told[one.seq] = one.octets
        if len(text.told) == len(self.office.parts(text.id)):
            submits = [tpdu.decode_submit(octets) for _, octets in sorted(text.told.items())]
            assert tpdu.text_of([submit.data for submit in submits]) == text.body

    # --- after every step --------------------------------------------------------------------------------

    def learn(self) -> None:
        """Texts that the program wrote by itself, or on somebody's word."""
        outbound = select(messages).where(messages.c.direction == "outbound").order_by(messages.c.id)
        for row in self.office.read(lambda tx: list(tx.execute(outbound))):
            if row.id in self.texts:
                continue
            assert row.rule in ("stop", "start") or row.resend_of_id is not None, row
            again = self.texts.get(row.resend_of_id)
            self.texts[row.id] = Text(
                row.id,
                row.peer,
                Purpose(row.purpose),
                row.body,
                send_by=row.send_by,
                heard_at=self.heard.get(row.peer) if again is not None else None,
                is_answer=row.rule is not None,
                is_repeat=again is not None,
            )

    def check(self) -> None:
        """What must hold whatever happened."""
        self.learn()
        rows = self.office.messages(direction="outbound")
        assert {row.id for row in rows} == set(self.texts)  # I1
        bodies = {row.id: row.body for row in rows}
        assert bodies == {text.id: text.body for text in self.texts.values()}
        self._check_parts(rows)
        self._check_looks(rows)
        for row in rows:
            if self.texts[row.id].canceled:
                assert row.state == "canceled", row

    def _check_parts(self, rows: Sequence[Any]) -> None:
        """What is said of each part is true, as far as anybody can know (I2)."""
        last = {one.part_id: one for one in self.handed}
        query = select(parts.c.id, parts.c.state, parts.c.message_id)
        for part in self.office.read(lambda tx: list(tx.execute(query))):
            one = last.get(part.id)
            if part.state in ("ready", "canceled", "expired"):
                assert one is None or one.is_back, f"part {part.id} may have gone and would go again"
            elif part.state in ("accepted", "delivered", "undelivered"):
                assert one is not None
                assert one.taken or part.message_id in self.decided, f"part {part.id} never went"

    def _check_looks(self, rows: Sequence[Any]) -> None:
        """I5: nothing unfinished is forgotten: it is looked at again, or says what it waits for."""
        found = self.office.read(lambda tx: waiting.waits(tx, rows, self.now))
        for row in rows:
            if row.state not in ("queued", "sending"):
                continue
            assert row.due_at is not None, row
            if row.state == "queued":
                wait = found[row.id]
                is_next = wait.place is not None or row.due_at - self.now <= GRACE
                assert wait.why is not None or is_next, row
                assert wait.why in (None, *WaitingFor)

    def unfinished(self) -> list[Any]:
        """Texts of which something is still to go by itself."""
        return [
            row for row in self.office.messages(direction="outbound") if row.state in ("queued", "sending")
        ]


def _is_open(text: Text, now: datetime) -> bool:
    """Whether texts of that purpose may reach that person then, by the clocks where they may be."""
    if text.purpose in (Purpose.COMPLIANCE, Purpose.INTERNAL):
        return True
    there = [now.astimezone(ZoneInfo(zone)) for zone in PEOPLE[text.to]]
    return all(first <= local.hour < last for local in there for first, last in _hours(text.purpose, local))


def _hours(purpose: Purpose, local: datetime) -> Iterator[tuple[int, int]]:
    if purpose is Purpose.MARKETING:
        yield {5: (10, 17), 6: (0, 0)}.get(local.weekday(), (10, 18))
    else:
        yield _WINDOWS.get(purpose, (8, 21))
