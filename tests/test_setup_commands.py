"""The first run and the second factor at a terminal."""

from __future__ import annotations

import json
import re
from typing import Any

from click.testing import CliRunner, Result

from gateway import tls
from gateway.certificates import Names
from gateway.cli import main
from gateway.clock import utc_now
from gateway.desk import second_factor, setup, team
from gateway.desk.setup import Tried
from gateway.domain import setup_words
from gateway.domain.people import Role
from gateway.domain.setup import Step
from gateway.store import team as store_team
from tests.office import Office


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, arguments, env={"SMS_GATEWAY_DATA_DIR": folder})


def add_ruth(office: Office) -> int:
    def add(tx: Any) -> int:
        return team.add_user(tx, "ruth", "Ruth", Role.ADMIN, "hash", "command:test", utc_now())

    return office.write(add)


def test_every_step_is_told_with_the_command_that_does_it(office: Office) -> None:
    said = run(office, "setup").stdout
    assert "Which modem?: done" in said and setup_words.COMMANDS[Step.MODEM] not in said
    assert "Your account: open" in said and setup_words.COMMANDS[Step.ACCOUNT] in said
    office.write(lambda tx: setup.skip(tx, Step.RULES, utc_now()))
    assert "Rules: left out" in run(office, "setup").stdout
    told = {one["step"]: one["standing"] for one in json.loads(run(office, "setup", "--json").stdout)}
    assert list(told) == [step.value for step in Step]
    assert (told["modem"], told["account"], told["rules"]) == ("done", "open", "skipped")


def test_a_panel_that_was_opened_by_a_command_is_told(office: Office) -> None:
    assert "Other computers: open" in run(office, "setup").stdout
    tls.init(office.path.parent, Names(("box.local",), ()), utc_now())
    assert "Other computers: done" in run(office, "setup").stdout


def test_a_code_is_printed_that_counts(office: Office) -> None:
    printed = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", run(office, "setup", "code").stdout)
    assert printed is not None
    tried = office.write(lambda tx: setup.try_code(tx, printed[0], "a browser", "127.0.0.1", office.clock()))
    assert tried is Tried.FITS


def test_once_somebody_can_sign_in_there_is_no_code(office: Office) -> None:
    add_ruth(office)
    done = run(office, "setup", "code")
    assert done.exit_code == 1 and setup_words.OVER in done.stderr


def test_somebody_who_lost_both_is_let_in_by_the_password(office: Office) -> None:
    user_id = add_ruth(office)
    office.write(lambda tx: second_factor.begin(tx, user_id))
    office.write(lambda tx: store_team.change_user(tx, user_id, totp_since=utc_now()))
    assert run(office, "user", "second-factor", "ruth").exit_code == 2
    assert run(office, "user", "second-factor", "ruth", "--remove").exit_code == 0
    user = office.read(lambda tx: store_team.user(tx, user_id))
    assert not second_factor.is_on(user) and user.totp_sealed is None
    done = run(office, "user", "second-factor", "nobody", "--remove")
    assert done.exit_code == 1 and "no user" in done.stderr
