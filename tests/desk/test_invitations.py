"""Invitations: a link counts once, for a week, and gives the role it was made for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.desk import invitations, team
from gateway.desk.invitations import LinkOver
from gateway.domain.people import Role
from gateway.store import invitations as store
from gateway.store.tables import invitations as table
from tests.office import Office


@pytest.fixture(autouse=True)
def host(office: Office) -> int:
    """The admin who invites; its id is 1."""
    hosted = ("host", "Host", Role.ADMIN, "hash", "command:test", office.clock())
    return office.write(lambda tx: team.add_user(tx, *hosted))


def _invite(office: Office, role: Role = Role.AGENT, user_id: int = 1) -> str:
    return office.write(lambda tx: invitations.invite(tx, role, "person:Ruth", user_id, office.clock()))


def _join(office: Office, secret: str, username: str = "anna") -> str:
    user = office.write(lambda tx: invitations.join(tx, secret, username, "Anna", "hash", office.clock()))
    return str(user.role)


def test_it_gives_its_role_once(office: Office) -> None:
    secret = _invite(office, Role.MANAGER)
    assert _join(office, secret) == "manager"
    with pytest.raises(LinkOver):
        _join(office, secret, "ben")


def test_it_is_kept_as_a_hash(office: Office) -> None:
    secret = _invite(office)
    assert len(secret) >= 43
    (row,) = office.read(lambda tx: list(tx.execute(table.select())))
    assert secret not in str(row)


def test_it_counts_for_a_week(office: Office) -> None:
    secret, late = _invite(office), _invite(office)
    office.clock.step(days=6, hours=23)
    _join(office, secret)
    office.clock.step(hours=1)
    with pytest.raises(LinkOver):
        _join(office, late, "ben")


def test_a_name_that_is_taken_leaves_the_link(office: Office) -> None:
    _join(office, _invite(office))
    secret = _invite(office)
    with pytest.raises(team.BadUser):
        _join(office, secret)
    assert _join(office, secret, "ben") == "agent"


def test_it_can_be_taken_back(office: Office) -> None:
    secret = _invite(office)
    (row,) = office.read(lambda tx: store.counting(tx, office.clock()))
    office.write(lambda tx: invitations.take_back(tx, row.id, "person:Ruth", office.clock()))
    with pytest.raises(LinkOver):
        _join(office, secret)
    assert office.read(lambda tx: store.counting(tx, office.clock())) == []


def test_no_link_outlives_the_admin_who_made_it(office: Office) -> None:
    """Whoever leaves took the link along, and would be let in again by it."""

    def add(tx: Any, username: str) -> int:
        return team.add_user(tx, username, username.title(), Role.ADMIN, "hash", "x", office.clock())

    ruth, tom = (office.write(lambda tx, name=name: add(tx, name)) for name in ("ruth", "tom"))
    theirs, of_tom = _invite(office, Role.ADMIN, ruth), _invite(office, Role.AGENT, tom)
    _invite(office, Role.AGENT, ruth)
    assert office.write(lambda tx: team.disable_user(tx, "ruth", "command:test", office.clock())) == 2
    with pytest.raises(LinkOver):
        _join(office, theirs)
    assert _join(office, of_tom) == "agent"


def test_a_link_that_was_being_made_while_its_maker_was_demoted_counts_for_nothing(office: Office) -> None:
    def add(tx: Any) -> int:
        return team.add_user(tx, "ruth", "Ruth", Role.ADMIN, "hash", "x", office.clock())

    ruth = office.write(add)
    office.write(lambda tx: team.change_role(tx, "ruth", Role.MANAGER, "command:test", office.clock()))
    late = _invite(office, Role.ADMIN, ruth)
    with pytest.raises(LinkOver):
        _join(office, late)


def test_another_secret_opens_nothing(office: Office) -> None:
    _invite(office)
    with pytest.raises(LinkOver):
        office.read(lambda tx: invitations.find(tx, "no such link", office.clock()))
