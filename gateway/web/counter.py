"""The counter beside a box: what a text costs on a line, or why that line cannot carry it.

It asks the rule by which texts are accepted, so a page never promises what is then refused. The page's
script counts alike, from the attributes and words given here; tests in a browser hold them together.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from gateway.desk import carrying
from gateway.domain import line_options, plain, segments
from gateway.domain.alphabet import DEFAULT_TABLE, ESCAPE, EXTENSION_TABLE, Alphabet, NotText, septets
from gateway.domain.language import t, tn
from gateway.domain.refusal_words import Refused

MOST_NAMED = 3
"""Characters that make a text cost more, as named beside the count; the advice below the box has all."""

TOO_LONG = t("too long: {count} texts, at most {most}")
HALF = t("half of a character: type it again")
NUMBERED = t("goes as {count} numbered texts")
CANNOT_WRITE = t("this line cannot write {characters}")
ONE_ONLY = t("too long for this line: {count} texts, it sends one")

_MANY = 10**9
"""A number of texts that no sentence holds by itself, so that its place is found again."""


def counted(text: str, line: Row[Any] | None = None) -> str:
    """ "71 left, 1 text, plain letters", which characters make it cost more, or why it cannot go by that
    line."""
    try:
        cut = segments.segment(text)
        ways = carrying.cut(line, text) if line is not None else None
    except segments.TooLong as error:
        return TOO_LONG.format(count=error.count, most=segments.MAX_PARTS)
    except NotText:
        return str(HALF)
    except Refused as refused:
        return _in_the_way(refused)
    if ways is not None and not ways.joined:
        return NUMBERED.format(count=len(ways.texts))
    return _goes(len(cut.texts), cut.units_left, _guilty(text) if cut.alphabet is Alphabet.UCS2 else "")


def _goes(count: int, left: int | str, guilty: str) -> str:
    if guilty:
        return tn(
            "{left} left, {count} text, because of {guilty}",
            "{left} left, {count} texts, because of {guilty}",
            count,
            left=left,
            guilty=guilty,
        )
    return tn(
        "{left} left, {count} text, plain letters",
        "{left} left, {count} texts, plain letters",
        count,
        left=left,
    )


def _guilty(text: str) -> str:
    found = [one for one in dict.fromkeys(text) if not septets(one)]
    named = [(plain.name_of(one), one) for one in found]
    seen = [name for name, one in named if name == one] or [name for name, _ in named]
    return " ".join(seen[:MOST_NAMED])


def _in_the_way(refused: Refused) -> str:
    if refused.key == "cannot_write":
        return CANNOT_WRITE.format(characters=refused.data["characters"])
    return ONE_ONLY.format(count=refused.data["count"])


# --- what the script needs ---------------------------------------------------------------------------


def attributes(line: Row[Any]) -> dict[str, str]:
    """What the page's script must know of a line, as data attributes."""
    can = carrying.abilities(line)
    longer = "join" if can.multipart else line_options.value(line.options, "long_texts")
    return {"data-unicode": "yes" if can.unicode else "no", "data-lacks": can.lacks, "data-long": longer}


def words() -> dict[str, str]:
    """The sentences of the counter and the names of what cannot be seen, in the language spoken, as data
    attributes. Counted ones have their two forms: for one, and for several."""

    def both(guilty: str) -> list[str]:
        return [_goes(count, "{left}", guilty).replace(str(count), "{count}") for count in (1, _MANY)]

    said = {
        "plain": both(""),
        "guilty": both("{guilty}"),
        "tooLong": str(TOO_LONG).replace("{most}", str(segments.MAX_PARTS)),
        "numbered": str(NUMBERED),
        "cannotWrite": str(CANNOT_WRITE),
        "oneOnly": str(ONE_ONLY),
    }
    names = {character: str(name) for character, name in plain.NAMES.items()}
    return {"data-say": json.dumps(said), "data-names": json.dumps(names)}


GSM_BASIC = DEFAULT_TABLE.replace(chr(ESCAPE), "")
GSM_EXTENDED = "".join(EXTENSION_TABLE.values())
