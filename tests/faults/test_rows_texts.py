"""Rows 66 to 68, 72 and 73 of the fault matrix: texts made to burden, to mislead or to break."""

from __future__ import annotations

import random
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.desk import waiting_parts
from gateway.desk.acceptance import accept
from gateway.desk.drafts import Draft
from gateway.desk.inbox import hear
from gateway.desk.waiting_parts import OPEN_SETS
from gateway.domain import pdu, phone
from gateway.domain.line import Received, Slot
from gateway.domain.message import Purpose
from gateway.domain.refusal_words import Refused
from gateway.store import lines
from gateway.store.tables import consent_events, conversations, inbound_parts, messages, raw_pdus
from tests.fake_modem import tpdu
from tests.faults.bench import ANNA, AUTHOR, BEN, Bench, bench, front
from tests.office import ANNA as GUEST
from tests.office import CENTRE, Clock, Office, delivers
from tests.virtual_time import run

FLOODER, OTHER = "+447700900199", "+447700900198"
HELLO, TEXT = "Any chance to be seen today?", "Your table is ready."
LETTER = "I wanted to ask whether Tuesday would do, since the children are at school. " * 4


def count(office: Office, table: Any, *where: Any) -> int:
    return office.read(lambda tx: int(tx.scalar(select(func.count()).select_from(table).where(*where)) or 0))


def open_sets(office: Office) -> int:
    return count(office, messages, messages.c.state == "receiving")


def waiting(office: Office) -> int:
    joined = inbound_parts.join(messages, messages.c.id == inbound_parts.c.message_id)
    return count(office, joined, messages.c.state == "receiving")


def one_part(office: Office, sender: str, ref: int, seq: int, total: int = 255) -> str:
    """One part of a long text of which nobody will send the rest."""
    data = tpdu.UserData(tpdu.GSM7, b"Hello", {0x08: ref.to_bytes(2, "big") + bytes((total, seq))})
    octets = tpdu.encode_deliver(tpdu.Deliver(sender, 0, 0, tpdu.encode_time(office.clock()), data))
    return (CENTRE + octets).hex().upper()


def take(office: Office, pdus: list[str]) -> None:
    """A line hears many; one commit for all, since the disk is not what is tested."""
    slots = [office.slot() for _ in pdus]

    def verb(tx: Any) -> None:
        for raw, slot in zip(pdus, slots, strict=True):
            hear(tx, office.line_id, Received(raw, slot), office.clock())

    office.write(verb)


# --- 66 and 67: floods --------------------------------------------------------------------------------


@pytest.mark.timeout(600)
@pytest.mark.parametrize("references", [100, pytest.param(10_000, marks=pytest.mark.slow)])
def test_row_66_a_flood_of_long_texts_that_never_end(references: int, office: Office) -> None:
    first, *rest = delivers(OTHER, LETTER, office.clock(), ref=9)
    take(office, [first])
    for start in range(0, references, 100):
        flood = [one_part(office, FLOODER, start + n, 1 + n % 255) for n in range(100)]
        take(office, flood)
        assert open_sets(office) <= OPEN_SETS + 1
    take(office, rest)
    assert office.messages(OTHER)[0].body == LETTER, "others are not affected"
    assert count(office, raw_pdus) == references + 1 + len(rest), "all of it is kept"
    ended = [row for row in office.messages(FLOODER) if row.state == "received"]
    assert len(ended) == references - OPEN_SETS
    assert {row.label for row in ended} == {"damaged"}
    assert max(len(row.body) for row in ended) < 100


@pytest.mark.parametrize("most", [60, pytest.param(waiting_parts.WAITING_PARTS, marks=pytest.mark.slow)])
def test_row_66_a_flood_from_many_numbers(most: int, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_parts, "WAITING_PARTS", most)
    for number in range(most + 40):
        take(office, [one_part(office, f"+4478009{number // 4:05d}", number, 1 + number % 255)])
    assert waiting(office) == most
    assert count(office, raw_pdus) == most + 40
    for raw in delivers(OTHER, LETTER, office.clock(), ref=9):
        take(office, [raw])
    assert office.messages(OTHER)[0].body == LETTER


def test_row_66_the_newest_of_a_sender_are_still_joined(office: Office) -> None:
    take(office, [one_part(office, FLOODER, n, 1) for n in range(40)])
    take(office, delivers(FLOODER, LETTER, office.clock(), ref=77)[::-1])
    assert office.messages(FLOODER)[-1].body == LETTER


@pytest.mark.parametrize("senders", [1, 20])
def test_row_67_a_flood_of_single_texts(senders: int, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await one.world.modem(personality="minimal-gsm", slots=10)
            numbers = [f"+1202555{3000 + n:04d}" for n in range(senders)]
            bodies = [f"{HELLO} {n}" for n in range(40)]
            for number, body in zip(cycle(numbers), bodies, strict=False):
                one.world.phone(number).text(modem.number, body)
            await one.add_line("front", modem.path)

            async def everything() -> bool:
                return await one.inbound() == bodies

            await one.until(everything, 900.0)
            await one.until(lambda: modem.stores["SM"].used == 0)
            assert modem.submissions == 0, "nobody is answered for writing"
            sent = await one.post(BEN, TEXT)
            await one.settled()
            assert (await one.message(sent)).state in ("sent", "delivered")
            await one.check()

    run(story)


# --- 68: names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["STOP", "Your parcel is here"])
def test_row_68_a_name_can_neither_opt_out_nor_be_answered(body: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            one.world.phone(ANNA).text(modem.number, body, sender="STOP")
            await one.until(one.inbound)
            assert await one.inbound() == [body]
            assert await rows(one, consent_events) == []
            (conversation,) = await rows(one, conversations)
            assert conversation.peer == "STOP"
            assert modem.submissions == 0
            (shown,) = await rows(one, messages)
            assert await refusal_of_a_reply(one, shown.peer) == "cannot_answer"
            await one.check()

    run(story)


async def rows(one: Bench, table: Any) -> list[Any]:
    return await one.read(lambda tx: list(tx.execute(select(table))))


async def refusal_of_a_reply(one: Bench, name: str) -> str:
    draft = Draft(phone.from_network(name, is_name=True), TEXT, Purpose.CONVERSATIONAL, AUTHOR)

    def verb(tx: Any) -> None:
        accept(tx, lines.by_name(tx, "front"), draft, one.clock())

    with pytest.raises(Refused) as refused:
        await one.write(verb)
    return refused.value.key


# --- 72: kinds ----------------------------------------------------------------------------------------

KINDS = {
    "class0": "flash",
    "type0": "silent",
    "mms-notification": "picture",
    "mwi-set": "voicemail",
    "mwi-clear": "voicemail_cleared",
    "class2": None,  # is only kept on the SIM
    "port-data": "card",
}


@pytest.mark.parametrize("kind", KINDS)
def test_row_72_special_texts_are_kept_and_labelled(kind: str, database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject(kind)
            await one.until(lambda: rows(one, messages), 120.0)
            shown = await rows(one, messages)
            assert [row.direction for row in shown] == ["inbound"] * len(shown)
            assert KINDS[kind] in [row.label for row in shown]
            assert modem.submissions == 0, "nothing is executed or answered"
            await one.check()

    run(story)


def test_row_72_a_replace_type_adds_a_version(database_path: Path) -> None:
    async def story() -> None:
        async with bench(database_path) as one:
            modem = await front(one)
            modem.inject("replace")

            async def both() -> bool:
                return len(await rows(one, messages)) == 2

            await one.until(both, 120.0)
            older, newer = await rows(one, messages)
            assert older.body and newer.body and older.body != newer.body
            assert (older.label, newer.label) == ("replaced", None)
            await one.check()

    run(story)


def test_row_72_data_for_the_sim_is_kept_and_given_to_nobody(office: Office) -> None:
    """SIM data download (23.040 9.2.3.9): the device would hand it to the SIM; here it is only kept."""
    data = tpdu.UserData(tpdu.OCTETS, bytes.fromhex("0270000015"))
    octets = tpdu.encode_deliver(tpdu.Deliver(GUEST, 0x7F, 0xF6, tpdu.encode_time(office.clock()), data))
    office.hear(Received((CENTRE + octets).hex(), office.slot()))
    (message,) = office.messages()
    assert (message.direction, message.label) == ("inbound", "sim_data")
    assert office.claim() is None


# --- 73: damage ---------------------------------------------------------------------------------------


def damaged(chance: random.Random, clock: Clock) -> str:
    """A text with a few octets changed, cut, or told wrong lengths."""
    bodies = ("Hello", "€ {x}" * 20, "Жду вас 😀", LETTER)
    raw = bytearray.fromhex(
        chance.choice(delivers(GUEST, chance.choice(bodies), clock(), ref=chance.randrange(256)))
    )
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(raw))
        match chance.randrange(4):
            case 0:
                raw[at] = chance.randrange(256)
            case 1:
                del raw[max(9, at) :]
            case 2:
                raw[8] = (raw[8] | 0x40) & 0xFC  # claims a header
            case _:
                raw[min(len(raw) - 1, chance.randrange(8, 34))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    return raw.hex().upper()


def assert_readable(raw: str) -> None:
    """Anything at all is decoded to something, and never raises."""
    decoded = pdu.decode_incoming(raw)
    assert isinstance(decoded, pdu.Deliver | pdu.StatusReport | pdu.StoredSubmit | pdu.Undecodable)
    if isinstance(decoded, pdu.Deliver | pdu.StoredSubmit):
        decoded.text.encode()  # no half of a surrogate pair: it would not go into the database


def test_row_73_ten_thousand_damaged_pdus_are_decoded_or_said_to_be_unreadable(clock: Clock) -> None:
    chance = random.Random(73)
    for _ in range(10_000):
        assert_readable(damaged(chance, clock))


@pytest.mark.slow
def test_row_73_damaged_pdus_for_a_minute(clock: Clock) -> None:
    chance, end = random.Random(time.time_ns()), time.monotonic() + 60.0
    while time.monotonic() < end:
        assert_readable(damaged(chance, clock))


def test_row_73_what_cannot_be_read_is_kept_raw_and_shown(office: Office) -> None:
    chance = random.Random(7300)
    pdus = list(dict.fromkeys(damaged(chance, office.clock) for _ in range(150)))
    take(office, pdus)
    kept = office.read(
        lambda tx: list(tx.execute(select(raw_pdus.c.pdu, raw_pdus.c.kind, raw_pdus.c.message_id)))
    )
    assert sorted(row.pdu for row in kept) == sorted(pdus)
    unshown = [row for row in kept if row.kind in ("deliver", "undecodable") and row.message_id is None]
    assert unshown == []
    assert office.database.check() == "ok"


EDGES = {
    "header longer than the text": "07911326040000F0440B911326880736F40000111081017362400A1F0003AA0301E8329B",
    "length longer than the data": "07911326040000F0040B911326880736F40000111081017362408CE8329BFD06",
    "no data at all": "07911326040000F0040B911326880736F400001110810173624005",
    "escape at the end": "07911326040000F0040B911326880736F400001110810173624002E10D",
    "alphabet that does not exist": "07911326040000F0040B911326880736F4000C111081017362400548656C6C6F",
    "odd UCS-2": "07911326040000F0040B911326880736F400081110810173624003004800",
    "sender longer than all": "07911326040000F004FF911326880736F4",
}


@pytest.mark.parametrize("edge", EDGES)
def test_row_73_an_edge(edge: str, office: Office) -> None:
    office.hear(Received(EDGES[edge], Slot("8901", "SM", 1)))
    (message,) = office.messages(direction="inbound")
    assert message.state == "received"
    assert count(office, raw_pdus, raw_pdus.c.pdu == EDGES[edge], raw_pdus.c.message_id == message.id) == 1
