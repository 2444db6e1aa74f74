"""How often a password may be tried, and from where."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.desk import tries
from gateway.desk.tries import TooSoon
from tests.office import Office


def _begin(office: Office, address: str, name: str = "ruth") -> None:
    office.write(lambda tx: tries.begin(tx, name, address, office.clock()))


def _fail(office: Office, address: str) -> None:
    for _ in range(tries.FREE_TRIES):
        _begin(office, address)


@pytest.mark.parametrize(
    ("failed_at", "tried_at", "waits"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.8", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("a socket", "a socket", True),
    ],
)
def test_a_network_of_ipv6_is_one_address(office: Office, failed_at: str, tried_at: str, waits: bool) -> None:
    """Every machine in it may take any of 2^64."""
    _fail(office, failed_at)
    if not waits:
        _begin(office, tried_at)
        return
    with pytest.raises(TooSoon):
        _begin(office, tried_at)


def test_of_many_made_together_as_many_are_let_through_as_one_after_another(office: Office) -> None:
    """A try is noted before it is known what comes of it."""
    _fail(office, "192.0.2.7")
    office.clock.step(seconds=1)
    _begin(office, "192.0.2.7")
    for _ in range(8):
        with pytest.raises(TooSoon) as early:
            _begin(office, "192.0.2.7")
        assert early.value.wait == timedelta(seconds=2)


def test_what_worked_starts_afresh(office: Office) -> None:
    _fail(office, "2001:db8::1")
    office.write(lambda tx: tries.worked(tx, "ruth", "2001:db8::2"))
    _fail(office, "2001:db8::1")


def test_no_pause_is_longer_than_a_minute(office: Office) -> None:
    for _ in range(40):
        try:
            _begin(office, "192.0.2.7")
        except TooSoon as early:
            assert early.wait <= tries.LONGEST_PAUSE
            office.clock.now += early.wait
