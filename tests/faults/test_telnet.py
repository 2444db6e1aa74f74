"""Faults of a serial server that speaks telnet: in real time, since its client works on threads."""

from __future__ import annotations

from tests.fake_modem import World
from tests.modem.conftest import PATIENT, part, running, until

TO, FROM = "+12025550123", "+12025550177"


async def test_telnet_iac() -> None:
    """Telnet's own commands in the middle of answers belong to no answer."""
    async with World(seed=2217) as world:
        modem = await world.modem(rfc2217=0)
        async with running(modem.path, rhythm=PATIENT) as line:
            await line.up()
            modem.inject("telnet-iac")
            world.phone(FROM).text(modem.number, "Hello")
            await line.send(part("Your table is ready."))
            await until(lambda: line.office.pdus)
        assert world.phone(TO).texts() == ["Your table is ready."]


async def test_telnet_login() -> None:
    """A server that wants a name first is not talked into anything; the line is back when it is."""
    async with World(seed=2217) as world:
        modem = await world.modem(rfc2217=0)
        async with running(modem.path, rhythm=PATIENT) as line:
            await line.up()
            modem.inject("telnet-login", user="office", password="x")
            modem.inject("tcp-reset")
            await until(lambda: line.office.codes.count("port_lost") > 1)  # it lets nobody in without a name
            modem.clear("telnet-login")
            await line.up()
            await line.send(part("Your table is ready."))
        assert world.phone(TO).texts() == ["Your table is ready."]
