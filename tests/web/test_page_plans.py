"""No page of the panel and no GET of the API walks a big table: every statement that any of them runs is
explained by SQLite, in an office as large as its statistics say."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from benchmarks import history
from gateway.domain.inbox import Sort, Tab
from gateway.domain.people import Scope
from gateway.store.database import Tx
from gateway.web.access import access_of
from tests.conftest import MONDAY
from tests.office import Clock, Office
from tests.web import practice
from tests.web.browser import Browser
from tests.web.conftest import ApiClient

BIG = (
    "alarm_notices", "attempts", "audit", "calls", "consent_events", "contact_tags", "contacts",
    "conversation_log", "conversation_tags", "conversations", "decisions", "delivery_reports", "earlier",
    "erasures", "events", "import_rows", "inbound_parts", "last", "line_log", "line_samples", "mentions",
    "messages", "notes", "number_owners", "parts", "phone_numbers", "raw_pdus", "reads", "sign_in_failures",
    "suppressions", "text_drafts", "transitions",
)  # fmt: skip
"""Tables, and other names they go by in statements, that grow with an office."""
ALIASES = ("earlier", "last")
MANY = 150
"""Rows that make a table of the small office with a past a big one."""

ALLOWED: dict[str, str] = {
    r"SCAN (\w+): SELECT .* FROM \1((?! WHERE ).)* ORDER BY \1\.id( DESC)? LIMIT": (
        "the first or the newest of all; it stops there"
    ),
    r"SCAN conversations USING INDEX ix_conversations_recent: ": "walked in its order until the page is full",
    r"SCAN contacts USING INDEX ix_contacts_\w+: .* LIMIT": (
        "the table of contacts, walked in its order until the page is full and counted up to a thousand; a "
        "piece of a name may stand anywhere in it, and what that costs is measured in benchmarks/pages.py"
    ),
    r"SCAN phone_numbers USING COVERING INDEX .* LIKE ": "a piece of a number, as of a name",
    r"SCAN (suppressions|phone_numbers): .* suppressions\.consent_event_id": "whoever said stop: few",
    r"SCAN \w+: .* IN \(SELECT 1 FROM \(SELECT 1\) WHERE 1!=1\)": "an empty list",
    r"SCAN messages: SELECT count.* coalesce\(\(SELECT": "back from the newest to those of the day before",
    r"SCAN messages USING COVERING INDEX ix_messages_state: SELECT messages.state, count": (
        "a gauge of the metrics, read off an index: 55 ms for a million texts, once a scrape"
    ),
    r"SCAN audit: .* LIKE ": "entries of one kind, back from the newest until the page is full",
}
"""Steps of plans that do walk such a table, each with its statement and the reason why that is right."""

INBOX = [
    *(f"/?show={tab}&sort={sort}" for tab in Tab for sort in Sort),
    *(
        f"/?show={tab}&{narrowed}"
        for tab in (Tab.OPEN, Tab.CLOSED, Tab.ALL)
        for narrowed in ("priority=urgent", "unread=1", "failed=1", "unclear=1", "line=front")
    ),
]
CONTACTS = [
    f"/contacts?{asked}"
    for asked in (
        "q=nadia", "q=7700", "stage=customer", "priority=high", "tag=vip", "health=suspect",
        "consent=stopped", "consent=open", "language=fr", "after=2025-01-01",
        "before=2025-01-01", "blocked=yes", "blocked=no",
    )
]  # fmt: skip
OTHERS = ["/search?q=friday+morning", "/search?q=nadia", "/search?q=7700900", "/settings/audit?what=user"]
IN_A_THREAD = ["?find=friday", "?on=2025-02-01", "/messages", "?say=note"]


@dataclass(frozen=True)
class Said:
    """One statement, what it was given, and the page that ran it first."""

    statement: str
    values: Any
    page: str


@pytest.fixture(scope="module")
def fresh(empty_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A database as on the first day."""
    return shutil.copy(empty_database, tmp_path_factory.mktemp("fresh") / "gateway.db")


@pytest.fixture(scope="module")
def large(empty_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A database with a past and SQLite's statistics of it, as it has them after some days; beside it, plans
    are looked at in an empty one, as on the first."""
    path = shutil.copy(empty_database, tmp_path_factory.mktemp("large") / "gateway.db")
    with Office(path, Clock(MONDAY)) as office:
        office.add_line("back")
        office.write(_somebody)
    history.fill(path, 4_000, int(MONDAY.timestamp() * 1_000_000))
    with Office(path, Clock(MONDAY)) as office:
        office.write(lambda tx: tx.connection.exec_driver_sql("ANALYZE").close())
    return path


def _somebody(tx: Tx) -> None:
    from gateway.store import team

    team.add_user(tx, username="sam", name="Sam", role="agent", password_hash="x", created_at=MONDAY)


@pytest.fixture
def said() -> Iterator[Callable[[str], list[Said]]]:
    """Notes the statements that read, each once; called with the page that is asked for next."""
    found: dict[str, Said] = {}
    page = ""

    def collect(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if page and statement.startswith(("SELECT", "WITH")):
            found.setdefault(re.sub(r"\?(, \?)+", "?", statement), Said(statement, values, page))

    def going_to(address: str) -> list[Said]:
        nonlocal page
        page = address
        return list(found.values())

    event.listen(Engine, "before_cursor_execute", collect)
    yield going_to
    event.remove(Engine, "before_cursor_execute", collect)


def scans(path: Any, statements: list[Said]) -> list[str]:
    """Steps that walk a big table from one end to the other, with the page they are from. Of tables that have
    few rows where SQLite has counted them, it is not told."""
    found = []

    def explain(tx: Tx) -> None:
        known = tx.connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").all()
        big = [one for one in BIG if not known or one in ALIASES or _rows(tx, one) >= MANY]
        for one in statements:
            asked = f"EXPLAIN QUERY PLAN {one.statement}"
            for row in tx.connection.exec_driver_sql(asked, one.values).all():
                step = f"{row[3]}: {' '.join(one.statement.split())}"
                if re.match(rf"SCAN ({'|'.join(big)})\b", step) and not any(
                    re.match(ok, step) for ok in ALLOWED
                ):
                    found.append(f"{one.page}: {step}")

    with Office(path, Clock(MONDAY)) as office:
        office.read(explain)
    return found


def _is_allowed(step: str) -> bool:
    return any(re.match(pattern, step) for pattern in ALLOWED)


def _rows(tx: Tx, table: str) -> int:
    return int(tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_no_page_walks_a_big_table(
    office: Office,
    panel: Flask,
    browser_of: Callable[[str], Browser],
    said: Any,
    large: Any,
    fresh: Any,
) -> None:
    practice.fill(office)
    browser = browser_of("admin")
    addresses = [*practice.pages(panel, office).values(), *INBOX, *CONTACTS, *OTHERS]
    talk = office.conversation(practice.NADIA).public_id
    addresses += [f"/conversations/{talk}{asked}" for asked in IN_A_THREAD]
    for address in addresses:
        said(address)
        assert browser.get(address).status_code < 500, address
    found = scans(large, said("")) + scans(fresh, said(""))
    assert not found, "\n".join(found)


def test_no_get_of_the_api_walks_a_big_table(
    office: Office, panel: Flask, shop: ApiClient, said: Any, large: Any, fresh: Any
) -> None:
    practice.fill(office)
    for rule in panel.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and isinstance(
            access_of(panel.view_functions[rule.endpoint]), Scope
        ):
            for address in practice._addresses(rule.rule, office):
                said(address)
                assert shop.get(address).status_code < 500, address
    found = scans(large, said("")) + scans(fresh, said(""))
    assert not found, "\n".join(found)
