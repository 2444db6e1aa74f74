"""SIGTERM with a text on the air; and what the program's log may never hold."""

from __future__ import annotations

import json
import time

from tests.fake_modem.control import FakeModem
from tests.stories.harness import Office, until

CUSTOMER, NEIGHBOUR = "+12025550123", "+12025550124"


def test_a_stop_waits_for_the_text_on_the_air(office: Office, modem: FakeModem) -> None:
    office.start()
    office.until_up()
    modem.control("set", air_time=1.5)
    on_air = office.post(CUSTOMER, "The dentist is running late.")
    behind = office.post(NEIGHBOUR, "So is the hygienist.")
    until(lambda: modem.control.state()["submissions"] == 1, what="it is on the air")
    assert office.stop() == 0
    assert modem.control.texts(CUSTOMER) == ["The dentist is running late."]
    assert modem.control.state()["submissions"] == 1
    modem.control("set", air_time=0)
    office.start()
    office.until_state(behind["id"], "delivered")
    history = office.message(on_air["id"], explain=True)
    assert history["state"] == "delivered"
    assert [one["outcome"] for one in history["attempts"]] == ["accepted"]
    assert modem.control.texts(NEIGHBOUR) == ["So is the hygienist."]


def test_the_log_holds_no_text_no_number_and_no_token(office: Office, modem: FakeModem) -> None:
    office.start()
    office.until_up()
    modem.control("refuse", number=NEIGHBOUR, cms=38)
    office.post(NEIGHBOUR, "Refused for now")
    sent = office.post(CUSTOMER, "The results are in.")
    modem.control.text(CUSTOMER, "Good news I hope")
    until(lambda: office.inbound(CUSTOMER))
    office.until_state(sent["id"], "delivered")
    modem.control.text(CUSTOMER, "STOP")
    until(lambda: len(modem.control.texts(CUSTOMER)) == 2)
    refused = office.api("POST", "/api/v1/messages", {"to": CUSTOMER, "body": "More results"})
    assert refused.status == 422
    office.run("send", CUSTOMER, "By hand")
    modem.control.vanish(back_after=0.2)
    until(lambda: office.line_health()["status"] == "down", what="the line is lost")
    office.until_up()
    office.kill()
    office.start()
    assert office.stop() == 0
    log = office.output()
    secrets = [office.token, CUSTOMER[1:], NEIGHBOUR[1:], "Refused for now", "The results", "Good news"]
    assert [word for word in secrets if word in log] == []


IMPATIENT = """
import asyncio, sys
from gateway import config, daemon
say = lambda address: print("The panel is open at", address, flush=True)
sys.exit(asyncio.run(daemon.run(config.load(), say, grace_s=0.5)))
"""


def test_a_stop_does_not_wait_for_ever(office: Office, modem: FakeModem) -> None:
    """An answer that does not come in the time of a stop: the text is in doubt, the stop is in order."""
    office.start("-c", IMPATIENT)
    office.until_up()
    modem.control("set", air_time=600)
    on_air = office.post(CUSTOMER, "The dentist is running late.")
    behind = office.post(NEIGHBOUR, "So is the hygienist.")
    until(lambda: modem.control.state()["submissions"] == 1, what="it is on the air")
    began = time.monotonic()
    assert office.stop() == 0
    assert time.monotonic() - began < 10
    assert "critical" not in office.output()
    found = json.loads(office.must("messages", "--json"))
    states = {one["id"]: one["state"] for one in found}
    assert states == {on_air["id"]: "unconfirmed", behind["id"]: "queued"}
