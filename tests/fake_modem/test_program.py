"""The fake modem as a program of its own: options, the ready line, the control socket, the demo."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import serial

from tests.fake_modem import FakeModem, World, demo, tpdu
from tests.fake_modem.control import ROOT, ControlError
from tests.fake_modem.control_server import ControlServer
from tests.fake_modem.faults import FAULTS
from tests.fake_modem.samples import SAMPLES

S1 = SAMPLES["S1"][1]
GUEST = "+447700900123"
CUSTOMER = "+12025550143"


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeModem]:
    link = tmp_path_factory.mktemp("links") / "modem"
    with FakeModem("--link", str(link), "--report-delay", "0", "--number", "+12025550170") as made:
        yield made


def ask(port: serial.Serial, line: bytes, end: bytes = b"OK\r\n") -> bytes:
    port.write(line)
    return bytes(port.read_until(end))


def test_conversation_over_process_border(fake: FakeModem) -> None:
    assert fake.number == "+12025550170"
    with serial.Serial(fake.path, timeout=3) as port:
        ask(port, b"ATE0\r")
        (sent,) = fake.control.text(CUSTOMER, "Any chance to be seen today?")
        assert sent.encode() in ask(port, b"AT+CMGL=4\r")
        ask(port, b"AT+CMGS=42\r", b"> ")
        assert b"+CMGS: " in ask(port, S1.encode() + b"\x1a")
    assert fake.control.texts(GUEST) == ["Your table is booked for 19:30."]
    state = fake.control.state()
    assert (state["received"], state["bytes_while_busy"], state["complaints"]) == (1, 0, 0)
    first, *_, last = [one for one in fake.control("chunks")["chunks"] if one[1] == "C"]
    assert (first[2], last[2]) == ("ATE0\r", S1 + "\x1a")
    later = fake.control("chunks", after=first[0])["chunks"]
    assert (first in later, last in later) == (False, True)
    assert fake.control.phones()[GUEST]["count"] == 1


def test_faults_and_vanishing(fake: FakeModem) -> None:
    before = os.readlink(fake.path)
    fake.control.vanish(back_after=0.05)
    fake.control.wait(lambda: Path(fake.path).is_symlink())
    assert os.readlink(fake.path) != before
    fake.control.inject("mute", seconds=60)
    with serial.Serial(fake.path, timeout=0.1) as port:
        assert ask(port, b"AT\r") == b""
        fake.control.clear()
        port.timeout = 3
        assert ask(port, b"AT\r") == b"AT\r\r\nOK\r\n"


def test_verbs(fake: FakeModem) -> None:
    control = fake.control
    control("auto", phone="+12025550150", reply="STOP", match="(?i)table", times=1)
    control("refuse", number="+12025550151", cms=38)
    control("reports", phone=GUEST, statuses=[None])
    control("set", air_time=[0, 0], latency=0)
    assert control.call(CUSTOMER, rings=1, gap=0)
    control.wait(lambda: control.state()["calls"][-1]["ended"] == "NO CARRIER")
    control("register", stat=5, signal=9)
    control("pdu", tpdu=SAMPLES["D20"][1][16:])
    for verb in ("complaints", "deleted", "arrivals", "wire-log", "faults", "help"):
        assert control(verb)
    assert control("lost", known=[]) == {"lost": []}
    with pytest.raises(ControlError, match="no fault"):
        control.inject("nonsense")
    with pytest.raises(ControlError, match="no such verb"):
        control("nonsense")


async def test_every_fault_can_be_injected_with_what_the_socket_tells_of_it() -> None:
    refused = {}
    async with World(seed=1) as world:
        control = ControlServer(world)
        faults = json.loads(json.dumps(control.answer(b'{"verb": "faults"}')))["faults"]
        for name in FAULTS:
            modem = await world.modem()
            asked = {"verb": "inject", "line": modem.number, "fault": name, "params": faults[name]["params"]}
            refused[name] = control.answer(json.dumps(asked)).get("error")
            modem.clear()
    of_servers = {name for name in FAULTS if name.startswith(("tcp-", "telnet-"))}
    assert {name for name, why in refused.items() if why} == of_servers


def test_standard_streams_and_quit() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fake_modem", "--control", "-", "--tcp", "0"],
        input='{"verb": "state"}\n{"verb": "quit"}\n', text=True, capture_output=True, cwd=ROOT, timeout=20,
        check=True,
    )  # fmt: skip
    ready, state, quitting = map(json.loads, done.stdout.splitlines())
    assert ready["path"].startswith("socket://127.0.0.1:")
    assert state["number"] == ready["number"]
    assert quitting == {"ok": True}
    assert done.stderr == ""


def test_help_names_every_option() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fake_modem", "--help"],
        capture_output=True, text=True, cwd=ROOT, check=True,
    )  # fmt: skip
    names = "link tcp telnet rfc2217 ports chunking replay air-time report-delay seed number control"
    for option in names.split():
        assert f"--{option} " in done.stdout
    told = " ".join(done.stdout.split())
    assert "They are text, pdu, call," in told and '{"verb": "help"} tells what each takes' in told


def test_several_ports_cut_up_bytes_and_servers(tmp_path: Path) -> None:
    link = str(tmp_path / "modem")
    options = ["--link", link, "--ports", "silent,binary,at", "--chunking", "byte", "--telnet", "0"]
    with FakeModem(*options, "--login", "office:0000") as made:
        assert made.path == f"{link}-if02"
        *ptys, server = made.ready["modems"][0]["paths"]
        assert ptys == [f"{link}-if00", f"{link}-if01", f"{link}-if02"]
        with serial.Serial(made.path, timeout=3) as port:
            assert ask(port, b"AT\r") == b"AT\r\r\nOK\r\n"
        sizes = {len(data) for _, who, data in made.control("chunks")["chunks"] if who == "M"}
        assert sizes == {1}
        with socket.create_connection(("127.0.0.1", int(server.rsplit(":", 1)[1])), 3) as client:
            assert client.recv(100).startswith(b"\xff\xfb")
        made.control.vanish()
        assert os.listdir(tmp_path) == []
        assert made.control("return")["device"] == os.readlink(made.path)


def test_demo_customers_fit_their_story() -> None:
    parts = [len(tpdu.deliver_parts(one.number, one.text)) for one in demo.CUSTOMERS]
    assert parts == [1, 1, 3, 1, 1, 1]
    assert any("STOP" in one.answers for one in demo.CUSTOMERS)
    notice = tpdu.decode_deliver(demo.picture_notice(CUSTOMER, datetime.now(UTC)))
    assert notice.data.elements == {0x05: demo.WAP_PUSH}
    assert b"application/vnd.wap.mms-message" in notice.data.units


def test_demo_begins_with_the_toothache() -> None:
    with FakeModem("--script", "demo") as made:
        time.sleep(0.05)
        assert made.control.state()["arrivals"] == 0
        with serial.Serial(made.path, timeout=3) as port:
            ask(port, b"AT\r")
            made.control.wait(lambda: made.control.state()["arrivals"])
        first = made.control("arrivals")["arrivals"][0]["pdu"]
    message = tpdu.decode_deliver(bytes.fromhex(first)[8:])
    assert "toothache" in message.text
    assert message.time
    assert message.time.hour == 7


@pytest.mark.slow
def test_a_thousand_sends_a_second() -> None:
    with FakeModem("--report-delay", "-1") as made, serial.Serial(made.path, timeout=3) as port:
        ask(port, b"ATE0\r")
        started = time.perf_counter()
        for _ in range(3000):
            ask(port, b"AT+CMGS=42\r", b"> ")
            ask(port, S1.encode() + b"\x1a")
        assert 3000 / (time.perf_counter() - started) >= 1000
        assert made.control.phones()[GUEST]["count"] == 3000
