"""Every route of the panel and the API, as what tests walk: what it asks for, and real addresses for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask

from gateway.store.tables import metadata
from gateway.web.access import Access, access_of
from tests.office import Office

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Route:
    """One method at one address, and what it declares to ask for."""

    rule: str
    method: str
    access: Access | None

    @property
    def changes(self) -> bool:
        return self.method in CHANGING


def routes(panel: Flask) -> list[Route]:
    """All of them, by address."""
    found = [
        Route(rule.rule, method, access_of(panel.view_functions[rule.endpoint]))
        for rule in panel.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found, key=lambda route: (route.rule, route.method))


class Addresses:
    """Routes with the ids of what is there in place of their variables, so that they would do something."""

    def __init__(self, office: Office, peer: str) -> None:
        row = office.conversation(peer)
        text = office.messages(peer)[0]
        contact = office.read(lambda tx: _contact(tx, row.contact_id))
        self._ids = {
            "/conversations/<": row.public_id,
            "/messages/<": text.public_id,
            "/contacts/<": contact,
            "/api/v1/conversations/<": row.public_id,
            "/api/v1/messages/<": text.public_id,
            "/api/v1/contacts/<": contact,
            "/api/v1/lines/<": "front",
        }

    def of(self, rule: str) -> str:
        rule = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule)
        rule = re.sub(r"<int[^>]*>", "1", rule)
        for begin, public_id in self._ids.items():
            if rule.startswith(begin):
                rule = re.sub(r"<\w+>", str(public_id), rule, count=1)
        return re.sub(r"<[^>]*>", "x", rule)


def _contact(tx: Any, contact_id: int) -> str:
    table = metadata.tables["contacts"]
    return str(tx.execute(table.select().where(table.c.id == contact_id)).one().public_id)


def every_row(office: Office, *without: str) -> dict[str, list[Any]]:
    """All that is in the database, by table."""
    tables = {name: table for name, table in metadata.tables.items() if name not in without}
    return office.read(lambda tx: {name: list(tx.execute(table.select())) for name, table in tables.items()})
