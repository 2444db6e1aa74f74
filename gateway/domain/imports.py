"""Customer lists: what a column can hold, how it is guessed from its header, and what each row of it says.

Pure: rows of text in, what they mean out. Whom they are of, and what that changes, is `desk.import_rows`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from gateway.domain import phone
from gateway.domain.contact import FIRST_NAME, Stage, folded
from gateway.domain.conversation import Priority
from gateway.domain.csv_lists import Row

CONTACTS, HISTORY = "contacts", "history"
"""Kinds of imports: a customer list, an old phone's texts."""
MOST_WAITING = 10
"""Uploads of a kind that are kept while nobody takes them in; of more, the newest."""
LARGEST = 10 << 20
"""Octets of a file that is brought in."""
MOST_ROWS = 50_000


class Verdict(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    UPDATE = "update"
    SAME = "same"
    INVALID = "invalid"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"  # taken in, and never texted: they said stop


class Column(StrEnum):
    """What a column of a list can hold; one that begins with `OWN` is a field of the office's own."""

    SKIP = ""
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    NUMBER = "number"
    COMPANY = "company"
    EMAIL = "email"
    ADDRESS = "address"
    LANGUAGE = "language"
    ZONE = "zone"
    STAGE = "stage"
    PRIORITY = "priority"
    TAGS = "tags"
    EXTERNAL_ID = "external_id"
    OPT_IN = "opt_in"
    OPT_IN_SOURCE = "opt_in_source"
    OPT_IN_AT = "opt_in_at"


OWN = "field:"
REPEATED = frozenset({Column.SKIP, Column.NUMBER, Column.TAGS, Column.ADDRESS})
"""What several columns may hold at once."""

_HEADERS: Mapping[str, Column] = {
    header: column
    for column, headers in {
        Column.NAME: "name|full name|contact|contact name|customer|customer name|display name|nom complet|"
        "nom et prenom|prenom et nom|client|patient|nom du client",
        Column.FIRST_NAME: "first name|firstname|given name|forename|prenom",
        Column.LAST_NAME: "last name|lastname|surname|family name|nom|nom de famille",
        Column.NUMBER: "phone|phone number|number|mobile|mobile phone|cell|cell phone|telephone|tel|"
        "mobile number|home phone|work phone|business phone|phone 1 value|phone 2 value|telephone mobile|"
        "telephone portable|portable|numero|numero de telephone|gsm|tel mobile|tel portable|tel fixe|fixe",
        Column.COMPANY: "company|organization|organisation|organization name|"
        "societe|entreprise|raison sociale",
        Column.EMAIL: "email|e mail|email address|e mail address|e mail 1 value|mail|courriel|adresse email|"
        "adresse e mail|adresse mail",
        Column.ADDRESS: "address|street|postal address|city|town|postcode|zip|zip code|country|adresse|rue|"
        "ville|code postal|pays",
        Column.LANGUAGE: "language|langue",
        Column.ZONE: "zone|time zone|timezone|fuseau horaire|fuseau",
        Column.STAGE: "stage|status|statut|etape",
        Column.PRIORITY: "priority|priorite",
        Column.TAGS: "tag|tags|labels|label|categories|category|groups|group membership|etiquettes|etiquette|"
        "groupe|groupes|categorie",
        Column.EXTERNAL_ID: "external id|id|customer id|customer number|customer no|client id|patient id|"
        "reference|ref|numero client|numero de client|n client|code client|identifiant|external_id",
        Column.OPT_IN: "opt in|optin|consent|marketing|consentement|accepte les sms",
        Column.OPT_IN_SOURCE: "opt in source|consent source|source du consentement|origine du consentement",
        Column.OPT_IN_AT: "opt in date|consent date|opt in at|date du consentement|date de consentement",
    }.items()
    for header in headers.split("|")
}


def guess(headers: Sequence[str]) -> list[str]:
    """For each header what its column most likely holds; of what can be there once, the first."""
    found: list[str] = []
    for header in headers:
        words = " ".join(re.sub(r"[^a-z0-9]+", " ", folded(header)).split())
        column = _HEADERS.get(words) or _HEADERS.get(re.sub(r" ?[0-9]+$", "", words)) or Column.SKIP
        found.append(column if column in REPEATED or column not in found else Column.SKIP)
    if Column.NAME not in found and Column.LAST_NAME in found and Column.FIRST_NAME not in found:
        found[found.index(Column.LAST_NAME)] = Column.NAME  # "Nom" alone is the whole name
    return found


def has_headers(first: Row) -> bool:
    """Whether the first row of a list names its columns: one header is known, and no cell is a number."""
    return any(guess(first.cells)) and not any(
        re.fullmatch(r"[+\d][\d\s().-]{6,}", cell) for cell in first.cells
    )


def name_of(file_name: str) -> str:
    """A file's name as it can be kept: of one in another encoding, what is no character becomes U+FFFD."""
    return file_name[:200].encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@dataclass(frozen=True, slots=True)
class Form:
    """How a list is to be read; kept as JSON. `columns`: for each column a `Column`, or `OWN` and a name.
    `overwrites`: also what was edited by hand. `stage`: of those who are new."""

    format: str = "csv"
    encoding: str = "utf-8"
    separator: str = ","
    headers: bool = True
    columns: tuple[str, ...] = ()
    overwrites: bool = False
    stage: str = Stage.PROSPECT.value
    line_id: int | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Form:
        """As it was kept."""
        return cls(**{**kept, "columns": tuple(kept.get("columns", ()))})

    def kept(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "columns": list(self.columns)}


class Unusable(ValueError):
    """Columns that make no list; `key` says why, a word of `import_words.UNUSABLE`."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(key)


def check_columns(columns: Sequence[str]) -> None:
    """Whether a list can be brought in by these columns.

    Raises:
        Unusable: nobody could be found by it, something is there twice, or consent without its proof.
    """
    chosen = [one for one in columns if one]
    if not {Column.NUMBER, Column.EXTERNAL_ID} & set(chosen):
        raise Unusable("no_number")
    if any(chosen.count(one) > 1 for one in chosen if one not in REPEATED):
        raise Unusable("twice")
    if Column.OPT_IN in chosen and not {Column.OPT_IN_SOURCE, Column.OPT_IN_AT} <= set(chosen):
        raise Unusable("consent")


@dataclass(frozen=True, slots=True)
class Given:
    """What a row says of somebody. `numbers` are canonical; `notes` what of it is left out: a word of
    `import_words.NOTES` and what it is about. `consent`: source, day (ISO 8601)."""

    row: int
    values: dict[str, str] = field(default_factory=dict)
    numbers: tuple[phone.Number, ...] = ()
    own: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    external_id: str | None = None
    consent: tuple[str, str] | None = None
    notes: tuple[tuple[str, str], ...] = ()
    duplicate_of: int | None = None
    cells: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Who it is, as the list calls them."""
        return self.values.get("name", "")

    def kept(self) -> dict[str, Any]:
        """What is shown and downloaded of it later."""
        return {
            "name": self.name,
            "numbers": [one.text for one in self.numbers],
            "cells": list(self.cells),
        }


def understood(rows: Sequence[Row], form: Form, country: str | None) -> list[Given]:
    """What each row says. Of two rows about one person (a number or external id in common) the first
    counts."""
    found: list[Given] = []
    first_by: dict[str, int] = {}
    for row in rows:
        given = _given(row, form, country)
        keys = [number.text for number in given.numbers]
        if given.external_id is not None:
            keys = [f"id {given.external_id}", *keys]
        before = next((first_by[key] for key in keys if key in first_by), None)
        if before is not None:
            given = replace(given, duplicate_of=before)
        for key in keys:
            first_by.setdefault(key, row.number)
        found.append(given)
    return found


def _given(row: Row, form: Form, country: str | None) -> Given:
    by_column: dict[str, list[str]] = {}
    for column, cell in zip(form.columns, row.cells, strict=False):
        if column and cell:
            by_column.setdefault(column, []).append(cell)
    notes: list[tuple[str, str]] = []
    values = _values(by_column)
    own = {name.removeprefix(OWN): cells[0] for name, cells in by_column.items() if name.startswith(OWN)}
    first = " ".join(by_column.get(Column.FIRST_NAME, [""])[0].split())
    if first and first != values.get("name", "").partition(" ")[0]:
        own[FIRST_NAME] = first
    return Given(
        row=row.number,
        values=values,
        numbers=_numbers(by_column.get(Column.NUMBER, []), country, notes),
        own=own,
        tags=_pieces(by_column.get(Column.TAGS, []), r"[;,|]"),
        external_id=by_column.get(Column.EXTERNAL_ID, [None])[0],
        consent=_consent(by_column, notes),
        notes=tuple(notes),
        cells=row.cells,
    )


def _values(by_column: Mapping[str, list[str]]) -> dict[str, str]:
    one = {column: cells[0] for column, cells in by_column.items()}
    name = one.get(Column.NAME) or " ".join(
        part for part in (one.get(Column.FIRST_NAME), one.get(Column.LAST_NAME)) if part
    )
    found = {
        "name": " ".join(name.split()),
        "address": "\n".join(by_column.get(Column.ADDRESS, [])),
        "language": _LANGUAGES.get(folded(one.get(Column.LANGUAGE, "")), one.get(Column.LANGUAGE, "")),
        "stage": _STAGES.get(folded(one.get(Column.STAGE, "")), one.get(Column.STAGE, "")),
        "priority": _PRIORITIES.get(folded(one.get(Column.PRIORITY, "")), one.get(Column.PRIORITY, "")),
        **{column.value: one.get(column, "") for column in (Column.COMPANY, Column.EMAIL, Column.ZONE)},
    }
    return {name: value for name, value in found.items() if value}


def _numbers(
    cells: Sequence[str], country: str | None, notes: list[tuple[str, str]]
) -> tuple[phone.Number, ...]:
    found: dict[str, phone.Number] = {}
    for typed in _pieces(cells, r"[;,|\n]|\s/\s|:::"):
        try:
            number = phone.parse(typed, country)
        except phone.NotANumber:
            notes.append(("number", typed))
        else:
            found.setdefault(number.text, number)
    return tuple(found.values())


def _pieces(cells: Sequence[str], separators: str) -> tuple[str, ...]:
    pieces = (piece.strip() for cell in cells for piece in re.split(separators, cell))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def _consent(by_column: Mapping[str, list[str]], notes: list[tuple[str, str]]) -> tuple[str, str] | None:
    said = folded(by_column.get(Column.OPT_IN, [""])[0])
    if said not in _YES:
        return None
    source = by_column.get(Column.OPT_IN_SOURCE, [""])[0]
    written = by_column.get(Column.OPT_IN_AT, [""])[0]
    day = _day(written)
    if not source or day is None:
        notes.append(("consent", written))
        return None
    return (source, day.isoformat())


def _day(written: str) -> date | None:
    """A day as lists write it: 2026-05-03, 03/05/2026 and 03.05.2026 (the day first, as Europe does)."""
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(written[:10], form).date()
        except ValueError:
            continue
    return None


_YES = frozenset({"yes", "y", "true", "1", "x", "oui", "o", "vrai", "opt-in", "opted in"})
_STAGES = {
    **{stage.value: stage.value for stage in Stage},
    **dict.fromkeys(("client", "cliente", "active", "actif", "patient"), Stage.CUSTOMER.value),
    **dict.fromkeys(("lead", "new", "nouveau"), Stage.PROSPECT.value),
    **dict.fromkeys(("ancien", "ancien client", "inactive", "inactif"), Stage.FORMER.value),
}
_PRIORITIES = {
    **{priority.value: priority.value for priority in Priority},
    **{
        "basse": "low",
        "faible": "low",
        "normale": "normal",
        "haute": "high",
        "elevee": "high",
        "vip": "high",
    },
    **{"urgente": "urgent"},
}
_LANGUAGES = {
    "english": "en", "anglais": "en", "french": "fr", "francais": "fr", "german": "de", "allemand": "de",
    "spanish": "es", "espagnol": "es", "italian": "it", "italien": "it", "dutch": "nl", "neerlandais": "nl",
}  # fmt: skip
