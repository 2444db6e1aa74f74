"""What systemd says of the service. It is only asked; where it is not there, nothing is made of it."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from gateway.doctor.check import Check, said
from gateway.doctor.look import Look
from gateway.domain.doctor_finding import SERVICE

RUNS_SYSTEMD = Path("/run/systemd/system")
"""There while systemd runs the box (sd_booted(3))."""
MOST_EXPOSED = 1.5
_WITHIN_S = 5.0
_OF_LIFE = ("LoadState", "ActiveState", "Result", "UnitFileState")
_OF_RIGHTS = ("DevicePolicy", "DeviceAllow", "AmbientCapabilities")
_EXPOSURE = re.compile(r"exposure level for \S+: ([0-9.]+)")


def service(look: Look) -> Iterator[Check]:
    """Whether it starts by itself, and how closed in it runs."""
    if not RUNS_SYSTEMD.exists():
        yield said("service", "no_systemd")
    elif not is_installed():
        yield said("service", "absent")
    else:
        yield _installed(asked())


def _installed(told: dict[str, str]) -> Check:
    if told.get("ActiveState") == "failed":
        return said("service", "failed", why=told.get("Result", ""))
    if told.get("UnitFileState") == "disabled":
        return said("service", "disabled")
    exposure = _exposure()
    if exposure is None:
        return said("service", "unasked")
    return said(
        "service", "exposed" if exposure > MOST_EXPOSED else "well", exposure=exposure, most=MOST_EXPOSED
    )


def is_installed() -> bool:
    """Whether the system knows the service."""
    return asked().get("LoadState") == "loaded"


@functools.cache
def asked() -> dict[str, str]:
    """Its properties by their names, lists joined by spaces; nothing where systemd does not run."""
    if not RUNS_SYSTEMD.exists():
        return {}
    wanted = [word for name in (*_OF_LIFE, *_OF_RIGHTS) for word in ("-p", name)]
    found: dict[str, str] = {}
    for line in _run("systemctl", "show", *wanted, SERVICE).splitlines():
        name, _, value = line.partition("=")
        found[name] = f"{found[name]} {value}" if name in found else value
    return found


def _exposure() -> float | None:
    told = _EXPOSURE.search(_run("systemd-analyze", "security", "--no-pager", SERVICE))
    return float(told[1]) if told else None


def _run(program: str, *words: str) -> str:
    """What a program of systemd prints; nothing where it is not there or does not answer."""
    path = shutil.which(program)
    if path is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            [path, *words], capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
