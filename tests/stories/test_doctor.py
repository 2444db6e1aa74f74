"""The doctor beside the running program: what it says of a line, of the panel, and of a text on request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories.harness import Office

DESK = "+12025550190"
OF_THIS_BOX = {"time service", "time zones", "disk", "disk speed", "other programs"}
NOT_YET = {"backup"}
"""The first is made some minutes after the start, and nothing is set to seal it."""


def looked_at(office: Office, *more: str) -> dict[str, dict[str, Any]]:
    done = office.run("doctor", "--json", *more)
    found = {one["name"]: one for one in json.loads(done.out)}
    assert done.code == (0 if all(one["ok"] for one in found.values()) else 1)
    return found


def test_a_program_at_work_needs_nobody_and_a_text_on_request_arrives(
    office: Office, modem: FakeModem
) -> None:
    office.start()
    office.until_up()
    office.listen = office.address.removeprefix("http://")
    found = looked_at(office, "--send-test", DESK)
    assert {name for name, one in found.items() if not one["ok"]} <= OF_THIS_BOX | NOT_YET
    assert found["program"]["found"] == "running"
    assert found["panel"]["found"].startswith(office.listen)
    assert found["reserve"]["finding"] == "well"
    assert found["line front"]["found"] == "works"
    assert modem.ready["imei"] in found["line front, device"]["found"]
    assert found["test text by front"]["finding"] == "well"
    assert modem.control.texts(DESK) == ["A test of the line front. If you can read this, it works."]


@pytest.mark.slow
def test_a_modem_is_asked_only_while_nobody_serves_it(office: Office, modem: FakeModem) -> None:
    found = looked_at(office)
    assert found["line front"]["found"] == "its modem answers; no program uses it now"
    assert modem.control.state()["submissions"] == 0
    office.start()
    office.until_up()
    modem.control.inject("sim-pulled")
    office.stop()
    assert looked_at(office)["line front"]["remedy"] == "Put the SIM in, or push it in firmly."
