"""Faults of the stores: lists, reading, deleting, places, room."""

from __future__ import annotations

from typing import ClassVar

from . import tpdu
from .answers import TEST, Answer, Cms, Command, Later
from .faults import Fault, Outcome, Proceed, fault
from .faults_unable import no_answer
from .stores import READ, Store

# --- commands -----------------------------------------------------------------------------------------


class OnCommand(Fault):
    """A fault of certain commands, but for their =? form."""

    commands: ClassVar[tuple[str, ...]] = ()

    def run(self, asked: Command, proceed: Proceed) -> Outcome:
        if asked.name not in self.commands or asked.kind == TEST:
            return proceed(asked)
        return self.instead(asked, proceed)

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        raise NotImplementedError

    @property
    def store(self) -> Store:
        """The store that is being read."""
        return self.modem.stores[self.modem.settings.memories[0]]


def listed(answer: Answer) -> list[int]:
    """The indexes an answer to AT+CMGL tells."""
    return [int(item[0].partition(": ")[2].partition(",")[0]) for item in answer.items]


@fault
class CmglHang(OnCommand):
    """AT+CMGL is never answered; `deaf`: nor any other command until a restart."""

    name, commands = "cmgl-hang", ("+CMGL",)
    params: ClassVar = {"deaf": False}

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        self.use()
        return no_answer(deaf=self.deaf)


@fault
class CmglPartial(OnCommand):
    """AT+CMGL ends after `items` entries."""

    name, count, commands = "cmgl-partial", None, ("+CMGL",)
    params: ClassVar = {"items": 1}

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        self.use()
        before = {index: slot.stat for index, slot in self.store.slots.items()}
        answer = proceed(asked)
        if not isinstance(answer, Answer):
            return answer
        for index in listed(answer)[self.items :]:
            self.store.slots[index].stat = before[index]
        return Answer(answer.items[: self.items], answer.result)


@fault
class CmglFirstPartOnly(OnCommand):
    """AT+CMGL lists the first part of a long text; the device deletes the others itself."""

    name, count, commands = "cmgl-first-part-only", None, ("+CMGL",)

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        self.use()
        for index, slot in list(self.store.slots.items()):
            message = tpdu.decode(slot.octets)
            concat = message.data.concat if isinstance(message, tpdu.Deliver) else None
            if concat and concat.seq > 1:
                del self.store.slots[index]
        return proceed(asked)


@fault
class CmgrEmptyOk(OnCommand):
    """AT+CMGR of an empty place is answered: how = ok | zero (+CMGR: 0,,0 and an empty line) | error."""

    name, count, commands = "cmgr-empty-ok", None, ("+CMGR",)
    params: ClassVar = {"how": "ok"}
    answers: ClassVar = {
        "ok": Answer(),
        "zero": Answer([["+CMGR: 0,,0", ""]]),
        "error": Answer(result="ERROR"),
    }

    def start(self) -> bool:
        if self.how not in self.answers:
            raise ValueError(f"cmgr-empty-ok has no way {self.how!r}")
        return True

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        try:
            return proceed(asked)
        except Cms as refusal:
            if refusal.code != 321:
                raise
            self.use()
            return self.answers[self.how]


@fault
class Cmgr321(OnCommand):
    """A message that is there cannot be read: +CMS ERROR: 321."""

    name, commands = "cmgr-321", ("+CMGR",)

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        self.use()
        raise Cms(321)


@fault
class CmgdSlow(OnCommand):
    """AT+CMGD deletes at once and is answered `after` seconds later."""

    name, count, commands = "cmgd-slow", None, ("+CMGD",)
    params: ClassVar = {"after": 5.0}

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        answer = proceed(asked)
        if not isinstance(answer, Answer):
            return answer
        self.use()
        terminal = self.modem.terminal
        session = terminal.session
        self.modem.world.later(
            self.after, lambda: terminal.finish(answer) if session == terminal.session else None
        )
        return Later()


@fault
class CmgdFails(OnCommand):
    """AT+CMGD is answered +CMS ERROR: `cms`; the message stays, or is gone all the same (`deletes`)."""

    name, commands = "cmgd-fails", ("+CMGD",)
    params: ClassVar = {"cms": 500, "deletes": False}

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        self.use()
        if self.deletes:
            proceed(asked)
        raise Cms(self.cms)


@fault
class CmgdNeighbour(OnCommand):
    """AT+CMGD deletes the next message, too, or the one before where there is none."""

    name, commands = "cmgd-deletes-neighbour", ("+CMGD",)

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        self.use()
        wanted, others = asked.number(0), sorted(self.store.slots)
        answer = proceed(asked)
        above = [index for index in others if index > wanted]
        below = [index for index in others if index < wanted]
        for index in above[:1] or below[-1:]:
            proceed(Command(asked.name, asked.kind, (str(index),)))
        return answer


@fault
class SlotReused(OnCommand):
    """Once a message was read a new one from `sender` takes its slot, `after` seconds later."""

    name, commands = "slot-reused", ("+CMGL", "+CMGR")
    params: ClassVar = {"sender": "+12025550197", "text": "I am in the same place now.", "after": 0.0}

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        answer = proceed(asked)
        if not isinstance(answer, Answer) or not answer.items:
            return answer
        self.use()
        index = listed(answer)[0] if asked.name == "+CMGL" else asked.number(0)
        name = self.store.name
        octets = tpdu.deliver_parts(self.sender, self.text, self.modem.world.now())[0]
        self.modem.world.later(self.after, lambda: self.modem.overwrite(name, index, octets))
        return answer


@fault
class StatReadFlip(OnCommand):
    """When unread becomes read: how = at-once, before anybody has read it | never."""

    name, count, commands = "stat-read-flip", None, ("+CMGL", "+CMGR")
    params: ClassVar = {"how": "at-once"}

    def start(self) -> bool:
        if self.how not in ("at-once", "never"):
            raise ValueError(f"stat-read-flip has no way {self.how!r}")
        return True

    def stored(self, store: Store, index: int) -> None:
        if self.how == "at-once":
            self.use()
            store.slots[index].stat = READ

    def instead(self, asked: Command, proceed: Proceed) -> Outcome:
        before = {index: slot.stat for index, slot in self.store.slots.items()}
        answer = proceed(asked)
        if self.how == "never":
            self.use()
            for index, stat in before.items():
                self.store.slots[index].stat = stat
        return answer


# --- stores -------------------------------------------------------------------------------------------


@fault
class IndexBase(Fault):
    """The stores count from `first`: 0, 1, 301."""

    name = "index-base"
    params: ClassVar = {"first": 0}

    def start(self) -> bool:
        for store in self.modem.stores.values():
            store.base = self.first
            store.slots = {
                self.first + place: store.slots[at] for place, at in enumerate(sorted(store.slots))
            }
        return False


@fault
class ForeignEntries(Fault):
    """`n` messages somebody stored to send to `to`: `stat` 2 not sent, 3 sent. They are no mail."""

    name = "foreign-entries"
    params: ClassVar = {"n": 2, "stat": 3, "to": "+12025550199", "store": None}

    def start(self) -> bool:
        store = self.modem.stores[self.store or self.modem.settings.memories[2]]
        self.modem.fill_store(self.to, self.stat, store.name, max(0, store.capacity - store.used - self.n))
        return False


SIGNS = {
    "huawei": '^SMMEMFULL:"{store}"', "simcom": "+SMS FULL", "quectel": '+QIND: "smsfull","{store}"',
    "ciev": "+CIEV: 8,1",
}  # fmt: skip


@fault
class StoreFull(Fault):
    """The store is filled with texts from `sender`, so that the service centre keeps what comes next.

    `stat`: 0, 1 received; 2, 3 stored by someone. `free` slots stay. `sign`: what the device says when the
    store becomes full and when a message is refused: huawei | simcom | quectel | ciev | any line.
    """

    name, count = "store-full", None
    params: ClassVar = {"sender": "+12025550199", "stat": 1, "store": None, "free": 0, "sign": None}

    def start(self) -> bool:
        self.modem.fill_store(self.sender, self.stat, self.store, self.free)
        filled = self.modem.stores[self.store or self.modem.settings.memories[2]]
        if self.sign and filled.full:
            self.no_room(filled)
        return self.sign is not None

    def stored(self, store: Store, index: int) -> None:
        if store.full:
            self.no_room(store)

    def no_room(self, store: Store) -> None:
        self.use()
        self.modem.terminal.urc(SIGNS.get(self.sign, self.sign).replace("{store}", store.name))
