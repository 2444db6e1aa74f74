"""From nothing to a text that was delivered and answered: the real program, a fake modem, a real browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

from tests.fake_modem.control import FakeModem
from tests.stories.first_run import ANSWER, PASSWORD, Person, first_run
from tests.stories.harness import Office, until
from tests.web.test_browser import CHROMIUM, DESKTOP, PHONE, QUIET

pytestmark = pytest.mark.browser

OWN = "+12025550123"
CODE = re.compile(r"code to set the office up: ([0-9A-Z]{5}-[0-9A-Z]{5})")


class Box(Office):
    """A box just unpacked: no folder, no user; its modem is on a port that may be asked."""

    def environment(self, **more: str) -> dict[str, str]:
        return super().environment(SMS_GATEWAY_SERIAL_PORTS=str(self.folder / "modem"), **more)

    def codes(self) -> list[str]:
        """Those the program wrote to its log."""
        return CODE.findall(self.output())


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    try:
        yield box
    finally:
        box.close()
        print(box.output())


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def _modem(box: Box, where: str) -> FakeModem:
    place = ("--link", str(box.folder / "modem")) if where == "port" else ("--tcp", "0")
    return FakeModem(*place, "--report-delay", "0.2", "--boot-pace", "0.01")


@pytest.mark.parametrize(
    ("where", "size"), [("port", DESKTOP), pytest.param("adapter", PHONE, marks=pytest.mark.slow)]
)
def test_from_nothing_to_delivered_knowing_only_the_labels(
    box: Box, chromium: Browser, where: str, size: dict[str, int]
) -> None:
    with _modem(box, where) as modem:
        box.start()
        (code,) = until(box.codes)
        page = chromium.new_page(viewport=size, reduced_motion="reduce")  # type: ignore[arg-type]
        complaints: list[str] = []
        page.on("console", lambda said: _note(said, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def see(name: str) -> None:
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], f"{name} is wider than the screen: {wide}"
            if folder := os.environ.get("FIRST_RUN_PICTURES"):
                page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)

        adapter = modem.path.removeprefix("socket://") if where == "adapter" else ""
        person = Person(OWN, lambda: _answer(modem), adapter, modem.number, see)
        first_run(page, box.address, code, person)
        expect_line(box, modem)
        assert complaints == []
        page.close()
        assert box.stop() == 0


def _note(said: ConsoleMessage, complaints: list[str]) -> None:
    if said.type in ("warning", "error"):
        complaints.append(said.text)


def _answer(modem: FakeModem) -> None:
    modem.control.text(OWN, ANSWER)


def expect_line(box: Box, modem: FakeModem) -> None:
    """What stands in the database, and on the other side of the air."""
    shown: Any = box.must("line", "show", "front")
    assert modem.number in shown.replace(" ", "")
    (text,) = modem.control.texts(OWN)
    assert text == "A test of the line front. If you can read this, it works."
    steps = box.must("setup")
    assert "open" not in steps and "Which modem?: done" in steps


@pytest.mark.slow
def test_each_start_gives_a_new_code_until_somebody_can_sign_in(box: Box) -> None:
    box.start()
    (first,) = until(box.codes)
    assert box.stop() == 0
    box.start()
    until(lambda: len(box.codes()) == 2)
    assert first != box.codes()[1]
    printed = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", box.must("setup", "code"))
    assert printed is not None and printed[0] not in box.codes()
    assert box.stop() == 0
    done = box.run("user", "add", "ruth", "--role", "admin", "--password-stdin", feed=PASSWORD)
    assert done.code == 0
    box.start()
    assert box.stop() == 0
    assert len(box.codes()) == 2
    over = box.run("setup", "code")
    assert over.code == 1 and "user passwd" in over.err
