"""An office with a long past: texts in every state and what belongs to them, written in bulk into a database
that the product's own migrations made. The same count and seed give the same office, but for the day it is.

A million texts are fifty thousand people, each with one conversation; how much was written in each is skewed
as in life, so that a few hold a hundredth of everything. Indexes are taken off while rows are written and put
back as they were.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from gateway.domain.contact import sought
from gateway.domain.conversation import Happened, Priority
from gateway.domain.message import State

from .words import body, name, tag_names

TEXTS_EACH = 20
"""Texts for each person, on average."""
LARGEST = 100
"""The longest threads hold one text in so many of all."""
SEED = 7
DAY = 86_400_000_000
YEARS = 3
COLLEAGUES = 8
_SPREAD = 0.75
"""How skewed the lengths of threads are: the exponent of their ranks."""
_MANY = 20_000


@dataclass(frozen=True, slots=True)
class Past:
    """What was written, for whoever measures: public ids of the longest conversation and of an ordinary one,
    the time of a text in the middle of the longest (UTC microseconds), and how many rows each table got."""

    longest: str
    ordinary: str
    middle: int
    rows: dict[str, int]


@dataclass(slots=True)
class _Talk:
    """What a conversation has come to while texts are written."""

    line: int
    peer: str
    assignee: int | None
    inbound: int = 0
    last: int = 0
    last_at: int = 0
    waiting: int | None = None
    was_outbound: bool = False
    heard_at: int | None = None


@dataclass(slots=True)
class _Writer:
    """Rows of each table, written so many at a time."""

    connection: sqlite3.Connection
    counts: dict[str, int] = field(default_factory=dict)
    _waiting: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        rows = self._waiting.setdefault((table, tuple(values)), [])
        rows.append(tuple(values.values()))
        self.counts[table] = self.counts.get(table, 0) + 1
        if len(rows) >= _MANY:
            self._put(table, tuple(values), rows)

    def _put(self, table: str, columns: Iterable[str], rows: list[tuple[Any, ...]]) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join("?" * len(rows[0]))
        self.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
        rows.clear()

    def finish(self) -> None:
        for (table, columns), rows in self._waiting.items():
            if rows:
                self._put(table, columns, rows)


def fill(path: Path, count: int, now: int, seed: int = SEED) -> Past:
    """Write `count` texts, `TEXTS_EACH` for each person, into the office at `path`, which has one colleague,
    lines and settings. `now`: UTC microseconds; the past ends there.

    The file is not synced while it is written.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-262144")
        connection.execute("BEGIN")
        indexes = _indexes(connection)
        for index, _ in indexes:
            connection.execute(f'DROP INDEX "{index}"')
        past = _Maker(connection, count, now, random.Random(seed)).make()
        for _, made in indexes:
            connection.execute(made)
        for table in _searched(connection):
            connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return past


def _indexes(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid"
    return list(connection.execute(query))


def _searched(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%' ORDER BY rowid"
    return [row[0] for row in connection.execute(query)]


_ENDED = (
    (State.DELIVERED, 82), (State.SENT, 12), (State.FAILED, 2), (State.UNDELIVERED, 2), (State.EXPIRED, 1),
    (State.CANCELED, 1),
)  # fmt: skip
_PARTS = {
    State.DELIVERED: "delivered", State.SENT: "accepted", State.FAILED: "failed",
    State.UNDELIVERED: "undelivered", State.EXPIRED: "expired", State.CANCELED: "canceled",
    State.UNCONFIRMED: "unconfirmed", State.QUEUED: "ready",
}  # fmt: skip
_REASONS = {State.FAILED: "CMS 38", State.CANCELED: "canceled", State.UNCONFIRMED: "timeout"}


class _Maker:
    """Writes one office."""

    def __init__(self, connection: sqlite3.Connection, count: int, now: int, chance: random.Random) -> None:
        self._rows = _Writer(connection)
        self._count, self._now, self._chance = count, now, chance
        self._people = count // TEXTS_EACH
        self._lines = [row[0] for row in connection.execute("SELECT id FROM lines ORDER BY id")]
        self._team = [row[0] for row in connection.execute("SELECT id FROM users ORDER BY id")]
        self._talks: list[_Talk] = []
        self._raw = 0

    def make(self) -> Past:
        self._colleagues()
        self._contacts()
        lengths = self._lengths()
        order = self._order(lengths)
        middle = self._texts(order)
        self._conversations()
        self._beside(order)
        self._rows.finish()
        return Past("cnv_1", f"cnv_{self._people // 2}", middle, self._rows.counts)

    def _often(self, one_in: int) -> bool:
        return self._chance.randrange(one_in) == 0

    # --- people --------------------------------------------------------------------------------------

    def _colleagues(self) -> None:
        first = max(self._team) + 1
        for user in range(first, first + COLLEAGUES - len(self._team)):
            self._rows.add(
                "users", id=user, username=f"colleague{user}", name=name(self._chance), role="agent",
                password_hash="none", created_at=self._now - YEARS * 365 * DAY,
            )  # fmt: skip
            self._team.append(user)
        for place, word in enumerate(tag_names(), 1):
            self._rows.add("tags", id=place, name=word, folded=word.casefold(), created_at=self._now - DAY)

    def _contacts(self) -> None:
        tags = len(tag_names())
        for one in range(1, self._people + 1):
            number = f"+44770{one:07d}"
            is_named = not self._often(4)
            called = name(self._chance) if is_named else None
            company = f"{name(self._chance).split()[-1]} & Co" if self._often(12) else None
            born = self._now - self._chance.randrange(1, YEARS * 365) * DAY
            self._rows.add(
                "contacts", id=one, public_id=f"con_{one}", name=called, company=company,
                stage="customer" if is_named and not self._often(5) else "prospect",
                priority=self._chance.choices(list(Priority), (2, 90, 6, 2))[0].value,
                language="fr" if self._often(15) else None, created_at=born,
                sought=sought(called, company, None, number),
                external_id=f"P{one:06d}" if is_named and not self._often(3) else None,
                blocked_at=born if self._often(500) else None,
            )  # fmt: skip
            self._rows.add(
                "phone_numbers", contact_id=one, number=number, kind="e164", created_at=born,
                health="suspect" if self._often(80) else "ok",
            )  # fmt: skip
            for tag in self._chance.sample(range(1, tags + 1), self._chance.choices((0, 1, 2), (7, 2, 1))[0]):
                self._rows.add("contact_tags", contact_id=one, tag_id=tag)
            self._talks.append(
                _Talk(
                    self._lines[0] if len(self._lines) == 1 or not self._often(10) else self._lines[1],
                    number,
                    None if self._often(3) else self._chance.choice(self._team),
                )
            )

    # --- texts ---------------------------------------------------------------------------------------

    def _lengths(self) -> list[int]:
        """How many texts each conversation holds: at least one, the longest first."""
        weights = [(rank + 1) ** -_SPREAD for rank in range(self._people)]
        scale = self._count / sum(weights)
        lengths = [max(1, min(int(weight * scale), self._count // LARGEST)) for weight in weights]
        missing = self._count - sum(lengths)
        for place in range(abs(missing)):
            at = self._people // 50 + place % (self._people // 2)  # those of ordinary length
            lengths[at] += 1 if missing > 0 else -(lengths[at] > 1)
        return lengths

    def _order(self, lengths: list[int]) -> list[tuple[int, int]]:
        """When (UTC microseconds) and in which conversation each text came, the oldest first."""
        found = []
        for place, length in enumerate(lengths):
            # who writes much has written lately
            until = self._now - int(self._chance.expovariate(1 / (30 if length > 200 else 400)) * DAY)
            until = max(until, self._now - (YEARS * 365 - 30) * DAY)
            span = YEARS * 365 * DAY - (self._now - until) if length > 200 else min(length, 300) * 2 * DAY
            found += [(until - int(self._chance.random() * span), place) for _ in range(length)]
        found.sort()
        return found

    def _texts(self, order: list[tuple[int, int]]) -> int:
        """Returns when the text in the middle of the longest conversation came."""
        ended, weights = zip(*_ENDED, strict=True)
        cumulative = list(accumulate(weights))
        in_longest = []
        for message, (at, place) in enumerate(order, 1):
            talk = self._talks[place]
            if place == 0:
                in_longest.append(at)
            if self._chance.random() < (0.75 if talk.was_outbound else 0.3):
                self._inbound(message, place, talk, at)
            else:
                self._outbound(
                    message, place, talk, at, self._chance.choices(ended, cum_weights=cumulative)[0]
                )
            talk.last, talk.last_at = message, at
        return in_longest[len(in_longest) // 2]

    def _inbound(self, message: int, place: int, talk: _Talk, at: int) -> None:
        words = body(self._chance)
        self._rows.add(
            "messages", id=message, public_id=f"msg_{message}", conversation_id=place + 1, line_id=talk.line,
            direction="inbound", state="received", peer=talk.peer, body=words, alphabet="gsm7",
            segments=1 + len(words) // 153, author_kind="contact", created_at=at, network_at=at - 4_000_000,
            starred_at=at if self._often(2000) else None,
        )  # fmt: skip
        self._raw_pdu("deliver", talk.line, at, message)
        talk.inbound, talk.was_outbound, talk.heard_at = message, False, at
        talk.waiting = talk.waiting or at

    def _outbound(self, message: int, place: int, talk: _Talk, at: int, state: State) -> None:
        words, by_person = body(self._chance), not self._often(3)
        author = self._chance.choice(self._team)
        segments = 1 + len(words) // 153
        went = state in (State.DELIVERED, State.SENT, State.UNDELIVERED)
        self._rows.add(
            "messages", id=message, public_id=f"msg_{message}", conversation_id=place + 1, line_id=talk.line,
            direction="outbound", purpose="conversational" if by_person else "transactional",
            state=state.value, peer=talk.peer, body=words, alphabet="gsm7", segments=segments,
            author_kind="person" if by_person else "token", author_id=author if by_person else None,
            author_name=f"Colleague {author}" if by_person else "shop", created_at=at, due_at=at,
            rank=1 if by_person else 3, reason=_REASONS.get(state), report_wanted=1,
            sent_at=at + 2_000_000 if went else None,
            delivered_at=at + 6_000_000 if state is State.DELIVERED else None,
            starred_at=at if self._often(1000) else None,
        )  # fmt: skip
        for part in range(1, segments + 1):
            self._rows.add(
                "parts", message_id=message, seq=part, tpdu=b"\0" * 60, state=_PARTS[state], attempts=1,
                reference=message % 256, submitted_at=at + 1_000_000 if went else None,
                accepted_at=at + 2_000_000 if went else None,
                delivered_at=at + 6_000_000 if state is State.DELIVERED else None, sim="sim",
            )  # fmt: skip
            part_id = self._rows.counts["parts"]
            if went:
                self._rows.add(
                    "attempts", part_id=part_id, line_id=talk.line, number=1, started_at=at + 1_000_000,
                    ended_at=at + 2_000_000, outcome="accepted",
                )  # fmt: skip
            if state is State.DELIVERED or state is State.UNDELIVERED:
                self._raw_pdu("report", talk.line, at + 6_000_000, None)
                self._rows.add(
                    "delivery_reports", raw_id=self._raw, line_id=talk.line, sim="sim",
                    reference=message % 256, recipient=talk.peer,
                    status=0 if state is State.DELIVERED else 70, received_at=at + 6_000_000, part_id=part_id,
                )  # fmt: skip
        talk.was_outbound, talk.waiting = True, None

    def _raw_pdu(self, kind: str, line: int, at: int, message: int | None) -> None:
        self._raw += 1
        self._rows.add(
            "raw_pdus", id=self._raw, line_id=line, kind=kind, pdu="00" * 60, pdu_hash=f"{self._raw:032x}",
            sim="sim", slot_store="SM", slot_index=self._raw % 30, received_at=at, deleted_at=at,
            message_id=message,
        )  # fmt: skip

    # --- conversations -------------------------------------------------------------------------------

    def _conversations(self) -> None:
        """Open are those of the last days, a few that nobody closed, and whoever waits; some are put off."""
        tags = len(tag_names())
        for place, talk in enumerate(self._talks):
            state, until, closed = self._state(talk)
            self._rows.add(
                "conversations", id=place + 1, public_id=f"cnv_{place + 1}", line_id=talk.line,
                contact_id=place + 1, peer=talk.peer, state=state, last_message_id=talk.last,
                last_message_at=talk.last_at, waiting_since=talk.waiting if state != "closed" else None,
                seen_message_id=talk.inbound, last_inbound_id=talk.inbound, created_at=talk.last_at,
                assignee_id=talk.assignee, snoozed_until=until, closed_at=closed,
                priority=self._chance.choices(list(Priority), (2, 90, 6, 2))[0].value,
            )  # fmt: skip
            self._rows.connection.execute(
                "UPDATE contacts SET heard_at = ? WHERE id = ?", (talk.heard_at, place + 1)
            )
            for tag in self._chance.sample(range(1, tags + 1), self._chance.choices((0, 1, 2), (8, 2, 1))[0]):
                self._rows.add("conversation_tags", conversation_id=place + 1, tag_id=tag)
            for user in self._team:
                if talk.inbound and self._chance.random() < 0.7:
                    behind = state == "open" and self._often(5)
                    self._rows.add(
                        "reads", user_id=user, conversation_id=place + 1,
                        message_id=talk.inbound - 1 if behind else talk.last,
                    )  # fmt: skip
        newest = self._count
        self._rows.finish()
        self._rows.connection.execute("UPDATE users SET reads_from_id = ?", (newest - newest // 50,))

    def _state(self, talk: _Talk) -> tuple[str, int | None, int | None]:
        is_fresh = talk.last_at > self._now - 14 * DAY
        if (is_fresh and not self._often(4)) or self._often(60):
            return "open", None, None
        if self._often(70):
            return "snoozed", self._now + self._chance.randrange(1, 20) * DAY, None
        return "closed", None, talk.last_at + DAY

    # --- beside them ---------------------------------------------------------------------------------

    def _beside(self, order: list[tuple[int, int]]) -> None:
        """Notes, mentions, what happened, calls, texts that wait and texts nobody knows the end of: beside
        texts, as often as there are some."""
        kinds = (Happened.CLOSED, Happened.REOPENED, Happened.ASSIGNED, Happened.TAGGED)
        for _ in range(self._count // 10):
            (at, place), kind = self._chance.choice(order), self._chance.choice(kinds)
            detail = (
                {"tag": "vip"} if kind is Happened.TAGGED else {"why": "text", "to": 1, "to_name": "Anna"}
            )
            self._rows.add(
                "conversation_log", conversation_id=place + 1, at=at + 60_000_000,
                kind=kind.value,
                actor_kind="person", actor_id=1, actor_name="Anna", detail=json.dumps(detail),
            )  # fmt: skip
        for note in range(1, self._count // 50 + 1):
            at, place = self._chance.choice(order)
            self._rows.add(
                "notes", id=note, public_id=f"note_{note}", conversation_id=place + 1, author_id=1,
                author_name="Anna", body=body(self._chance), created_at=at + 120_000_000,
            )  # fmt: skip
            if self._often(10):
                self._rows.add(
                    "mentions", note_id=note, user_id=self._chance.choice(self._team),
                    conversation_id=place + 1, seen_at=None if self._often(20) else at,
                )  # fmt: skip
        for _ in range(self._count // 100):
            at, place = self._chance.choice(order)
            self._rows.add(
                "calls", line_id=self._talks[place].line, conversation_id=place + 1, rang_seconds=9,
                number=self._talks[place].peer, ended_at=at - 60_000_000,
            )  # fmt: skip
        self._templates()
        self._unfinished(order)

    def _templates(self) -> None:
        for one in range(1, 61):
            owner = None if one % 3 else self._team[one % len(self._team)]
            self._rows.add(
                "templates", id=one, public_id=f"tpl_{one}", name=f"Answer {one}", owner_id=owner,
                created_at=self._now - DAY, created_by="Anna", used=one,
            )  # fmt: skip
            self._rows.add("template_texts", template_id=one, language="en", body=body(self._chance))

    def _unfinished(self, order: list[tuple[int, int]]) -> None:
        """Texts that wait for their time, and some of which nobody knows whether they went."""
        for one in range(self._count // 2000):
            message, (_, place) = self._count + one + 1, self._chance.choice(order)
            talk, at = self._talks[place], self._now - one * 60_000_000
            waits = one % 5 != 0
            state = State.QUEUED if waits else State.UNCONFIRMED
            due = self._now + (1 + one % 60) * DAY
            self._rows.add(
                "messages", id=message, public_id=f"msg_{message}", conversation_id=place + 1,
                line_id=talk.line, direction="outbound", purpose="transactional", state=state.value,
                peer=talk.peer, body=body(self._chance), alphabet="gsm7", segments=1, author_kind="token",
                author_name="shop", created_at=at, due_at=due if waits else at, rank=3,
                waiting_for="schedule" if waits else None, schedule="at" if waits else None,
                not_before=due if waits else None, reason=_REASONS.get(state),
            )  # fmt: skip
            self._rows.add(
                "parts", message_id=message, seq=1, tpdu=b"\0" * 60, state=_PARTS[state],
                submitted_at=None if waits else at,
            )  # fmt: skip


def tables(past: Past) -> Iterator[str]:
    """How many rows the largest tables got, in words."""
    for table, rows in sorted(past.rows.items(), key=lambda item: -item[1]):
        if rows >= 1000:
            yield f"{rows:,} {table}"
