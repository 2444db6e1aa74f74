"""What is said of backups, drills and a restore: one sentence what is wrong, one what to do."""

from __future__ import annotations

from gateway.domain.phrases import counted

NONE_YET = "No backup has been made yet. The first is made within ten minutes of the program's start."
OLD = "The newest backup is from {when}. One is made every night: see below why it was not, or make one now."
FAILED = "The backup of {when} failed. {problem}"
NOT_SEALED = (
    "Backups stay on this box, because nothing is set to seal them with: if its disk dies, they die with it. "
    "Set a passphrase below, then a folder on another disk."
)
NOT_SEALED_COMMAND = (
    "Not sealed, so it stays on this box: if its disk dies, it dies with it. Set a passphrase with: "
    "sms-gateway backup seal --passphrase-file FILE"
)
SAME_DISK = (
    "Backups are written to the disk that the database is on: if it dies, they die with it. Choose a folder "
    "on another disk, such as a USB stick, or download one from time to time."
)
DRILL_FAILED = (
    "The newest backup was tried out {when}, and could not be restored. {problem} Make one "
    "now: it is tried out by itself."
)
DRILL_OLD = "No backup has been tried out since {when}. It is done every week: run sms-gateway drill."
WELL = "made {when} and found whole, {where}"
WHERE_SEALED, WHERE_PLAIN = "sealed, in {folder}", "not sealed, in {folder}"

RUNNING = "Another backup is being made or tried out just now. Wait until it is done, then try again."
CUT_SHORT = "The program ended before it was done. Another one is made within the hour."
UNSEALED_LEAVES = (
    "Nothing leaves this box that is not sealed. Set a passphrase with: sms-gateway backup seal "
    "--passphrase-file FILE, or give one with --passphrase-file."
)
NO_FOLDER = "{folder} is not there. Plug the disk in, or choose another folder under More, Backups."
NOT_OURS = (
    "The user {user} may not write in {folder}. Let it (docs/backup.md tells how, for a USB stick too), or "
    "name another folder."
)
NOT_THE_FAILED = "It is not the one that failed {when}, which left no file. See: sms-gateway backup list"
EXISTS = "{path} exists already. Choose another name; nothing was written."
TOO_LITTLE = "There are {free} MB free in {folder}, and a backup needs {needed} MB there. Free some space."
UNEXPECTED = "It ended with an error that is not known ({error}). The log says more; please report it."
NOTHING_TO_TRY = "There is no backup to try out yet. Make one with: sms-gateway backup"
KEY_UNKNOWN = "This box does not know what opens {path}. Give it with --passphrase-file or --key-file."

# --- on the panel ------------------------------------------------------------------------------------

MADE = "A backup is being made. It appears below in a moment."
SEAL_SET = "From now on backups are sealed. Write the passphrase down and keep it away from this box."
SEAL_ABOUT = (
    "Whoever has a backup can read every text in it, so it is sealed before it leaves this box. The "
    "passphrase is not kept here: without it nobody can open a sealed backup, and nobody can find it out for "
    "you. Keep it on paper, away from this box."
)
DIFFERENT = "The two passphrases differ. Type the same one twice."
FOLDER_ABOUT = "Where backups go, such as a USB stick. Empty: the data folder of this box."

# --- after a restore ---------------------------------------------------------------------------------

RESTORED = (
    "A backup was restored {restored}. It knows what happened until {newest}; what was sent and received "
    "after that is not in the history, and people added or removed since are as they were."
)
STOPS_KNOWN = "Who said STOP since was read from the old disk, so nobody who did is texted."
STOPS_UNKNOWN = (
    "Who said STOP after {until} is not known here: before automatic texts go out again, look for such texts "
    "on the phones or in the operator's list."
)
LOG_DAMAGED = (
    "{lines} of the log of STOPs cannot be read. So nobody was taken off the list of those who said "
    "STOP: whoever wants texts again writes START once more."
)
ERASED = (
    "Whoever was erased after {until} is back in the history. Erase them again: sms-gateway erase NUMBER."
)
ERASED_KNOWN = (
    "{numbers} erased after {until} may be back in the history. Erase them again: sms-gateway erase NUMBER. "
    "The old database does not say whose they were; the requests do."
)
ANEW = "Invitations that were open do not count any more, and everybody should make new recovery codes."
NOT_SETTLED = (
    "The disk did not take what makes the restored database safe to start. Free some space or look at that "
    "disk, then try again. Nothing was changed."
)
NOT_TOLD_AGAIN = "It waited when a backup was made that was restored since, so it is not told again."
UNCLEAR = "{texts} may have gone or not; each is marked unclear, and nothing is sent again by itself."
HELD = "Automatic texts wait until an admin has looked at this. Replies that people write go out."
SEEN = "I have looked: let automatic texts go"
ASK_ADMIN = "An admin can let them go."
REASON = "It waited when a backup was made that was restored since. Whether it went nobody here can tell."
HELD_RULE = "A backup was restored, and no admin has looked yet at what it does not know."
NOT_HELD_RULE = "Nothing was restored that an admin has not looked at."
GOES_ALL_THE_SAME = "A backup was restored, but a text of this kind may go."
HELD_MEANWHILE = (
    "A backup was restored. This waits until an admin has looked at what it does not know; replies that "
    "people write go out."
)


def gap(restored: str, newest: str, *, newer_log: bool, unclear_texts: int, erased: int) -> list[str]:
    """What a restored backup does not know, in sentences; `restored` and `newest` are times as people read
    them."""
    found = [RESTORED.format(restored=restored, newest=newest)]
    found.append(STOPS_KNOWN if newer_log else STOPS_UNKNOWN.format(until=newest))
    again = ERASED_KNOWN.format(numbers=counted(erased, "number"), until=newest) if erased else None
    found += [again or ERASED.format(until=newest), ANEW]
    return [*found, unclear(unclear_texts)] if unclear_texts else found


def unclear(count: int) -> str:
    """How many texts nobody knows of whether they went."""
    return UNCLEAR.format(texts=counted(count, "text"))


def size(octets: int) -> str:
    """How large a file is: "812 kB", "14.2 MB"."""
    return f"{octets / 1_000_000:.1f} MB" if octets >= 1_000_000 else f"{octets / 1_000:.0f} kB"
