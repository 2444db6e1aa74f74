"""The people who sign in, at a terminal."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from gateway.cli import main
from gateway.clock import utc_now
from gateway.desk import invitations, team
from gateway.domain.people import Role
from gateway.store import team as store_team
from gateway.store.tables import audit
from tests.office import Office

PASSWORD = "a short sentence is good"


def run(office: Office, *arguments: str, feed: str = "") -> Result:
    env = {"SMS_GATEWAY_DATA_DIR": str(office.path.parent)}
    return CliRunner().invoke(main, ["user", *arguments], input=feed, env=env)


def add(office: Office, *arguments: str, password: str = PASSWORD) -> Result:
    return run(office, "add", *arguments, "--password-stdin", feed=password)


@pytest.fixture
def ruth(office: Office) -> int:
    """An admin besides Tom."""

    def two(tx: Any) -> int:
        team.add_user(tx, "tom", "Tom", Role.ADMIN, "hash", "command:test", utc_now())
        return team.add_user(tx, "ruth", "Ruth", Role.ADMIN, "hash", "command:test", utc_now())

    return office.write(two)


def _invite(office: Office, user_id: int, role: Role = Role.AGENT) -> str:
    return office.write(lambda tx: invitations.invite(tx, role, "person:Ruth", user_id, utc_now()))


def _counts(office: Office, secret: str) -> bool:
    try:
        office.read(lambda tx: invitations.find(tx, secret, utc_now()))
    except invitations.LinkOver:
        return False
    return True


def test_the_first_user_is_an_admin(office: Office) -> None:
    """Whoever is first ends the first run: somebody else could not go on with it."""
    refused = add(office, "anna", "--role", "agent")
    assert refused.exit_code == 1 and "--role admin" in refused.stderr
    assert office.read(store_team.every_user) == []
    assert add(office, "ruth", "--role", "admin").exit_code == 0
    assert add(office, "anna", "--role", "agent").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (("--full-name", "R" * 61), PASSWORD, "1 to 60 characters"),
        (("--full-name", " "), PASSWORD, "1 to 60 characters"),
        ((), "passwordpassword", "repeats itself"),
        ((), "Our office 2026", "a name that people know"),
        (("--full-name", "Ruth Lindqvist"), "lindqvist1234", "a name that people know"),
        ((), "michaeljackson", "Many people have this password"),
    ],
)
def test_what_cannot_be_taken_is_said(
    office: Office, arguments: tuple[str, ...], password: str, said: str
) -> None:
    refused = add(office, "ruth", "--role", "admin", *arguments, password=password)
    assert refused.exit_code == 1 and said in refused.stderr
    assert office.read(store_team.every_user) == []


def test_a_disabled_user_leaves_no_link(office: Office, ruth: int) -> None:
    link = _invite(office, ruth, Role.ADMIN)
    assert "1 link" in run(office, "disable", "ruth").stdout
    assert not _counts(office, link)
    assert "link" not in run(office, "disable", "ruth").stdout


def test_a_disabled_user_is_let_in_again(office: Office, ruth: int) -> None:
    run(office, "disable", "ruth")
    assert run(office, "enable", "ruth").exit_code == 0
    assert office.read(lambda tx: team.known(tx, "ruth")).disabled_at is None
    assert run(office, "enable", "nobody").exit_code == 1


def test_a_role_is_changed_and_noted(office: Office, ruth: int) -> None:
    link = _invite(office, ruth, Role.ADMIN)
    assert run(office, "role", "ruth", "admin").stdout == "User ruth is admin now.\n"
    assert _counts(office, link)
    assert "1 link" in run(office, "role", "ruth", "agent").stdout
    assert office.read(lambda tx: team.known(tx, "ruth")).role == "agent"
    assert not _counts(office, link), "nobody else may make an admin"
    noted = office.read(lambda tx: list(tx.execute(select(audit).where(audit.c.action == "user.role"))))
    assert [(row.before, row.after) for row in noted] == [({"role": "admin"}, {"role": "agent"})]


def test_the_last_admin_stays_one(office: Office, ruth: int) -> None:
    assert run(office, "role", "ruth", "viewer").exit_code == 0
    for arguments in (("role", "tom", "viewer"), ("disable", "tom")):
        refused = run(office, *arguments)
        assert refused.exit_code == 1 and "tom is the last admin" in refused.stderr
    assert office.read(lambda tx: team.known(tx, "tom")).role == "admin"


def test_links_are_shown_and_taken_back(office: Office, ruth: int) -> None:
    kept, other = _invite(office, ruth), _invite(office, ruth, Role.MANAGER)
    (agent, manager) = json.loads(run(office, "links", "--json").stdout)
    assert (agent["role"], manager["role"], agent["by"]) == ("agent", "manager", "person:Ruth")
    said = run(office, "links", "--take-back", str(manager["number"])).stdout
    assert (
        re.match(rf"{agent['number']}: agent, made by person:Ruth, until 20", said) and "manager" not in said
    )
    assert _counts(office, kept) and not _counts(office, other)
    again = run(office, "links", "--take-back", str(manager["number"]))
    assert again.exit_code == 1 and "Nobody can join" in again.stderr


def test_somebody_is_limited_to_lines_and_let_see_all(office: Office, ruth: int) -> None:
    run(office, "role", "ruth", "agent")
    assert run(office, "lines", "ruth", "--line", "front").output == "User ruth sees front.\n"
    assert office.read(lambda tx: store_team.lines_of(tx, ruth)) == {office.line_id}
    assert run(office, "lines", "ruth", "--line", "nowhere").exit_code == 1
    assert run(office, "lines", "ruth").exit_code == 2
    assert run(office, "lines", "ruth", "--all").exit_code == 0
    assert office.read(lambda tx: store_team.lines_of(tx, ruth)) is None
    assert run(office, "lines", "tom", "--line", "front").exit_code == 1  # an admin sees all


def test_somebody_is_signed_out_everywhere(office: Office, ruth: int) -> None:
    def begin(tx: Any) -> str:
        return team.sign_in(tx, store_team.user(tx, ruth), "test", utc_now())

    secret = office.write(begin)
    assert run(office, "sign-out", "ruth").exit_code == 0
    assert office.read(lambda tx: team.session(tx, secret, utc_now())) is None
