"""The words in which hours are written: days, daily, holidays and none, in English and in the language of
whoever reads or types. English comes first, so that what is kept reads the same in every language."""

from __future__ import annotations

from gateway.domain import folding
from gateway.domain.language import ENGLISH, Language, spoken, t

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAILY, HOLIDAYS, NONE = "daily", "holidays", "none"
_WAYS: dict[str, tuple[str, ...]] = {
    DAILY: (t("daily"), t("every day")),
    HOLIDAYS: (t("holidays"), t("public holidays")),
    NONE: (t("closed"), t("none")),
}
"""How each may be written; the first is how it is told in other languages."""
_SHORTEST = 3
"""Letters of its name that a day is known by at least."""


def told_day(day: int) -> str:
    """A day (0: Monday) in the language spoken: "Mon"."""
    return DAYS[day] if spoken().code == ENGLISH.code else _short(spoken(), day)


def told(word: str) -> str:
    """DAILY, HOLIDAYS or NONE in the language spoken."""
    return word if spoken().code == ENGLISH.code else str(_WAYS[word][0])


def day(typed: str) -> int | None:
    """The day (0: Monday) that a word names: the first letters of its name, or how it is shortened."""
    name = folding.folded(typed)
    for language in (ENGLISH, spoken()):
        for number in range(7):
            begins = len(name) >= _SHORTEST and _full(language, number).startswith(name)
            if begins or name == folding.folded(_short(language, number)):
                return number
    return None


def ways(word: str) -> list[str]:
    """How DAILY, HOLIDAYS or NONE may be written, without capitals and accents."""
    return [folding.folded(one) for way in _WAYS[word] for one in (str.__str__(way), str(way))]


def _full(language: Language, day: int) -> str:
    return folding.folded(str(language.locale.days["format"]["wide"][day]))


def _short(language: Language, day: int) -> str:
    return str(language.locale.days["format"]["abbreviated"][day]).strip(".")
