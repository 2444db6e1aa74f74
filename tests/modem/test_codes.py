"""Error numbers: each is one of the outcomes, and after Ctrl-Z only a closed list proves "not sent"."""

from __future__ import annotations

import pytest

from gateway.domain.line import CannotTell, NotNow, RefusedForGood, Scope, SendOutcome
from gateway.modem.answers import Result, ResultKind
from gateway.modem.codes import CME, CMS, PROVEN_NOT_SENT, WORDS, Remedy, meaning, normal_code, outcome
from gateway.modem.profile import Profile
from gateway.modem.profiles import PROFILES


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


# --- makers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ResultKind.CMS, ResultKind.CME])
@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_number_of_every_profile(profile: Profile, kind: ResultKind) -> None:
    """After Ctrl-Z nothing but the profile's closed list escapes "cannot tell"."""
    for number in range(601):
        code, result = f"{kind} {number}", Result(kind, str(number))
        before = outcome(result, handed_over=False, tables=profile)
        after = outcome(result, handed_over=True, tables=profile)
        assert isinstance(before, RefusedForGood | NotNow), code
        if code in profile.proven_not_sent:
            assert type(after) is type(before), code
            assert getattr(after, "scope", None) is getattr(before, "scope", None), code
        else:
            assert after is None if code == "CMS 197" else isinstance(after, CannotTell), code
        assert_scope(profile.remedy(code), before)


def assert_scope(remedy: Remedy, error: SendOutcome) -> None:
    for_good = remedy in (Remedy.NEVER, Remedy.OURS)
    assert isinstance(error, RefusedForGood) == for_good
    if isinstance(error, NotNow):
        of_message = remedy in (Remedy.LATER, Remedy.GONE)
        assert (error.scope is Scope.MESSAGE) == of_message
        assert (error.scope is Scope.BUSY) == (remedy is Remedy.SOON)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_what_may_mean_sent_is_on_no_list(profile: Profile) -> None:
    """No answer in time, a lost acknowledgement, a failure nobody names: the text may be on its way."""
    assert profile.proven_not_sent >= PROVEN_NOT_SENT
    numbers = {"CMS": (300, 320, 332, 500, 513, 514), "CME": (0, 31, 100)}
    doubtful = {f"{family} {number}" for family, those in numbers.items() for number in those}
    assert not profile.proven_not_sent & (doubtful | {"ERROR"})


@pytest.mark.parametrize(
    ("name", "number", "remedy", "proven"),
    [
        ("wavecom", 512, Remedy.SOON, True),
        ("wavecom", 513, Remedy.LATER, False),
        ("wavecom", 514, Remedy.LATER, False),
        ("wavecom", 515, Remedy.SOON, True),
        ("siemens", 513, Remedy.DRAIN, False),
        ("siemens", 515, Remedy.OURS, False),
        ("simcom-800", 522, Remedy.LATER, False),
        ("simcom-7600", 640, Remedy.NETWORK, False),
        ("siemens", 772, Remedy.DEVICE, False),
        ("quectel", 513, Remedy.OURS, False),
        ("quectel", 515, Remedy.LADDER, False),
        ("quectel", 531, Remedy.DRAIN, False),
        ("generic-27005", 512, Remedy.LATER, False),
        ("huawei", 515, Remedy.LATER, False),
    ],
)
def test_makers_give_the_same_numbers_other_meanings(
    name: str, number: int, remedy: Remedy, proven: bool
) -> None:
    profile = next(profile for profile in PROFILES if profile.name == name)
    assert profile.remedy(f"CMS {number}") is remedy
    after = outcome(Result(ResultKind.CMS, str(number)), handed_over=True, tables=profile)
    assert isinstance(after, CannotTell) != proven


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("CMS 300", Remedy.LADDER),
        ("CMS 320", Remedy.LADDER),
        ("CMS 500", Remedy.LADDER),
        ("CME 100", Remedy.LADDER),
        ("CMS 208", Remedy.DRAIN),
        ("CMS 322", Remedy.DRAIN),
        ("CME 20", Remedy.DRAIN),
        ("CMS 330", Remedy.CENTRE),
    ],
)
def test_what_the_line_can_do_about_it(code: str, remedy: Remedy) -> None:
    assert meaning(code).remedy is remedy
