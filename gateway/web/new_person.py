"""The form by which somebody gets an account, and the part of it that asks for a new password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.desk.team import MAX_NAME, BadUser, hash_password
from gateway.domain import setup_words
from gateway.domain.typed import one_line
from gateway.web.frame import office_name


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What was typed, read. `errors` are the fields that cannot be taken, and why."""

    name: str
    username: str
    password_hash: str
    typed: Mapping[str, str]
    errors: Mapping[str, str]

    @classmethod
    def read(cls, form: Mapping[str, str]) -> NewPerson:
        """Read the form. Hashing is slow."""
        typed = {"name": one_line(form.get("name", "")), "username": form.get("username", "")}
        name, username = typed["name"], typed["username"].strip().lower()
        hashed, errors = new_password(form, username, name)
        if not name:
            errors["name"] = setup_words.NO_NAME
        elif len(name) > MAX_NAME:
            errors["name"] = setup_words.LONG_NAME.format(most=MAX_NAME)
            typed["name"] = name[:MAX_NAME]
        return cls(name, username, hashed, typed, errors)


def new_password(form: Mapping[str, str], username: str, name: str) -> tuple[str, dict[str, str]]:
    """The hash of a new password that was typed twice, and what is wrong with it, by field."""
    password = form.get("password", "")
    errors: dict[str, str] = {}
    if password != form.get("again", ""):
        errors["again"] = setup_words.PASSWORDS_DIFFER
    try:
        return hash_password(password, username, name, office_name()), errors
    except BadUser as error:
        return "", {**errors, "password": str(error)}
