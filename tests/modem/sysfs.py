"""A small /sys and /dev made of files, as Linux lays them out for USB devices with serial ports."""

from __future__ import annotations

import shutil
from pathlib import Path

Kind = tuple[str, str, str]
VENDOR: Kind = ("ff", "ff", "ff")


class FakeSysfs:
    """`root` stands for /sys, `dev` for /dev; a port there is a link to the device a test gives."""

    def __init__(self, folder: Path) -> None:
        self.root, self.dev = folder / "sys", folder / "dev"
        for made in (self.dev / "serial/by-id", self.dev / "serial/by-path", self.root / "class/tty"):
            made.mkdir(parents=True)
        (self.root / "bus/usb/devices").mkdir(parents=True)
        self._places = 0

    def stick(
        self,
        usb: str,
        ports: dict[str, str] | None = None,
        *,
        kinds: dict[int, Kind] | None = None,
        serial: str = "",
        product: str = "",
        driver: str = "option",
        acm: bool = False,
    ) -> Path:
        """Plug a device in: `ports` names its ttys in the order of interfaces, and the device behind each.

        `kinds`: class, subclass and protocol of interfaces, also of those without a port.
        """
        self._places += 1
        place = f"1-{self._places}"
        device = self.root / f"devices/pci0000:00/usb1/{place}"
        device.mkdir(parents=True)
        vendor, product_id = usb.split(":")
        texts = {"idVendor": vendor, "idProduct": product_id, "serial": serial, "product": product}
        for name, text in texts.items():
            if text:
                (device / name).write_text(f"{text}\n")
        (self.root / f"bus/usb/devices/{place}").symlink_to(device)
        names = list(ports or {})
        for number in {*range(len(names)), *(kinds or {})}:
            self._interface(device, number, (kinds or {}).get(number, VENDOR), driver)
        for number, name in enumerate(names):
            self._tty(device / f"{place}:1.{number}", name, acm)
            (self.dev / name).symlink_to((ports or {})[name])
            if serial:
                link = self.dev / f"serial/by-id/usb-{serial}-if{number:02d}-port0"
                link.symlink_to(self.dev / name)
        return device

    def unplug(self, path: str) -> None:
        """Pull the stick that one of `path`'s ports belongs to: its files and names go."""
        name = Path(path).name
        interface = (self.root / "class/tty" / name / "device").resolve()
        device = next(one for one in (interface, *interface.parents) if (one / "idVendor").exists())
        shutil.rmtree(device)
        for entry in list((self.root / "class/tty").iterdir()):
            if not entry.exists():
                entry.unlink()
                (self.dev / entry.name).unlink()

    def _interface(self, device: Path, number: int, kind: Kind, driver: str) -> None:
        interface = device / f"{device.name}:1.{number}"
        interface.mkdir()
        (interface / "bInterfaceNumber").write_text(f"{number:02x}\n")
        names = ("bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol")
        for name, value in zip(names, kind, strict=True):
            (interface / name).write_text(f"{value}\n")
        drivers = self.root / f"bus/usb/drivers/{driver}"
        drivers.mkdir(parents=True, exist_ok=True)
        (interface / "driver").symlink_to(drivers)
        (self.root / f"bus/usb/devices/{interface.name}").symlink_to(interface)

    def _tty(self, interface: Path, name: str, acm: bool) -> None:
        """A usb-serial tty has a folder of its own below the interface; a CDC one is the interface's."""
        owner = interface if acm else interface / name
        tty = owner / "tty" / name
        tty.mkdir(parents=True)
        (tty / "device").symlink_to(owner)
        (self.root / "class/tty" / name).symlink_to(tty)

    def console(self, name: str = "ttyS0") -> None:
        """A port of the machine itself, no USB."""
        device = self.root / "devices/platform/serial8250"
        (device / "tty" / name).mkdir(parents=True)
        (device / "tty" / name / "device").symlink_to(device)
        (self.root / "class/tty" / name).symlink_to(device / "tty" / name)
