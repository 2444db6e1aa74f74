"""What answers by itself, as the confirmation of a STOP does, keeps its words and its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from gateway.desk import acceptance, schedules
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.domain.refusal_words import REFUSALS, Refused
from gateway.domain.schedule import at_instant
from tests.office import ANNA, SAM, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient, make_token

WHY = REFUSALS["answers_by_itself"].text


@pytest.fixture
def answer(office: Office) -> Any:
    """The confirmation of a STOP, which waits for the line."""
    office.text_from(ANNA, "Hello")
    office.text_from(ANNA, "STOP")
    (found,) = office.messages(ANNA, "outbound")
    assert found.purpose == Purpose.COMPLIANCE.value
    return found


def _verbs(office: Office) -> dict[str, Callable[[Any, int], object]]:
    now = office.clock()
    later = at_instant(now + timedelta(hours=2), "Europe/London")
    return {
        "edit": lambda tx, of: schedules.edit(tx, of, "SALE 50%", SAM, now),
        "move": lambda tx, of: schedules.reschedule(tx, of, later, SAM, now),
        "send now": lambda tx, of: schedules.send_now(tx, of, SAM, now),
        "urgent": lambda tx, of: schedules.make_urgent(tx, of, "a leak", SAM, now),
        "useful until": lambda tx, of: schedules.useful_until(tx, of, now + timedelta(hours=1), SAM, now),
    }


@pytest.mark.parametrize("verb", ["edit", "move", "send now", "urgent", "useful until"])
def test_nobody_changes_it(office: Office, answer: Any, verb: str) -> None:
    with pytest.raises(Refused) as refused:
        office.write(lambda tx: _verbs(office)[verb](tx, answer.id))
    assert refused.value.key == "answers_by_itself"
    assert (office.message(answer.id).body, office.message(answer.id).due_at) == (answer.body, answer.due_at)


def test_it_can_be_canceled(office: Office, answer: Any) -> None:
    office.write(lambda tx: acceptance.cancel(tx, answer.id, SAM, office.clock()))
    assert office.state(answer.id) == "canceled"


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("patch", "", {"body": "SALE 50%"}),
        ("patch", "", {"scheduled_at": "2025-03-05T08:00:00Z"}),
        ("post", "/send-now", {}),
        ("post", "/send-now", {"quiet_hours": "override", "reason": "a leak"}),
    ],
)
def test_not_in_the_api(
    panel: Flask, office: Office, answer: Any, method: str, path: str, fields: dict[str, str]
) -> None:
    token = make_token(office, "all", *Scope, purposes=tuple(Purpose))
    app = ApiClient(panel.test_client(), token)
    address = f"/api/v1/messages/{answer.public_id}{path}"
    told = getattr(app.client, method)(address, json=fields, headers=app.headers)
    assert (told.status_code, told.get_json()["detail"]) == (409, WHY)
    assert office.message(answer.id).body == answer.body


def test_not_on_the_panel_which_offers_it_nowhere(
    browser_of: Callable[[str], Browser], office: Office, answer: Any
) -> None:
    browser = browser_of("manager")
    browser.get(f"/conversations/{office.conversation(ANNA).public_id}")
    assert f"/messages/{answer.public_id}/change" not in browser.html
    assert f"/messages/{answer.public_id}/cancel" in browser.html
    address = f"/messages/{answer.public_id}/change"
    browser.get(address)
    assert WHY in browser.text
    assert "Save" not in [button["words"] for button in browser.page.buttons]
    browser.submit(address, body="SALE 50%", when="keep")
    assert browser.answer is not None
    assert browser.answer.status_code == 409
    assert office.message(answer.id).body == answer.body
