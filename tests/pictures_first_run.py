"""The pictures of docs/first-run.md: the code, the modem that answered, the ticks of the test text, and the
page by which another device is told to trust the box. `tests.pictures` takes them with its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from gateway import tls
from gateway.certificates import Names
from gateway.config import Settings, load
from gateway.desk import lines as desk_lines
from gateway.desk import ports, setup, team
from gateway.domain.line import Abilities, Accepted, LineState, LineStatus
from gateway.domain.people import Role
from gateway.domain.ports import Port
from gateway.store import schema, settings
from gateway.store import team as store_team
from gateway.tls import Certificates
from gateway.web.app import create_app
from tests import any_hour
from tests.office import ANNA as OWN_PHONE
from tests.office import Clock, Office
from tests.web.serving import Served

MORNING = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
BOX = Names(("office-box.local",), (ip_address("192.168.1.20"),))
SIZE = {"width": 1000, "height": 700}
FACTS = {"maker": "Acme", "model": "M1", "operator": "Test Net", "signal_dbm": "-71"}
STICK = Port("/dev/ttyUSB2", "ready", FACTS, "/dev/serial/by-id/usb-acme-if02", "Acme stick", is_best=True)
MUTE = Port("/dev/ttyUSB0", "not_a_modem", {}, "/dev/ttyUSB0", "Acme stick")
Keep = Callable[[Page, str], None]


def take(chromium: Browser, keep: Keep) -> None:
    """Go through the first run, and keep a picture where its page shows one."""
    with _box() as (office, boot, address):
        page = chromium.new_page(viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
        page.goto(address)
        page.get_by_text("Where is the code?").click()
        page.get_by_label("Set-up code").fill(office.write(setup.new_code))
        keep(page, "first-run-code")
        page.context.add_cookies([{"name": "sid", "value": _signed_in(office), "url": address}])
        page.goto(f"{address}/setup/modem")
        page.get_by_role("button", name="Look for modems").click()
        office.write(lambda tx: _answer(tx, office))
        page.goto(f"{address}/setup/modem")
        keep(page, "first-run-modem")
        _add_line(office)
        page.goto(f"{address}/setup/test")
        page.get_by_label("Your own number").fill(OWN_PHONE)
        page.get_by_role("button", name="Send a test text").click()
        _answered(office)
        page.goto(f"{address}/setup/test")
        keep(page, "first-run-test")
        tls.init(boot.data_dir, BOX, office.clock())
        other = chromium.new_page(viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
        other.goto(f"{address}/open")
        keep(other, "first-run-open")


@contextmanager
def _box() -> Iterator[tuple[Office, Settings, str]]:
    """A box on which nobody can sign in, without a line; its settings, and where the panel is."""
    clock = Clock(MORNING)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        schema.prepare(path)
        with Office(path, clock) as office:
            office.write(lambda tx: desk_lines.remove(tx, "front", "command:test", clock()))
            office.write(lambda tx: settings.put(tx, "office.name", "Alderwick Dental"))
            office.write(any_hour.lift)
            boot = load(None, {"SMS_GATEWAY_DATA_DIR": folder, "SMS_GATEWAY_LISTEN": "127.0.0.1:0"})
            panel = create_app(office.database, boot, clock, Certificates(boot))
            with Served(panel, office, boot) as served:
                yield office, boot, served.address


def _signed_in(office: Office) -> str:
    """The session of the first admin."""
    hashed = team.hash_password("the kettle is on again", "")

    def begin(tx: Any) -> str:
        team.add_user(tx, "ruth", "Ruth Lindqvist", Role.ADMIN, hashed, "x", office.clock())
        user = store_team.user_by_name(tx, "ruth")
        assert user is not None
        return team.sign_in(tx, user, "test", office.clock())

    return office.write(begin)


def _answer(tx: Any, office: Office) -> None:
    """As the running program answers what was asked of the ports."""
    survey = ports.last(tx, office.clock())
    assert survey is not None
    ports.answer(tx, survey, (STICK, MUTE), office.clock())


def _add_line(office: Office) -> None:
    office.line_id = office.write(
        lambda tx: desk_lines.add(
            tx, "front", STICK.use, "command:test", office.clock(), number="+447700900100"
        )
    )
    office.hear(LineState(LineStatus.UP, "ready", {}, Abilities()), office.line_id)


def _answered(office: Office) -> None:
    """The test text went, arrived and was answered."""
    office.send_one(Accepted(5))
    office.report(5, OWN_PHONE)
    office.clock.step(seconds=9)
    office.text_from(OWN_PHONE, "It works, I can read it")
