"""When a backup is due, which old ones go, and for whom one is sealed; pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.domain.language import t


class Kind(StrEnum):
    """Why a backup was made."""

    NIGHT = "night"
    NOW = "now"  # a person asked, to where the nightly ones go: rotated with them
    ASKED = "asked"  # to a place of that person's own: never removed by us


ROTATED = (Kind.NIGHT, Kind.NOW)

OLD_AFTER = timedelta(hours=26)
"""A newest backup of this age is warned about: a night was missed."""
DRILL_EVERY = timedelta(days=7)
DRILL_OLD_AFTER = timedelta(days=9)
_RETRY_AFTER = timedelta(hours=1)
_NIGHT = range(1, 5)
"""Hours of the office's clock in which nobody is disturbed."""
AHEAD = timedelta(hours=1)
"""What is dated further ahead was dated by a wrong clock."""


def is_due(good_at: datetime | None, tried_at: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the nightly backup is to be made: at night, or by day on a box that was off at night.

    `good_at`: when the newest good one was made; `tried_at`: when one was last begun, whatever came of it.
    """
    if tried_at is not None and timedelta(0) <= now - tried_at < _RETRY_AFTER:
        return False
    if good_at is None or good_at > now + AHEAD:  # none, or one made by a clock that was ahead
        return True
    age = now - good_at
    return age >= timedelta(hours=24) or (age >= timedelta(hours=12) and now.astimezone(zone).hour in _NIGHT)


def is_old(good_at: datetime, now: datetime) -> bool:
    """Whether a newest backup of that time is warned about. How old one is that was made by a clock
    which was ahead, nobody knows."""
    return now - good_at > OLD_AFTER or good_at > now + AHEAD


def drill_is_due(drilled_at: datetime | None, now: datetime, *, failed_before: bool = False) -> bool:
    """Whether a backup is to be tried out again. `failed_before`: what was tried out last could not be
    restored, and a newer backup is there."""
    ahead = drilled_at is not None and drilled_at > now + AHEAD
    return drilled_at is None or ahead or failed_before or now - drilled_at >= DRILL_EVERY


def to_keep(made: Sequence[datetime], now: datetime, zone: ZoneInfo, days: int, weeks: int) -> set[datetime]:
    """Of backups made at these times, in the order in which they were made, those to keep: the last of each
    of the last `days` days, and of each of the last `weeks` weeks (ISO 8601), on the office's calendar; the
    newest always. One made by a clock that was ahead stands for no day; the last of those stay until there
    are as many rightly dated ones."""
    ahead = [at for at in made if at > now + AHEAD]
    made = [at for at in made if at <= now + AHEAD]
    today = now.astimezone(zone).date()
    by_day: dict[object, datetime] = {}
    by_week: dict[object, datetime] = {}
    for at in sorted(made):
        day = at.astimezone(zone).date()
        by_day[day] = by_week[day.isocalendar()[:2]] = at
    monday = today - timedelta(days=today.weekday())
    kept = {at for at in by_day.values() if at.astimezone(zone).date() > today - timedelta(days=days)}
    first = monday - timedelta(weeks=weeks - 1)
    kept |= {at for at in by_week.values() if weeks and at.astimezone(zone).date() >= first}
    kept |= {max(made)} if made else set()
    return kept | set(ahead[-lacking:] if (lacking := max(days, weeks) - len(kept)) > 0 else ())


# --- for whom it is sealed ---------------------------------------------------------------------------

_KEY, _PASS, _SECRET = "smsgw-key-", "smsgw-pass-", "SMSGW-SECRET-"
KEY_OCTETS = 32
DERIVATION_OCTETS = 19
"""How a passphrase becomes a key: log2 N, r and p of scrypt (RFC 7914), one octet each, and 16 of salt."""
_SUM_OCTETS = 4


class BadKey(ValueError):
    """It is no key of ours; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whoever can open a backup: a public key (X25519, RFC 7748), and how the passphrase becomes the private
    one where there is a passphrase. It is no secret: with it one can seal and not open."""

    public: bytes
    derivation: bytes = b""

    @property
    def by_passphrase(self) -> bool:
        """Whether a passphrase opens it, rather than a key file."""
        return bool(self.derivation)

    def __str__(self) -> str:
        return _written(_PASS if self.derivation else _KEY, self.derivation + self.public)

    @classmethod
    def parse(cls, typed: str) -> Recipient:
        """Read one as `str` writes it.

        Raises:
            BadKey: it is none, or was mistyped.
        """
        typed = typed.strip()
        for prefix, before in ((_KEY, 0), (_PASS, DERIVATION_OCTETS)):
            if typed.startswith(prefix):
                octets = _read(prefix, typed, before + KEY_OCTETS)
                return cls(octets[before:], octets[:before])
        raise BadKey(
            t("it must begin with {keys}, as sms-gateway backup seal prints it").format(
                keys=f"{_KEY} / {_PASS}"
            )
        )


def secret_written(private: bytes) -> str:
    """A private key, as it stands in its file."""
    return _written(_SECRET, private)


def secret_read(typed: str) -> bytes:
    """The private key of a key file.

    Raises:
        BadKey: it is none, or was mistyped.
    """
    if not typed.strip().startswith(_SECRET):
        raise BadKey(f"it must begin with {_SECRET}, as the file that sms-gateway backup seal wrote")
    return _read(_SECRET, typed.strip(), KEY_OCTETS)


def _written(prefix: str, octets: bytes) -> str:
    summed = octets + hashlib.sha256(prefix.encode() + octets).digest()[:_SUM_OCTETS]
    return prefix + base64.urlsafe_b64encode(summed).decode().rstrip("=")


def _read(prefix: str, typed: str, length: int) -> bytes:
    body = typed.removeprefix(prefix)
    try:
        octets = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        octets = b""
    if len(octets) != length + _SUM_OCTETS or _written(prefix, octets[:length]) != typed:
        raise BadKey(t("it is not whole or was mistyped: copy all of it again"))
    return octets[:length]
