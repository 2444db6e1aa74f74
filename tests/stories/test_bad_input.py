"""What cannot be used: a sentence on what is wrong and what to do, an exit code, and nothing written."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import socket
import sqlite3
import subprocess
import sys
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.stories.harness import ROOT, Office, until

CUSTOMER = "+12025550123"
FAILED, CONFIGURATION = 1, 78
SENTENCE = re.compile(r"(sms-gateway|critical): \S[^\n]*\n")


def refused(office: Office, code: int, *words: str, **more: str) -> str:
    """Run a command that has to fail with that code; its sentence."""
    done = office.run(*words, **more)
    assert (done.code, done.out) == (code, ""), done
    assert SENTENCE.fullmatch(done.err), done.err
    return done.err


def rows(office: Office) -> list[tuple[int, ...]]:
    """How much is in the database."""
    connection = sqlite3.connect(f"file:{office.data / 'gateway.db'}?mode=ro", uri=True)
    try:
        tables = ("messages", "parts", "conversations", "contacts", "lines", "events", "audit")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]
    finally:
        connection.close()


def test_commands_that_cannot_be_done(bare_office: Office) -> None:
    office = bare_office
    assert "line add" in refused(office, FAILED, "send", CUSTOMER, "There is no line yet")
    office.must("line", "add", "front", "--port", "/nowhere/modem")
    before = rows(office)
    assert "+1202" in refused(office, FAILED, "send", "+1202", "Too short a number")
    assert "nothing to send" in refused(office, FAILED, "send", CUSTOMER, " \n ")
    assert "front" in refused(office, FAILED, "send", CUSTOMER, "Hello", "--line", "back")
    assert "front" in refused(office, FAILED, "line", "add", "front", "--port", "/nowhere/other")
    assert "front" in refused(office, FAILED, "line", "add", "back", "--port", "/nowhere/modem")
    assert rows(office) == before


def test_lines_that_cannot_be_added(bare_office: Office, tmp_path: Path) -> None:
    office = bare_office
    before = rows(office)
    for port in (
        "telnet://127.0.0.1:9",
        "rfc2217://127.0.0.1",
        "foo://bar",
        "socket://127.0.0.1",
        "socket://[::1:5",
        "",
    ):
        said = refused(office, FAILED, "line", "add", "front", "--port", port)
        assert repr(port) in said
        assert "socket://host:port" in said
    noise, words, short = tmp_path / "noise", tmp_path / "words", tmp_path / "short"
    noise.write_bytes(b"\xff\xfe1234")
    words.write_text("The PIN is 1234\n")
    short.write_text("123\n")
    for file in (noise, words, short):
        said = refused(office, FAILED, "line", "add", "front", "--port", "/nowhere", "--pin-file", str(file))
        assert str(file) in said
    assert "own number" in refused(
        office, FAILED, "line", "add", "front", "--port", "/nowhere", "--number", "12345"
    )
    assert rows(office) == before


def test_requests_that_cannot_be_done(office: Office) -> None:
    office.start()
    until(lambda: office.line_health()["reason"]["code"] == "port_missing")
    before = rows(office)
    for wrong in (
        {"to": "+1202", "body": "Hello"},
        {"to": "not a number", "body": "Hello"},
        {"to": CUSTOMER, "body": ""},
        {"to": CUSTOMER, "body": "Hello", "line": "back"},
        {"to": CUSTOMER, "body": "Hello", "urgency": "high"},
        {"to": CUSTOMER, "body": "x" * 40_000},
    ):
        answer = office.api("POST", "/api/v1/messages", wrong)
        assert answer.status == (400 if "urgency" in wrong else 422), (wrong, answer)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.body["errors"][0]["detail"], answer.body
    assert rows(office) == before


@contextmanager
def device() -> Iterator[tuple[int, str]]:
    """A pty as a serial port: the end the device has, and the path a program opens."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    try:
        yield ours, os.ttyname(theirs)
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.slow
def test_ports_that_are_no_use(bare_office: Office, tmp_path: Path) -> None:
    """Not there, in use, silent, and talking nonsense: each line says so, and texts are accepted."""
    office = bare_office
    missing = str(tmp_path / "modem")
    with device() as (_, busy), device() as (_, silent), device() as (noise, noisy):
        holder = os.open(busy, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(noise, bytes(range(1, 256)) * 8)
        added = office.run("line", "add", "missing", "--port", missing)
        assert added.code == 0
        assert missing in added.err
        for name, port in (("busy", busy), ("silent", silent), ("noisy", noisy)):
            office.must("line", "add", name, "--port", port)
        office.start()

        def codes() -> dict[str, str]:
            names = ("missing", "busy", "silent", "noisy")
            return {name: office.line_health(name)["reason"]["code"] for name in names}

        mute = ("not_a_modem", "no_answer")
        until(lambda: codes()["missing"] == "port_missing" and codes()["busy"] == "port_busy")
        until(lambda: codes()["silent"] in mute and codes()["noisy"] in mute, 40, "no modem there")
        kept = office.post(CUSTOMER, "It waits", line="missing")
        assert kept["state"] == "queued"
        os.close(holder)
        assert office.stop() == 0


def test_settings_that_cannot_be_used(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('listne = "127.0.0.1:8080"\n')
    assert "'listen'" in refused(office, CONFIGURATION, "--config", str(file), "run")
    file.write_text("listen = [\n")
    assert str(file) in refused(office, CONFIGURATION, "--config", str(file), "run")
    assert "SMS_GATEWAY_LISTEN" in refused(office, CONFIGURATION, "run", SMS_GATEWAY_LISTNE="127.0.0.1:0")
    assert "TLS" in refused(office, CONFIGURATION, "run", SMS_GATEWAY_LISTEN="0.0.0.0:8080")


def test_a_certificate_that_cannot_be_used(office: Office, tmp_path: Path) -> None:
    """Said before the panel is said to be open, and before anything is changed."""
    words = tmp_path / "words.pem"
    words.write_text("Dear Sam, this is no certificate.")
    data = {"SMS_GATEWAY_DATA_DIR": str(tmp_path / "untouched")}
    for path, name in (("/nope", "tls_cert = /nope"), (str(words), str(words))):
        pair = {"SMS_GATEWAY_TLS_CERT": path, "SMS_GATEWAY_TLS_KEY": str(words)}
        assert name in refused(office, CONFIGURATION, "run", **pair, **data)
    assert not (tmp_path / "untouched").exists()


def test_a_disk_that_fails_is_no_mistake_in_the_settings(office: Office) -> None:
    """A limit on the size of files: opening the database is within it, a long text is not."""
    command = 'ulimit -f 80; exec "$0" -m gateway send "$1" "$2"'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, CUSTOMER, "Long " * 7000],
        cwd=ROOT, env=office.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (FAILED, ""), done
    assert SENTENCE.fullmatch(done.stderr), done.stderr
    assert "the disk" in done.stderr


def test_a_database_of_a_newer_version(office: Office) -> None:
    path = office.data / "gateway.db"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    assert "newer" in refused(office, CONFIGURATION, "run")
    assert path.read_bytes() == before


def test_one_data_folder_and_one_port_for_one_daemon(office: Office, tmp_path: Path) -> None:
    office.start()
    assert str(office.data) in refused(office, FAILED, "run")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        other = {"SMS_GATEWAY_DATA_DIR": str(tmp_path / "other"), "SMS_GATEWAY_LISTEN": address}
        assert "listen" in refused(office, FAILED, "run", **other)
        assert not (tmp_path / "other").exists()
    same = office.address.removeprefix("http://")
    assert str(office.data) in refused(office, FAILED, "run", SMS_GATEWAY_LISTEN=same)
    assert office.api("GET", "/healthz/ready").status == 200
