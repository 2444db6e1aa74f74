"""The program is killed after Ctrl-Z and before the result: nobody can know whether the text went out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from tests.fake_modem import tpdu
from tests.fake_modem.control import FakeModem
from tests.stories.devices import every_device
from tests.stories.forms import words_of
from tests.stories.harness import Office, until

CUSTOMER, NEIGHBOUR = "+12025550123", "+12025550124"
ON_AIR = 3.0


@pytest.fixture
def forgetful() -> Iterator[FakeModem]:
    """A modem on a port: what it says while nobody is connected is lost. No reports."""
    with FakeModem("--tcp", "0", "--report-delay", "-1") as one:
        yield one


def open_office(office: Office, modem: FakeModem) -> Office:
    """The office, with a line on that modem, at work."""
    office.must("line", "add", "front", "--port", modem.path, "--no-limit")
    office.start()
    office.until_up()
    return office


def killed_on_air(office: Office, modem: FakeModem, to: str, body: str, on_air: float) -> dict[str, Any]:
    """A text during whose time on the air the program is killed; the daemon is down afterwards."""
    modem.control("set", air_time=on_air)
    before = modem.control.state()["submissions"]
    posted = office.post(to, body)
    until(lambda: modem.control.state()["submissions"] == before + 1, what="it is on the air")
    office.kill()
    return posted


def reasons(office: Office, message_id: str) -> list[tuple[str, str]]:
    """What became of the only part, and why."""
    history = office.message(message_id, explain=True)["history"]
    return [(step["became"], step["why"]) for step in history if step["segment"] == 1]


@every_device
def test_a_late_result_resolves_it(office: Office, modem: FakeModem) -> None:
    office.start()
    office.until_up()
    posted = killed_on_air(office, modem, CUSTOMER, "Tomorrow at ten?", ON_AIR)
    office.start()
    office.until_state(posted["id"], "delivered")
    assert ("unconfirmed", "crash") in reasons(office, posted["id"])
    assert ("accepted", "late_result") in reasons(office, posted["id"])
    assert modem.control.texts(CUSTOMER) == ["Tomorrow at ten?"]


def test_a_report_resolves_it(bare_office: Office, forgetful: FakeModem) -> None:
    office = open_office(bare_office, forgetful)
    posted = killed_on_air(office, forgetful, CUSTOMER, "Tomorrow at ten?", 0.3)
    until(lambda: forgetful.control.texts(CUSTOMER), what="it reached the phone")
    office.start()
    office.until_up()
    assert office.message(posted["id"])["state"] == "unconfirmed"
    report_delivery(forgetful)
    office.until_state(posted["id"], "delivered")
    assert ("accepted", "report") in reasons(office, posted["id"])
    assert forgetful.control.texts(CUSTOMER) == ["Tomorrow at ten?"]


def report_delivery(modem: FakeModem) -> None:
    """The network reports the customer's last text at last."""
    part = modem.control("phone", number=CUSTOMER)["parts"][-1]
    sent = tpdu.encode_time(datetime.fromtimestamp(part["time"]).astimezone())
    report = tpdu.StatusReport(part["reference"], CUSTOMER, sent, sent, 0x00)
    modem.control("pdu", tpdu=tpdu.encode_report(report).hex())


def test_a_person_resolves_it(bare_office: Office, forgetful: FakeModem) -> None:
    office = open_office(bare_office, forgetful)
    marked = killed_on_air(office, forgetful, CUSTOMER, "Your table is booked.", 0.3)
    until(lambda: forgetful.control.texts(CUSTOMER), what="it reached the phone")
    office.start()
    office.until_up()
    assert office.message(marked["id"])["state"] == "unconfirmed"
    mark_as_sent(office, marked)  # until somebody decides, the line is kept quiet: the answer may still come
    again = killed_on_air(office, forgetful, NEIGHBOUR, "We close at noon.", 0.3)
    until(lambda: forgetful.control.texts(NEIGHBOUR), what="it reached the phone")
    office.start()
    office.until_up()
    assert office.message(again["id"])["state"] == "unconfirmed"
    send_again(office, again, forgetful)
    assert forgetful.control.texts(CUSTOMER) == ["Your table is booked."]


def mark_as_sent(office: Office, message: dict[str, Any]) -> None:
    panel = office.sign_in()
    thread = f"/conversations/{message['conversation']}"
    assert "may have gone" in words_of(panel.get(thread))
    panel.press(thread, "Mark as sent", message["id"])
    assert office.message(message["id"])["state"] == "sent"
    assert "Mark as sent" not in words_of(panel.get(thread))


def send_again(office: Office, message: dict[str, Any], modem: FakeModem) -> None:
    office.sign_in().press(f"/conversations/{message['conversation']}", "Send again", message["id"])
    until(lambda: len(modem.control.texts(NEIGHBOUR)) == 2, what="a person asked for a second one")
    assert office.message(message["id"])["state"] == "unconfirmed"
