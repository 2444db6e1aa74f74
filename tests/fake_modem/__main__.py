"""`python -m tests.fake_modem`: a fake modem as a program of its own.

Prints one JSON line when ready ({"path": ..., "number": ..., "modems": [...]}), then takes verbs on the
control socket until SIGTERM, SIGINT or the verb quit. With `--replay` it is no modem but a recording of one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from typing import Any

from . import demo
from .control_server import ControlServer
from .modem import Modem
from .personality import PERSONALITIES
from .ports import ROLES
from .transcripts import names, replay, stage
from .world import World


def span(text: str) -> float | tuple[float, float]:
    """Seconds, or a range as 2-6."""
    low, dash, high = text.partition("-")
    return (float(low), float(high)) if dash else float(low)


def login(text: str) -> tuple[str, str]:
    """user:password."""
    user, _, password = text.partition(":")
    return user, password


def roles(text: str) -> tuple[str, ...]:
    """Roles of ports with commas between."""
    return tuple(text.split(","))


def parameter(text: str) -> tuple[str, Any]:
    """NAME=VALUE, the value as JSON or, where it is none, as text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def verbs() -> str:
    """The verbs of the control socket, as --help names them."""
    named = ", ".join(name[3:].replace("_", "-") for name in vars(ControlServer) if name.startswith("do_"))
    return f'They are {named}; {{"verb": "help"}} tells what each takes'


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
    add("--telnet", metavar="PORT", type=int, help="serve telnet on 127.0.0.1:PORT")
    add("--rfc2217", metavar="PORT", type=int, help="serve rfc2217://127.0.0.1:PORT")
    add("--login", metavar="USER:PASSWORD", type=login, help="ask telnet and RFC 2217 clients for it")
    add("--ports", metavar="ROLE,...", type=roles, default=(), help=f"several ports: {', '.join(ROLES)}")
    add("--chunking", choices=["byte", "random", "blob"], help="cut up what the modem says")
    add("--air-time", metavar="S", type=span, default=0.0, help="seconds a text takes, or a range 2-6")
    add("--report-delay", metavar="S", type=float, default=1.0, help="seconds to the report; below 0: never")
    add("--latency", metavar="S", type=float, default=0.0, help="seconds before any command is answered")
    add("--seed", metavar="N", type=int, default=0, help="fixes all randomness")
    add("--number", metavar="E164", help="the line's own number")
    add("--pin", help="lock the SIM with this PIN")
    add("--slots", metavar="N", type=int, help="places on the SIM")
    add("--personality", choices=sorted(PERSONALITIES), default="generic-27005")
    add("--parameter", metavar="NAME=VALUE", type=parameter, action="append", default=[],
        help="a delay or count of the personality: hang_after=60, call_seconds=[2,3]")  # fmt: skip
    add("--boot-pace", metavar="S", type=float, default=1.0, help="how long a device's second of start lasts")
    add("--modems", metavar="N", type=int, default=1, help="several modems; links get -1, -2, ...")
    add(
        "--control",
        metavar="PATH",
        help=f"unix socket for verbs as JSON lines; - for standard input. {verbs()}",
    )
    add("--script", choices=list(demo.SCRIPTS), help="customers who write by themselves")
    add("--replay", metavar="FILE", help=f"play a recorded conversation: a file, or {', '.join(names())}")
    add("--lenient", action="store_true", help="replay: commands are found wherever they come, until SIGTERM")
    add("--pace", metavar="F", type=float, default=1.0, help="replay: delays times F")
    return parser


def describe(modem: Modem) -> dict[str, Any]:
    """What a starter must know of a modem."""
    device = getattr(modem.ports.main, "device", "")
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
        servers = {
            name: port + place - 1 if port and several else port
            for name in ("tcp", "telnet", "rfc2217")
            for port in [getattr(options, name)]
        }
        modem = await world.modem(
            number=options.number if place == 1 else None, link=link, pin=options.pin,
            login=options.login, ports=options.ports, **servers,
            slots=options.slots, personality=options.personality,
            parameters=dict(options.parameter),
        )  # fmt: skip
        modems.append(modem)
    return modems


async def serve(options: argparse.Namespace) -> None:
    """Run until told to stop."""
    report_delay = options.report_delay if options.report_delay >= 0 else None
    world = World(
        options.seed,
        air_time=options.air_time,
        report_delay=report_delay,
        latency=options.latency,
        chunking=options.chunking,
    )
    world.boot_pace = options.boot_pace
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


def main(chosen: argparse.Namespace) -> int:
    """Be what was chosen; the exit status."""
    if not chosen.replay:
        asyncio.run(serve(chosen))
        return 0
    mode = replay.LENIENT if chosen.lenient else replay.STRICT
    play = stage.serve(
        chosen.replay, chosen.link, chosen.tcp, mode=mode, factor=chosen.pace, until_told=chosen.lenient
    )
    return asyncio.run(play)


if __name__ == "__main__":
    sys.exit(main(arguments().parse_args()))
