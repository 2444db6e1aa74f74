"""What the source never does: texts made into SQL, code, commands or markup; chance that can be guessed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

GATEWAY = Path(__file__).parent.parent / "gateway"
SOURCES = sorted(GATEWAY.rglob("*.py"))
NEVER_CALLED = {"eval", "exec", "compile", "__import__"}
NEVER_IMPORTED = {"pickle", "marshal", "shelve", "random", "dill", "cloudpickle", "yaml", "xml"}
NEEDED = [("domain/old_texts_xml.py", {"xml"})]
"""Reads files of an old phone, and refuses what declares entities."""
CHANCE_MAY_BE_GUESSED = {"alarm_post.py", "queue/outcomes.py", "queue/retry.py", "web/live.py"}
"""Where chance only spreads pauses; nothing secret is drawn there."""
SQL = re.compile(
    r"^\s*(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|CREATE|DROP|ALTER|PRAGMA|VACUUM|ATTACH)\b", re.I
)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield str(path.relative_to(GATEWAY)), ast.parse(path.read_text(encoding="utf-8"))


def named(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


OWN_NAMES = {
    ("store/backup.py", "f'SELECT count(*) FROM {table}'"),
    ("store/database.py", "f'PRAGMA {name}'"),
    ("store/engines.py", "f'PRAGMA {pragma}'"),
    ("store/looking.py", "f'PRAGMA {name}'"),
    ("store/migrations/versions/0005_inbox.py", "f'SELECT id, name, {first} FROM contacts'"),
    ("store/precopy.py", "f'SELECT count(*) FROM \"{name}\"'"),
    ("store/sql.py", "f\"'{word.value}'\""),
    ("store/rewriting.py", "f'PRAGMA busy_timeout={patience_ms}'"),
    # the names of the two full-text indexes, values of `search.Index`
    (
        "store/search.py",
        "f\"CREATE VIRTUAL TABLE {index.value} USING fts5(body, content='{table}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2')\"",
    ),
    ("store/search.py", "f\"INSERT INTO {name} ({name}, rank) VALUES ('merge', :pages)\""),
    ("store/search.py", "f\"INSERT INTO {name} ({name}, rowid, body) VALUES ('delete', :id, :body)\""),
    ("store/search.py", "f'INSERT INTO {one.value} (rowid, body) VALUES (:id, :body)'"),
    (
        "store/search.py",
        "f'SELECT rowid FROM {name} WHERE {name} MATCH :match AND rowid >= :first AND rowid < :before "
        "ORDER BY rowid DESC LIMIT :limit'",
    ),
}
"""Statements with a name in them that is one of our own tables, or a number of ours: each was looked at."""


def test_no_statement_is_made_of_words_that_were_given() -> None:
    found = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            is_run = isinstance(node, ast.Call) and named(node.func) in RUN
            if is_run and node.args and is_made(node.args[0]):  # type: ignore[attr-defined]
                found.add((path, ast.unparse(node.args[0])))  # type: ignore[attr-defined]
            if is_made(node) and SQL.match(beginning(node)):
                found.add((path, ast.unparse(node)))
    assert found == OWN_NAMES


RUN = {"execute", "executemany", "executescript", "exec_driver_sql", "text", "literal_column"}
"""Calls that take SQL as words."""


def is_made(node: ast.AST) -> bool:
    """Whether it is a string with something put into it."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(one, ast.FormattedValue) for one in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return isinstance(node.left, ast.Constant) and isinstance(node.left.value, str)
    is_call = (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    )
    return is_call and isinstance(node.func.value, ast.Constant)  # type: ignore[attr-defined]


def beginning(node: ast.AST) -> str:
    first = next((one for one in ast.walk(node) if isinstance(one, ast.Constant)), None)
    return str(first.value) if first is not None else ""


def test_nothing_that_was_given_is_run() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                assert not (isinstance(node.func, ast.Name) and node.func.id in NEVER_CALLED), (
                    path,
                    node.lineno,
                )
                assert named(node.func) not in ("system", "popen", "from_string", "render_template_string"), (
                    path,
                    node.lineno,
                )
                shell = [one for one in node.keywords if one.arg == "shell"]
                assert not shell, (path, node.lineno)


def test_nothing_is_read_that_could_make_objects_and_no_chance_can_be_guessed() -> None:
    for path, tree in trees():
        for node in ast.walk(tree):
            names = (
                [one.name for one in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            roots = {name.partition(".")[0] for name in names} & NEVER_IMPORTED
            assert not roots or (path, roots) in NEEDED or path in CHANCE_MAY_BE_GUESSED, (path, roots)


@pytest.mark.parametrize("kind", ["html", "js"])
def test_pages_hold_nobodys_markup(kind: str) -> None:
    """No `|safe` but on our own pictures, nothing written into a page as markup, no address made by hand."""
    never = {
        "html": r"\|\s*safe\b(?!\s*\}\}</svg>)|autoescape\s+false|\s(?:on[a-z]+|style)=[\"']|javascript:",
        "js": r"innerHTML|outerHTML\s*=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|localStorage|sessionStorage|indexedDB|setTimeout\(\s*[\"'`]",
    }
    for path in sorted((GATEWAY / "web").rglob(f"*.{kind}")):
        found = re.findall(never[kind], path.read_text(encoding="utf-8"))
        assert found == [], path.name
