"""Lock files of serial ports, as uucp, minicom and chan_dongle use them: LCK..NAME with the owner's PID.

The name is the device's without /dev/, slashes as underscores; the content is the PID in ten characters
and a line feed (FHS 3.0, 5.9).
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ..errors import PortError
from ..holders import Holder, holder, is_alive

LOCK_FOLDER = Path("/var/lock")


class LockFile:
    """The lock file of one device: taken at most once, given back once."""

    def __init__(self, device: str, folder: Path) -> None:
        """`device` is the real path of the device, links followed."""
        self.path = folder / f"LCK..{device.removeprefix('/dev/').strip('/').replace('/', '_')}"
        self._taken = False

    def owner(self) -> Holder | None:
        """The living process, other than us, whose lock this is."""
        pid = read_pid(self.path)
        return holder(pid) if pid and pid != os.getpid() and is_alive(pid) else None

    def take(self) -> None:
        """Write our PID; where the folder cannot be written there is no lock, and no error.

        Raises:
            PortError: port_busy, another process took it first.
        """
        for _ in range(2):
            if (other := self.owner()) is not None:
                raise PortError("port_busy", str(other), {"holder": str(other)})
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            try:
                handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            except FileExistsError:
                continue  # somebody was faster: look who
            except OSError:
                return
            with os.fdopen(handle, "w") as file:
                file.write(f"{os.getpid():10d}\n")
            self._taken = True
            return

    def give_back(self) -> None:
        """Remove the file if it is ours."""
        if self._taken and read_pid(self.path) == os.getpid():
            with contextlib.suppress(OSError):
                self.path.unlink()
        self._taken = False


def read_pid(path: Path) -> int | None:
    """The PID in a lock file, in digits or (very old programs) as four octets; None where there is none."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if content.strip().isdigit():
        return int(content)
    return int.from_bytes(content, "little") if len(content) == 4 else None
