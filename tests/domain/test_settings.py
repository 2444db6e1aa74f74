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
        ("office.country", "XK", "XK"),
        ("office.zone", " Europe/London ", "Europe/London"),
        ("office.zone", "Europe/London", "Europe/London"),
        ("office.name", "  Acme \n Dental ", "Acme Dental"),
        ("hours.conversational", "daily 8-18", "daily 08:00-18:00"),
        ("hours.office", "mon-fri 8:30-12:30, 13:30-18:00", "Mon-Fri 08:30-12:30 13:30-18:00"),
        ("hours.presets", "US-FL fr", "us-fl, fr"),
        ("hours.presets", " ", ""),
        ("hours.live_minutes", " 090 ", "90"),
        ("hours.live_minutes", "0", "0"),
        ("hours.closed", "2027-01-01,2026-12-31", "2026-12-31..2027-01-01"),
        ("hours.closed", "", ""),
        ("hours.holidays", "gb-eng us-fl,GB-ENG", "GB-ENG, US-FL"),
        ("limits.contact_day", "1000", "1000"),
        ("answers.after_hours", " ", ""),
        ("answers.after_hours", "{office} answers {opens}.", "{office} answers {opens}."),
    ],
)
def test_values(name: str, typed: str, value: str) -> None:
    assert SETTINGS[name].parse(typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("office.country", "GBR"),
        ("office.country", "ÉÉ"),
        ("office.country", "ZZ"),
        ("office.country", "UK"),
        ("office.country", "001"),
        ("office.zone", "Mars/Olympus"),
        ("office.zone", "../etc/passwd"),
        ("office.name", " "),
        ("office.name", "x" * 61),
        ("consent.stop_answer", ""),
        ("consent.stop_answer", "We open {opens}."),
        ("answers.after_hours", "{name}"),
        ("answers.after_hours", "{opens"),
        ("answers.after_hours", "x" * 161),
        ("hours.marketing", ""),
        ("hours.marketing", "always"),
        ("hours.presets", "us-zz"),
        ("hours.live_minutes", "1441"),
        ("hours.live_minutes", "-1"),
        ("hours.closed", "Christmas"),
        ("hours.holidays", "England"),
        ("hours.holidays", "ZZ"),
        ("hours.holidays", "GB-ENG, UK-SCT"),
        ("limits.contact_day", "1001"),
        ("limits.contact_marketing_month", "four"),
    ],
)
def test_values_that_cannot_be(name: str, typed: str) -> None:
    with pytest.raises(BadValue):
        SETTINGS[name].parse(typed)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("office.country", "uk", "Did you mean GB?"),
        ("office.country", "ZZ", "Give them as in GB or US"),
        ("office.zone", "Berlin", "Did you mean Europe/Berlin?"),
        ("office.zone", "Mars", "Give one such as Europe/London."),
    ],
)
def test_what_was_meant_is_asked(name: str, typed: str, said: str) -> None:
    with pytest.raises(BadValue) as error:
        SETTINGS[name].parse(typed)
    assert said in str(error.value)
