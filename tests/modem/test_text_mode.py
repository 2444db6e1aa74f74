"""Lines that know no PDUs, on a real pty: a telephone line adapter, and a modem in text mode with UCS-2."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.alphabet import fits_gsm7
from gateway.domain.line import (
    CannotTell,
    LineEvent,
    NotNow,
    ReceivedText,
    RefusedForGood,
    Removed,
    ReportedText,
    Scope,
    Slot,
    Submission,
)
from gateway.domain.pdu import encode_message
from gateway.modem import text_headers
from gateway.modem.answers import Info
from gateway.modem.at import Engine
from gateway.modem.charset import Charset, NotTypeable
from gateway.modem.lines import reference
from gateway.modem.textmode import TextMode, typed
from tests.fake_modem import Modem, World, commands_sms
from tests.fake_modem.answers import SET, Answer, Command, Later, Prompt

from .conftest import CALM, Office, part, running, until

TO, FROM = "+12025550123", "+12025550143"
PROTOCOL = 'OK\nERROR in my bill\n+CMTI: "SM",1'


@pytest.fixture
async def adapter(world: World) -> Modem:
    modem = await world.modem(personality="line-adapter-text")
    modem.parameters["call_seconds"] = (0.0, 0.0)
    return modem


@pytest.fixture
async def ucs2(world: World) -> Modem:
    return await world.modem(personality="text-gsm-ucs2")


def heard(office: Office) -> list[tuple[str, str]]:
    return [(event.sender, event.body) for event in office.events if isinstance(event, ReceivedText)]


# --- opening -----------------------------------------------------------------------------------------


async def test_an_adapter_opens_and_says_what_it_cannot(world: World, adapter: Modem) -> None:
    async with running(adapter.path) as line:
        await line.up()
        assert line.supervisor.line is not None
        can = line.supervisor.line.abilities
    assert can.receives and can.deletes
    assert not any(
        (can.delivery_reports, can.multipart, can.unicode, can.notifications, can.signal, can.ussd)
    )
    assert "@" in can.lacks and "e" not in can.lacks
    state = next(state for state in line.office.states if state.code == "ready")
    assert state.abilities == can
    assert not {"signal_dbm", "storage_used", "operator"} & set(state.facts)
    assert state.facts["registration"] == "unknown"


async def test_a_modem_in_text_mode_keeps_what_it_can(world: World, ucs2: Modem) -> None:
    async with running(ucs2.path) as line:
        await line.up()
        assert line.supervisor.line is not None
        can = line.supervisor.line.abilities
        await until(lambda: "operator" in line.office.states[-1].facts)
        facts = line.office.states[-1].facts
        assert (facts["smsc"], facts["registration"]) == (ucs2.sim.smsc, "home")
        assert not facts["operator"].startswith("00")
    assert can.unicode and can.delivery_reports and can.notifications and can.signal
    assert not can.multipart
    assert can.lacks == ""
    assert ucs2.settings.cscs == "UCS2"


async def test_a_centre_that_is_wiped_is_written_back(world: World, ucs2: Modem) -> None:
    """Some devices forget it whenever +CSMP is set."""
    centre, book = ucs2.sim.smsc, commands_sms.COMMANDS["+CSMP"]

    def wipes(modem: Modem, asked: Command) -> Answer | Prompt | Later:
        answer = book(modem, asked)
        if asked.kind == SET:
            modem.sim.smsc = ""
        return answer

    ucs2.personality = replace(ucs2.personality, overrides={**ucs2.personality.overrides, "+CSMP": wipes})
    async with running(ucs2.path) as line:
        await line.send(part("plain"))
        await line.send(part("\u0413\u043e\u0442"))
    assert ucs2.sim.smsc == centre
    assert world.phone(TO).texts() == ["plain", "\u0413\u043e\u0442"]


async def test_each_text_is_kept_for_as_long_as_it_is_useful(world: World, ucs2: Modem) -> None:
    told: list[tuple[int, ...]] = []
    async with running(ucs2.path) as line:
        for hours in (24, 24, 2, 24):
            (submit,) = encode_message(
                TO, "See you", reference=0, report=True, validity=timedelta(hours=hours)
            )
            await line.send(Submission(hours, submit))
            told.append(ucs2.settings.csmp)
    assert [parameters[1] for parameters in told] == [167, 167, 23, 167]


async def test_neither_mode_is_no_line(world: World, adapter: Modem) -> None:
    adapter.inject("error-storm", command="+CMGF")
    async with running(adapter.path) as line:
        await until(lambda: "unsupported" in line.office.codes)


# --- receiving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("personality", ["line-adapter-text", "text-gsm-ucs2"])
async def test_a_text_is_found_told_and_deleted(world: World, personality: str) -> None:
    modem = await world.modem(personality=personality)
    world.phone(FROM).text(modem.number, "Hi, can I move my slot to 4pm?")
    async with running(modem.path) as line:
        await until(lambda: line.office.removed)
        assert heard(line.office) == [(FROM, "Hi, can I move my slot to 4pm?")]
        world.phone(FROM).text(modem.number, PROTOCOL)
        await until(lambda: line.office.removed == 2)
        assert heard(line.office)[1] == (FROM, PROTOCOL)
        world.phone(FROM).text(modem.number, "Merci, à bientôt")
        await until(lambda: line.office.removed == 3)
        assert len(modem.stores["SM"].slots) == 0


async def test_a_device_that_cannot_delete_is_read_once_and_said_so(world: World, adapter: Modem) -> None:
    adapter.inject("error-storm", command="+CMGD")
    world.phone(FROM).text(adapter.number, "Hello?")
    async with running(adapter.path) as line:
        up = line.supervisor
        await until(lambda: up.line is not None and not up.line.abilities.deletes)
        assert heard(line.office) == [(FROM, "Hello?")]
        world.phone(FROM).text(adapter.number, "Anybody there?")
        await until(lambda: len(heard(line.office)) == 2)
    assert line.office.removed == 0
    assert heard(line.office)[1] == (FROM, "Anybody there?")


async def test_an_ok_written_twice_is_told_twice(world: World, adapter: Modem) -> None:
    """Read alike, in the same slot, between two listings of one pass; an adapter tells no time zone."""

    class Answering(Office):
        async def hear(self, event: LineEvent) -> None:
            await super().hear(event)
            if self.removed == 1 and isinstance(event, Removed):
                adapter.place_raw(ok)

    world.phone(FROM).text(adapter.number, "OK")
    await until(lambda: adapter.stores["SM"].used)
    ok = next(iter(adapter.stores["SM"].slots.values())).pdu
    async with running(adapter.path, Answering()) as line:
        await until(lambda: line.office.removed == 2)
        assert line.supervisor.line is None or line.supervisor.line.abilities.deletes
    assert heard(line.office) == [(FROM, "OK")] * 2


async def test_an_adapter_that_only_says_it_deletes_tells_each_text_once(
    world: World, adapter: Modem
) -> None:
    adapter.inject("error-storm", result="OK", command="+CMGD")
    for number in range(4):
        world.phone(FROM).text(adapter.number, f"Text {number}")
    async with running(adapter.path) as line:
        up = line.supervisor
        await until(lambda: up.line is not None and not up.line.abilities.deletes)
        listings = adapter.commands["+CMGL"]
        await until(lambda: adapter.commands["+CMGL"] > listings + 2)
    assert sorted(heard(line.office)) == [(FROM, f"Text {number}") for number in range(4)]
    assert line.office.removed == 0


async def test_a_report_that_comes_while_the_line_opens_is_told(world: World, ucs2: Modem) -> None:
    """Before it is known that the device shows no PDUs."""
    report = f'+CDS: 6,79,"{TO}",145,"26/03/02,09:30:14+00","26/03/02,09:30:18+00",0'
    ucs2.inject("urc-in-answer", text=report, at="before-ok", command="+CMEE")
    async with running(ucs2.path) as line:
        await line.up()
        await until(lambda: any(isinstance(event, ReportedText) for event in line.office.events))
    (told,) = [event for event in line.office.events if isinstance(event, ReportedText)]
    assert (told.reference, told.recipient, told.status) == (79, TO, 0)


async def test_what_could_not_be_stored_stays_and_is_told_again(world: World, adapter: Modem) -> None:
    office = Office(refuses=lambda event: isinstance(event, ReceivedText) and office.refused < 2)
    world.phone(FROM).text(adapter.number, "Hello?")
    async with running(adapter.path, office):
        await until(lambda: office.removed)
    assert heard(office) == [(FROM, "Hello?")]


async def test_a_report_is_told_in_words(world: World, ucs2: Modem) -> None:
    async with running(ucs2.path) as line:
        accepted = await line.send()
        await until(lambda: any(isinstance(event, ReportedText) for event in line.office.events))
    (report,) = (event for event in line.office.events if isinstance(event, ReportedText))
    assert (report.reference, report.recipient, report.status) == (accepted.reference, TO, 0)
    assert report.sent_at is not None and report.sent_at.tzinfo is not None


# --- sending -----------------------------------------------------------------------------------------


async def test_an_adapter_sends_and_knows_no_reference(world: World, adapter: Modem) -> None:
    async with running(adapter.path) as line:
        accepted = await line.send(part("Your table is booked for 19:30.\nBring a friend!"))
    assert accepted.reference is None
    (got,) = world.phone(TO).texts()
    assert got.splitlines() == ["Your table is booked for 19:30.", "Bring a friend!"]
    assert f'AT+CMGS="{TO}"' in adapter.wire_log()


async def test_every_alphabet_over_ucs2(world: World, ucs2: Modem) -> None:
    texts = ["@_$ {[~]} \u20ac \u00e9", "\u0413\u043e\u0442\u043e\u0432\u043e \U0001f642", "and plain again"]
    async with running(ucs2.path) as line:
        for text in texts:
            assert (await line.send(part(text))).reference is not None
    assert world.phone(TO).texts() == texts
    assert world.complaints == []


@pytest.mark.parametrize(
    ("word", "error", "scope"),
    [
        ("BUSY", NotNow, Scope.BUSY),
        ("NO ANSWER", NotNow, Scope.BUSY),
        ("NO DIALTONE", NotNow, Scope.LINE),
        ("NO DIAL TONE", NotNow, Scope.LINE),
        ("NO CARRIER", CannotTell, None),
        ("ERROR", CannotTell, None),
    ],
)
async def test_the_words_of_a_telephone(
    world: World, ucs2: Modem, word: str, error: type[Exception], scope: Scope | None
) -> None:
    ucs2.inject("error-but-not-sent", result=word)
    async with running(ucs2.path, rhythm=CALM) as line:
        with pytest.raises(error) as raised:
            await line.send()
        assert raised.value.code == word
        assert getattr(raised.value, "scope", None) == scope
        assert (await line.send(part("once more"))).reference is not None
    assert world.phone(TO).texts() == ["once more"]


async def test_a_caller_before_does_not_hide_the_result(world: World, adapter: Modem) -> None:
    async with running(adapter.path, rhythm=CALM) as line:
        await line.up()
        adapter.inject("urc", text="RING")
        adapter.inject("error-but-not-sent", result="BUSY")
        with pytest.raises(NotNow, match="BUSY"):
            await line.send()


async def test_a_line_without_dial_tone_is_unplugged_until_a_text_goes(world: World, adapter: Modem) -> None:
    adapter.inject("error-but-not-sent", result="NO DIALTONE", count=2)
    async with running(adapter.path) as line:
        await line.up()
        for _ in range(2):
            assert "no_dialtone" not in line.office.codes
            with pytest.raises(NotNow, match="NO DIALTONE"):
                await line.send()
        await until(lambda: line.office.codes[-1] == "no_dialtone")
        await line.send()
        await until(lambda: line.office.codes[-1] == "ready")
    assert len(world.phone(TO).texts()) == 1


@pytest.mark.parametrize(("word", "told"), [("000", None), ("0", 0), ("79", 79), ("-", None)])
def test_zeros_are_no_reference(word: str, told: int | None) -> None:
    assert reference(f"+CMGS: {word}") == told


LONG = "See you at the harbour. " * 9


@pytest.mark.parametrize(
    "tpdu",
    [
        encode_message(TO, LONG, reference=1, report=True, validity=None)[0],
        encode_message(TO, "flash", reference=0, report=True, validity=None, flash=True)[0],
        encode_message(TO, "\u0413", reference=0, report=True, validity=None)[0],
        encode_message(TO, "5 \u20ac", reference=0, report=True, validity=None)[0],
        b"\x01\x00nonsense",
    ],
)
async def test_what_an_adapter_cannot_carry_never_reaches_it(
    world: World, adapter: Modem, tpdu: bytes
) -> None:
    async with running(adapter.path, rhythm=CALM) as line:
        with pytest.raises(RefusedForGood, match="cannot_carry"):
            await line.send(Submission(1, tpdu))
    assert adapter.commands.get("+CMGS", 0) == 0


# --- character sets ----------------------------------------------------------------------------------


@given(st.sampled_from(Charset), st.text())
def test_what_is_typed_is_read_as_it_was_meant(charset: Charset, text: str) -> None:
    try:
        octets = charset.typed(text, line_break="\n")
    except NotTypeable as missing:
        assert set(missing.characters) <= set(text)
        assert all(not fits_gsm7(char) or char in charset.lacks for char in missing.characters)
        return
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    assert not set(octets.encode("latin-1")) & {0x08, 0x0D, 0x1A, 0x1B}
    assert charset.read(octets) == plain


@pytest.mark.parametrize("charset", Charset)
def test_what_a_set_lacks_is_all_it_lacks(charset: Charset) -> None:
    assert all(fits_gsm7(char) for char in charset.lacks)
    for char in "abc 019.,?!":
        assert char not in charset.lacks
    for char in charset.lacks:
        with pytest.raises(NotTypeable):
            charset.typed(char)


def test_octets_of_the_gsm_set() -> None:
    assert Charset.GSM.typed("a@_$ \u00a3\nb") == "a\x00\x11\x02 \x01\rb"
    assert Charset.UNKNOWN.lacks > ""
    assert Charset.IRA.typed("a@_$") == "a@_$"
    assert Charset.UCS2.typed("\u0413a\r\nb") == "04130061000A0062"


def test_escapes_of_an_unknown_set() -> None:
    assert Charset.UNKNOWN.read("a\x1b\x65 \x00 \x1b\xe9 \x1b") == "a\u20ac @ \xe9 "


def test_a_number_in_digits_is_no_hex() -> None:
    assert Charset.UCS2.read_number("447700900456") == "447700900456"
    assert Charset.UCS2.read_number("002B0034") == "+4"
    assert Charset.UCS2.read_number("+447700900456") == "+447700900456"


# --- headers -----------------------------------------------------------------------------------------

ZONE = timezone(timedelta(hours=1))
SLOT = Slot("sim", "SM", 1)


def read(line: str, body: str, charset: Charset = Charset.IRA) -> ReceivedText | ReportedText:
    return text_headers.event(text_headers.entry(line).about, body, charset, SLOT, "sim")


def test_headers_of_listings() -> None:
    short = read('+CMGL: 1,"REC UNREAD","02079460456",,"25/10/14,09:05"', "Hi")
    assert (short.sender, short.body, short.sent_at) == ("02079460456", "Hi", None)
    full = read('+CMGL: 3,"REC READ","447700900456","Anna, B","25/10/14,09:05:12+04",145,2', "Hi")
    assert (full.sender, full.sent_at) == ("+447700900456", datetime(2025, 10, 14, 9, 5, 12, tzinfo=ZONE))
    assert '"Anna, B"' in full.raw
    named = read('+CMGL: 3,"REC READ","12345",,"25/10/14,09:05:12+04",208,2', "Hi")
    assert isinstance(named, ReceivedText) and named.is_name


def test_a_re_read_is_known_by_its_raw() -> None:
    about = '"+447700900456",,"25/10/14,09:05:12+04"'
    first = read(f'+CMGL: 1,"REC UNREAD",{about},145,2', "Hi")
    again = read(f'+CMGL: 1,"REC READ",{about},145,2', "Hi")
    alone = read(f'+CMGR: "REC READ",{about},145,4,0,0,"+447700900999",145,2', "Hi")
    assert first.raw == again.raw == alone.raw
    assert read(f'+CMGL: 1,"REC READ",{about},145,2', "HI").raw != first.raw


def test_reports_in_words() -> None:
    number = "002B003400340037003700300030003900300030003100320033"
    times = '"25/10/14,09:22:00+04","25/10/14,09:22:05+04"'
    for header in (
        f'+CDS: 6,79,"{number}",145,{times},48',
        f'+CMGL: 2,"REC UNREAD",6,79,"{number}",145,{times},48',
    ):
        about = text_headers.direct(header) if "CDS" in header else text_headers.entry(header).about
        report = text_headers.event(about, "", Charset.UCS2, None, "sim")
        assert isinstance(report, ReportedText)
        assert (report.reference, report.recipient, report.status) == (79, "+447700900123", 48)
        assert report.discharged_at == datetime(2025, 10, 14, 9, 22, 5, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("25/10/14,09:05:12+00", datetime(2025, 10, 14, 9, 5, 12, tzinfo=UTC)),
        ("25/10/14,09:05:12-20", datetime(2025, 10, 14, 9, 5, 12, tzinfo=timezone(timedelta(hours=-5)))),
        ("25/10/14,09:05", None),
        ("25/13/14,09:05:12+00", None),
        ("25/10/14,09:05:12+99", None),
        ("", None),
    ],
)
def test_time_stamps(written: str, meant: datetime | None) -> None:
    assert text_headers.time_stamp(written) == meant


@given(st.sampled_from(Charset), st.text(), st.text())
def test_whatever_a_device_writes_is_kept(charset: Charset, header: str, body: str) -> None:
    for prefix in ("+CMGL: 1,", "+CMGR: ", "", "+CDS: "):
        said = text_headers.entry(prefix + header)
        for about in (said.about, text_headers.direct(prefix + header)):
            event = text_headers.event(about, body, charset, SLOT, "sim")
            assert body in event.raw
            if isinstance(event, ReceivedText):
                assert event.body == charset.read(body)


@given(st.binary(), st.lists(st.integers(0, 60), max_size=4))
def test_a_listing_of_any_octets_loses_none(noise: bytes, cuts: list[int]) -> None:
    """What stands between a header and the end of the listing is the body, whatever it looks like."""
    body = noise.decode("latin-1").replace("\r", "").replace("\n", " ")
    head = '+CMGL: 1,"REC UNREAD","+12025550143",,"25/10/14,09:05:12+04"'
    data = f"\r\n{head}\r\n{body}\r\n\r\nOK\r\n".encode("latin-1")
    engine = Engine()
    engine.text_mode = True
    engine.command('AT+CMGL="ALL"')
    events, start = [], 0
    for end in [*sorted(cuts), len(data)]:
        events += engine.receive(data[start:end])
        start = max(start, end)
    events += engine.silence()
    (info,) = (event for event in events if isinstance(event, Info))
    assert (info.text, info.body) == (head, body)


@given(st.text(), st.sampled_from(Charset))
def test_any_submit_is_typed_whole_or_refused(text: str, charset: Charset) -> None:
    mode = TextMode(charset, first_octet=49)
    for tpdu in encode_message(TO, text, reference=1, report=True, validity=None)[:1]:
        try:
            as_typed = typed(tpdu, mode)
        except RefusedForGood as refusal:
            assert refusal.code == "cannot_carry"
        else:
            assert charset.read(as_typed.number) == TO
            assert "\x1a" not in as_typed.body and "\x1b" not in as_typed.body
