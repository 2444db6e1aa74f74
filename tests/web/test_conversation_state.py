"""The forms that change a conversation, one by one and many at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.store import settings, team
from gateway.store import tags as stored_tags
from tests.office import ANNA, BEN, Office
from tests.web.browser import Browser


def token(browser: Browser) -> str:
    browser.get("/")
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.html)
    assert found is not None
    return found[1]


def ask(browser: Browser, path: str, **fields: str | list[str]) -> int:
    answer = browser.client.post(path, data={"csrf_token": token(browser), **fields})
    browser.answer = answer
    return answer.status_code


def place(office: Office, peer: str = ANNA) -> str:
    return f"/conversations/{office.conversation(peer).public_id}"


def test_each_form_changes_the_conversation_and_leads_back(anna: Browser, office: Office) -> None:
    office.text_from(ANNA, "Hi")
    here = place(office)
    agent = office.read(lambda tx: team.user_by_name(tx, "agent"))
    assert agent is not None

    def at(path: str, **fields: str) -> None:
        assert ask(anna, here + path, back=here, **fields) == 303
        assert anna.answer is not None and anna.answer.location == here

    at("/assign", to="me")
    assert office.conversation(ANNA).assignee_id == agent.id
    at("/assign", to="")
    assert office.conversation(ANNA).assignee_id is None
    at("/assign", to=str(agent.id))
    assert office.conversation(ANNA).assignee_id == agent.id
    at("/priority", priority="urgent")
    assert office.conversation(ANNA).priority == "urgent"
    at("/tags", add="Repair")
    at("/tags", remove="repair")
    at("/snooze", until="reply")
    assert office.conversation(ANNA).state == "snoozed"
    at("/close")
    assert office.conversation(ANNA).state == "closed"
    at("/reopen", why="person")
    assert office.conversation(ANNA).state == "open"
    at("/unread")
    kinds = office.event_kinds()
    for kind in ("assigned", "snoozed", "closed", "reopened", "changed", "read"):
        assert f"conversation.{kind}" in kinds


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/assign", {"to": "999"}, 409),
        ("/assign", {"to": "x"}, 422),
        ("/assign", {"to": "²"}, 422),
        ("/snooze", {"until": "never"}, 422),
        ("/snooze", {"until": "at", "at": "2020-01-01T08:00"}, 409),
        ("/snooze", {"until": "at", "at": "tomorrow"}, 409),
        ("/priority", {"priority": "extreme"}, 422),
        ("/tags", {"add": ""}, 409),
        ("/reopen", {"why": "text"}, 422),
    ],
)
def test_what_cannot_be_done_is_refused(
    anna: Browser, office: Office, path: str, fields: dict[str, str], status: int
) -> None:
    office.text_from(ANNA, "Hi")
    before = office.event_kinds()
    assert ask(anna, place(office) + path, **fields) == status
    assert office.event_kinds() == before
    assert ask(anna, "/conversations/cnv_0/close") == 404


def test_a_viewer_changes_nothing_but_what_is_unread_for_them(
    browser_of: Callable[[str], Browser], office: Office
) -> None:
    viewer = browser_of("viewer")
    office.text_from(ANNA, "Hi")
    for path in ("/assign", "/snooze", "/close", "/reopen", "/priority", "/tags"):
        assert ask(viewer, place(office) + path) == 403
    assert ask(viewer, "/conversations/bulk", do="close", id=place(office)[15:]) == 403
    assert ask(viewer, place(office) + "/unread") == 303


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "", "/\n"])
def test_a_form_leads_to_no_other_site(anna: Browser, office: Office, back: str) -> None:
    office.text_from(ANNA, "Hi")
    assert ask(anna, place(office) + "/close", back=back) == 303
    assert anna.answer is not None and anna.answer.location == "/"


@pytest.mark.parametrize(
    ("until", "wanted"),
    [
        ("hour", datetime(2025, 3, 7, 16, 30, tzinfo=UTC)),
        ("tomorrow", datetime(2025, 3, 10, 14, 0, tzinfo=UTC)),  # Friday: the office opens on Monday
        ("monday", datetime(2025, 3, 10, 14, 0, tzinfo=UTC)),
    ],
)
def test_times_of_a_snooze_are_the_offices(
    browser_of: Callable[[str], Browser], office: Office, until: str, wanted: datetime
) -> None:
    def of_denver(tx: object) -> None:
        settings.put(tx, "office.zone", "America/Denver")  # type: ignore[arg-type]
        settings.put(tx, "hours.office", "Mon-Fri 08:00-17:00")  # type: ignore[arg-type]

    office.write(of_denver)
    office.clock.now = datetime(2025, 3, 7, 15, 30, tzinfo=UTC)
    office.text_from(ANNA, "Hi")
    assert ask(browser_of("agent"), place(office) + "/snooze", until=until) == 303
    assert office.conversation(ANNA).snoozed_until == wanted


def test_many_are_changed_at_once_or_none(anna: Browser, office: Office) -> None:
    for peer in (ANNA, BEN):
        office.text_from(peer, "Hi")
    ids = [place(office, peer)[15:] for peer in (ANNA, BEN)]
    assert ask(anna, "/conversations/bulk", id=ids, do="tag", add="Recall", back="/?show=open&did=x") == 303
    assert anna.answer is not None
    assert anna.answer.location == f"/?show=open&did=tag&of={ids[0]}.{ids[1]}"
    assert ask(anna, "/conversations/bulk", id=[ids[0], "cnv_0"], do="close") == 404
    assert office.conversation(ANNA).state == "open"
    assert ask(anna, "/conversations/bulk", id=ids, do="close") == 303
    assert {office.conversation(peer).state for peer in (ANNA, BEN)} == {"closed"}
    assert ask(anna, "/conversations/bulk", id=ids, do="undo:close") == 303
    assert {office.conversation(peer).state for peer in (ANNA, BEN)} == {"open"}
    assert ask(anna, "/conversations/bulk", id=ids, do="snooze:monday") == 303
    assert {office.conversation(peer).state for peer in (ANNA, BEN)} == {"snoozed"}
    assert ask(anna, "/conversations/bulk", id=ids, do="burn") == 422
    assert ask(anna, "/conversations/bulk", do="close") == 303


# --- taking back -------------------------------------------------------------------------------------


def _state(office: Office) -> tuple[object, ...]:
    row = office.conversation(ANNA)
    tagged = office.read(lambda tx: stored_tags.of_conversations(tx, [row.id]))[row.id]
    return row.state, row.assignee_id, row.priority, tagged, row.waiting_since, row.snoozed_until


ACTS = [
    ("assign", {"to": "me"}, "Assigned."),
    ("priority", {"priority": "urgent"}, "Priority set."),
    ("tags", {"add": "Recall"}, "Tagged."),
    ("tags", {"remove": "Kept"}, "Tag taken off."),
    ("snooze", {"until": "hour"}, "Put off."),
    ("close", {}, "Closed."),
]


@pytest.mark.parametrize(("act", "fields", "said"), ACTS)
def test_each_act_is_offered_to_be_undone_where_it_was_done(
    anna: Browser,
    browser_of: Callable[[str], Browser],
    office: Office,
    act: str,
    fields: dict[str, str],
    said: str,
) -> None:
    office.text_from(ANNA, "Hi")
    assert ask(anna, place(office) + "/tags", add="Kept") == 303
    before = _state(office)
    anna.get(place(office))
    back = anna.page.forms[f"{place(office)}/{act}"]["back"]
    if "remove" in fields:  # the first of two forms with the same address
        back = f"{place(office)}?done=untag"
        assert f'value="{back}"' in anna.html
    assert ask(anna, f"{place(office)}/{act}", back=back, **fields) == 303
    assert _state(office) != before
    assert anna.answer is not None
    other = browser_of("manager")
    other.get(anna.answer.location)
    assert "undo:" not in other.html, "it is not theirs to undo"
    anna.get(anna.answer.location)
    assert said in anna.text
    (undo,) = re.findall(r'value="(undo:\w+)"', anna.html)
    public_id = place(office).rpartition("/")[2]
    assert ask(anna, "/conversations/bulk", id=public_id, do=undo, back=back) == 303
    assert _state(office) == before
    anna.get(place(office))
    assert "undo:" not in anna.html


def test_nobody_undoes_what_somebody_changed_since_nor_what_was_done_long_ago(
    anna: Browser, browser_of: Callable[[str], Browser], office: Office
) -> None:
    office.text_from(ANNA, "Hi")
    public_id = place(office).rpartition("/")[2]
    assert ask(anna, place(office) + "/priority", priority="high") == 303
    assert ask(browser_of("manager"), place(office) + "/priority", priority="low") == 303
    assert ask(anna, "/conversations/bulk", id=public_id, do="undo:priority") == 303
    assert office.conversation(ANNA).priority == "low"
    assert ask(anna, place(office) + "/close") == 303
    office.clock.step(minutes=11)
    assert ask(anna, "/conversations/bulk", id=public_id, do="undo:close") == 303
    assert office.conversation(ANNA).state == "closed"
    for wrong in ("undo", "undo:burn"):
        assert ask(anna, "/conversations/bulk", id=public_id, do=wrong) == 422


def test_undo_of_many_leaves_those_alone_that_stood_so_already(anna: Browser, office: Office) -> None:
    for peer in (ANNA, BEN):
        office.text_from(peer, "Hi")
    ids = [place(office, peer)[15:] for peer in (ANNA, BEN)]
    assert ask(anna, place(office) + "/tags", add="Recall") == 303
    assert ask(anna, "/conversations/bulk", id=ids, do="tag", add="Recall") == 303
    assert anna.answer is not None and anna.answer.location == f"/?did=tag&of={ids[1]}"
    assert ask(anna, "/conversations/bulk", id=ids[1], do="undo:tag") == 303
    assert [_state(office)[3]] == [["Recall"]]
