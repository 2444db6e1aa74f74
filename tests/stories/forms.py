"""The forms of a page, as a browser without JavaScript would send them, and the words a reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_SILENT = ("script", "style", "template", "title")


@dataclass
class Form:
    """One form: where it goes and what it sends of itself."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Button:
    """One button: the words on it, where it sends its form, and that form."""

    words: str
    action: str
    form: Form


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.buttons: list[tuple[dict[str, str], Form | None, list[str]]] = []
        self.forms: dict[str, Form] = {}
        self.words: list[str] = []
        self._current: Form | None = None
        self._in_button = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        self._silent += tag in _SILENT
        if tag == "form":
            self._current = Form(at.get("action", ""))
            self.forms[at.get("id", str(len(self.forms)))] = self._current
        elif tag == "button":
            self.buttons.append((at, self._current, [at.get("aria-label", "")]))
            self._in_button = True
        elif tag in ("input", "textarea", "select") and self._current is not None and _is_sent(at):
            self._current.fields[at["name"]] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag == "form":
            self._current = None
        elif tag == "button":
            self._in_button = False

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.words.append(data)
        if self._in_button:
            self.buttons[-1][2].append(data)


def _is_sent(at: dict[str, str]) -> bool:
    return bool(at.get("name")) and (at.get("type") not in ("checkbox", "radio") or "checked" in at)


def _parsed(page: str) -> _Page:
    parser = _Page()
    parser.feed(page)
    parser.close()
    return parser


def buttons_of(page: str) -> Iterator[Button]:
    """Every button of a page that sends a form."""
    parsed = _parsed(page)
    for at, around, words in parsed.buttons:
        form = parsed.forms.get(at["form"]) if "form" in at else around
        if form is not None:
            yield Button(" ".join(" ".join(words).split()), at.get("formaction", form.action), form)


def words_of(page: str) -> str:
    """What a reader sees, white space as a browser folds it."""
    return " ".join(" ".join(_parsed(page).words).split())
