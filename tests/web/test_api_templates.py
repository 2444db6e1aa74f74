"""Templates in the API: which there are, and texts made of them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.desk import templates as desk
from gateway.store import contacts, team
from gateway.store import templates as stored
from tests.office import ANNA as NADIA
from tests.office import SAM, Office
from tests.web.conftest import ApiClient

DUE = {"en": "Hello {first_name|there}, your {field:boiler} is due. {office}", "fr": "Bonjour {first_name}"}


@pytest.fixture
def due(shop: ApiClient, office: Office) -> str:
    """Id of a template of the office; there is one of a person beside it."""

    def add(tx: Any) -> str:
        made = desk.add(tx, "Boiler due", DUE, None, SAM, office.clock())
        person = team.user_by_name(tx, "agent")
        assert person is not None
        desk.add(tx, "Mine", {"en": "x"}, person.id, SAM, office.clock())
        return str(stored.get(tx, made).public_id)

    return office.write(add)


def test_the_offices_templates_are_listed(shop: ApiClient, due: str) -> None:
    answer = shop.get("/api/v1/templates").get_json()
    (one,) = answer["data"]
    assert answer["next_cursor"] is None
    assert (one["id"], one["name"], one["texts"], one["used"]) == (due, "Boiler due", DUE, 0)
    assert one["places"] == ["first_name", "field:boiler", "office"]


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_text_is_made_of_a_template(shop: ApiClient, office: Office, due: str, by: str) -> None:
    named = due if by == "id" else "boiler DUE"
    answer = shop.send(to=NADIA, template=named, vars={"field:boiler": "Vaillant"})
    assert answer.status_code == 202
    said = "Hello there, your Vaillant is due. Alderwick Dental"
    assert answer.get_json()["body"] == said
    assert office.read(lambda tx: stored.of(tx, None))[0].used == 1
    person = office.read(lambda tx: contacts.by_number(tx, NADIA))
    assert person is not None
    office.write(lambda tx: contacts.change(tx, person.id, name="Nadia Farrell", language="fr"))
    assert shop.send(to=NADIA, template=named).get_json()["body"] == "Bonjour Nadia"
    assert shop.send(to=NADIA, template=named, vars={"first_name": "N."}).get_json()["body"] == "Bonjour N."


def test_a_preview_shows_the_words_and_counts_no_use(shop: ApiClient, office: Office, due: str) -> None:
    asked = {"to": NADIA, "template": due, "vars": {"field:boiler": "Vaillant"}}
    answer = shop.post("/api/v1/messages/preview", asked)
    assert answer.get_json()["body"] == "Hello there, your Vaillant is due. Alderwick Dental"
    assert office.read(lambda tx: stored.of(tx, None))[0].used == 0


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"template": "Boiler due"}, "{field:boiler} is not filled in"),
        ({"template": "Mine"}, "There is no template Mine."),
        ({"template": "Boiler due", "body": "x"}, "Give body or template; not both."),
        ({}, "Give body or template; not both."),
        ({"body": "x", "vars": {"a": "b"}}, "Only a template has places to fill in."),
    ],
)
def test_what_cannot_be_made_is_refused(
    shop: ApiClient, office: Office, due: str, fields: dict[str, Any], says: str
) -> None:
    answer = shop.send(to=NADIA, **fields)
    assert answer.status_code in (404, 422) and says in answer.get_data(as_text=True)
    assert office.messages(direction="outbound") == []
