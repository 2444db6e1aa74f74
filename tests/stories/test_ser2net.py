"""The main job through Debian's own serial server, as a box in the cellar has it: raw TCP and RFC 2217; the
modem unplugged from it and back; and a result that comes while the connection is down.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories.harness import Office, until

SER2NET = shutil.which("ser2net", path="/usr/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(SER2NET is None, reason="ser2net is not installed: apt install ser2net")

CUSTOMER, NEIGHBOUR = "+12025550123", "+12025550124"
ACCEPTERS = {"socket": "tcp", "rfc2217": "telnet(rfc2217),tcp"}


class SerialServer:
    """ser2net on the link of a modem; `address` is what a line opens."""

    def __init__(self, folder: Path, scheme: str, device: Path) -> None:
        port = _free_port()
        self.address = f"{scheme}://127.0.0.1:{port}"
        self._folder, self._device = folder, device
        self._port, self._process = port, None
        (folder / "ser2net.yaml").write_text(
            "%YAML 1.1\n---\n"
            f"connection: &modem\n  accepter: {ACCEPTERS[scheme]},127.0.0.1,{port}\n"
            f"  connector: serialdev(nouucplock),{device},115200n81,local\n"
        )

    _process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        """Returns when it takes connections."""
        assert SER2NET
        config = str(self._folder / "ser2net.yaml")
        with (self._folder / "ser2net.log").open("ab") as log:
            self._process = subprocess.Popen([SER2NET, "-n", "-d", "-c", config], stdout=log, stderr=log)
        until(lambda: _listens(self._port), what="ser2net listens")

    def stop(self) -> None:
        """End it; its connections drop."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _listens(port: int) -> bool:
    """Whether somebody listens there, without being its client."""
    wanted = f"0100007F:{port:04X} 00000000:0000 0A"
    return wanted in Path("/proc/net/tcp").read_text()


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[FakeModem]:
    with FakeModem("--link", str(tmp_path / "modem"), "--report-delay", "0.2") as one:
        yield one


@pytest.fixture(params=ACCEPTERS)
def server(request: pytest.FixtureRequest, tmp_path: Path, modem: FakeModem) -> Iterator[SerialServer]:
    one = SerialServer(tmp_path, request.param, tmp_path / "modem")
    one.start()
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def office(bare_office: Office, server: SerialServer) -> Office:
    """At work on the serial server."""
    bare_office.must("line", "add", "front", "--port", server.address, "--no-limit")
    bare_office.start()
    bare_office.until_up()
    return bare_office


def test_the_main_job_and_the_cable(office: Office, modem: FakeModem) -> None:
    sent = office.post(CUSTOMER, "Your glasses are ready. 20 € please")
    office.until_state(sent["id"], "delivered")
    modem.control.text(CUSTOMER, "Grand 😀")
    until(lambda: office.inbound(CUSTOMER), what="the answer is in")
    modem.control.vanish()
    until(lambda: office.line_health()["status"] == "down", what="the loss is noticed")
    waiting = office.post(CUSTOMER, "Are you there?")
    modem.control.text(CUSTOMER, "It rings out.")
    modem.control.come_back()
    office.until_state(waiting["id"], "delivered", seconds=30)
    until(lambda: len(office.inbound(CUSTOMER)) == 2, what="the other text is in")
    assert {text["body"] for text in office.inbound(CUSTOMER)} == {"Grand 😀", "It rings out."}
    assert modem.control.texts(CUSTOMER) == [sent["body"], waiting["body"]]
    assert modem.control.state()["complaints"] == 0
    assert office.stop() == 0


@pytest.mark.parametrize("server", [pytest.param("socket", marks=pytest.mark.slow), "rfc2217"], indirect=True)
@pytest.mark.slow
def test_a_result_late_across_a_drop_of_the_connection(
    office: Office, modem: FakeModem, server: SerialServer
) -> None:
    modem.control("set", air_time=4.0)
    on_air = office.post(CUSTOMER, "Tomorrow at ten?")
    until(lambda: modem.control.state()["submissions"] == 1, what="it is on the air")
    server.stop()
    office.until_state(on_air["id"], "unconfirmed")
    server.start()
    office.until_state(on_air["id"], "sent", "delivered", seconds=40)
    modem.control("set", air_time=0)
    behind = office.post(NEIGHBOUR, "And this?")
    office.until_state(behind["id"], "delivered", seconds=40)
    assert modem.control.texts(CUSTOMER) == ["Tomorrow at ten?"]
    assert modem.control.texts(NEIGHBOUR) == ["And this?"]
