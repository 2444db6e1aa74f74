"""The one-time code of the first run: who may try it, how often, and when it ends."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.desk import lines as desk_lines
from gateway.desk import one_time_codes, settings, setup, team, tries
from gateway.desk.drafts import Author
from gateway.desk.setup import SetUpAlready, Tried
from gateway.desk.tries import TooSoon
from gateway.domain.line import Accepted
from gateway.domain.one_time_codes import ALPHABET, grouped, typed
from gateway.domain.people import Role
from gateway.domain.setup import Standing, Step
from gateway.store import box_state
from tests.office import ANNA, Office

BROWSER, ANOTHER = "a browser's secret", "another browser's"


def _try(office: Office, code: str, secret: str = BROWSER, address: str = "192.168.1.9") -> Tried:
    return office.write(lambda tx: setup.try_code(tx, code, secret, address, office.clock()))


def _may(office: Office, secret: str = BROWSER) -> bool:
    return office.read(lambda tx: setup.may_set_up(tx, secret, office.clock()))


def _account(office: Office) -> None:
    office.write(lambda tx: setup.add_first_account(tx, "ruth", "Ruth", "hash", office.clock()))


def test_the_code_has_fifty_bits_and_is_kept_as_a_hash_alone(office: Office) -> None:
    code = office.write(setup.new_code)
    assert len(code) == 10 and set(code) <= set(ALPHABET) and len(ALPHABET) == 32
    kept = str(office.read(lambda tx: box_state.get(tx, "setup")))
    assert code not in kept and grouped(code) not in kept
    assert code != office.write(setup.new_code)


def test_what_was_typed_may_be_small_and_have_gaps() -> None:
    assert typed(" 7k3qm-x2pbd \n") == "7K3QMX2PBD"
    assert typed("oiL") == "011"


def test_the_code_lets_one_browser_on_and_counts_once(office: Office) -> None:
    code = office.write(setup.new_code)
    assert not _may(office)
    assert _try(office, grouped(code).lower()) is Tried.FITS
    assert _may(office) and not _may(office, ANOTHER)
    assert _try(office, code, ANOTHER) is Tried.SPENT
    assert not _may(office, ANOTHER)


def test_the_browser_may_go_on_for_a_day(office: Office) -> None:
    assert _try(office, office.write(setup.new_code)) is Tried.FITS
    office.clock.step(hours=23)
    assert _may(office)
    office.clock.step(hours=2)
    assert not _may(office)


def test_wrong_tries_make_their_own_address_wait_and_end_no_code(office: Office) -> None:
    code = office.write(setup.new_code)
    for _ in range(tries.FREE_TRIES):
        assert _try(office, "0" * 10, address="2001:db8::1") is Tried.WRONG
    with pytest.raises(TooSoon):
        _try(office, code, address="2001:db8::2")  # the same network
    for _ in range(100):
        office.clock.step(minutes=1)
        assert _try(office, "0" * 10, address="2001:db8::1") is Tried.WRONG
    assert _try(office, code, ANOTHER) is Tried.FITS


def test_a_restart_leaves_whoever_gave_the_code_where_they_are(office: Office) -> None:
    assert _try(office, office.write(setup.offer_code)) is Tried.FITS
    code = office.write(setup.offer_code)
    assert _may(office)
    assert _try(office, code, ANOTHER) is Tried.FITS
    assert _may(office, ANOTHER) and not _may(office)


def test_a_code_asked_for_ends_the_browser_before(office: Office) -> None:
    assert _try(office, office.write(setup.offer_code)) is Tried.FITS
    office.write(setup.new_code)
    assert not _may(office)


def test_the_first_account_ends_code_and_browser(office: Office) -> None:
    code = office.write(setup.new_code)
    assert _try(office, code) is Tried.FITS
    _account(office)
    assert not _may(office) and not office.read(setup.is_open)
    assert _try(office, code) is Tried.SPENT
    assert office.write(setup.offer_code) == ""
    with pytest.raises(SetUpAlready):
        office.write(setup.new_code)
    with pytest.raises(SetUpAlready):
        _account(office)


def test_an_account_made_by_a_command_ends_it_too(office: Office) -> None:
    code = office.write(setup.new_code)
    assert _try(office, code) is Tried.FITS
    add = (Role.AGENT, "hash", "command:test", office.clock())
    office.write(lambda tx: team.add_user(tx, "anna", "Anna", *add))
    assert not _may(office)


def test_a_code_for_one_thing_is_none_for_another(office: Office) -> None:
    code = office.write(setup.new_code)
    kept = office.read(lambda tx: one_time_codes.kept(tx, "setup-code", code))
    assert office.read(lambda tx: one_time_codes.fits(tx, "setup-code", code, kept))
    assert not office.read(lambda tx: one_time_codes.fits(tx, "recovery-code:1", code, kept))
    assert not office.read(lambda tx: one_time_codes.fits(tx, "setup-code", code, None))


def test_what_was_done_by_other_ways_is_done(office: Office) -> None:
    found = office.read(setup.standings)
    assert found[Step.MODEM] is Standing.DONE and found[Step.NUMBER] is Standing.OPEN
    assert list(found) == list(Step)
    office.write(lambda tx: setup.skip(tx, Step.HOURS, office.clock()))
    office.write(lambda tx: setup.skip(tx, Step.MODEM, office.clock()))
    found = office.read(setup.standings)
    assert found[Step.HOURS] is Standing.SKIPPED and found[Step.MODEM] is Standing.DONE


def test_the_account_cannot_be_left_out(office: Office) -> None:
    with pytest.raises(team.BadUser, match="sign in"):
        office.write(lambda tx: setup.skip(tx, Step.ACCOUNT, office.clock()))
    _account(office)
    assert office.read(setup.standings)[Step.ACCOUNT] is Standing.DONE


def test_a_test_text_that_went_out_is_the_step(office: Office, any_hour: None) -> None:
    _send_test(office)
    assert office.read(setup.standings)[Step.TEST] is Standing.OPEN
    office.send_one(Accepted(1))
    assert office.read(setup.standings)[Step.TEST] is Standing.DONE
    _send_test(office)
    assert office.read(setup.standings)[Step.TEST] is Standing.DONE, "that one arrived stays so"


def _send_test(office: Office) -> None:
    who = Author("command", None, "command:sam")
    office.write(lambda tx: desk_lines.send_test(tx, "front", ANNA, who, office.clock()))


def test_what_was_set_by_other_ways_is_done(office: Office) -> None:
    _account(office)
    changed = {"hours.office": "Mon 09:00-12:00", "hours.presets": "us", "office.name": "Alderwick"}

    def by_commands(tx: Any) -> None:
        for name, value in changed.items():
            settings.change(tx, name, value, "command:test", office.clock())
        team.add_user(tx, "anna", "Anna", Role.AGENT, "hash", "command:test", office.clock())
        desk_lines.set_number(tx, "front", "+12025550100", "command:test", office.clock())

    before = office.read(setup.left)
    office.write(by_commands)
    found = office.read(lambda tx: setup.standings(tx, {Step.OPENING}))
    assert [step for step, standing in found.items() if standing is not Standing.DONE] == [Step.TEST]
    assert (before, office.read(lambda tx: setup.left(tx, {Step.OPENING}))) == (7, 1)
