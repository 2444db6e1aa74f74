"""Wordings of alarms: what happened, what we do, what you can do, and each as a text of one part.

NAME in a command stands for the line's name, as in `line_words`; words in braces are the alarm's detail. What
is texted is English, as all that goes out by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.domain import backup_words, clock_words, import_words
from gateway.domain.alarms import Kind
from gateway.domain.alphabet import check_text
from gateway.domain.language import dated, retold, t, tn
from gateway.domain.line_words import for_line, line_alone, line_of
from gateway.domain.message import State
from gateway.domain.message_words import STATES
from gateway.domain.phrases import as_clause
from gateway.domain.segments import segment


@dataclass(frozen=True, slots=True)
class AlarmWording:
    """What is said of an alarm. `happened`, `doing` and `you_can` are whole sentences, `over` is said when it
    ended, `text` is what is texted to staff and fits one text."""

    happened: str
    doing: str
    you_can: str
    over: str
    text: str


ALARMS: dict[Kind, AlarmWording] = {
    Kind.LINE_DOWN: AlarmWording(
        t("Line {line} has not worked for {minutes} minutes: {how}."),
        "{doing}",
        "{remedy}",
        t("Line {line} works again."),
        "Line {line} has not worked for {minutes} minutes: {how}. Its page in the panel says what to do.",
    ),
    Kind.BALANCE: AlarmWording(
        t("Balance? The network refuses every text of line {line}{code}. Often the SIM is out of credit."),
        t("One text is tried now and then, at least every 15 minutes. The others wait; none is lost."),
        t(
            "Ask for its balance on the line's page, or: sms-gateway ussd NAME CODE. Top the SIM up. If "
            "there is credit, ask the operator whether the SIM is active and may send texts."
        ),
        t("The network takes the texts of line {line} again."),
        "Balance? The network refuses every text of line {line}. Top up its SIM or ask the operator.",
    ),
    Kind.SIM_FULL: AlarmWording(
        t("{used} of {total} places for texts are taken in the SIM or the modem of line {line}."),
        t("What was read is deleted by itself. When all places are taken, the network keeps new texts back."),
        t("If this stays for a day, put the SIM in a phone and delete texts there."),
        t("Line {line} has room for texts again."),
        "Line {line}: {used} of {total} places for texts are taken. When all are, nothing more comes in.",
    ),
    Kind.QUEUE: AlarmWording(
        t("A text on line {line} should have gone {minutes} minutes ago; {texts} wait to go now."),
        t("They go one after the other, those to people who wrote last first."),
        t(
            "See whether the line sends at all (its page, Test text). If there is simply too much to send, "
            "raise its "
            "limits or add a line."
        ),
        t("The queue of line {line} is short again."),
        "Line {line}: a text should have gone {minutes} minutes ago, {texts} wait.",
    ),
    Kind.UNCLEAR: AlarmWording(
        t("On line {line} it is unclear whether {texts} went; one for {minutes} minutes."),
        t("We wait for a delivery report and never send a text twice by ourselves."),
        t("Open the conversations marked unclear and decide: Mark as sent, or Send again."),
        t("No text of line {line} is unclear any more."),
        "Line {line}: it is unclear whether {texts} went. Please decide in the panel.",
    ),
    Kind.DELIVERY: AlarmWording(
        t(
            "Fewer texts of line {line} arrive than usual: {now_percent} of 100 in the last day, "
            "{usual_percent} of "
            "100 in the week before."
        ),
        t("Texts go out as before."),
        t(
            "See in the conversations whom they do not reach. If it is people of one operator, ask yours; if "
            "it is "
            "everybody, the SIM may be barred or taken for a sender of spam."
        ),
        t("The texts of line {line} arrive as usual again."),
        "Line {line}: only {now_percent} of 100 texts arrive, usually {usual_percent}. Ask the operator.",
    ),
    Kind.SILENCE: AlarmWording(
        t("No text has come in by line {line} for {hours} hours, which is unusual at this time."),
        t("We look on the modem every minute whether a text lies there."),
        t(
            "Send a text to the line from your own phone. If it does not appear, restart the line on its "
            "page; if "
            "that does not help, ask the operator."
        ),
        t("Texts come in by line {line} again."),
        "Line {line}: no text came in for {hours} hours, which is unusual. Send it one from your phone.",
    ),
    Kind.NOTICES: AlarmWording(
        t("The modem of line {line} stopped announcing texts, {times} in the last 24 hours."),
        t("It was made to announce them again, and we look every minute for what it did not announce."),
        t("Nothing is lost. If this comes every day, use a hub with its own power, or another modem."),
        t("The modem of line {line} has announced its texts for a day."),
        "Line {line}: the modem stopped announcing texts; it was repaired. Nothing is lost.",
    ),
    Kind.BACKUP: AlarmWording(
        t("There is no verified backup of the last {hours} hours."),
        t(
            "A backup is tried again every night. Until one is good, a dead disk loses what came since the "
            "last."
        ),
        t(
            "Make one now: sms-gateway backup. If none is set up, choose where it goes: sms-gateway backup "
            "--help."
        ),
        t("There is a fresh, verified backup."),
        "No verified backup for {hours} hours. Please look at the backups in the panel.",
    ),
    Kind.LIST: AlarmWording(
        t("The list {list} was not brought in."),
        t("Nothing of it was changed. The folder is looked into again, less and less often."),
        t(
            "Put a good file there. If it is right as it is, bring it in with: sms-gateway import folder "
            "run {list} --anyway"
        ),
        t("The list {list} is brought in again."),
        "The list {list} could not be brought in. Please look at the alarms in the panel.",
    ),
    Kind.DISK: AlarmWording(
        t("The disk is nearly full: {percent} of 100 are free ({free})."),
        t("Texts are kept as long as there is room. On a full disk new ones are refused; none is lost."),
        t("Remove what is not needed from the disk with {folder}, or move the data to a larger one."),
        t("There is room on the disk again."),
        "The disk of the text gateway is nearly full: {percent} of 100 free. Make room.",
    ),
    Kind.RESERVE: AlarmWording(
        t("The disk was full: the reserve of 16 MiB was used up."),
        t("Texts on their way are still recorded. The reserve is laid again as soon as there is room."),
        t("Make room on the disk with {folder} now: the next time nothing is in reserve."),
        t("The reserve on the disk is there again."),
        "The disk of the text gateway is full. Make room now, or texts can no longer be kept.",
    ),
    Kind.CLOCK: AlarmWording(
        "{why}",
        t("Answers to what somebody just wrote go out; all other texts wait, and nothing expires."),
        t(
            "Set the clock, best by a time service: sudo timedatectl set-ntp true. If the time shown is "
            "right, say so "
            "on the panel or with: sms-gateway clock confirm"
        ),
        t("The clock is trusted again."),
        "The clock of the text gateway may be wrong: most texts wait. Please look at the panel.",
    ),
    Kind.CERTIFICATE: AlarmWording(
        "{ends}",
        t("The panel stays open. From that day on browsers warn everybody who opens it."),
        t(
            "Renew it: sms-gateway tls renew. If that makes one of the same end, the authority itself "
            "ends: make another with sms-gateway tls init --anew. If somebody else issued it, ask them for "
            "a new one."
        ),
        t("The panel's certificate is good for longer again."),
        "The certificate of the text panel ends in {days} days. Renew it.",
    ),
    Kind.SIGN_INS: AlarmWording(
        t("{tries} sign-ins failed within 15 minutes."),
        t("After three failures an address waits longer and longer between two tries."),
        t("If nobody here forgot a password, find the machine with that address and what runs on it."),
        t("No more sign-ins fail."),
        "{tries} sign-ins to the text panel failed within 15 minutes. Do you know why?",
    ),
    Kind.RESTARTS: AlarmWording(
        t("The program started again by itself {times} within an hour."),
        t("Nothing that was accepted is lost. Texts whose outcome is not known are marked unclear."),
        t(
            "See why: sudo journalctl -u sms-gateway -e. Send what stands there with the output of sudo "
            "sms-gateway doctor to whoever looks after this box."
        ),
        t("The program runs steadily again."),
        "The text gateway restarted {times} within an hour. Somebody has to look at it.",
    ),
    Kind.TEST: AlarmWording(
        t("This is a test, asked for by {who}."),
        t("Nothing is wrong."),
        t("If you can read this, alarms reach you this way."),
        t("The test is over."),
        "A test alarm of the text gateway, asked for by {who}. Nothing is wrong.",
    ),
}

TITLE_TEST = t("Test alarm")
BY_TEXT, BY_WEBHOOK = t("text to {number}"), t("webhook")
NO_LINE = t("no other line works")
NOT_SENT = t("line {line} could not send it, and no other line works")
NOT_YET = t("it was not tried yet")
COMING = t(
    "No alarm yet: line {line} has not worked since {since}. It becomes an alarm after {minutes} minutes."
)
TOO_MANY = t("the day's texts for alarms were used up")
OVER_BEFORE = t("it was over before it could be told")
NO_ADDRESS = t("no address is set any more")
GONE = t("that address takes no more notices (410)")
NO_WAYS = (
    "Alarms are shown on the panel only. Give numbers to text (alarms.numbers) or an address to call "
    "(alarms.webhook), so that they reach you elsewhere."
)
"""On the command line."""
NO_WAYS_YET = t(
    "Alarms are shown on the panel only. So that they reach you elsewhere, give numbers to text or an "
    "address to call."
)
"""On the page, above the fields for both."""
LAPSED = t("Nothing has been known of it for a day, so it is shown no more")
NOT_RUNNING = "The program is not running; the test is told when it runs. Start it with: sms-gateway run"
_LONGEST_SUBJECT = 24


def happened(kind: Kind, detail: Mapping[str, Any]) -> str:
    """What happened, as a sentence."""
    return _filled(_MORE_KNOWN.get(kind, _nothing_more)(detail) or ALARMS[kind].happened, detail)


def _nothing_more(detail: Mapping[str, Any]) -> str:
    return ""


def _certificate(detail: Mapping[str, Any]) -> str:
    """Of one noted by an earlier version only the sentence is known."""
    if "ends_on" not in detail:
        return ""
    day = dated(date.fromisoformat(detail["ends_on"]), t("d MMMM y"))
    if detail["ended"]:
        return t("The panel's certificate ended on {date}.").format(date=day)
    return tn(
        "The panel's certificate ends in {count} day, on {date}.",
        "The panel's certificate ends in {count} days, on {date}.",
        max(detail["days"], 1),
        date=day,
    )


_MORE_KNOWN: dict[Kind, Callable[[Mapping[str, Any]], str]] = {
    Kind.BACKUP: lambda detail: (
        t("There is no verified backup of the last {hours} hours; the last one failed: {failure}")
        if detail.get("failure")
        else ""
    ),
    Kind.SIGN_INS: lambda detail: (
        t("{tries} sign-ins failed within 15 minutes, most of them from {address}.")
        if detail.get("address")
        else ""
    ),
    Kind.CERTIFICATE: _certificate,
    Kind.LIST: lambda detail: t("The list {list} was not brought in: {why}.").format(
        list=detail.get("list", ""), why=import_words.list_problem(str(detail.get("why")))
    ),
    Kind.CLOCK: lambda detail: clock_words.in_doubt(detail.get("doubt")),
}
"""What is said instead where more is known of it; empty where it is not."""


def doing(kind: Kind, detail: Mapping[str, Any]) -> str:
    """What we do about it."""
    return _filled(ALARMS[kind].doing, detail)


def you_can(kind: Kind, detail: Mapping[str, Any]) -> str:
    """What somebody can do about it, with the line's own name in its commands."""
    return for_line(_filled(ALARMS[kind].you_can, detail), str(detail.get("line", "")))


def over(kind: Kind, detail: Mapping[str, Any]) -> str:
    """What is said when it ended, or when nothing was known of it for too long."""
    return f"{LAPSED}." if detail.get("lapsed") else _filled(ALARMS[kind].over, detail)


def as_text(kind: Kind, what: str, detail: Mapping[str, Any]) -> str:
    """The alarm as one text of one part; `what` is raised, reminder, ended or test."""
    short = {**detail, "line": str(detail.get("line", ""))[:_LONGEST_SUBJECT]}
    happened = _filled(ALARMS[kind].text, short)
    if what == "ended":
        return _one_part(f"{LAPSED}: {happened}" if detail.get("lapsed") else over(kind, short))
    return _one_part(f"Still: {happened}" if what == "reminder" else happened)


def _filled(sentence: str, detail: Mapping[str, Any]) -> str:
    return str(sentence).format_map(_Known(_in_words(detail)))


def _in_words(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A detail with its counts and its line's state in words; earlier versions noted words."""
    known = dict(detail)
    if isinstance(known.get("texts"), int):
        known["texts"] = tn("{count} text", "{count} texts", known["texts"])
    if isinstance(known.get("times"), int):
        known["times"] = tn("{count} time", "{count} times", known["times"])
    if "state" in known:
        facts = known.get("facts", {})
        said = line_of(str(known["line"]), known["port"], known["state"], facts)
        how = line_alone(known["state"], facts)
        known |= {"how": how, "doing": str(said.doing), "remedy": str(said.you_can)}
    if "failure" in known:
        known["failure"] = backup_words.why_failed(str(known["failure"]))
    return known


class _Known(dict[str, Any]):
    """A detail that an older version did not note is left out."""

    def __missing__(self, name: str) -> str:
        return ""


def _one_part(text: str) -> str:
    """As much of a text as fits one part: names may be in another alphabet, which takes more room."""
    check_text(text)
    while len(segment(text).texts) > 1:
        text = text[:-1]
    return text


_TOLD: dict[str, str] = {
    "raised": t("Told by {way}"),
    "reminder": t("Told again by {way}"),
    "ended": t("Told of its end by {way}"),
    "test": t("Told by {way}"),
}
_NOT_TOLD: dict[str, str] = {
    "raised": t("Not told by {way}: {problem}"),
    "reminder": t("Not told again by {way}: {problem}"),
    "ended": t("Not told of its end by {way}: {problem}"),
    "test": t("Not told by {way}: {problem}"),
}
_TEXTED: dict[str, str] = {
    "raised": t("Text to {number} by line {line}: {state}"),
    "reminder": t("Text again to {number} by line {line}: {state}"),
    "ended": t("Text of its end to {number} by line {line}: {state}"),
    "test": t("Text to {number} by line {line}: {state}"),
}
_PROBLEMS = (NO_LINE, NOT_SENT, NOT_YET, TOO_MANY, OVER_BEFORE, NO_ADDRESS, GONE)


def told(way: str, what: str, problem: str | None) -> str:
    """What became of telling it one way, without its full stop: "Told by webhook", "Not told by text to
    +1 202 ...: no other line works". `problem` as it was stored, in English."""
    if problem:
        return _NOT_TOLD[what].format(way=way, problem=retold(problem, _PROBLEMS))
    return _TOLD[what].format(way=way)


def texted(number: str, what: str, line: str, state: State) -> str:
    """What became of a text that a line took: "Text of its end to +1 202 ... by line back: delivered"."""
    return _TEXTED[what].format(number=number, line=line, state=as_clause(STATES[state][0]))


def in_banner(happened: str, others: int) -> str:
    """What stands on every page while alarms are open that nobody has seen."""
    if not others:
        return happened
    return tn(
        "{happened} And {count} more alarm.", "{happened} And {count} more alarms.", others, happened=happened
    )
