"""What the doctor looks at, what it may find, and what to do then: one table, in the order of what matters.

docs/doctor.md is made from it. What is said of a line's state stands in `line_words`, of ports in
`port_words`, of the clock in `clock_words`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain import clock_words


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that may be found. `is_` follows the subject's name; `do` is what a person has to do, empty
    where all is well. `unseen`: it could not be looked at, and `do` says how it can be."""

    is_: str
    do: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that is looked at: its name in the list, what is looked at in a sentence, its findings by
    their codes."""

    name: str
    looks_at: str
    findings: Mapping[str, Finding]


SERVICE = "sms-gateway.service"
_RESTORE = "Stop the program and restore the newest backup (sms-gateway restore --help)."
_SYSTEM_LOG = "Look for the disk's errors: sudo journalctl -k"
AS_ROOT = "To see it, run: sudo sms-gateway doctor"

SUBJECTS: dict[str, Subject] = {
    "settings": Subject(
        "settings",
        "Whether the program can start with its settings file and environment.",
        {
            "well": Finding("can be used"),
            "not_ours": Finding("{why}: nothing could be looked at", AS_ROOT),
            "wrong": Finding("the program cannot start with them. {why}", "{advice} Then start it again."),
        },
    ),
    "folder": Subject(
        "data folder",
        "The folder of everything that is kept: whether it is there, can be written, and is private.",
        {
            "well": Finding("{path}"),
            "missing": Finding(
                "{path} is not there yet",
                "It is made by the first command that stores something, such as: sms-gateway line "
                "add. If there "
                "was one, see whether its disk is mounted, and whether data_dir names the right folder.",
            ),
            "not_ours": Finding(
                "{path} is {owner}'s, and {user} may not look into it: most could not be checked",
                "Run the doctor as that user: sudo -u {owner} sms-gateway doctor",
            ),
            "read_only": Finding(
                "{path} is on a disk that is read-only now",
                f"{_SYSTEM_LOG}. Disks turn read-only when they fail: copy the folder to another one first.",
            ),
            "no_write": Finding(
                "{path} may not be written by its owner ({mode})",
                "Give the right back: sudo chmod 700 {path}",
            ),
            "open": Finding("others may look into {path} ({mode})", "Close it: sudo chmod 700 {path}"),
        },
    ),
    "program": Subject(
        "program",
        "Whether the program serves this data folder now.",
        {
            "well": Finding("running"),
            "stopped": Finding("not running", "Start it with: sms-gateway run"),
            "service_stopped": Finding(
                "not running, though its service is installed",
                f"Start it with: sudo systemctl start {SERVICE}. If it does not stay, see why: "
                f"sudo journalctl -u {SERVICE} -n 50",
            ),
        },
    ),
    "failures": Subject(
        "failures",
        "Whether the disk or the database failed while the program ran.",
        {
            "well": Finding("none noted"),
            "noted": Finding(
                "the disk or the database failed since the database was last found whole",
                f"{_SYSTEM_LOG}. See that there is a backup on another disk.",
            ),
            "too_many": Finding(
                "the disk or the database failed three times within an hour, so the program stays down",
                "Look for errors of the disk with journalctl -k and copy the data folder to another one. Then "
                "remove {path} and start again.",
            ),
        },
    ),
    "schema": Subject(
        "database",
        "Whether the database is ours and of this version.",
        {
            "well": Finding("schema {found}"),
            "none": Finding("not made yet"),
            "newer": Finding(
                "written by a newer sms-gateway: it has schema {found}, this program knows {known}",
                "Install that version again, or restore a backup made before the update. Nothing was "
                "changed.",
            ),
            "older": Finding(
                "has schema {found}, this program works with {known}",
                "Bring it up to date: sms-gateway migrate. The program does so too when it starts.",
            ),
            "foreign": Finding(
                "{path} is the database of another program",
                "Choose another file with the setting database. Nothing was changed.",
            ),
            "unusable": Finding("{path} cannot be read ({why})", f"{_RESTORE} {_SYSTEM_LOG}"),
        },
    ),
    "journal": Subject(
        "journal",
        "Whether somebody took away the database's journal (the file ending in -wal).",
        {
            "well": Finding("nobody touched it"),
            "gone": Finding(
                "{path} was removed: the newest texts in it are lost",
                "If somebody put it elsewhere, stop the program and put it back. Else start the "
                "program, which "
                "checks the database, and let no cleaner, scanner or copying program touch the data folder.",
            ),
        },
    ),
    "file": Subject(
        "database file",
        "Whether the database is whole: SQLite's own quick check of every page.",
        {
            "well": Finding("whole"),
            "damaged": Finding("damaged: {why}", f"{_RESTORE} {_SYSTEM_LOG}"),
            "no_time": Finding(
                "not read to its end within {seconds} seconds",
                "Nothing is wrong by that. After each failure of the disk the program reads all of it.",
                unseen=True,
            ),
        },
    ),
    "secret": Subject(
        "secret.key",
        "The secret that seals PINs and knows who said stop: whether it is there and private.",
        {
            "well": Finding("readable by its owner only"),
            "none": Finding("not made yet"),
            "lost": Finding(
                "{why}. What is in the database is not looked at without it",
                "Restore secret.key from the backup.",
            ),
            "open": Finding("readable by others", "Close it: sudo chmod 600 {path}"),
        },
    ),
    "files": Subject(
        "files",
        "Owner and rights of everything else in the data folder.",
        {
            "well": Finding("{count} in the data folder, all {owner}'s alone"),
            "foreign": Finding(
                "not the service's own: {names}",
                "Give them back: sudo chown -R {owner}: {folder}. Run commands as that user: "
                "sudo -u {owner} sms-gateway ...",
            ),
            "open": Finding("readable by others: {names}", "Close them: sudo chmod -R go= {folder}"),
        },
    ),
    "optouts": Subject(
        "opt-out log",
        "Whether suppressions.log, which outlives a restore, can be read and says what the database says.",
        {
            "well": Finding("in step with the database; people who want no texts: {count}"),
            "unreadable": Finding(
                "cannot be read: {why}",
                "Give the service's user the right to read and write {path}. Until then nobody can be "
                "stopped.",
            ),
            "torn": Finding(
                "lines that cannot be read: {count}",
                "Put the file back from the newest backup, and add to its end the lines that are newer.",
            ),
            "not_in_table": Finding(
                "people said stop and the database does not know: {count}",
                f"The database is older than the log. {_RESTORE} That reads the log. "
                "Pause the lines until then: sms-gateway line pause NAME",
            ),
            "not_in_log": Finding(
                "people the database knows to want no texts are not in it: {count}",
                "Put {path} back from the newest backup, and add to its end the lines of the one that "
                "is there.",
            ),
        },
    ),
    "disk": Subject(
        "disk",
        "Room on the data folder's disk.",
        {
            "well": Finding("{free} MB free"),
            "little": Finding(
                "{free} MB free",
                "Free some space before texts can no longer be kept: see what is large with "
                "sudo du -xh --max-depth=2 / | sort -h | tail",
            ),
        },
    ),
    "reserve": Subject(
        "reserve",
        "The 16 MiB that are set aside to keep texts on their way when the disk is full.",
        {
            "well": Finding("set aside"),
            "none": Finding("set aside when the program first starts"),
            "gone": Finding(
                "used up: the disk was full",
                "Make room, then start the program again: it sets a new one aside.",
            ),
        },
    ),
    "lines": Subject(
        "lines",
        "Whether there is a line at all.",
        {
            "well": Finding("{count} set up"),
            "none": Finding("0 set up", "Add one with: sms-gateway line add NAME --port PATH"),
        },
    ),
    "line": Subject(
        "line {line}",
        "How each line is, as the running program tells it; where none runs the modem itself is asked.",
        {
            "well": Finding("{is_}"),
            "trouble": Finding("{is_}", "{advice}"),
        },
    ),
    "rights": Subject(
        "line {line}, rights",
        "Whether the service's user may open the line's device.",
        {
            "well": Finding("{user} may open {path}"),
            "denied": Finding(
                "{user} may not open {path} ({owner}:{group}, {mode})",
                "Add the user to that group and start the program again: sudo usermod -aG {group} {user}",
            ),
            "denied_to_group": Finding(
                "{user} may not open {path} ({owner}:{group}, {mode})",
                "Give it back to the group dialout: sudo chgrp dialout {path} && sudo chmod 660 "
                "{path}. If it "
                "comes again, write the udev rule of docs/modems.md.",
            ),
            "not_allowed": Finding(
                "the service may not open {path}: its DeviceAllow= does not name {kind}",
                f"Run: sudo systemctl edit {SERVICE}, and write below [Service]: DeviceAllow={{kind}} "
                "rw. Then: "
                f"sudo systemctl restart {SERVICE}",
            ),
            "listed_late": Finding(
                "the service was started before the driver of {path} was loaded, so it may not open it",
                f"Start it again: sudo systemctl restart {SERVICE}",
            ),
        },
    ),
    "memory": Subject(
        "line {line}, memory",
        "How full the SIM or the modem is with texts.",
        {"well": Finding("{is_}"), "full": Finding("{is_}", "{advice}")},
    ),
    "limits": Subject(
        "line {line}, limits",
        "Whether the line has used up what it may send in a day.",
        {
            "well": Finding("{left} of {limit} left"),
            "reached": Finding(
                "{limit} is used up: texts wait, the next goes {at}",
                "They go by themselves. If your operator allows more: "
                "sms-gateway line set {word} limits 6/minute,600/day",
            ),
        },
    ),
    "signal": Subject(
        "line {line}, signal",
        "Whether the signal is good enough.",
        {
            "well": Finding("{strength}, {dbm} dBm"),
            "weak": Finding(
                "weak, {dbm} dBm: texts may fail now and then",
                "Move the modem or its antenna to a window, away from other devices, or use a larger "
                "antenna.",
            ),
        },
    ),
    "line_clock": Subject(
        "line {line}, clock",
        "The network's clock as a second opinion on this box's.",
        {"well": Finding("{is_}"), "apart": Finding("{is_}", "{advice}")},
    ),
    "device": Subject(
        "line {line}, device",
        "Which modem, SIM, network and message centre it is, and what it cannot do.",
        {"well": Finding("{is_}")},
    ),
    "programs": Subject(
        "other programs",
        "Programs that are known to open modems by themselves: ModemManager, gammu-smsd and others.",
        {"well": Finding("{is_}"), "suspect": Finding("{is_}", "{advice}")},
    ),
    "brltty": Subject(
        "brltty",
        "Whether a program for braille displays takes a serial adapter away.",
        {"suspect": Finding("{is_}", "{advice}")},
    ),
    "stick": Subject(
        "modem {usb}",
        "Modems that are plugged in and show no port.",
        {"well": Finding("{is_}"), "missed": Finding("{is_}", "{advice}")},
    ),
    "clock": Subject(
        "clock",
        "Whether the program trusts this box's clock.",
        {"well": Finding(clock_words.TRUSTED), "doubt": Finding("{why}", clock_words.REMEDY)},
    ),
    "time_service": Subject(
        "time service",
        "Whether a time service keeps the clock right (NTP), as the kernel tells.",
        {
            "well": Finding("keeps the clock right"),
            "none": Finding("none has set the clock", "Turn it on: sudo timedatectl set-ntp true"),
            "failing": Finding(
                "there is one, and it has not set the clock",
                "See whether it reaches its servers: timedatectl timesync-status. The box needs the "
                "internet for "
                "that, or a time server in the office.",
            ),
            "untold": Finding("the kernel does not tell", AS_ROOT, unseen=True),
        },
    ),
    "panel": Subject(
        "panel",
        "The address of the panel: who can reach it, whether it answers, whether it is free.",
        {
            "well": Finding("{address}, {reach}"),
            "taken": Finding(
                "{address} is in use by another program",
                "Stop that one (sudo ss -ltnp names it), or choose another address with the setting listen.",
            ),
            "silent": Finding(
                "{address} does not answer, though the program runs",
                "See what it says (sudo journalctl -u sms-gateway -n 50), then start it again.",
            ),
        },
    ),
    "certificate": Subject(
        "certificate",
        "The panel's certificate: whether it can be used, until when, for which names, and its chain.",
        {
            "none": Finding("none; the panel opens on this machine only"),
            "well": Finding("good until {until}"),
            "unreadable": Finding(
                "{path} cannot be read: {why}",
                "Correct the path in the settings, or give the service's user the right to read it.",
            ),
            "no_pem": Finding(
                "{path} is no PEM certificate or key: {why}", "Give a PEM certificate and its own PEM key."
            ),
            "other_key": Finding(
                "tls_key is not the key of tls_cert",
                "Give the key the certificate was made for. The program does not start with these.",
            ),
            "expired": Finding("expired on {until}: browsers warn", "Get a new one. {advice}"),
            "soon": Finding("expires on {until}", "Get a new one before. {advice}"),
            "not_yet": Finding(
                "valid only from {since}", "See whether this box's clock is right; else wait until then."
            ),
            "chain": Finding(
                "the certificates in {path} are not one chain",
                "Put the panel's own certificate first, then the one that signed it, and so on.",
            ),
            "names": Finding(
                "does not hold these names the panel answers to: {names}",
                "Get one for those names, or take them out of the setting trusted_hosts.",
            ),
            "moved": Finding(
                "names {named}, and this box is at {addresses} now",
                "Give the box one of the addresses named again, fixed in the router. Or make another "
                "authority, which every device has to be told to trust again: sms-gateway tls init --anew",
            ),
            "open_key": Finding("others may read its key {path}", "Close it: sudo chmod o= {path}"),
        },
    ),
    "people": Subject(
        "people",
        "Whether somebody may sign in.",
        {
            "well": Finding("{count} may sign in"),
            "none": Finding("0 may sign in", "Add somebody with: sms-gateway user add NAME --role admin"),
        },
    ),
    "unclear": Subject(
        "unclear texts",
        "Texts of which nobody knows whether they went.",
        {
            "well": Finding("0"),
            "some": Finding(
                "{count}", "Open the conversations marked unclear and decide: Mark as sent, or Send again."
            ),
        },
    ),
    "reports": Subject(
        "delivery reports",
        "Reports of the last week that speak of no text we know.",
        {
            "well": Finding("{matched} of the last week fit their texts, {unmatched} fit none"),
            "strange": Finding(
                "{unmatched} of the last week fit no text of ours, {matched} do",
                "Another program or phone sends by this SIM, or a backup was restored. See which "
                "texts stay at "
                "Sent, and send by this SIM with this program alone.",
            ),
        },
    ),
    "backup": Subject(
        "backup",
        "When the last backup was made and found whole, and whether it would outlive this disk.",
        {
            "well": Finding("the last is whole, of {when}"),
            "same_disk": Finding(
                "the last is whole, of {when}, on the disk the database is on: download one from time to time"
            ),
            "none": Finding(
                "none was made yet",
                "The program makes one each night. Make the first now: sms-gateway backup",
            ),
            "old": Finding(
                "the last that is whole is of {when}",
                "Make one now (sms-gateway backup), and see that the disk it goes to is there.",
            ),
            "failed": Finding(
                "the last one failed, {when}: {why}", "Mend that, then make one: sms-gateway backup"
            ),
            "on_box": Finding(
                "the last is whole, of {when}, and stays on this box: if its disk dies, all dies with it",
                "Seal backups (sms-gateway backup seal --passphrase-file FILE), then send them to "
                "another disk: "
                "sms-gateway setting set backup.folder FOLDER",
            ),
        },
    ),
    "drill": Subject(
        "restore drill",
        "When a backup was last brought back to a scratch place and compared.",
        {
            "well": Finding("done {when}"),
            "none": Finding("none yet; the program makes one each week"),
            "old": Finding(
                "the last was {when}", "It is done every week by itself. Do it now: sms-gateway drill"
            ),
            "failed": Finding(
                "the backup could not be brought back, {when}: {why}",
                "Do not rely on that backup. Make a new one (sms-gateway backup).",
            ),
        },
    ),
    "pragmas": Subject(
        "durability",
        "Whether SQLite does here what keeps texts over a power cut: a journal, full syncs, text search.",
        {
            "well": Finding("journal and full syncs are in force"),
            "not_wal": Finding(
                "the database has no write-ahead journal: another program changed its mode",
                "Start the program: it sets it again. Let no other program open the database for writing.",
            ),
            "ignored": Finding(
                "SQLite does not do here what is asked of it: {names}",
                "Use the SQLite of your system: sudo apt install --reinstall libsqlite3-0",
            ),
        },
    ),
    "sync": Subject(
        "disk speed",
        "How long the disk takes to keep something for good; a text waits for two of those.",
        {
            "well": Finding("{ms} ms to keep something for good"),
            "fast": Finding(
                "{ms} ms to keep something: faster than disks are. If it is no memory disk, it may "
                "say so before "
                "it is true, and lose the newest texts in a power cut"
            ),
            "slow": Finding(
                "{ms} ms to keep something for good: each text waits for two of those",
                "Use an SSD or an industrial card, and see whether another program keeps the disk busy.",
            ),
            "untold": Finding(
                "this kind of disk cannot be tried without leaving a file",
                "Nothing needs to be done.",
                unseen=True,
            ),
        },
    ),
    "service": Subject(
        "service",
        "Whether the system starts the program by itself, and how closed in it runs.",
        {
            "well": Finding("starts by itself; exposure {exposure} (lower is better)"),
            "no_systemd": Finding("this system has no systemd; see that something starts the program"),
            "absent": Finding("not installed: the program is started by hand"),
            "failed": Finding(
                "it failed ({why}) and is not tried again",
                f"See why (sudo journalctl -u {SERVICE} -n 50), mend that, then: sudo systemctl reset-failed "
                f"{SERVICE} && sudo systemctl start {SERVICE}",
            ),
            "disabled": Finding(
                "does not start with the system", f"Turn that on: sudo systemctl enable {SERVICE}"
            ),
            "exposed": Finding(
                "an override lets it do more than it needs: exposure {exposure} instead of {most} at most",
                f"See what was added (systemctl cat {SERVICE}), and take it back: sudo systemctl "
                f"revert {SERVICE}",
            ),
            "unasked": Finding("its exposure could not be asked", AS_ROOT, unseen=True),
        },
    ),
    "zones": Subject(
        "time zones",
        "How old the data of time zones is.",
        {
            "well": Finding("edition {edition}"),
            "old": Finding(
                "edition {edition} is years old: hours may be wrong where the rules changed since",
                "Bring it up to date: sudo apt install --only-upgrade tzdata, and update sms-gateway.",
            ),
            "untold": Finding("no edition is told", "Install it: sudo apt install tzdata", unseen=True),
        },
    ),
    "holidays": Subject(
        "public holidays",
        "Whether the public holidays that texts wait for are known.",
        {
            "unknown_region": Finding(
                "none are known for {regions}; there every day counts as a working day"
            ),
            "failed": Finding(
                "those of {regions} could not be computed: {why}",
                "It is tried again every hour; texts that heed public holidays may wait for it. If it stays, "
                "install sms-gateway again, or take the word holidays out of the hours.",
            ),
        },
    ),
    "versions": Subject(
        "versions",
        "Python, SQLite and the packages the program is made of.",
        {
            "well": Finding("sms-gateway {own}, Python {python}, SQLite {sqlite}, {packages}"),
            "old_sqlite": Finding("SQLite {sqlite}", "Update SQLite to 3.35 or later."),
            "packages": Finding("these packages are missing: {packages}", "Install sms-gateway again."),
        },
    ),
    "round_trip": Subject(
        "test text by {line}",
        "Only with --send-test NUMBER: a text to a phone of yours, and its report.",
        {
            "well": Finding("arrived after {seconds} s"),
            "no_report": Finding(
                "went, and no report of its arrival came within {seconds} s",
                "See whether the phone got it. If it did, your operator gives no reports: texts stay "
                "at Sent.",
            ),
            "waits": Finding(
                "has not left within {seconds} s", "See why on its page, or with: sms-gateway explain {id}"
            ),
            "ended": Finding("did not arrive: {why}", "See all of it with: sms-gateway explain {id}"),
        },
    ),
}
"""Everything that is looked at, by its key, in the order of what matters."""

COULD_NOT = Finding("could not be looked at: {why}", "{advice}", unseen=True)
TOO_LONG = Finding(
    "gave no answer within {seconds} seconds",
    f"If it is about the disk, it hangs: {_SYSTEM_LOG}. Else try again.",
)
"""Said of a check that did not end."""
MISTAKE = Finding(
    "the doctor itself failed: {why}", "Report it with the output of: sms-gateway doctor --json"
)
"""Said of a check that broke."""
DAMAGED = "See what is said of the database."

WELL = "Nothing needs you."
WELL_SO_FAR = "Nothing that could be looked at needs you; {count} could not be looked at."
ONE_THING = "1 thing needs you: {first}."
THINGS = "{count} things need you, the first is {first}."


def summary(wrong: list[str], unseen: int) -> str:
    """The last sentence; `wrong` are names with what was found, the heaviest first."""
    if not wrong:
        return WELL_SO_FAR.format(count=unseen) if unseen else WELL
    first = wrong[0].rstrip(".")
    return ONE_THING.format(first=first) if len(wrong) == 1 else THINGS.format(count=len(wrong), first=first)
