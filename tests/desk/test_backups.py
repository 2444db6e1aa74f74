"""Backups are made, read back, rotated and tried out; what fails leaves nothing behind and says why."""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.desk import backups
from gateway.desk import drills as trials
from gateway.desk import settings as desk_settings
from gateway.desk.backups import Standing
from gateway.domain import backup_words as words
from gateway.domain.backups import Kind
from gateway.domain.decision_words import Clocks
from gateway.store import alarm_figures, archive, backup, backup_log, sealing, search
from gateway.store.archive import DATABASE
from gateway.store.backup import BackupFailed, place
from gateway.store.database import Database
from gateway.store.keys import Keys
from gateway.store.tables import audit, drills
from gateway.store.tables import backups as backups_table
from tests.faults.nursery import needs_mount, small_disk
from tests.office import ANNA, BEN, Office

WRITTEN, RECIPIENT = sealing.new_key()


def put(office: Office, name: str, value: str) -> None:
    office.write(lambda tx: desk_settings.change(tx, name, value, "command:test", office.clock()))


@pytest.fixture
def stick(office: Office, tmp_path: Path) -> Path:
    """Backups are sealed, and go to a folder of their own."""
    folder = tmp_path / "stick"
    folder.mkdir()
    put(office, "backup.recipient", str(RECIPIENT))
    put(office, "backup.folder", str(folder))
    return folder


def standing(office: Office) -> Standing:
    now = office.clock()
    return office.read(lambda tx: backups.standing(tx, now, Clocks(now, ZoneInfo("UTC")).when))


def make(office: Office, kind: Kind = Kind.NIGHT, to: Path | None = None) -> Path:
    return Path(backups.make(office.database, office.clock, kind, to=to).path)


def kept_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "lock")


def test_without_a_passphrase_it_stays_here_and_says_so(office: Office, tmp_path: Path) -> None:
    put(office, "backup.folder", str(tmp_path))
    path = make(office)
    assert path.parent == tmp_path / "backups"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert not archive.is_sealed(path)
    assert standing(office).warnings == (words.NOT_SEALED,)
    with pytest.raises(BackupFailed, match=words.UNSEALED_LEAVES[:30]):
        make(office, Kind.ASKED, tmp_path.parent)


def test_a_sealed_one_goes_where_it_shall(office: Office, stick: Path) -> None:
    path = make(office)
    assert kept_in(stick) == [path.name] and path.name == "sms-gateway-2025-03-03-093000.smsbackup"
    assert b"SQLite format 3" not in path.read_bytes()
    assert archive.look(path, sealing.by_key(WRITTEN)).office == "Our office"
    row = office.read(backup_log.newest_good)
    assert row is not None and row.size == path.stat().st_size and row.verified_at is not None
    assert standing(office).warnings == (words.SAME_DISK,)


def test_what_happens_meanwhile_does_not_stop(office: Office, stick: Path) -> None:
    """The copy is of one moment; the opt-outs of a moment later, so that none is missing."""
    office.accept(ANNA, "before")
    office.text_from(BEN, "STOP")
    make(office)
    office.accept(ANNA, "after")
    found = trials.try_out(office.database, office.clock)
    assert found.problem is None
    assert found.found["counts"]["messages"] == 3  # with the confirmation of the STOP
    assert found.found["counts"]["suppressions"] == 1


def test_a_nightly_one_restored_counts_and_finds_the_same(
    office: Office, stick: Path, tmp_path: Path
) -> None:
    for number in range(20):
        office.accept(ANNA, f"Your frames number {number} are ready to be fetched")
        office.text_from(BEN, f"Thank you, {number} times!")
    make(office)
    back = tmp_path / "back"
    back.mkdir()
    archive.unpack(stick / kept_in(stick)[0], sealing.by_key(WRITTEN), back)
    restored = Database(back / DATABASE, Keys(back, may_make=False))
    try:
        for phrase in ("frames", "thank", "number 7", "times", "nowhere"):
            here = office.read(lambda tx, of=phrase: [row.id for row in search.find(tx, of)])
            there = restored.read(lambda tx, of=phrase: [row.id for row in search.find(tx, of)])
            assert here == there
        assert there == [] and len(here) == 0
    finally:
        restored.close()
    assert trials.try_out(office.database, office.clock).found["counts"]["messages"] == 40


def test_one_that_was_altered_on_its_disk_fails_its_drill(office: Office, stick: Path) -> None:
    office.accept()
    path = make(office)
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)
    found = trials.try_out(office.database, office.clock)
    assert found.problem == sealing.ALTERED
    assert office.count(drills) == 1
    assert any(sealing.ALTERED in warning for warning in standing(office).warnings)


def test_the_passphrase_can_be_tried_out_too(office: Office, stick: Path) -> None:
    path = make(office)
    another, _ = sealing.new_key()
    assert trials.try_out(office.database, office.clock, path, sealing.by_key(WRITTEN)).problem is None
    wrong = trials.try_out(office.database, office.clock, path, sealing.by_key(another))
    assert wrong.problem == sealing.NOT_WHAT_OPENS_IT


def test_one_of_another_box_needs_what_opens_it(office: Office, stick: Path, tmp_path: Path) -> None:
    path = make(office).rename(tmp_path / "from-elsewhere.smsbackup")
    with pytest.raises(BackupFailed, match="does not know what opens"):
        trials.try_out(office.database, office.clock, path)


def test_by_night_one_is_made_and_one_a_week_is_tried_out(office: Office, stick: Path) -> None:
    put(office, "backup.keep_days", "3")
    put(office, "backup.keep_weeks", "0")
    for _ in range(15 * 24):
        backups.nightly(office.database, office.clock)
        office.clock.step(hours=1)
    rows = office.read(lambda tx: backup_log.good(tx, ["night"]))
    assert len(rows) == 3 == len(kept_in(stick))
    assert office.count(drills) == 3
    assert office.count(backups_table) == 16


def test_while_the_clock_is_in_doubt_none_is_removed(office: Office, stick: Path) -> None:
    put(office, "backup.keep_days", "1")
    put(office, "backup.keep_weeks", "0")
    for _ in range(3):
        backups.nightly(office.database, office.clock, clock_is_trusted=False)
        office.clock.step(days=1)
    assert len(kept_in(stick)) == 3
    backups.nightly(office.database, office.clock)
    assert len(kept_in(stick)) == 1


def test_what_a_person_put_elsewhere_is_never_removed(office: Office, stick: Path, tmp_path: Path) -> None:
    own = tmp_path / "safe" / "mine.smsbackup"
    own.parent.mkdir()
    make(office, Kind.ASKED, own)
    for _ in range(3):
        office.clock.step(days=40)
        backups.nightly(office.database, office.clock)
    assert own.exists() and len(kept_in(stick)) == 1


def test_a_stick_that_is_not_plugged_in_is_said(office: Office, stick: Path) -> None:
    stick.rmdir()
    backups.nightly(office.database, office.clock)
    (row,) = office.read(lambda tx: backup_log.listed(tx, 10))
    assert str(stick) in row.problem and row.verified_at is None
    assert any("Plug the disk in" in warning for warning in standing(office).warnings)
    stick.mkdir()
    office.clock.step(hours=1)
    backups.nightly(office.database, office.clock)
    assert len(kept_in(stick)) == 1


def test_one_at_a_time(office: Office) -> None:
    lock = os.open(place(office.database.keys.folder) / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(BackupFailed, match="just now"):
        make(office)
    os.close(lock)
    make(office)


def test_one_that_was_cut_short_is_cleared_away(office: Office) -> None:
    """The program was killed: its scratch folder holds a copy that is not sealed."""
    folder = place(office.database.keys.folder)
    (folder / ".work-left").mkdir()
    (folder / ".work-left" / DATABASE).write_bytes(b"x")
    now = office.clock()
    office.write(lambda tx: backup_log.begin(tx, "night", "/nowhere", now, sealed=False))
    office.write(lambda tx: backups.settle(tx, now))
    assert words.CUT_SHORT in standing(office).warnings[0]
    make(office)
    assert [name for name in kept_in(folder) if name.startswith(".")] == []


def test_it_is_not_written_over_another_file(office: Office, stick: Path) -> None:
    (stick / "mine.smsbackup").write_text("mine")
    with pytest.raises(BackupFailed, match="exists already"):
        make(office, Kind.ASKED, stick / "mine.smsbackup")
    assert (stick / "mine.smsbackup").read_text() == "mine"


def test_an_old_one_is_warned_about(office: Office, stick: Path) -> None:
    assert words.NONE_YET in standing(office).warnings
    make(office)
    office.clock.step(hours=27)
    assert any(warning.startswith("The newest backup is from") for warning in standing(office).warnings)


def test_taking_one_away_is_noted(office: Office) -> None:
    before = office.count(audit)
    office.write(lambda tx: backups.note_download(tx, 1, "person:Ruth", office.clock()))
    assert office.count(audit) == before + 1


def test_the_age_of_a_night_is_told_with_its_day(office: Office, stick: Path) -> None:
    make(office)
    office.clock.step(days=3)
    old = next(warning for warning in standing(office).warnings if "newest" in warning)
    assert "Monday at 09:30" in old, old


def test_one_made_while_the_clock_was_ahead_says_nothing_of_later_ones(office: Office, stick: Path) -> None:
    office.clock.step(days=2000)
    ahead = make(office)
    office.clock.step(days=-2000)
    office.clock.step(hours=-1)
    latest = make(office)
    good = office.read(backup_log.newest_good)
    assert good is not None and good.path == str(latest)
    office.clock.step(hours=28)
    assert any("newest backup is from" in warning for warning in standing(office).warnings)
    for _ in range(24):
        backups.nightly(office.database, office.clock)
        office.clock.step(hours=1)
    good = office.read(backup_log.newest_good)
    assert good is not None and good.started_at < office.clock()
    assert office.read(lambda tx: alarm_figures.last_backup(tx, office.clock()))[0] == good.verified_at
    assert standing(office).warnings == (words.SAME_DISK,)
    assert office.count(backups_table) == 4 and ahead.exists()


def test_a_clock_that_was_ahead_costs_no_older_backup(office: Office, stick: Path) -> None:
    """Those it dated stay until there are as many that are dated rightly."""
    put(office, "backup.keep_days", "3")
    put(office, "backup.keep_weeks", "0")
    office.clock.step(days=2000)
    for _ in range(3):
        make(office)
        office.clock.step(days=1)
    office.clock.step(days=-2003)
    left = []
    for _ in range(4):
        make(office)
        backups.rotate(office.database, office.clock())
        left.append(sum("2025" not in name for name in kept_in(stick)))
        office.clock.step(days=1)
    assert left == [2, 1, 0, 0] and len(kept_in(stick)) == 3


def test_two_sticks_in_turn_are_both_rotated(office: Office, stick: Path) -> None:
    put(office, "backup.keep_days", "3")
    put(office, "backup.keep_weeks", "0")
    other = stick.with_name("other")
    other.mkdir()
    for _ in range(12):
        make(office)
        backups.rotate(office.database, office.clock())
        spare = stick.with_name("spare")
        stick.rename(spare), other.rename(stick), spare.rename(other)
        office.clock.step(days=1)
    backups.rotate(office.database, office.clock())
    assert len(kept_in(stick)) + len(kept_in(other)) <= 4


def test_what_is_lacking_room_is_no_failed_drill(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    make(office)
    monkeypatch.setattr(backup, "RESERVE", 1 << 60)
    with pytest.raises(BackupFailed, match="Free some space"):
        trials.try_out(office.database, office.clock)
    assert office.count(drills) == 0
    office.clock.step(days=10)
    assert any(said.startswith("No backup has been tried out since") for said in standing(office).warnings)


def test_a_drill_without_room_is_tried_again_the_next_day_and_says_how_much_is_lacking(
    office: Office, stick: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make(office)
    with monkeypatch.context() as full:
        full.setattr(backup, "RESERVE", 1 << 60)
        for _ in range(12):
            backups.nightly(office.database, office.clock)
            office.clock.step(minutes=10)
        (said,) = [record.getMessage() for record in caplog.records if "lacking" in record.getMessage()]
        free, needed, lacking = (int(figure) for figure in re.findall(r"(\d+) MB", said))
        assert lacking == needed - free > 0
    backups.nightly(office.database, office.clock)
    assert office.count(drills) == 0, "there is room again, and it waits for the next day"
    office.clock.step(hours=23)
    backups.nightly(office.database, office.clock)
    assert office.count(drills) == 1


def test_after_a_failed_drill_the_next_backup_is_tried_out(office: Office, stick: Path) -> None:
    office.accept()
    path = make(office)
    path.write_bytes(path.read_bytes()[:-1])
    assert trials.try_out(office.database, office.clock).problem
    for _ in range(30):
        office.clock.step(hours=1)
        backups.nightly(office.database, office.clock)
    assert office.count(drills) == 2
    assert standing(office).warnings == (words.SAME_DISK,)


@needs_mount
def test_the_mount_point_of_a_stick_is_not_the_stick(office: Office, stick: Path) -> None:
    stick.rmdir()
    with small_disk(stick, "80m"):
        make(office)
        assert standing(office).warnings == ()
    with pytest.raises(BackupFailed, match="Plug the disk in"):
        make(office)
    assert kept_in(stick) == []
    office.clock.step(days=100)
    assert backups.rotate(office.database, office.clock()) == []


@needs_mount
def test_a_mount_point_on_a_third_disk_is_not_the_stick_either(
    office: Office, stick: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "third", "80m") as third:
        (third / "usb").mkdir()
        put(office, "backup.folder", str(third / "usb" / "ours"))
        (third / "usb").rmdir()
        with small_disk(third / "usb", "80m"):
            (third / "usb" / "ours").mkdir()
            make(office)
            office.clock.step(hours=1)
            make(office)
        (third / "usb" / "ours").mkdir()
        office.clock.step(days=100)
        with pytest.raises(BackupFailed, match="Plug the disk in"):
            make(office)
        assert backups.rotate(office.database, office.clock()) == []
        assert kept_in(third / "usb" / "ours") == []


def test_a_folder_that_cannot_be_looked_at_is_said(office: Office, stick: Path) -> None:
    """The name is too long for the disk: as with a stick that fails, nobody says whether it is there."""
    with pytest.raises(BackupFailed, match="Plug the disk in"):
        make(office, Kind.ASKED, stick / ("x" * 300))


def test_what_the_disk_refuses_is_no_mistake_of_ours(office: Office, stick: Path, tmp_path: Path) -> None:
    (tmp_path / archive.LOG).mkdir()
    with pytest.raises(BackupFailed, match="The disk or the database refused: Is a directory"):
        make(office)
    assert "Is a directory" in standing(office).warnings[0]


def test_half_a_file_of_one_that_was_killed_is_removed(office: Office, stick: Path) -> None:
    for name, hours in (("left", 25), ("another-box-writes-it", 1)):
        part = stick / f".sms-gateway-{name}.smsbackup.part"
        part.touch()
        at = office.clock().timestamp() - hours * 3600
        os.utime(part, (at, at))
    made = make(office)
    assert kept_in(stick) == [".sms-gateway-another-box-writes-it.smsbackup.part", made.name]


def test_a_command_that_was_killed_is_not_being_made_for_ever(office: Office) -> None:
    office.write(lambda tx: backup_log.begin(tx, "now", "/nowhere", office.clock(), sealed=False))
    make(office)
    rows = office.read(lambda tx: backup_log.listed(tx, 10))
    assert [row.problem for row in rows] == [None, words.CUT_SHORT]


def test_what_is_on_a_stick_that_is_away_is_not_removed_yet(office: Office, stick: Path) -> None:
    old = make(office)
    office.clock.step(days=100)
    make(office)
    stick.rename(stick.with_name("away"))
    assert backups.rotate(office.database, office.clock()) == []
    stick.with_name("away").rename(stick)
    assert backups.rotate(office.database, office.clock()) == [str(old)]
    rows = office.read(lambda tx: [backup_log.get(tx, 1), backup_log.get(tx, 2)])
    assert [row and row.key_sealed is None for row in rows] == [True, False], (
        "nothing here opens a copy of it"
    )


def test_what_is_not_sealed_leaves_by_no_other_way(office: Office, tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (tmp_path / "link").symlink_to(outside)
    inside.mkdir()
    for way in (tmp_path / "link", inside / ".." / ".." / outside.name):
        with pytest.raises(BackupFailed, match=words.UNSEALED_LEAVES[:30]):
            make(office, Kind.ASKED, way)
    assert kept_in(outside) == []
    assert make(office, Kind.ASKED, inside).exists()


def test_a_folder_that_is_not_ours_to_write_is_said_with_who_we_are(tmp_path: Path) -> None:
    refused = PermissionError(13, "Permission denied", str(tmp_path / "one.part"))
    said = backup.why(refused)
    assert said.startswith(f"The user {tmp_path.owner()} may not write in {tmp_path}. Let it")
    backup.need_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BackupFailed, match="nowhere is not there"):
        backup.need_folder(tmp_path / "nowhere")
