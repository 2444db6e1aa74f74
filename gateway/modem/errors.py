"""What can go wrong between us and a device, as exceptions.

All are `gsmmodem.exceptions.GsmModemException`, so whoever knows python-gsmmodem-new knows what to catch.
Nothing here decides what a failure means for a text; that is `codes` and `line`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .answers import Info, Result

if TYPE_CHECKING:

    class GsmModemException(Exception):
        """Base of python-gsmmodem-new's exceptions, which carry no types."""

else:

    def _load_exceptions_only():
        """Load gsmmodem/exceptions.py without its package.

        `import gsmmodem.exceptions` would run the package, which imports its modem class: 3 MiB, a screen of
        SyntaxWarnings where no byte code is cached, and a driver in the process that must never touch a text.
        """
        name = "gsmmodem.exceptions"
        if name not in sys.modules:
            package = importlib.util.find_spec("gsmmodem")
            source = Path(package.origin).with_name("exceptions.py")
            spec = importlib.util.spec_from_file_location(name, source)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules[name] = module
        return sys.modules[name]

    GsmModemException = _load_exceptions_only().GsmModemException


class ModemError(GsmModemException):
    """Base of everything the radio raises on its own account."""


class PortError(ModemError):
    """The port cannot be opened or is gone.

    `code` is a key of the wording table: port_missing, port_denied, port_busy, not_a_modem, port_lost,
    unsupported. `detail` is for the log; `facts` as in `LineState`, such as the holder of a busy port.
    """

    def __init__(self, code: str, detail: str = "", facts: dict[str, str] | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.facts = facts or {}


class CommandFailed(ModemError):
    """The device answered a command with an error; it is in step."""

    def __init__(self, command: str, result: Result) -> None:
        super().__init__(f"{command}: {result.code}")
        self.command = command
        self.result = result


class NoAnswer(ModemError):
    """A command was not answered in time; the device was brought back in step afterwards.

    `lines` is what came of the answer.
    """

    def __init__(self, command: str, lines: list[Info]) -> None:
        super().__init__(f"{command}: no end of the answer")
        self.lines = lines


class DeviceSilent(ModemError):
    """The device answers nothing at all, not even after ESC."""


class DeviceReset(ModemError):
    """The device restarted by itself and forgot its settings."""


class RestartAsked(DeviceReset):
    """Somebody asked for a restart of the device."""


class DeviceUnwell(ModemError):
    """The device answers, and is of no use: `code` is a key of the wording table, `detail` its own words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class PromptGone(ModemError):
    """The device left the prompt by itself; nothing of the text was written."""


class LineDown(ModemError):
    """The device works but the line cannot be used.

    `code` is a key of the wording table (see `LineState`), `facts` what is known of the device.
    """

    def __init__(self, code: str, facts: dict[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
