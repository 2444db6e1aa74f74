"""Ports: whether the service may open them, who else does, and modems that show none."""

from __future__ import annotations

import grp
import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISCHR
from typing import Any

from sqlalchemy import Row

from gateway.doctor import service
from gateway.doctor.check import Check, said
from gateway.doctor.look import Look, rights, user_name
from gateway.domain import line_words, port_words
from gateway.modem.candidates import usb_without_port
from gateway.modem.holders import known_troublemakers

SUSPECT = frozenset({"port_busy", "not_a_modem", "no_answer", "port_lost"})
"""Troubles of a line that another program may be behind."""
GONE = frozenset({"port_missing", "port_lost"})
"""Troubles of a line whose modem shows no port, or had one and lost it."""
OURSELVES, BRLTTY = "sms-gateway", "brltty"
_DEVICES = Path("/proc/devices")


def rights_of_ports(look: Look) -> Iterator[Check]:
    """Whether the service's user may open the devices of the lines, and its unit lets it."""
    for row in look.lines:
        path = Path(row.facts.get("device") or row.port)
        if path.is_absolute() and path.exists() and S_ISCHR(path.stat().st_mode):
            yield _rights(look, row, path)


def _rights(look: Look, row: Row[Any], path: Path) -> Check:
    state, user = path.stat(), look.owner
    group = _group_name(state.st_gid)
    kind = f"char-{_driver(os.major(state.st_rdev))}"
    values = {
        "line": row.name,
        "user": user,
        "path": path,
        "owner": user_name(state.st_uid),
        "group": group,
        "mode": rights(path),
        "kind": kind,
    }
    if not look.may(path, write=True):
        joins = state.st_mode & 0o060 == 0o060 and state.st_gid != 0
        return said("rights", "denied" if joins else "denied_to_group", **values)
    told = service.asked()
    restricts = told.get("DevicePolicy") in ("closed", "strict") or bool(told.get("DeviceAllow"))
    if told.get("ActiveState") == "active" and restricts:
        allowed = told.get("DeviceAllow", "")
        if kind not in allowed and str(path) not in allowed:
            return said("rights", "not_allowed", **values)
        if row.code == "port_denied":
            return said("rights", "listed_late", **values)
    return said("rights", "well", **values)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _driver(major: int) -> str:
    """The name of a kind of character device, as DeviceAllow= wants it (systemd.resource-control(5))."""
    listed = _DEVICES.read_text().partition("Block devices:")[0]
    names = dict(line.split(maxsplit=1) for line in listed.splitlines() if line[:3].strip().isdigit())
    return names.get(str(major), str(major))


def sticks(look: Look) -> Iterator[Check]:
    """Modems that show no port. Nothing is wrong with them unless a line has none, or there is no line."""
    codes = _codes(look)
    missed = not codes or bool(codes & GONE)
    for usb, mode in usb_without_port():
        is_, advice = port_words.stick_without_port(usb, mode)
        yield said("stick", "missed" if missed else "well", usb=usb, is_=is_, advice=advice)


def programs(look: Look) -> Iterator[Check]:
    """Programs that open modems by themselves. They are to blame only while a line has trouble they make."""
    codes = _codes(look)
    names = sorted({found.name for found in known_troublemakers()} - {OURSELVES})
    if BRLTTY in names and GONE & codes:
        names.remove(BRLTTY)
        sign, advice = port_words.BRLTTY_SIGN
        yield said("brltty", "suspect", is_=sign, advice=advice)
    if names:
        words = line_words.FINDINGS["troublemakers"]
        is_ = f"{words.is_.format(names=', '.join(names))}. {words.cause}"
        advice = " ".join(port_words.troublemaker(name) for name in names)
        yield said("programs", "suspect" if SUSPECT & codes else "well", is_=is_, advice=advice)


def _codes(look: Look) -> set[str]:
    """How the lines are: as the running program tells, or as their modems answer."""
    if look.database is None:
        return set()
    answers = look.answers
    return {answers[row.id].code if row.id in answers else row.code for row in look.lines}
