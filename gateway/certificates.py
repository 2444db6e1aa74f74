"""Certificates of this box (X.509 version 3, RFC 5280). Pure: names and times in, PEM out.

An authority of the box's own signs the one certificate the panel is served with. Whoever trusts it trusts it
for this box alone: its name constraints (RFC 5280, 4.2.1.10) are critical and name nothing else, and it may
sign no other authority. A permitted name stands for those below it too, so it has to have a dot: a bare
`shop` would permit every name that ends in it. Elliptic curve P-256, signatures with SHA-256.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.web import opening

Address = IPv4Address | IPv6Address

AUTHORITY_BEGINS = datetime(2025, 1, 1, tzinfo=UTC)
"""Before there was any of this program: an authority counts whatever the clock said when it was made."""
AUTHORITY_LASTS = timedelta(days=3650)
SERVER_LASTS = timedelta(days=397)
"""Longest life of a server's certificate that every browser takes: one day below the 398 of CA/Browser Forum
Baseline Requirements 6.3.2 and of Apple."""
BACKDATED = timedelta(days=1)
"""A server's certificate counts from a day before it is made, for devices whose clock is behind."""

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
_EVERYTHING = ("0.0.0.0/0", "::/0")


class BadCertificate(Exception):
    """A certificate or key cannot be read or used. The text says why, without a full stop."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a box is called: DNS names, small letters, and addresses. The first is the one to tell people."""

    dns: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dns or self.addresses)

    @property
    def every(self) -> tuple[str, ...]:
        """All of them as text, names before addresses."""
        return self.dns + tuple(map(str, self.addresses))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate says of itself. Times are aware; `fingerprint` is SHA-256, AB:CD:..."""

    names: Names
    begins: datetime
    ends: datetime
    fingerprint: str
    pem: bytes


def make_authority(names: Names, now: datetime) -> bytes:
    """A new authority for these names and nothing else: its key and its certificate, one PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = f"SMS gateway of {names.every[0]}"[:64]  # ub-common-name
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
    certificate = (
        _begun(subject, subject, key.public_key())
        .not_valid_before(AUTHORITY_BEGINS)
        .not_valid_after(max(now, AUTHORITY_BEGINS) + AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_limits(names), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _pem(key, certificate)


def make_server(authority: bytes, now: datetime, names: Names | None = None) -> bytes:
    """A new certificate of a server, signed by `authority`: its key and itself, one PEM.

    `names`: those the authority is for when None.

    Raises:
        BadCertificate: the authority cannot be read, or has ended.
    """
    issuer, issuer_key = _certificate(authority), _key(authority)
    ends = min(now - BACKDATED + SERVER_LASTS, issuer.not_valid_after_utc)
    if ends <= now:
        raise BadCertificate(f"the authority ended on {issuer.not_valid_after_utc:%Y-%m-%d}")
    key = ec.generate_private_key(ec.SECP256R1())
    # no name of the box in the subject: it has no dot or colon, so no program takes it for one
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SMS gateway")])
    certificate = (
        _begun(subject, issuer.subject, key.public_key())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_general(names or allowed(authority))), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    return _pem(key, certificate)


def allowed(authority: bytes) -> Names:
    """The names an authority of ours may sign for.

    Raises:
        BadCertificate: it is none of ours.
    """
    limits = _extension(_certificate(authority), x509.NameConstraints)
    if limits is None:
        raise BadCertificate("it is limited to no names, so it is not one that sms-gateway made")
    return _as_names(limits.permitted_subtrees or [])


def facts(pem: bytes) -> Facts:
    """What the first certificate in a PEM says.

    Raises:
        BadCertificate: there is none, or its names are no names.
    """
    certificate = _certificate(pem)
    return Facts(
        _as_names(_extension(certificate, x509.SubjectAlternativeName) or []),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        certificate.public_bytes(Encoding.PEM),
    )


def is_signed_by(pem: bytes, authority: bytes) -> bool:
    """Whether the first certificate in `pem` was signed by that authority.

    Raises:
        BadCertificate: one of them cannot be read.
    """
    try:
        _certificate(pem).verify_directly_issued_by(_certificate(authority))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def covers(names: Names, asked: str) -> bool:
    """Whether a certificate for `names` is one for the name or address that is asked for."""
    return opening.covers(names.every, asked.lower())


# --- the parts ---------------------------------------------------------------------------------------


def _begun(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _limits(names: Names) -> x509.NameConstraints:
    """RFC 5280, 4.2.1.10: a kind of name of which none is permitted is not limited, unless excluded."""
    excluded: list[x509.GeneralName] = []
    if not names.dns:
        excluded.append(x509.DNSName(""))
    if not names.addresses:
        excluded += [x509.IPAddress(ip_network(network)) for network in _EVERYTHING]
    permitted = [x509.DNSName(name) for name in names.dns]
    hosts = [x509.IPAddress(ip_network(address)) for address in names.addresses]
    return x509.NameConstraints([*permitted, *hosts], excluded or None)


def _general(names: Names) -> list[x509.GeneralName]:
    return [*map(x509.DNSName, names.dns), *map(x509.IPAddress, names.addresses)]


def _as_names(found: Iterable[x509.GeneralName]) -> Names:
    every = list(found)
    dns = tuple(name.value.lower() for name in every if isinstance(name, x509.DNSName))
    # in a constraint an address is a network of one
    addresses = [str(name.value).partition("/")[0] for name in every if isinstance(name, x509.IPAddress)]
    return Names(dns, tuple(map(ip_address, addresses)))


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    """One of its extensions; None where it has none of that kind. Raises BadCertificate."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        raise BadCertificate("the names in it cannot be read") from None


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(pem)[0]
    except ValueError:
        raise BadCertificate("there is no certificate (PEM) in it") from None


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadCertificate("there is no key (PEM) in it") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BadCertificate("its key is none that sms-gateway made")
    return key


def _pem(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> bytes:
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return plain + certificate.public_bytes(Encoding.PEM)
