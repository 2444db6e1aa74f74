"""Root works on an office's data as the one it belongs to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.owner import become_owner_of

NOBODY = 65534
root = pytest.mark.skipif(os.geteuid() != 0, reason="not run here: needs root")


def _after(folder: Path) -> tuple[int, int]:
    """User and group of a process once it became the owner of a folder."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            become_owner_of(folder)
            os.write(writer, f"{os.geteuid()} {os.getegid()} {0 in os.getgroups()}".encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        user, group, still = answer.read().split()
    assert user == "0" or still == "False"
    return int(user), int(group)


@root
def test_root_becomes_the_owner(tmp_path: Path) -> None:
    os.chown(tmp_path, NOBODY, NOBODY)
    assert _after(tmp_path) == (NOBODY, NOBODY)


@root
def test_an_owner_without_a_name_is_no_trouble(tmp_path: Path) -> None:
    os.chown(tmp_path, 54321, 54321)
    assert _after(tmp_path) == (54321, 54321)


@root
@pytest.mark.parametrize("name", [".", "not-there-yet"])
def test_what_is_roots_own_or_new_changes_nobody(tmp_path: Path, name: str) -> None:
    assert _after(tmp_path / name) == (0, os.getegid())
