"""The counter beside a box: what a text costs on a line, or why that line cannot carry it.

It asks the rule by which texts are accepted, so a page never promises what is then refused. The page's
script counts alike, from the attributes in `attributes`; `tests/web/test_browser.py` holds them together.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from gateway.desk import carrying
from gateway.domain import line_options, phrases, segments
from gateway.domain.alphabet import DEFAULT_TABLE, ESCAPE, EXTENSION_TABLE, Alphabet, NotText, septets
from gateway.domain.refusal_words import Refused


def counted(text: str, line: Row[Any] | None = None) -> str:
    """ "71 left, 1 text", which character makes it cost more, or why it cannot go by that line."""
    try:
        cut = segments.segment(text)
        ways = carrying.cut(line, text) if line is not None else None
    except segments.TooLong as error:
        return f"too long: {error.count} texts, at most {segments.MAX_PARTS}"
    except NotText:
        return "half of a character: type it again"
    except Refused as refused:
        return _in_the_way(refused)
    if ways is not None and not ways.joined:
        return f"goes as {len(ways.texts)} numbered texts"
    count = len(cut.texts)
    said = f"{cut.units_left} left, {phrases.counted(count, 'text')}"
    guilty = next((char for char in text if not septets(char)), "") if cut.alphabet is Alphabet.UCS2 else ""
    return f"{said}, because of {guilty}" if guilty.strip() else said


def _in_the_way(refused: Refused) -> str:
    if refused.key == "cannot_write":
        return f"this line cannot write {refused.data['characters']}"
    return f"too long for this line: {refused.data['count']} texts, it sends one"


def attributes(line: Row[Any]) -> dict[str, str]:
    """What the page's script must know of a line, as data attributes."""
    can = carrying.abilities(line)
    longer = "join" if can.multipart else line_options.value(line.options, "long_texts")
    return {"data-unicode": "yes" if can.unicode else "no", "data-lacks": can.lacks, "data-long": longer}


GSM_BASIC = DEFAULT_TABLE.replace(chr(ESCAPE), "")
GSM_EXTENDED = "".join(EXTENSION_TABLE.values())
