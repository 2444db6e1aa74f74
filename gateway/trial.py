"""`sms-gateway demo`: the whole program on a made-up office, for a first look.

Uses a throw-away data folder unless told to keep one; the people, numbers and texts are invented, the
numbers from ranges reserved for fiction and tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gateway import config, daemon, logs
from gateway.clock import utc_now
from gateway.config import ConfigError
from gateway.desk import lines as desk_lines
from gateway.desk import second_factor, team
from gateway.desk import settings as desk_settings
from gateway.domain import phone
from gateway.domain.people import Role
from gateway.domain.settings import OFFERED
from gateway.lock import AlreadyRunning, is_running
from gateway.store import contacts, lines, schema
from gateway.store import team as store_team
from gateway.store.database import Tx, opened

OFFICE = "Alderwick Dental"
USERNAME = "anna"
CUSTOMERS = {
    "+12025550143": "Priya Nair",
    "+12025550118": "Walter Adeyemi",
    "+12025550176": "Marta Castellan",
    "+447700900862": "Owen Prys",
}
"""Known to the office; whoever else writes in is a new prospect."""
_ACTOR = "command:demo"


@contextlib.contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep.absolute()
        return
    made = Path(tempfile.mkdtemp(prefix="sms-gateway-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _password(folder: Path) -> str:
    """The demo's password, the same for as long as its folder is kept."""
    kept = folder / "demo-password"
    with contextlib.suppress(FileNotFoundError):
        return kept.read_text(encoding="ascii")
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    kept.touch(mode=0o600)
    kept.write_text(password, encoding="ascii")
    return password


def _seed(tx: Tx, port: str, number: str, password: str) -> None:
    """A made-up office in an empty folder; in a kept one only the port is renewed."""
    now = utc_now()
    if store_team.user_by_name(tx, USERNAME) is None:
        password_hash = team.hash_password(password, USERNAME)
        team.add_user(tx, USERNAME, "Anna Reid", Role.ADMIN, password_hash, _ACTOR, now)
        desk_settings.change(tx, "office.name", OFFICE, _ACTOR, now)
        desk_settings.change(tx, "office.country", "US", _ACTOR, now)
        for customer, name in CUSTOMERS.items():
            contacts.find_or_add(tx, phone.parse(customer), now, name)
    if second_factor.is_required(tx):  # a look at the demo takes no phone
        desk_settings.change(tx, "office.second_factor", OFFERED, _ACTOR, now)
    line = lines.by_name(tx, "front")
    if line is None:
        desk_lines.add(tx, "front", port, _ACTOR, now, number=number)
    elif line.port != port:
        lines.change(tx, line.id, port=port)


def run(port: str, number: str, listen: str, keep: Path | None) -> int:
    """Serve the demo until stopped; returns the exit code."""
    with _folder(keep) as folder:
        env = {"SMS_GATEWAY_DATA_DIR": str(folder), "SMS_GATEWAY_LISTEN": listen}
        boot = config.load(env=env)
        if listen.rpartition(":")[0] not in config.LOOPBACK:
            raise ConfigError("The demo only opens on this machine. Leave --listen at 127.0.0.1.")
        logs.configure("warning", "text")
        if is_running(folder):
            raise AlreadyRunning(
                f"The demo in {folder} is open already. Use the address it printed, or stop it first."
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        password = _password(folder)
        path = boot.database_path
        keys = schema.prepare_with_keys(path, folder)
        with opened(path, keys) as database:
            database.write_now(lambda tx: _seed(tx, port, number, password))

        def ready(address: str) -> None:
            sys.stdout.write(
                f"\n  {OFFICE}, a made-up office, is open.\n\n"
                f"    Panel     {address}\n    Username  {USERNAME}\n    Password  {password}\n\n"
                "  An office asks its admins for a second factor; here it is only offered, under More.\n"
                "  Customers write in by themselves. Stop with Ctrl-C.\n\n"
            )
            sys.stdout.flush()

        return asyncio.run(daemon.run(boot, ready))
