"""What a person at the keyboard is told about when a text goes, and what they can do about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands import contacts, explain, schedule, texts
from gateway.desk import settings as desk_settings
from gateway.domain.line import Accepted, LineState, LineStatus
from gateway.domain.message import Purpose
from tests.office import ANNA, CARA, Office

NIGHT = datetime(2026, 3, 3, 3, 10, tzinfo=UTC)  # Monday 22:10 in New York, Tuesday 04:10 in Madrid


@pytest.fixture(autouse=True)
def at_night(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """An office in Madrid whose line works, when its customers in New York go to bed."""
    for command in (contacts, explain, schedule, texts):
        monkeypatch.setattr(command, "now", office.clock)
    office.clock.now = NIGHT
    put(office, "office.zone", "Europe/Madrid")
    office.hear(LineState(LineStatus.UP, "ready"))


def put(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: desk_settings.change(tx, name, value, "command:test", office.clock()))


def run(office: Office, *arguments: str) -> Result:
    folder = str(office.path.parent)
    return CliRunner().invoke(main, arguments, env={"SMS_GATEWAY_DATA_DIR": folder})


def must(office: Office, *arguments: str) -> str:
    done = run(office, *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def only_id(office: Office) -> str:
    (row,) = office.messages(direction="outbound")
    return str(row.public_id)


# --- send and preview --------------------------------------------------------------------------------

SAID = {
    "at night": (
        ("--purpose", "conversational"),
        "It is 22:10 for them. This will go Tuesday at 08:00 their time (14:00 here).",
    ),
    "at a time": (
        ("--at", "2026-03-04 15:00"),
        "This will go Wednesday at 09:00 their time (15:00 here), as chosen.",
    ),
    "at a time in a zone": (
        ("--at", "2026-03-04 15:00", "--zone", "Europe/London"),
        "This will go Wednesday at 10:00 their time (16:00 here), as chosen.",
    ),
    "at a time of theirs": (
        ("--at", "2026-03-04T15:00", "--their-time"),
        "This will go Wednesday at 15:00 their time (21:00 here), as chosen.",
    ),
    "at a time when they sleep": (
        ("--at", "2026-03-04 03:00", "--their-time"),
        "The chosen time is outside their hours. This will go Wednesday at 08:00 their time (14:00 here).",
    ),
    "when they wake": (
        ("--when", "wake"),
        "This will go Tuesday at 08:00 their time (14:00 here), as chosen.",
    ),
    "when we open": (
        ("--when", "open", "--purpose", "conversational"),
        "The chosen time is outside their hours. This will go Tuesday at 08:00 their time (14:00 here).",
    ),
    "urgent": (
        ("--urgent", "the clinic is closed"),
        "It is 22:10 for them. This goes now all the same, because it was called urgent.",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_send_and_preview_say_when_it_goes_and_why(office: Office, case: str) -> None:
    options, said = SAID[case]
    shown = must(office, "preview", CARA, "hello", *options)
    assert shown == f"To {CARA} by front: 1 part, alphabet gsm7.\n{said}\n"
    assert office.messages() == [], "a preview sends nothing"
    sent = must(office, "send", CARA, "hello", *options)
    assert sent == f"{only_id(office)} queued for {CARA}. {said}\n"


def test_the_wishes_are_kept_with_the_text(office: Office) -> None:
    must(
        office,
        "send",
        CARA,
        "hello",
        "--when",
        "wake",
        "--cancel-if-answered",
        "--send-by",
        "2026-03-04 12:00",
    )
    (row,) = office.messages()
    assert (row.schedule, row.cancel_if_answered) == ("wake", True)
    assert row.send_by == datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


def test_little_time_to_read_it_is_pointed_out(office: Office) -> None:
    shown = run(office, "send", CARA, "hello", "--send-by", "2026-03-03 15:30")
    assert "That leaves them 1 h 30 to read it before it is too late." in shown.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--at", "2026-03-03 04:00"), "That time has passed"),
        (("--at", "2026-03-04 15:00", "--zone", "Mars"), "no time zone"),
        (("--at", "2026-03-04 15:00", "--zone", "berlin"), "Did you mean Europe/Berlin?"),
        (("--at", "2026-03-04 15:00", "--zone", " "), "--zone names none. Give one such as Europe/London"),
        (("--at", "2026-03-04 15:00", "--when", "wake"), "two ways to say it"),
        (("--their-time",), "go with --at TIME"),
        (("--at", "2026-03-04 15:00", "--their-time", "--zone", "Europe/London"), "two ways to say it"),
        (("--at", "tomorrow"), 'Write it like "2026-11-24 08:00"'),
        (("--at", "0001-01-01 00:00", "--zone", "Asia/Tokyo"), "the year 1 is out of reach"),
        (("--at", "9999-12-31 23:59", "--their-time"), "the year 9999 is out of reach"),
        (("--send-by", "tomorrow"), 'Write it like "2026-11-24 08:00"'),
        (("--send-by", "0001-01-01 00:00"), "the year 1 is out of reach"),
        (("--send-by", "2026-03-03 04:00"), "The time after which it is useless has passed already"),
        (("--urgent", "\udcff"), "not UTF-8"),
        (("--when", "later"), "'wake', 'open'"),
        (("--urgent", " "), "why it is urgent"),
        (("--urgent", "now", "--purpose", "marketing"), "never urgent"),
        (("--send-by", "2026-03-03 10:00"), "would never be sent"),
    ],
)
def test_what_cannot_be_is_refused_in_words(office: Office, options: tuple[str, ...], said: str) -> None:
    done = run(office, "send", CARA, "hello", *options)
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert not [inner for inner in ("send_by", "%", "IANA", "Traceback") if inner in done.stderr]
    assert office.messages() == []


def test_when_is_taken_in_capitals(office: Office) -> None:
    assert "Tuesday at 08:00 their time" in must(office, "preview", CARA, "hello", "--when", "Wake")


def test_json_is_the_apis_own(office: Office) -> None:
    shown = json.loads(must(office, "preview", CARA, "hello", "--purpose", "conversational", "--json"))
    assert (shown["verdict"], shown["would_send_at"]) == ("wait", "2026-03-03T13:00:00.000000Z")
    sent = json.loads(must(office, "send", CARA, "hello", "--when", "wake", "--json"))
    assert sent["schedule"] == {"when": "wake", "at": "2026-03-03T08:00:00", "zone": "America/New_York"}


# --- schedule ----------------------------------------------------------------------------------------


def test_an_empty_schedule_says_so(office: Office) -> None:
    assert must(office, "schedule") == "Nothing waits.\n"


def test_what_goes_by_itself_is_listed(office: Office) -> None:
    must(office, "send", CARA, "later", "--at", "2026-03-04 15:00")
    must(office, "send", CARA, "in the morning", "--purpose", "conversational")
    later, morning = (row.public_id for row in office.messages())
    assert must(office, "schedule").splitlines() == [
        f"{morning} to {CARA}, Tuesday at 08:00 their time (14:00 here): waiting for their day to begin",
        f"{later} to {CARA}, Wednesday at 09:00 their time (15:00 here): as chosen",
    ]
    shown = json.loads(must(office, "schedule", "--json"))
    assert [(item["id"], item["waiting_for"]) for item in shown] == [
        (morning, "quiet_hours"),
        (later, "schedule"),
    ]


def test_hours_that_never_open_are_called_so(office: Office) -> None:
    must(office, "setting", "set", "hours.marketing", "Sun 08:00-09:00")
    must(office, "setting", "set", "hours.presets", "fr")  # which are never open on a Sunday
    office.know_holidays()
    must(office, "send", CARA, "our offer", "--purpose", "marketing")
    said = "no time known: waiting: the hours for this kind of text never open"
    assert must(office, "schedule") == f"{only_id(office)} to {CARA}, {said}\n"


def test_moved_hurried_and_canceled(office: Office) -> None:
    must(office, "send", CARA, "hello", "--at", "2026-03-06 15:00")
    it = only_id(office)
    moved = must(office, "schedule", "move", it, "--at", "2026-03-05 09:30", "--their-time")
    assert moved == f"{it}: This will go Thursday at 09:30 their time (15:30 here), as chosen.\n"
    hurried = must(office, "schedule", "now", it)
    assert hurried == f"{it}: It is 22:10 for them. This will go Tuesday at 08:00 their time (14:00 here).\n"
    urgent = must(office, "schedule", "now", it, "--urgent", "the road is closed")
    assert "because it was called urgent" in urgent
    assert must(office, "schedule", "cancel", it) == f"{it} is canceled.\n"
    again = run(office, "schedule", "cancel", it)
    assert (again.exit_code, "only a waiting text" in again.stderr) == (1, True)


def test_moving_needs_a_time_and_a_text(office: Office) -> None:
    assert '--at "2026-11-24 08:00" or --when wake' in run(office, "schedule", "move", "msg_1").stderr
    for command in (("schedule", "now"), ("schedule", "cancel"), ("explain",), ("explain", "--json")):
        assert "no text with the id 'msg_1'" in run(office, *command, "msg_1").stderr
        assert "no text with the id ''" in run(office, *command, "").stderr


@pytest.mark.parametrize("count", ["0", "501", "x", ""])
def test_how_many_is_a_number(office: Office, count: str) -> None:
    done = run(office, "schedule", "--limit", count)
    assert f"{count!r} is no whole number from 1 to 500" in done.stderr


# --- settings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("office.zone", "Berlin", "it must be a time zone. Did you mean Europe/Berlin?\n"),
        ("office.country", "UK", "or empty. Did you mean GB?\n"),
        ("hours.presets", "florida", "Did you mean 'us-fl'?\n"),
        ("hours.live_minutes", "-1", "'-1': it must be a whole number from 0 to 1440.\n"),
        ("hours.ofice", "x", "Did you mean 'hours.office'?\n"),
        ("backup.folder", "/nowhere", "choose another folder under More, Backups.\n"),
        ("backup.folder", "stick", "whole path, such as /media/backup, or empty.\n"),
        ("", "x", "There is no setting ''. sms-gateway setting list shows all there are.\n"),
        ("office.name", "\udcff", "not UTF-8). Type it again.\n"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_words(
    office: Office, name: str, value: str, said: str
) -> None:
    assert run(office, "setting", "set", name, value).stderr.endswith(said)


@pytest.mark.parametrize("words", [("get", "listen"), ("set", "listen", "0.0.0.0:8443")])
def test_a_setting_of_the_file_is_looked_for_there(office: Office, words: tuple[str, ...]) -> None:
    said = run(office, "setting", *words).stderr
    assert "listen stands in /etc/sms-gateway/config.toml (or in SMS_GATEWAY_LISTEN)" in said
    assert said.endswith("Change it there, then: sudo systemctl restart sms-gateway\n")


def test_a_line_too_is_told_which_zone_was_meant(office: Office) -> None:
    said = run(office, "line", "set", "front", "zone", "berlin").stderr
    assert said.endswith("it must be a time zone, or empty. Did you mean Europe/Berlin?\n")


# --- explain -----------------------------------------------------------------------------------------


def test_explain_names_each_rule_and_what_happened(office: Office) -> None:
    must(office, "send", CARA, "hello", "--purpose", "conversational")
    shown = must(office, "explain", only_id(office))
    assert "It is 22:10 for them. This will go Tuesday at 08:00 their time (14:00 here)." in shown
    for words in (
        "Consent: They did not ask us to stop.",
        "Hours: It is outside the hours for this kind of text.",
        "Where they are: New York",
        "Known from: their number",
        "Hours: daily 08:00-20:00",
        "Held: outside their hours, until Tuesday at 08:00 their time (14:00 here).",
    ):
        assert words in shown
    told = json.loads(must(office, "explain", only_id(office), "--json"))
    assert told["decision"]["verdict"] == "wait"
    assert [rule["rule"] for rule in told["rules"]] == [
        *(
            "consent",
            "number",
            "deadline",
            "schedule",
            "clock",
            "restored",
            "quiet_hours",
            "caps",
            "line",
            "rate",
        )
    ]


def test_explain_tells_the_past_of_what_is_over(office: Office) -> None:
    must(office, "send", CARA, "hello", "--at", "2026-03-04 15:00")
    must(office, "schedule", "now", only_id(office), "--urgent", "the road is closed")
    office.send_one(Accepted(1))
    shown = must(office, "explain", only_id(office))
    assert "What each rule says now" not in shown
    for words in ("Written by ", "called it urgent.", "changed when it goes.", "The network took it."):
        assert words in shown


def test_explain_says_of_one_that_came_in_that_it_came_in(office: Office) -> None:
    office.text_from(ANNA, "Hello")
    (row,) = office.messages()
    assert must(office, "explain", row.public_id) == f"{row.public_id} from {ANNA} on front: Received.\n"


# --- contact -----------------------------------------------------------------------------------------


def test_a_contact_is_set_and_shown(office: Office) -> None:
    message_id = office.accept(CARA, "hello", Purpose.CONVERSATIONAL)
    shown = must(office, "contact", "set", CARA, "--name", "Cara Diaz", "--zone", "America/Denver")
    assert shown == f"Cara Diaz, {CARA}\nZone: America/Denver (Denver)\nIt is 20:10 for them.\n"
    assert must(office, "contact", "show", CARA) == shown
    assert json.loads(must(office, "contact", "show", CARA, "--json"))["time_zone"] == "America/Denver"
    assert office.message(message_id).contact_public_id
    must(office, "contact", "set", CARA, "--zone", "")
    assert must(office, "contact", "show", CARA).splitlines()[1:] == [
        "Zone: as their number tells (New York)",
        "It is 22:10 for them.",
    ]


def test_a_contact_nobody_knows(office: Office) -> None:
    assert "Nobody with the number" in run(office, "contact", "show", CARA).stderr
    assert "such as --name" in run(office, "contact", "set", CARA).stderr


def test_a_contacts_zone_that_was_meant_is_asked(office: Office) -> None:
    assert "Did you mean Europe/Berlin?" in run(office, "contact", "set", CARA, "--zone", "berlin").stderr
