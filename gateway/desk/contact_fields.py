"""What may stand in the fields of a contact: each typed value is checked and brought to its one form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from gateway.desk.chosen_times import known_zone
from gateway.domain.contact import Stage
from gateway.domain.conversation import Priority
from gateway.domain.refusal_words import Refused
from gateway.domain.typed import one_line

LONGEST_NAME = 80
LONGEST_LINE = 200
LONGEST_ADDRESS = 500
MOST_FIELDS = 30
LONGEST_FIELD_NAME = 40
LONGEST_FIELD = 500

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def _name(typed: str) -> str | None:
    return _line(typed, LONGEST_NAME)


def _line(typed: str, most: int = LONGEST_LINE) -> str | None:
    value = " ".join(typed.split())
    if len(value) > most or not value.isprintable():
        raise Refused("bad_name", most=most)
    return one_line(value) or None


def _address(typed: str) -> str | None:
    lines = [" ".join(line.split()) for line in typed.strip().splitlines()]
    if len(typed) > LONGEST_ADDRESS or not all(map(str.isprintable, lines)):
        raise Refused("bad_name", most=LONGEST_ADDRESS)
    return "\n".join(lines) or None


def _email(typed: str) -> str | None:
    value = _line(typed)
    if value is not None and not _EMAIL.fullmatch(value):
        raise Refused("bad_email", typed=value)
    return value


def _zone(typed: str) -> str | None:
    return known_zone(typed) if typed.strip() else None


def _stage(typed: str) -> str:
    if typed not in set(Stage):
        raise Refused("bad_choice", typed=typed, choices=", ".join(Stage))
    return typed


def _priority(typed: str) -> str:
    if typed not in set(Priority):
        raise Refused("bad_choice", typed=typed, choices=", ".join(Priority))
    return typed


def _language(typed: str) -> str | None:
    value = typed.strip()
    if value and not _LANGUAGE.fullmatch(value):
        raise Refused("bad_language", typed=value)
    return value or None


CHECKS: Mapping[str, Callable[[str], Any]] = {
    "name": _name,
    "zone": _zone,
    "stage": _stage,
    "priority": _priority,
    "language": _language,
    "company": _line,
    "email": _email,
    "address": _address,
}
"""Columns of contacts that people, programs and lists fill, each with what a typed value becomes; empty or
None forgets it. Each raises `Refused` for what it cannot be."""


def checked(values: Mapping[str, str | None]) -> dict[str, Any]:
    """These values in the form they are kept in.

    Raises:
        Refused: one of them cannot be; `data["field"]` names it.
    """
    found = {}
    for name, typed in values.items():
        try:
            found[name] = CHECKS[name](typed or "")
        except Refused as refused:
            refused.data = {**refused.data, "field": name}
            raise
    return found


def own_fields(values: Mapping[str, str]) -> dict[str, str]:
    """The office's own fields in the form they are kept in: those without a name or a value are left out.

    Raises:
        Refused: there are too many, or a name or value is too long.
    """
    found = {}
    for name, value in values.items():
        key, kept = _line(name, LONGEST_FIELD_NAME), _line(value, LONGEST_FIELD)
        if key and kept:
            found[key] = kept
    if len(found) > MOST_FIELDS:
        raise Refused("many_fields", most=MOST_FIELDS)
    return found
