"""What is kept about a contact, from the panel: a file of it, and its erasure."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable

import pytest

from gateway.domain import erasure_words
from gateway.store import erasures, rewriting, team
from tests.desk.remains import Traces
from tests.office import ANNA as NADIA
from tests.office import Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

BrowserOf = Callable[[str], Browser]


@pytest.fixture
def ruth(browser_of: BrowserOf) -> Browser:
    """An admin at the panel."""
    return browser_of("admin")


@pytest.fixture
def place(office: Office) -> str:
    office.text_from(NADIA, "please crown my tooth")
    office.clock.step(minutes=5)
    return f"/conversations/{office.conversation(NADIA).public_id}"


TYPED = {"why": "Asked for it", "typed": "+44 7700 900123", "password": PASSWORD}


def test_the_page_is_found_from_the_contacts_and_says_how_much_there_is(ruth: Browser, place: str) -> None:
    ruth.get(f"{place}/contact", follow_redirects=True)
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
    agent.get(f"{place}/contact", follow_redirects=True)
    assert f"{place}/data" not in agent.html
