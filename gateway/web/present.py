"""How rows become what people read: names, times, states, health of lines. Knows no Flask and no SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from gateway.domain import limits, phone, segments, wording
from gateway.domain.alphabet import Alphabet, NotText, septets
from gateway.domain.line import LineStatus
from gateway.domain.wording import Tone

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
            return f"{local:%a}"
        return _day_and_month(local, with_year=local.year != today.year)

    def since(self, at: datetime) -> str:
        """In a sentence: "10:42" today, "Saturday 10:42", "12 Mar 10:42"."""
        short = self.short(at)
        return short if ":" in short else f"{short} {self.clock(at)}"

    def day(self, at: datetime) -> str:
        """Heading of a day: "Today, Monday 23 November"."""
        local, today = self.local(at), self.local(self.now).date()
        named = f"{local:%A} {local.day} {local:%B}"
        if local.year != today.year:
            named += f" {local.year}"
        return {today: f"Today, {named}", today - timedelta(days=1): f"Yesterday, {named}"}.get(
            local.date(), named
        )

    def date_of(self, at: datetime) -> date:
        """The office's date."""
        return self.local(at).date()

    def machine(self, at: datetime) -> str:
        """For the datetime attribute."""
        return at.astimezone(UTC).isoformat()


def _day_and_month(local: datetime, with_year: bool) -> str:
    return f"{local.day} {local:%b}" + (f" {local.year}" if with_year else "")


# --- names -------------------------------------------------------------------------------------------


def title(name: str | None, number: str) -> str:
    """What a contact is called: their name, else their number, else that it was withheld."""
    return name or phone.pretty(number) or "Number withheld"


def face(name: str | None, number: str) -> str:
    """Two initials, or the last three digits."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    if words:
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
    return number[-3:] or "?"


def author(kind: str | None, name: str | None, *, repeats: bool) -> str:
    """Who wrote a text that went out; `repeats` when it repeats another by itself."""
    by_rule = "By itself" if repeats else "Automatic answer"
    return {"rule": by_rule, "command": f"{name} (command)"}.get(kind or "", name or "")


# --- lines -------------------------------------------------------------------------------------------

GOOD_DBM, FAIR_DBM = -85, -100
"""Signal is good from the first, fair from the second, weak below it (dBm)."""


def signal_words(dbm: str | None) -> str:
    """ "good", "fair" or "weak"; empty when it is not known."""
    if dbm is None or not dbm.lstrip("-").isdigit():
        return ""
    value = int(dbm)
    return "good" if value >= GOOD_DBM else "fair" if value >= FAIR_DBM else "weak"


@dataclass(frozen=True, slots=True)
class Health:
    """How a line is. `said` is put after the line's name, `sentence` stands without it."""

    id: int
    name: str
    number: str
    tone: Tone
    said: str
    sentence: str
    since: datetime | None
    doing: str
    you_can: str
    paused: bool
    signal: str
    facts: tuple[tuple[str, str], ...]
    queued: int
    unclear: int

    @property
    def works(self) -> bool:
        """Whether it is up and not paused."""
        return self.tone is Tone.OK


def health(row: Row[Any], counts: dict[str, int]) -> Health:
    """A line as the panel shows it; `counts` are those of `store.outbox`."""
    code = wording.line_now(row.status, row.code, row.paused_at)
    words = wording.line(code)
    return Health(
        id=row.id,
        name=row.name,
        number=phone.pretty(row.number or ""),
        tone=_line_tone(row.status, code),
        said=words.is_,
        sentence=wording.line_alone(code),
        since=row.paused_at if code == "paused" else row.status_since,
        doing=words.doing,
        you_can=words.you_can,
        paused=row.paused_at is not None,
        signal=signal_words(row.facts.get("signal_dbm")),
        facts=tuple(_facts(row)),
        queued=counts.get("queued", 0) + counts.get("sending", 0),
        unclear=counts.get("unconfirmed", 0),
    )


def _line_tone(status: str, code: str) -> Tone:
    if code == "paused":
        return Tone.WARN
    return {LineStatus.UP: Tone.OK, LineStatus.STARTING: Tone.WAITING}.get(LineStatus(status), Tone.BAD)


def _facts(row: Row[Any]) -> list[tuple[str, str]]:
    known = row.facts
    signal = signal_words(known.get("signal_dbm"))
    storage = f"{known.get('storage_used', '?')} of {known.get('storage_total', '?')} in use"
    device = " ".join(filter(None, (known.get("maker"), known.get("model"))))
    every = [
        ("Number", phone.pretty(row.number or "")),
        ("Network", known.get("operator", "")),
        ("Signal", f"{signal}, {known.get('signal_dbm', '').replace('-', '−')} dBm" if signal else ""),
        ("Speed", limits_in_words(row.limits)),
        ("SIM memory", storage if "storage_total" in known else ""),
        ("Modem", device),
        ("Port", row.port),
        ("In the modem’s words", known.get("detail", "")),
    ]
    return [(name, value) for name, value in every if value]


def limits_in_words(written: list[str]) -> str:
    """ "up to 6 a minute, 300 a day"."""
    each = [f"{limit.count} a {limit.per}" for limit in map(limits.parse, written)]
    return "up to " + ", ".join(each) if each else "no limit"


ICONS: dict[Tone, str] = {
    Tone.PLAIN: "clock",
    Tone.OK: "tick",
    Tone.WAITING: "clock",
    Tone.WARN: "warning",
    Tone.BAD: "cross",
}
"""The icon that stands beside the words of a state."""


def counted(text: str) -> str:
    """The counter beside a box: "71 left, 1 text", or which character makes it cost more."""
    try:
        cut = segments.segment(text)
    except segments.TooLong as error:
        return f"too long: {error.count} texts, at most {segments.MAX_PARTS}"
    except NotText:
        return "half of a character: type it again"
    count = len(cut.texts)
    said = f"{cut.units_left} left, {count} {'text' if count == 1 else 'texts'}"
    guilty = next((char for char in text if not septets(char)), "") if cut.alphabet is Alphabet.UCS2 else ""
    return f"{said}, because of {guilty}" if guilty.strip() else said
