"""What a modem tells of its place in the network: registration for each of three commands, and where.

`Modem.registration` is the truth; what is told may differ, for a moment or for one command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .modem import Modem

USABLE = (1, 5, 6, 7, 9, 10)  # stat of 27.007 7.2 with which texts pass
PLACED = (1, 5)


class Radio:
    """`apart`: stat of +CREG, +CGREG or +CEREG where it is not the common one; `pretended`: told of all."""

    def __init__(self, modem: Modem) -> None:
        self._modem = modem
        self.apart: dict[str, int] = {}
        self.pretended: int | None = None
        self.location = modem.personality.location

    def _on(self) -> bool:
        return self._modem.functionality == 1 and self._modem.sim_present

    def stat(self, name: str) -> int:
        """What the command `name` tells."""
        if not self._on():
            return 0
        if self.pretended is not None:
            return self.pretended
        return self.apart.get(name, self._modem.registration)

    @property
    def registered(self) -> bool:
        """Whether texts can pass by any of the three ways."""
        names = set(self._modem.settings.reports) - self._modem.personality.refuses
        return self._on() and any(
            self.apart.get(name, self._modem.registration) in USABLE for name in names or {""}
        )

    def told(self, name: str, level: int) -> str:
        """State, and at level 2 area, cell and technology."""
        stat = self.stat(name)
        return str(stat) if level < 2 or stat not in PLACED else f"{stat},{self.location}"

    def tell(self) -> None:
        """Say what changed to those who asked for it."""
        for name, level in self._modem.settings.reports.items():
            if level:
                self._modem.terminal.urc(f"{name}: {self.told(name, level)}")
