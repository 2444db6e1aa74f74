"""A day's work in stories, each for any modem: what a line can do must work, what it cannot must be said.

A story is given a bench with a line "front" that works, and its modem. It raises AssertionError.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from gateway.desk import lines as desk_lines
from gateway.domain.line import Abilities
from gateway.domain.refusal_words import Refused
from tests.fake_modem import Modem
from tests.faults.bench import ANNA, BEN, Bench

Story = Callable[[Bench, Modem], Awaitable[None]]

QUESTION, ANSWER = "Any chance to be seen today?", "Yes, at 4 pm. Ask for Marta"
WRITTEN_OUT = "Grüße aus Åhus: 5 € {or 6}, 👩‍👧 ok?"
LETTER = "".join(f"{number}. Then the bus did not come, and I waited. " for number in range(1, 10)).strip()
COLOURFUL = "Жду вас в пять 😀. " * 8
HOUR_S = 3600.0


async def abilities(one: Bench) -> Abilities:
    """What the line says it can do."""
    return Abilities(**(await one.line()).abilities)


async def refused(one: Bench, to: str, body: str) -> str:
    """The key of the refusal that this text must meet."""
    try:
        await one.post(to, body)
    except Refused as refusal:
        return refusal.key
    raise AssertionError(f"{body[:20]!r} was taken")


async def arrive(one: Bench, *message_ids: int) -> None:
    """Wait until these texts are at their best state: delivered where the line learns of it, else sent."""
    state = "delivered" if (await abilities(one)).delivery_reports else "sent"
    await one.reach(state, *message_ids, seconds=HOUR_S)


async def hears(one: Bench, *texts: str) -> None:
    """Wait until these texts, in this order, are all that was received."""

    async def here() -> bool:
        return await one.inbound() == list(texts)

    await one.until(here, HOUR_S, f"{len(texts)} texts were received")


async def main_job(one: Bench, modem: Modem) -> None:
    """Texts go and come; what cannot be written by the line is refused with its characters."""
    can, ben = await abilities(one), one.world.phone(BEN)
    ben.on_text(lambda text: QUESTION if text == ANSWER else None)
    await arrive(one, await one.post(BEN, ANSWER))
    await hears(one, QUESTION)
    if can.unicode:
        await arrive(one, await one.post(BEN, WRITTEN_OUT))
        one.world.phone(ANNA).text(modem.number, WRITTEN_OUT)
        await hears(one, QUESTION, WRITTEN_OUT)
        assert ben.texts() == [ANSWER, WRITTEN_OUT]
    else:
        assert await refused(one, BEN, WRITTEN_OUT) == "cannot_write"
        assert ben.texts() == [ANSWER]


async def long_texts(one: Bench, modem: Modem) -> None:
    """Long texts arrive as they were written; numbered singles, asked for, where parts cannot be joined."""
    can, anna, ben = await abilities(one), one.world.phone(ANNA), one.world.phone(BEN)
    if can.multipart:
        await arrive(one, await one.post(BEN, LETTER), await one.post(BEN, COLOURFUL))
        assert ben.texts() == [LETTER, COLOURFUL]
        assert ben.incomplete() == []
        anna.text(modem.number, LETTER, order=[3, 1, 2], gap=2.0)
        await hears(one, LETTER)
        return
    assert await refused(one, BEN, LETTER) == "cannot_join"
    await one.set("front", "long_texts", "number")
    await arrive(one, await one.post(BEN, LETTER))
    assert [text[:4] for text in ben.texts()] == ["1/3 ", "2/3 ", "3/3 "]
    assert " ".join(text[4:] for text in ben.texts()) == LETTER
    anna.text(modem.number, LETTER, gap=20.0)

    async def all_of_it() -> bool:
        return "".join(await one.inbound()) == LETTER

    await one.until(all_of_it, HOUR_S, "the parts are read one by one")


async def reports(one: Bench, modem: Modem) -> None:
    """What became of each text is told as the network reports it; without reports it stays at sent."""
    can, ben = await abilities(one), one.world.phone(BEN)
    ben.reports(0x00, 0x46, None)
    ids = [await one.post(BEN, f"Table {number} is free.") for number in (1, 2, 3)]
    expected = ["delivered", "undelivered", "sent"] if can.delivery_reports else ["sent"] * 3
    for message_id, state in zip(ids, expected, strict=True):
        await one.reach(state, message_id, seconds=HOUR_S)
        assert (await one.message(message_id)).report_wanted == can.delivery_reports
    assert len(ben.texts()) == 3


async def stop_word(one: Bench, modem: Modem) -> None:
    """STOP cancels what waits, is confirmed once and forbids more; START ends it."""
    anna = one.world.phone(ANNA)
    await one.write(lambda tx: desk_lines.pause(tx, "front", "command:bench", one.clock()))
    waiting = [await one.post(ANNA, body) for body in ("One", "Two")]
    anna.text(modem.number, "Stop!")
    await one.reach("canceled", *waiting, seconds=HOUR_S)
    assert await refused(one, ANNA, "Three") == "opted_out"
    await one.write(lambda tx: desk_lines.resume(tx, "front", "command:bench", one.clock()))
    await one.until(lambda: len(anna.texts()) == 1, HOUR_S, "STOP is confirmed")
    anna.text(modem.number, "UNSUBSCRIBE")
    await hears(one, "Stop!", "UNSUBSCRIBE")
    await arrive(one, await one.post(BEN, "Not for Anna"))
    assert len(anna.texts()) == 1
    anna.text(modem.number, "start")
    await one.until(lambda: len(anna.texts()) == 2, HOUR_S, "START is confirmed")
    await arrive(one, await one.post(ANNA, "Welcome back"))
    assert anna.texts()[2:] == ["Welcome back"]


async def restart(one: Bench, modem: Modem) -> None:
    """The program is stopped with texts on their way and goes on where it was."""
    anna, ben = one.world.phone(ANNA), one.world.phone(BEN)
    bodies = [f"Number {number}, your table is ready." for number in range(1, 5)]
    ids = [await one.post(BEN, body) for body in bodies]
    await one.until(lambda: len(ben.parts) == 1, HOUR_S, "the first is out")
    await one.stop()
    anna.text(modem.number, QUESTION)
    await one.start_again()
    await arrive(one, *ids)
    await hears(one, QUESTION)
    assert ben.texts() == bodies


async def cable(one: Bench, modem: Modem) -> None:
    """Unplugged when idle, at the prompt and inside a text, and back under another name: nothing is lost,
    nothing comes twice. What the system had already taken for the device nobody can call unsent."""
    anna, ben = one.world.phone(ANNA), one.world.phone(BEN)
    modem.vanish()
    await one.down("port_missing")
    waiting = await one.post(BEN, ANSWER)
    anna.text(modem.number, QUESTION)
    modem.come_back()
    await arrive(one, waiting)
    await hears(one, QUESTION)
    modem.inject("vanish", when="at-prompt", back_after=20.0)
    await arrive(one, await one.post(BEN, "The second text"))
    modem.inject("vanish", when="mid-body", after_bytes=10, back_after=20.0)
    cut = await one.post(BEN, "The third text")
    await arrive(one, await one.post(BEN, "The fourth text"))
    unclear = (await one.message(cut)).state == "unconfirmed"
    expected = [ANSWER, "The second text", "The third text", "The fourth text"]
    assert ben.texts() == [text for text in expected if not (unclear and text == "The third text")]


async def late_result(one: Bench, modem: Modem) -> None:
    """A result that comes after its time: nobody guesses meanwhile, and then it is known."""
    ben = one.world.phone(BEN)
    ben.reports(None, 0x00)
    modem.inject("late-result", after=200.0, busy=False, accepted=True)
    late = await one.post(BEN, ANSWER)
    behind = await one.post(BEN, "The next one")
    await one.reach("unconfirmed", late, seconds=HOUR_S)
    await one.reach("sent", late, seconds=HOUR_S)
    await arrive(one, behind)
    assert ben.texts() == [ANSWER, "The next one"]


STORIES: dict[str, Story] = {
    story.__name__: story for story in (main_job, long_texts, reports, stop_word, restart, cable, late_result)
}
