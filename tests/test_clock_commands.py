"""What a person at the keyboard is told of the clock, and can say of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from gateway import config, doctor, kernel_clock
from gateway.cli import main
from gateway.clock import utc_now
from gateway.desk import clock as desk
from gateway.domain import clock_words
from gateway.kernel_clock import Kernel
from tests.office import Office


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """A box that has run for long and has no time service."""
    found = Kernel(synchronised=False, uptime_s=1e6, boot="one")
    monkeypatch.setattr(kernel_clock, "look", lambda: found)
    return found


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, arguments, env={"SMS_GATEWAY_DATA_DIR": folder})


def doubt(office: Office, code: str = "jumped") -> None:
    def verb(tx: object) -> None:
        desk.started(tx, "one")  # type: ignore[arg-type]
        desk.set_doubt(tx, code, utc_now())  # type: ignore[arg-type]

    office.write(verb)


def test_a_trusted_clock(office: Office) -> None:
    said = run(office, "clock").stdout
    assert "The clock is trusted." in said
    assert "Time service: has not set the clock" in said
    assert clock_words.REMEDY not in said
    assert run(office, "clock", "confirm").stdout.strip() == clock_words.NOTHING_TO_CONFIRM


def test_a_clock_in_doubt_is_said_with_why_and_what_to_do(office: Office) -> None:
    doubt(office)
    said = run(office, "clock").stdout
    assert clock_words.in_doubt("jumped") in said and clock_words.REMEDY in said
    told = json.loads(run(office, "clock", "--json").stdout)
    assert (told["doubt"], told["synchronised"], told["network_offsets_s"]) == ("jumped", False, [])
    assert told["since"] is not None


def test_a_persons_word_ends_the_doubt_and_is_kept(office: Office) -> None:
    doubt(office)
    assert run(office, "clock", "confirm").stdout.strip() == clock_words.CONFIRMED
    known = office.read(desk.state)
    assert known.doubt is None and known.confirmed_by.startswith("command:")
    assert "The clock is trusted." in run(office, "clock").stdout


def test_what_nobody_has_noticed_yet_can_be_confirmed_while_the_program_does_not_run(office: Office) -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    office.clock.now = ahead
    office.accept()
    assert clock_words.in_doubt("before_records") in run(office, "clock").stdout
    assert run(office, "clock", "confirm").stdout.strip() == clock_words.CONFIRMED
    assert "The clock is trusted." in run(office, "clock").stdout


def check(office: Office) -> doctor.Check:
    settings = config.load(None, {"SMS_GATEWAY_DATA_DIR": str(office.path.parent)})
    return next(check for check in doctor.examine(settings) if check.name == "clock")


def test_the_doctor_says_it_with_a_remedy(office: Office) -> None:
    assert check(office).as_text() == "[ok] clock: trusted"
    doubt(office, "network_disagrees")
    found = check(office)
    assert not found.ok and found.remedy == clock_words.REMEDY
    assert found.found.startswith(
        "The clock of this box may be wrong: the mobile network shows another time."
    )
