"""What is said of customer lists: their columns, what becomes of each row and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.domain import phone
from gateway.domain.contact_words import Mark
from gateway.domain.imports import Column, Verdict
from gateway.domain.language import t
from gateway.domain.old_texts_csv import OldColumn

COLUMNS: Mapping[str, str] = {
    Column.SKIP: t("Leave this column out"),
    Column.NAME: t("Name"),
    Column.FIRST_NAME: t("First name"),
    Column.LAST_NAME: t("Last name"),
    Column.NUMBER: t("Number"),
    Column.COMPANY: t("Company"),
    Column.EMAIL: t("E-mail"),
    Column.ADDRESS: t("Address"),
    Column.LANGUAGE: t("Language"),
    Column.ZONE: t("Time zone"),
    Column.STAGE: t("Stage"),
    Column.PRIORITY: t("Priority"),
    Column.TAGS: t("Tags"),
    Column.EXTERNAL_ID: t("Customer number"),
    Column.OPT_IN: t("Agreed to be texted"),
    Column.OPT_IN_SOURCE: t("Where they agreed"),
    Column.OPT_IN_AT: t("When they agreed"),
}

OLD_COLUMNS: Mapping[str, str] = {
    OldColumn.SKIP: t("Leave this column out"),
    OldColumn.AT: t("Date, or date and time"),
    OldColumn.TIME: t("Time of day"),
    OldColumn.DIRECTION: t("Whether it came or went"),
    OldColumn.NUMBER: t("Number"),
    OldColumn.BODY: t("Text"),
}

VERDICTS: Mapping[str, Mark] = {
    Verdict.NEW: Mark(t("New"), "ok"),
    Verdict.UPDATE: Mark(t("Update"), ""),
    Verdict.SAME: Mark(t("Already the same"), ""),
    Verdict.INVALID: Mark(t("Cannot be used"), "bad"),
    Verdict.DUPLICATE: Mark(t("Twice in the file"), "warn"),
    Verdict.SUPPRESSED: Mark(t("Asked not to be texted"), "warn"),
}

LIST_PROBLEMS: Mapping[str, str] = {
    "list_unreadable": t("the folder cannot be read"),
    "list_empty": t("its newest file is empty"),
    "list_shape": t("its newest file has other columns than the list it was set up with"),
    "list_broken": t("its newest file breaks off: a quotation mark is opened and never closed"),
    "list_short": t("its newest file has less than half of the rows of the last one"),
    "import_large": t("its newest file is too large"),
}
"""Why nothing was taken from a watched folder."""


def list_problem(key: str) -> str:
    """The same in words, whatever it is."""
    return LIST_PROBLEMS.get(key) or t("its newest file cannot be used")


PASSED: Mapping[str, str] = {
    "picture": t("Pictures and group texts, not taken"),
    "unsent": t("Drafts and texts that never left, not taken"),
}
"""What of an old phone is only counted."""

NOTES: Mapping[str, str] = {
    "no_number": t("No number is in this row."),
    "duplicate": t("The same person as in row {what}, which counts."),
    "other_id": t("The number is of somebody with another customer number. Nothing was changed."),
    "taken": t("{what} is somebody else's already, and stays theirs."),
    "stopped": t("By a STOP on {what}. They are kept, but nothing is sent to them."),
    "conflict": t("The list says they agreed ({what}). Their own STOP counts."),
    "consent": t("Permission needs where and when it was given; this row comes in without it."),
    "kept.name": t("The name was changed by hand: kept as {what}."),
    "kept.field": t("{what} was changed by hand and is kept."),
    "kept": t("“{what}” was entered by hand and is kept."),
    "bad.tag": t("{what} is too long for a tag and is left out."),
    "bad.field": t("{what} is too long and is left out."),
    "bad": t("“{what}” cannot be used there and is left out."),
    "old_stop": t("They wrote STOP on {what}, and nothing since. They are not texted from here either."),
    "bad_time": t("“{what}” is no date and time."),
    "bad_direction": t("“{what}” does not say whether it came or went."),
    "bad_number": t("“{what}” is no number."),
    "future": t("Its time lies ahead of now."),
    "empty": t("There is no text in it."),
    "long": t("It is too long for a text."),
    "stayed": t("Changed or used since, so it stays."),
}
"""Why a row became what it did; `{what}` is what that is about."""


def why(notes: Iterable[tuple[str, str]], country: str | None) -> str:
    """What is said of a row, in a sentence each. `country` is the office's, for what is wrong with
    a number."""
    return " ".join(str(_note(key, what, country)) for key, what in notes)


def _note(key: str, what: str, country: str | None) -> Any:
    if key == "number":
        try:
            phone.parse(what, country)
        except phone.NotANumber as error:
            return error.args[0]
    sentence = NOTES.get(key) or NOTES[key.partition(".")[0]]
    return sentence.format(what=what)
