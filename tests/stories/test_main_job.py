"""A text goes out, the answer comes in, both are on a page: by command, by API, on a pty and over TCP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories.devices import options, several_devices
from tests.stories.forms import words_of
from tests.stories.harness import NOTICED_WITHIN, Office, until

CUSTOMER, NEIGHBOUR = "+12025550123", "+12025550124"


@pytest.fixture
def modem(where: str, device: tuple[str, str], tmp_path: Path) -> Iterator[FakeModem]:
    """The same modem, behind a pty and on a port."""
    place = ("--link", str(tmp_path / "modem")) if where == "pty" else ("--tcp", "0")
    with FakeModem(*place, "--report-delay", "0.2", *options(device)) as one:
        yield one


@pytest.mark.slow
@pytest.mark.parametrize("where", ["socket"])
def test_the_main_job_over_tcp(bare_office: Office, modem: FakeModem) -> None:
    test_the_main_job(bare_office, modem)


@pytest.mark.parametrize("where", ["pty"])
@several_devices
def test_the_main_job(bare_office: Office, modem: FakeModem) -> None:
    office = bare_office
    office.start()
    office.must("line", "add", "front", "--port", modem.path, "--number", modem.number, "--no-limit")
    until(lambda: office.line_health(), NOTICED_WITHIN, "the running daemon notices the line")
    office.until_up()
    a_text_goes_out(office, modem)
    the_answer_comes_in(office, modem)
    a_repeated_request_is_one_text(office, modem)
    the_commands_show_and_send(office, modem)
    a_paused_line_waits(office, modem)
    assert modem.control.state()["complaints"] == 0
    assert office.stop() == 0


def a_text_goes_out(office: Office, modem: FakeModem) -> None:
    body = "Your glasses are ready. Until 6 pm, Marta"
    posted = office.post(CUSTOMER, body, purpose="transactional", line="front")
    assert posted["direction"] == "outbound"
    assert (posted["to"], posted["body"], posted["segments"]) == (CUSTOMER, body, 1)
    assert posted["state"] in ("queued", "sending", "sent", "delivered")
    office.until_state(posted["id"], "delivered")
    assert modem.control.texts(CUSTOMER) == [body]
    explained = office.message(posted["id"], explain=True)
    states = [step["became"] for step in explained["history"] if step["segment"] is None]
    assert states[-3:] == ["sending", "sent", "delivered"]
    assert explained["attempts"][0]["outcome"] == "accepted"
    assert len(explained["reports"]) == 1


def the_answer_comes_in(office: Office, modem: FakeModem) -> None:
    body = "Grand, I'll come at 5. Is 20 € enough?"
    modem.control.text(CUSTOMER, body)
    heard = until(lambda: office.inbound(CUSTOMER))
    assert [(text["body"], text["state"]) for text in heard] == [(body, "received")]
    thread = words_of(office.sign_in().get(f"/conversations/{heard[0]['conversation']}"))
    assert body in thread
    assert "Your glasses are ready." in thread
    assert "Delivered" in thread


def a_repeated_request_is_one_text(office: Office, modem: FakeModem) -> None:
    request = {"to": NEIGHBOUR, "body": "Shall we move you to Friday?"}
    first = office.api("POST", "/api/v1/messages", request, Idempotency_Key="order-1")
    again = office.api("POST", "/api/v1/messages", request, Idempotency_Key="order-1")
    assert (first.status, again.status) == (202, 202)
    assert again.body == first.body
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = office.api("POST", "/api/v1/messages", request | {"body": "Other"}, Idempotency_Key="order-1")
    assert other.status == 422
    office.until_state(first.body["id"], "delivered")
    assert modem.control.texts(NEIGHBOUR) == [request["body"]]


def the_commands_show_and_send(office: Office, modem: FakeModem) -> None:
    sent = json.loads(office.must("send", NEIGHBOUR, "We open at nine.", "--json"))
    office.until_state(sent["id"], "delivered")
    assert modem.control.texts(NEIGHBOUR)[-1] == "We open at nine."
    shown = json.loads(office.must("messages", "--limit", "5", "--json"))
    assert shown[0] == office.message(sent["id"])
    lines = json.loads(office.must("line", "list", "--json"))
    assert [(line["name"], line["status"], line["queued"]) for line in lines] == [("front", "up", 0)]


def a_paused_line_waits(office: Office, modem: FakeModem) -> None:
    office.must("line", "pause", "front")
    waiting = office.post(CUSTOMER, "Waiting for you")
    modem.control.text(CUSTOMER, "On my way")
    until(lambda: len(office.inbound(CUSTOMER)) == 2, what="a paused line still reads what comes in")
    assert office.message(waiting["id"])["state"] == "queued"
    office.must("line", "resume", "front")
    office.until_state(waiting["id"], "delivered")
    assert modem.control.texts(CUSTOMER)[-1] == "Waiting for you"
