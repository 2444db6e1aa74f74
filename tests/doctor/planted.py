"""How troubles are written down: a name, how it is planted, which check names it, what its remedy holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from tests.doctor.place import Place

Plant = Callable[[Place], Iterator[None]]


@dataclass(frozen=True)
class Trouble:
    """`check` names it, and its remedy holds `words`. `needs`: what this machine must be able to;
    empty: nothing."""

    name: str
    plant: Callable[[Place], AbstractContextManager[None]]
    how: str
    check: str
    words: tuple[str, ...]
    lacks: Callable[[], str]

    def __str__(self) -> str:
        return self.name


TROUBLES: list[Trouble] = []


def nothing() -> str:
    """Any machine will do."""
    return ""


def planted(
    name: str, check: str, *words: str, lacks: Callable[[], str] = nothing
) -> Callable[[Plant], Plant]:
    """A trouble; the function plants it before its yield and takes it away after. Its docstring says how.
    `lacks` says what this machine lacks to plant it."""

    def keep(plant: Plant) -> Plant:
        how = (plant.__doc__ or "").strip()
        assert how, name
        TROUBLES.append(Trouble(name, contextmanager(plant), how, check, words, lacks))
        return plant

    return keep
