"""What came in: read from the device, told, and only then deleted there.

It owns the order read -> told and committed -> deleted, which store is selected, and what waits to be
read. It knows nothing of what a text says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gateway.domain.line import Hear, Received, ReceivedText, Removed, Report, ReportedText, Slot

from . import text_headers
from .answers import Info, Unsolicited
from .device import Device
from .driver import Driver
from .errors import CommandFailed, NoAnswer
from .lines import fields, number, pdu_digits, tpdu_length
from .textmode import TextMode
from .untold import Untold

log = logging.getLogger(__name__)

_MAX_NOTICES = 300
RECHECK_AFTER_S = 1.0
"""A slot read longer ago than this is read again before it is deleted."""
_STORED_BY_US = ("2", "3", *text_headers.STORED_BY_US)  # 27.005 3.1 <stat>: stored unsent, stored sent
_DELETES_REFUSED = 3
"""A device that refused this many in a row, and never took one, cannot delete."""

Place = tuple[str, int]
"""Store and index on the device."""
Message = Received | Report | ReceivedText | ReportedText


@dataclass(frozen=True, slots=True)
class _Found:
    """One message on the device; `raw` is what it is known by when it is read again. `whole`: it has the
    length its header tells."""

    place: Place
    slot: Slot
    event: Message
    raw: str
    whole: bool = True


class Inbox:
    """Messages waiting on one device, for as long as one connection lasts.

    A delete never outlives the connection its read was made in, so no index is ever deleted on an old
    belief about what lies there. What the device keeps no copy of goes to `untold`, which lives longer.
    """

    def __init__(
        self,
        driver: Driver,
        hear: Hear,
        untold: Untold,
        wake: Callable[[], None],
        reread_after_s: Sequence[float] = (1, 3, 10),
    ) -> None:
        self._driver = driver
        self._hear = hear
        self._untold = untold
        self._wake = wake
        self._reread_after_s = tuple(reread_after_s)
        self._device = Device()
        self._sim = ""
        self._stores: tuple[str, ...] = ()
        self._selected = ""
        self._refused_deletes = 0
        self._kept: dict[Place, str] = {}
        self._just_deleted: dict[Place, str] = {}
        self._lies = 0
        self._doubted: dict[Place, str] = {}
        self._damaged: list[Place] = []
        self._notices: dict[Place, int] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        self._stopped = False
        self._loop = asyncio.get_running_loop()
        self.wants_listing = False
        self._early: list[Unsolicited] | None = []

    def use(self, device: Device) -> None:
        """What the opening dialogue found. That the device cannot delete is noted there when it turns out."""
        self._device = device
        self._sim, self._stores, self._selected = device.sim, device.stores, device.receives_into
        early, self._early = self._early, None
        for news in early or ():
            self.direct(news)

    @property
    def _text(self) -> TextMode | None:
        return self._device.text

    def stop(self) -> None:
        """Read and delete no more: what lies where on the device is not known any longer."""
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    # --- what the device announces -------------------------------------------------------------------

    def notice(self, text: str) -> None:
        """`+CMTI: "SM",3` or `+CDSI: "SR",0`: something lies there. A hint, the listing is the truth."""
        values = fields(text)
        index = number(values[1]) if len(values) > 1 else None
        if index is not None:  # a message of its own, whatever lay there: the network repeats some
            self._just_deleted.pop((values[0], index), None)
            self._kept.pop((values[0], index), None)
        placed = index is not None and values[0].isalnum() and len(self._notices) < _MAX_NOTICES
        if index is None or not placed or self._text is not None:  # a text's end is sure in a listing only
            self.wants_listing = True
        else:
            self._notices[values[0], index] = 0
        self._wake()

    def direct(self, news: Unsolicited) -> None:
        """`+CMT` or `+CDS` with what it says: the device keeps no copy, so it is held here until it is
        stored. One without a PDU that comes before it is known whether the device has any waits for that."""
        if news.body is None and self._early is not None:
            self._early.append(news)
        elif self._text is not None:
            about = text_headers.direct(news.text)
            self._untold.add(text_headers.event(about, news.body or "", self._text.charset, None, self._sim))
        elif news.body is None:
            name = news.text.partition(":")[0]  # the rest may be a number
            log.warning("direct delivery without its PDU", extra={"header": name})
            self.wants_listing = True
        else:
            self._untold.add(_as_event(news.body, None, self._sim))
        self._wake()

    # --- work ----------------------------------------------------------------------------------------

    async def work(self) -> None:
        """Read what was announced. All of it is told before any of it is deleted: some devices delete a
        neighbour too."""
        while self._notices and not self._stopped:
            told = []
            while self._notices and not self._stopped:
                place = next(iter(self._notices))
                tries = self._notices.pop(place)
                read_at = self._loop.time()
                found = await self._read(place, tries)
                if found is not None and await self._tell(found):
                    told.append((found, read_at))
            self._log_damaged()
            for found, read_at in told:
                await self._delete(found, read_at)

    async def list_all(self) -> None:
        """Read and tell everything on the device, store by store."""
        self.wants_listing = False
        self._just_deleted.clear()
        for store in self._stores if self._listing else ():
            # some firmwares end a listing early: go on while it brings something that can be taken off
            while await self._list(store):
                pass

    async def _list(self, store: str) -> bool:
        async with self._driver.wire:
            if not await self._select(store):
                return False
            read_at = self._loop.time()
            try:
                lines = await self._driver.command(self._listing)
            except (CommandFailed, NoAnswer) as error:
                log.warning("listing failed", extra={"store": store, "error": str(error)})
                return False
        there = [found for line in lines if (found := self._found(store, line))]
        self._believe_deletes(store, there)
        told = [found for found in there if await self._tell(found)]
        self._log_damaged()
        removed = [await self._delete(found, read_at) for found in told]
        return any(removed)

    @property
    def _listing(self) -> str:
        return "AT+CMGL=4" if self._text is None else self._text.listing

    def _found(self, store: str, line: Info, index: int | None = None) -> _Found | None:
        """The message of one line of a listing, or of +CMGR of `index`; None for what is nobody's text."""
        said = text_headers.entry(line.text)
        index = said.index if index is None else index
        if line.body is None or index is None or said.stat in _STORED_BY_US:
            return None
        place, slot = (store, index), Slot(self._sim, store, index)
        if self._text is None:
            whole = _is_whole(line.text, line.body)
            return _Found(place, slot, _as_event(line.body, slot, self._sim), line.body, whole)
        event = text_headers.event(said.about, line.body, self._text.charset, slot, self._sim)
        return _Found(place, slot, event, event.raw)

    async def _read(self, place: Place, tries: int) -> _Found | None:
        """Read one announced slot; where nothing is readable yet, again a little later."""
        store, index = place
        lines: list[Info] = []
        async with self._driver.wire:
            try:
                if await self._select(store):
                    lines = await self._driver.command(f"AT+CMGR={index}")
            except (CommandFailed, NoAnswer) as error:
                log.info("nothing read", extra={"place": place, "error": str(error)})
        read = next((line for line in lines if line.body is not None), None)
        if read is not None:
            return self._found(store, read, index)
        self._driver.doubt()  # this may have been another question's answer, and the next one be this one's
        if tries < len(self._reread_after_s):
            self._read_later(place, tries)
        else:
            self.wants_listing = True
        return None

    def _read_later(self, place: Place, tries: int) -> None:
        def again() -> None:
            self._timers.discard(timer)
            self._notices.setdefault(place, tries + 1)
            self._wake()

        timer = self._loop.call_later(self._reread_after_s[tries], again)
        self._timers.add(timer)

    async def _tell(self, found: _Found) -> bool:
        """Tell one message; True when it is stored and may be deleted."""
        if self._stopped or self._untold.holds_removal_of(found.slot) or self._is_doubtful(found):
            return False
        if self._just_deleted.get(found.place) == found.raw:
            self._note_lie(found)
            return False
        if self._kept.get(found.place) != found.raw and not await self._told(found.event):
            return False
        return self._device.abilities.deletes

    def _is_doubtful(self, found: _Found) -> bool:
        """Whether a message may only have been damaged on its way to us. It is read again before it is told
        and deleted: what reads the same twice lies so on the device."""
        if found.whole or self._doubted.get(found.place) == found.raw:
            self._doubted.pop(found.place, None)
            return False
        self._damaged.append(found.place)
        self._doubted[found.place] = found.raw
        self.wants_listing = True
        self._wake()
        return True

    def _log_damaged(self) -> None:
        """Once for all that was read together: a broken device has a store full of them at each listing."""
        if self._damaged:
            log.warning(
                "read damaged, read again", extra={"first": self._damaged[0], "count": len(self._damaged)}
            )
            self._damaged.clear()

    async def _told(self, event: Message) -> bool:
        try:
            await self._hear(event)
        except Exception:
            log.exception("not stored, kept on the device", extra={"what": type(event).__name__})
            return False
        return True

    async def _delete(self, found: _Found, read_at: float) -> bool:
        """Take what was told, read at that time of the loop, off the device; True when it is gone."""
        place = found.place
        async with self._driver.wire:
            try:
                selected = await self._select(place[0])
                await self._driver.catch_up()
                # announced anew: something else may lie there by now
                if not selected or self._stopped or place in self._notices:
                    return False
                if self._loop.time() - read_at > RECHECK_AFTER_S and not await self._still_holds(found):
                    self._driver.doubt()
                    self.wants_listing = True
                    return False
                await self._driver.command(f"AT+CMGD={place[1]}")
                if not _is_unique(found.event) and await self._lies_still(found):
                    self._note_lie(found)
                    return False
            except (CommandFailed, NoAnswer) as error:
                log.warning(
                    "not deleted, again at the next listing", extra={"place": place, "error": str(error)}
                )
                self._note_kept(found, isinstance(error, CommandFailed))
                return False
        self._kept.pop(place, None)
        if _is_unique(found.event):
            self._just_deleted[place] = found.raw
        else:
            self._lies = 0
        self._refused_deletes = 0
        await self._untold.tell(Removed(found.slot))
        return True

    def _note_kept(self, found: _Found, refused: bool) -> None:
        """In text mode a device may have no way to delete at all: what was told and stays there is not told
        again while this connection lasts."""
        if self._text is None:
            return
        self._kept[found.place] = found.raw
        self._refused_deletes += refused
        if self._refused_deletes >= _DELETES_REFUSED:
            self._give_up_deleting()

    def _note_lie(self, found: _Found) -> None:
        """A device that says OK to +CMGD and deletes nothing: what lies there was told already."""
        self._kept[found.place] = found.raw
        self._lies += 1
        if self._lies >= _DELETES_REFUSED:
            self._give_up_deleting()

    def _believe_deletes(self, store: str, there: Sequence[_Found]) -> None:
        """A delete that left nothing of it in the store was done: the device does not lie always."""
        lies = {found.place: found.raw for found in there}
        for place, raw in list(self._just_deleted.items()):
            if place[0] == store and lies.get(place) != raw:
                del self._just_deleted[place]
                self._lies = 0

    def _give_up_deleting(self) -> None:
        log.warning("the device cannot delete: its store will fill up")
        self._device.abilities = replace(self._device.abilities, deletes=False)

    async def _lies_still(self, found: _Found) -> bool:
        """Whether a delete the device said OK to did nothing. Asked at once, before another such text can
        have come. The caller holds the wire."""
        try:
            return await self._still_holds(found)
        except (CommandFailed, NoAnswer):  # so some say that nothing lies there
            return False

    async def _still_holds(self, found: _Found) -> bool:
        """Whether the slot holds what was told: indices are used again, and storing it took a while. The
        caller holds the wire."""
        store, index = found.place
        lines = await self._driver.command(f"AT+CMGR={index}")
        now = [self._found(store, line, index) for line in lines]
        return any(there is not None and there.raw == found.raw for there in now)

    async def _select(self, store: str) -> bool:
        """Make `store` the one that is read and deleted from (27.005 3.2.2). The caller holds the wire."""
        if self._stopped:
            return False
        if store == self._selected or self._text is not None:
            return True
        self._selected = ""
        try:
            await self._driver.command(f'AT+CPMS="{store}"')
        except (CommandFailed, NoAnswer) as error:
            log.warning("store not selected", extra={"store": store, "error": str(error)})
            return False
        self._selected = store
        return True


def _as_event(pdu: str, slot: Slot | None, sim: str) -> Received | Report:
    return Report(pdu, slot, sim) if is_report(pdu) else Received(pdu, slot, sim)


def _is_unique(event: Message) -> bool:
    """Whether no other message reads the same: a device in text mode may tell no time, and people write "OK"
    more than once."""
    return not isinstance(event, ReceivedText) or event.sent_at is not None


def _is_whole(header: str, pdu: str) -> bool:
    """Whether a PDU has as many octets as its header tells (27.005 4.1); where it tells none, any hex has."""
    digits, length = pdu_digits(pdu), tpdu_length(header)
    return digits is not None and (length is None or digits == 2 * length)


def is_report(pdu: str) -> bool:
    """Whether TP-MTI says SMS-STATUS-REPORT (23.040 9.2.3.1); what cannot be read is not one."""
    try:
        octets = bytes.fromhex(pdu)
        return octets[1 + octets[0]] & 0x03 == 0x02
    except (ValueError, IndexError):
        return False
