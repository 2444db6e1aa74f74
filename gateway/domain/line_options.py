"""Options of one line, each described once: the command, the page, the docs and the tests are made from
this table. A line's name, port, number, limits and PIN are not here: they make it the line it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.domain import zones
from gateway.domain.language import t
from gateway.domain.typed import shown


class BadOption(ValueError):
    """A line's option cannot be set like this; the text says what it must be."""


@dataclass(frozen=True, slots=True)
class LineOption:
    """One option. `parse` turns what was typed into the stored text, or raises `BadOption`.

    `label` is its name on the line's page; `choices` are the values it can have, where they are few.
    """

    name: str
    default: str
    meaning: str
    parse: Callable[[str], str]
    label: str
    choices: tuple[str, ...] = ()


CHOICES: dict[str, str] = {
    "yes": t("yes"),
    "no": t("no"),
    "ring": t("ring"),
    "hang_up": t("hang up"),
    "refuse": t("refuse"),
    "number": t("number them"),
}
"""What choices are called on pages."""


def in_words(choice: str) -> str:
    """A choice as it is typed in a command: "hang up"."""
    return choice.replace("_", " ")


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        value = re.sub("[ -]", "_", typed.strip().lower())
        if value not in choices:
            listed = ", ".join(map(in_words, choices))
            raise BadOption(t("it must be one of: {choices}").format(choices=listed))
        return value

    return parse


def _centre(typed: str) -> str:
    value = re.sub(r"[ ().-]", "", typed)
    if value and not re.fullmatch(r"\+[0-9]{5,15}", value):
        raise BadOption(t("it must be a number with its country code, such as +447700900999, or empty"))
    return value


def _code(typed: str) -> str:
    value = typed.strip()
    if value and not re.fullmatch(r"[*#0-9]{2,30}", value):
        raise BadOption(t("it must be a service code of *, # and digits, such as *100#, or empty"))
    return value


def _minutes(typed: str) -> str:
    value = typed.strip()
    if not re.fullmatch(r"[0-9]{1,4}", value) or int(value) > 1440:
        raise BadOption(t("it must be a number of minutes from 0 to 1440"))
    return str(int(value))


def _zone(typed: str) -> str:
    try:
        return zones.named(typed) if typed.strip() else ""
    except zones.UnknownZone as error:
        raise BadOption(t("it must be a time zone, or empty. {remedy}").format(remedy=error.remedy)) from None


def _name(typed: str) -> str:
    return typed.strip()


OPTIONS: dict[str, LineOption] = {
    option.name: option
    for option in (
        LineOption(
            "roaming",
            "no",
            t(
                "Whether texts may go out while the SIM is in a foreign network, where each may cost extra "
                "(yes or no). With no they wait until it is home again."
            ),
            _one_of("yes", "no"),
            t("Texts in foreign networks"),
            ("yes", "no"),
        ),
        LineOption(
            "calls",
            "ring",
            t(
                "What becomes of a call: ring lets it ring out, hang up ends it once the number is known. "
                "Either way the missed call is shown."
            ),
            _one_of("ring", "hang_up"),
            t("Calls"),
            ("ring", "hang_up"),
        ),
        LineOption(
            "smsc",
            "",
            t("The operator's message centre (SMSC), set where the SIM has lost its own. Empty: the SIM's."),
            _centre,
            t("Message centre (SMSC)"),
        ),
        LineOption(
            "long_texts",
            "refuse",
            t(
                "What becomes of a long text on a line that cannot join parts: refuse says so to the writer, "
                "number sends single texts that begin with 1/3, 2/3 and so on."
            ),
            _one_of("refuse", "number"),
            t("Long texts"),
            ("refuse", "number"),
        ),
        LineOption(
            "fallback",
            "",
            t(
                "Name of another line that sends what waits while this one is down, or the network refuses "
                "its every text. The customer sees that line's number. Empty: texts wait."
            ),
            _name,
            t("Another line that stands in"),
        ),
        LineOption(
            "fallback_after",
            "15",
            t("Minutes this line must have sent nothing for that before the other one sends."),
            _minutes,
            t("Stands in after (minutes)"),
        ),
        LineOption(
            "balance",
            "",
            t(
                "Service code that tells a prepaid SIM's balance, such as *100#. Shows a button on the "
                "line's page. Empty: no button."
            ),
            _code,
            t("Service code of the balance"),
        ),
        LineOption(
            "zone",
            "",
            t(
                "Time zone this line's customers live in unless their number says otherwise. "
                "Empty: the office's."
            ),
            _zone,
            t("Time zone of its customers"),
        ),
    )
}


def parse(name: str, typed: str) -> str:
    """The value to store for what was typed.

    Raises:
        BadOption: there is no such option, or the value cannot be used; the text says what can.
    """
    if name not in OPTIONS:
        raise BadOption(f"{name!r} is no option of a line. There are: {', '.join(OPTIONS)}")
    try:
        return OPTIONS[name].parse(typed)
    except BadOption as error:
        sentence = t("{option} cannot be {value}: {why}")
        raise BadOption(sentence.format(option=OPTIONS[name].label, value=shown(typed), why=error)) from None


def value(stored: Mapping[str, str], name: str) -> str:
    """An option's value for a line that stores `stored`."""
    return stored.get(name, OPTIONS[name].default)
