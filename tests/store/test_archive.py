"""A backup is one file; what is not whole, or not ours, is not used."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.store import archive, backup, sealing
from gateway.store.archive import DATABASE, KEY, LOG, NOT_WHOLE, Manifest
from gateway.store.backup import BackupFailed
from tests.office import ANNA, Office

OPENED_BY, RECIPIENT = sealing.new_key()


@pytest.fixture
def folder(office: Office, tmp_path: Path) -> Path:
    """What goes into a backup of an office with a text."""
    office.accept(ANNA, "Your glasses are ready.")
    made = tmp_path / "scratch"
    made.mkdir()
    backup.copy(office.path, made / DATABASE)
    (made / KEY).write_bytes((tmp_path / KEY).read_bytes())
    (made / LOG).write_text('{"a": "line"}\n')
    return made


def described(folder: Path, office: Office) -> Manifest:
    return archive.described(folder, office.clock(), "1", "0004", "Alderwick Dental")


@pytest.mark.parametrize("sealed", [True, False])
def test_it_comes_back_whole(folder: Path, office: Office, tmp_path: Path, sealed: bool) -> None:
    manifest, file, back = described(folder, office), tmp_path / "one.backup", tmp_path / "back"
    key = archive.pack(folder, manifest, file, RECIPIENT if sealed else None)
    assert (key is not None) is sealed is archive.is_sealed(file)
    secret = sealing.by_key(OPENED_BY) if sealed else None
    back.mkdir()
    assert archive.look(file, secret) == archive.unpack(file, secret, back) == manifest
    for name in (DATABASE, KEY, LOG):
        assert (back / name).read_bytes() == (folder / name).read_bytes()
        assert (back / name).stat().st_mode & 0o777 == 0o600
    assert file.stat().st_mode & 0o777 == 0o600
    assert manifest.counts["messages"] == 1
    assert [path.name for path in tmp_path.glob("*.part")] == []


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("left", [0.0, 0.001, 0.5, 0.99, -1])
def test_one_that_was_cut_short_is_refused(
    folder: Path, office: Office, tmp_path: Path, sealed: bool, left: float
) -> None:
    file = tmp_path / "one.backup"
    archive.pack(folder, described(folder, office), file, RECIPIENT if sealed else None)
    octets = file.read_bytes()
    file.write_bytes(octets[: -1 if left == -1 else int(len(octets) * left)])
    with pytest.raises(BackupFailed):
        archive.look(file, sealing.by_key(OPENED_BY))


def test_however_large_it_is_little_is_held_in_memory(office: Office, tmp_path: Path) -> None:
    """Two gigabytes on a small box go the same way."""
    octets, folder = 32 << 20, tmp_path / "large"
    folder.mkdir()
    files = {}
    for name, length in ((KEY, 32), (LOG, 100), (DATABASE, octets)):
        content = os.urandom(length)
        (folder / name).write_bytes(content)
        files[name] = (length, hashlib.sha256(content).hexdigest())
    del content
    manifest = Manifest(office.clock(), None, "1", "0004", "Our office", {}, files)
    tracemalloc.start()
    try:
        archive.pack(folder, manifest, tmp_path / "one", RECIPIENT)
        assert archive.look(tmp_path / "one", sealing.by_key(OPENED_BY)) == manifest
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < octets // 8, most


def test_a_sealed_one_asks_for_what_opens_it(folder: Path, office: Office, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    archive.pack(folder, described(folder, office), file, RECIPIENT)
    with pytest.raises(BackupFailed, match="--passphrase-file"):
        archive.look(file, None)


def tarred(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


def with_another_file(manifest: Manifest) -> bytes:
    return tarred({"manifest.json": manifest.to_json(), "../../escaped": b"x"})


def with_another_content(manifest: Manifest) -> bytes:
    return tarred({"manifest.json": manifest.to_json(), KEY: b"k" * 32})


@pytest.mark.parametrize(
    "made",
    [
        lambda manifest: b"no backup at all",
        lambda manifest: b"",
        lambda manifest: tarred({"holiday.jpg": b"x"}),
        lambda manifest: tarred({"manifest.json": b"[]"}),
        lambda manifest: tarred({"manifest.json": manifest.to_json()}),
        with_another_file,
        with_another_content,
    ],
)
def test_what_is_no_backup_is_said_to_be_none(
    folder: Path, office: Office, tmp_path: Path, made: Callable[[Manifest], bytes]
) -> None:
    file, back = tmp_path / "one.backup", tmp_path / "deep" / "er"
    back.mkdir(parents=True)
    file.write_bytes(made(described(folder, office)))
    with pytest.raises(BackupFailed, match=NOT_WHOLE[:20]):
        archive.unpack(file, None, back)
    assert not (tmp_path / "escaped").exists()


def test_one_of_a_newer_program_names_it(folder: Path, office: Office, tmp_path: Path) -> None:
    newer = described(folder, office).to_json().replace(b'"format": 1', b'"format": 2')
    (tmp_path / "one").write_bytes(tarred({"manifest.json": newer}))
    with pytest.raises(BackupFailed, match="made by sms-gateway 1"):
        archive.look(tmp_path / "one", None)


def test_a_damaged_database_is_noticed(folder: Path, office: Office) -> None:
    path = folder / DATABASE
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2 : len(octets) // 2 + 4096] = b"\xa5" * 4096
    path.write_bytes(octets)
    with pytest.raises(BackupFailed, match="damaged"):
        described(folder, office)
