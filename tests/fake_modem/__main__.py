"""`python -m tests.fake_modem`: a fake modem as a program of its own.

Prints one JSON line when ready ({"path": ..., "number": ..., "modems": [...]}), then takes verbs on the
control socket until SIGTERM, SIGINT or the verb quit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from typing import Any

from . import demo
from .control_server import ControlServer
from .modem import Modem
from .personality import PERSONALITIES
from .world import World


def span(text: str) -> float | tuple[float, float]:
    """Seconds, or a range as 2-6."""
    low, dash, high = text.partition("-")
    return (float(low), float(high)) if dash else float(low)


def arguments() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fake_modem",
        description="A GSM modem on a pty or a TCP port, with a network and phones behind it.",
        epilog="example: python -m tests.fake_modem --link /tmp/modem --air-time 2-6 --control /tmp/control",
    )
    add = parser.add_argument
    add("--link", metavar="PATH", help="symlink that points at the pty, whatever its name is")
    add("--tcp", metavar="PORT", type=int, help="serve socket://127.0.0.1:PORT (0: a free port)")
    add("--air-time", metavar="S", type=span, default=0.0, help="seconds a text takes, or a range 2-6")
    add("--report-delay", metavar="S", type=float, default=1.0, help="seconds to the report; below 0: never")
    add("--latency", metavar="S", type=float, default=0.0, help="seconds before any command is answered")
    add("--seed", metavar="N", type=int, default=0, help="fixes all randomness")
    add("--number", metavar="E164", help="the line's own number")
    add("--pin", help="lock the SIM with this PIN")
    add("--slots", metavar="N", type=int, default=20, help="places on the SIM")
    add("--personality", choices=sorted(PERSONALITIES), default="generic-27005")
    add("--modems", metavar="N", type=int, default=1, help="several modems; links get -1, -2, ...")
    add("--control", metavar="PATH", help="unix socket for verbs as JSON lines; - for standard input")
    add("--script", choices=list(demo.SCRIPTS), help="customers who write by themselves")
    return parser


def describe(modem: Modem) -> dict[str, Any]:
    """What a starter must know of a modem."""
    device = getattr(modem.wires[0], "device", "")
    return {
        "path": modem.path, "device": device, "paths": [wire.path for wire in modem.wires],
        "number": modem.number, "imei": modem.imei, "iccid": modem.sim.iccid,
    }  # fmt: skip


async def plug_in(world: World, options: argparse.Namespace) -> list[Modem]:
    """The modems asked for."""
    modems = []
    for place in range(1, options.modems + 1):
        several = options.modems > 1
        link = f"{options.link}-{place}" if options.link and several else options.link
        tcp = options.tcp + place - 1 if options.tcp and several else options.tcp
        modem = await world.modem(
            number=options.number if place == 1 else None, link=link, tcp=tcp, pin=options.pin,
            slots=options.slots, personality=options.personality,
        )  # fmt: skip
        modems.append(modem)
    return modems


async def serve(options: argparse.Namespace) -> None:
    """Run until told to stop."""
    report_delay = options.report_delay if options.report_delay >= 0 else None
    world = World(options.seed, air_time=options.air_time, report_delay=report_delay, latency=options.latency)
    async with world:
        modems = await plug_in(world, options)
        control = ControlServer(world)
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, control.done.set)
        if options.control:
            await control.listen(options.control)
        print(json.dumps(describe(modems[0]) | {"modems": [describe(modem) for modem in modems]}), flush=True)
        script = asyncio.create_task(_script(world, modems[0], options.script)) if options.script else None
        await control.done.wait()
        if script:
            script.cancel()
        control.close()


async def _script(world: World, modem: Modem, script: str) -> None:
    await modem.talked.wait()
    demo.play(world, modem, script)


if __name__ == "__main__":
    asyncio.run(serve(arguments().parse_args()))
