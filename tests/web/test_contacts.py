"""The table of contacts and the page of one person, as people use them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from gateway.desk import contacts as desk
from gateway.desk import hygiene
from gateway.desk.conversations import find_or_open
from gateway.domain.contact import Health
from gateway.domain.phone import parse
from gateway.store import contacts, conversations, numbers
from gateway.store.database import Tx
from gateway.store.tables import audit, user_lines, users
from tests.office import ANNA as NADIA
from tests.office import BEN, CARA, SAM, Office
from tests.web.browser import Browser

BrowserOf = Callable[[str], Browser]


def _id(office: Office, number: str) -> int:
    row = office.read(lambda tx: contacts.by_number(tx, number))
    assert row is not None
    return int(row.id)


def _place(office: Office, number: str) -> str:
    row = office.read(lambda tx: contacts.by_number(tx, number))
    assert row is not None
    return f"/contacts/{row.public_id}"


def _set(office: Office, number: str, **values: str) -> None:
    who = _id(office, number)
    office.write(lambda tx: desk.change(tx, who, values, SAM, office.clock()))


@pytest.fixture
def tom(browser_of: BrowserOf) -> Browser:
    """A manager at the panel."""
    return browser_of("manager")


@pytest.fixture
def anna(browser_of: BrowserOf) -> Browser:
    """An agent at the panel."""
    return browser_of("agent")


@pytest.fixture
def people(office: Office) -> Office:
    for number in (NADIA, BEN, CARA):
        office.clock.step(minutes=5)
        office.text_from(number, "Hello")
    _set(office, NADIA, name="Zoé Farrell", stage="customer", language="fr", company="Crown Works")
    _set(office, BEN, name="Ben Ortiz", priority="urgent")
    return office


def _names(browser: Browser) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]*"><bdi>([^<]*)</bdi>', browser.html)


# --- the table ---------------------------------------------------------------------------------------


def test_the_table_is_in_the_rail_and_lists_people_by_name(anna: Browser, people: Office) -> None:
    anna.get("/")
    assert 'href="/contacts"' in anna.html
    anna.get("/contacts")
    assert _names(anna) == ["Ben Ortiz", "Zoé Farrell", "+1 202-555-0123"]
    assert "3 people" in anna.text


def test_r57_an_unknown_number_is_a_new_prospect_at_once_everywhere(anna: Browser, office: Office) -> None:
    office.text_from(CARA, "Hello")
    thread = f"/conversations/{office.conversation(CARA).public_id}"
    for address in ("/", thread, "/contacts", _place(office, CARA)):
        anna.get(address)
        assert "New prospect" in anna.text and "+1 202-555-0123" in anna.text, address
    _set(office, CARA, name="Cara Lund")
    for address in (thread, "/contacts", _place(office, CARA)):
        anna.get(address)
        assert "New prospect" not in anna.text and "Cara Lund" in anna.text, address
    anna.get(_place(office, CARA))
    assert "Prospect" in anna.text, "somebody who is named stays a prospect until it is said"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=zoe", ["Zoé Farrell"]),
        ("q=crown", ["Zoé Farrell"]),
        ("q=900124", ["Ben Ortiz"]),
        ("q=07700+900", ["Ben Ortiz", "Zoé Farrell"]),
        ("stage=customer", ["Zoé Farrell"]),
        ("priority=urgent", ["Ben Ortiz"]),
        ("language=fr", ["Zoé Farrell"]),
        ("tag=VIP", ["Ben Ortiz"]),
        ("health=bad", ["+1 202-555-0123"]),
        ("health=ok", ["Ben Ortiz", "Zoé Farrell"]),
        ("consent=stopped", ["Ben Ortiz"]),
        ("consent=open", ["Zoé Farrell", "+1 202-555-0123"]),
        ("after=2025-03-04", ["Ben Ortiz"]),
        ("before=2025-03-04", ["Zoé Farrell", "+1 202-555-0123"]),
        ("blocked=yes", []),
        ("stage=nonsense", ["Ben Ortiz", "Zoé Farrell", "+1 202-555-0123"]),
        ("q=zoe&stage=former", []),
    ],
)
def test_the_table_is_searched_and_filtered(
    browser_of: BrowserOf, people: Office, query: str, found: list[str]
) -> None:
    ben = _id(people, BEN)
    people.write(lambda tx: desk.tag(tx, ben, "vip", SAM, people.clock()))
    people.write(lambda tx: hygiene.decide(tx, CARA, Health.BAD, SAM, people.clock()))
    people.clock.step(days=1)
    people.text_from(BEN, "STOP")
    anna = browser_of("agent")
    anna.get(f"/contacts?{query}")
    assert _names(anna) == found


def test_a_filter_is_kept_under_a_name_and_forgotten(tom: Browser, people: Office) -> None:
    tom.get("/contacts?stage=customer")
    tom.submit("/contacts/filters", name="Customers")
    assert _names(tom) == ["Zoé Farrell"]
    tom.get("/contacts")
    assert 'href="/contacts?stage=customer"' in tom.html and "Customers" in tom.text
    tom.get("/contacts?stage=customer")
    action = next(form for form in tom.page.forms if form.endswith("/remove"))
    tom.submit(action)
    assert "Customers" not in tom.text


def test_a_page_ends_and_leads_to_the_next(anna: Browser, office: Office) -> None:
    def fill(tx: Tx) -> None:
        for count in range(60):
            contacts.find_or_add(tx, parse(f"+4477009{count:05}"), office.clock(), f"Person {count:02}")

    office.write(fill)
    anna.get("/contacts")
    first = _names(anna)
    link = re.search(r'href="(/contacts\?[^"]*from=[^"]*)"', anna.html)
    assert len(first) == 50 and link is not None
    anna.get(link[1].replace("&amp;", "&"))
    assert _names(anna) == [f"Person {count}" for count in range(50, 60)]


# --- one person --------------------------------------------------------------------------------------


def test_somebody_new_is_noted_and_a_number_twice_is_told(anna: Browser, office: Office) -> None:
    anna.get("/contacts/new")
    anna.submit("/contacts", number="+44 7700 900123", name="Nadia Farrell", stage="customer")
    assert "Nadia Farrell" in anna.text and "Customer" in anna.text and "+44 7700 900123" in anna.text
    anna.get("/contacts/new")
    answer = anna.submit("/contacts", number="+44 7700 900123", name="Somebody")
    assert answer.status_code == 422 and "belongs to Nadia Farrell already" in anna.text
    assert _place(office, NADIA) in anna.html
    anna.get("/contacts/new")
    assert anna.submit("/contacts", number="12", name="").status_code == 422


def test_fields_are_changed_and_what_a_hand_set_is_noted(anna: Browser, people: Office) -> None:
    place = _place(people, CARA)
    anna.get(f"{place}/edit")
    fields = {"name": "Cara Lund", "stage": "former", "priority": "high", "language": "en-US"}
    more = {"company": "Lund Ltd", "email": "cara@example.org", "address": "1 High Street\nLeeds"}
    fields |= {**more, "zone": "America/Denver", "own_name": "Boiler", "own_value": "X40"}
    anna.submit(place, **fields)
    for words in ("Cara Lund", "Former customer", "High", "Lund Ltd", "cara@example.org", "Leeds", "X40"):
        assert words in anna.text, words
    row = people.read(lambda tx: contacts.by_number(tx, CARA))
    assert row is not None
    assert set(row.edited) >= {"name", "stage", "priority", "language", "company", "email", "fields.Boiler"}
    assert people.conversation(CARA).priority == "high", "the inbox is sorted by it"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "nobody"}, "nobody is no e-mail address."),
        ({"language": "English"}, "English is no code of a language."),
        ({"name": "x" * 81}, "A name has up to 80 characters"),
        ({"stage": "king"}, "king is none of"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_changed(
    anna: Browser, people: Office, typed: dict[str, str], said: str
) -> None:
    place = _place(people, BEN)
    anna.get(f"{place}/edit")
    answer = anna.submit(place, **{"company": "Kept here", **typed})
    assert answer.status_code == 422 and said in anna.text
    assert "Kept here" in anna.html, "what was typed stands in the form"
    row = people.read(lambda tx: contacts.by_number(tx, BEN))
    assert row is not None and (row.name, row.company) == ("Ben Ortiz", None)


def test_r62_a_number_of_somebody_else_is_moved_shared_or_both_are_one(tom: Browser, people: Office) -> None:
    place = _place(people, NADIA)
    tom.get(place)
    answer = tom.submit(f"{place}/numbers", number=CARA)
    assert answer.status_code == 422
    assert {"Move it here", "They share it", "Make them one person"} <= set(tom.buttons())
    tom.submit(f"{place}/merge")
    assert "They are one person now." in tom.text and "+1 202-555-0123" in tom.text
    tom.submit(f"{place}/part")
    assert people.read(lambda tx: contacts.numbers_of(tx, _id(people, NADIA))) == [NADIA]


def test_r62_merging_is_chosen_by_name_and_the_old_address_leads_on(tom: Browser, people: Office) -> None:
    ben, nadia = _place(people, BEN), _place(people, NADIA)
    thread = f"/conversations/{people.conversation(BEN).public_id}"
    tom.get(f"{nadia}/merge?q=ortiz")
    assert "Ben Ortiz" in tom.text
    tom.submit(f"{nadia}/merge")
    assert "Zoé Farrell" in tom.text and "One with Ben Ortiz" in tom.text
    for address in (ben, thread):
        assert tom.get(address, follow_redirects=True).status_code == 200
        assert "Zoé Farrell" in tom.text
    tom.get("/contacts")
    assert _names(tom) == ["Zoé Farrell", "+1 202-555-0123"]


def test_r61_a_flagged_number_is_set_right_on_the_page(anna: Browser, people: Office) -> None:
    people.text_from(BEN, "Wrong number")
    place = _place(people, BEN)
    anna.get(place)
    assert "Wrong number?" in anna.text and "Nothing goes to it by itself" in anna.text
    anna.submit(f"{place}/numbers/health", number=BEN, health="ok")
    row = people.read(lambda tx: numbers.get(tx, BEN))
    assert row is not None and row.health == "ok"


def test_r84_blocking_and_unblocking_on_the_page(
    anna: Browser, browser_of: BrowserOf, people: Office
) -> None:
    place = _place(people, BEN)
    anna.get(place)
    anna.submit(f"{place}/block", why="Insults")
    assert "Blocked by Anna Reid: Insults" in anna.text and "Unblock" not in anna.buttons()
    thread = f"/conversations/{people.conversation(BEN).public_id}"
    anna.get(thread)
    assert "Blocked by Anna Reid: Insults" in anna.text
    assert anna.client.post(f"{place}/unblock").status_code in (400, 403)
    anna.get(f"{place}?done=blocked")
    assert f"{place}/block/undo" in anna.page.forms
    people.clock.step(minutes=11)
    anna.submit(f"{place}/block/undo")
    assert "Blocked by Anna Reid" in anna.text and f"{place}/block/undo" not in anna.page.forms
    tom = browser_of("manager")
    tom.get(place)
    tom.submit(f"{place}/unblock")
    assert "Insults" not in tom.text
    acts = people.read(lambda tx: [row.action for row in tx.execute(select(audit)) if "block" in row.action])
    assert acts == ["contact.block", "contact.unblock"]
    anna.get(place)
    anna.submit(f"{place}/block", why="A slip")
    anna.submit(f"{place}/block/undo")
    assert "A slip" not in anna.text and f"{place}/block" in anna.page.forms


def test_the_card_beside_the_thread_tells_what_is_known(anna: Browser, people: Office) -> None:
    thread = f"/conversations/{people.conversation(NADIA).public_id}"
    second = people.add_line("back")
    people.write(lambda tx: find_or_open(tx, second, parse(NADIA), people.clock()))
    _set(people, NADIA, email="zoe@example.org")
    anna.get(thread)
    for words in ("Customer", "French", "Crown Works", "zoe@example.org", "Also on back"):
        assert words in anna.text, words


def test_somebody_limited_to_a_line_sees_its_people_and_those_without_a_line(
    anna: Browser, people: Office
) -> None:
    back = people.add_line("back")

    def limit(tx: Tx) -> None:
        agent = tx.execute(select(users.c.id).where(users.c.role == "agent")).scalar_one()
        tx.execute(insert(user_lines), {"user_id": agent, "line_id": back})
        find_or_open(tx, back, parse(NADIA), people.clock())

    people.write(limit)
    anna.get("/contacts/new")
    anna.submit("/contacts", number="+447700900199", name="Nobody Yet")
    anna.get("/contacts")
    assert _names(anna) == ["Nobody Yet", "Zoé Farrell"]
    assert anna.get(_place(people, BEN)).status_code == 404


def test_a_viewer_reads_and_changes_nothing(browser_of: BrowserOf, people: Office) -> None:
    viewer = browser_of("viewer")
    place = _place(people, BEN)
    viewer.get(place)
    assert "Ben Ortiz" in viewer.text and f"{place}/edit" not in viewer.html
    assert viewer.get(f"{place}/edit").status_code == 403
    assert viewer.get("/contacts").status_code == 200


def test_r85_a_flood_stands_as_one_in_the_list_and_staff_see_each(anna: Browser, office: Office) -> None:
    for count in range(34):
        office.clock.step(seconds=8)
        office.text_from(NADIA, f"text number {count}.")
    anna.get("/")
    assert "34 texts in 5 minutes" in anna.text and "text number 33." not in anna.text
    anna.get(f"/conversations/{office.conversation(NADIA).public_id}")
    assert all(f"text number {count}." in anna.text for count in range(34))


def test_r84_blocked_people_are_not_unread_and_nobody_waits(anna: Browser, people: Office) -> None:
    place = _place(people, BEN)
    anna.get(f"/conversations/{people.conversation(BEN).public_id}")
    anna.get(place)
    anna.submit(f"{place}/block", why="Insults")
    anna.get("/")
    before = anna.page.text[0]
    people.text_from(BEN, "fools")
    anna.get("/")
    assert anna.page.text[0] == before, "the number of unread conversations stands in the title"
    assert people.conversation(BEN).waiting_since is None


def test_r59_the_priority_of_a_contact_orders_the_inbox(anna: Browser, people: Office) -> None:
    anna.get("/?tab=open&sort=priority")
    found = re.findall(r'class="who"><bdi>([^<]*)</bdi>|class="who">([^<]+)<', anna.html)
    assert next(filter(None, found[0])) == "Ben Ortiz", "urgent, though others wrote later"
    back = people.add_line("back")
    opened = people.write(lambda tx: find_or_open(tx, back, parse(BEN), people.clock()))
    row = people.read(lambda tx: conversations.get(tx, opened))
    assert row is not None and row.priority == "urgent", "on every line"
