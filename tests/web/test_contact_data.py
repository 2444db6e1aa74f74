"""What is kept about a contact, from the panel: a file of it, and its erasure."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import select

from gateway.desk import contacts
from gateway.domain import erasure_words
from gateway.store import contacts as stored_contacts
from gateway.store import erasures, rewriting, team
from gateway.store.tables import audit
from gateway.web import contact_export
from tests.desk.remains import Traces
from tests.office import ANNA as NADIA
from tests.office import BEN, SAM, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

BrowserOf = Callable[[str], Browser]


@pytest.fixture
def ruth(browser_of: BrowserOf) -> Browser:
    """An admin at the panel."""
    return browser_of("admin")


def contact_id_of(office: Office, number: str) -> str:
    """The id of a contact that is in addresses."""
    row = office.read(lambda tx: stored_contacts.by_number(tx, number))
    assert row is not None
    return str(row.public_id)


@pytest.fixture
def place(office: Office) -> str:
    office.text_from(NADIA, "please crown my tooth")
    office.clock.step(minutes=5)
    return f"/contacts/{contact_id_of(office, NADIA)}"


TYPED = {"why": "Asked for it", "typed": "+44 7700 900123", "password": PASSWORD}


def test_the_page_is_found_from_the_contacts_and_says_how_much_there_is(ruth: Browser, place: str) -> None:
    ruth.get(place)
    assert f'href="{place}/data"' in ruth.html
    ruth.get(f"{place}/data")
    assert "1 text received" in ruth.text and "0 missed calls" in ruth.text
    assert "Type “+44 7700 900123” to confirm" in ruth.text


def test_an_export_for_reading_and_a_complete_one(ruth: Browser, place: str, office: Office) -> None:
    ruth.get(f"{place}/data")
    answer = ruth.submit(f"{place}/export", form="text", password=PASSWORD)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="contact.txt"'
    assert "please crown my tooth" in answer.get_data(as_text=True)
    ruth.get(f"{place}/data")
    found = json.loads(ruth.submit(f"{place}/export", form="json", password=PASSWORD).get_data(as_text=True))
    assert found["conversations"][0]["texts"][0]["body"] == "please crown my tooth"
    assert found["numbers"][0]["number"] == NADIA


def test_erasing_takes_the_reason_the_name_and_the_password(
    ruth: Browser, place: str, office: Office
) -> None:
    ruth.get(f"{place}/data")
    ruth.submit(f"{place}/erase", **TYPED)
    assert "Everything about them was erased." in ruth.text
    assert "Asked for it" in ruth.text and "1 text received" in ruth.text
    assert office.messages() == []
    traces = Traces.of_number(NADIA)
    traces.words.add("crown my")
    assert traces.in_rows(office.path) == []
    assert ruth.get(f"{place}/data").status_code == 404


def test_what_is_left_in_the_files_is_said(
    ruth: Browser, place: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reads the journal, and an update left its copy."""
    monkeypatch.setattr(rewriting, "_PATIENCE_MS", 10)
    copy = office.path.with_name("pre-0001-0002.db")
    copy.touch()
    ruth.get(f"{place}/data")
    with contextlib.closing(sqlite3.connect(office.path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM settings").fetchall()
        ruth.submit(f"{place}/erase", **TYPED)
    assert erasure_words.NOT_NOW in ruth.text and erasure_words.TONIGHT not in ruth.text
    assert str(copy) in ruth.text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"typed": "+44 7700 900124"}, "To confirm, type +44 7700 900123 as it is shown."),
        ({"password": "a guess of somebody"}, "This is not your password."),
        ({"why": " "}, "Say in up to 200 characters why."),
        ({"why": "07700900123 asked"}, "The reason holds their name or their number"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_erased(
    ruth: Browser, place: str, office: Office, wrong: dict[str, str], said: str
) -> None:
    ruth.get(f"{place}/data")
    answer = ruth.submit(f"{place}/erase", **{**TYPED, **wrong})
    assert answer.status_code == 422 and said in ruth.text
    assert len(office.messages()) == 1
    assert office.read(lambda tx: erasures.every(tx, 5)) == []


def test_guessing_the_password_takes_longer_and_longer(ruth: Browser, place: str, office: Office) -> None:
    for _ in range(4):
        ruth.get(f"{place}/data")
        ruth.submit(f"{place}/erase", **{**TYPED, "password": "a guess of somebody"})
    assert "Wait a minute" in ruth.text
    ruth.get(f"{place}/data")
    ruth.submit(f"{place}/erase", **TYPED)
    assert len(office.messages()) == 1
    since = office.clock()
    assert (
        office.read(
            lambda tx: team.failures(tx, "admin", "127.0.0.1", since.replace(hour=0), office.clock.now)
        )[0]
        == 3
    )


def test_a_manager_may_export_and_not_erase(browser_of: BrowserOf, place: str, office: Office) -> None:
    manager = browser_of("manager")
    manager.get(f"{place}/data")
    assert f"{place}/export" in manager.page.forms and f"{place}/erase" not in manager.page.forms
    agent = browser_of("agent")
    assert agent.get(f"{place}/data").status_code == 403
    agent.get(place)
    assert f"{place}/data" not in agent.html


# --- everybody ---------------------------------------------------------------------------------------


def _take(browser: Browser, form: str, **asked: str) -> str:
    browser.get("/contacts/export", query_string=asked)
    answer = browser.submit("/contacts/export", form=form, password=PASSWORD)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="contacts.{form}"'
    return str(answer.get_data(as_text=True))


def test_the_contacts_a_filter_shows_are_one_file(ruth: Browser, place: str, office: Office) -> None:
    office.text_from(BEN, "STOP")
    ben = office.conversation(BEN).contact_id
    values = {"name": "=HYPERLINK(1)", "priority": "high", "company": "Crown; Works"}
    office.write(lambda tx: contacts.change(tx, ben, values, SAM, office.clock()))
    ruth.get("/contacts?priority=high")
    assert 'href="/contacts/export?priority=high"' in ruth.html
    (found,) = json.loads(_take(ruth, "json", priority="high"))
    assert (found["name"], found["numbers"]) == ("=HYPERLINK(1)", [BEN])
    written = _take(ruth, "csv", priority="high")
    head, row = csv.reader(io.StringIO(written.removeprefix("\ufeff")))
    assert len(head) == len(row)
    told = dict(zip(head, row, strict=True))
    assert (told["Name"], told["Opted out"], told["Company"]) == ("'=HYPERLINK(1)", f"'{BEN}", "Crown; Works")
    assert len(json.loads(_take(ruth, "json"))) == 2
    taken = select(audit.c.after).where(audit.c.action == "contacts.export").order_by(audit.c.id)
    acts = office.read(lambda tx: list(tx.execute(taken).scalars()))
    assert [(act["form"], act["narrowed_by"]) for act in acts] == [
        ("json", "priority"),
        ("csv", "priority"),
        ("json", ""),
    ]


def test_the_file_of_contacts_takes_the_right_and_the_password(
    ruth: Browser, browser_of: BrowserOf, place: str
) -> None:
    ruth.get("/contacts/export")
    assert ruth.submit("/contacts/export", form="csv", password="wrong").status_code == 422
    assert "Nothing was done." in ruth.text
    agent = browser_of("agent")
    assert agent.get("/contacts/export").status_code == 403
    agent.get("/contacts")
    assert "/contacts/export" not in agent.html


def test_more_contacts_than_are_read_at_once_are_all_in_the_file(
    ruth: Browser, place: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contact_export, "_AT_ONCE", 2)
    for number in range(4):
        office.text_from(f"+4477009001{number:02}", "Hi")
    found = json.loads(_take(ruth, "json"))
    assert len({one["id"] for one in found}) == len(found) == 5


def test_the_address_of_the_conversation_leads_there(ruth: Browser, place: str, office: Office) -> None:
    answer = ruth.get(f"/conversations/{office.conversation(NADIA).public_id}/data")
    assert answer.location == f"{place}/data"
