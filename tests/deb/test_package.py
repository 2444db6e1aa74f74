"""The package and what `make install` puts there: complete, compiled, and runnable without the source."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from deb import build, environment
from deb.settings import config_file
from gateway.cli import EX_CONFIG

VERSION = "0.0.9"
debian = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or environment.minor_version(build.PYTHON) != build.NEEDED_PYTHON,
    reason="not run here: needs Debian 12",
)
pytestmark = [debian, pytest.mark.slow, pytest.mark.alone("deb"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.package(tmp_path_factory.mktemp("dist"), VERSION, "none")


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "-R", package, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def entries(package: Path) -> list[tarfile.TarInfo]:
    """What the package puts on a machine."""
    packed = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, stdout=subprocess.PIPE)
    file = package.with_suffix(".tar")
    file.write_bytes(packed.stdout)
    with tarfile.open(file) as tar:
        return tar.getmembers()


def _runs(home: Path, *words: str) -> str:
    """What the installed program answers, by its own interpreter and libraries."""
    ran = _command(home, *words)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def _command(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [home / "bin" / "python3", home / "bin" / "sms-gateway", *words],
        capture_output=True, text=True, check=False, cwd="/", env={"PATH": "/usr/bin"},
    )  # fmt: skip


def test_it_is_named_for_version_and_architecture(package: Path, unpacked: Path) -> None:
    assert package.name.startswith(f"sms-gateway_{VERSION}_")
    control = (unpacked / "DEBIAN" / "control").read_text()
    assert f"\nVersion: {VERSION}\n" in control
    assert "{" not in control


def test_everything_is_where_debian_expects_it(entries: list[tarfile.TarInfo]) -> None:
    found = {entry.name.removeprefix("./"): entry for entry in entries}
    for path in (
        "lib/systemd/system/sms-gateway.service",
        "lib/udev/rules.d/60-sms-gateway.rules",
        "usr/lib/sysusers.d/sms-gateway.conf",
        "usr/lib/tmpfiles.d/sms-gateway.conf",
        "usr/share/sms-gateway/config.toml",
        "usr/share/doc/sms-gateway/copyright",
        "usr/share/doc/sms-gateway/changelog.gz",
    ):
        assert found[path].mode == 0o644, path
    assert found["usr/bin/sms-gateway"].linkname == "/opt/sms-gateway/bin/sms-gateway"
    assert found["opt/sms-gateway/bin/python3"].linkname == "/usr/bin/python3"
    assert {(entry.uname, entry.gname) for entry in entries} == {("root", "root")}
    writable = [entry.name for entry in entries if not entry.issym() and entry.mode & 0o022]
    assert writable == []


def test_an_update_asks_nothing_about_settings(unpacked: Path) -> None:
    """They are made of this once; dpkg knows nothing of them."""
    assert (unpacked / "usr" / build.DEFAULT_CONFIG).read_text() == config_file()
    assert not (unpacked / "etc").exists()
    assert not (unpacked / "DEBIAN" / "conffiles").exists()


def test_a_mix_of_two_versions_does_not_start(
    package: Path, entries: list[tarfile.TarInfo], unpacked: Path
) -> None:
    """dpkg renames in this order: the command is the first of the new program, what tells that it is whole
    the last."""
    home = f"./opt/{environment.PROGRAM}/"
    order = [
        entry.name.removeprefix(home) for entry in entries if entry.isfile() and entry.name.startswith(home)
    ]
    assert (order[0], order[-1]) == ("bin/sms-gateway", environment.WHOLE)
    whole = unpacked / home / environment.WHOLE
    mark = whole.read_text()
    for other in ("of another build", None):
        whole.write_text(other) if other else whole.unlink()
        done = _command(unpacked / home, "version")
        assert (done.returncode, done.stdout) == (EX_CONFIG, "")
        assert "Install the package again" in done.stderr
    whole.write_text(mark)


def test_it_is_compiled_and_holds_nothing_that_only_builds(unpacked: Path) -> None:
    site = unpacked / "opt/sms-gateway/lib/python3.11/site-packages"
    for source in (site / "gateway").rglob("*.py"):
        assert Path(importlib.util.cache_from_source(str(source))).exists(), source
    names = {path.name for path in site.iterdir()}
    assert {"gateway", "flask", "cryptography", "tzdata"} <= names
    assert (
        names & {"hatchling", "editables", "pip", "setuptools", "bin", "include", "share", "tests"} == set()
    )
    assert {path.name for path in (unpacked / "opt/sms-gateway/bin").iterdir()} == {"python3", "sms-gateway"}


def test_it_runs_by_debians_own_python(unpacked: Path) -> None:
    assert f"sms-gateway {VERSION}, schema " in _runs(unpacked / "opt/sms-gateway", "version")


def test_sums_are_those_of_the_files(unpacked: Path) -> None:
    subprocess.run(["md5sum", "--quiet", "-c", "DEBIAN/md5sums"], cwd=unpacked, check=True)


@pytest.mark.parametrize("name", build.SCRIPTS)
def test_scripts_are_sound(unpacked: Path, name: str) -> None:
    script = unpacked / "DEBIAN" / name
    assert script.stat().st_mode & 0o777 == 0o755
    assert "\nset -e\n" in script.read_text()
    subprocess.run(["sh", "-n", script], check=True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="not run here: needs shellcheck")
def test_shellcheck_finds_nothing_in_the_scripts() -> None:
    subprocess.run(["shellcheck", *(build.HERE / name for name in build.SCRIPTS)], check=True)


def test_install_without_a_package(tmp_path: Path) -> None:
    config = tmp_path / build.CONFIG
    config.parent.mkdir(parents=True)
    config.write_text("# ours\n")
    for _ in range(2):  # over itself, too
        build.install(tmp_path, "/usr/local", build.PYTHON)
    inside = tmp_path / "usr/local"
    assert config.read_text() == "# ours\n"
    assert (inside / "bin/sms-gateway").readlink() == Path("/usr/local/lib/sms-gateway/bin/sms-gateway")
    unit = (inside / "lib/systemd/system/sms-gateway.service").read_text()
    assert "ExecStart=/usr/local/bin/sms-gateway run\n" in unit
    assert (inside / "share/doc/sms-gateway/docs/service.md").exists()
    assert (inside / "share/sms-gateway/config.toml").read_text() == config_file()
    assert f"sms-gateway {environment.version()}, " in _runs(inside / "lib/sms-gateway", "version")
    build.uninstall(tmp_path, "/usr/local")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == [config]


def test_an_interpreter_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(environment.CannotBuild, match="PYTHON="):
        build.install(tmp_path, "/usr/local", "/nowhere/python3")
    assert list(tmp_path.iterdir()) == []


def test_what_is_installed_stays_when_the_new_cannot_be_put_there(tmp_path: Path) -> None:
    program = tmp_path / "lib/sms-gateway/bin/sms-gateway"
    program.parent.mkdir(parents=True)
    program.write_text("the version before")
    with pytest.raises(FileNotFoundError):
        build._put_in_place_of(program.parents[1], tmp_path / "nothing was built", tmp_path / "before")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == [program]
