"""One message of each awkward kind, from the table of samples where it has one, built where it has none."""

from __future__ import annotations

import dataclasses
import time
from datetime import timedelta
from typing import ClassVar

from . import alphabet, tpdu
from .faults import Fault, fault
from .faults_deliver import SENDER
from .octets import ALPHANUMERIC
from .samples import SAMPLES
from .stores import Arrival


def sample(name: str) -> bytes:
    """The TPDU of a sample, without service centre address."""
    pdu = bytes.fromhex(SAMPLES[name][1])
    return pdu[1 + pdu[0] :]


# --- one of a kind ------------------------------------------------------------------------------------


class OfAKind(Fault):
    """Messages of one kind; `sender` None: the sample's own. direct=True: as +CMT whatever +CNMI says."""

    params: ClassVar = {"sender": None, "direct": False}
    samples: ClassVar[tuple[str, ...]] = ()

    def start(self) -> bool:
        for octets in self.made():
            self.give(octets)
        return False

    def made(self) -> list[bytes]:
        """The TPDUs."""
        return [self.signed(sample(name)) for name in self.samples]

    def give(self, octets: bytes) -> None:
        if self.direct:
            self.modem.give_directly(octets)
        else:
            self.modem.world.network.to_line(self.modem.number, octets)

    def signed(self, octets: bytes) -> bytes:
        """With the sender wanted."""
        if self.sender is None:
            return octets
        return tpdu.encode_deliver(dataclasses.replace(tpdu.decode_deliver(octets), sender=self.sender))

    def built(self, data: tpdu.UserData, dcs: int, pid: int = 0) -> bytes:
        """A message from `sender`, sent now."""
        scts = tpdu.encode_time(self.modem.world.now())
        return tpdu.encode_deliver(tpdu.Deliver(self.sender or SENDER, pid, dcs, scts, data))


def septets(text: str) -> tpdu.UserData:
    """A text of the default alphabet."""
    return tpdu.UserData(tpdu.GSM7, alphabet.to_septets(text))


@fault
class Class0(OfAKind):
    """A flash message (D5): how = direct, as +CMT though +CNMI has mt=1 | stored | nowhere."""

    name, samples = "class0", ("D5",)
    params: ClassVar = {"sender": None, "how": "direct"}

    def start(self) -> bool:
        if self.how not in ("direct", "stored", "nowhere"):
            raise ValueError(f"class0 goes no way {self.how!r}")
        self.direct = self.how == "direct"
        return super().start()

    def give(self, octets: bytes) -> None:
        if self.how == "nowhere":
            self.modem.arrivals.append(Arrival(time.time(), octets.hex().upper(), "dropped"))
        else:
            super().give(octets)


@fault
class Class2(OfAKind):
    """A message for the SIM, stored there even where +CNMI asks to have it directly."""

    name = "class2"

    def made(self) -> list[bytes]:
        return [self.built(septets("For the SIM"), 0x12)]


@fault
class MwiSet(OfAKind):
    """Voicemail waits: by the group to be discarded, no text (D11), or to be kept, with one (`kept`, D12)."""

    name = "mwi-set"
    params: ClassVar = {"sender": None, "direct": False, "kept": False}

    def made(self) -> list[bytes]:
        return [self.signed(sample("D12" if self.kept else "D11"))]


@fault
class MwiClear(OfAKind):
    """No voicemail waits any more (D13)."""

    name, samples = "mwi-clear", ("D13",)


@fault
class Type0(OfAKind):
    """A message nobody may show (D18)."""

    name, samples = "type0", ("D18",)


@fault
class Replace(OfAKind):
    """A message and one that replaces it (D16, D17)."""

    name, samples = "replace", ("D16", "D17")


@fault
class MmsNotification(OfAKind):
    """A picture message waits (D20)."""

    name, samples = "mms-notification", ("D20",)


@fault
class PortData(OfAKind):
    """8-bit data for an application `port`, by default a visiting card; wide=False: by the 8-bit element."""

    name = "port-data"
    params: ClassVar = {"sender": None, "direct": False, "port": 9204, "wide": True}

    def made(self) -> list[bytes]:
        card = b"BEGIN:VCARD\r\nN:Harbour Dental\r\nEND:VCARD\r\n"
        size = 2 if self.wide else 1
        ports = (self.port % 256**size).to_bytes(size, "big") + bytes(size)
        data = tpdu.UserData(tpdu.OCTETS, card, {0x05 if self.wide else 0x04: ports})
        return [self.built(data, 0x04)]


@fault
class AlnumSender(OfAKind):
    """A sender of letters (D2)."""

    name, samples = "alnum-sender", ("D2",)


@fault
class Alnum7At(OfAKind):
    """A sender of seven letters, counted as eight by its length (9.1.2.5): an @ that nobody wrote."""

    name = "alnum-7-at"
    params: ClassVar = {"sender": "HARBOUR", "direct": False}

    def made(self) -> list[bytes]:
        whole = self.built(septets("Your parcel is at the desk."), 0x00)
        honest = tpdu.encode_address(self.sender)
        address = bytes((0x0E, ALPHANUMERIC)) + alphabet.pack(alphabet.to_septets(self.sender))
        return [whole[:1] + address + whole[1 + len(honest) :]]

    def start(self) -> bool:
        if len(self.sender) != 7:
            raise ValueError("alnum-7-at wants a sender of seven letters")
        return super().start()


@fault
class EmptySender(OfAKind):
    """A sender of length 0."""

    name = "empty-sender"
    params: ClassVar = {"direct": False}
    sender = ""

    def made(self) -> list[bytes]:
        return [self.signed(sample("D1"))]


@fault
class EmptyBody(OfAKind):
    """A message without a text (D10)."""

    name, samples = "empty-body", ("D10",)


@fault
class TurkishSingle(OfAKind):
    """Yarın görüşürüz, by the single shift table (D14)."""

    name, samples = "turkish-single", ("D14",)


@fault
class TurkishLocking(OfAKind):
    """İyi akşamlar, by the locking shift table (D15)."""

    name, samples = "turkish-locking", ("D15",)


@fault
class Portuguese(OfAKind):
    """A Portuguese `text` by its tables (23.038 A.2.3, A.3.3): shift = single | locking."""

    name = "portuguese"
    params: ClassVar = {"sender": None, "direct": False, "shift": "single", "text": "Não há sessão amanhã"}

    def made(self) -> list[bytes]:
        locking = self.shift == "locking"
        units = alphabet.to_septets(self.text, **{"locking" if locking else "single": 3})
        return [self.built(tpdu.UserData(tpdu.GSM7, units, {0x25 if locking else 0x24: b"\x03"}), 0x00)]


@fault
class BadScts(OfAKind):
    """A time that does not exist: month 13 (D8), or any seven octets `scts` in hex."""

    name = "bad-scts"
    params: ClassVar = {"sender": None, "direct": False, "scts": None}

    def made(self) -> list[bytes]:
        message = tpdu.decode_deliver(self.signed(sample("D8")))
        if self.scts:
            message.scts = bytes.fromhex(self.scts)
        return [tpdu.encode_deliver(message)]


@fault
class FarScts(OfAKind):
    """A time `years` away, back where negative."""

    name = "far-scts"
    params: ClassVar = {"sender": None, "direct": False, "years": 20}

    def made(self) -> list[bytes]:
        message = tpdu.decode_deliver(self.built(septets("See you then."), 0x00))
        message.scts = tpdu.encode_time(self.modem.world.now() + timedelta(days=365.25 * self.years))
        return [tpdu.encode_deliver(message)]


@fault
class NegativeZone(OfAKind):
    """A time zone west of Greenwich (D6)."""

    name, samples = "negative-zone", ("D6",)


@fault
class UcsOddLength(OfAKind):
    """UCS-2 of an odd number of octets."""

    name = "ucs2-odd-length"

    def made(self) -> list[bytes]:
        return [self.built(tpdu.UserData(tpdu.UCS2, "Готово".encode("utf-16-be") + b"\x04"), 0x08)]
