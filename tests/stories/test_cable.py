"""The modem's cable is pulled and put back under another device name."""

from __future__ import annotations

import time

from tests.fake_modem.control import FakeModem
from tests.stories.devices import every_device
from tests.stories.forms import words_of
from tests.stories.harness import Office, until

CUSTOMER = "+12025550123"
BACK_WITHIN = 10.0


@every_device
def test_a_modem_that_comes_back_works_within_ten_seconds(office: Office, modem: FakeModem) -> None:
    office.start()
    office.until_up()
    panel = office.sign_in()
    modem.control.vanish()
    until(lambda: office.line_health()["reason"]["code"] == "port_missing", 10, "the health page says so")
    assert office.line_health()["status"] == "down"
    assert "the modem is not plugged in" in words_of(panel.get("/lines"))
    waiting = office.post(CUSTOMER, "Are you there?")
    modem.control.text(CUSTOMER, "Hello? It rings out.")
    assert office.message(waiting["id"])["state"] == "queued"

    device = modem.control("return")["device"]
    back = time.monotonic()
    assert device != modem.ready["device"]
    until(lambda: modem.control.texts(CUSTOMER), BACK_WITHIN, "the waiting text is out")
    until(lambda: office.inbound(CUSTOMER), back + BACK_WITHIN - time.monotonic(), "the other one is in")
    office.until_up(seconds=5)
    assert "the modem is not plugged in" not in words_of(panel.get("/lines"))
    office.until_state(waiting["id"], "delivered")
    assert modem.control.texts(CUSTOMER) == ["Are you there?"]
