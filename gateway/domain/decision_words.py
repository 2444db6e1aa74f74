"""What was decided about a text, as people read it: when it will go and why, on their clock and on ours.

One sentence for a decision; what each rule says is in `gateway.domain.rule_words`. Panel, API and command
line all say these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain import backup_words, message_words, reason_words
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.message_words import Said, Tone
from gateway.domain.phrases import counted, hours_long
from gateway.domain.policy import NOTHING_AWAITED, Awaited, Decision, Refuse, SendNow

NEVER_OPENS = "The hours set for this kind of text never open, or not together with the presets."
CHANGE_HOURS = "Change one of them under Hours and limits."
SHUT = "Waiting: the hours for this kind of text never open"
OR_HURRY = "Or send it now as urgent."

_WEEK = timedelta(days=6)


# --- clocks ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that matter to a text: the office's, and those of the places where its reader may be."""

    now: datetime
    here: ZoneInfo
    theirs: tuple[ZoneInfo, ...] = ()
    who: str = "them"
    """What the reader is called: "It is 22:10 for Nadia"."""

    def when(self, at: datetime) -> str:
        """When something happens: "Tuesday at 08:00 their time (14:00 here)", "today at 14:00"."""
        if not self._differ(at):
            return f"{self._day(at, self.here)} at {_clock(at, self.here)}"
        if len(self.theirs) > 1:
            return f"{self._day(at, self.here)} at {_clock(at, self.here)} here ({self._span(at)} their time)"
        (there,) = self.theirs
        day = self._day(at, there)
        other = "" if _date(at, there) == _date(at, self.here) else f"{at.astimezone(self.here):%A} "
        return f"{day} at {_clock(at, there)} their time ({other}{_clock(at, self.here)} here)"

    def it_is(self, at: datetime) -> str:
        """What their clock shows: "It is 22:10 for them", with the day where that is what matters."""
        if not self._differ(at):
            local = at.astimezone(self.here)
            return f"It is {_clock(at, self.here)}{_on_day(local)}"
        if len(self.theirs) > 1:
            return f"It is {self._span(at)} for {self.who}"
        return f"It is {_clock(at, self.theirs[0])}{_on_day(at.astimezone(self.theirs[0]))} for {self.who}"

    def ago(self, at: datetime) -> str:
        """How long ago something was: "just now", "5 minutes ago", else when."""
        minutes = int((self.now - at).total_seconds()) // 60
        if minutes < 1:
            return "just now"
        if minutes < 120:
            return f"{counted(minutes, 'minute')} ago"
        return self.when(at)

    def theirs_at(self, at: datetime) -> str:
        """The time their clocks show at that moment, with the day where it is another one: "08:00",
        "between 07:00 and 08:00", "Monday 22:00"; empty where it is ours."""
        if not self._differ(at):
            return ""
        days = {_date(at, zone) for zone in self.theirs}
        other_day = len(days) == 1 and days != {_date(at, self.here)}
        day = f"{at.astimezone(self.theirs[0]):%A} " if other_day else ""
        return f"{day}{self._span(at)}"

    def _differ(self, at: datetime) -> bool:
        ours = at.astimezone(self.here).utcoffset()
        return any(at.astimezone(zone).utcoffset() != ours for zone in self.theirs)

    def _span(self, at: datetime) -> str:
        """The times that clocks of several places show: "between 21:10 and 22:10"."""
        local = sorted(at.astimezone(zone).replace(tzinfo=None) for zone in self.theirs)
        first, last = f"{local[0]:%H:%M}", f"{local[-1]:%H:%M}"
        return first if first == last else f"between {first} and {last}"

    def _day(self, at: datetime, zone: ZoneInfo) -> str:
        local, today = at.astimezone(zone), self.now.astimezone(zone).date()
        same_day_everywhere = today == self.now.astimezone(self.here).date()
        if local.date() == today and same_day_everywhere:
            return "today"
        if abs(local.date() - today) <= _WEEK:
            return f"{local:%A}"
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local:%A} {local.day} {local:%B}{year}"


def _date(at: datetime, zone: ZoneInfo) -> object:
    return at.astimezone(zone).date()


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _on_day(local: datetime) -> str:
    """The day, when it is the day and not the hour that keeps a text."""
    return f" on {local:%A}" if 8 <= local.hour < 20 else ""


# --- decisions ---------------------------------------------------------------------------------------


def decision(
    found: Decision,
    clocks: Clocks,
    they_wrote_at: datetime | None = None,
    not_before: datetime | None = None,
    *,
    unsure: bool = True,
    awaited: Awaited = NOTHING_AWAITED,
) -> str:
    """A decision in a sentence or two: "It is 22:10 for them. This will go Tuesday at 08:00 their time (14:00
    here)." `they_wrote_at`: when they wrote last, said where a text goes at once because of that;
    `unsure`, `awaited`: it is not known where they are, or when their public holidays are, so that no time
    may be known for that reason; `not_before`: the time that was chosen for it, which may be one when they
    are asleep."""
    if isinstance(found, Refuse):
        return f"This will not go. {reason_words.reason(found.reason)}"
    if isinstance(found, SendNow):
        return _goes(found.note, clocks, they_wrote_at)
    if found.until is None and found.why is WaitingFor.QUIET_HOURS and (awaited.regions or not unsure):
        remedy = message_words.holidays_to_come(awaited.trouble) if awaited.regions else CHANGE_HOURS
        return f"{no_hours(unsure, awaited)} {remedy}"
    if found.until is None:
        return _WAITS_FOR_EVENT.get(found.why, f"{message_words.WAITING[found.why]}.")
    if found.why is WaitingFor.QUIET_HOURS and not_before is not None and not_before > clocks.now:
        return f"The chosen time is outside their hours. This will go {clocks.when(found.until)}."
    because = _BECAUSE[found.why](clocks) if found.why in _BECAUSE else f"{message_words.WAITING[found.why]}."
    chosen = ", as chosen" if found.why is WaitingFor.SCHEDULE else ""
    return f"{because} This will go {clocks.when(found.until)}{chosen}.".strip()


def shut(purpose: Purpose) -> Said:
    """Words for a text held by hours that never open; an offer cannot be called urgent."""
    why = CHANGE_HOURS if purpose is Purpose.MARKETING else f"{CHANGE_HOURS} {OR_HURRY}"
    return Said(SHUT, Tone.WAITING, why)


def no_hours(unsure: bool, awaited: Awaited) -> str:
    """Why nobody can tell when the hours of a text begin; arguments as for `decision`."""
    if awaited.regions:
        return f"{message_words.no_holidays(awaited.regions)}."
    return "We do not know what time it is for them." if unsure else NEVER_OPENS


def _goes(note: str, clocks: Clocks, they_wrote_at: datetime | None) -> str:
    if note == "live":
        wrote = clocks.ago(they_wrote_at) if they_wrote_at else "a moment ago"
        return f"This goes now: they wrote {wrote}."
    if note == "urgent":
        return f"{clocks.it_is(clocks.now)}. This goes now all the same, because it was called urgent."
    if note == "begun":
        return "The rest goes now: part of it has gone already."
    if note == "answer":
        return "This goes now: it answers what they just did."
    return "This goes now."


_BECAUSE: Mapping[WaitingFor, Callable[[Clocks], str]] = {
    WaitingFor.SCHEDULE: lambda clocks: "",
    WaitingFor.QUIET_HOURS: lambda clocks: f"{clocks.it_is(clocks.now)}.",
    WaitingFor.CAP: lambda clocks: "They have had all the automatic texts they may get for now.",
    WaitingFor.RATE: lambda clocks: "The line is at its sending limit for the moment.",
    WaitingFor.BUDGET: lambda clocks: "This line has sent as many texts as it may in a day.",
    WaitingFor.RETRY: lambda clocks: "We tried to send it and it did not go. Nothing is lost.",
    WaitingFor.LINE: lambda clocks: "The line could not take it just now.",
}

_WAITS_FOR_EVENT: Mapping[WaitingFor, str] = {
    WaitingFor.QUIET_HOURS: (
        "We do not know what time it is for them, so this waits. Set their time zone, and it will go in the "
        "daytime there."
    ),
    WaitingFor.CLOCK: (
        "The clock of this box may be wrong. This waits until it is right; only answers to what somebody "
        "just wrote go out."
    ),
    WaitingFor.APPROVAL: backup_words.HELD_MEANWHILE,
    WaitingFor.LINE: "The line is paused. This waits until somebody resumes it.",
    WaitingFor.RETRY: "We tried to send it and it did not go. It will be tried again.",
}


def logged(verdict: str, why: str, until: datetime | None, clocks: Clocks) -> str:
    """A line of the log of decisions; `clocks` are as of the time it was decided."""
    if verdict == "waits":
        waits = WaitingFor(why)
        words = message_words.WAITING[waits]
        held = f"Held: {_HELD_BY.get(waits, words[:1].lower() + words[1:])}"
        return f"{held}, until {clocks.when(until)}." if until else f"{held}."
    if verdict == "refused":
        return f"Not sent. {reason_words.reason(why)}"
    return {
        "live": "Allowed at once: they had just written.",
        "urgent": f"{clocks.it_is(clocks.now)}. Allowed all the same: it was called urgent.",
    }.get(why, "Allowed.")


_HELD_BY: Mapping[WaitingFor, str] = {
    WaitingFor.SCHEDULE: "its time was chosen",
    WaitingFor.QUIET_HOURS: "outside their hours",
    WaitingFor.CAP: "they had had enough automatic texts",
    WaitingFor.CLOCK: "the clock of this box was not trusted",
    WaitingFor.APPROVAL: "a backup was restored, and no admin had looked yet",
    WaitingFor.LINE: "its line did not work",
    WaitingFor.RETRY: "it was tried and did not go",
    WaitingFor.RATE: "the line was at its sending limit",
    WaitingFor.BUDGET: "its line had sent as many texts as it may in a day",
}


def little_time(left: timedelta) -> str:
    """The warning that a text leaves its reader little time: `left`, from its going to its being useless."""
    minutes = max(int(left.total_seconds()) // 60, 0)
    if minutes < 1:
        return "That leaves them no time to read it before it is too late."
    length = counted(minutes, "minute") if minutes < 60 else hours_long(minutes)
    return f"That leaves them {length} to read it before it is too late."
