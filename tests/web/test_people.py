"""The page of colleagues: roles, lines, links, removing and letting in again; one's own devices."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from gateway.desk import conversation_state, team
from gateway.desk.drafts import Author
from gateway.domain.people import Scope
from gateway.store import conversation_log, conversations
from gateway.store import team as store_team
from gateway.store.tables import audit
from gateway.web.devices import in_words
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

BrowserOf = Callable[[str], Browser]
PAGE = "/settings/people"


@pytest.fixture
def ruth(browser_of: BrowserOf) -> Browser:
    browser = browser_of("admin")
    browser.get(PAGE)
    return browser


def user(office: Office, role: str) -> Any:
    return office.read(lambda tx: store_team.user_by_name(tx, role))


def do(browser: Browser, office: Office, of: str, what: str, **typed: str) -> int:
    browser.get(PAGE)
    return browser.submit(f"{PAGE}/{user(office, of).id}/{what}", **typed).status_code


def noted(office: Office) -> list[tuple[Any, ...]]:
    query = select(audit.c.action, audit.c.object, audit.c.before, audit.c.after).order_by(audit.c.id)
    return [tuple(row) for row in office.read(lambda tx: tx.execute(query).all())]


def test_the_list_says_who_may_what(ruth: Browser, anna: Browser) -> None:
    ruth.get(PAGE)
    for words in ("Ruth Lindqvist (you)", "Anna Reid", "agent", "Second factor", "Last sign-in", "available"):
        assert words in ruth.text


def test_removing_keeps_names_and_gives_back_what_was_theirs(
    ruth: Browser, anna: Browser, office: Office
) -> None:
    """R46."""
    office.text_from(ANNA, "hello")
    row, agent = office.conversation(ANNA), user(office, "agent")
    who = Author("person", agent.id, agent.name)
    office.write(
        lambda tx: conversation_state.assign(
            tx, conversations.by_public_id(tx, row.public_id), agent.id, who, office.clock()
        )
    )
    office.write(
        lambda tx: team.create_token(tx, "hers", [Scope.METRICS_READ], [], "x:y", office.clock(), "agent")
    )
    sent = office.accept(author=who)
    assert anna.get("/").status_code == 200
    office.clock.step(minutes=1)
    assert do(ruth, office, "agent", "remove") == 200
    assert anna.get("/").headers["Location"] == "/sign-in"
    assert office.conversation(ANNA).assignee_id is None
    (log,) = office.read(
        lambda tx: conversation_log.between(tx, row.id, office.clock(), office.clock.step(seconds=1))
    )
    assert (log.kind, log.detail["was_name"], log.actor_name) == ("assigned", "Anna Reid", "Ruth Lindqvist")
    assert office.message(sent).author_name == "Anna Reid"
    assert office.read(lambda tx: store_team.tokens_named(tx, "hers")) == []
    assert ("user.disable", "agent", None, {"given_back": 1}) in noted(office)
    assert do(ruth, office, "agent", "let-in") == 200
    assert user(office, "agent").disabled_at is None


@pytest.mark.parametrize(("what", "typed"), [("remove", {}), ("role", {"role": "agent"})])
def test_the_last_admin_stays(ruth: Browser, office: Office, what: str, typed: dict[str, str]) -> None:
    assert do(ruth, office, "admin", what, **typed) == 409
    assert "admin is the last admin" in ruth.text
    assert (user(office, "admin").role, user(office, "admin").disabled_at) == ("admin", None)


def test_another_role_counts_at_once_and_is_noted(ruth: Browser, anna: Browser, office: Office) -> None:
    do(ruth, office, "agent", "role", role="viewer")
    assert user(office, "agent").role == "viewer"
    assert anna.get("/").status_code == 303  # they sign in anew
    assert ("user.role", "agent", {"role": "agent"}, {"role": "viewer"}) in noted(office)


def test_lines_are_limited_on_the_page(ruth: Browser, anna: Browser, office: Office) -> None:
    office.add_line("workshop")
    do(ruth, office, "agent", "lines", line=str(office.line_id))
    limited = office.read(lambda tx: store_team.lines_of(tx, user(office, "agent").id))
    assert limited == {office.line_id}
    assert ("user.lines", "agent", "all", ["front"]) in noted(office)
    assert anna.get(f"/lines/{office.line_id}").status_code == 200
    assert anna.get(f"/lines/{office.line_id + 1}").status_code == 404


def test_an_admin_is_not_limited(ruth: Browser, office: Office) -> None:
    token = ruth.page.forms["/sign-out"]["csrf_token"]
    fields = {"csrf_token": token, "line": str(office.line_id)}
    place = f"{PAGE}/{user(office, 'admin').id}/lines"
    assert ruth.client.post(place, data=fields).status_code == 409


def test_a_password_is_chosen_by_a_link_once(
    ruth: Browser, anna: Browser, stranger: Browser, office: Office
) -> None:
    do(ruth, office, "agent", "reset-link")
    found = re.search(r"/join/\S+?(?=<)", ruth.html)
    assert found is not None
    link, new = found[0], "quite another sentence"
    stranger.get(link)
    assert stranger.submit(link, password="short", again="short").status_code == 422
    assert anna.get("/").status_code == 200
    stranger.submit(link, password=new, again=new)
    assert anna.get("/").status_code == 303
    assert stranger.get(link).status_code == 404
    stranger.get("/sign-in")
    assert stranger.submit("/sign-in", username="agent", password=PASSWORD).status_code == 401
    stranger.get("/sign-in")
    assert stranger.submit("/sign-in", username="agent", password=new).status_code == 200


def test_a_link_for_a_password_ends_with_a_day_and_with_another(
    ruth: Browser, stranger: Browser, office: Office
) -> None:
    links = []
    for _ in range(2):
        do(ruth, office, "agent", "reset-link")
        links += re.findall(r"/join/[\w-]{20,}", ruth.html)[:1]
    assert stranger.get(links[0]).status_code == 404
    assert stranger.get(links[1]).status_code == 200
    office.clock.step(hours=25)
    assert stranger.get(links[1]).status_code == 404


def test_inviting_from_the_page_and_taking_back(ruth: Browser, stranger: Browser) -> None:
    ruth.submit(f"{PAGE}/invite", role="viewer")
    found = re.search(r"/join/\S+?(?=<)", ruth.html)
    assert found is not None and stranger.get(found[0]).status_code == 200
    assert "Your role: viewer" in stranger.text or "reads" in stranger.text
    ruth.submit(f"{PAGE}/links/1/take-back")
    assert stranger.get(found[0]).status_code == 404


def test_what_is_no_field_of_a_form_changes_nothing(ruth: Browser, anna: Browser, office: Office) -> None:
    """Fault row 85: a role smuggled into one's own forms."""
    anna.get("/account")
    before = user(office, "agent")
    anna.submit("/account/language", language="", role="admin", totp_since="1", name="Boss", lines="")
    anna.submit("/account/ways", role="admin", username="boss", reads_from_id="0", available="1")
    after = user(office, "agent")
    same = ("role", "name", "username", "totp_since", "reads_from_id", "password_hash")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]


# --- one's own devices -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5", "Browser we do not know"),
        (None, "Browser we do not know"),
    ],
)
def test_browsers_are_told_in_words(agent: str | None, words: str) -> None:
    assert in_words(agent) == words


def test_one_signs_out_elsewhere(panel: Flask, stranger: Browser, office: Office) -> None:
    browsers = [Browser(panel.test_client()) for _ in range(3)]
    for browser in browsers:
        browser.get("/sign-in")
        browser.submit("/sign-in", username="agent", password=PASSWORD)
        office.clock.step(minutes=5)
    here, other, third = browsers
    here.get("/account")
    assert here.text.count("From 127.0.0.1.") == 3 and "You signed in last on" in here.text
    one = next(place for place in here.page.forms if re.fullmatch(r"/account/devices/\w{64}/sign-out", place))
    here.submit(one)
    assert sorted([other.get("/").status_code, third.get("/").status_code]) == [200, 303]
    here.get("/account")
    here.submit("/account/devices/sign-out-elsewhere")
    assert [browser.get("/").status_code for browser in browsers] == [200, 303, 303]


def test_nobody_signs_out_somebody_else(anna: Browser, ruth: Browser, office: Office) -> None:
    admin = user(office, "admin").id
    (hers,) = office.read(lambda tx: store_team.sessions_of(tx, admin, office.clock()))
    anna.get("/account")
    token = anna.page.forms["/sign-out"]["csrf_token"]
    answer = anna.client.post(f"/account/devices/{hers.id_hash}/sign-out", data={"csrf_token": token})
    assert answer.status_code == 404
    assert ruth.get("/").status_code == 200


# --- the audit log is kept ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'x'",
        "UPDATE audit SET object = ''",
        "UPDATE audit SET at = 0",
    ],
)
def test_rows_of_the_audit_log_stay_as_they_were_written(
    ruth: Browser, office: Office, statement: str
) -> None:
    before = noted(office)
    with pytest.raises(Exception, match="kept as it was written"):
        office.write(lambda tx: tx.connection.exec_driver_sql(statement))
    assert before and noted(office) == before


def test_what_is_noted_says_from_where(ruth: Browser, office: Office) -> None:
    do(ruth, office, "agent", "role", role="viewer")
    query = select(audit.c.address).where(audit.c.action == "user.role")
    assert office.read(lambda tx: tx.execute(query).scalar_one()) == "127.0.0.1"
