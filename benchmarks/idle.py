"""What the program costs when nothing happens: memory and processor time, from /proc."""

from __future__ import annotations

import http.cookiejar
import os
import re
import time
import urllib.parse
import urllib.request
from pathlib import Path

from .office import PASSWORD, USERNAME, Office, wait_for
from .rows import Row, at_most

PAGES = ("/conversations/new", "/lines", "/more", "/healthz/ready", "/")
THREADS = 3
TIMEOUT_S = 30.0
MEMORY_MB, CPU_PERCENT = 120.0, 0.5
_TICKS = os.sysconf("SC_CLK_TCK")
_SETTLE_S = 3.0
_THREAD = re.compile(r'href="(/conversations/(?!new)[\w-]+)')


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MiB (VmRSS, proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise ProcessLookupError(f"process {pid} has no memory")
    return int(found[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """Processor time a process has used, all threads (utime + stime, proc(5))."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


def visit(office: Office) -> int:
    """Sign in with a browser's cookies and open every kind of page; returns how many were loaded."""
    office.queue(THREADS)
    wait_for(office.settled)
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    browser = urllib.request.build_opener(cookies)
    form = _load(browser, f"{office.address}/sign-in")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    fields = {"username": USERNAME, "password": PASSWORD, "csrf_token": token[1] if token else ""}
    inbox = _load(browser, f"{office.address}/sign-in", urllib.parse.urlencode(fields).encode())
    threads = sorted(set(_THREAD.findall(inbox)))
    if len(threads) != THREADS:
        raise RuntimeError(f"{len(threads)} conversations are on the page after signing in, not {THREADS}")
    for path in (*threads, *PAGES):
        _load(browser, office.address + path)
    return 2 + len(threads) + len(PAGES)


def _load(browser: urllib.request.OpenerDirector, url: str, form: bytes | None = None) -> str:
    with browser.open(url, form, timeout=TIMEOUT_S) as page:
        return str(page.read().decode())


def measure(office: Office, seconds: float) -> list[Row]:
    """Two rows: memory after a few page loads, and processor time over `seconds`."""
    loaded = visit(office)
    time.sleep(min(_SETTLE_S, seconds))
    before, began = cpu_seconds(office.pid), time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - began
    percent = 100 * (cpu_seconds(office.pid) - before) / took
    memory = resident_mb(office.pid)
    one_line = "`python -m gateway run` as a process, one line up on the fake modem, panel open"
    return [
        Row(
            "idle: resident memory",
            f"{MEMORY_MB:g} MB or less",
            f"{memory:.1f} MB",
            at_most(memory, MEMORY_MB),
            f"VmRSS of {one_line}, after signing in and {loaded} page loads.",
        ),
        Row(
            "idle: CPU",
            f"{CPU_PERCENT:g} % of a core or less",
            f"{percent:.2f} %",
            at_most(percent, CPU_PERCENT),
            f"utime + stime of the same over {took:.0f} s, in steps of {1000 / _TICKS:.0f} ms.",
        ),
    ]
