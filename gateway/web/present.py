"""How rows become what people read: names, times, states, health of lines. Knows no Flask and no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.domain import limits, line_words, phone
from gateway.domain.breaker import REFUSED_BY_NETWORK
from gateway.domain.labels import Label
from gateway.domain.language import dated, t, tn, weekday_short
from gateway.domain.line import LineStatus
from gateway.domain.message_words import Tone
from gateway.domain.phrases import hours_long, pace

# --- times -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Times:
    """Times as people of the office read them."""

    zone: ZoneInfo
    now: datetime

    def local(self, at: datetime) -> datetime:
        """The time on the office's clock."""
        return at.astimezone(self.zone)

    def clock(self, at: datetime) -> str:
        """ "15:05"."""
        return f"{self.local(at):%H:%M}"

    def short(self, at: datetime) -> str:
        """For lists: "15:05" today, "Sat" this week, "12 Mar" this year, "12 Mar 2025" before."""
        local, today = self.local(at), self.local(self.now).date()
        if local.date() == today:
            return f"{local:%H:%M}"
        if timedelta(0) < today - local.date() < timedelta(days=7):
            return weekday_short(local)
        return dated(local, t("d MMM") if local.year == today.year else t("d MMM y"))

    def since(self, at: datetime) -> str:
        """In a sentence: "10:42" today, "Sat 10:42", "12 Mar 10:42"."""
        short = self.short(at)
        return short if ":" in short else f"{short} {self.clock(at)}"

    def exact(self, at: datetime) -> str:
        """To the second, for a history: "10:42:07" today, "Sat 10:42:07"."""
        return f"{self.since(at)}:{self.local(at):%S}"

    def ago(self, at: datetime) -> str:
        """How long before now: "just now", "2 minutes ago", "3 h 20 ago", else when."""
        minutes = int((self.now - at).total_seconds()) // 60
        if minutes < 1:
            return str(t("just now"))
        if minutes < 60:
            return tn("{count} minute ago", "{count} minutes ago", minutes)
        return t("{length} ago").format(length=hours_long(minutes)) if minutes < 720 else self.since(at)

    def day(self, at: datetime) -> str:
        """Heading of a day: "Today, Monday 23 November"."""
        local, today = self.local(at), self.local(self.now).date()
        named = dated(local, t("EEEE d MMMM") if local.year == today.year else t("EEEE d MMMM y"))
        if local.date() == today:
            return t("Today, {date}").format(date=named)
        if local.date() == today - timedelta(days=1):
            return t("Yesterday, {date}").format(date=named)
        return named

    def date_words(self, at: datetime) -> str:
        """ "27 November", with the year when it is another one."""
        local = self.local(at)
        is_this_year = local.year == self.local(self.now).year
        return dated(local, t("d MMMM") if is_this_year else t("d MMMM y"))

    def date_of(self, at: datetime) -> date:
        """The office's date."""
        return self.local(at).date()

    def machine(self, at: datetime) -> str:
        """For the datetime attribute."""
        return at.astimezone(UTC).isoformat()


# --- names -------------------------------------------------------------------------------------------


def title(name: str | None, number: str) -> str:
    """What a contact is called: their name, else their number, else that it was withheld."""
    return name or phone.pretty(number) or str(t("Number withheld"))


def face(name: str | None, number: str) -> str:
    """Two initials, or the last three digits; of a sender without a number its first two letters."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    if words:
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
    return (number[:2].upper() if number[:1].isalpha() else number[-3:]) or "?"


def author(kind: str | None, name: str | None, *, repeats: bool) -> str:
    """Who wrote a text that went out; `repeats` when it repeats another by itself."""
    if kind == "rule":
        return str(t("By itself") if repeats else t("Automatic answer"))
    if kind == Label.OLD_PHONE:
        return str(t("The office, on an old phone"))
    return t("{name} (command)").format(name=name) if kind == "command" else name or ""


# --- lines -------------------------------------------------------------------------------------------

GOOD_DBM, FAIR_DBM = -85, -100
"""Signal is good from the first, fair from the second, weak below it (dBm)."""


def signal_words(dbm: str | None) -> str:
    """ "good", "fair" or "weak"; empty when it is not known."""
    if dbm is None or not dbm.lstrip("-").isdigit():
        return ""
    value = int(dbm)
    return str(t("good") if value >= GOOD_DBM else t("fair") if value >= FAIR_DBM else t("weak"))


def dbm_words(dbm: str) -> str:
    """ "−81 dBm", with a true minus."""
    return f"{dbm.replace('-', '−')} dBm"


@dataclass(frozen=True, slots=True)
class Health:
    """How a line is. `said` is put after the line's name, `sentence` stands without it."""

    id: int
    name: str
    number: str
    code: str
    tone: Tone
    said: str
    sentence: str
    since: datetime | None
    cause: str
    doing: str
    you_can: str
    paused: bool
    signal: str
    queued: int
    unclear: int

    @property
    def works(self) -> bool:
        """Whether it is up and not paused."""
        return self.tone is Tone.OK


def health(row: Row[Any], counts: dict[str, int]) -> Health:
    """A line as the panel shows it; `counts` are those of `store.outbox`."""
    code = line_words.line_now(row.status, row.code, row.paused_at)
    words = line_words.line_of(row.name, row.port, code, row.facts)
    return Health(
        id=row.id,
        name=row.name,
        number=phone.pretty(row.number or ""),
        code=code,
        tone=_line_tone(row.status, code),
        said=words.is_,
        sentence=line_words.line_sentence(code, row.facts),
        since=row.paused_at if code == "paused" else row.status_since,
        cause=words.cause,
        doing=words.doing,
        you_can=line_words.ON_PAGE.get(code, words.you_can),
        paused=row.paused_at is not None,
        signal=signal_words(row.facts.get("signal_dbm")),
        queued=counts.get("queued", 0) + counts.get("sending", 0),
        unclear=counts.get("unconfirmed", 0),
    )


def _line_tone(status: str, code: str) -> Tone:
    if code == "paused":
        return Tone.WARN
    if code == REFUSED_BY_NETWORK:
        return Tone.BAD  # the modem is well, and no text goes
    return {LineStatus.UP: Tone.OK, LineStatus.STARTING: Tone.WAITING}.get(LineStatus(status), Tone.BAD)


def limits_in_words(written: list[str]) -> str:
    """ "up to 6 a minute, 300 a day"."""
    each = [pace(limit.count, limit.per) for limit in map(limits.parse, written)]
    return t("up to {limits}").format(limits=", ".join(each)) if each else str(t("no limit"))


ICONS: dict[Tone, str] = {
    Tone.PLAIN: "clock",
    Tone.OK: "tick",
    Tone.WAITING: "clock",
    Tone.WARN: "warning",
    Tone.BAD: "cross",
}
"""The icon that stands beside the words of a state."""
