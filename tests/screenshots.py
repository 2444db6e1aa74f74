"""`make screenshots`: pictures of every page, on a desk and on a phone, light and dark, of an office on its
first day and of one with a past (`tests.web.practice`), in tmp/screenshots, to be looked at one by one."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from gateway.config import load
from gateway.desk import team
from gateway.domain.people import Role
from gateway.store import schema, settings
from gateway.store import team as store_team
from gateway.web.app import create_app
from tests.office import Clock, Office
from tests.web.practice import fill, pages
from tests.web.serving import Served
from tests.web.test_browser import CHROMIUM, DESKTOP, PHONE, QUIET

MORNING = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SIZES = {"desk": DESKTOP, "phone": PHONE}


def take(folder: Path, language: str, only: str) -> int:
    """Take them all; returns how many."""
    taken = 0
    with sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for name, begin in {"empty": lambda _: None, "full": fill}.items():
            taken += _of_office(chromium, folder / name, language, only, begin)
    return taken


def _of_office(
    chromium: Browser, folder: Path, language: str, only: str, begin: Callable[[Office], None]
) -> int:
    clock = Clock(MORNING)
    with tempfile.TemporaryDirectory() as data:
        path = Path(data) / "gateway.db"
        schema.prepare(path)
        with Office(path, clock) as office:
            boot = load(None, {"SMS_GATEWAY_DATA_DIR": data, "SMS_GATEWAY_LISTEN": "127.0.0.1:0"})
            office.write(lambda tx: _people(tx, clock, language))
            begin(office)
            app = create_app(office.database, boot, clock)
            with Served(app, office, boot) as served:
                return sum(
                    _seen(chromium, folder / f"{size}-{theme}", served, app, office, only, theme, SIZES[size])
                    for size in SIZES
                    for theme in ("light", "dark")
                )


def _people(tx: Any, clock: Clock, language: str) -> None:
    settings.put(tx, "office.name", "Alderwick Dental")
    settings.put(tx, "office.second_factor", "offered")
    settings.put(tx, "office.language", language)
    names = {Role.ADMIN: "Ruth Lindqvist", Role.MANAGER: "Tom Okafor", Role.AGENT: "Anna Reid"}
    for role, name in names.items():
        team.add_user(tx, role.value, name, role, team.hash_password("a long sentence", ""), "x", clock())


def _seen(
    chromium: Browser,
    folder: Path,
    served: Served,
    app: Flask,
    office: Office,
    only: str,
    theme: Any,
    size: Any,
) -> int:
    def begin(tx: Any) -> str:
        user = store_team.user_by_name(tx, Role.ADMIN.value)
        assert user is not None
        return team.sign_in(tx, user, "test", office.clock())

    told = chromium.new_context(viewport=size, color_scheme=theme, reduced_motion="reduce")
    told.add_cookies([{"name": "sid", "value": office.write(begin), "url": served.address}])
    page = told.new_page()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {rule: address for rule, address in pages(app, office).items() if re.search(only, rule)}
    for rule, address in wanted.items():
        page.goto(served.address + address, wait_until="load")
        name = re.sub(r"\W+", "-", rule).strip("-") or "inbox"
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    told.close()
    return len(wanted)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=Path("tmp/screenshots"))
    parser.add_argument("--language", default="en")
    parser.add_argument("--only", default="", help="pages whose route this regular expression finds")
    told = parser.parse_args()
    print(f"{take(told.to, told.language, told.only)} pictures in {told.to}")


if __name__ == "__main__":
    main()
