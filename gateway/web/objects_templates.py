"""The office's templates as the API shows them, which the command line prints too."""

from __future__ import annotations

from typing import Any

from gateway.domain import templates
from gateway.store import templates as rows
from gateway.store.database import Tx


def template(row: Any, texts: dict[str, str]) -> dict[str, Any]:
    """A template as programs and commands see it."""
    places = dict.fromkeys(place for body in texts.values() for place in templates.places(body))
    return {"id": row.public_id, "name": row.name, "texts": texts, "places": list(places), "used": row.used}


def shared(tx: Tx) -> list[dict[str, Any]]:
    """The office's templates, by name."""
    found = rows.of(tx, None)
    texts = rows.texts(tx, [row.id for row in found])
    return [template(row, texts[row.id]) for row in found]
