"""`modems`: which ports there are, and what answers on them."""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click

from gateway.commands.context import Context, as_json, pass_context
from gateway.commands.saying import print_json, say
from gateway.domain import line_words, port_words
from gateway.lock import is_running
from gateway.store import lines

if TYPE_CHECKING:
    from gateway.modem.candidates import Candidate
    from gateway.modem.finder import Asked


@dataclass(frozen=True, slots=True)
class Used:
    """Ports of lines: the name of the line by the port's real path, and whether the program runs now."""

    line_by_port: dict[str, str]
    running: bool

    def line(self, path: str) -> str:
        """The line whose port this is; empty for none."""
        return self.line_by_port.get(_real(path), "")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@as_json
@pass_context
def modems(context: Context, paths: tuple[str, ...], as_json: bool) -> None:
    """List serial ports, ask each who it is, say what answered and which one to use.

    With PATHs only those are asked. Ports in use are named and left alone.

    Example: sms-gateway modems
    """
    from gateway.modem.candidates import list_candidates, usb_without_port
    from gateway.modem.finder import held_ports
    from gateway.modem.survey import survey

    candidates = _named(paths) if paths else list_candidates(context.settings().serial_ports)
    held = held_ports(candidates)  # first: opening the database gives up root, who alone sees all programs
    used = _used(context)
    found = asyncio.run(survey(candidates, _left_alone(candidates, used), held=held))
    hidden = [] if paths else usb_without_port()
    if as_json:
        print_json({"ports": _objects(found, used), "without_port": [_hidden(*one) for one in hidden]})
        return
    for stick in found:
        _show(stick, used)
    for usb, mode in hidden:
        said, fix = port_words.stick_without_port(usb, mode)
        say(f"The modem {usb} {said}.\n  What to do: {fix.replace(chr(10), chr(10) + '    ')}")
    if not found and not hidden:
        say(port_words.NO_PORTS)


def _named(paths: tuple[str, ...]) -> list[Candidate]:
    """The ports of the paths given; what is no device is asked as it is written, and says so itself."""
    from gateway.modem.candidates import Candidate, list_candidates

    known = {path: list_candidates([path]) for path in paths}
    return [one for path in paths for one in known[path] or [Candidate(path)]]


def _used(context: Context) -> Used:
    boot = context.settings()
    if not boot.database_path.exists():
        return Used({}, False)
    rows = context.read(lines.every)
    ports = {_real(port): row.name for row in rows for port in (row.port, row.facts.get("device")) if port}
    return Used(ports, is_running(boot.data_dir))


def _left_alone(candidates: list[Candidate], used: Used) -> set[str]:
    """Every port of the sticks that lines of the running program use."""
    if not used.running:
        return set()
    sticks = {one.stick for one in candidates if used.line(one.path)}
    return {one.path for one in candidates if one.stick in sticks}


def _real(path: str) -> str:
    return path if "://" in path else os.path.realpath(path)


def _show(stick: list[Asked], used: Used) -> None:
    from gateway.modem.survey import best_of

    port = stick[0].port
    if port.usb:
        say(f"{port.product or 'USB device'} ({port.usb})")
    best = best_of(stick)
    owner = next((name for one in stick if (name := used.line(one.port.path))), "")
    for asked in stick:
        say(f"{'  ' if port.usb else ''}{asked.port.path}: {_sentence(asked, used, owner)}")
    if best is not None and not owner:
        name = best.port.by_id or best.port.path
        say(f"  {port_words.use_this('NAME', name)}")
        if best.port.usb and not best.port.by_id:
            say(f"  {port_words.stable_name(best.port.path)}")


def _sentence(asked: Asked, used: Used, owner: str) -> str:
    answered = line_words.probe(asked.result.code, asked.result.facts)
    if asked.result.code == "port_busy" and owner and used.running:
        return port_words.port_of_line(owner)
    line = used.line(asked.port.path)
    said = " ".join(_in_order(answered, port_words.set_for_line(line))) if line else answered
    return port_words.with_port(said, asked.port.path)


def _in_order(answered: str, of_line: str) -> tuple[str, str]:
    """A sentence that ends in a command stands last."""
    return (answered, of_line) if answered.endswith(".") else (of_line, answered)


def _objects(found: list[list[Asked]], used: Used) -> list[dict[str, Any]]:
    from gateway.modem.survey import best_of

    return [
        {
            **asdict(asked.result),
            "usb": asked.port.usb,
            "interface": asked.port.interface,
            "stable_path": asked.port.by_id,
            "line": used.line(asked.port.path) or None,
            "use": asked is best_of(stick),
        }
        for stick in found
        for asked in stick
    ]


def _hidden(usb: str, mode: str) -> dict[str, str]:
    said, fix = port_words.stick_without_port(usb, mode)
    return {"usb": usb, "mode": mode, "is": said, "you_can": fix}
