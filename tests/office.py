"""An office to test in: its database, its clock, one line, and short ways to ask what happened there.

The device is played by PDUs that the fake modem's codec builds, which shares no line with the gateway's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Row, select

from gateway.desk import inbox
from gateway.desk import lines as desk_lines
from gateway.desk import team as desk_team
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Author, Draft
from gateway.domain import phone
from gateway.domain.inbox import Tab, Wanted
from gateway.domain.line import Accepted, LineEvent, Received, Report, SendOutcome, Slot
from gateway.domain.message import Purpose
from gateway.domain.people import Role
from gateway.queue import attempts, outcomes
from gateway.queue.attempts import Claimed
from gateway.store import conversation_list, events, holidays, lines, messages
from gateway.store.conversation_list import Reader
from gateway.store.database import Database, Tx
from gateway.store.keys import Keys
from gateway.store.tables import conversations as conversations_table
from gateway.store.tables import messages as messages_table
from tests.fake_modem import tpdu

T = TypeVar("T")
ANNA, BEN, CARA = "+447700900123", "+447700900124", "+12025550123"
SIM = "8944100000000000001"
OWNER = "box:1"
EVERYTHING = Wanted(Tab.ALL)
SAM = Author("person", 1, "Sam")
SHOP = Author("token", 1, "shop")


class Clock:
    """The wall clock, stepped by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def step(self, **length: float) -> datetime:
        """Move on; arguments as for `timedelta`."""
        self.now += timedelta(**length)
        return self.now


class Office:
    """A database and what tests do with it. Each call is one transaction."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path, self.clock = path, clock
        self.database = Database(path, Keys(path.parent))
        self._slots = itertools.count(1)
        with_line = self.read(lines.every)
        self.line_id = with_line[0].id if with_line else self.add_line("front")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def restart(self) -> None:
        """Close and open the database again, as a restart does."""
        self.database.close()
        self.database = Database(self.path, Keys(self.path.parent))

    def write(self, verb: Callable[[Tx], T]) -> T:
        return self.database.write_now(verb)

    def read(self, query: Callable[[Tx], T]) -> T:
        return self.database.read(query)

    # -- lines -----------------------------------------------------------------------------------

    def add_line(self, name: str, **more: Any) -> int:
        port = f"/dev/{name}"
        return self.write(lambda tx: desk_lines.add(tx, name, port, "command:test", self.clock(), **more))

    def line(self) -> Row[Any]:
        row = self.read(lambda tx: lines.get(tx, self.line_id))
        assert row is not None
        return row

    def hear(self, event: LineEvent, line_id: int | None = None) -> None:
        self.write(lambda tx: inbox.hear(tx, line_id or self.line_id, event, self.clock()))

    def slot(self, index: int | None = None) -> Slot:
        return Slot(SIM, "SM", index if index is not None else next(self._slots))

    def text_from(
        self, sender: str, body: str, *, slot: Slot | None = None, when: datetime | None = None
    ) -> str:
        """A text of one part arrives; returns its PDU."""
        (pdu,) = delivers(sender, body, when or self.clock())
        self.hear(Received(pdu, slot or self.slot()))
        return pdu

    def report(
        self, reference: int | None, recipient: str, status: int = 0, *, when: datetime | None = None
    ) -> None:
        """A delivery report arrives; `when` is the time stamp of the text it speaks of."""
        self.hear(Report(report(reference or 0, recipient, status, when or self.clock()), self.slot()))

    def know_holidays(self, *regions: str, until: date = date(2099, 12, 31)) -> None:
        """As if they had been computed, and there were none: offers wait for them."""

        def put(tx: Tx) -> None:
            for region in regions or ("GB", "US"):
                holidays.put(tx, region, {}, until, "1")

        self.write(put)

    def person(self, name: str = "Sam", role: Role = Role.AGENT) -> int:
        """Somebody who works here, by an account nobody can sign in to."""
        username = name.lower()
        return self.write(
            lambda tx: desk_team.add_user(tx, username, name, role, "no hash", "command:test", self.clock())
        )

    # -- sending ---------------------------------------------------------------------------------

    def accept(
        self,
        to: str = ANNA,
        body: str = "See you at nine",
        purpose: Purpose = Purpose.CONVERSATIONAL,
        author: Author = SAM,
        **more: Any,
    ) -> int:
        draft = Draft(phone.parse(to), body, purpose, author, **more)
        line = self.line()
        return self.write(lambda tx: accept(tx, line, draft, self.clock()))

    def claim(self) -> Claimed | None:
        return self.write(lambda tx: attempts.claim_next(tx, self.line_id, OWNER, self.clock()))

    def submit(self, part_id: int, owner: str = OWNER, line_id: int | None = None) -> bool:
        line_id = line_id or self.line_id
        return self.write(lambda tx: attempts.submit(tx, part_id, line_id, owner, self.clock()))

    def record(self, part_id: int, outcome: Accepted | SendOutcome) -> None:
        """The pauses until the next try are exact: chance has no say."""
        now = self.clock()
        self.write(lambda tx: outcomes.record(tx, part_id, outcome, now, chance=lambda: 0.5))

    def send_one(self, outcome: Accepted | SendOutcome) -> Claimed:
        """Claim what is next, submit it, and let the device answer."""
        claimed = self.claim()
        assert claimed is not None
        assert self.submit(claimed.part_id)
        self.record(claimed.part_id, outcome)
        return claimed

    # -- what there is ---------------------------------------------------------------------------

    def message(self, message_id: int) -> Row[Any]:
        row = self.read(lambda tx: messages.get(tx, message_id))
        assert row is not None
        return row

    def state(self, message_id: int) -> str:
        return str(self.message(message_id).state)

    def parts(self, message_id: int) -> list[Row[Any]]:
        return self.read(lambda tx: messages.parts_of(tx, [message_id])[message_id])

    def part_states(self, message_id: int) -> list[str]:
        return [part.state for part in self.parts(message_id)]

    def messages(self, peer: str | None = None, direction: str | None = None) -> list[Row[Any]]:
        """All messages, oldest first."""
        query = select(messages_table).order_by(messages_table.c.id)
        if peer is not None:
            query = query.where(messages_table.c.peer == peer)
        if direction is not None:
            query = query.where(messages_table.c.direction == direction)
        return self.read(lambda tx: list(tx.execute(query)))

    def conversation(self, peer: str) -> Row[Any]:
        query = select(conversations_table).where(conversations_table.c.peer == peer)
        return self.read(lambda tx: tx.execute(query).one())

    def listed(self, wanted: Wanted = EVERYTHING, user_id: int = 0) -> list[str]:
        """Whose conversations the inbox lists, by their numbers."""
        return [
            row.peer
            for row in self.read(lambda tx: conversation_list.page(tx, Reader(user_id, 0), wanted, 50))
        ]

    def unread(self, user_id: int = 0) -> int:
        """How many conversations somebody has not read."""
        return self.read(lambda tx: conversation_list.unread_count(tx, Reader(user_id, 0)))

    def event_kinds(self) -> list[str]:
        return [row.kind for row in self.read(lambda tx: events.after(tx, 0))]

    def count(self, table: Any) -> int:
        return len(self.read(lambda tx: list(tx.execute(select(table)))))


# --- PDUs --------------------------------------------------------------------------------------------

CENTRE = tpdu.encode_smsc("+447700900000")


def delivers(sender: str, body: str, when: datetime, ref: int = 0) -> list[str]:
    """A text as the modem lists it: hex with the service centre's address, one for each part."""
    return [(CENTRE + octets).hex().upper() for octets in tpdu.deliver_parts(sender, body, when, ref=ref)]


def report(reference: int, recipient: str, status: int, when: datetime) -> str:
    """A delivery report as the modem lists it."""
    stamp = tpdu.encode_time(when)
    body = tpdu.StatusReport(reference, recipient, stamp, stamp, status)
    return (CENTRE + tpdu.encode_report(body)).hex().upper()


def sent_text(parts: Sequence[Row[Any]]) -> str:
    """What the recipient reads of these parts, decoded by the other codec."""
    submits = [tpdu.decode_submit(part.tpdu) for part in parts]
    assert [submit.complaints for submit in submits] == [[] for _ in submits]
    return tpdu.text_of([submit.data for submit in submits])
