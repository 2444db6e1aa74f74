"""Requests that change settings or how people work write a row in the audit log."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import select

from gateway.domain.people import Right
from gateway.store import settings, team
from gateway.store.tables import audit
from gateway.web.access import needs
from tests.office import Office
from tests.web.browser import Browser
from tests.web.noted import watch


def _rows(office: Office, action: str) -> list[Any]:
    return office.read(lambda tx: list(tx.execute(select(audit).where(audit.c.action == action))))


def test_a_change_that_is_not_noted_is_found(panel: Flask, office: Office, anna: Browser) -> None:
    @needs(Right.READ)
    def secretly() -> str:
        office.write(lambda tx: settings.put(tx, "office.name", "Another"))
        return ""

    panel.add_url_rule("/secretly", view_func=secretly, methods=["POST"])
    anna.get("/account")
    found = watch(panel, office)
    answer = anna.client.post("/secretly", data=anna.page.forms["/account/ways"])
    assert answer.status_code == 200
    assert found == ["POST /secretly changed settings"]


def test_how_somebody_works_is_noted_with_before_and_after(
    panel: Flask, anna: Browser, office: Office
) -> None:
    missing = watch(panel, office)
    anna.get("/account")
    fields = anna.page.forms["/account/ways"]
    fields.pop("available")
    anna.client.post("/account/ways", data=fields)
    (row,) = _rows(office, "user.ways")
    assert row.object == "agent" and row.before == {"available": True, "shortcuts": True}
    assert row.after == {"available": False, "shortcuts": True}
    user = office.read(lambda tx: team.user_by_name(tx, "agent"))
    assert user is not None and not user.available
    anna.client.post("/account/ways", data=fields)
    assert len(_rows(office, "user.ways")) == 1, "nothing was changed"
    assert missing == []
