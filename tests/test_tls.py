"""The certificates kept in the data folder: made once, renewed in time, never half written."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from gateway import box_names, certificates, config, tls
from gateway.certificates import Names
from gateway.config import Settings
from gateway.doctor.look import Look
from gateway.doctor.panel import certificate
from gateway.tls import Certificates, TlsError
from gateway.web.opening import Opened, places, surest

MONDAY = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
BOX = Names(("box.local",), (ip_address("192.168.1.20"),))


@pytest.fixture
def boot(tmp_path: Path) -> Settings:
    return config.load(None, {"SMS_GATEWAY_DATA_DIR": str(tmp_path / "data")})


def serial(opened: Opened | None) -> bytes:
    assert opened is not None
    return certificates.facts(opened.certificate.read_bytes()).pem


async def chore(boot: Settings, now: datetime, doubt: str | None = None) -> None:
    await tls.upkeep(boot, Certificates(boot), lambda: now, lambda: doubt)()


def test_what_is_made_is_for_its_owner_alone(boot: Settings) -> None:
    tls.init(boot.data_dir, BOX, MONDAY)
    folder = boot.data_dir / "tls"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "authority.pem": 0o600,
        "server.pem": 0o600,
    }


def test_what_a_kill_left_half_written_goes_with_the_next(boot: Settings) -> None:
    opened = tls.init(boot.data_dir, BOX, MONDAY)
    torn = opened.certificate.with_name(".authority.pem-x7k2")
    torn.write_bytes(opened.certificate.read_bytes())
    tls.renew(boot.data_dir, MONDAY)
    assert not torn.exists()


def test_a_certificate_made_by_a_clock_that_was_ahead_is_replaced_and_its_authority_stays(
    boot: Settings,
) -> None:
    ahead = tls.init(boot.data_dir, BOX, MONDAY + timedelta(days=1500))
    assert tls.is_due(boot.data_dir, MONDAY)
    found = tls.renew(boot.data_dir, MONDAY)
    assert (found.root, found.ends) == (ahead.root, MONDAY + timedelta(days=396))
    assert not tls.is_due(boot.data_dir, MONDAY)


def test_an_authority_is_not_replaced_by_accident(boot: Settings) -> None:
    first = tls.init(boot.data_dir, BOX, MONDAY)
    with pytest.raises(TlsError, match="sms-gateway tls init --anew"):
        tls.init(boot.data_dir, BOX, MONDAY)
    assert tls.read_in_use(boot) == first
    assert tls.init(boot.data_dir, BOX, MONDAY, anew=True).root != first.root


def test_a_box_without_a_name_asks_for_one(boot: Settings) -> None:
    with pytest.raises(TlsError, match="--name"):
        tls.init(boot.data_dir, Names(), MONDAY)
    assert not boot.data_dir.exists()


def test_renewing_needs_an_authority(boot: Settings) -> None:
    with pytest.raises(TlsError, match="sms-gateway tls init"):
        tls.renew(boot.data_dir, MONDAY)


def test_a_damaged_authority_is_said(boot: Settings) -> None:
    tls.init(boot.data_dir, BOX, MONDAY)
    (boot.data_dir / "tls" / "authority.pem").write_text("torn")
    with pytest.raises(TlsError, match=r"cannot sign: .*--anew"):
        tls.renew(boot.data_dir, MONDAY)


@contextlib.contextmanager
def somebody_else(folder: Path) -> Iterator[None]:
    """Act as a user the folder is closed to."""
    as_root = os.geteuid() == 0
    folder.chmod(0o700 if as_root else 0)
    if as_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if as_root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_who_may_not_look_is_told_how(boot: Settings) -> None:
    tls.init(boot.data_dir, BOX, MONDAY)
    with somebody_else(boot.data_dir):
        for refused in (
            lambda: tls.init(boot.data_dir, BOX, MONDAY),
            lambda: tls.renew(boot.data_dir, MONDAY),
            lambda: tls.read_in_use(boot),
        ):
            with pytest.raises(TlsError, match="Run this with sudo"):
                refused()
        assert not tls.has_authority(boot.data_dir)


# --- renewal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "is_due"), [(-2, True), (0, False), (364, False), (365, True), (396, True), (1000, True)]
)
def test_it_is_due_a_month_before_its_end(boot: Settings, days: int, is_due: bool) -> None:
    opened = tls.init(boot.data_dir, BOX, MONDAY)
    assert opened.ends == MONDAY + timedelta(days=396)
    assert tls.is_due(boot.data_dir, MONDAY + timedelta(days=days)) is is_due


def test_near_its_own_end_an_authority_renews_once(boot: Settings) -> None:
    tls.init(boot.data_dir, BOX, MONDAY)
    late = MONDAY + certificates.AUTHORITY_LASTS - timedelta(days=10)
    assert tls.is_due(boot.data_dir, late)
    assert tls.ends_with_authority(tls.renew(boot.data_dir, late))
    assert not tls.is_due(boot.data_dir, late + timedelta(hours=1))


@pytest.mark.parametrize("trouble", ["gone", "torn", "of another authority"])
def test_a_certificate_that_is_of_no_use_is_due(boot: Settings, trouble: str) -> None:
    opened = tls.init(boot.data_dir, BOX, MONDAY)
    if trouble == "gone":
        opened.certificate.unlink()
    elif trouble == "torn":
        opened.certificate.write_text("torn")
    else:
        other = certificates.make_authority(BOX, MONDAY)
        opened.certificate.write_bytes(certificates.make_server(other, MONDAY))
    assert tls.is_due(boot.data_dir, MONDAY)


async def test_the_chore_renews_in_time_and_keeps_the_authority(boot: Settings) -> None:
    first = tls.init(boot.data_dir, BOX, MONDAY)
    before = serial(first)
    await chore(boot, MONDAY + timedelta(days=364))
    assert serial(first) == before
    await chore(boot, MONDAY + timedelta(days=366))
    now = tls.read_in_use(boot)
    assert now is not None and serial(now) != before
    assert (now.root, now.names, now.fingerprint) == (first.root, first.names, first.fingerprint)
    assert now.ends == MONDAY + timedelta(days=366 + 396)


async def test_nothing_is_made_by_a_clock_in_doubt(boot: Settings) -> None:
    before = serial(tls.init(boot.data_dir, BOX, MONDAY))
    await chore(boot, MONDAY + timedelta(days=366), doubt="jumped")
    assert serial(tls.read_in_use(boot)) == before


async def test_without_an_authority_there_is_nothing_to_do(boot: Settings) -> None:
    await chore(boot, MONDAY)
    assert not boot.data_dir.exists()


async def test_a_renewal_that_fails_is_logged(boot: Settings, caplog: pytest.LogCaptureFixture) -> None:
    tls.init(boot.data_dir, BOX, MONDAY)
    (boot.data_dir / "tls" / "authority.pem").write_text("torn")
    await chore(boot, MONDAY)
    assert "was not renewed" in caplog.text


# --- somebody else's ---------------------------------------------------------------------------------


@pytest.fixture
def own(boot: Settings, tmp_path: Path) -> Callable[..., Settings]:
    """Settings with a certificate from elsewhere, for panel.example.org, of that time."""

    def made(now: datetime, *hosts: str) -> Settings:
        names = Names(("panel.example.org", "*.office.example"))
        path = tmp_path / "own.pem"
        path.write_bytes(certificates.make_server(certificates.make_authority(BOX, now), now, names))
        return replace(boot, tls_cert=path, tls_key=path, trusted_hosts=hosts)

    return made


@pytest.mark.parametrize(
    ("days", "hosts", "says"),
    [
        (1, ("panel.example.org", "LOCALHOST", "a.office.example"), ""),
        (400, (), "ended on 2026-04-03: browsers warn"),
        (1, ("panel.example.org", "sms.example.org"), "not name sms.example.org, which trusted_hosts lists"),
        (1, ("a.b.office.example",), "does not name a.b.office.example"),
        (1, ("office.example",), "does not name office.example"),
    ],
)
async def test_what_is_wrong_with_it_is_logged_once(
    own: Callable[..., Settings],
    caplog: pytest.LogCaptureFixture,
    days: int,
    hosts: tuple[str, ...],
    says: str,
) -> None:
    boot = own(MONDAY, *hosts)
    look = tls.upkeep(boot, Certificates(boot), lambda: MONDAY + timedelta(days=days), lambda: None)
    await look()
    await look()
    found = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(found) == bool(says)
    assert all(says in one for one in found)


def test_it_is_used_instead_of_the_boxs_own(own: Callable[..., Settings]) -> None:
    boot = own(MONDAY)
    tls.init(boot.data_dir, BOX, MONDAY)
    opened = Certificates(boot).look()
    assert opened is not None and (opened.names[0], opened.root) == ("panel.example.org", None)
    assert places(replace(boot, listen=("0.0.0.0", 443)), opened) == ["https://panel.example.org"]


# --- what is in use ----------------------------------------------------------------------------------


def test_a_certificate_made_meanwhile_is_seen(boot: Settings) -> None:
    known = Certificates(boot)
    assert known.look() is None
    tls.init(boot.data_dir, BOX, MONDAY)
    first = known.look()
    assert first is not None and first.names == ("box.local", "192.168.1.20")
    assert known.look() is first
    tls.renew(boot.data_dir, MONDAY + timedelta(days=1))
    second = known.look()
    assert second is not None and second.ends == first.ends + timedelta(days=1)


def test_what_was_read_stays_in_use_when_it_is_damaged(
    boot: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    opened = tls.init(boot.data_dir, BOX, MONDAY)
    known = Certificates(boot)
    first = known.look()
    opened.certificate.write_text("torn")
    assert known.look() == known.look() == first
    assert caplog.text.count("cannot be used") == 1
    opened.certificate.unlink()
    assert known.look() == first


def test_a_server_certificate_that_is_gone_or_torn_leads_to_renewing(boot: Settings) -> None:
    opened = tls.init(boot.data_dir, BOX, MONDAY)
    for spoil in (lambda: opened.certificate.write_text("torn"), opened.certificate.unlink):
        spoil()
        with pytest.raises(tls.TlsError, match="sms-gateway tls renew"):
            tls._read(boot.data_dir / tls.FOLDER)
        assert tls.can_renew(boot)
        assert tls.renew(boot.data_dir, MONDAY).fingerprint == opened.fingerprint


def test_who_looks_while_another_reads_gets_what_is_whole(
    boot: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls.init(boot.data_dir, BOX, MONDAY)
    known = Certificates(boot)
    first = known.look()
    tls.renew(boot.data_dir, MONDAY + timedelta(days=1))
    read, meanwhile = tls._read, []

    def slowly(folder: Path) -> Opened:
        monkeypatch.setattr(tls, "_read", read)
        meanwhile.append(known.look())
        return read(folder)

    monkeypatch.setattr(tls, "_read", slowly)
    second = known.look()
    assert second != first and meanwhile == [second], "an edition is known once it was read"


def test_where_the_panel_opens_is_told_by_name_and_number(boot: Settings) -> None:
    opened = tls.init(boot.data_dir, Names(("box.local",), (ip_address("fd00::20"),)), MONDAY)
    assert places(boot, opened) == ["https://box.local:8443", "https://[fd00::20]:8443"]
    assert surest(places(boot, opened)) == "https://[fd00::20]:8443"
    assert places(replace(boot, tls_listen=None), opened) == []


# --- names of the box --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("Box", ("box.local",)),
        ("shop", ("shop.local",)),
        ("box.office.example.", ("box.local", "box.office.example")),
        ("box.local", ("box.local",)),
        ("localhost", ()),
        ("my_box", ()),
    ],
)
def test_a_box_is_called_by_its_host_name(
    monkeypatch: pytest.MonkeyPatch, host: str, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(box_names.socket, "gethostname", lambda: host)
    assert box_names.found().dns == names


def test_addresses_only_this_machine_has_are_left_out() -> None:
    assert not [at for at in box_names.found().addresses if at.is_loopback]


def test_a_box_that_moved_to_another_address_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_names, "_addresses", lambda: (ip_address("192.168.1.57"),))
    assert box_names.moved_from(BOX) == (ip_address("192.168.1.57"),)
    assert not box_names.moved_from(Names(BOX.dns)), "it is found by its name"
    assert not box_names.moved_from(Names((), (ip_address("192.168.1.20"), ip_address("192.168.1.57"))))
    monkeypatch.setattr(box_names, "_addresses", lambda: ())
    assert not box_names.moved_from(BOX), "without a network there is nothing to say"


def test_the_doctor_says_that_the_box_moved(boot: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box_names, "_addresses", lambda: (ip_address("192.168.1.57"),))
    tls.init(boot.data_dir, BOX, datetime.now(UTC))
    (check,) = certificate(Look(boot))
    assert not check.ok and check.found == "names 192.168.1.20, and this box is at 192.168.1.57 now"
    assert "sms-gateway tls init --anew" in check.remedy


def test_the_doctor_leads_to_another_authority_where_it_ends_too(
    boot: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "AUTHORITY_LASTS", timedelta(days=10))
    tls.init(boot.data_dir, Names(BOX.dns), datetime.now(UTC))
    (check,) = certificate(Look(boot))
    assert not check.ok and "sms-gateway tls init --anew" in check.remedy
