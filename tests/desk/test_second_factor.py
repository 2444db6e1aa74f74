"""The second factor: codes of RFC 6238, each once, one step of drift; the recovery code, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from gateway.desk import second_factor, team, tries
from gateway.desk.second_factor import Given, WrongCode
from gateway.desk.tries import TooSoon
from gateway.domain.one_time_codes import grouped
from gateway.domain.people import Role
from gateway.store import team as store_team
from gateway.store.tables import audit
from tests.office import Office

HERE = "the secret of a session"


@pytest.fixture
def ruth(office: Office) -> int:
    """An admin with a seed that is not confirmed yet."""

    def add(tx: Any) -> int:
        user_id = team.add_user(tx, "ruth", "Ruth", Role.ADMIN, "hash", "command:test", office.clock())
        second_factor.begin(tx, user_id)
        return user_id

    return office.write(add)


def _user(office: Office, user_id: int) -> Any:
    return office.read(lambda tx: store_team.user(tx, user_id))


def _code(office: Office, user_id: int, later: int = 0) -> str:
    seed = office.read(lambda tx: second_factor.seed(tx, store_team.user(tx, user_id)))
    assert seed is not None
    return str(pyotp.TOTP(seed).at(office.clock() + later * timedelta(seconds=30)))


def _on(office: Office, user_id: int) -> tuple[str, ...]:
    code = _code(office, user_id)
    return office.write(
        lambda tx: second_factor.turn_on(tx, user_id, code, "person:Ruth", HERE, office.clock())
    )


def _take(office: Office, user_id: int, typed: str) -> bool:
    return office.write(lambda tx: second_factor.take(tx, user_id, typed, office.clock()))


def test_codes_are_those_of_the_standard(office: Office, ruth: int) -> None:
    """RFC 6238, appendix B, SHA-1, the last six of its eight digits."""
    seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # 12345678901234567890
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        sealed = office.database.keys.seal(seed)
        office.write(lambda tx, s=sealed: store_team.change_user(tx, ruth, totp_sealed=s, totp_step=None))
        office.clock.now = datetime.fromtimestamp(seconds, UTC)
        assert _take(office, ruth, code)


def test_it_counts_only_once_a_code_was_typed(office: Office, ruth: int) -> None:
    assert not second_factor.is_on(_user(office, ruth)) and second_factor.is_wanted(_user(office, ruth))
    with pytest.raises(WrongCode):
        office.write(lambda tx: second_factor.turn_on(tx, ruth, "000000", "x", HERE, office.clock()))
    assert not second_factor.is_on(_user(office, ruth))
    _on(office, ruth)
    assert second_factor.is_on(_user(office, ruth)) and not second_factor.is_wanted(_user(office, ruth))


def test_the_seed_lies_sealed(office: Office, ruth: int) -> None:
    seed = office.read(lambda tx: second_factor.seed(tx, store_team.user(tx, ruth)))
    assert seed is not None and len(seed) == 32
    assert seed.encode() not in _user(office, ruth).totp_sealed


def test_no_code_counts_twice_nor_an_older_one(office: Office, ruth: int) -> None:
    _on(office, ruth)
    office.clock.step(seconds=60)
    code, before = _code(office, ruth), _code(office, ruth, -1)
    assert _take(office, ruth, code)
    assert not _take(office, ruth, code)
    assert not _take(office, ruth, before)
    assert _take(office, ruth, _code(office, ruth, 1))


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_drift(office: Office, ruth: int, steps: int, counts: bool) -> None:
    _on(office, ruth)
    office.clock.step(minutes=5)
    assert _take(office, ruth, _code(office, ruth, steps)) is counts


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "１２３４５６", "-1", "0" * 40])
def test_what_is_no_code_lets_nobody_in(office: Office, ruth: int, typed: str) -> None:
    _on(office, ruth)
    office.clock.step(minutes=5)
    assert not _take(office, ruth, typed)


def test_a_code_may_be_typed_with_a_gap(office: Office, ruth: int) -> None:
    _on(office, ruth)
    office.clock.step(minutes=5)
    code = _code(office, ruth)
    assert _take(office, ruth, f" {code[:3]} {code[3:]} ")


def test_each_of_ten_recovery_codes_counts_once(office: Office, ruth: int) -> None:
    codes = _on(office, ruth)
    recovery = codes[3]
    assert len({*codes}) == 10 and {len(code) for code in codes} == {10}
    kept = office.read(lambda tx: store_team.recovery_codes_of(tx, ruth))
    assert not {row.code_hash for row in kept} & {*codes}
    assert not _take(office, ruth, recovery[:-1])
    assert _take(office, ruth, grouped(recovery).lower())
    assert not _take(office, ruth, recovery)
    used = [row.used_at for row in office.read(lambda tx: store_team.recovery_codes_of(tx, ruth))]
    assert used == [office.clock(), *[None] * 9]
    assert all(_take(office, ruth, code) for code in codes if code != recovery)
    assert second_factor.is_on(_user(office, ruth))


def test_new_recovery_codes_end_the_former(office: Office, ruth: int) -> None:
    former = _on(office, ruth)
    new = office.write(lambda tx: second_factor.renew_recovery(tx, ruth, "x", office.clock()))
    assert not any(_take(office, ruth, code) for code in former)
    assert all(_take(office, ruth, code) for code in new)


def test_a_seed_in_use_is_not_replaced(office: Office, ruth: int) -> None:
    _on(office, ruth)
    sealed = _user(office, ruth).totp_sealed
    office.write(lambda tx: second_factor.begin(tx, ruth))
    assert _user(office, ruth).totp_sealed == sealed


def test_it_can_be_taken_away(office: Office, ruth: int) -> None:
    recovery = _on(office, ruth)[0]
    office.write(lambda tx: second_factor.remove(tx, "ruth", "command:root", office.clock()))
    user = _user(office, ruth)
    assert (user.totp_sealed, user.totp_since, user.totp_step) == (None,) * 3
    assert not _take(office, ruth, recovery)
    with pytest.raises(team.BadUser):
        office.write(lambda tx: second_factor.remove(tx, "nobody", "command:root", office.clock()))


# --- at sign-in --------------------------------------------------------------------------------------


def _give(office: Office, user_id: int, typed: str, address: str = "192.168.1.9") -> Given:
    return office.write(lambda tx: second_factor.give(tx, user_id, typed, address, office.clock()))


def _wait(office: Office, user_id: int, address: str) -> timedelta:
    """How long a code must wait that is typed there now."""
    with pytest.raises(TooSoon) as early:
        _give(office, user_id, "000000", address)
    return early.value.wait


def _audit(office: Office) -> list[Any]:
    return office.read(
        lambda tx: list(tx.execute(select(audit.c.action, audit.c.after).order_by(audit.c.id)))
    )


def test_wrong_codes_are_counted_over_all_addresses(office: Office, ruth: int) -> None:
    """Who has a /24 has no more tries by it."""
    _on(office, ruth)
    for machine in range(tries.FREE_TRIES):
        assert _give(office, ruth, "000000", f"192.0.2.{machine}") is Given.WRONG
    assert _wait(office, ruth, "2001:db8::1") == timedelta(seconds=1)


def test_a_day_of_guessing_tries_some_forty_codes(office: Office, ruth: int) -> None:
    _on(office, ruth)
    given, end = 0, office.clock() + timedelta(days=1)
    while office.clock() < end:
        try:
            _give(office, ruth, "000000", f"192.0.2.{given}")
            given += 1
        except TooSoon as early:
            assert early.wait <= tries.LONGEST_CODE_PAUSE
            office.clock.now += early.wait
    assert 30 < given < 50


def test_a_wrong_code_after_the_right_password_stands_in_the_audit_log(office: Office, ruth: int) -> None:
    _on(office, ruth)
    _give(office, ruth, "000000", "192.0.2.7")
    assert _audit(office)[-1] == ("sign_in.wrong_code", {"address": "192.0.2.7"})


def test_a_code_that_is_sent_twice_is_no_guess(office: Office, ruth: int) -> None:
    _on(office, ruth)
    office.clock.step(minutes=5)
    code = _code(office, ruth)
    assert _give(office, ruth, code) is Given.FITS
    for _ in range(tries.FREE_TRIES + 1):
        assert _give(office, ruth, code) is Given.USED


@pytest.mark.parametrize("ends", ["password", "removed"])
def test_what_a_thief_of_the_password_tried_ends_with_it(office: Office, ruth: int, ends: str) -> None:
    _on(office, ruth)
    for _ in range(tries.FREE_TRIES):
        _give(office, ruth, "000000")

    def end(tx: Any) -> None:
        if ends == "password":
            team.change_password(tx, "ruth", "another hash", "command:test", office.clock())
        else:
            second_factor.remove(tx, "ruth", "command:test", office.clock())

    office.write(end)
    assert _give(office, ruth, "000000") is Given.WRONG


def test_turned_on_it_ends_every_other_session(office: Office, ruth: int) -> None:
    """One of them may be somebody else's."""

    def begin(tx: Any) -> str:
        return team.sign_in(tx, store_team.user(tx, ruth), "test", office.clock())

    def counts(secret: str) -> bool:
        return office.read(lambda tx: team.session(tx, secret, office.clock())) is not None

    here, elsewhere = office.write(begin), office.write(begin)
    code = _code(office, ruth)
    office.write(lambda tx: second_factor.turn_on(tx, ruth, code, "person:Ruth", here, office.clock()))
    assert counts(here) and not counts(elsewhere)


def test_turned_on_twice_it_stays_as_it_is(office: Office, ruth: int) -> None:
    _on(office, ruth)
    before = _user(office, ruth)
    assert _on(office, ruth) == ()
    assert _user(office, ruth) == before


def test_what_was_off_is_not_said_to_be_turned_off(office: Office, ruth: int) -> None:
    office.write(lambda tx: second_factor.remove(tx, "ruth", "command:root", office.clock()))
    assert _audit(office)[-1].action == "user.add"
    assert _user(office, ruth).totp_sealed is None


def test_the_picture_names_office_and_user() -> None:
    address = second_factor.address("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "ruth", "Alderwick Dental")
    named = "otpauth://totp/Alderwick%20Dental:ruth?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert address == f"{named}&issuer=Alderwick%20Dental"
