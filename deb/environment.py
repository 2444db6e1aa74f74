"""The private virtual environment of an installed sms-gateway, made where it does not run yet.

It is written by hand, since `python -m venv` and pip write the paths of the machine that builds into it:
a link to the interpreter that will be there, the libraries of requirements.lock by their hashes, the program,
and one command. Everything is compiled, so that nothing is fetched or written when it is installed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gateway.cli import EX_CONFIG

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = "sms-gateway"
WHOLE = "whole"
"""The file that comes last in the order in which dpkg puts files there, as the command comes first."""
_COMMAND = """#!{home}/bin/python3
import sys

try:
    with open(sys.prefix + "/{whole}") as file:
        is_whole = file.read() == "{mark}"
except OSError:
    is_whole = False
if not is_whole:
    print(
        "sms-gateway: an update broke off, and files of two versions are here. Install the package again: "
        "sudo apt install --reinstall ./sms-gateway_*.deb",
        file=sys.stderr,
    )
    sys.exit({code})

from gateway.cli import main

sys.exit(main())
"""


class CannotBuild(Exception):
    """What is built cannot be built here. The text says why, and what to do."""


def version() -> str:
    """Of the program, as pyproject.toml says."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def minor_version(python: str) -> str:
    """Of an interpreter, such as 3.11.

    Raises:
        CannotBuild: it is not there.
    """
    try:
        asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        raise CannotBuild(f"{python} cannot be run. Install Python, or name another with PYTHON=.") from None


def build(root: Path, home: str, python: str, wanted: str) -> Path:
    """Make the environment that will be at `home` (absolute) on a machine whose / is `root` now, for the
    interpreter at `python` there, with the program as version `wanted`; returns its folder.

    Raises:
        CannotBuild: the interpreter is missing.
    """
    minor = minor_version(python)
    folder = root / home.lstrip("/")
    site = folder / "lib" / f"python{minor}" / "site-packages"
    site.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to(python)
    (folder / "pyvenv.cfg").write_text(
        f"home = {Path(python).parent}\ninclude-system-site-packages = false\nversion = {minor}\n",
        encoding="utf-8",
    )
    _install(site, python, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    with tempfile.TemporaryDirectory() as built:
        _install(site, python, "--no-deps", str(_wheel(Path(built), wanted)))
    _leave_out_what_only_builds(site)
    for name in ("bin", "include", "share", ".lock"):  # what belongs outside, some with paths of this machine
        _remove(site / name)
    _compile(site, root, python)
    mark = _sum(site)
    command = folder / "bin" / PROGRAM
    text = _COMMAND.format(home=home, whole=WHOLE, mark=mark, code=EX_CONFIG)
    command.write_text(text, encoding="utf-8")
    command.chmod(0o755)
    (folder / WHOLE).write_text(mark, encoding="utf-8")
    return folder


def _sum(folder: Path) -> str:
    """Of all files of a folder: what one build is known by."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(file.relative_to(folder)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _install(site: Path, python: str, *what: str) -> None:
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, "--quiet", "pip", "install", "--python", python, "--target", site, "--link-mode", "copy", *what],
        check=True,
        cwd=ROOT,
    )


def _wheel(folder: Path, wanted: str) -> Path:
    """The program as a wheel, of that version."""
    source = folder / "source"
    source.mkdir()
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "gateway", source / "gateway", ignore=shutil.ignore_patterns("__pycache__"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (source / "pyproject.toml").write_text(
        re.sub(r'^version = ".*"$', f'version = "{wanted}"', project, count=1, flags=re.MULTILINE),
        encoding="utf-8",
    )
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        check=True, cwd=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel


def _leave_out_what_only_builds(site: Path) -> None:
    """requirements.lock holds what builds the program as well; an installed one is never built."""
    found = {canonicalize_name(one.metadata["Name"]): one for one in distributions(path=[str(site)])}
    needed = set(_needed(found))
    for name, one in found.items():
        if name not in needed:
            for top in {file.parts[0] for file in one.files or ()} - {".."}:
                _remove(site / top)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _needed(found: dict[str, Distribution]) -> Iterator[str]:
    """What the program needs, and what that needs, by name."""
    waiting: list[tuple[str, frozenset[str]]] = [(PROGRAM, frozenset())]
    seen = set()
    while waiting:
        name, extras = here = waiting.pop()
        if here in seen or name not in found:
            continue
        seen.add(here)
        yield name
        for need in map(Requirement, found[name].requires or ()):
            if need.marker is None or any(need.marker.evaluate({"extra": one}) for one in extras | {""}):
                waiting.append((canonicalize_name(need.name), frozenset(need.extras)))


def _compile(site: Path, root: Path, python: str) -> None:
    """By hash and unchecked: dates of files do not matter to it."""
    how = ["-q", "-q", "-f", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", str(root), "-p", "/"]
    subprocess.run([python, "-W", "ignore", "-m", "compileall", *how, str(site)], check=True)
