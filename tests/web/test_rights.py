"""Rights per line: what stands on another line is not there for somebody who is limited to some."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from gateway.desk import old_phone
from gateway.desk.drafts import Author
from gateway.domain.imports import Form
from gateway.domain.line import Received
from gateway.domain.people import RIGHTS, Right, Role
from gateway.store import contacts, conversations, team
from gateway.web.access import access_of
from gateway.web.rights import OBJECTS
from tests.office import ANNA, BEN, Office, delivers
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

HIDDEN = "Only the workshop may read this"
NO_OBJECT_OF_A_LINE = {
    "/account/devices/": "one's own sessions",
    "/alarms/<any(ways, secret):_form>": "a form of the office's",
    "/join/<secret>": "a link for a colleague",
    "/setup/": "the first run, an admin's",
    "/settings/": "the office's own, an admin's or a manager's",
    "/static/": "files",
    "/api/": "programs see all lines",
    "/alarms/": "the office's own",
    "/contacts/filters/": "saved filters are everybody's",
    "/contacts/import/": "lists of customers, of no line",
}


def limit(office: Office, role: str, *line_ids: int) -> None:
    def act(tx: Any) -> None:
        user = team.user_by_name(tx, role)
        assert user is not None
        team.limit_to(tx, user.id, frozenset(line_ids))

    office.write(act)


@pytest.fixture
def workshop(office: Office) -> int:
    """A second line, on which BEN wrote what nobody of the first may read; ANNA wrote on the first."""
    line_id = office.add_line("workshop")
    office.text_from(ANNA, "Hello front desk")
    (pdu,) = delivers(BEN, HIDDEN, office.clock())
    office.hear(Received(pdu, office.slot()), line_id)
    return line_id


def addresses(office: Office, peer: str, line_id: int) -> dict[str, str]:
    """What the beginnings of routes stand for, filled in for one person and one line."""
    row = office.conversation(peer)
    (text,) = office.messages(peer)
    contact = office.read(lambda tx: _contact(tx, row.contact_id))
    return {
        "/conversations/<public_id>": f"/conversations/{row.public_id}",
        "/messages/<public_id>": f"/messages/{text.public_id}",
        "/contacts/<public_id>": f"/contacts/{contact}",
        "/lines/<int(max=9223372036854775807):line_id>": f"/lines/{line_id}",
    }


def _contact(tx: Any, contact_id: int) -> str:
    found = contacts.get(tx, contact_id)
    assert found is not None
    return str(found.public_id)


def routes(panel: Flask) -> list[tuple[str, str, Any]]:
    return [
        (rule.rule, method, access_of(panel.view_functions[rule.endpoint]))
        for rule in panel.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def test_row_86_every_address_with_an_id_is_guarded_or_of_no_line(panel: Flask) -> None:
    for rule, _, _ in routes(panel):
        if "<" in rule:
            known = [*OBJECTS, *NO_OBJECT_OF_A_LINE]
            assert any(rule.startswith(begin) for begin in known), rule


@pytest.mark.parametrize("role", list(Role))
def test_row_86_each_role_meets_404_at_what_is_on_another_line(
    panel: Flask, browser_of: Callable[[str], Browser], office: Office, workshop: int, role: Role
) -> None:
    limit(office, role.value, office.line_id)
    panel.config["WTF_CSRF_CHECK_DEFAULT"] = False
    browser, there = browser_of(role.value), addresses(office, BEN, workshop)
    walked = 0
    for rule, method, access in routes(panel):
        for begin, place in there.items():
            if rule.startswith(begin):
                address = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.replace(begin, place))
                answer = browser.client.open(address, method=method)
                assert isinstance(access, Right)
                assert answer.status_code == (404 if access in RIGHTS[role] else 403), (address, method)
                walked += 1
    assert walked > 30


def test_their_own_line_is_open_to_them(
    browser_of: Callable[[str], Browser], office: Office, workshop: int
) -> None:
    limit(office, "agent", office.line_id)
    browser = browser_of("agent")
    for place in addresses(office, ANNA, office.line_id).values():
        if place.startswith(("/conversations", "/lines")):
            assert browser.get(place).status_code == 200, place
    limit(office, "agent", workshop)
    assert browser.get(f"/lines/{office.line_id}").status_code == 404
    limit(office, "agent")
    assert browser.get(f"/lines/{workshop}").status_code == 200


def test_row_86_ids_in_a_form_are_held_to_the_lines_as_well(
    browser_of: Callable[[str], Browser], office: Office, workshop: int
) -> None:
    limit(office, "agent", office.line_id)
    browser, hidden = browser_of("agent"), office.conversation(BEN).public_id
    browser.get("/")
    token = browser.page.forms["/sign-out"]["csrf_token"]
    fields = {"csrf_token": token, "do": "close", "id": [office.conversation(ANNA).public_id, hidden]}
    assert browser.client.post("/conversations/bulk", data=fields).status_code == 404
    assert [office.conversation(peer).state for peer in (ANNA, BEN)] == ["open", "open"]


def test_an_export_holds_what_stands_on_lines_one_may_see(
    browser_of: Callable[[str], Browser], office: Office, workshop: int
) -> None:
    """The same customer wrote on both lines, to the second with a note of staff."""
    manager, about = browser_of("manager"), addresses(office, ANNA, office.line_id)["/contacts/<public_id>"]
    (pdu,) = delivers(ANNA, HIDDEN, office.clock())
    office.hear(Received(pdu, office.slot()), workshop)
    there = office.read(lambda tx: _conversation_on(tx, workshop))
    sam = Author("person", 1, "Sam")
    office.write(lambda tx: team.note(tx, office.clock(), str(sam), "secret.act", there))

    def taken(form: str) -> str:
        manager.get(f"{about}/data")
        return manager.submit(f"{about}/export", form=form, password=PASSWORD).get_data(as_text=True)

    assert HIDDEN in taken("text") and "secret.act" in taken("json")
    assert "2 texts received" in taken_page(manager, about)
    limit(office, "manager", office.line_id)
    for form in ("text", "json"):
        written = taken(form)
        assert "Hello front desk" in written
        assert HIDDEN not in written and "workshop" not in written and "secret.act" not in written
    said = taken_page(manager, about)
    assert "1 text received" in said and "It holds what stands on the lines you may see." in said


def taken_page(browser: Browser, about: str) -> str:
    browser.get(f"{about}/data")
    return browser.text


def _conversation_on(tx: Any, line_id: int) -> str:
    row = contacts.by_number(tx, ANNA)
    assert row is not None
    found = conversations.find(tx, line_id, row.id)
    assert found is not None
    return str(found.public_id)


def test_old_texts_of_another_line_are_not_listed_among_the_lists(
    browser_of: Callable[[str], Browser], office: Office, workshop: int
) -> None:
    def add(tx: Any) -> None:
        for line_id, name in ((office.line_id, "front.xml"), (workshop, "workshop.xml")):
            form = Form(format="xml", line_id=line_id)
            old_phone.add(tx, name, "upload", form, Author("person", 1, "Sam"), office.clock())

    office.write(add)
    limit(office, "manager", office.line_id)
    manager = browser_of("manager")
    manager.get("/contacts/import")
    assert "front.xml" in manager.text and "workshop.xml" not in manager.text
