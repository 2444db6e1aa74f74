"""Phone numbers as people write them and as the network gives them.

Everything we can send to is E.164 ("+447700900123") or a short code of 3 to 8 digits. *Possible* by
libphonenumber is enough, since numbers reserved for tests and fiction are possible but never valid; *not
valid* is a warning, never a refusal. Senders may also be names (alphanumeric, TS 23.040 9.1.2.5), which
nobody can answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from gateway.domain.language import t
from gateway.domain.typed import short, shown

EMERGENCY = frozenset({"112", "911", "999", "000", "110", "118", "119"})
"""Emergency codes of 3GPP TS 22.101 10.1, with or without a SIM. A text reaches nobody there."""

SHORT_CODE = re.compile(r"[0-9]{3,8}")


class Kind(StrEnum):
    """What sort of address a number is."""

    E164 = "e164"
    SHORT_CODE = "short_code"
    NAME = "name"  # alphanumeric sender
    UNKNOWN = "unknown"  # digits we cannot place; kept as they came
    WITHHELD = "withheld"  # a zero-length originator


@dataclass(frozen=True, slots=True)
class Number:
    """An address in its canonical writing."""

    text: str
    kind: Kind

    @property
    def can_be_texted(self) -> bool:
        """Whether a text can be sent to it."""
        return self.kind in (Kind.E164, Kind.SHORT_CODE)


class NotANumber(ValueError):
    """What was given cannot be texted; the text says why, for the person who typed it."""


def parse(text: str, country: str | None = None) -> Number:
    """Number that a person or program wants to text.

    `country` is the line's or the office's (ISO 3166-1 alpha-2); with it national writing is understood.

    Raises:
        NotANumber: it is not possible, it has letters or an extension, or it is in national writing and
            `country` is not known.
    """
    written = text.strip()
    if not written:
        raise NotANumber(t("No number was given. Write it with its country code, for example +12025550123."))
    if SHORT_CODE.fullmatch(written) and not _is_national(written, country):
        return Number(written, Kind.SHORT_CODE)
    if any(char.isalpha() for char in written):  # they would be dialled as digits, or dropped
        raise NotANumber(_HAS_LETTERS.format(number=short(written)))
    try:
        parsed = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException as error:
        raise NotANumber(_explain(written, error.error_type, country)) from None
    if parsed.extension:
        raise NotANumber(_HAS_EXTENSION.format(number=short(written)))
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise NotANumber(_LENGTH[reason].format(number=short(written)))
    return Number(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), Kind.E164)


class UnknownRegion(ValueError):
    """No country has these two letters; the text says so, `remedy` what to give instead."""

    def __init__(self, typed: str) -> None:
        near = _MEANT.get(typed.strip().upper())
        meant = t("Did you mean {near}?").format(near=near)
        self.remedy = meant if near else str(t("Give them as in GB or US (ISO 3166)."))
        super().__init__(
            t("{typed} is not a country. {remedy}").format(typed=shown(typed), remedy=self.remedy)
        )


_MEANT = {"UK": "GB", "EL": "GR", "USA": "US", "GBR": "GB"}
"""What people type for a country, to what it is called in ISO 3166."""


def region(typed: str) -> str:
    """The country whose two letters (ISO 3166-1 alpha-2) were typed, where it has telephone numbers.

    Raises:
        UnknownRegion: libphonenumber knows no country of that name.
    """
    value = typed.strip().upper()
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise UnknownRegion(typed)
    return value


_HAS_LETTERS = t(
    "{number} is not a phone number: it has letters. Write it in digits with its country code, for example "
    "+12025550123."
)
_HAS_EXTENSION = t("{number} has an extension, and no text reaches one. Write the number without it.")
_IS_NONE = t(
    "{number} is not a phone number. Write it in digits with its country code, for example +12025550123."
)
_NO_COUNTRY = t(
    "{number} has no country code. Write it like +12025550123, or set the country of the line or the office."
)
_NO_SUCH_CODE = t("{number} does not begin with a country code that exists.")
_LENGTH: dict[int, str] = {
    phonenumbers.ValidationResult.TOO_SHORT: t(
        "{number} is not a complete phone number: digits are missing. Check it and write all of it."
    ),
    phonenumbers.ValidationResult.TOO_LONG: t(
        "{number} is not a complete phone number: it has too many digits. Check it and write all of it."
    ),
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: t(
        "{number} is not a complete phone number: no country has that code. Check it and write all of it."
    ),
    phonenumbers.ValidationResult.INVALID_LENGTH: t(
        "{number} is not a complete phone number: no number there has that many digits. Check it and write "
        "all of it."
    ),
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: t(
        "{number} is not a complete phone number: the area code is missing. Check it and write all of it."
    ),
}


def _explain(written: str, error: int, country: str | None) -> str:
    if error == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
        is_national = country is None and not written.startswith("+")
        return (_NO_COUNTRY if is_national else _NO_SUCH_CODE).format(number=short(written))
    return _IS_NONE.format(number=short(written))


def from_network(address: str, *, is_name: bool, country: str | None = None) -> Number:
    """Number of a sender or recipient as a PDU gave it; never raises.

    National writing is completed with the country; what cannot be placed stays as it came.
    """
    if is_name:
        # a name made of digits must never be taken for the number it imitates
        spelled = f"{address} (name)" if re.fullmatch(r"[+\d\s().-]*", address) else address
        return Number(spelled, Kind.NAME)
    if not address:
        return Number("", Kind.WITHHELD)
    try:
        return parse(address, country)
    except NotANumber:
        return Number(address, Kind.UNKNOWN)


def _is_national(digits: str, country: str | None) -> bool:
    """Whether digits that could be a short code are a whole number of the country: some have 8 or fewer."""
    if country is None:
        return False
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(digits, country)))
    except phonenumbers.NumberParseException:
        return False


def is_valid(number: Number) -> bool:
    """Whether libphonenumber knows the range as assigned; False is worth a warning only."""
    if number.kind is not Kind.E164:
        return True
    return bool(phonenumbers.is_valid_number(phonenumbers.parse(number.text)))


def pretty(number: str) -> str:
    """For people: "+44 7700 900123"; anything but E.164 unchanged."""
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def same_subscriber(one: str, other: str) -> bool:
    """Whether two writings may be one phone: equal, or equal in their last 8 digits.

    A delivery report may name the recipient in national form (TS 23.040 leaves it to the network).
    """
    if one == other:
        return True
    a, b = (re.sub(r"\D", "", number)[-8:] for number in (one, other))
    return len(a) == 8 and a == b
