"""A browser without a screen: follows forms as a person would, with the hidden fields the page gave."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Page(HTMLParser):
    """Forms with their fields, buttons, and the text a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: dict[str, dict[str, str]] = {}
        self.buttons: list[dict[str, str]] = []
        self.text: list[str] = []
        self._form = ""
        self._textarea: str | None = None
        self._select = ""
        self._button: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = given.get("action") or given.get("id", "")
            self.forms[self._form] = {}
        elif tag == "input" and self._form and "name" in given:
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.forms[self._form][given["name"]] = given.get("value", "")
        elif tag == "select" and self._form and "name" in given:
            self._select = given["name"]
        elif tag == "option" and self._select:
            if "selected" in given or self._select not in self.forms[self._form]:
                self.forms[self._form][self._select] = given.get("value", "")
        elif tag == "textarea" and self._form:
            self._textarea = given.get("name", "")
            self.forms[self._form][self._textarea] = ""
        elif tag == "button":
            self._button = {**given, "words": ""}
            self.buttons.append(self._button)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        elif tag == "textarea":
            self._textarea = None
        elif tag == "select":
            self._select = ""
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            # a browser drops the line end right after the opening tag
            self.forms[self._form][self._textarea] += data.removeprefix("\n")
        if self._button is not None:
            self._button["words"] += data
        if data.strip():
            self.text.append(data.strip())


class Browser:
    """One person's browser."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.answer: TestResponse | None = None

    @property
    def page(self) -> _Page:
        return _Page(self.html)

    @property
    def html(self) -> str:
        assert self.answer is not None
        return self.answer.get_data(as_text=True)

    @property
    def text(self) -> str:
        """All words of the page, in order."""
        return " ".join(self.page.text)

    def get(self, path: str, **more: Any) -> TestResponse:
        self.answer = self.client.get(path, **more)
        return self.answer

    def submit(self, action: str, **typed: str) -> TestResponse:
        """Fill a form of the page and send it; follows the redirect."""
        fields = {**self.page.forms[action], **typed}
        self.answer = self.client.post(action, data=fields, follow_redirects=True)
        return self.answer

    def press(self, words: str) -> TestResponse:
        """Press a button that sends the page's common form elsewhere."""
        button = next(b for b in self.page.buttons if b["words"] == words and "formaction" in b)
        fields = self.page.forms[button["form"]]
        self.answer = self.client.post(button["formaction"], data=fields, follow_redirects=True)
        return self.answer

    def buttons(self) -> list[str]:
        return [button["words"] for button in self.page.buttons]
