"""The control socket: one JSON object a line in, one a line out.

In: {"verb": "text", "from": "+12025550143", "text": "Hello"}. Out: {"ok": true, ...} or {"ok": false,
"error": "..."}. "line": number chooses a modem where there are several. The verbs are the `do_` methods,
`help` lists them; their docstrings tell what they take and give.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from .faults import FAULTS
from .modem import Modem
from .phone import Phone
from .world import World

Args = dict[str, Any]


class ControlServer:
    """Verbs over a world; `done` is set by quit."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.done = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def listen(self, path: str) -> None:
        """Serve a unix socket, or standard input and output for "-"."""
        if path == "-":
            await self._standard_streams()
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._server = await asyncio.start_unix_server(self._converse, path, limit=1 << 20)

    async def _standard_streams(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        self._reading = loop.create_task(self._read(reader, lambda line: print(line, flush=True)))
        self._reading.add_done_callback(lambda _: self.done.set())

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._read(reader, lambda line: writer.write(line.encode() + b"\n"))
        writer.close()

    async def _read(self, reader: asyncio.StreamReader, write: Callable[[str], None]) -> None:
        while line := await reader.readline():
            write(json.dumps(self.answer(line)))

    def close(self) -> None:
        if self._server:
            self._server.close()

    def answer(self, line: bytes | str) -> Args:
        """The answer to one line."""
        try:
            args = json.loads(line)
            verb = getattr(self, f"do_{args.pop('verb').replace('-', '_')}", None)
            if verb is None:
                raise ValueError("no such verb; there are " + ", ".join(self.do_help({})["verbs"]))
            return {"ok": True} | (verb(args) or {})
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            return {"ok": False, "error": f"{type(problem).__name__}: {problem}"}

    def _modem(self, args: Args) -> Modem:
        return self._world.modems[args.pop("line", None) or next(iter(self._world.modems))]

    # --- people ---------------------------------------------------------------------------------------

    def do_text(self, args: Args) -> Args:
        """from, text, and options of Phone.text (ref_bits, order, coding, sender, gap): gives tpdus."""
        modem, phone = self._modem(args), self._world.phone(args.pop("from"))
        return {"tpdus": phone.text(modem.number, args.pop("text"), **args)}

    def do_pdu(self, args: Args) -> None:
        """tpdu (hex, a DELIVER or STATUS-REPORT without service centre address): the network delivers it."""
        modem = self._modem(args)
        self._world.network.to_line(modem.number, bytes.fromhex(args["tpdu"]))

    def do_call(self, args: Args) -> Args:
        """from, and options of Phone.call (rings, gap, ends, clip, withheld): gives put_through."""
        modem, phone = self._modem(args), self._world.phone(args.pop("from"))
        return {"put_through": phone.call(modem.number, **args)}

    def do_phone(self, args: Args) -> Args:
        """number: gives texts with times, parts (time, reference, sender, text, tpdu), twice, sent, ..."""
        return _phone(self._world.phone(args["number"]), whole=True)

    def do_phones(self, args: Args) -> Args:
        """Gives phones: number to count of texts and parts, texts, incomplete."""
        return {"phones": {number: _phone(phone) for number, phone in self._world.phones.items()}}

    def do_auto(self, args: Args) -> None:
        """phone, reply, match (regular expression, default any), times (default always), delay seconds."""
        phone = self._world.phone(args["phone"])
        phone.answer_delay = args.get("delay", phone.answer_delay)
        phone.on_text(_automatic(args["reply"], args.get("match", ""), args.get("times")))

    def do_reports(self, args: Args) -> None:
        """phone, statuses: TP-ST of its next reports, the last for ever; null: never a report."""
        self._world.phone(args["phone"]).reports(*args["statuses"])

    # --- network and modem ----------------------------------------------------------------------------

    def do_refuse(self, args: Args) -> None:
        """number, cms: every text to it is refused with that number; cms null ends it."""
        self._world.network.refuse(args["number"], args["cms"])

    def do_set(self, args: Args) -> None:
        """air_time, report_delay (null: no reports), latency, reports_first, latencies {"+CMGD": 2.0}."""
        modem, world = self._modem(args), self._world
        for name, value in args.items():
            if name == "latency":
                world.latency = value
            elif name == "latencies":
                modem.latencies = value
            elif name in ("air_time", "report_delay", "reports_first"):
                setattr(world.network, name, tuple(value) if isinstance(value, list) else value)
            else:
                raise ValueError(f"cannot set {name}")

    def do_register(self, args: Args) -> None:
        """stat: registration state 0 to 10; signal: 0 to 31 or 99."""
        modem = self._modem(args)
        modem.signal = args.get("signal", modem.signal)
        if "stat" in args:
            modem.register(args["stat"])

    def do_sim(self, args: Args) -> None:
        """present, iccid, pin: pull, swap or lock the SIM."""
        modem = self._modem(args)
        modem.sim_present = args.get("present", modem.sim_present)
        modem.sim.iccid = args.get("iccid", modem.sim.iccid)
        modem.sim.pin = args.get("pin", modem.sim.pin)
        self._world.network.release(modem.number)

    def do_inject(self, args: Args) -> None:
        """fault, params: put a fault in force; `faults` lists them."""
        self._modem(args).inject(args["fault"], **args.get("params") or {})

    def do_clear(self, args: Args) -> None:
        """fault (null: all): end it."""
        self._modem(args).clear(args.get("fault"))

    def do_faults(self, args: Args) -> Args:
        """Gives faults: name to its parameters with defaults, and what it does."""
        return {"faults": {name: {"params": one.params, "does": one.__doc__} for name, one in FAULTS.items()}}

    def do_vanish(self, args: Args) -> None:
        """back_after (seconds, null: stays away), powered: pull the cable."""
        modem = self._modem(args)
        modem.vanish(back_after=args.get("back_after"), powered=args.get("powered", False))

    def do_return(self, args: Args) -> Args:
        """Plug the modem in again, under another pty name: gives device."""
        modem = self._modem(args)
        modem.come_back()
        return {"device": getattr(modem.ports.main, "device", modem.path)}

    # --- what happened --------------------------------------------------------------------------------

    def do_state(self, args: Args) -> Args:
        """Everything countable of a modem and its world."""
        modem, world = self._modem(args), self._world
        return {
            "path": modem.path, "number": modem.number, "plugged": modem.plugged,
            "settings": vars(modem.settings),
            "stores": {name: [store.used, store.capacity] for name, store in modem.stores.items()},
            "waiting": world.network.waiting(modem.number), "submissions": modem.submissions,
            "received": world.received(), "arrivals": len(modem.arrivals), "deleted": len(modem.deleted),
            "bytes_while_busy": modem.bytes_while_busy,
            "commands_after_ctrlz_before_result": modem.commands_after_ctrlz_before_result,
            "pin_attempts": modem.pin_attempts, "pin_tries": modem.sim.pin_tries, "commands": modem.commands,
            "complaints": len(world.complaints), "restarts": modem.restarts, "counts": world.counts(),
            "resets_per_hour": modem.resets_per_hour, "calls": [vars(one) for one in modem.calls.log],
            "faults": [one.name for one in modem.faults.active],
        }  # fmt: skip

    def do_complaints(self, args: Args) -> Args:
        """Gives complaints: time, line, words, pdu."""
        return {"complaints": [vars(one) for one in self._world.complaints]}

    def do_deleted(self, args: Args) -> Args:
        """Gives deleted: time, store, index, pdu, stat of each message taken out by AT+CMGD."""
        return {"deleted": [vars(one) for one in self._modem(args).deleted]}

    def do_arrivals(self, args: Args) -> Args:
        """Gives arrivals: time, pdu, how (stored, direct, dropped) of all the modem took from the network."""
        return {"arrivals": [vars(one) for one in self._modem(args).arrivals]}

    def do_lost(self, args: Args) -> Args:
        """known (list of PDUs, hex): gives lost, the PDUs deleted or routed that are not among them."""
        return {"lost": self._modem(args).lost_inbound({pdu.upper() for pdu in args["known"]})}

    def do_wire_log(self, args: Args) -> Args:
        """Gives log, in the notation C: and M:."""
        return {"log": self._modem(args).wire_log()}

    def do_chunks(self, args: Args) -> Args:
        """after (monotonic seconds, default 0): gives chunks, each [time, "C" or "M", latin-1 text]."""
        after = args.get("after", 0.0)
        kept = (one for one in self._modem(args).log.chunks if one.time > after)
        return {"chunks": [[one.time, one.who, one.data.decode("latin-1")] for one in kept]}

    def do_help(self, args: Args) -> Args:
        """Gives verbs with what they take."""
        names = sorted(name for name in dir(self) if name.startswith("do_"))
        return {"verbs": {name[3:]: getattr(self, name).__doc__ for name in names}}

    def do_quit(self, args: Args) -> None:
        """End the program."""
        self.done.set()


def _phone(phone: Phone, *, whole: bool = False) -> Args:
    told: Args = {"texts": phone.texts(), "count": len(phone.received), "incomplete": len(phone.incomplete())}
    if not whole:
        return told | {"parts": len(phone.parts)}
    parts = [
        {"time": one.time, "reference": one.reference, "sender": one.sender, "text": one.text,
         "tpdu": one.octets.hex().upper()}
        for one in phone.parts
    ]  # fmt: skip
    sent = [
        {"time": one.time, "text": one.body, "tpdus": [octets.hex().upper() for octets in one.tpdus]}
        for one in phone.sent
    ]
    return told | {
        "times": [one.time for one in phone.received], "parts": parts, "sent": sent,
        "parts_twice": phone.parts_twice(), "twice": phone.twice(),
    }  # fmt: skip


def _automatic(reply: str, match: str, times: int | None) -> Callable[[str], str | None]:
    left = [times]

    def answer(text: str) -> str | None:
        if left[0] == 0 or not re.search(match, text):
            return None
        left[0] = None if left[0] is None else left[0] - 1
        return reply

    return answer
