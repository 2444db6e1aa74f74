"""What is said of backups, drills and a restore: one sentence what is wrong, one what to do."""

from __future__ import annotations

from gateway.domain.language import retold, t, tn

NONE_YET = t("No backup has been made yet. The first is made within ten minutes of the program's start.")
OLD = t(
    "The newest backup is from {when}. One is made every night: see below why it was not, or make one now."
)
FAILED = t("The backup of {when} failed. {problem}")
NOT_SEALED = t(
    "Backups stay on this box, because nothing is set to seal them with: if its disk dies, they die with it. "
    "Set a passphrase below, then a folder on another disk."
)
NOT_SEALED_COMMAND = (
    "Not sealed, so it stays on this box: if its disk dies, it dies with it. Set a passphrase with: "
    "sms-gateway backup seal --passphrase-file FILE"
)
SAME_DISK = t(
    "Backups are written to the disk that the database is on: if it dies, they die with it. Choose a folder "
    "on another disk, such as a USB stick, or download one from time to time."
)
DRILL_FAILED = t(
    "The newest backup was tried out {when}, and could not be restored. {problem} Make one "
    "now: it is tried out by itself."
)
DRILL_OLD = t("No backup has been tried out since {when}. It is done every week: run sms-gateway drill.")
WELL = t("made {when} and found whole, {where}")
WHERE_SEALED, WHERE_PLAIN = t("sealed, in {folder}"), t("not sealed, in {folder}")

RUNNING = t("Another backup is being made or tried out just now. Wait until it is done, then try again.")
CUT_SHORT = t("The program ended before it was done. Another one is made within the hour.")
UNSEALED_LEAVES = (
    "Nothing leaves this box that is not sealed. Set a passphrase with: sms-gateway backup seal "
    "--passphrase-file FILE, or give one with --passphrase-file."
)
NO_FOLDER = t("{folder} is not there. Plug the disk in, or choose another folder under More, Backups.")
NOT_OURS = t(
    "The user {user} may not write in {folder}. Let it (docs/backup.md tells how, for a USB stick too), or "
    "name another folder."
)
NOT_THE_FAILED = "It is not the one that failed {when}, which left no file. See: sms-gateway backup list"
EXISTS = "{path} exists already. Choose another name; nothing was written."
TOO_LITTLE = t(
    "There are {free} MB free in {folder}, and a backup needs {needed} MB there: {lacking} MB are lacking. "
    "Free some space."
)
UNEXPECTED = t("It ended with an error that is not known ({error}). The log says more; please report it.")
NOTHING_TO_TRY = "There is no backup to try out yet. Make one with: sms-gateway backup"
KEY_UNKNOWN = "This box does not know what opens {path}. Give it with --passphrase-file or --key-file."

NO_ROOM = t("There is not enough room on the disk for it. Free some space, or choose another folder.")
COPY_DAMAGED = t("The copy is damaged ({found}). Check the disk, and try again.")
DISK_REFUSED = t("The disk or the database refused: {said}. Check the folder and its rights, and try again.")
DRILL_DAMAGED = t("The restored database is damaged ({said}). Make another backup.")
DRILL_FOUND_NOTHING = t("A search in the restored history finds nothing. Make another backup.")
_FAILURES = (
    NO_ROOM,
    COPY_DAMAGED,
    DISK_REFUSED,
    DRILL_DAMAGED,
    DRILL_FOUND_NOTHING,
    RUNNING,
    CUT_SHORT,
    NO_FOLDER,
    NOT_OURS,
    TOO_LITTLE,
    UNEXPECTED,
)


def why_failed(problem: str) -> str:
    """Why a backup or a drill failed, as it was stored, in the language of whoever reads it."""
    return retold(problem, _FAILURES)


# --- on the panel ------------------------------------------------------------------------------------

MADE = t("A backup is being made. It appears below in a moment.")
SEAL_SET = t("From now on backups are sealed. Write the passphrase down and keep it away from this box.")
SEAL_ABOUT = t(
    "Whoever has a backup can read every text in it, so it is sealed before it leaves this box. The "
    "passphrase is not kept here: without it nobody can open a sealed backup, and nobody can find it out for "
    "you. Keep it on paper, away from this box."
)
DIFFERENT = t("The two passphrases differ. Type the same one twice.")
FOLDER_ABOUT = t("Where backups go, such as a USB stick. Empty: the data folder of this box.")

# --- after a restore ---------------------------------------------------------------------------------

RESTORED = t(
    "A backup was restored {restored}. It knows what happened until {newest}; what was sent and received "
    "after that is not in the history, and people added or removed since are as they were."
)
STOPS_KNOWN = t("Who said STOP since was read from the old disk, so nobody who did is texted.")
STOPS_UNKNOWN = t(
    "Who said STOP after {until} is not known here: before automatic texts go out again, look for such texts "
    "on the phones or in the operator's list."
)
LOG_DAMAGED = (
    "{lines} of the log of STOPs cannot be read. So nobody was taken off the list of those who said "
    "STOP: whoever wants texts again writes START once more."
)
ERASED = t(
    "Whoever was erased after {until} is back in the history. Erase them again: sms-gateway erase NUMBER."
)
ANEW = t("Invitations that were open do not count any more, and everybody should make new recovery codes.")
NOT_SETTLED = (
    "The disk did not take what makes the restored database safe to start. Free some space or look at that "
    "disk, then try again. Nothing was changed."
)
NOT_TOLD_AGAIN = t("It waited when a backup was made that was restored since, so it is not told again.")
HELD = t("Automatic texts wait until an admin has looked at this. Replies that people write go out.")
SEEN = t("I have looked: let automatic texts go")
ASK_ADMIN = t("An admin can let them go.")
REASON = t("It waited when a backup was made that was restored since. Whether it went nobody here can tell.")
HELD_RULE = t("A backup was restored, and no admin has looked yet at what it does not know.")
NOT_HELD_RULE = t("Nothing was restored that an admin has not looked at.")
GOES_ALL_THE_SAME = t("A backup was restored, but a text of this kind may go.")
HELD_MEANWHILE = t(
    "A backup was restored. This waits until an admin has looked at what it does not know; replies that "
    "people write go out."
)


def gap(restored: str, newest: str, *, newer_log: bool, unclear_texts: int, erased: int) -> list[str]:
    """What a restored backup does not know, in sentences; `restored` and `newest` are times as people read
    them."""
    found = [RESTORED.format(restored=restored, newest=newest)]
    found.append(STOPS_KNOWN if newer_log else STOPS_UNKNOWN.format(until=newest))
    again = tn(
        "{count} number erased after {until} may be back in the history. Erase it again: sms-gateway erase "
        "NUMBER. The old database does not say whose it was; the request does.",
        "{count} numbers erased after {until} may be back in the history. Erase them again: sms-gateway "
        "erase NUMBER. The old database does not say whose they were; the requests do.",
        erased,
        until=newest,
    )
    found += [again if erased else ERASED.format(until=newest), ANEW]
    return [*found, unclear(unclear_texts)] if unclear_texts else found


def unclear(count: int) -> str:
    """How many texts nobody knows of whether they went."""
    return tn(
        "{count} text may have gone or not; it is marked unclear, and nothing is sent again by itself.",
        "{count} texts may have gone or not; each is marked unclear, and nothing is sent again by itself.",
        count,
    )


def size(octets: int) -> str:
    """How large a file is: "812 kB", "14.2 MB"."""
    if octets >= 1_000_000:
        return t("{count} MB").format(count=f"{octets / 1_000_000:.1f}")
    return t("{count} kB").format(count=f"{octets / 1_000:.0f}")
