"""What the program says of itself stands in docs/, word for word. `python -m tests.docs` writes it."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import click
import pytest

from gateway.config import OPTIONS, Option
from gateway.domain import line_options
from gateway.domain.settings import SETTINGS, Setting
from tests import docs


@pytest.mark.parametrize("name", docs.PAGES)
def test_the_page_says_what_the_program_says(name: str) -> None:
    path = docs.DOCS / name
    there = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    difference = "\n".join(
        difflib.unified_diff(there, docs.PAGES[name]().splitlines(), "docs", "program", lineterm="")
    )
    assert difference == "", f"run: python -m tests.docs\n{difference}"


@pytest.mark.parametrize("page", sorted(docs.DOCS.glob("*.md")), ids=lambda page: page.name)
def test_what_a_page_links_is_there(page: Path) -> None:
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [name for name in linked if not (page.parent / name).exists()] == []


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_boot_settings_are_documented(option: Option) -> None:
    (row,) = (row for row in _rows("settings.md") if f"`{option.env}`" in row)
    assert f"`{option.name}`" in row
    assert option.meaning in row
    assert not option.default or f"`{option.default}`" in row


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_settings_of_the_office_are_documented(setting: Setting) -> None:
    (row,) = (row for row in _rows("settings.md") if row.startswith(f"| `{setting.name}` |"))
    assert setting.meaning in row
    assert not setting.default or f"`{setting.default}`" in row


@pytest.mark.parametrize("option", line_options.OPTIONS.values(), ids=line_options.OPTIONS)
def test_options_of_a_line_are_documented(option: line_options.LineOption) -> None:
    (row,) = (row for row in _rows("settings.md") if row.startswith(f"| `{option.name}` |"))
    assert option.meaning in row
    assert not option.default or f"`{option.default}`" in row


def _rows(name: str) -> list[str]:
    return (docs.DOCS / name).read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("path", "command"), list(docs.commands()), ids=lambda given: str(given))
def test_every_command_has_help_with_an_example(path: str, command: click.Command) -> None:
    text = docs.help_of(path, command)
    assert "Example" in text
    assert path.split()[1] in text[text.index("Example") :]
    assert f"## {path}" in _rows("commands.md")
