"""Where texts lie on a device: the forms of +CPMS (27.005 3.2.2) and the choice of a store.

What a device offers is tried, not believed; what it selects is what counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .answers import Info
from .asking import Asker
from .device import Device
from .lines import fields, number

_CHOICE = ("ME", "SM")
_READABLE = ("ME", "SM", "SR")
_ALL = "MT"
"""All of them at once: what is announced there lies in one of the others."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What `+CPMS=?` says: the stores for reading, writing, receiving, as many groups as were written."""

    groups: list[list[str]]

    @property
    def everywhere(self) -> list[str]:
        """Stores to try for everything: those that every group has, else all that are named."""
        named = [store for store in _CHOICE if any(store in group for group in self.groups)]
        return [store for store in named if all(store in group for group in self.groups)] or named

    @property
    def readable(self) -> list[str]:
        """Stores that can be listed."""
        return [store for store in _READABLE if self.groups and store in self.groups[0]]


def offer_of(lines: list[Info] | None) -> Offer:
    """`("SM","ME"),("SM"),("SM")`, and what else is written: two groups in double brackets, names without
    brackets, both mixed, empty groups, blanks."""
    text = lines[0].text.partition(":")[2] if lines else ""
    groups = []
    for inside, bare in re.findall(r'\(([^()]*)\)|"(\w+)"', text):
        groups.append([bare] if bare else re.findall(r"\w+", inside))
    if groups and "(" not in text:
        return Offer([[name for group in groups for name in group]])
    return Offer(groups)


class Stores:
    """The part of the opening dialogue that chooses the stores."""

    def __init__(self, asker: Asker, device: Device) -> None:
        self._asker = asker
        self._device = device
        self._selected = ""

    async def choose(self) -> None:
        """The profile's store, else ME where it holds at least as much as the SIM, else SM; else what the
        device uses by itself. Whatever else is readable is listed too.

        Raises:
            LineDown: the device tells nothing of stores.
        """
        current = await self._asker.insist("AT+CPMS?")
        if current is None:
            raise self._asker.down("unsupported", "the device has no message store")
        offer = offer_of(await self._asker.ask("AT+CPMS=?"))
        chosen = await self._largest(offer)
        used = [chosen] if chosen else self._names(current)
        if used:
            self._device.receives_into = used[0]
        self._device.stores = tuple(dict.fromkeys([*used, *offer.readable]))

    async def _largest(self, offer: Offer) -> str:
        """The best store that the device lets us use for everything, selected; empty where there is none."""
        preferred = self._device.profile.preferred_store
        alone = self._device.profile.one_store or len(offer.groups) == 2
        if preferred in offer.everywhere and await self._select(preferred, alone) is not None:
            return preferred
        sizes = {store: await self._select(store, alone) for store in offer.everywhere if store != preferred}
        usable = {store: size for store, size in sizes.items() if size is not None}
        if not usable:
            return ""
        largest = max(usable, key=lambda store: usable[store])
        if largest != self._selected:
            await self._select(largest, alone)
        return largest

    async def _select(self, store: str, alone: bool) -> int | None:
        """Use one store for everything; how many messages it holds, None where it was refused."""
        names = f'"{store}"' if alone else f'"{store}","{store}","{store}"'
        lines = await self._asker.ask(f"AT+CPMS={names}")
        if lines is None:
            return None
        self._selected = store
        values = fields(lines[0].text) if lines else []
        return (number(values[1]) or 0) if len(values) > 1 else 0

    @staticmethod
    def _names(current: list[Info]) -> list[str]:
        """The stores for reading and for receiving that `+CPMS?` names."""
        values = fields(current[0].text) if current else []
        receiving = [name for name in values[6:7] if name != _ALL]
        return list(dict.fromkeys(name for name in (*values[:1], *receiving) if name.isalpha()))
