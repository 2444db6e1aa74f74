"""What was decided about a text, as people read it: when it will go and why, on their clock and on ours.

One sentence for a decision; what each rule says is in `gateway.domain.rule_words`. Panel, API and command
line all say these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.domain import backup_words, message_words, reason_words
from gateway.domain.language import dated, joined, t, tn, weekday
from gateway.domain.message import Purpose, WaitingFor
from gateway.domain.message_words import Said, Tone
from gateway.domain.phrases import as_clause, hours_long
from gateway.domain.policy import NOTHING_AWAITED, Awaited, Decision, Refuse, SendNow

NEVER_OPENS = t("The hours set for this kind of text never open, or not together with the presets.")
CHANGE_HOURS = t("Change one of them under Hours and limits.")
SHUT = t("Waiting: the hours for this kind of text never open")
OR_HURRY = t("Or send it now as urgent.")

_WEEK = timedelta(days=6)


# --- clocks ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that matter to a text: the office's, and those of the places where its reader may be."""

    now: datetime
    here: ZoneInfo
    theirs: tuple[ZoneInfo, ...] = ()
    who: str = t("them")
    """What the reader is called: "It is 22:10 for Nadia"."""

    def when(self, at: datetime) -> str:
        """When something happens: "Tuesday at 08:00 their time (14:00 here)", "today at 14:00"."""
        if not self._differ(at):
            return t("{day} at {time}").format(day=self._day(at, self.here), time=_clock(at, self.here))
        here = _clock(at, self.here)
        if len(self.theirs) > 1:
            words = t("{day} at {time} here ({theirs} their time)")
            return words.format(day=self._day(at, self.here), time=here, theirs=self._span(at))
        (there,) = self.theirs
        if _date(at, there) != _date(at, self.here):
            here = t("{weekday} {time}").format(weekday=weekday(at.astimezone(self.here)), time=here)
        words = t("{day} at {time} their time ({here} here)")
        return words.format(day=self._day(at, there), time=_clock(at, there), here=here)

    def it_is(self, at: datetime) -> str:
        """What their clock shows: "It is 22:10 for them", with the day where that is what matters."""
        if not self._differ(at):
            local = at.astimezone(self.here)
            words = t("It is {time} on {weekday}") if _in_the_day(local) else t("It is {time}")
            return words.format(time=f"{local:%H:%M}", weekday=weekday(local))
        if len(self.theirs) > 1:
            return t("It is {time} for {who}").format(time=self._span(at), who=self.who)
        local = at.astimezone(self.theirs[0])
        by_day = t("It is {time} on {weekday} for {who}")
        words = by_day if _in_the_day(local) else t("It is {time} for {who}")
        return words.format(time=f"{local:%H:%M}", weekday=weekday(local), who=self.who)

    def ago(self, at: datetime) -> str:
        """How long ago something was: "just now", "5 minutes ago", else when."""
        minutes = int((self.now - at).total_seconds()) // 60
        if minutes < 1:
            return str(t("just now"))
        if minutes < 120:
            return tn("{count} minute ago", "{count} minutes ago", minutes)
        return self.when(at)

    def theirs_at(self, at: datetime) -> str:
        """The time their clocks show at that moment, with the day where it is another one: "08:00",
        "between 07:00 and 08:00", "Monday 22:00"; empty where it is ours."""
        if not self._differ(at):
            return ""
        days = {_date(at, zone) for zone in self.theirs}
        other_day = len(days) == 1 and days != {_date(at, self.here)}
        if not other_day:
            return self._span(at)
        day = weekday(at.astimezone(self.theirs[0]))
        return t("{weekday} {time}").format(weekday=day, time=self._span(at))

    def _differ(self, at: datetime) -> bool:
        ours = at.astimezone(self.here).utcoffset()
        return any(at.astimezone(zone).utcoffset() != ours for zone in self.theirs)

    def _span(self, at: datetime) -> str:
        """The times that clocks of several places show: "between 21:10 and 22:10"."""
        local = sorted(at.astimezone(zone).replace(tzinfo=None) for zone in self.theirs)
        first, last = f"{local[0]:%H:%M}", f"{local[-1]:%H:%M}"
        return first if first == last else t("between {first} and {last}").format(first=first, last=last)

    def _day(self, at: datetime, zone: ZoneInfo) -> str:
        local, today = at.astimezone(zone), self.now.astimezone(zone).date()
        same_day_everywhere = today == self.now.astimezone(self.here).date()
        if local.date() == today and same_day_everywhere:
            return str(t("today"))
        if abs(local.date() - today) <= _WEEK:
            return weekday(local)
        return dated(local, t("EEEE d MMMM") if local.year == today.year else t("EEEE d MMMM y"))


def _date(at: datetime, zone: ZoneInfo) -> object:
    return at.astimezone(zone).date()


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"


def _in_the_day(local: datetime) -> bool:
    """Whether it is the day and not the hour that keeps a text."""
    return 8 <= local.hour < 20


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
        return joined(t("This will not go."), reason_words.reason(found.reason))
    if isinstance(found, SendNow):
        return _goes(found.note, clocks, they_wrote_at)
    if found.until is None and found.why is WaitingFor.QUIET_HOURS and (awaited.regions or not unsure):
        remedy = message_words.holidays_to_come(awaited.trouble) if awaited.regions else CHANGE_HOURS
        return joined(no_hours(unsure, awaited), remedy)
    if found.until is None:
        known = _WAITS_FOR_EVENT.get(found.why)
        return str(known) if known else f"{message_words.WAITING[found.why]}."
    goes = t("This will go {when}.").format(when=clocks.when(found.until))
    if found.why is WaitingFor.SCHEDULE:
        return t("This will go {when}, as chosen.").format(when=clocks.when(found.until))
    if found.why is WaitingFor.QUIET_HOURS:
        chosen = not_before is not None and not_before > clocks.now
        because = t("The chosen time is outside their hours.") if chosen else f"{clocks.it_is(clocks.now)}."
        return joined(because, goes)
    return joined(_BECAUSE.get(found.why) or f"{message_words.WAITING[found.why]}.", goes)


def shut(purpose: Purpose) -> Said:
    """Words for a text held by hours that never open; an offer cannot be called urgent."""
    why = CHANGE_HOURS if purpose is Purpose.MARKETING else joined(CHANGE_HOURS, OR_HURRY)
    return Said(SHUT, Tone.WAITING, why)


def no_hours(unsure: bool, awaited: Awaited) -> str:
    """Why nobody can tell when the hours of a text begin; arguments as for `decision`."""
    if awaited.regions:
        return f"{message_words.no_holidays(awaited.regions)}."
    return t("We do not know what time it is for them.") if unsure else NEVER_OPENS


def _goes(note: str, clocks: Clocks, they_wrote_at: datetime | None) -> str:
    if note == "live":
        wrote = clocks.ago(they_wrote_at) if they_wrote_at else t("a moment ago")
        return t("This goes now: they wrote {ago}.").format(ago=wrote)
    if note == "urgent":
        words = t("{clock}. This goes now all the same, because it was called urgent.")
        return words.format(clock=clocks.it_is(clocks.now))
    return str(_GOES.get(note, _GOES[""]))


_GOES: Mapping[str, str] = {
    "begun": t("The rest goes now: part of it has gone already."),
    "answer": t("This goes now: it answers what they just did."),
    "": t("This goes now."),
}
"""Why a text goes at once, by the note of the decision."""


_BECAUSE: Mapping[WaitingFor, str] = {
    WaitingFor.CAP: t("They have had all the automatic texts they may get for now."),
    WaitingFor.RATE: t("The line is at its sending limit for the moment."),
    WaitingFor.BUDGET: t("This line has sent as many texts as it may in a day."),
    WaitingFor.RETRY: t("We tried to send it and it did not go. Nothing is lost."),
    WaitingFor.LINE: t("The line could not take it just now."),
}

_WAITS_FOR_EVENT: Mapping[WaitingFor, str] = {
    WaitingFor.QUIET_HOURS: t(
        "We do not know what time it is for them, so this waits. Set their time zone, and it will go in the "
        "daytime there."
    ),
    WaitingFor.CLOCK: t(
        "The clock of this box may be wrong. This waits until it is right; only answers to what somebody "
        "just wrote go out."
    ),
    WaitingFor.APPROVAL: backup_words.HELD_MEANWHILE,
    WaitingFor.LINE: t("The line is paused. This waits until somebody resumes it."),
    WaitingFor.RETRY: t("We tried to send it and it did not go. It will be tried again."),
}


def logged(verdict: str, why: str, until: datetime | None, clocks: Clocks) -> str:
    """A line of the log of decisions; `clocks` are as of the time it was decided."""
    if verdict == "waits":
        waits = WaitingFor(why)
        held = _HELD_BY.get(waits) or as_clause(message_words.WAITING[waits])
        if until is None:
            return t("Held: {why}.").format(why=held)
        return t("Held: {why}, until {when}.").format(why=held, when=clocks.when(until))
    if verdict == "refused":
        return joined(t("Not sent."), reason_words.reason(why))
    if why == "urgent":
        words = t("{clock}. Allowed all the same: it was called urgent.")
        return words.format(clock=clocks.it_is(clocks.now))
    return str(t("Allowed at once: they had just written.") if why == "live" else t("Allowed."))


_HELD_BY: Mapping[WaitingFor, str] = {
    WaitingFor.SCHEDULE: t("its time was chosen"),
    WaitingFor.QUIET_HOURS: t("outside their hours"),
    WaitingFor.CAP: t("they had had enough automatic texts"),
    WaitingFor.CLOCK: t("the clock of this box was not trusted"),
    WaitingFor.APPROVAL: t("a backup was restored, and no admin had looked yet"),
    WaitingFor.LINE: t("its line did not work"),
    WaitingFor.RETRY: t("it was tried and did not go"),
    WaitingFor.RATE: t("the line was at its sending limit"),
    WaitingFor.BUDGET: t("its line had sent as many texts as it may in a day"),
}


def little_time(left: timedelta) -> str:
    """The warning that a text leaves its reader little time: `left`, from its going to its being useless."""
    minutes = max(int(left.total_seconds()) // 60, 0)
    if minutes < 1:
        return str(t("That leaves them no time to read it before it is too late."))
    if minutes < 60:
        return tn(
            "That leaves them {count} minute to read it before it is too late.",
            "That leaves them {count} minutes to read it before it is too late.",
            minutes,
        )
    words = t("That leaves them {length} to read it before it is too late.")
    return words.format(length=hours_long(minutes))
