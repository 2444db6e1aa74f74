"""What a program says of one of its customers, found by the number its own records give them: the same
judgement as a row of a list (`desk.import_rows`), and as often as it likes, for the same again changes
nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NoReturn

from gateway.desk import contact_fields, import_rows
from gateway.desk.drafts import Author
from gateway.desk.import_rows import Judged, Note, Way
from gateway.desk.settings import country
from gateway.domain import phone
from gateway.domain.imports import Given, Verdict
from gateway.domain.refusal_words import Refused
from gateway.store import contacts, team
from gateway.store.database import Tx

LONGEST_ID = 200
_OURS = "con_"


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of somebody. `values` by the columns of `contact_fields.CHECKS` (None forgets); `own`: of
    the office's own fields those to set; `agreed`: where and when they did; `overwrites`: also what was
    edited by hand."""

    external_id: str
    values: Mapping[str, str | None] = field(default_factory=dict)
    numbers: Sequence[str] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[str] = ()
    agreed: tuple[str, date] | None = None
    overwrites: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """What came of it. `notes`: words of `import_words.NOTES`, each with what it is about."""

    contact_id: int
    is_new: bool
    is_changed: bool
    notes: tuple[Note, ...]


def put(tx: Tx, said: Said, who: Author, now: datetime) -> Put:
    """Add a customer, or bring what is known of them up to date.

    Raises:
        Refused: one of the values cannot be, there is nobody yet and no number, or the number is of somebody
            else in the same records; nothing was changed.
    """
    given = _given(tx, said)
    judged = import_rows.judge(tx, given, Way(said.overwrites))
    if judged.verdict is Verdict.INVALID:
        _refuse(tx, given)
    is_new, is_changed = judged.contact_id is None, judged.contact_id is None or judged.changes
    if not is_changed:
        assert judged.contact_id is not None
        return Put(judged.contact_id, False, False, judged.why)
    contact_id, before = import_rows.take(tx, given, judged, str(who), now, how="api")
    _note(tx, contact_id, judged, before, who, now)
    return Put(contact_id, is_new, is_changed, judged.why)


def _given(tx: Tx, said: Said) -> Given:
    external_id = said.external_id
    is_seen = external_id.strip() == external_id and external_id.isprintable()
    if not 0 < len(external_id) <= LONGEST_ID or not is_seen or external_id.startswith(_OURS):
        raise Refused("bad_external_id", most=LONGEST_ID)
    contact_fields.checked(said.values)
    contact_fields.own_fields(said.own)
    region = country(tx)
    found: dict[str, phone.Number] = {}
    for typed in said.numbers:
        try:
            number = phone.parse(typed, region)
        except phone.NotANumber as error:
            raise Refused("bad_number", detail=error.args[0], field="numbers") from None
        found.setdefault(number.text, number)
    return Given(
        row=0,
        values={name: value or "" for name, value in said.values.items()},
        numbers=tuple(found.values()),
        own=dict(said.own),
        tags=tuple(dict.fromkeys(said.tags)),
        external_id=external_id,
        consent=(said.agreed[0], said.agreed[1].isoformat()) if said.agreed is not None else None,
    )


def _refuse(tx: Tx, given: Given) -> NoReturn:
    for number in given.numbers:
        if contacts.by_number(tx, number.text) is not None:
            raise Refused("other_external_id", number=number.text)
    raise Refused("no_number_given")


def _note(
    tx: Tx, contact_id: int, judged: Judged, before: dict[str, Any] | None, who: Author, now: datetime
) -> None:
    row = contacts.get(tx, contact_id)
    assert row is not None  # just written
    changed: dict[str, list[Any]] = (before or {}).get("values", {})
    was = {name: values[0] for name, values in changed.items()}
    is_now = {name: values[1] for name, values in changed.items()} if before is not None else {}
    if before is None:
        is_now = dict(judged.values)
    more = {"numbers": [one.text for one in judged.numbers], "tags": list(judged.tags)}
    after = {**is_now, **{name: value for name, value in more.items() if value}}
    team.note(tx, now, str(who), "contact.put", row.public_id, before=was or None, after=after)
