"""The forms of a page, as a browser without JavaScript would send them, and the words a reader sees."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_SILENT = ("script", "style", "template", "title")


@dataclass
class Form:
    """One form: where it goes, what it sends of itself, and the words on its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._current: Form | None = None
        self._button: tuple[Form, list[str]] | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self._silent += tag in _SILENT
        if tag == "form":
            self._current = Form(at.get("action", ""))
            self.forms.append(self._current)
            self._by_id[at.get("id", "")] = self._current
            return
        form = self._by_id.get(at["form"]) if "form" in at else self._current
        if form is None:
            return
        if tag == "button":
            self._button = form, []
            if "aria-label" in at:
                form.buttons.append(at["aria-label"])
        elif tag in ("input", "textarea", "select") and at.get("name"):
            if at.get("type") not in ("checkbox", "radio") or "checked" in at:
                form.fields[at["name"]] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag == "form":
            self._current = None
        elif tag == "button" and self._button is not None:
            form, words = self._button
            form.buttons.append(" ".join(" ".join(words).split()))
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words.append(data)
        if self._button is not None:
            self._button[1].append(data)


def _parsed(page: str) -> _Page:
    parser = _Page()
    parser.feed(page)
    parser.close()
    return parser


def forms_of(page: str) -> list[Form]:
    """Every form of a page."""
    return _parsed(page).forms


def words_of(page: str) -> str:
    """What a reader sees, white space as a browser folds it."""
    return " ".join(" ".join(_parsed(page).words).split())
