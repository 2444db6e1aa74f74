"""What is known of USB modems by their ids: which interface takes commands, which ids are no modem yet.

Data alone. Sources: ModemManager's udev rules (quectel, simtech, huawei, zte, sierra, telit, ublox) for
the interfaces, usb_modeswitch-data 20191128 for the modes.
"""

from __future__ import annotations

MAKERS = frozenset(
    {
        "0421",  # Nokia
        "05c6",  # Qualcomm, and many who kept its id
        "0af0",  # Option
        "1199",  # Sierra
        "12d1",  # Huawei
        "1410",  # Novatel
        "1519",  # Comneon, Intel
        "1546",  # u-blox
        "19d2",  # ZTE
        "1bbb",  # Alcatel
        "1bc7",  # Telit
        "1c9e",  # Longcheer
        "1e0e",  # SIMCom
        "1e2d",  # Cinterion
        "2001",  # D-Link
        "2c7c",  # Quectel
        "2cb7",  # Fibocom
    }
)
"""Vendors whose serial ports belong to modems."""

BRIDGES = frozenset({"0403", "067b", "10c4", "1a86"})
"""Vendors of serial bridges (FTDI, Prolific, Silicon Labs, WCH): behind one may be a modem, or a scale."""

_INTERFACES = {
    "12d1:1001": 2,
    "1199:c001": 0,
    "19d2:0001": 0,
    "19d2:0002": 2,
    "19d2:0015": 1,
    "19d2:0016": 2,
    "19d2:0017": 2,
    "19d2:0018": 2,
    "19d2:0019": 2,
    "19d2:0021": 3,
    "1bc7:1003": 0,
    "1bc7:1031": 1,
    "1bc7:1040": 4,
}
_INTERFACES_OF_VENDOR = {"2c7c": 2, "1e0e": 2, "1199": 3, "1546": 0}

_HUAWEI = "12d1"
_PCUI = ("ff", ("01", "02", "03"), "02")
"""bInterfaceClass, -SubClass, -Protocol of Huawei's port for commands and notices."""

CD_ROM, NETWORK_CARD = "cd_rom", "network_card"

_MODES = {
    "12d1:1446": CD_ROM,
    "12d1:14db": NETWORK_CARD,
    "12d1:14dc": NETWORK_CARD,
    "12d1:14fe": CD_ROM,
    "12d1:1c0b": CD_ROM,
    "12d1:1f01": CD_ROM,
    "19d2:1403": NETWORK_CARD,
    "19d2:1405": NETWORK_CARD,
    "19d2:2000": CD_ROM,
}
_STORAGE_CLASS = "08"
_NETWORK_CLASSES = frozenset({("02", "06"), ("02", "0d"), ("02", "0e"), ("e0", "01")})
"""USB CDC Ethernet, NCM, MBIM; Microsoft's RNDIS."""


def interface_for_texts(usb: str) -> int | None:
    """The interface of a device that takes commands and tells news; None where nothing is known."""
    return _INTERFACES.get(usb, _INTERFACES_OF_VENDOR.get(usb.partition(":")[0]))


def is_for_texts(usb: str, interface: int | None, kind: tuple[str, str, str]) -> bool:
    """Whether a port is the one to use, by its interface number or its class, subclass and protocol."""
    if usb.startswith(_HUAWEI) and kind[0] == _PCUI[0] and kind[1] in _PCUI[1]:
        return kind[2] == _PCUI[2]
    return interface is not None and interface == interface_for_texts(usb)


def mode_without_port(usb: str, kinds: list[tuple[str, str, str]]) -> str | None:
    """CD_ROM or NETWORK_CARD for a modem that shows no serial port; None for what is none of them."""
    if usb in _MODES:
        return _MODES[usb]
    if usb.partition(":")[0] not in MAKERS:
        return None
    if any(kind[:2] in _NETWORK_CLASSES for kind in kinds):
        return NETWORK_CARD
    return CD_ROM if kinds and all(kind[0] == _STORAGE_CLASS for kind in kinds) else None
