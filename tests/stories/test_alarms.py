"""Alarms of the running program: each way tried by one command, and a crash that is no reason for one."""

from __future__ import annotations

import json

import pytest

from tests.fake_modem.control import FakeModem
from tests.receiver import serving
from tests.stories.harness import Office, until

OWNER = "+12025550188"


@pytest.mark.slow
def test_a_test_alarm_reaches_people_by_each_way(office: Office, modem: FakeModem) -> None:
    with serving() as receiver:
        office.must("setting", "set", "alarms.webhook", receiver.address)
        office.must("setting", "set", "alarms.numbers", OWNER)
        office.start()
        office.until_up()
        said = office.must("alarm", "test")
        assert "Told by webhook." in said and f"Text to {OWNER} by line " in said
        until(lambda: modem.control.texts(OWNER), what="the owner has the text")
        (text,) = modem.control.texts(OWNER)
        assert text.startswith("A test alarm of the text gateway")
        assert [one["type"] for one in receiver.told] == ["alarm.test"]
        office.must("setting", "set", "alarms.webhook", "http://127.0.0.1:9/")
        refused = office.run("alarm", "test")
        assert "Not told by webhook: it could not be reached" in refused.out
        assert refused.code == 1
    assert office.stop() == 0
    assert json.loads(office.must("alarm", "list", "--json")) == []
