"""An urgent text that waits, changed in the API and on its page by those who may send at night and others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from gateway.desk.drafts import Author
from gateway.domain.message import Purpose
from gateway.domain.people import Scope
from gateway.domain.schedule import at_instant
from gateway.store import team
from tests.office import ANNA, Office
from tests.web.browser import Browser
from tests.web.conftest import ApiClient, make_token


def _urgent(office: Office, author: Author) -> Any:
    when = at_instant(office.clock() + timedelta(days=1), "Europe/London")
    return office.message(office.accept(ANNA, "At six", author=author, when=when, urgent_reason="a leak"))


def _agent(office: Office) -> Author:
    user = office.read(lambda tx: team.user_by_name(tx, "agent"))
    assert user is not None
    return Author("person", user.id, user.name)


@pytest.mark.parametrize(("may", "reason"), [(True, "a leak"), (False, None)])
@pytest.mark.parametrize("fields", [{"body": "At seven"}, {"scheduled_at": "2025-03-06T06:00:00Z"}])
def test_a_token_needs_the_scope_to_keep_it_urgent(
    panel: Flask, office: Office, may: bool, reason: str | None, fields: dict[str, Any]
) -> None:
    scopes = [scope for scope in Scope if may or scope is not Scope.MESSAGES_OVERRIDE]
    token = make_token(office, "shop", *scopes, purposes=(Purpose.CONVERSATIONAL,))
    shop = ApiClient(panel.test_client(), token)
    text = _urgent(office, Author("token", 1, "shop"))
    answer = shop.client.patch(f"/api/v1/messages/{text.public_id}", json=fields, headers=shop.headers)
    assert answer.status_code == 200, answer.data
    assert office.message(text.id).urgent_reason == reason


@pytest.mark.parametrize(("role", "reason"), [("manager", "a leak"), ("agent", None)])
def test_on_its_page_it_stays_urgent_for_a_manager(
    browser_of: Callable[[str], Browser], office: Office, role: str, reason: str | None
) -> None:
    browser = browser_of(role)
    text = _urgent(office, _agent(office))
    address = f"/messages/{text.public_id}/change"
    browser.get(address)
    browser.submit(address, body="At seven", when="keep")
    assert (office.message(text.id).body, office.message(text.id).urgent_reason) == ("At seven", reason)


@pytest.mark.parametrize(("role", "reason"), [("manager", "a leak"), ("agent", None)])
def test_sent_now_on_its_page_it_stays_urgent_for_a_manager(
    browser_of: Callable[[str], Browser], office: Office, role: str, reason: str | None
) -> None:
    browser = browser_of(role)
    text = _urgent(office, _agent(office))
    browser.get(f"/messages/{text.public_id}/change")
    browser.client.post(f"/messages/{text.public_id}/send-now", data=browser.page.forms["act"])
    assert office.message(text.id).urgent_reason == reason
