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

VERSION = "0.0.9"
debian = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or environment.minor_version(build.PYTHON) != build.NEEDED_PYTHON,
    reason="not run here: needs Debian 12",
)
pytestmark = [debian, pytest.mark.slow, pytest.mark.xdist_group("deb"), pytest.mark.timeout(300)]


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
    ran = subprocess.run(
        [home / "bin" / "python3", home / "bin" / "sms-gateway", *words],
        capture_output=True, text=True, check=False, cwd="/", env={"PATH": "/usr/bin"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


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
        "etc/sms-gateway/config.toml",
        "usr/share/doc/sms-gateway/copyright",
        "usr/share/doc/sms-gateway/changelog.gz",
    ):
        assert found[path].mode == 0o644, path
    assert found["usr/bin/sms-gateway"].linkname == "/opt/sms-gateway/bin/sms-gateway"
    assert found["opt/sms-gateway/bin/python3"].linkname == "/usr/bin/python3"
    assert {(entry.uname, entry.gname) for entry in entries} == {("root", "root")}
    writable = [entry.name for entry in entries if not entry.issym() and entry.mode & 0o022]
    assert writable == []


def test_settings_are_kept_over_an_update(unpacked: Path) -> None:
    assert (unpacked / "DEBIAN" / "conffiles").read_text() == "/etc/sms-gateway/config.toml\n"
    assert (unpacked / "etc/sms-gateway/config.toml").read_text() == config_file()


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
    build.install(tmp_path, "/usr/local", build.PYTHON)
    inside = tmp_path / "usr/local"
    assert config.read_text() == "# ours\n"
    assert (inside / "bin/sms-gateway").readlink() == Path("/usr/local/lib/sms-gateway/bin/sms-gateway")
    unit = (inside / "lib/systemd/system/sms-gateway.service").read_text()
    assert "ExecStart=/usr/local/bin/sms-gateway run\n" in unit
    assert f"sms-gateway {environment.version()}, " in _runs(inside / "lib/sms-gateway", "version")
    build.uninstall(tmp_path, "/usr/local")
    assert [path for path in tmp_path.rglob("*") if not path.is_dir()] == [config]


def test_an_interpreter_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(environment.CannotBuild, match="PYTHON="):
        build.install(tmp_path, "/usr/local", "/nowhere/python3")
    assert list(tmp_path.iterdir()) == []
