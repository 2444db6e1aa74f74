"""Root works as the owner of the data: what root would create there, the service could not open."""

from __future__ import annotations

import os
import pwd
from pathlib import Path


def become_owner_of(data_dir: Path) -> None:
    """Give up root for the owner of the data folder, for the rest of this process.

    Nothing happens to anybody but root, where the folder is root's own, and where there is none yet.
    """
    if os.geteuid() != 0:
        return
    try:
        there = data_dir.stat()
    except OSError:
        return
    if there.st_uid == 0:
        return
    try:
        os.initgroups(pwd.getpwuid(there.st_uid).pw_name, there.st_gid)
    except KeyError:  # an owner without a name
        os.setgroups([])
    os.setgid(there.st_gid)
    os.setuid(there.st_uid)
