"""Troubles of the box, the settings, the panel and its certificate, and of what the office left undone."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway import tls
from gateway.certificates import Names
from gateway.clock import utc_now
from gateway.desk import clock as desk_clock
from gateway.domain.line import CannotTell
from gateway.kernel_clock import Kernel
from gateway.store import holidays, settings, team
from gateway.store.database import Tx
from gateway.store.tables import backups, drills
from tests import any_hour
from tests.doctor.place import Place
from tests.doctor.planted import planted
from tests.doctor.troubles_folder import ANNA, not_root

# --- clock and time service --------------------------------------------------------------------------


@planted("clock wrong", "clock", "set-ntp true", "sms-gateway clock confirm")
def _(place: Place) -> Iterator[None]:
    """A line that works saw another time in the network, and no time service speaks for ours."""
    place.kernel = Kernel(False, 1e6, False, "one")
    place.hears("ready", clock_offset_s="-4000", clock_read_at=utc_now().isoformat())
    yield


@planted("clock stepped", "clock", "sms-gateway clock confirm")
def _(place: Place) -> Iterator[None]:
    """The clock was set to another time while the program ran."""
    place.kernel = Kernel(False, 1e6, False, "one")

    def step(tx: Tx) -> None:
        desk_clock.started(tx, "one")
        desk_clock.set_doubt(tx, "jumped", utc_now())

    place.write(step)
    yield


@planted("clock unsynchronised", "time service", "timedatectl set-ntp true", "apt install chrony")
def _(place: Place) -> Iterator[None]:
    """The kernel says that nobody keeps its clock, and there is no time service."""
    place.kernel = Kernel(False, 1e6, False, "one")
    yield


@planted("time service without its servers", "time service", "timesync-status")
def _(place: Place) -> Iterator[None]:
    """The kernel says that nobody keeps its clock, and there is a time service."""
    place.kernel = Kernel(False, 1e6, True, "one")
    yield


# --- settings, panel ---------------------------------------------------------------------------------


@planted("settings file with an unknown key", "settings", "Did you mean 'listen'")
def _(place: Place) -> Iterator[None]:
    """config.toml holds lsten = "127.0.0.1:8080"."""
    file = place.around / "config.toml"
    file.write_text('lsten = "127.0.0.1:8080"\n')
    place.env["SMS_GATEWAY_CONFIG"] = str(file)
    yield


@planted("open on the LAN without TLS", "settings", "tls_cert")
def _(place: Place) -> Iterator[None]:
    """listen is 0.0.0.0:8080, and there is no certificate."""
    place.env["SMS_GATEWAY_LISTEN"] = "0.0.0.0:8080"
    yield


@contextmanager
def listening(place: Place) -> Iterator[None]:
    """A program that takes connections at the panel's address and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(5)
        place.env["SMS_GATEWAY_LISTEN"] = f"127.0.0.1:{listener.getsockname()[1]}"
        yield


@planted("panel's address taken", "panel", "sudo ss -ltnp")
def _(place: Place) -> Iterator[None]:
    """The program does not run, and another one has its address."""
    place.running = False
    with listening(place):
        yield


@planted("panel's second address taken", "panel", "sudo ss -ltnp", "tls_listen")
def _(place: Place) -> Iterator[None]:
    """The program does not run, and another one has the address for other machines."""
    place.running = False
    tls.init(place.data, Names(("desk.example",)), utc_now())
    with listening(place):
        place.env["SMS_GATEWAY_TLS_LISTEN"] = place.env["SMS_GATEWAY_LISTEN"]
        place.env["SMS_GATEWAY_LISTEN"] = "127.0.0.1:0"
        yield


@planted("panel's address is not this box's", "panel", "fixed in the router", "listen in config")
def _(place: Place) -> Iterator[None]:
    """The program does not run, and listen is an address that no box has (RFC 5737)."""
    place.running = False
    serve_with(place, *certificate(in_days(90)))
    place.env["SMS_GATEWAY_LISTEN"] = "192.0.2.1:8080"
    yield


@planted("one of root's ports", "panel", "1024 on: listen in config", "docs/service.md", lacks=not_root)
def _(place: Place) -> Iterator[None]:
    """The program does not run, listen is port 443, and root looks, who may open it."""
    place.running = False
    serve_with(place, *certificate(in_days(90)))
    place.env["SMS_GATEWAY_LISTEN"] = "127.0.0.9:443"
    with place.of_the_service():
        yield


@planted("panel hangs", "panel", "start it again")
def _(place: Place) -> Iterator[None]:
    """The program runs, and its address answers nothing."""
    with listening(place):
        yield


# --- the certificate ---------------------------------------------------------------------------------


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(
    ends: datetime, *, names: tuple[str, ...] = ("desk.example",), begins: datetime | None = None
) -> tuple[bytes, bytes]:
    """A certificate signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(_name("desk"))
        .issuer_name(_name("desk"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or ends - timedelta(days=90))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), private


def serve_with(place: Place, cert: bytes, key: bytes, hosts: str = "desk.example") -> Path:
    """The settings name this certificate and this key; where the key lies."""
    paths = {"TLS_CERT": (place.around / "cert.pem", cert), "TLS_KEY": (place.around / "key.pem", key)}
    for name, (path, octets) in paths.items():
        path.write_bytes(octets)
        path.chmod(0o600)
        place.env[f"SMS_GATEWAY_{name}"] = str(path)
    place.env["SMS_GATEWAY_TRUSTED_HOSTS"] = hosts
    return place.around / "key.pem"


def in_days(count: int) -> datetime:
    return utc_now() + timedelta(days=count)


@planted("TLS expired", "certificate", "Get a new one. Ask whoever gave it")
def _(place: Place) -> Iterator[None]:
    """The panel's certificate ended yesterday."""
    serve_with(place, *certificate(in_days(-1)))
    yield


@planted("TLS expires soon", "certificate", "Get a new one before")
def _(place: Place) -> Iterator[None]:
    """The panel's certificate ends in ten days."""
    serve_with(place, *certificate(in_days(10)))
    yield


@planted("TLS not valid yet", "certificate", "clock")
def _(place: Place) -> Iterator[None]:
    """The panel's certificate begins tomorrow."""
    serve_with(place, *certificate(in_days(90), begins=in_days(1)))
    yield


@planted("TLS key does not fit", "certificate", "the key the certificate was made for")
def _(place: Place) -> Iterator[None]:
    """tls_key is the key of another certificate."""
    serve_with(place, certificate(in_days(90))[0], certificate(in_days(90))[1])
    yield


@planted("TLS certificate is none", "certificate", "PEM")
def _(place: Place) -> Iterator[None]:
    """tls_cert is a text."""
    serve_with(place, b"This is not a certificate.\n", certificate(in_days(90))[1])
    yield


@planted("TLS key of root", "certificate", "right to read it", "docs/opening.md", lacks=not_root)
def _(place: Place) -> Iterator[None]:
    """The key lies in root's own folder, as certbot keeps it, and root looks."""
    serve_with(place, *certificate(in_days(90)))
    with place.of_the_service():
        yield


@planted("TLS chain out of order", "certificate", "own certificate first")
def _(place: Place) -> Iterator[None]:
    """The certificate is followed by one that did not sign it."""
    cert, key = certificate(in_days(90))
    serve_with(place, cert + certificate(in_days(90))[0], key)
    yield


@planted("TLS for another name", "certificate", "trusted_hosts")
def _(place: Place) -> Iterator[None]:
    """The panel answers to a name that its certificate does not hold."""
    serve_with(place, *certificate(in_days(90)), hosts="desk.example,panel.example")
    yield


@planted("TLS key world-readable", "certificate", "sudo chmod o=")
def _(place: Place) -> Iterator[None]:
    """The rights of the key are 0644."""
    serve_with(place, *certificate(in_days(90))).chmod(0o644)
    yield


@planted("the box's own certificate ended", "certificate", "Get a new one. Make it: sms-gateway tls renew")
def _(place: Place) -> Iterator[None]:
    """The authority and the certificate that tls init made are 400 days old, and were not renewed."""
    tls.init(place.data, Names(("desk.example",)), in_days(-400))
    yield


# --- other programs ----------------------------------------------------------------------------------


@contextmanager
def running(place: Place, name: str) -> Iterator[None]:
    """A program by that name runs."""
    program = shutil.copy(shutil.which("sleep") or "/bin/sleep", place.around / name)
    with subprocess.Popen([program, "60"]) as process:
        yield
        process.kill()


@planted("another program for modems", "other programs", "mask --now gammu-smsd")
def _(place: Place) -> Iterator[None]:
    """gammu-smsd runs, and the modem's port is busy."""
    place.hears("port_busy")
    with running(place, "gammu-smsd"):
        yield


@planted("brltty takes the port", "brltty", "apt remove brltty")
def _(place: Place) -> Iterator[None]:
    """brltty runs, and the line's port is gone."""
    place.hears("port_missing")
    with running(place, "brltty"):
        yield


# --- the service -------------------------------------------------------------------------------------


def systemd(place: Place, exposure: float = 1.4, **told: str) -> None:
    """A systemd that says this of the service, by programs of its own."""
    place.systemd.mkdir()
    said = {"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled", "Result": "success"}
    lines = "\n".join(f"{name}={value}" for name, value in {**said, **told}.items())
    place.program("systemctl", f"cat <<'END'\n{lines}\nEND")
    place.program("systemd-analyze", f"echo 'Overall exposure level for sms-gateway.service: {exposure} OK'")


@planted("service failed", "service", "reset-failed")
def _(place: Place) -> Iterator[None]:
    """systemctl says that the service failed and is not started again."""
    systemd(place, ActiveState="failed", Result="exit-code")
    yield


@planted("service not enabled", "service", "sudo systemctl enable")
def _(place: Place) -> Iterator[None]:
    """systemctl says that the service does not start with the system."""
    systemd(place, UnitFileState="disabled")
    yield


@planted("service opened up by an override", "service", "sudo systemctl revert")
def _(place: Place) -> Iterator[None]:
    """systemd-analyze says an exposure of 6.2."""
    systemd(place, exposure=6.2)
    yield


# --- people and texts --------------------------------------------------------------------------------


@planted("nobody may sign in", "people", "sms-gateway user add NAME --role admin")
def _(place: Place) -> Iterator[None]:
    """The only user is disabled."""

    def disable(tx: Tx) -> None:
        (user,) = team.every_user(tx)
        team.change_user(tx, user.id, disabled_at=utc_now())

    place.write(disable)
    yield


@planted("texts unclear", "unclear texts", "Mark as sent, or Send again")
def _(place: Place) -> Iterator[None]:
    """The modem never said whether a text went."""
    with place.office() as office:
        office.write(any_hour.lift)
        office.accept(ANNA)
        office.send_one(CannotTell("timeout"))
    yield


@planted("reports of texts that are not ours", "delivery reports", "by this SIM")
def _(place: Place) -> Iterator[None]:
    """Twelve reports came of texts nobody sent here."""
    with place.office() as office:
        for reference in range(12):
            office.report(reference, ANNA)
    yield


@planted("public holidays not computed", "public holidays", "tried again every hour")
def _(place: Place) -> Iterator[None]:
    """The program that computes them failed."""

    def fail(tx: Tx) -> None:
        settings.put(tx, "office.country", "GB")
        settings.put(tx, "hours.holidays", "FR")
        holidays.note_trouble(tx, "it ended with 1")

    place.write(fail)
    yield


# --- backups -----------------------------------------------------------------------------------------


def _made(tx: Tx, days_ago: float, **more: Any) -> None:
    at = utc_now() - timedelta(days=days_ago)
    row = {"kind": "night", "started_at": at, "ended_at": at, "path": "/backup/one", "sealed": True}
    tx.insert(backups, {**row, **more})


@planted("backup never made", "backup", "sms-gateway backup")
def _(place: Place) -> Iterator[None]:
    """No backup is recorded."""
    place.write(lambda tx: tx.execute(backups.delete()))
    yield


@planted("backup old", "backup", "Make one now")
def _(place: Place) -> Iterator[None]:
    """The last backup that was verified is three days old."""

    def age(tx: Tx) -> None:
        tx.execute(backups.delete())
        _made(tx, 3, verified_at=utc_now() - timedelta(days=3))

    place.write(age)
    yield


@planted("backup of a clock that was ahead", "backup", "Make one now")
def _(place: Place) -> Iterator[None]:
    """The last backup that was verified is dated two hours from now."""

    def date(tx: Tx) -> None:
        tx.execute(backups.update().values(started_at=utc_now() + timedelta(hours=2)))

    place.write(date)
    yield


@planted("backup not at its place", "backup", "Plug in the disk")
def _(place: Place) -> Iterator[None]:
    """The file of the last backup is where no file is."""
    place.write(lambda tx: tx.execute(backups.update().values(path="/backup/one")))
    yield


@planted("restore drill of a clock that was ahead", "restore drill", "sms-gateway drill")
def _(place: Place) -> Iterator[None]:
    """The last drill is dated a day from now."""
    row = {"at": in_days(1), "seconds": 3.0, "problem": None, "found": {}}
    place.write(lambda tx: tx.insert(drills, row))
    yield


@planted("backup failed", "backup", "Mend that")
def _(place: Place) -> Iterator[None]:
    """The last backup failed, the one before is well."""
    place.write(lambda tx: _made(tx, 0, problem="The folder is not there."))
    yield


@planted("backups on this box alone", "backup", "sms-gateway backup seal", "backup.folder")
def _(place: Place) -> Iterator[None]:
    """Nothing is set to seal backups with, so they stay in the data folder."""
    place.write(lambda tx: settings.put(tx, "backup.recipient", ""))
    yield


@planted("restore drill failed", "restore drill", "Do not rely on that backup")
def _(place: Place) -> Iterator[None]:
    """The last backup could not be brought back."""
    row = {"at": utc_now(), "seconds": 3.0, "problem": "It holds other counts.", "found": {}}
    place.write(lambda tx: tx.insert(drills, row))
    yield
