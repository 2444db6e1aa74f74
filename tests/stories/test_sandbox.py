"""The program under the filters of our unit, made from it as it stands (`tests.sandbox`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fake_modem.control import FakeModem
from tests.stories.harness import ROOT, SANDBOX, Office, until

CUSTOMER = "+12025550123"


def python(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python."""
    command = [sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def sandboxed(*words: str) -> subprocess.CompletedProcess[str]:
    """Run Python under the filters."""
    return python(*SANDBOX, *words)


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("import os; os.setuid(os.getuid())", "PermissionError"),
        ("import os; os.setpriority(os.PRIO_PROCESS, 0, 10)", "PermissionError"),
        ("import time; time.clock_settime(time.CLOCK_REALTIME, -1.0)", "PermissionError"),  # else: invalid
        ("import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)", "not supported"),
        ("import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)", "PermissionError"),
        (
            "import ctypes; ctypes.CDLL(None).unshare(0x10000000) and exit('PermissionError')",
            "PermissionError",
        ),
    ],
)
def test_what_no_text_needs_is_refused(attempt: str, refusal: str) -> None:
    """By the filters: without them it is not, to any user."""
    if refusal in python("-c", attempt).stderr:
        pytest.skip("not run here: this machine itself refuses it")
    assert refusal in sandboxed("-c", attempt).stderr


@pytest.mark.parametrize(
    "part",
    [
        "from gateway import kernel_clock; print(kernel_clock.look())",
        "from gateway import box_names; print(box_names.found())",
        "from argon2 import PasswordHasher; print(PasswordHasher().hash('a sentence'))",
        "from cryptography.fernet import Fernet; print(Fernet(Fernet.generate_key()).encrypt(b'x'))",
        "import runpy, sys; sys.argv[1:] = ['2026', '2026', 'GB']; "
        "runpy.run_module('gateway.holiday_list', run_name='__main__')",
    ],
)
def test_what_it_is_made_of_works(part: str) -> None:
    done = sandboxed("-W", "error", "-c", part)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_a_day_at_the_office(office: Office, modem: FakeModem) -> None:
    office.is_sandboxed = True
    office.start()
    office.until_up()
    long = " ".join(["Your glasses are ready, and so is the pair for your son."] * 5)
    sent = [office.post(CUSTOMER, "Your table is ready."), office.post(CUSTOMER, long)]
    for text in sent:
        office.until_state(text["id"], "delivered")
    assert modem.control.texts(CUSTOMER) == ["Your table is ready.", long]
    modem.control.text(CUSTOMER, "Thanks!")
    until(lambda: office.inbound(CUSTOMER))
    assert "Thanks!" in office.sign_in().get("/")
    modem.control.vanish(back_after=0.2)
    until(lambda: office.line_health()["status"] == "down", what="the line is lost")
    office.until_up()
    assert office.stop() == 0
    refused = [
        line for line in office.output().splitlines() if "not permitted" in line or "Traceback" in line
    ]
    assert refused == []


UPKEEP = """
import contextlib
from gateway import config
from gateway.cli import main
from gateway.store import rewriting
for words in ("migrate", "backup", "drill", "tls init", "tls renew"):
    with contextlib.suppress(SystemExit):
        main(words.split(), standalone_mode=False)
rewriting.rewrite(config.load().database_path)
print("rewritten")
"""


def test_what_is_done_at_night_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema made, a backup, a drill, certificates, the file written anew."""
    monkeypatch.setenv("SMS_GATEWAY_DATA_DIR", str(tmp_path))
    done = sandboxed("-W", "error", "-c", UPKEEP)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("rewritten\n")
