"""Certificates of the box's own authority: what OpenSSL takes, what it refuses, and how long they count."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from gateway import certificates
from gateway.certificates import BadCertificate, Names
from tests.handshakes import shake

MONDAY = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)
BOX = Names(("box.local", "box.office.example"), (ip_address("192.168.1.20"), ip_address("fd00::20")))
ONLY_NAMED = Names(("box.local",))
ONLY_NUMBERED = Names((), (ip_address("192.168.1.20"),))


def served(tmp_path: Path, authority: bytes, names: Names | None = None) -> Path:
    """A server's certificate by that authority, in a file."""
    path = tmp_path / "server.pem"
    path.write_bytes(certificates.make_server(authority, datetime.now(UTC), names))
    return path


@pytest.mark.parametrize("asked", ["box.local", "box.office.example", "192.168.1.20", "fd00::20"])
def test_who_trusts_the_authority_trusts_the_box(tmp_path: Path, asked: str) -> None:
    authority = certificates.make_authority(BOX, datetime.now(UTC))
    root = certificates.facts(authority).pem
    shown = shake(served(tmp_path, authority), root, asked)
    assert x509.load_der_x509_certificate(shown).not_valid_after_utc > datetime.now(UTC)


@pytest.mark.parametrize(
    ("limits", "made_for", "asked"),
    [
        (BOX, Names(("bank.example",)), "bank.example"),
        (BOX, Names(("notbox.local",)), "notbox.local"),
        (BOX, Names((), (ip_address("192.168.1.21"),)), "192.168.1.21"),
        (BOX, Names((), (ip_address("fd00::21"),)), "fd00::21"),
        (BOX, Names(("box.local", "bank.example")), "box.local"),
        (ONLY_NAMED, Names((), (ip_address("192.168.1.20"),)), "192.168.1.20"),
        (ONLY_NAMED, Names((), (ip_address("fd00::20"),)), "fd00::20"),
        (ONLY_NUMBERED, Names(("box.local",)), "box.local"),
        (ONLY_NUMBERED, Names((), (ip_address("fd00::20"),)), "fd00::20"),
    ],
)
def test_for_any_other_name_it_counts_nothing(
    tmp_path: Path, limits: Names, made_for: Names, asked: str
) -> None:
    """Whoever stole the authority's key could be this box towards its own people, and nobody else."""
    authority = certificates.make_authority(limits, datetime.now(UTC))
    stolen = served(tmp_path, authority, made_for)
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree violation"):
        shake(stolen, certificates.facts(authority).pem, asked)


def test_its_limits_are_critical_and_it_signs_no_other_authority() -> None:
    root = x509.load_pem_x509_certificate(certificates.make_authority(BOX, MONDAY))
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)


def test_another_authority_is_not_believed(tmp_path: Path) -> None:
    ours, other = (certificates.make_authority(BOX, datetime.now(UTC)) for _ in range(2))
    assert certificates.is_signed_by(served(tmp_path, ours).read_bytes(), ours)
    assert not certificates.is_signed_by(served(tmp_path, ours).read_bytes(), other)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(served(tmp_path, other), certificates.facts(ours).pem, "box.local")


def test_a_servers_certificate_lasts_as_long_as_browsers_take_it() -> None:
    authority = certificates.make_authority(BOX, MONDAY)
    found = certificates.facts(certificates.make_server(authority, MONDAY))
    assert found.ends - found.begins == timedelta(days=397)
    assert found.begins < MONDAY, "devices whose clock is behind take it too"
    assert (found.names, certificates.allowed(authority)) == (BOX, BOX)


def test_it_never_outlasts_its_authority() -> None:
    authority = certificates.make_authority(BOX, MONDAY)
    ends = certificates.facts(authority).ends
    late = certificates.make_server(authority, ends - timedelta(days=30))
    assert certificates.facts(late).ends == ends
    with pytest.raises(BadCertificate, match="the authority ended on 2035-03-01"):
        certificates.make_server(authority, ends)


@pytest.mark.parametrize("content", [b"", b"Dear Sam", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_said(content: bytes) -> None:
    for read in (certificates.facts, certificates.allowed):
        with pytest.raises(BadCertificate, match="no certificate"):
            read(content)


def test_an_authority_counts_whatever_the_clock_said_when_it_was_made(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for said in (now + timedelta(days=1500), datetime(1970, 1, 2, tzinfo=UTC)):
        authority = certificates.make_authority(BOX, said)
        assert shake(served(tmp_path, authority), certificates.facts(authority).pem, "box.local")


@pytest.mark.parametrize("kind", [x509.SubjectAlternativeName, x509.NameConstraints])
def test_names_that_cannot_be_read_are_said(kind: type[x509.ExtensionType]) -> None:
    name = b"\x82\x02\xe9\xa9"  # [2] dNSName, in Latin-1, where RFC 5280, 4.2.1.6 has IA5String
    broken = name if kind is x509.SubjectAlternativeName else b"\xa0\x06\x30\x04" + name
    subject = x509.Name([])
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(MONDAY)
        .not_valid_after(MONDAY + timedelta(days=1))
        .add_extension(x509.UnrecognizedExtension(kind.oid, bytes([0x30, len(broken)]) + broken), False)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    read = certificates.facts if kind is x509.SubjectAlternativeName else certificates.allowed
    with pytest.raises(BadCertificate, match="names in it cannot be read"):
        read(made)


def test_an_authority_without_its_key_cannot_sign() -> None:
    root = certificates.facts(certificates.make_authority(BOX, MONDAY)).pem
    with pytest.raises(BadCertificate, match="no key"):
        certificates.make_server(root, MONDAY)
