"""A part on the air: each outcome of the Line contract, on a real pty."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.line import CannotTell, LateResult, NotNow, RefusedForGood, Scope, Withdrawn
from tests.fake_modem import Modem, World

from .conftest import CALM, Office, part, running, until, yes

TO = "+12025550123"
_STALE = "+CMGS: 99\r\n\r\nOK"


def phone_got(world: World) -> list[str]:
    return world.phone(TO).texts()


async def test_accepted(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        accepted = await line.send()
        assert accepted.reference == modem.reference
        assert phone_got(world) == ["Your table is ready."]
        await until(lambda: line.office.reports)
    assert not world.complaints


async def test_a_burst_costs_one_command_a_text(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await until(
            lambda: line.office.codes[-1] == "ready" and "storage_used" in line.office.states[-1].facts
        )
        before = dict(modem.commands)
        for number in range(10):
            await line.send(part(f"Number {number}", to="+12025550199"))
        used = {name: count - before.get(name, 0) for name, count in modem.commands.items()}
    assert used["+CMGS"] == 10
    assert modem.settings.switches["+CMMS"] == 2


@pytest.mark.parametrize(
    ("cms", "error", "scope"),
    [
        (1, RefusedForGood, None),
        (38, NotNow, Scope.MESSAGE),
        (50, NotNow, Scope.LINE),
        (331, NotNow, Scope.LINE),
        (314, NotNow, Scope.BUSY),
        (332, CannotTell, None),
        (500, CannotTell, None),
        (513, CannotTell, None),
    ],
)
async def test_refusals(
    world: World, modem: Modem, cms: int, error: type[Exception], scope: Scope | None
) -> None:
    world.network.refuse(TO, cms)
    async with running(modem.path) as line:
        with pytest.raises(error) as raised:
            await line.send()
        assert raised.value.code == f"CMS {cms}"  # type: ignore[attr-defined]
        assert getattr(raised.value, "scope", None) is scope
        world.network.refuse(TO, None)
        await line.send(part("The next one goes."))
    assert phone_got(world) == ["The next one goes."]


async def test_a_duplicate_was_accepted(world: World, modem: Modem) -> None:
    modem.inject("sent-but-error", cms=197)
    async with running(modem.path) as line:
        assert (await line.send()).reference is None
    assert len(phone_got(world)) == 1


async def test_not_allowed_to_leave(world: World, modem: Modem) -> None:
    async def no() -> bool:
        return False

    async def broken() -> bool:
        raise OSError("disk full")

    async with running(modem.path) as line:
        with pytest.raises(Withdrawn):
            await line.send(go=no)
        with pytest.raises(Withdrawn) as raised:
            await line.send(go=broken)
        assert isinstance(raised.value.__cause__, OSError)
        await line.send(part("This may."))
    assert phone_got(world) == ["This may."]


async def test_no_prompt_is_tried_once_more(world: World, modem: Modem) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await until(
            lambda: line.office.codes[-1] == "ready" and "storage_used" in line.office.states[-1].facts
        )
        modem.inject("half-mute")
        sending = asyncio.create_task(line.send())
        await until(lambda: modem.wire_log().count(r"C: \x1b") == 2)  # the first was at opening
        modem.clear()
        await sending
        modem.inject("half-mute")
        with pytest.raises(NotNow) as raised:
            await line.send(part("never"))
        assert (raised.value.code, raised.value.scope) == ("no_prompt", Scope.LINE)
        modem.clear()
        await line.send(part("after"))
    assert phone_got(world) == ["Your table is ready.", "after"]


async def test_an_answer_that_never_comes(world: World, modem: Modem) -> None:
    modem.inject("send-result", result="none")
    async with running(modem.path) as line:
        with pytest.raises(CannotTell) as raised:
            await line.send()
        assert raised.value.code == "timeout"
        await line.send(part("next"))
        assert line.office.late == []
    assert phone_got(world) == ["Your table is ready.", "next"]
    assert modem.commands_after_ctrlz_before_result == 0


async def test_a_result_without_its_ok(world: World, modem: Modem) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.inject("drop-ok", command="+CMGS")
        assert (await line.send()).reference == modem.reference


async def test_a_late_result_is_told_of_the_part_it_belongs_to(world: World, modem: Modem) -> None:
    """The result comes after the time-out, while the line does other things."""
    modem.inject("late-result", after=1.0, busy=False)
    async with running(modem.path) as line:
        with pytest.raises(CannotTell):
            await line.send(part(part_id=7))
        await until(lambda: line.office.late)
        assert line.office.late == [LateResult(7, modem.reference)]
        assert (await line.send(part("next", part_id=8))).reference == modem.reference
        assert len(line.office.late) == 1
    assert phone_got(world) == ["Your table is ready.", "next"]


async def test_the_late_result_of_a_text_known_by_its_report_is_not_the_next_ones(
    world: World, modem: Modem
) -> None:
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        modem.inject("urc-in-answer", text=_STALE, at="before-answer", command="+CMGS")
        sent = await line.send(replace(part(part_id=8), older=99))
        assert sent.reference == modem.reference != 99
        assert line.office.late == []
        assert (await line.send(part("next", part_id=9))).reference == modem.reference
    assert phone_got(world) == ["Your table is ready.", "next"]


async def test_the_late_result_of_a_text_known_by_its_report_tells_nothing_of_one_in_doubt(
    world: World, modem: Modem
) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.inject("send-result", result="none")
        sending = asyncio.create_task(line.send(replace(part(part_id=8), older=99)))
        await until(lambda: b"\x1a" in modem.log.sent())
        modem.inject("urc", text=_STALE)
        with pytest.raises(CannotTell):
            await sending
        assert line.office.late == []


async def test_an_error_while_an_older_text_may_still_be_answered_proves_nothing(
    world: World, modem: Modem
) -> None:
    async with running(modem.path) as line:
        await line.up()
        modem.inject("send-result", result="cms 38")
        with pytest.raises(CannotTell) as raised:
            await line.send(replace(part(part_id=8), older=99))
        assert raised.value.code == "CMS 38"


async def test_a_result_that_comes_while_getting_back_in_step(world: World, modem: Modem) -> None:
    """The modem was only slow: the late result answers the send itself."""
    modem.inject("late-result", after=0.65)
    async with running(modem.path) as line:
        assert (await line.send(part(part_id=7))).reference == modem.reference
        assert line.office.late == []
    assert len(phone_got(world)) == 1


async def test_a_late_result_after_a_restart_of_ours(world: World, modem: Modem) -> None:
    """The serial server kept the modem's answer while we were away."""
    office = Office(in_flight=42)
    modem.inject("urc", text="+CMGS: 99\r\n\r\nOK")
    async with running(modem.path, office) as line:
        await line.up()
        await until(lambda: office.late)
    assert office.late == [LateResult(42, 99)]


async def test_port_lost_before_the_text(world: World, modem: Modem) -> None:
    modem.inject("vanish", when="at-prompt", back_after=0.05)
    async with running(modem.path) as line:
        with pytest.raises(NotNow) as raised:
            await line.send()
        assert raised.value.scope is Scope.LINE
        await line.send()
    assert len(phone_got(world)) == 1


@pytest.mark.parametrize("accepted", [True, False])
async def test_port_lost_after_the_text(world: World, modem: Modem, accepted: bool) -> None:
    modem.inject("vanish-after-ctrlz", accepted=accepted, back_after=0.05)
    async with running(modem.path) as line:
        with pytest.raises(CannotTell) as raised:
            await line.send()
        assert raised.value.code == "port_lost"
        await line.up()
        await asyncio.sleep(0.1)
    assert len(phone_got(world)) == int(accepted)


async def test_port_lost_while_the_intent_is_written(world: World, modem: Modem) -> None:
    async def slow() -> bool:
        modem.vanish(back_after=0.05)
        await asyncio.sleep(0.02)
        return True

    async with running(modem.path) as line:
        with pytest.raises(NotNow):
            await line.send(go=slow)
        await line.up()
    assert phone_got(world) == []


async def test_reset_after_the_text(world: World, modem: Modem) -> None:
    modem.inject("reset-after-ctrlz", accepted=False)
    async with running(modem.path) as line:
        with pytest.raises(CannotTell) as raised:
            await line.send()
        assert raised.value.code == "device_reset"
        await line.send(part("again in order"))
    assert phone_got(world) == ["again in order"]


async def test_reset_at_the_prompt_sends_nothing(world: World, modem: Modem) -> None:
    async def meanwhile() -> bool:
        modem.reboot()
        await asyncio.sleep(0.02)
        return True

    async with running(modem.path) as line:
        with pytest.raises(NotNow):
            await line.send(go=meanwhile)
        await line.send(part("later"))
    assert phone_got(world) == ["later"]


async def test_a_caller_cancelled_before_the_text_takes_it_back(world: World, modem: Modem) -> None:
    asked = asyncio.Event()

    async def never() -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    async with running(modem.path) as line:
        await line.up()
        sending = asyncio.create_task(line.send(go=never))
        await asked.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await line.send(part("in step"))
    assert phone_got(world) == ["in step"]


async def test_a_caller_cancelled_after_the_text_is_told_late(world: World, modem: Modem) -> None:
    world.network.air_time = 0.2
    async with running(modem.path) as line:
        await line.up()
        sending = asyncio.create_task(line.send(part(part_id=9)))
        await until(lambda: modem.sending)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await until(lambda: line.office.late)
        assert line.office.late == [LateResult(9, modem.reference)]
        await line.send(part("in step"))
    assert len(phone_got(world)) == 2


async def test_stopping_waits_for_the_text_on_the_air(world: World, modem: Modem) -> None:
    world.network.air_time = 0.3
    async with running(modem.path) as line:
        await line.up()
        sending = asyncio.create_task(line.send())
        await until(lambda: modem.sending)
        held = line.supervisor._current
        await line.supervisor.close()
        assert (await sending).reference == modem.reference
        assert line.supervisor.line is None
        assert held is not None
        with pytest.raises(NotNow):
            await held.send(part(), yes)
    assert len(phone_got(world)) == 1


async def test_reports_of_a_text_may_come_before_its_result(world: World, modem: Modem) -> None:
    world.network.air_time = 0.05
    async with running(modem.path) as line:
        for number in range(3):
            await line.send(part(f"Number {number}"))
        await until(lambda: len(line.office.reports) == 3)


async def test_a_text_coming_in_is_read_between_two_sends(world: World, modem: Modem) -> None:
    world.network.air_time = 0.05
    async with running(modem.path) as line:
        await line.up()

        async def many() -> None:
            for number in range(12):
                await line.send(part(f"Number {number}"))

        burst = asyncio.create_task(many())
        await until(lambda: modem.submissions >= 2)
        world.phone(TO).text(modem.number, "Are you open?")
        await until(lambda: line.office.pdus)
        assert modem.submissions < 8
        await burst
    assert len(phone_got(world)) == 12


async def test_over_a_socket(world: World) -> None:
    modem = await world.modem(tcp=0)
    async with running(modem.path) as line:
        await line.send()
        world.phone(TO).text(modem.number, "hello")
        await until(lambda: line.office.pdus and line.office.removed)
        modem.inject("vanish-after-ctrlz", back_after=0.05)
        with pytest.raises(CannotTell):
            await line.send(part("two"))
        await line.send(part("three"))
    assert phone_got(world) == ["Your table is ready.", "two", "three"]


async def test_a_stop_that_cannot_wait_leaves_the_text_in_doubt(world: World, modem: Modem) -> None:
    world.network.air_time = 60.0
    async with running(modem.path) as line:
        sending = asyncio.create_task(line.send(part()))
        await until(lambda: modem.submissions)
        await line.supervisor.close(0.0)
        with pytest.raises(CannotTell):
            await sending


async def test_a_line_that_closes_stays_closed_to_texts(world: World, modem: Modem) -> None:
    """A look at the network that ends during the grace of a stop must not open it again."""
    seen: list[bool] = []

    async def go() -> bool:
        seen.append(line.supervisor.line is None)
        return True

    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        modem.inject("late-answer", after=0.2, command="+COPS")
        asked = modem.commands["+COPS"]
        modem.terminal.urc("+CREG: 1")
        await until(lambda: modem.commands["+COPS"] > asked)
        sending = asyncio.create_task(line.send(part(), go))
        await asyncio.sleep(0)
        closing = asyncio.create_task(line.supervisor.close())
        await sending
        await closing
    assert seen == [True]


async def test_a_late_result_with_its_ok_does_not_answer_the_next_question(
    world: World, modem: Modem
) -> None:
    """Else every answer from then on would be taken for another's, and a text for another text."""
    async with running(modem.path, rhythm=CALM) as line:
        await line.up()
        await until(lambda: line.office.codes[-1] == "ready")
        modem.inject("late-result", after=0.9, busy=False, accepted=True)
        with pytest.raises(CannotTell):
            await line.send(part("first", part_id=7))
        modem.inject("latency", after=0.4, count=None)  # the late result comes while something is asked
        for number in range(3):
            world.phone("+12025550177").text(modem.number, f"text {number}")
        await until(lambda: line.office.late)
        modem.clear("latency")
        await until(lambda: line.office.removed == 3, 20.0)
    assert len(line.office.pdus) == len(set(line.office.pdus)) == 3
    known = {*line.office.pdus, *line.office.reports}
    assert not modem.lost_inbound({pdu.upper() for pdu in known})
