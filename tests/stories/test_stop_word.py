"""STOP: what waits is canceled, one confirmation goes, nothing more does; START ends it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway.store.keys import Keys
from tests.fake_modem.control import FakeModem
from tests.stories.devices import every_device
from tests.stories.harness import Answer, Office, until

CUSTOMER, NEIGHBOUR = "+12025550123", "+12025550124"
OPTED_OUT = 21610


def post(office: Office, body: str, number: str = CUSTOMER) -> Answer:
    return office.api("POST", "/api/v1/messages", {"to": number, "body": body})


@every_device
def test_stop_and_start(office: Office, modem: FakeModem) -> None:
    office.start()
    office.until_up()
    office.must("line", "pause", "front")
    waiting = [office.post(CUSTOMER, body) for body in ("One", "Two", "A long one. " * 30)]
    others = office.post(NEIGHBOUR, "Not for you")
    modem.control.text(CUSTOMER, "Stop!")
    for message in waiting:
        ended = office.until_state(message["id"], "canceled")
        assert ended["reason"]["code"] == "opted_out"
    refused = post(office, "Three")
    assert (refused.status, refused.body["code"]) == (422, OPTED_OUT)
    assert office.run("send", CUSTOMER, "Four").code == 1
    office.must("line", "resume", "front")
    office.until_state(others["id"], "delivered")
    confirmation = until(lambda: modem.control.texts(CUSTOMER))
    assert len(confirmation) == 1
    repeated(office, modem)
    started(office, modem, confirmation[0])


def repeated(office: Office, modem: FakeModem) -> None:
    """A second STOP is heard and not answered: a text sent after it comes next."""
    modem.control.text(CUSTOMER, "UNSUBSCRIBE")
    until(lambda: len(office.inbound(CUSTOMER)) == 2)
    office.until_state(office.post(NEIGHBOUR, "Nor this")["id"], "delivered")
    assert len(modem.control.texts(CUSTOMER)) == 1


def started(office: Office, modem: FakeModem, confirmation: str) -> None:
    modem.control.text(CUSTOMER, "start")
    until(lambda: len(modem.control.texts(CUSTOMER)) == 2, what="START is confirmed")
    accepted: dict[str, Any] = post(office, "Welcome back").body
    office.until_state(accepted["id"], "delivered")
    texts = modem.control.texts(CUSTOMER)
    assert texts[0] == confirmation
    assert texts[2] == "Welcome back"
    assert len(texts) == 3


def test_a_stop_that_a_crash_left_in_the_log_alone_counts_from_the_next_start(office: Office) -> None:
    """The line is synced before the transaction that makes it count; the crash came between the two."""
    keys = Keys(office.data, may_make=False)
    keys.log_suppression("opt_out", keys.number_hash(CUSTOMER), datetime.now(UTC))
    office.start()
    refused = post(office, "Hello")
    assert (refused.status, refused.body["code"]) == (422, OPTED_OUT)
    assert post(office, "Hello", NEIGHBOUR).status == 202
