"""Conversations by the API: listed, read, given to somebody, closed and put off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.domain.people import Scope
from tests.office import ANNA, BEN, CARA, Office
from tests.web.conftest import ApiClient, make_token


@pytest.fixture
def talks(office: Office, shop: ApiClient) -> dict[str, str]:
    """Three conversations, by number."""
    for peer in (ANNA, BEN, CARA):
        office.text_from(peer, "Hi")
        office.clock.step(minutes=1)
    return {row["number"]: row["id"] for row in shop.get("/api/v1/conversations").get_json()["data"]}


def change(shop: ApiClient, conversation_id: str, what: str, **body: Any) -> Any:
    return shop.post(f"/api/v1/conversations/{conversation_id}/{what}", body)


def test_they_are_listed_a_page_at_a_time(shop: ApiClient, talks: dict[str, str]) -> None:
    first = shop.get("/api/v1/conversations?limit=2").get_json()
    assert [row["number"] for row in first["data"]] == [CARA, BEN]
    answer = shop.get(f"/api/v1/conversations?limit=2&cursor={first['next_cursor']}")
    assert [row["number"] for row in answer.get_json()["data"]] == [ANNA]
    assert answer.get_json()["next_cursor"] is None
    waiting = shop.get("/api/v1/conversations?show=waiting").get_json()["data"]
    assert [row["number"] for row in waiting] == [ANNA, BEN, CARA], "who waits longest comes first"
    for nothing in ("line=nowhere", "tag=none", "priority=high", "show=closed"):
        assert shop.get(f"/api/v1/conversations?{nothing}").get_json()["data"] == []
    for bad in ("cursor=cnv_0", "show=mine", "limit=0"):
        assert shop.get(f"/api/v1/conversations?{bad}").status_code == 422
    assert shop.get("/api/v1/conversations?colour=red").status_code == 400, "nobody knows such a field"


def test_they_are_given_to_somebody_and_back(shop: ApiClient, talks: dict[str, str]) -> None:
    assert change(shop, talks[ANNA], "assign", to="agent").get_json()["assignee"] == "agent"
    assert shop.get(f"/api/v1/conversations/{talks[ANNA]}").get_json()["assignee"] == "agent"
    assert change(shop, talks[ANNA], "assign", to=None).get_json()["assignee"] is None
    for nobody in ("viewer", "stranger"):
        assert change(shop, talks[ANNA], "assign", to=nobody).status_code == 422
    assert change(shop, "cnv_0", "assign", to=None).status_code == 404


def test_their_state_is_set(shop: ApiClient, office: Office, talks: dict[str, str]) -> None:
    here = talks[ANNA]
    until = (office.clock() + timedelta(hours=1)).isoformat()
    put_off = change(shop, here, "state", state="snoozed", until=until).get_json()
    assert (put_off["state"], put_off["snoozed_until"] is not None) == ("snoozed", True)
    closed = change(shop, here, "state", state="closed").get_json()
    assert (closed["state"], closed["waiting_since"]) == ("closed", None)
    assert change(shop, here, "state", state="open").get_json()["state"] == "open"
    assert change(shop, here, "state", state="open", until=until).status_code == 422
    past = office.clock().isoformat()
    assert change(shop, here, "state", state="snoozed", until=past).status_code == 422


def test_texts_of_one_are_listed_newest_first(shop: ApiClient, office: Office, talks: dict[str, str]) -> None:
    for words in ("two", "three"):
        office.text_from(ANNA, words)
    first = shop.get(f"/api/v1/conversations/{talks[ANNA]}/messages?limit=2").get_json()
    assert [row["body"] for row in first["data"]] == ["three", "two"]
    rest = shop.get(f"/api/v1/conversations/{talks[ANNA]}/messages?cursor={first['next_cursor']}").get_json()
    assert ([row["body"] for row in rest["data"]], rest["next_cursor"]) == (["Hi"], None)
    other = shop.get(f"/api/v1/conversations/{talks[BEN]}/messages?cursor={first['next_cursor']}")
    assert other.status_code == 422, "a cursor of another conversation"


def test_each_needs_its_scope(panel: Any, office: Office, talks: dict[str, str]) -> None:
    poor = ApiClient(panel.test_client(), make_token(office, "poor", Scope.CONVERSATIONS_READ))
    assert poor.get("/api/v1/conversations").status_code == 200
    assert poor.get(f"/api/v1/conversations/{talks[ANNA]}/messages").status_code == 403
    assert change(poor, talks[ANNA], "state", state="closed").status_code == 403
    assert change(poor, talks[ANNA], "assign", to=None).status_code == 403
