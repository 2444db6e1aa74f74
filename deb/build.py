"""Builds the Debian package, and installs from the source: `make deb`, `make install`, `make uninstall`."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deb import environment
from deb.environment import PROGRAM, ROOT, CannotBuild
from deb.settings import config_file

HERE = Path(__file__).resolve().parent
HOME = f"/opt/{PROGRAM}"
PYTHON = "/usr/bin/python3"
NEEDED_PYTHON = "3.11"
CONFIG = f"etc/{PROGRAM}/config.toml"
DOCUMENTS, SHARED = f"share/doc/{PROGRAM}", f"share/{PROGRAM}"
DEFAULT_CONFIG = f"{SHARED}/config.toml"
"""Below the prefix. What postinst makes the settings of, where there are none: no conffile, because dpkg's
question about one that changed would hold up an update while the service is stopped."""
SCRIPTS = ("postinst", "prerm", "postrm")
SYSTEM_FILES = {
    "sms-gateway.service": "lib/systemd/system/sms-gateway.service",
    "60-sms-gateway.rules": "lib/udev/rules.d/60-sms-gateway.rules",
    "sms-gateway.sysusers": "lib/sysusers.d/sms-gateway.conf",
    "sms-gateway.tmpfiles": "lib/tmpfiles.d/sms-gateway.conf",
}
"""Files of systemd/ and where they go, below the prefix."""
OF_THE_ROOT = ("sms-gateway.service", "60-sms-gateway.rules")
"""Those that a Debian 12 package has in /lib and not in /usr/lib."""


# --- the package -------------------------------------------------------------------------------------


def package(out: Path, version: str, compression: str) -> Path:
    """Build the package of this machine's architecture into the folder `out`; returns its file.

    Raises:
        CannotBuild: this is not Debian 12, whose Python the package is made for.
    """
    found = environment.minor_version(PYTHON)
    if found != NEEDED_PYTHON or shutil.which("dpkg-deb") is None:
        raise CannotBuild(
            f"The package is built on Debian 12, with its Python {NEEDED_PYTHON} at {PYTHON}; here it is "
            f"{found}. Build it there, or install with: make install"
        )
    architecture = _said("dpkg", "--print-architecture")
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        root.mkdir(mode=0o755)
        _fill(root, version)
        _describe(root, version, architecture)
        out.mkdir(parents=True, exist_ok=True)
        file = out / f"{PROGRAM}_{version}_{architecture}.deb"
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", f"-Z{compression}", "--build", root, file],
            check=True, stdout=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": _epoch()},
        )  # fmt: skip
    return file


def _fill(root: Path, version: str) -> None:
    environment.build(root, HOME, PYTHON, version)
    link = root / "usr" / "bin" / PROGRAM
    link.parent.mkdir(parents=True)
    link.symlink_to(f"{HOME}/bin/{PROGRAM}")
    for name, place in SYSTEM_FILES.items():
        prefix = root if name in OF_THE_ROOT else root / "usr"
        _copy(ROOT / "systemd" / name, prefix / place)
    _write(root / "usr" / DEFAULT_CONFIG, config_file())
    docs = root / "usr" / DOCUMENTS
    documents(docs)
    _copy(HERE / "copyright", docs / "copyright")
    changes = gzip.compress((ROOT / "CHANGELOG.md").read_bytes(), mtime=0)
    (docs / "changelog.gz").write_bytes(changes)


def documents(folder: Path) -> None:
    """Put there what is written for people, with its pictures, in the order that its links name."""
    written = (path for path in (ROOT / "docs").rglob("*") if path.suffix in (".md", ".png"))
    for path in (*ROOT.glob("*.md"), *written):
        _copy(path, folder / path.relative_to(ROOT))


def _describe(root: Path, version: str, architecture: str) -> None:
    """DEBIAN/: control, sums, scripts."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    size = sum(-(-path.stat().st_size // 1024) for path in files)
    control = (HERE / "control").read_text(encoding="utf-8")
    folder = root / "DEBIAN"
    _write(folder / "control", control.format(version=version, architecture=architecture, size=size))
    _write(folder / "md5sums", "".join(f"{_md5(path)}  {path.relative_to(root)}\n" for path in files))
    for name in SCRIPTS:
        _copy(HERE / name, folder / name, 0o755)


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _epoch() -> str:
    """When the newest commit was made: the same source gives the same package."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    try:
        return _said("git", "-C", str(ROOT), "log", "-1", "--format=%ct")
    except (OSError, subprocess.CalledProcessError):
        return str(int(time.time()))


def _said(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


# --- without a package -------------------------------------------------------------------------------


def install(destdir: Path, prefix: str, python: str) -> None:
    """Install below `prefix`, in `destdir` instead of / where a package is made of it. Settings that are
    there are kept. What is installed stays until all of the new program is there.

    Raises:
        CannotBuild: the interpreter is missing, or where the service cannot run it.
    """
    python = _for_the_service(python)
    os.umask(0o022)
    home, inside = f"{prefix}/lib/{PROGRAM}", destdir / prefix.lstrip("/")
    (inside / "lib").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=inside / "lib", prefix=f".{PROGRAM}-") as folder:
        built = environment.build(Path(folder), home, python, environment.version())
        _put_in_place_of(inside / "lib" / PROGRAM, built, Path(folder) / "before")
    link = inside / "bin" / PROGRAM
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(f"{home}/bin/{PROGRAM}")
    for name, place in SYSTEM_FILES.items():
        text = (ROOT / "systemd" / name).read_text(encoding="utf-8")
        _write(inside / place, text.replace(f"=/usr/bin/{PROGRAM}", f"={prefix}/bin/{PROGRAM}"))
    shutil.rmtree(inside / DOCUMENTS, ignore_errors=True)
    documents(inside / DOCUMENTS)
    _write(inside / DEFAULT_CONFIG, config_file())
    if not (destdir / CONFIG).exists():
        _write(destdir / CONFIG, config_file())


def _put_in_place_of(place: Path, built: Path, before: Path) -> None:
    """Two renames on one disk: there is no moment at which half of a program is there."""
    if place.exists():
        place.rename(before)
    try:
        built.rename(place)
    except BaseException:
        if before.exists():
            before.rename(place)
        raise


def _for_the_service(python: str) -> str:
    """An interpreter by its own path, no virtual environment's."""
    environment.minor_version(python)
    own = _said(python, "-c", "import sys; print(sys._base_executable)")
    if own.startswith(("/root/", "/home/")):
        raise CannotBuild(
            f"{own} is in somebody's home, where the service may not read. "
            "Name the system's Python, 3.11 or later: make install PYTHON=/usr/bin/python3"
        )
    return own


def uninstall(destdir: Path, prefix: str) -> None:
    """Remove what `install` put there; settings and data stay."""
    inside = destdir / prefix.lstrip("/")
    for folder in (f"lib/{PROGRAM}", DOCUMENTS, SHARED):
        shutil.rmtree(inside / folder, ignore_errors=True)
    for place in (f"bin/{PROGRAM}", *SYSTEM_FILES.values()):
        (inside / place).unlink(missing_ok=True)


AFTER = f"""\
{PROGRAM} is installed. To run it as a service:
  systemd-sysusers && systemd-tmpfiles --create sms-gateway.conf
  systemctl daemon-reload && udevadm control --reload && udevadm trigger
  systemctl enable {PROGRAM} && systemctl restart {PROGRAM}
Without systemd: docs/install.md."""


def main() -> None:
    """The command line of the Makefile."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    deb = commands.add_parser("deb")
    deb.add_argument("--out", type=Path, default=ROOT / "dist")
    deb.add_argument("--version", default=environment.version())
    deb.add_argument("--compression", choices=("xz", "gzip", "none"), default="xz")
    for name in ("install", "uninstall"):
        one = commands.add_parser(name)
        one.add_argument("--destdir", default="")
        one.add_argument("--prefix", default="/usr/local")
        one.add_argument("--python", default=sys.executable)
    asked = parser.parse_args()
    try:
        if asked.command == "deb":
            print(package(asked.out, asked.version, asked.compression))
        elif asked.command == "install":
            install(Path(asked.destdir or "/"), asked.prefix, asked.python)
            if not asked.destdir:
                print(AFTER)
        else:
            uninstall(Path(asked.destdir or "/"), asked.prefix)
    except CannotBuild as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
