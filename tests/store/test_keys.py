"""The box's secret: made once, never beside a database that was written with another."""

from __future__ import annotations

import json
import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.store import schema, suppression_log
from gateway.store.database import DatabaseError
from gateway.store.keys import KEY_BYTES, KeyLost, Keys
from tests.office import ANNA, Office


def _run(folder: Path, *arguments: str) -> Result:
    env = {"SMS_GATEWAY_DATA_DIR": str(folder), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"}
    return CliRunner().invoke(main, arguments, env=env)


def _lose(key: Path) -> None:
    key.unlink()


def _cut(key: Path) -> None:
    key.write_bytes(key.read_bytes()[:10])


def _empty(key: Path) -> None:
    key.write_bytes(b"")


def _lengthen(key: Path) -> None:
    key.write_bytes(key.read_bytes() + b"\n")


# --- making it ---------------------------------------------------------------------------------------


def test_an_empty_place_gets_a_secret_and_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "gateway.db"
    first = schema.prepare_with_keys(path, path.parent)
    key = path.parent / "secret.key"
    assert len(key.read_bytes()) == KEY_BYTES and key.stat().st_mode & 0o777 == 0o600
    assert schema.prepare_with_keys(path, path.parent).number_hash(ANNA) == first.number_hash(ANNA)
    assert [file.name for file in path.parent.glob("secret.*")] == ["secret.key"]


def test_a_start_that_broke_off_before_the_schema_is_repeated(tmp_path: Path) -> None:
    Keys(tmp_path)
    (tmp_path / "gateway.db").touch()
    schema.prepare_with_keys(tmp_path / "gateway.db", tmp_path)
    assert schema.version(tmp_path / "gateway.db") == schema.HEAD


def test_another_programs_database_gets_no_secret(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_text("Dear Sam, this is no database. " * 200)
    with pytest.raises(DatabaseError):
        schema.prepare_with_keys(tmp_path / "gateway.db", tmp_path)
    assert not (tmp_path / "secret.key").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="data_dir in config"):
        Keys(tmp_path / "file")


# --- losing it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("harm", [_lose, _cut, _empty, _lengthen])
def test_without_its_secret_a_database_is_not_opened(office: Office, harm: object) -> None:
    """Else a text to somebody who said stop would be accepted: their number would hash to something new."""
    folder, key = office.path.parent, office.path.parent / "secret.key"
    kept = key.read_bytes()
    office.text_from(ANNA, "STOP")
    harm(key)  # type: ignore[operator]
    harmed = key.read_bytes() if key.exists() else None
    for command in (["send", ANNA, "hello"], ["line", "list"], ["run"], ["migrate"]):
        done = _run(folder, *command)
        assert done.exit_code == 78, (command, done.output)
        assert "Restore secret.key from the backup" in done.stderr
        assert "Nothing was changed" in done.stderr
    assert (key.read_bytes() if key.exists() else None) == harmed
    key.write_bytes(kept)
    refused = _run(folder, "send", ANNA, "hello")
    assert refused.exit_code == 1 and "asked us to stop" in refused.stderr


def test_a_damaged_secret_is_not_replaced_where_there_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"x")
    with pytest.raises(KeyLost, match="it has 1 bytes and not 32"):
        schema.prepare_with_keys(tmp_path / "gateway.db", tmp_path)
    assert not (tmp_path / "gateway.db").exists()


# --- what the doctor says of it ----------------------------------------------------------------------


def _doctor(folder: Path) -> dict[str, dict[str, object]]:
    return {check["name"]: check for check in json.loads(_run(folder, "doctor", "--json").stdout)}


@pytest.mark.parametrize("harm", [_lose, _cut])
def test_the_doctor_says_that_it_is_lost(office: Office, harm: object) -> None:
    folder, key = office.path.parent, office.path.parent / "secret.key"
    assert _doctor(folder)["secret.key"]["ok"]
    harm(key)  # type: ignore[operator]
    harmed = key.read_bytes() if key.exists() else None
    found = _doctor(folder)
    assert not found["secret.key"]["ok"] and found["database"]["ok"]
    assert found["secret.key"]["remedy"] == "Restore secret.key from the backup."
    assert (key.read_bytes() if key.exists() else None) == harmed


def test_the_doctor_finds_nothing_wrong_with_a_secret_not_made_yet(tmp_path: Path) -> None:
    assert _doctor(tmp_path)["secret.key"]["found"] == "not made yet"
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_says_who_else_may_read_it(office: Office) -> None:
    (office.path.parent / "secret.key").chmod(0o644)
    found = _doctor(office.path.parent)
    assert not found["secret.key"]["ok"] and found["database file"]["ok"]


# --- the log of opt-outs -----------------------------------------------------------------------------

NOW = datetime(2026, 3, 4, 17, 0, tzinfo=UTC)


def test_a_line_that_a_crash_cut_short_takes_no_other_with_it(tmp_path: Path) -> None:
    keys, path = Keys(tmp_path), tmp_path / suppression_log.NAME
    keys.log_suppression("opt_out", "one", NOW)
    path.write_bytes(path.read_bytes()[:-30])
    keys.log_suppression("opt_out", "two", NOW)
    keys.log_suppression("opt_out", "three", NOW)
    log = suppression_log.read(path)
    assert ([entry.number_hash for entry in log.entries], log.damaged) == (["two", "three"], 1)


def test_a_line_that_is_not_there_whole_is_not_taken_for_one(tmp_path: Path) -> None:
    """A full disk takes the beginning of it and says how much that was."""
    keys, path = Keys(tmp_path), tmp_path / suppression_log.NAME
    keys.log_suppression("opt_out", "one", NOW)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 20, before[1]))
    try:
        with pytest.raises(OSError, match="No space"):
            keys.log_suppression("opt_out", "two", NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    keys.log_suppression("opt_out", "three", NOW)
    assert [entry.number_hash for entry in suppression_log.read(path).entries] == ["one", "three"]
