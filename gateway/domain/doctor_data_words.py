"""The doctor's words about settings, data folder, disk and database."""

from __future__ import annotations

from gateway.domain.doctor_finding import AS_ROOT, GIVE_BACK, RESTORE, SERVICE, SYSTEM_LOG, Finding, Subject

_ITS_DISK = '"$(findmnt -no TARGET -T {folder})"'
"""Where the data folder's disk is mounted, which need not be /."""

DATA: dict[str, Subject] = {
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
                "Run it with sudo: sudo sms-gateway doctor",
            ),
            "read_only": Finding(
                "{path} is on a disk that is read-only now",
                f"{SYSTEM_LOG}. Disks turn read-only when they fail: copy the folder to another one first.",
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
                f"{SYSTEM_LOG}. See that there is a backup on another disk.",
            ),
            "too_many": Finding(
                "the disk or the database failed three times within an hour, so the program stays down",
                "Look for errors of the disk with sudo journalctl -k and copy the data folder to "
                "another one. Then "
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
                "Choose another file, as database in config.toml. Nothing was changed.",
            ),
            "denied": Finding("{owner} may not read {path}", GIVE_BACK),
            "locked": Finding(
                "not looked at: another program keeps {path} locked",
                "Try again in a minute. If it stays, see which program that is: sudo fuser -v {path}",
                unseen=True,
            ),
            "unopened": Finding("{path} could not be looked at: {why}", AS_ROOT, unseen=True),
            "damaged": Finding("{path} cannot be read ({why})", f"{RESTORE} {SYSTEM_LOG}"),
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
            "damaged": Finding("damaged: {why}", f"{RESTORE} {SYSTEM_LOG}"),
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
            "denied": Finding("{owner} may not read {path}", GIVE_BACK),
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
                "Give them back: sudo chown -R {owner}: {folder}. Run commands with sudo: they give up root "
                "for {owner} by themselves.",
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
                "Start the program again: it takes them from the log then. If an older database was put back "
                "by hand, restore the newest backup instead (sms-gateway restore --help).",
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
                "Free some space before texts can no longer be kept: see what is large with sudo du -xh "
                f"--max-depth=2 {_ITS_DISK} | sort -h | tail",
            ),
        },
    ),
    "inodes": Subject(
        "files on the disk",
        "Whether the data folder's disk can hold more files, however much room there is.",
        {
            "well": Finding("{free} more can be made"),
            "untold": Finding("as many as there is room for"),
            "few": Finding(
                "{free} more can be made, then the disk is full, whatever room there is",
                "Remove folders with many small files: find them with sudo du --inodes -x "
                f"{_ITS_DISK} | sort -n | tail",
            ),
        },
    ),
    "reserve": Subject(
        "reserve",
        "The 16 MiB that are set aside to keep texts on their way when the disk is full.",
        {
            "well": Finding("set aside"),
            "none": Finding("not there; the next start of the program sets it aside"),
            "gone": Finding(
                "used up: the disk was full",
                "Make room, then start the program again: it sets a new one aside.",
            ),
        },
    ),
}
"""What everything else stands on."""
