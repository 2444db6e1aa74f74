"""Text mode (27.005 clause 3): for devices that know no PDUs, telephone line adapters above all.

It owns the part of the opening dialogue that is particular to them, what such a device can and cannot do,
and how a text is typed. Their dummies are not believed: an answer that never changes says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gateway.domain.alphabet import Alphabet
from gateway.domain.line import RefusedForGood
from gateway.domain.pdu import StoredSubmit, decode_incoming

from .charset import Charset, NotTypeable
from .driver import Driver
from .errors import DeviceUnwell, LineDown
from .lines import fields
from .notices import choose_notices, tells_reports

if TYPE_CHECKING:
    from .device import Device

_SUBMIT_WITH_REPORT, _SUBMIT = 49, 17  # <fo>: SUBMIT, relative validity, with and without a report asked for
_ONE_DAY = 167  # TP-VP, while nothing is sent
_CODINGS = {Alphabet.GSM7: 0, Alphabet.UCS2: 8}  # <dcs>; anything with a class has another
_NO_CENTRE = "00"


@dataclass(frozen=True, slots=True)
class TextMode:
    """What the dialogue found of a device in text mode.

    `listing` is the command that lists everything, empty where there is none; `first_octet` is <fo> of
    +CSMP, None where texts go as the device likes; `lost_smsc` is the service centre, set where +CSMP
    wipes it; `counts_store` says that the figures of +CPMS mean something.
    """

    charset: Charset = Charset.UNKNOWN
    listing: str = ""
    first_octet: int | None = None
    lost_smsc: str = ""
    counts_store: bool = True


@dataclass(frozen=True, slots=True)
class Parameters:
    """How texts are sent (+CSMP): <vp>, how long the network keeps trying, and <dcs>, how they are coded."""

    validity: int
    coding: int


@dataclass(frozen=True, slots=True)
class Typed:
    """A text as it goes to a device in text mode: number and body in its character set, and what is told
    of it before, <vp> and <dcs>."""

    number: str
    body: str
    parameters: Parameters


def typed(tpdu: bytes, mode: TextMode) -> Typed:
    """An SMS-SUBMIT as it is typed.

    Raises:
        RefusedForGood: "cannot_carry": it is a part of many, shows at once, or has characters that the
            device cannot write.
    """
    submit = decode_incoming(_NO_CENTRE + tpdu.hex())
    if not isinstance(submit, StoredSubmit) or submit.concat is not None or submit.truncated:
        raise RefusedForGood("cannot_carry")
    if submit.dcs not in _CODINGS.values():
        raise RefusedForGood("cannot_carry")
    if submit.alphabet is Alphabet.UCS2 and (mode.charset is not Charset.UCS2 or mode.first_octet is None):
        raise RefusedForGood("cannot_carry")
    try:
        parameters = Parameters(_ONE_DAY if submit.validity is None else submit.validity, submit.dcs)
        return Typed(
            mode.charset.argument(submit.recipient.number), mode.charset.typed(submit.text), parameters
        )
    except NotTypeable as missing:
        raise RefusedForGood("cannot_carry") from missing


async def set_parameters(driver: Driver, mode: TextMode, parameters: Parameters) -> None:
    """Tell the device how the next texts are sent (+CSMP), and its service centre again where that wipes it.
    The caller holds the wire.

    Raises:
        CommandFailed, NoAnswer, DeviceSilent, PortError: as the driver.
    """
    await driver.command(f"AT+CSMP={mode.first_octet},{parameters.validity},0,{parameters.coding}")
    if mode.lost_smsc:
        await driver.command(_centre_command(mode.charset, mode.lost_smsc))


def _centre_command(charset: Charset, smsc: str) -> str:
    return f'AT+CSCA="{charset.argument(smsc)}",{145 if smsc.startswith("+") else 129}'


# --- the dialogue ------------------------------------------------------------------------------------


async def set_up_text_mode(driver: Driver, device: Device) -> None:
    """Switch to text mode and find out what the device can do: `device.text`, `.abilities`, `.stores`,
    `.receives_into`, `.cnmi`, and the service centre among its facts. The caller holds the wire.

    Raises:
        LineDown: it has no text mode either.
        DeviceSilent, PortError: as the driver.
    """
    if await driver.try_command("AT+CMGF=1") is None:
        if device.profile.ready_notices:  # its kind knows both, once it has started as it should
            raise DeviceUnwell("refuses", "neither PDU nor text mode")
        raise LineDown("unsupported", {**device.facts, "detail": "neither PDU nor text mode"})
    driver.text_mode = True
    for command in ("AT+CSMS=0", "AT+CSDH=1"):  # with service 0 no +CNMA is owed
        await driver.try_command(command)
    charset = await _choose_charset(driver)
    mode, unicode = await _choose_parameters(driver, device, TextMode(charset))
    profile = device.profile
    device.cnmi = await choose_notices(driver.try_command, profile.notices, profile.notice_buffer)
    mode = await _find_texts(driver, device, mode)
    device.text = mode
    device.abilities = replace(
        profile.abilities,
        receives=bool(mode.listing),
        delivery_reports=mode.first_octet == _SUBMIT_WITH_REPORT and tells_reports(device.cnmi),
        multipart=False,
        unicode=unicode,
        notifications=bool(device.cnmi),
        signal=await _has_radio(driver),
        ussd=profile.abilities.ussd and await driver.try_command("AT+CUSD=?") is not None,
        lacks=charset.lacks,
    )


async def _choose_charset(driver: Driver) -> Charset:
    """The best that is offered and really taken; else what is set, if the device tells."""
    offers = await driver.try_command("AT+CSCS=?")
    offered = re.findall(r'"(\w+)"', offers[0].text) if offers else []
    for charset in Charset:
        if charset in offered and await driver.try_command(f'AT+CSCS="{charset}"') is not None:
            said = await driver.try_command("AT+CSCS?")
            if not said or charset.read(fields(said[0].text)[0]) == charset:
                return charset
    said = await driver.try_command("AT+CSCS?")
    known = fields(said[0].text)[0] if said else ""
    return Charset(known) if known in list(Charset) else Charset.UNKNOWN


async def _choose_parameters(driver: Driver, device: Device, mode: TextMode) -> tuple[TextMode, bool]:
    """+CSMP with a report asked for, if may be, and whether texts can be coded as UCS-2."""
    before = await _service_centre(driver, mode.charset)
    if before is not None:
        device.facts["smsc"] = before
    if await driver.try_command("AT+CSMP=?") is None:
        return mode, False
    for first in (_SUBMIT_WITH_REPORT, _SUBMIT):
        if await driver.try_command(f"AT+CSMP={first},{_ONE_DAY},0,0") is not None:
            mode = replace(mode, first_octet=first)
            break
    else:
        return mode, False
    if before and not await _service_centre(driver, mode.charset):  # some wipe it on +CSMP
        mode = replace(mode, lost_smsc=before)
        await driver.try_command(_centre_command(mode.charset, before))
    unicode = mode.charset is Charset.UCS2 and await _takes_coding(driver, mode, _CODINGS[Alphabet.UCS2])
    return mode, unicode


async def _takes_coding(driver: Driver, mode: TextMode, coding: int) -> bool:
    return await driver.try_command(f"AT+CSMP={mode.first_octet},{_ONE_DAY},0,{coding}") is not None


async def _service_centre(driver: Driver, charset: Charset) -> str | None:
    lines = await driver.try_command("AT+CSCA?")
    return charset.read_number(fields(lines[0].text)[0]) if lines else None


async def _find_texts(driver: Driver, device: Device, mode: TextMode) -> TextMode:
    """Where texts come in, how they are listed, and whether the device can count them."""
    census = await _census(driver)
    store = census[6] if len(census) > 6 else (census or [""])[0]
    if census and census[0] != store:
        await driver.try_command(f'AT+CPMS="{store}","{store}","{store}"')
    device.stores, device.receives_into = (store,), store
    for word in dict.fromkeys(("ALL", mode.charset.argument("ALL"))):
        listed = await driver.try_command(f'AT+CMGL="{word}"')
        if listed is not None:
            used = (await _census(driver))[1:2]
            return replace(mode, listing=f'AT+CMGL="{word}"', counts_store=used == [str(len(listed))])
    return mode


async def _census(driver: Driver) -> list[str]:
    """Store, used and total for reading, writing and receiving; nothing where the device does not tell."""
    lines = await driver.try_command("AT+CPMS?")
    return fields(lines[0].text) if lines else []


async def _has_radio(driver: Driver) -> bool:
    """Whether +CSQ is measured. Adapters on a telephone line answer with a constant, and their +CREG is one
    too: it does not even take up the form of answer it was told to use."""
    lines = await driver.try_command("AT+CSQ")
    if not lines or "." in lines[0].text:
        return False
    if await driver.try_command("AT+CREG=2") is None:
        return True
    said = await driver.try_command("AT+CREG?")
    return not said or fields(said[0].text)[0] == "2"
