"""Settings an office can change: each takes its own default and explains what it does not take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.settings import SETTINGS, BadValue, Setting

every = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)


@every
def test_each_setting_takes_its_default_and_is_described(setting: Setting) -> None:
    assert setting.parse(setting.default) == setting.default
    assert setting.meaning.endswith(("...", "."))
    assert SETTINGS[setting.name] is setting


@every
@given(typed=st.text(max_size=200))
def test_any_input_is_taken_or_explained(setting: Setting, typed: str) -> None:
    try:
        value = setting.parse(typed)
    except BadValue as error:
        assert str(error).startswith("it must ")
        return
    assert setting.parse(value) == value


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("office.country", " gb ", "GB"),
        ("office.country", "", ""),
        ("office.zone", "Europe/London", "Europe/London"),
        ("office.name", "  Acme \n Dental ", "Acme Dental"),
    ],
)
def test_values(name: str, typed: str, value: str) -> None:
    assert SETTINGS[name].parse(typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("office.country", "GBR"),
        ("office.country", "ÉÉ"),
        ("office.zone", "Mars/Olympus"),
        ("office.zone", "../etc/passwd"),
        ("office.name", " "),
        ("office.name", "x" * 61),
        ("consent.stop_answer", ""),
    ],
)
def test_values_that_cannot_be(name: str, typed: str) -> None:
    with pytest.raises(BadValue):
        SETTINGS[name].parse(typed)
