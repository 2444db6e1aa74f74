"""Recorded conversations of the field guide played to our driver: it survives each, sends what was sent,
hears every message once, and tells the states; stretches that leave no choice are held byte for byte.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.domain.alphabet import Alphabet, alphabet_for
from gateway.domain.line import (
    LineEvent,
    LineSetup,
    MissedCall,
    Received,
    ReceivedText,
    Removed,
    Report,
    ReportedText,
    SendOutcome,
    Slot,
    Submission,
)
from gateway.domain.pdu import Concat, encode_message, encode_submit
from gateway.modem.device import Device
from gateway.modem.driver import Driver
from gateway.modem.inbox import Inbox
from gateway.modem.sending import Sender
from gateway.modem.supervisor import Supervisor
from gateway.modem.untold import Untold
from tests.fake_modem import World, tpdu
from tests.fake_modem.transcripts.notation import Transcript, parse
from tests.fake_modem.transcripts.replay import LENIENT
from tests.fake_modem.transcripts.stage import Stage, load
from tests.modem.conftest import Office, yes
from tests.modem.played import PLAYED, Played, pdus_told, typed
from tests.virtual_time import run

PATIENCE_S = 600.0
A_LISTING_S, STILL_S = 70.0, 200.0
"""Seconds in which all is listed anew, and those after the last event in which nothing more must come."""
TO = "+447700900123"


@dataclass
class Show:
    """Our driver in front of a device; time is virtual, its time-outs are those of the product."""

    supervisor: Supervisor
    office: Office

    async def until(self, condition: Callable[[], object]) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE_S
        while not condition():
            assert loop.time() < end, (self.codes, self.office.states[-1], self.office.events)
            await asyncio.sleep(0.1)

    @property
    def codes(self) -> tuple[str, ...]:
        """What was told of the line, without repetitions and without restarts while it was opened."""
        codes = [*self.office.codes]
        while codes[1:2] == ["recovering"]:  # what a device says while it starts may come before or after
            del codes[1]
        return tuple(code for at, code in enumerate(codes) if at == 0 or codes[at - 1] != code)

    async def send(self, octets: bytes) -> str | int | None:
        """Send one part when the line is up; the reference or the code of the refusal."""
        await self.until(lambda: self.supervisor.line is not None)
        assert self.supervisor.line is not None
        try:
            return (await self.supervisor.line.send(Submission(1, octets), yes)).reference
        except SendOutcome as outcome:
            return outcome.code


@contextlib.asynccontextmanager
async def serving(path: str, pin: str | None) -> AsyncIterator[Show]:
    office = Office()
    supervisor = Supervisor(LineSetup(path), office.hear, office, lambda: pin)
    task = asyncio.create_task(supervisor.run())
    try:
        yield Show(supervisor, office)
    finally:
        await supervisor.close(0.0)
        await task


def as_we_encode(words: bytes, command: bytes) -> bytes:
    """The part that our codec makes of what the other one reads in a recorded one."""
    if b'"' in command:
        number, text = command.split(b'"')[1].decode(), words.decode()
        if len(number) > 16:  # UCS-2 in hex
            number, text = (bytes.fromhex(one).decode("utf-16-be") for one in (number, text))
        alphabet = alphabet_for(text)
        return encode_submit(number, text, alphabet=alphabet, concat=None, report=False, validity=None)
    submit = tpdu.decode_submit(bytes.fromhex(words.decode())[1:])
    concat = submit.data.concat
    return encode_submit(
        submit.to,
        submit.text,
        alphabet=Alphabet.GSM7 if submit.data.coding == tpdu.GSM7 else Alphabet.UCS2,
        concat=Concat(concat.ref, concat.total, concat.seq) if concat else None,
        report=submit.report,
        validity=timedelta(days=1),
    )


def texts_heard(events: list[LineEvent]) -> list[str]:
    """What was told, without what the store knows to be a slot read again."""
    lying: defaultdict[Slot, set[str]] = defaultdict(set)
    heard = []
    for event in events:
        if isinstance(event, Removed):
            lying.pop(event.slot, None)
        if not isinstance(event, Received | Report | ReceivedText | ReportedText):
            continue
        words = event.pdu if isinstance(event, Received | Report) else event.raw
        if event.slot is None or words not in lying[event.slot]:
            heard.append(words)
        if event.slot is not None:
            lying[event.slot].add(words)
    return heard


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.name)
def test_a_recording_is_survived_and_everything_in_it_heard_once(played: Played, tmp_path: Path) -> None:
    async def story() -> None:
        transcript = played.transcript()
        texts = [event for event in pdus_told(transcript) if not played.words]
        async with (
            Stage(transcript, tmp_path / "modem", mode=LENIENT) as stage,
            serving(stage.path, played.pin) as show,
        ):
            parts = [as_we_encode(words, command) for command, words in typed(transcript)]
            for part, outcome in zip(parts, played.outcomes, strict=True):
                assert await show.send(part) == outcome
                await asyncio.sleep(A_LISTING_S)
            await show.until(lambda: len(texts_heard(show.office.events)) >= len(texts))
            await show.until(lambda: show.codes[: len(played.codes)] == played.codes)
            if played.balance:
                await show.until(lambda: show.supervisor.line is not None)
                assert (await show.supervisor.ussd("*100#")).text == played.balance
            await asyncio.sleep(STILL_S)
            events = show.office.events
            assert show.codes == played.codes
            if played.words:
                heard = [event.body for event in events if isinstance(event, ReceivedText)]
                assert heard == list(played.words)
            else:
                heard = texts_heard(events)
                assert sorted(heard) == sorted(texts) if played.all_heard else set(heard) <= set(texts)
            callers = {event.number for event in events if isinstance(event, MissedCall)} - {None}
            assert callers == ({played.caller} if played.caller else set())

    run(story)


# --- byte for byte -----------------------------------------------------------------------------------


def sends() -> Iterator[tuple[Played, int, str | int | None]]:
    """Recorded sends of PDUs that were answered: the recording, where its command stands, the outcome."""
    for played in PLAYED:
        if not played.words:
            places = [at for at, step in enumerate(load(played.name).steps) if b"+CMGS=" in step.data]
            yield from zip([played] * len(places), places, played.outcomes, strict=False)


SENDS = [one for one in sends() if one[2] != "device_reset"]


@pytest.mark.parametrize(("played", "place", "outcome"), SENDS)
def test_a_send_is_byte_for_byte(
    played: Played, place: int, outcome: str | int | None, tmp_path: Path
) -> None:
    async def story() -> None:
        steps = load(played.name).steps[place:]
        end = [at for at, step in enumerate(steps) if step.who == "C"][2:]
        stretch = Transcript(steps[: end[0]] if end else steps)
        ((command, words),) = typed(stretch)
        async with Stage(stretch, tmp_path / "modem") as stage:
            driver = Driver(lambda news: None, lambda error: None)
            await driver.open(stage.path)
            sender = Sender(driver, lambda late: None, lambda error: None)
            try:
                got = (await sender.send(Submission(1, as_we_encode(words, command)), yes)).reference
            except SendOutcome as refusal:
                got = refusal.code  # type: ignore[assignment]
            await stage.replay.over.wait()
            driver.close()
            assert (got, stage.replay.deviations, stage.replay.unused) == (outcome, [], [])

    run(story)


RECEIVED = [("huawei-e3131", 52, 56), ("wavecom-q2403", 40, 45)]
"""Stretches, by their first and last lines, in which texts are announced, read and deleted."""


@pytest.mark.parametrize(("name", "first", "last"), RECEIVED)
def test_texts_are_read_and_deleted_byte_for_byte(name: str, first: int, last: int, tmp_path: Path) -> None:
    async def story() -> None:
        stretch = Transcript(tuple(step for step in load(name).steps if first <= step.line <= last))
        async with Stage(stretch, tmp_path / "modem") as stage:
            office = Office()
            wake = asyncio.Event()
            driver = Driver(lambda news: inbox.notice(news.text), lambda error: None)  # type: ignore[union-attr]
            untold = Untold(office.hear)
            inbox = Inbox(driver, office.hear, untold, wake.set)
            inbox.use(Device(stores=("SM",), receives_into="SM"))

            async def keep_working() -> None:
                while True:
                    await wake.wait()
                    wake.clear()
                    await inbox.work()

            tasks = [asyncio.create_task(keep_working()), asyncio.create_task(untold.keep_telling())]
            await driver.open(stage.path)
            async with asyncio.timeout(PATIENCE_S):
                await stage.replay.over.wait()
            await asyncio.sleep(1.0)
            for task in tasks:
                task.cancel()
            driver.close()
            assert (stage.replay.deviations, stage.replay.unused) == ([], [])
            assert office.pdus + office.reports == pdus_told(stretch)

    run(story)


# --- what a user sends in ----------------------------------------------------------------------------


@pytest.mark.parametrize("personality", ["generic-27005", "huawei-e3131", "wavecom-q2403", "quectel-ec25"])
def test_a_trace_of_ours_can_be_played_to_another_supervisor(personality: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with World(seed=27005, air_time=2.0, report_delay=3.0) as world:
            modem = await world.modem(personality=personality)
            async with serving(modem.path, None) as first:
                part = encode_message(TO, "Your table is ready.", reference=0, report=True, validity=None)[0]
                reference = await first.send(part)
                world.phone(TO).text(modem.number, "Thank you! " * 20)
                await first.until(lambda: len(set(first.office.pdus)) == 2 and first.office.reports)
                trace = first.supervisor.trace()
        assert TO not in trace and "Thank" not in trace
        async with (
            Stage(parse(trace), tmp_path / "modem", mode=LENIENT) as stage,
            serving(stage.path, None) as again,
        ):
            assert await again.send(part) == reference
            await again.until(lambda: len(set(again.office.pdus)) == 2 and again.office.reports)
            await asyncio.sleep(STILL_S)
            assert again.codes == first.codes
            assert len(set(texts_heard(again.office.events))) == 3

    run(story)
