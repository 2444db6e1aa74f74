"""Settings an office can change while the program runs, each described once.

The command line, the docs and the tests are made from this table. What the program needs before it can
open its database is in `gateway.config` instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.domain import backups, hours, phone, presets, zones
from gateway.domain.hint_lists import ANGRY
from gateway.domain.hints import words_of
from gateway.domain.language import t
from gateway.domain.message import Purpose

REQUIRED, OFFERED = "required", "offered"
"""What the second factor is for admins."""


class BadValue(ValueError):
    """A setting's value cannot be used; the text says what it must be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `parse` turns what was typed into the value, or raises `BadValue`; `told` says the value
    in the language spoken, as it may be typed there."""

    name: str
    default: str
    meaning: str
    parse: Callable[[str], str]
    told: Callable[[str], str] = str


def _text(most: int) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        value = " ".join(typed.split())
        if not 0 < len(value) <= most:
            raise BadValue(t("it must have 1 to {most} characters").format(most=most))
        return value

    return parse


_NOT_HELD = t("it must not hold {unknown}: only {known} can be filled in")


def _answer(*known: str, may_be_empty: bool = False) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        if may_be_empty and not typed.strip():
            return ""
        value = _text(160)(typed)
        unknown = [name for name in re.findall(r"\{[^}]*\}?", value) if name not in known]
        if unknown:
            raise BadValue(_NOT_HELD.format(unknown=unknown[0], known=str(t(" and ")).join(known)))
        return value

    return parse


def _country(typed: str) -> str:
    try:
        return phone.region(typed) if typed.strip() else ""
    except phone.UnknownRegion as error:
        raise BadValue(
            t("it must be a country’s two letters, or empty. {remedy}").format(remedy=error.remedy)
        ) from None


def _zone(typed: str) -> str:
    try:
        return zones.named(typed)
    except zones.UnknownZone as error:
        raise BadValue(t("it must be a time zone. {remedy}").format(remedy=error.remedy)) from None


def _second_factor(typed: str) -> str:
    value = typed.strip().lower()
    if value not in (REQUIRED, OFFERED):
        raise BadValue(t("it must be required or offered"))
    return value


def _language(typed: str) -> str:
    value = typed.strip().lower()
    if value not in ("", "en", "fr"):
        raise BadValue(t("it must be en, fr or empty"))
    return value


def _hours(typed: str) -> str:
    try:
        return str(hours.parse(typed))
    except hours.BadHours as error:
        raise BadValue(t("it must be the hours of a week; {trouble}").format(trouble=error)) from None


def _hours_told(value: str) -> str:
    return hours.parse(value).told()


def _days(typed: str) -> str:
    try:
        return hours.days_written(hours.parse_days(typed))
    except hours.BadHours as error:
        raise BadValue(t("it must be days, or empty; {trouble}").format(trouble=error)) from None


def _presets(typed: str) -> str:
    try:
        return ", ".join(presets.codes(typed))
    except presets.UnknownPreset as error:
        raise BadValue(
            t("it must be codes of presets with commas between them; {trouble}").format(trouble=error)
        ) from None


def _regions(typed: str) -> str:
    found = typed.upper().replace(",", " ").split()
    if not all(re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", region) for region in found):
        raise BadValue(t("it must be countries or their regions, such as GB-ENG, US-FL, or empty"))
    for region in found:
        try:
            phone.region(region.partition("-")[0])
        except phone.UnknownRegion as error:
            raise BadValue(
                t("it must be countries or their regions, or empty. {remedy}").format(remedy=error.remedy)
            ) from None
    return ", ".join(dict.fromkeys(found))


def _folder(typed: str) -> str:
    value = typed.strip()
    if value and (not value.startswith("/") or not value.isprintable() or len(value) > 300):
        raise BadValue(t("it must be a folder's whole path, such as /media/backup, or empty"))
    return value.rstrip("/") if value != "/" else value


def _recipient(typed: str) -> str:
    try:
        return str(backups.Recipient.parse(typed)) if typed.strip() else ""
    except backups.BadKey as error:
        raise BadValue(str(error)) from None


def _from_one(most: int) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        value = _whole(most)(typed)
        if value == "0":
            raise BadValue(t("it must be a whole number from {fewest} to {most}").format(fewest=1, most=most))
        return value

    return parse


def _whole(most: int) -> Callable[[str], str]:
    def parse(typed: str) -> str:
        value = typed.strip()
        if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) > most:
            raise BadValue(t("it must be a whole number from {fewest} to {most}").format(fewest=0, most=most))
        return str(int(value))

    return parse


def _switch(typed: str) -> str:
    value = typed.strip().lower()
    if value not in ("on", "off"):
        raise BadValue(t("it must be on or off"))
    return value


def _words(typed: str) -> str:
    value = ", ".join(words_of(typed))
    if len(value) > 2000 or not value.isprintable():
        raise BadValue("it must be words with commas between them, 2000 characters at most")
    return value


def _numbers(typed: str) -> str:
    found = []
    for one in filter(None, (part.strip() for part in typed.split(","))):
        try:
            number = phone.parse(one, None)
        except phone.NotANumber as error:
            raise BadValue(
                t("it must be numbers like +12025550123 with commas between them; {trouble}").format(
                    trouble=error
                )
            ) from None
        if number.kind is not phone.Kind.E164:
            raise BadValue(t("it must be numbers like +12025550123; {one} is none").format(one=one))
        found.append(number.text)
    return ", ".join(dict.fromkeys(found))


def _address(typed: str) -> str:
    value = typed.strip()
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = None
    if not usable or "@" in parts.netloc or not re.fullmatch(r"[!-~]{1,300}", value):
        raise BadValue(
            t("it must be an address like https://office.example/alarms, without a user name, or empty")
        )
    return value


FEWEST_DAYS_KEPT = 30
"""Nothing goes by rule before: until then reports, late results and repeats may still speak of it."""


def _days_kept(typed: str) -> str:
    value = _whole(36500)(typed)
    if 0 < int(value) < FEWEST_DAYS_KEPT:
        raise BadValue(t("it must be 0 (for ever), or at least {fewest}").format(fewest=FEWEST_DAYS_KEPT))
    return value


_KINDS_KEPT = {
    "received": "texts that were received",
    Purpose.CONVERSATIONAL: "replies and other texts that people wrote",
    Purpose.TRANSACTIONAL: "reminders, invoices and the like",
    Purpose.FEEDBACK: "questions about how it was",
    Purpose.MARKETING: "offers and news",
    Purpose.AUTO: "automatic answers",
    Purpose.COMPLIANCE: "confirmations of STOP and START",
    Purpose.INTERNAL: "test texts",
    "calls": "missed calls",
}
KEPT_DAYS: dict[str, str] = {str(kind): f"retention.{kind}" for kind in _KINDS_KEPT}
"""The setting that says for how many days each kind is kept."""

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "office.name",
            "Our office",
            t("Name of the office, shown on the panel and in answers."),
            _text(60),
        ),
        Setting(
            "office.country",
            "",
            t("Country whose national way of writing numbers is understood (two letters). Empty: only +..."),
            _country,
        ),
        Setting("office.zone", "UTC", t("Time zone of the office; every time on the panel is in it."), _zone),
        Setting(
            "office.language",
            "",
            t(
                "Language of the panel for whoever chose none of their own: en, fr. Empty: as each browser "
                "asks."
            ),
            _language,
        ),
        Setting(
            "office.second_factor",
            REQUIRED,
            t(
                "The second factor of admins: required (the panel asks them to set it up before anything "
                "else) or offered."
            ),
            _second_factor,
        ),
        Setting(
            "consent.stop_answer",
            "You will get no more texts from {office}. Text START to get them again.",
            t("The one confirmation sent after STOP. {office} stands for the name."),
            _answer("{office}"),
        ),
        Setting(
            "consent.start_answer",
            "Welcome back to {office}. Text STOP at any time to end these texts.",
            t("The confirmation sent after START ended a STOP."),
            _answer("{office}"),
        ),
        Setting(
            "answers.after_hours",
            "",
            t(
                "Answer to customers who write while the office is closed. {office} stands for the name, "
                "{opens} for when it opens next. It is kept for later: this version sends no automatic "
                "answers. Empty: none."
            ),
            _answer("{office}", "{opens}", may_be_empty=True),
        ),
        Setting(
            "hours.conversational",
            "daily 08:00-20:00",
            t(
                "When replies and other texts that people write may reach a phone, in the recipient's time. "
                "What is written outside these hours waits; an answer in a live conversation does not."
            ),
            _hours,
            _hours_told,
        ),
        Setting(
            "hours.transactional",
            "daily 08:00-21:00",
            t("When reminders, invoices and the like may reach a phone, in the recipient's time."),
            _hours,
            _hours_told,
        ),
        Setting(
            "hours.feedback",
            "daily 08:00-21:00",
            t("When questions about how it was may reach a phone, in the recipient's time."),
            _hours,
            _hours_told,
        ),
        Setting(
            "hours.marketing",
            "Mon-Fri 10:00-18:00; Sat 10:00-17:00; holidays none",
            t("When offers and news may reach a phone, in the recipient's time."),
            _hours,
            _hours_told,
        ),
        Setting(
            "hours.presets",
            "",
            t(
                "Presets of places that narrow the hours of marketing further, such as us-fl, fr; all of "
                "them have to be open. See docs/hours.md. Empty: none."
            ),
            _presets,
        ),
        Setting(
            "hours.live_minutes",
            "120",
            t(
                "For how many minutes after a customer's text a person's reply goes out at any hour (0 to "
                "1440; 0: never)."
            ),
            _whole(1440),
        ),
        Setting(
            "hours.office",
            "Mon-Fri 09:00-17:00; holidays none",
            t('When the office is open, in its own zone: what "when we open" means.'),
            _hours,
            _hours_told,
        ),
        Setting(
            "hours.closed",
            "",
            t("Days on which the office is closed besides, such as 2026-12-24..2027-01-02, 2027-05-14."),
            _days,
        ),
        Setting(
            "hours.holidays",
            "",
            t(
                "Countries and regions whose public holidays are ours, such as GB-ENG, US-FL; for customers "
                "those of their own country count as well. Empty: those of the office's country."
            ),
            _regions,
        ),
        Setting(
            "limits.contact_day",
            "3",
            t("How many automated texts one customer gets within 24 hours at most (0: no limit)."),
            _whole(1000),
        ),
        Setting(
            "limits.contact_marketing_day",
            "1",
            t("How many marketing texts one customer gets within 24 hours at most (0: no limit)."),
            _whole(1000),
        ),
        Setting(
            "limits.contact_marketing_month",
            "4",
            t("How many marketing texts one customer gets within 30 days at most (0: no limit)."),
            _whole(1000),
        ),
        Setting(
            "inbox.target_minutes",
            "60",
            t(
                "Within how many minutes of the office's hours customers are to be answered (1 to 10080): "
                "from half of it on the inbox says soon late, after it late."
            ),
            _from_one(10080),
        ),
        Setting(
            "inbox.assign_first_reply",
            "on",
            t(
                "Whether a conversation that is nobody's becomes that of the first person who writes in it "
                "(on, off)."
            ),
            _switch,
        ),
        Setting(
            "inbox.round_robin",
            "off",
            t(
                "Whether a conversation that is nobody's is given to the people marked as available in "
                "turn, when a customer writes (on, off)."
            ),
            _switch,
        ),
        Setting(
            "inbox.close_idle_days",
            "14",
            t(
                "After how many days without a text a conversation is closed in which we wrote last (0: "
                "never)."
            ),
            _whole(3650),
        ),
        Setting(
            "writing.parts_replies",
            "2",
            t(
                "Of how many texts a reply may be made before its writer is advised to shorten it (1 to "
                "255). It is never refused for that."
            ),
            _from_one(255),
        ),
        Setting(
            "writing.hints",
            "on",
            t(
                "Whether people who write are told of words that may read oddly: chat language, emoji, "
                "capitals, irony (on, off). Each may turn it off for themselves."
            ),
            _switch,
        ),
        Setting(
            "writing.angry_words",
            ANGRY,
            t(
                "Words by which a customer's text reads as angry, with commas between them: a call or a "
                "manager is suggested then. Empty: none."
            ),
            _words,
        ),
        *(
            Setting(
                KEPT_DAYS[str(kind)],
                "0",
                f"After how many days {told} are removed for good (0: never; else at least "
                f"{FEWEST_DAYS_KEPT}). See docs/privacy.md.",
                _days_kept,
            )
            for kind, told in _KINDS_KEPT.items()
        ),
        Setting(
            "backup.folder",
            "",
            t(
                "Folder that nightly backups are written to, such as that of a USB stick. "
                "Empty, or while backups are not sealed: backups in the data folder."
            ),
            _folder,
        ),
        Setting(
            "backup.recipient",
            "",
            t(
                "Public key that backups are sealed for, as sms-gateway backup seal sets it. It is no "
                "secret. Empty: backups are not sealed and stay on this box."
            ),
            _recipient,
        ),
        Setting(
            "backup.keep_days",
            "14",
            t("For how many days the last nightly backup of each day is kept (1 to 365)."),
            _from_one(365),
        ),
        Setting(
            "backup.keep_weeks",
            "5",
            t("For how many weeks the last nightly backup of each week is kept (0 to 520)."),
            _whole(520),
        ),
        Setting(
            "alarms.numbers",
            "",
            t(
                "Phone numbers of the staff that serious alarms are texted to, with commas between them, "
                "such as +12025550123. A text about a line goes out on another one. Empty: none."
            ),
            _numbers,
        ),
        Setting(
            "alarms.texts_a_day",
            "10",
            t("How many texts alarms may cost within 24 hours at most (0 to 100; 0: none)."),
            _whole(100),
        ),
        Setting(
            "alarms.webhook",
            "",
            t(
                "Address that is called with every alarm, such as https://office.example/alarms. Empty: "
                "none. See docs/alarms.md."
            ),
            _address,
        ),
    )
}
