"""Values that no spreadsheet takes for a formula: the fault row of a name or text like =HYPERLINK(...)."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.spreadsheet import cell

STARTS = ["", " ", "\u00a0", "\t", "\r", "\n", "\r\n", "\ufeff", "\u200b", "a\n", "a;", "a\t", "a\n\u00a0 "]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("start", STARTS)
def test_row_65_what_could_begin_a_formula_has_a_quote_before_it(start: str, sign: str) -> None:
    safe = cell(f"{start}{sign}HYPERLINK(1)")
    line = re.split(r"[\n\r\t;]", safe)[-1]
    assert line.startswith("'") or safe[: safe.index(sign)].endswith("'"), safe


@pytest.mark.parametrize("value", ["", "See you at 9 - or 10", "a=b", "mail me@home", "Réparation", "12"])
def test_what_cannot_stays_as_it_is(value: str) -> None:
    assert cell(value) == value


@given(st.text(st.sampled_from("=+-@\t\r\n; '\"\u00a0\u200bab,"), max_size=12))
def test_row_65_no_line_of_a_value_begins_like_a_formula(value: str) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([cell(value)])
    (found,) = next(csv.reader(io.StringIO(written.getvalue())))
    for piece in re.split(r"[\n\r\t;]", found):
        assert not re.match(r"[\s\u200b]*[=+\-@]", piece)
    assert found.replace("'", "") == value.replace("'", "")
