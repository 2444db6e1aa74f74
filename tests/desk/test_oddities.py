"""Every text that is not just a text (the sample PDUs, and what the fake modem can make of them): how it is
stored, labelled and shown, whom it makes wait, and what it never does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from gateway.desk import conversations, drafts, replies
from gateway.domain import message_words, refusal_words
from gateway.domain.labels import Label
from gateway.domain.line import Accepted, MissedCall, Received, Report, Slot
from gateway.domain.pdu_picture import read_picture_notice
from gateway.store import calls, contacts, received
from gateway.store import conversations as stored
from gateway.store.tables import conversations as conversations_table
from gateway.store.tables import delivery_reports, raw_pdus, suppressions
from tests.fake_modem import World, alphabet, tpdu
from tests.fake_modem.faults_deliver import SENDER
from tests.fake_modem.samples import SAMPLES
from tests.office import ANNA, BEN, CENTRE, SIM, Office

pytestmark = pytest.mark.usefixtures("any_hour")

CUSTOMER, MAILBOX = "+447700900456", "121"
OCTOBER = datetime(2025, 10, 14, 20, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """What a text becomes, and what it does to its conversation."""

    peer: str = CUSTOMER
    label: str | None = None
    body: str | None = None  # None: some words
    listed: bool = True
    unread: bool = True
    awaits: bool = True


ORDINARY = Shown()
NOTICE = Shown(unread=False, awaits=False)
UNSEEN = replace(NOTICE, listed=False)
NOBODY = Shown(awaits=False)

SAMPLES_SHOWN: dict[str, Shown] = {
    "D1": replace(ORDINARY, peer="+447700900123"),
    "D2": replace(NOBODY, peer="PARCELCO"),
    "D3": ORDINARY,
    "D4": replace(ORDINARY, body="Part A, Part B."),
    "D5": replace(ORDINARY, label="flash"),
    "D6": replace(ORDINARY, peer="+12025550143", body="Done 👍 merci"),
    "D7": ORDINARY,
    "D8": ORDINARY,
    "D9": ORDINARY,
    "D10": replace(ORDINARY, label="empty", body=""),
    "D11": replace(NOTICE, peer="Voicemail", label="voicemail", body=""),
    "D12": replace(NOTICE, peer=MAILBOX, label="voicemail"),
    "D13": replace(NOTICE, peer=MAILBOX, label="voicemail_cleared", body=""),
    "D14": replace(ORDINARY, body="Yarın görüşürüz"),
    "D15": replace(ORDINARY, body="İyi akşamlar"),
    "D16": ORDINARY,
    "D17": ORDINARY,
    "D18": replace(UNSEEN, label="silent", body=""),
    "D19": replace(ORDINARY, peer="60777"),
    "D20": replace(ORDINARY, label="picture", body=""),
}


def hear(office: Office, *pdus: str) -> None:
    for pdu in pdus:
        office.hear(Received(pdu, office.slot()))


def pdus(name: str) -> list[str]:
    """A sample, in all its parts."""
    return [pdu for key, (_, pdu) in SAMPLES.items() if key == name or key.startswith(f"{name}.")]


def built(
    body: str = "STOP",
    *,
    sender: str = ANNA,
    pid: int = 0,
    dcs: int = 0,
    elements: Any = None,
    when: Any = None,
) -> str:
    """A DELIVER of our own making, as the modem lists it."""
    data = tpdu.UserData(tpdu.GSM7, alphabet.to_septets(body), elements or {})
    if dcs == 0x04:
        data = replace(data, coding=tpdu.OCTETS, units=body.encode())
    stamp = tpdu.encode_time(when or OCTOBER)
    return (CENTRE + tpdu.encode_deliver(tpdu.Deliver(sender, pid, dcs, stamp, data))).hex().upper()


def listed(office: Office) -> list[str]:
    return office.listed()


def is_unread(conversation: Row[Any]) -> bool:
    return bool(conversation.last_inbound_id > conversation.seen_message_id)


def labels(office: Office) -> list[str | None]:
    return [message.label for message in office.messages(direction="inbound")]


def shows(office: Office, wanted: Shown) -> None:
    """The one message there is, its conversation, its event, and that nothing was done by itself."""
    (message,) = office.messages()
    assert (message.direction, message.state, message.peer) == ("inbound", "received", wanted.peer)
    assert message.label == wanted.label
    assert message.body == wanted.body if wanted.body is not None else message.body.strip()
    conversation = office.conversation(wanted.peer)
    assert (listed(office) == [wanted.peer]) is wanted.listed
    assert is_unread(conversation) is wanted.unread
    assert (conversation.waiting_since is not None) is wanted.awaits
    assert office.event_kinds()[-1] == "message.received"
    assert office.count(suppressions) == 0
    assert message.label is None or message_words.LABELS[message.label]


# --- the samples -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "wanted"), SAMPLES_SHOWN.items(), ids=SAMPLES_SHOWN)
def test_each_sample(office: Office, name: str, wanted: Shown) -> None:
    hear(office, *pdus(name))
    shows(office, wanted)
    kept = office.read(lambda tx: list(tx.execute(select(raw_pdus.c.pdu).order_by(raw_pdus.c.id)).scalars()))
    assert kept == pdus(name), "as it came"


@pytest.mark.parametrize(("name", "wanted"), SAMPLES_SHOWN.items(), ids=SAMPLES_SHOWN)
def test_each_sample_lets_an_answered_conversation_rest_unless_a_person_wrote(
    office: Office, name: str, wanted: Shown
) -> None:
    """All that a notice may do to a conversation that was read, answered and closed is to stand in it."""
    hear(office, *pdus(name))
    before = office.conversation(wanted.peer)
    sam = office.person()
    office.write(lambda tx: conversations.mark_read(tx, before, sam, office.clock()))
    office.write(lambda tx: stored.change(tx, before.id, state="closed", waiting_since=None))
    office.clock.step(days=9)  # no repetition of the network's
    hear(office, *pdus(name))
    after = office.conversation(wanted.peer)
    assert is_unread(after) is wanted.unread
    assert after.state == ("open" if wanted.unread else "closed")
    assert (after.waiting_since is not None) is wanted.awaits
    assert (after.last_message_at == office.clock()) is wanted.listed


def test_every_label_has_words() -> None:
    assert set(message_words.LABELS) == {label.value for label in Label}


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("R0", "delivered", None),
        ("R1", "sent", None),
        ("R2", "undelivered", "report_expired"),
        ("R3", "undelivered", "report_permanent"),
    ],
)
def test_each_sample_report(office: Office, name: str, state: str, reason: str | None) -> None:
    pdu = SAMPLES[name][1]
    reference = int(pdu[18:20], 16)
    office.clock.now = OCTOBER.replace(hour=19)
    sent = office.accept(to="+447700900123")
    office.send_one(Accepted(reference))
    office.clock.step(days=2)
    office.hear(Report(pdu, office.slot()))
    row = office.read(lambda tx: tx.execute(select(delivery_reports)).one())
    assert (row.reference, row.part_id) == (reference, office.parts(sent)[0].id)
    assert (office.state(sent), office.message(sent).reason or None) == (state, reason)
    assert office.messages(direction="inbound") == [], "a report is no text"


# --- what the fake modem can make --------------------------------------------------------------------

FAULTS: list[tuple[str, dict[str, Any], Shown]] = [
    ("class0", {}, replace(ORDINARY, label="flash")),
    ("class2", {}, replace(ORDINARY, peer=SENDER)),
    ("mwi-set", {}, SAMPLES_SHOWN["D11"]),
    ("mwi-set", {"kept": True}, SAMPLES_SHOWN["D12"]),
    ("mwi-clear", {}, SAMPLES_SHOWN["D13"]),
    ("type0", {}, SAMPLES_SHOWN["D18"]),
    ("mms-notification", {}, SAMPLES_SHOWN["D20"]),
    ("port-data", {}, replace(ORDINARY, peer=SENDER, label="card", body="")),
    ("port-data", {"port": 226, "wide": False}, replace(ORDINARY, peer=SENDER, label="card", body="")),
    ("port-data", {"port": 5000}, replace(ORDINARY, peer=SENDER, label="data", body="")),
    ("alnum-sender", {}, SAMPLES_SHOWN["D2"]),
    ("alnum-7-at", {}, replace(NOBODY, peer="HARBOUR")),
    ("empty-sender", {}, replace(NOBODY, peer="")),
    ("empty-body", {}, SAMPLES_SHOWN["D10"]),
    ("turkish-single", {}, SAMPLES_SHOWN["D14"]),
    ("turkish-locking", {}, SAMPLES_SHOWN["D15"]),
    ("portuguese", {}, replace(ORDINARY, peer=SENDER, body="Não há sessão amanhã")),
    ("portuguese", {"shift": "locking"}, replace(ORDINARY, peer=SENDER, body="Não há sessão amanhã")),
    ("bad-scts", {}, ORDINARY),
    ("far-scts", {"years": 20}, replace(ORDINARY, peer=SENDER)),
    ("far-scts", {"years": -20}, replace(ORDINARY, peer=SENDER)),
    ("negative-zone", {}, SAMPLES_SHOWN["D6"]),
    ("ucs2-odd-length", {}, replace(ORDINARY, peer=SENDER, label="damaged", body="Готово")),
    ("truncated-pdu", {}, replace(ORDINARY, label="unreadable", body="")),
    ("truncated-pdu", {"digits": 60}, replace(ORDINARY, label="damaged")),
    ("non-hex-pdu", {}, replace(NOBODY, peer="", label="unreadable", body="")),
]


def made(fault: str, params: dict[str, Any]) -> list[str]:
    """The PDUs that a fault of the fake modem puts into its store."""

    async def play() -> list[str]:
        async with World(seed=1) as world:
            modem = await world.modem()
            modem.inject(fault, **params)
            await asyncio.sleep(0)
            return [one.pdu for one in modem.arrivals]

    return asyncio.run(play())


@pytest.mark.parametrize(("fault", "params", "wanted"), FAULTS)
def test_each_fault(office: Office, fault: str, params: dict[str, Any], wanted: Shown) -> None:
    hear(office, *made(fault, params))
    shows(office, wanted)


@pytest.mark.parametrize("body", ["", " ", "\r\n "])
def test_a_text_of_white_space_says_that_it_is_empty(office: Office, body: str) -> None:
    hear(office, built(body))
    assert labels(office) == ["empty"]


def test_data_of_no_length_is_an_empty_text(office: Office) -> None:
    hear(office, built("", dcs=0x04))
    assert labels(office) == ["empty"]


def test_a_long_text_is_damaged_where_one_part_is(office: Office) -> None:
    first, second = long_parts()
    hear(office, first, second[:-20])
    assert labels(office) == ["damaged"]


# --- never executed ----------------------------------------------------------------------------------

PORTS = {0x05: bytes.fromhex("13880000")}
MWI = {0x01: bytes((0x80, 2))}


@pytest.mark.parametrize(
    ("label", "special"),
    [
        ("silent", {"pid": 0x40}),
        ("sim_data", {"pid": 0x7F}),
        ("voicemail", {"dcs": 0xC8}),
        ("voicemail", {"elements": MWI}),
        ("other_waits", {"dcs": 0xDA}),
        ("voicemail_cleared", {"dcs": 0xD0}),
        ("data", {"elements": PORTS}),
        ("data", {"dcs": 0x04}),
        ("card", {"elements": {0x04: b"\xe2\x00"}}),
    ],
)
@pytest.mark.parametrize("word", ["STOP", "START"])
def test_words_meant_for_phones_are_nobodys_wish(
    office: Office, label: str, special: dict[str, Any], word: str
) -> None:
    hear(office, built(word, sender=BEN, **special))
    assert labels(office) == [label]
    assert office.count(suppressions) == 0
    office.text_from(BEN, "STOP")
    office.clock.step(minutes=1)
    hear(office, built(word, sender=BEN, **special))
    assert office.count(suppressions) == 1
    (answer,) = office.messages(direction="outbound")
    assert answer.rule == "stop", "the one confirmation"


@pytest.mark.parametrize("special", [{"dcs": 0x10}, {"dcs": 0x12}, {"pid": 0x41}, {"pid": 0x5F}])
def test_a_stop_in_an_unusual_text_of_a_person_counts(office: Office, special: dict[str, int]) -> None:
    hear(office, built("STOP", **special))
    assert office.count(suppressions) == 1


def test_who_asks_to_be_called_back_waits_for_it(office: Office) -> None:
    hear(office, built("Call me", pid=0x5F))
    assert labels(office) == ["call_back"]
    assert office.conversation(ANNA).waiting_since is not None


# --- who cannot be answered --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["D2", "D11"])
def test_a_name_cannot_be_answered(office: Office, name: str) -> None:
    hear(office, *pdus(name))
    peer = SAMPLES_SHOWN[name].peer
    row = office.read(lambda tx: stored.get(tx, office.conversation(peer).id))
    assert row is not None
    closed = office.read(lambda tx: replies.closed(tx, row))
    assert closed is not None and closed.key == "cannot_answer" and peer in closed.text
    with pytest.raises(refusal_words.Refused) as refused:
        office.write(
            lambda tx: replies.reply(tx, row, "Hello", drafts.Author("person", 1, "Sam"), office.clock())
        )
    assert refused.value.key == "cannot_answer"


@pytest.mark.parametrize(("sender", "key"), [("", "withheld"), ("07700900999", "unplaced")])
def test_why_a_sender_cannot_be_answered_is_told(office: Office, sender: str, key: str) -> None:
    hear(office, built("Hello", sender=sender))
    row = office.read(lambda tx: stored.get(tx, office.conversation(sender).id))
    assert row is not None
    closed = office.read(lambda tx: replies.closed(tx, row))
    assert closed is not None and closed.key == key


# --- replace types -----------------------------------------------------------------------------------


def replacing(body: str, kind: int = 1, *, sender: str = ANNA, minutes: int = 0) -> str:
    return built(body, pid=0x40 + kind, sender=sender, when=OCTOBER + timedelta(minutes=minutes))


def test_the_older_text_of_a_replace_type_is_kept_and_labelled(office: Office) -> None:
    hear(office, *pdus("D16"), *pdus("D17"))
    first, second = office.messages(CUSTOMER)
    assert (first.label, second.label) == ("replaced", None)
    assert first.body != second.body and first.body


def test_a_chain_of_replacements_leaves_the_last(office: Office) -> None:
    hear(office, *(replacing(f"At {n}", minutes=n) for n in (9, 10, 11)))
    assert labels(office) == ["replaced", "replaced", None]


def test_the_newest_is_told_by_the_networks_time(office: Office) -> None:
    """A device's store is read in no order."""
    hear(office, replacing("At ten", minutes=5), replacing("At nine", minutes=0))
    assert labels(office) == [None, "replaced"]


def test_a_text_of_several_parts_replaces_and_is_replaced_whole(office: Office) -> None:
    for minutes in (0, 1):
        when = OCTOBER + timedelta(minutes=minutes)
        hear(office, *long_parts(when, pid=0x43, ref=minutes))
    assert labels(office) == ["replaced", None]
    hear(office, replacing("Short", 3, minutes=2))
    assert labels(office) == ["replaced", "replaced", None]


def test_another_type_or_sender_replaces_nothing(office: Office) -> None:
    hear(office, replacing("One"), replacing("Two", 2, minutes=1), built("Plain"))
    hear(office, replacing("Three", sender=BEN, minutes=2))
    assert labels(office) == [None] * 4


def test_behind_withheld_numbers_there_may_be_several_people(office: Office) -> None:
    hear(office, replacing("One", sender=""), replacing("Two", sender="", minutes=1))
    assert labels(office) == [None, None]


def test_a_repetition_of_the_network_replaces_nothing(office: Office) -> None:
    old, new = replacing("At nine"), replacing("At ten", minutes=5)
    hear(office, old, new, new)
    assert labels(office) == ["replaced", None, None]
    hear(office, old)
    assert labels(office) == ["replaced", None, None, "replaced"]


# --- pictures ----------------------------------------------------------------------------------------


def picture_parts() -> list[str]:
    """The notice of D20 as a push of two parts, as networks send one with a subject."""
    (whole,) = pdus("D20")
    message = tpdu.decode_deliver(bytes.fromhex(whole)[8:])
    units, parts = message.data.units, []
    for seq, half in enumerate((units[:50], units[50:]), start=1):
        elements = {**message.data.elements, 0x00: bytes((7, 2, seq))}
        data = replace(message.data, units=half, elements=elements)
        octets = tpdu.encode_deliver(replace(message, data=data))
        parts.append((CENTRE + octets).hex().upper())
    return parts


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 0, 1), (1, 1, 0)])
def test_a_picture_announced_in_two_parts(office: Office, order: tuple[int, ...]) -> None:
    parts = picture_parts()
    hear(office, *(parts[place] for place in order))
    shows(office, SAMPLES_SHOWN["D20"])
    (message,) = office.messages()
    raw = office.read(lambda tx: received.pdus_of(tx, [message.id]))
    assert raw == {message.id: parts}, "in order, each once"
    data = b"".join(tpdu.decode_deliver(bytes.fromhex(pdu)[8:]).data.units for pdu in raw[message.id])
    notice = read_picture_notice(data, message.network_at)
    assert notice is not None and notice.location == "http://mmsc.test/a"


# --- what comes twice --------------------------------------------------------------------------------

LONG = "It all began on a Monday. " * 10


def long_parts(when: datetime | None = OCTOBER, body: str = LONG, *, pid: int = 0, ref: int = 7) -> list[str]:
    parts = [tpdu.decode_deliver(one) for one in tpdu.deliver_parts(ANNA, body, when or OCTOBER, ref=ref)]
    stamp = bytes(7) if when is None else tpdu.encode_time(when)
    made = [tpdu.encode_deliver(replace(part, pid=pid, scts=stamp)) for part in parts]
    return [(CENTRE + octets).hex().upper() for octets in made]


@pytest.mark.parametrize("when", [OCTOBER, None])
def test_a_long_text_of_which_every_part_came_twice_was_received_twice(
    office: Office, when: datetime | None
) -> None:
    parts = long_parts(when)
    hear(office, *parts)
    hear(office, parts[1])
    assert len(office.messages()) == 1, "one part more is no text"
    hear(office, parts[0])
    first, twin = office.messages()
    assert (twin.twin_of_id, twin.body, twin.state, twin.segments) == (first.id, LONG, "received", 2)
    hear(office, parts[0])
    assert len(office.messages()) == 2
    hear(office, parts[1])
    assert [message.twin_of_id for message in office.messages()] == [None, first.id, first.id]


def test_a_long_text_that_comes_again_makes_nobody_read_or_wait_again(office: Office) -> None:
    hear(office, *long_parts())
    sam = office.person()
    office.write(lambda tx: conversations.mark_read(tx, office.conversation(ANNA), sam, office.clock()))
    office.accept(ANNA)
    hear(office, *long_parts())
    assert len(office.messages(ANNA, "inbound")) == 2
    conversation = office.conversation(ANNA)
    assert not is_unread(conversation) and conversation.waiting_since is None


def test_a_long_stop_that_comes_twice_is_answered_once(office: Office) -> None:
    """STOP and so much white space that it takes two parts."""
    parts = long_parts(body="STOP" + " " * 200)
    hear(office, *parts)
    assert office.count(suppressions) == 1
    hear(office, *parts)
    assert len(office.messages(direction="inbound")) == 2
    assert len(office.messages(direction="outbound")) == 1


def test_a_text_that_comes_again_is_shown_and_makes_nobody_read_again(office: Office) -> None:
    pdu = built("Hello")
    hear(office, pdu)
    sam = office.person()
    office.write(lambda tx: conversations.mark_read(tx, office.conversation(ANNA), sam, office.clock()))
    office.accept(ANNA)
    hear(office, pdu)
    conversation = office.conversation(ANNA)
    assert not is_unread(conversation) and conversation.waiting_since is None
    assert [message.twin_of_id for message in office.messages(ANNA, "inbound")] == [None, 1]


# --- calls beside texts ------------------------------------------------------------------------------


def test_a_call_of_somebody_we_texted_stands_in_their_conversation(office: Office) -> None:
    office.accept(ANNA)
    before = office.conversation(ANNA)
    office.clock.step(minutes=1)
    office.hear(MissedCall(ANNA, 8.0))
    after = office.conversation(ANNA)
    assert after.id == before.id
    assert after.waiting_since == after.last_message_at == office.clock()
    assert not is_unread(after), "there is no text to read"


def test_two_calls_in_a_row_are_two_calls_and_one_waiting(office: Office) -> None:
    office.hear(MissedCall(ANNA, 8.0))
    first = office.clock()
    office.clock.step(seconds=40)
    office.hear(MissedCall(ANNA, 3.0))
    conversation = office.conversation(ANNA)
    assert (conversation.waiting_since, conversation.last_message_at) == (first, office.clock())
    rows = office.read(lambda tx: calls.of_line(tx, office.line_id))
    assert [row.ended_at for row in rows] == [office.clock(), first]
    assert office.event_kinds().count("call.missed") == 2
    assert office.event_kinds().count("conversation.opened") == 1


def test_a_silent_text_of_a_stranger_is_kept_and_fills_no_list(office: Office) -> None:
    hear(office, *pdus("D18"))
    assert office.count(conversations_table) == 1 and listed(office) == []
    assert office.unread() == 0
    assert office.read(lambda tx: contacts.by_number(tx, CUSTOMER)) is not None


def test_the_same_part_from_another_sim_is_no_repetition(office: Office) -> None:
    parts = long_parts()
    hear(office, *parts)
    back = office.add_line("back")
    for place, part in enumerate(parts):
        office.hear(Received(part, Slot(f"{SIM}9", "SM", place)), line_id=back)
    assert [message.twin_of_id for message in office.messages()] == [None, None]
