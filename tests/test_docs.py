"""What the program says of itself stands in docs/, word for word. `python -m tests.docs` writes it."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from deb import build
from gateway.cli import main
from gateway.config import OPTIONS, Option
from gateway.domain import line_options
from gateway.domain.settings import SETTINGS, Setting
from tests import docs, log_events

ROOT = docs.DOCS.parent
WRITTEN = sorted(str(page.relative_to(ROOT)) for folder in (ROOT, docs.DOCS) for page in folder.glob("*.md"))


@pytest.mark.parametrize("name", docs.PAGES)
def test_the_page_says_what_the_program_says(name: str) -> None:
    path = docs.DOCS / name
    there = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    difference = "\n".join(
        difflib.unified_diff(there, docs.PAGES[name]().splitlines(), "docs", "program", lineterm="")
    )
    assert difference == "", f"run: python -m tests.docs\n{difference}"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package puts into /usr/share/doc/sms-gateway."""
    folder = tmp_path_factory.mktemp("doc")
    build.documents(folder)
    return folder


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_page_links_is_there_in_the_package_too(name: str, installed: Path) -> None:
    page = installed / name
    linked = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in linked if not (page.parent / link).exists()] == []


def test_every_event_of_the_log_has_words_of_its_own() -> None:
    """It is looked for by them."""
    assert [event for event in log_events.every() if not re.search("[a-z]{3}", event.name)] == []


def test_every_page_stands_in_the_index() -> None:
    index = (docs.DOCS / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in docs.DOCS.glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"[{page}]({page})" not in index} == set()


@pytest.mark.parametrize("name", WRITTEN)
def test_a_page_names_commands_settings_and_options_that_there_are(name: str) -> None:
    assert list(_unknown(_code_of((ROOT / name).read_text(encoding="utf-8")))) == []


def test_sentences_name_commands_and_pages_that_there_are() -> None:
    for path in (path for kind in ("py", "html") for path in (ROOT / "gateway").rglob(f"*.{kind}")):
        text = path.read_text(encoding="utf-8")
        assert list(_subcommands(text)) == [], path
        pages = re.findall(r"[\w/.-]+\.md\b", text)
        assert [page for page in pages if not (page.startswith("docs/") and (ROOT / page).exists())] == [], (
            path
        )


def _code_of(page: str) -> str:
    """What stands in a page as code, a line each."""
    fenced = re.findall(r"^ *```\w*\n(.*?)^ *```$", page, re.M | re.S)
    return "\n".join((*fenced, *re.findall(r"^ {4}.*$|`[^`\n]+`", page, re.M)))


def _subcommands(text: str) -> Iterator[str]:
    """Calls of groups with a word that is none of their commands."""
    for call in re.findall(r"\bsms-gateway((?: [a-z][a-z-]*)+)", text):
        found = _resolved(call.split())
        if isinstance(found, str):
            yield f"sms-gateway{call}"


def _resolved(words: list[str]) -> click.Command | str:
    """The command that words call; what is no command's name, where a group should know it."""
    command: click.Command = main
    for depth, word in enumerate(words):
        if not isinstance(command, click.Group):
            return command
        if word not in docs.below(command):
            return word if depth else main  # "sms-gateway is ..." is a sentence
        command = docs.below(command)[word]
    return command


def _unknown(code: str) -> Iterator[str]:
    """Words of calls that the program does not know: commands, their options, settings."""
    yield from _subcommands(code)
    for call in re.findall(r"\bsms-gateway( [a-z][^|;#&>`\n]*)", code):
        command = _resolved(re.findall(r" ([a-z][a-z-]*)(?=\s|$)", call.partition(" --")[0]))
        if not isinstance(command, click.Command) or command is main:
            continue
        options = {"--help", *(name for param in command.params for name in param.opts)}
        yield from (f"{name} of{call}" for name in re.findall(r" (--[a-z-]+)", call) if name not in options)
        yield from (f"{word} too many in{call}" for word in _left_over(call))
        for name in re.findall(r" setting [sg]et ([a-z_.]+)", call):
            if name not in SETTINGS:
                yield f"{name} of{call}"


def _left_over(call: str) -> list[str]:
    """Words of a call that its command takes for too many."""
    try:
        words = [word for word in shlex.split(call) if not word.startswith("[")]
    except ValueError:  # a quoted mark, such as #, ended it
        return []
    command: click.Command = main
    while isinstance(command, click.Group) and words and words[0] in docs.below(command):
        command = docs.below(command)[words.pop(0)]
    if isinstance(command, click.Group):
        return []
    parser = command.make_parser(docs.called("", command))
    return parser.parse_args(words)[1]


@pytest.mark.parametrize(
    ("room", "heading"),
    [("modem", "The life of a line"), ("store", "The store"), ("web", "The panel and the API")],
)
def test_every_module_of_a_large_room_has_its_place(room: str, heading: str) -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    told = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(?:\w+/)?(\w+\.py)`", told))
    there = {path.name for path in (ROOT / "gateway" / room).glob("*.py")} - {"__init__.py"}
    assert there - named == set()


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
