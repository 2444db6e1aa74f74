"""Hours for marketing texts that places ask for, as data. A preset is one more set of windows that has to be
open: it can only narrow what the office allows, never widen it. Not legal advice: most rows come from what
senders publish, not from the statutes; each names its source and the day it was looked at.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.domain import hours
from gateway.domain.hours import Windows
from gateway.domain.language import t
from gateway.domain.typed import shown


class UnknownPreset(ValueError):
    """There is no preset of that code; the text names the nearest."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One place. `hours` is read by `gateway.domain.hours.parse`, in the recipient's zone."""

    code: str
    name: str
    hours: str
    source: str
    note: str = ""
    checked_on: date = date(2026, 11, 22)

    @property
    def open_at(self) -> str:
        """Its hours in the language spoken."""
        return hours.parse(self.hours).told()


_US_SUNDAY_NONE = "Mon-Sat 08:00-20:00"

PRESETS: dict[str, Preset] = {
    preset.code: preset
    for preset in (
        Preset(
            "everywhere",
            t("Works almost everywhere"),
            "Mon-Fri 10:00-18:00; Sat 10:00-17:00; holidays none",
            "lies inside every other row",
        ),
        Preset(
            "us",
            t("United States, federal"),
            "daily 08:00-21:00",
            "47 CFR 64.1200(c)(1); Referrizer, Drop Cowboy",
        ),
        Preset("us-al", t("Alabama"), f"{_US_SUNDAY_NONE}; holidays none", "Drop Cowboy"),
        Preset("us-ct", t("Connecticut"), "daily 09:00-20:00", "Drop Cowboy"),
        Preset(
            "us-fl",
            t("Florida"),
            "daily 08:00-20:00",
            "Drop Cowboy, leadgen-economy",
            t("at most 3 texts in 24 hours on one subject"),
        ),
        Preset("us-ky", t("Kentucky"), "daily 10:00-21:00", "Drop Cowboy"),
        Preset("us-la", t("Louisiana"), f"{_US_SUNDAY_NONE}; holidays none", "Drop Cowboy"),
        Preset("us-ma", t("Massachusetts"), "daily 08:00-20:00", "Drop Cowboy"),
        Preset(
            "us-md", t("Maryland"), "daily 08:00-20:00", "Referrizer, DWT", t("at most 3 texts in 24 hours")
        ),
        Preset("us-mi", t("Michigan"), "daily 09:00-21:00", "Drop Cowboy"),
        Preset("us-mn", t("Minnesota"), "daily 09:00-21:00", "Drop Cowboy"),
        Preset("us-ms", t("Mississippi"), _US_SUNDAY_NONE, "Drop Cowboy"),
        Preset("us-nj", t("New Jersey"), "daily 08:00-20:00", "Referrizer"),
        Preset("us-nm", t("New Mexico"), "daily 09:00-21:00", "Drop Cowboy"),
        Preset("us-nv", t("Nevada"), "daily 08:00-20:00", "Drop Cowboy"),
        Preset(
            "us-ok",
            t("Oklahoma"),
            "daily 08:00-20:00",
            "Drop Cowboy, Ropes & Gray",
            t("at most 3 texts in 24 hours; the area code counts as the home"),
        ),
        Preset("us-ri", t("Rhode Island"), "Mon-Fri 09:00-18:00; Sat-Sun 10:00-17:00", "Referrizer"),
        Preset(
            "us-tx",
            t("Texas"),
            "Mon-Sat 09:00-21:00; Sun 12:00-21:00",
            "SB 140, in force since 1 September 2025; Foster Garvey, Varnum",
        ),
        Preset(
            "us-wa",
            t("Washington"),
            "daily 08:00-20:00",
            "RCW 19.158.040; Centralia",
            t("no contact for one year after a request"),
        ),
        Preset(
            "fr",
            t("France"),
            "Mon-Sat 08:30-20:00; holidays none",
            "Brevo and other senders, who differ",
        ),
        Preset(
            "uk-eu-ca",
            t("United Kingdom, European Union elsewhere, Canada"),
            "Mon-Sat 09:00-20:00",
            "no hours for texts were found in their laws; these are ours",
        ),
    )
}


_COUNTRIES: dict[str, str] = {"US": "us", "FR": "fr"}
_EVERYWHERE = "everywhere"
_OTHERS = "uk-eu-ca"
_HAVE_OTHERS = frozenset({
    "GB", "CA", "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "DE", "GR", "HU",
    "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
})  # fmt: skip


def of_country(country: str) -> frozenset[str]:
    """Codes of the presets an office in that country (two letters, or empty) will look for first."""
    own = _COUNTRIES.get(country, _OTHERS if country in _HAVE_OTHERS else "")
    near = {code for code in PRESETS if own and (code == own or code.startswith(f"{own}-"))}
    return frozenset(near | {_EVERYWHERE})


def codes(text: str) -> tuple[str, ...]:
    """The codes in a list separated by commas or spaces, each once, in their order.

    Raises:
        UnknownPreset: one is no preset's.
    """
    found = tuple(dict.fromkeys(text.lower().replace(",", " ").split()))
    for code in found:
        if code not in PRESETS:
            sentence = t("there is no preset {code}. Did you mean {near}?")
            raise UnknownPreset(sentence.format(code=shown(code), near=repr(_nearest(code))))
    return found


def _nearest(typed: str) -> str:
    """The code that was most likely meant; people also type the name of the place."""
    begun = [code for code in PRESETS if code.startswith(typed) or typed.startswith(code)]
    if begun:
        return max(begun, key=len)
    named = {preset.name.lower(): preset.code for preset in PRESETS.values()}
    (near,) = difflib.get_close_matches(typed, [*PRESETS, *named], n=1, cutoff=0.0)
    return named.get(near, near)


def narrowing(codes: Iterable[str]) -> tuple[Windows, ...]:
    """The windows that have to be open besides the office's own."""
    return tuple(hours.parse(PRESETS[code].hours) for code in codes)
