"""A fresh Debian 12 in a folder, to install into: made by debootstrap, entered by chroot."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIRROR = os.environ.get("DEBIAN_MIRROR", "http://deb.debian.org/debian")
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
AS_SERVICE = ("setpriv", "--reuid", "smsgw", "--regid", "smsgw", "--init-groups", "--no-new-privs")


@dataclass(frozen=True)
class Machine:
    """The folder that is its /."""

    root: Path

    def popen(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a command in it."""
        return subprocess.Popen(
            ["chroot", str(self.root), *words],
            env=ENVIRONMENT | more, cwd="/", text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, *words: str, feed: str | None = None, code: int = 0, **more: str) -> str:
        """Run a command in it; what it said.

        Raises:
            AssertionError: it ended with another code.
        """
        done = subprocess.run(
            ["chroot", str(self.root), *words],
            env=ENVIRONMENT | more, cwd="/", text=True, input=feed or "",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}"
        return done.stdout

    def typed(self, *words: str, question: str, answer: str) -> str:
        """Run a command at a terminal and answer its question; what it said.

        Raises:
            OSError: it ended without having asked.
        """
        child, terminal = pty.fork()
        if not child:
            os.chroot(self.root)
            os.chdir("/")
            os.execvpe(words[0], words, {**ENVIRONMENT, "DEBIAN_FRONTEND": "readline"})
        said = b""
        while question.encode() not in said:
            said += os.read(terminal, 1024)
        os.write(terminal, answer.encode() + b"\n")
        with contextlib.suppress(OSError):  # a terminal whose program ended
            while more := os.read(terminal, 1024):
                said += more
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0, said.decode()
        return said.decode()

    def install(self, *packages: Path) -> str:
        """Install .deb files with what they depend on; settings that somebody changed stay."""
        for package in packages:
            shutil.copy(package, self.root / "tmp")
        names = [f"/tmp/{package.name}" for package in packages]
        return self.run("apt-get", "install", "-y", "--reinstall", "--no-install-recommends", *names)

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")


@contextlib.contextmanager
def fresh(folder: Path, kept: Path) -> Iterator[Machine]:
    """A Debian 12 as debootstrap leaves it. `kept`: where the untouched tree is kept, to be copied next time.

    Needs root and the right to mount.
    """
    if not kept.exists():
        _make(kept)
    root = folder / "debian"
    subprocess.run(["cp", "-a", kept, root], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    machine = Machine(root)
    mounts = [("proc", "proc", "proc"), ("tmpfs", "tmpfs", "run")]
    try:
        for kind, what, where in mounts:
            subprocess.run(["mount", "-t", kind, what, root / where], check=True)
        machine.run("apt-get", "-qq", "update")
        yield machine
    finally:
        for _, _, where in mounts:
            subprocess.run(["umount", "-l", root / where], check=False)


def _make(kept: Path) -> None:
    draft = kept.with_name(kept.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["debootstrap", "--variant=minbase", "bookworm", draft, MIRROR], check=True, stdout=subprocess.DEVNULL
    )
    draft.rename(kept)
