"""Values in a CSV file that a spreadsheet opens: none is taken for a formula (OWASP, CSV injection)."""

from __future__ import annotations

import re

_FORMULA = re.compile(
    r"(^|[\n\r\t;])(?=[^\S\n\r\t]*[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*\s*[=+\-@＝＋－＠])"
)
_BLANK_FIRST = re.compile(r"^(?=[\t\r\n])")


def cell(value: str) -> str:
    """A value with `'` before whatever a spreadsheet could begin a formula with: at its start, at the
    start of each of its lines, and after what some take for the end of a field. To be written in quotes."""
    return _FORMULA.sub(r"\1'", _BLANK_FIRST.sub("'", value))
