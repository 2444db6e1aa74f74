"""The doctor's words about clock, panel, texts, backups and the service."""

from __future__ import annotations

from gateway.domain import clock_words
from gateway.domain.doctor_finding import AS_ROOT, SERVICE, Finding, Subject

BOX: dict[str, Subject] = {
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
            "none": Finding(
                "none has set the clock",
                "Turn it on: sudo timedatectl set-ntp true. On a machine without systemd, install one: sudo "
                "apt install chrony",
            ),
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
        "The addresses of the panel: who can reach it, whether it answers, whether they are free.",
        {
            "well": Finding("{address}, {reach}"),
            "taken": Finding(
                "{address} is in use by another program",
                "Stop that one (sudo ss -ltnp names it), or choose another address: {setting} in "
                "config.toml.",
            ),
            "not_here": Finding(
                "this box has not the address {address} (any more)",
                "Give the box that address again, fixed in the router, or choose another: {setting} in "
                "config.toml.",
            ),
            "roots_own": Finding(
                "{owner} may not open {address}: ports below {least} are root's",
                "Choose a port from {least} on: {setting} in config.toml. Or let the service open it: see "
                "The usual port of web pages in docs/service.md, in /usr/share/doc/sms-gateway.",
            ),
            "untried": Finding("{address} could not be tried: {why}", AS_ROOT, unseen=True),
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
                "Correct the path in the settings, or give the service's user the right to read it. How "
                "certbot's files get there: docs/opening.md, in /usr/share/doc/sms-gateway.",
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
                "Get one for those names, or take them out of trusted_hosts in config.toml.",
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
            "restored": Finding("this box was brought back from one, {when}; the next is made in the night"),
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
            "missing": Finding(
                "the last that is whole, of {when}, is not at {path} now",
                "Plug in the disk it is on. If it was removed, make another: sms-gateway backup",
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
"""The rest, down to what is good to know."""
