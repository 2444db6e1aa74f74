"""What a check says, and the sentences of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from gateway.domain.doctor_finding import Finding
from gateway.domain.doctor_words import SUBJECTS


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what, whether it is well, what was found, and the remedy when it is not.

    `seen`: whether it could be looked at; what could not is `ok`, and the remedy says how it can be.
    `subject` and `finding` are keys of `doctor_words.SUBJECTS`, for programs.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""
    seen: bool = True
    subject: str = ""
    finding: str = ""

    def as_object(self) -> dict[str, object]:
        """For --json."""
        return asdict(self)

    def as_text(self) -> str:
        """For people: one line, and the remedy below it."""
        mark = "!!" if not self.ok else "ok" if self.seen else "??"
        line = f"[{mark}] {self.name}: {self.found}"
        return line if mark == "ok" or not self.remedy else f"{line}\n     What to do: {self.remedy}"


def said(subject: str, finding: str, **values: Any) -> Check:
    """A check as the table words it; `values` are what stands in braces there."""
    about = SUBJECTS[subject]
    return _worded(about.name, about.findings[finding], values, subject, finding)


def said_of_any(name: str, finding: Finding, subject: str, **values: Any) -> Check:
    """What may be said of every check: that it could not be done."""
    return _worded(name, finding, values, subject, "")


def _worded(name: str, words: Finding, values: dict[str, Any], subject: str, finding: str) -> Check:
    return Check(
        name.format(**values),
        words.unseen or not words.do,
        words.is_.format(**values),
        words.do.format(**values),
        not words.unseen,
        subject,
        finding,
    )


def in_two(text: str) -> tuple[str, str]:
    """What is wrong, without its full stop, and what to do, of a text that says both."""
    wrong, _, remedy = text.partition(". ")
    return wrong.rstrip("."), remedy
