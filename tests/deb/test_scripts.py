"""What the package's scripts do to data, tried in a folder of the test's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from deb import build

TOOLS = ("sh", "find", "ls", "rm", "rmdir", "readlink", "flock", "true")


def ran(tmp_path: Path, name: str, word: str, **fakes: str) -> subprocess.CompletedProcess[str]:
    """A script whose machine lies in `tmp_path`; of programs it finds the harmless ones and `fakes`."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    for tool, body in fakes.items():
        fake = tools / tool.replace("_", "-")
        fake.write_text(f"#!/bin/sh\n{body}\n")
        fake.chmod(0o755)
    script = (build.HERE / name).read_text()
    for place in ("/var/lib/sms-gateway", "/etc/sms-gateway", "/run/systemd"):
        script = script.replace(place, f"{tmp_path}{place}")
    return subprocess.run(
        [tools / "sh", "-c", script, name, word],
        capture_output=True, text=True, check=False, env={"PATH": str(tools)}, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder is a link to a disk that others use too."""
    disk = tmp_path / "disk"
    for name in (
        "gateway.db", "gateway.db-wal", "pre-0003-0004.db", "secret.key", "suppressions.log", "ballast",
        "daemon.lock", "check-database", "delete-everything", "backups/lock", "backups/one.tar.gz",
        "sms-gateway-2026-11-22-024000.smsbackup", "tls/server.pem", "replaced-2026-11-22-024000/gateway.db",
        ".restore-x/gateway.db", ".secret.key.part",
    ):  # fmt: skip
        (disk / name).parent.mkdir(parents=True, exist_ok=True)
        (disk / name).touch()
    link = tmp_path / "var/lib/sms-gateway"
    link.parent.mkdir(parents=True)
    link.symlink_to(disk)
    return disk


def test_purge_deletes_what_the_program_made_and_its_folder(tmp_path: Path, data: Path) -> None:
    done = ran(tmp_path, "postrm", "purge")
    assert done.returncode == 0 and done.stdout == f"All texts in {data}" + " were deleted.\n", done
    assert not data.exists() and not (tmp_path / "var/lib/sms-gateway").is_symlink()


def test_purge_leaves_what_others_keep_on_that_disk(tmp_path: Path, data: Path) -> None:
    theirs = ("accounts.ods", "pre-press/customers.db", "photos/gateway.db", "replaced-parts/list")
    for name in theirs:
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).touch()
    done = ran(tmp_path, "postrm", "purge")
    assert done.returncode == 0 and f"What is left there: sudo ls -lA {data}" in done.stdout, done
    assert sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()) == sorted(theirs)


def test_without_leave_purge_says_where_the_texts_are(tmp_path: Path, data: Path) -> None:
    (data / "delete-everything").unlink()
    done = ran(tmp_path, "postrm", "purge")
    assert done.returncode == 0 and f"rm -r {data}\n" in done.stdout
    assert (data / "gateway.db").exists()


@pytest.mark.parametrize(("state", "code"), [("exit 0", 1), ("exit 3", 0)])
def test_files_are_not_changed_under_a_service_that_did_not_stop(
    tmp_path: Path, data: Path, state: str, code: int
) -> None:
    """Its data may lie where no lock is looked for."""
    (data / "daemon.lock").unlink()
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    done = ran(tmp_path, "prerm", "upgrade", deb_systemd_invoke="exit 1", systemctl=state)
    assert done.returncode == code, done
    assert ("still runs" in done.stderr) == bool(code)
