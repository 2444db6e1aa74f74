"""The panel: its address and its certificate."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from gateway import tls
from gateway.config import LOOPBACK
from gateway.doctor import service
from gateway.doctor.check import Check, said
from gateway.doctor.look import Look

SOON = timedelta(days=21)
LEAST_PORT = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
"""Ports below the number in it are opened by root, or with CAP_NET_BIND_SERVICE (capabilities(7)); also those
of IPv6."""
_WITHIN_S = 3.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - told from others, not opened
_OWN_ADVICE = "Make it: sms-gateway tls renew"
_LAST_ADVICE = (
    "Make another authority, which every device has to be told to trust again: sms-gateway tls init --anew"
)
_THEIR_ADVICE = "Ask whoever gave it, then put it in its place."


@dataclass(frozen=True, slots=True)
class _Door:
    """An address that the panel opens, and the setting it is from."""

    host: str
    port: int
    setting: str
    secure: bool

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def _doors(look: Look) -> Iterator[_Door]:
    """The panel's own, and with the box's own certificate the one for other machines."""
    own = look.boot.tls_cert is not None
    yield _Door(*look.boot.listen, "listen", own)
    if not own and look.boot.tls_listen is not None and tls.has_authority(look.folder):
        yield _Door(*look.boot.tls_listen, "tls_listen", secure=True)


def panel(look: Look) -> Iterator[Check]:
    """Who can reach it, whether it answers, whether its addresses are free."""
    first, *others = doors = list(_doors(look))
    troubles = [trouble for door in doors if door.port and (trouble := _trouble(look, door))]
    reach = "for this machine only" if first.host in LOOPBACK else "for other machines, over TLS"
    reach += "".join(f"; for others over TLS at port {door.port}" for door in others)
    yield from troubles or [said("panel", "well", address=first, reach=reach)]


def _trouble(look: Look, door: _Door) -> Check | None:
    if look.running:
        return None if _answers(door) else said("panel", "silent", address=door)
    error = _refusal(door)
    if error is None or error.errno == errno.EACCES:
        least = int(LEAST_PORT.read_text())
        if door.port < least and _is_bound_to_fail(look, error):
            values = {"address": door, "setting": door.setting, "least": least}
            return said("panel", "roots_own", owner=look.owner, **values)
    if error is None:
        return None
    if error.errno == errno.EADDRINUSE:
        return said("panel", "taken", address=door, setting=door.setting)
    if error.errno == errno.EADDRNOTAVAIL:
        return said("panel", "not_here", address=door, setting=door.setting)
    return said("panel", "untried", address=door, why=error.strerror)


def _is_bound_to_fail(look: Look, error: OSError | None) -> bool:
    """Whether the service cannot open one of root's ports, as root or its own user just tried it."""
    is_told = os.geteuid() == 0 if error is None else os.geteuid() == look.owner_id
    can = "cap_net_bind_service" in service.asked().get("AmbientCapabilities", "")
    return is_told and look.owner_id != 0 and not can


def _answers(door: _Door) -> bool:
    """Whether the program answers there at all."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # looked at by another check
    host = _EVERYWHERE.get(door.host, door.host)
    connection = (
        http.client.HTTPSConnection(host, door.port, timeout=_WITHIN_S, context=context)
        if door.secure
        else http.client.HTTPConnection(host, door.port, timeout=_WITHIN_S)
    )
    try:
        connection.request("GET", "/healthz/live", headers={"Host": "localhost"})
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _refusal(door: _Door) -> OSError | None:
    """Why the address could not be opened now; None where it could (bind(2))."""
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((door.host, door.port))
    except OSError as error:
        return error
    return None


def _files(look: Look) -> tuple[Path, Path] | None:
    """Files of the certificate and its key: the office's own, else the box's, None for neither."""
    if look.boot.tls_cert is not None and look.boot.tls_key is not None:
        return look.boot.tls_cert, look.boot.tls_key
    if tls.has_authority(look.folder):
        server = look.folder / tls.FOLDER / tls.SERVER
        return server, server
    return None


def certificate(look: Look) -> Iterator[Check]:
    """Whether it can be used, until when, for which names, and its chain."""
    files = _files(look)
    if files is None:
        yield said("certificate", "none")
        return
    for path in dict.fromkeys(files):
        try:
            path.read_bytes()
        except OSError as error:
            yield said("certificate", "unreadable", path=path, why=error.strerror)
            return
        if not look.may(path):
            why = f"{look.owner} has no right to it, or to a folder above it"
            yield said("certificate", "unreadable", path=path, why=why)
            return
    cert, key = files
    broken = _broken(cert, key)
    if broken is not None:
        yield broken
        return
    troubles = list(_troubles(look, cert, key))
    yield from troubles or [said("certificate", "well", until=_day(cert))]


def _broken(cert: Path, key: Path) -> Check | None:
    """Why no server could use the two; None where one can."""
    from gateway import certificates

    try:
        # a password, even a wrong one: without it a sealed key would be asked for at the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
        certificates.facts(cert.read_bytes())
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return said("certificate", "other_key")
        why = (error.reason or "no PEM").replace("_", " ").lower()
        return said("certificate", "no_pem", path=cert, why=why)
    except (ValueError, certificates.BadCertificate) as error:
        return said("certificate", "no_pem", path=cert, why=error)
    return None


def _troubles(look: Look, cert: Path, key: Path) -> Iterator[Check]:
    from gateway import box_names, certificates

    found = certificates.facts(cert.read_bytes())
    until, own = f"{found.ends:%Y-%m-%d}", look.boot.tls_cert is None
    values = {"until": until, "advice": _own_advice(look) if own else _THEIR_ADVICE}
    if found.ends <= look.now:
        yield said("certificate", "expired", **values)
    elif found.ends - look.now < SOON:
        yield said("certificate", "soon", **values)
    elif found.begins > look.now:
        yield said("certificate", "not_yet", since=f"{found.begins:%Y-%m-%d}")
    if not _is_chain(cert):
        yield said("certificate", "chain", path=cert)
    asked = {*look.boot.trusted_hosts, look.boot.listen[0]} - LOOPBACK - _EVERYWHERE.keys()
    missing = sorted(name for name in asked if not certificates.covers(found.names, name))
    if missing:
        yield said("certificate", "names", names=", ".join(missing))
    if own and (moved := box_names.moved_from(found.names)):
        here = ", ".join(map(str, moved))
        yield said("certificate", "moved", named=", ".join(map(str, found.names.addresses)), addresses=here)
    if key.stat().st_mode & 0o007:
        yield said("certificate", "open_key", path=key)


def _own_advice(look: Look) -> str:
    try:
        opened = tls.read_in_use(look.boot)
    except tls.TlsError:
        return _OWN_ADVICE if tls.can_renew(look.boot) else _LAST_ADVICE
    return _LAST_ADVICE if opened is not None and tls.ends_with_authority(opened) else _OWN_ADVICE


def _is_chain(cert: Path) -> bool:
    """Whether each certificate in the file was signed by the next."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    every = x509.load_pem_x509_certificates(cert.read_bytes())
    try:
        for signed, signer in pairwise(every):
            signed.verify_directly_issued_by(signer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _day(cert: Path) -> str:
    from gateway import certificates

    return f"{certificates.facts(cert.read_bytes()).ends:%Y-%m-%d}"
