"""Error numbers: each is one of the outcomes, and after Ctrl-Z only a closed list proves "not sent"."""

from __future__ import annotations

import pytest

from gateway.domain.line import CannotTell, NotNow, RefusedForGood, Scope, SendOutcome
from gateway.modem.answers import Result, ResultKind
from gateway.modem.codes import CME, CMS, PROVEN_NOT_SENT, WORDS, Remedy, meaning, normal_code, outcome


def told(kind: ResultKind, value: str = "", *, handed_over: bool) -> SendOutcome | None:
    return outcome(Result(kind, value), handed_over=handed_over)


@pytest.mark.parametrize("kind", [ResultKind.CMS, ResultKind.CME])
def test_every_number_has_an_outcome(kind: ResultKind) -> None:
    for number in range(1025):
        check_outcome(kind, number)


def check_outcome(kind: ResultKind, number: int) -> None:
    code = f"{kind} {number}"
    before = told(kind, str(number), handed_over=False)
    assert isinstance(before, RefusedForGood | NotNow), "nothing left before Ctrl-Z"
    after = told(kind, str(number), handed_over=True)
    if code == "CMS 197":
        assert after is None
    elif code in PROVEN_NOT_SENT:
        assert isinstance(after, RefusedForGood | NotNow)
    else:
        assert isinstance(after, CannotTell)
        assert after.code == code


@pytest.mark.parametrize(
    "code", ["CMS 332", "CMS 500", "CMS 300", "CMS 320", "CMS 513", "CME 31", "CME 100", "CME 515"]
)
def test_never_proven(code: str) -> None:
    assert code not in PROVEN_NOT_SENT


def test_all_that_is_proven_has_a_meaning() -> None:
    tables = {"CMS": CMS, "CME": CME}
    for code in PROVEN_NOT_SENT:
        family, _, number = code.partition(" ")
        assert int(number) in tables[family]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ResultKind.ERROR, ""),
        (ResultKind.TELEPHONE, "BUSY"),
        (ResultKind.TELEPHONE, "NO CARRIER"),
        (ResultKind.CMS, "network timeout"),
        (ResultKind.CMS, "Netzwerk weg"),
        (ResultKind.CMS, ""),
        (ResultKind.CMS, "9" * 400),
    ],
)
def test_what_proves_nothing(kind: ResultKind, value: str) -> None:
    assert isinstance(told(kind, value, handed_over=True), CannotTell)
    assert isinstance(told(kind, value, handed_over=False), NotNow)


@pytest.mark.parametrize(
    ("number", "error", "scope"),
    [
        (1, RefusedForGood, None),
        (195, RefusedForGood, None),
        (304, RefusedForGood, None),
        (69, RefusedForGood, None),
        (41, NotNow, Scope.MESSAGE),
        (38, NotNow, Scope.MESSAGE),
        (21, NotNow, Scope.MESSAGE),
        (8, NotNow, Scope.LINE),
        (310, NotNow, Scope.LINE),
        (330, NotNow, Scope.LINE),
        (331, NotNow, Scope.LINE),
        (301, NotNow, Scope.BUSY),
        (314, NotNow, Scope.BUSY),
    ],
)
def test_who_waits(number: int, error: type[SendOutcome], scope: Scope | None) -> None:
    found = told(ResultKind.CMS, str(number), handed_over=True)
    assert type(found) is error
    assert getattr(found, "scope", None) is scope


@pytest.mark.parametrize(("words", "number"), WORDS.items())
def test_words_are_numbers(words: str, number: int) -> None:
    assert normal_code(Result(ResultKind.CMS, words.upper())) == f"CMS {number}"
    assert number in CMS


def test_meanings() -> None:
    assert meaning("CMS 38").key == "network_out_of_order"
    assert meaning("CMS 197").remedy is Remedy.GONE
    assert meaning("CMS 777").key == meaning("ERROR").key == "unknown_error"
