"""Boot settings: where they come from, and what is said of those that cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway import config
from gateway.config import OPTIONS, ConfigError, Settings


@pytest.fixture(autouse=True)
def no_system_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's own file, which is not there unless a test writes it."""
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setattr(config, "DEFAULT_FILE", path)
    return path


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _load(file: Path | None = None, **env: str) -> Settings:
    return config.load(file, {"HOME": "/home/sam", **env})


def test_without_anything_the_defaults_count() -> None:
    assert _load() == Settings(
        data_dir=Path("/home/sam/.local/share/sms-gateway"),
        database="sqlite:////home/sam/.local/share/sms-gateway/gateway.db",
        listen=("127.0.0.1", 8080),
        log_level="info",
        log_format="text",
        tls_cert=None,
        tls_key=None,
        tls_listen=("0.0.0.0", 8443),
        trusted_hosts=(),
        trusted_proxies=(),
        serial_ports=(),
        power_command=(),
    )


def test_the_data_folder_follows_the_users_own() -> None:
    assert _load(XDG_DATA_HOME="/data").data_dir == Path("/data/sms-gateway")


def test_a_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = _file(tmp_path, f'data_dir = "{tmp_path}"\nlisten = "127.0.0.1:9000"\nlog_level = "debug"\n')
    settings = _load(file, SMS_GATEWAY_LISTEN="[::1]:9001")
    assert (settings.data_dir, settings.listen, settings.log_level) == (tmp_path, ("::1", 9001), "debug")
    assert settings.database == f"sqlite:///{tmp_path}/gateway.db"


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = _file(tmp_path, 'log_format = "JSON"')
    assert _load(SMS_GATEWAY_CONFIG=str(file)).log_format == "json"
    other = tmp_path / "other.toml"
    other.write_text('log_format = "text"')
    assert _load(other, SMS_GATEWAY_CONFIG=str(file)).log_format == "text", "the option wins"


def test_the_systems_file_is_read_when_none_is_named(no_system_file: Path) -> None:
    no_system_file.write_text('log_level = "warning"')
    assert _load().log_level == "warning"


def test_an_empty_variable_is_none() -> None:
    assert _load(SMS_GATEWAY_LISTEN="").listen == ("127.0.0.1", 8080)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_option_can_come_from_either_place(tmp_path: Path, option: config.Option) -> None:
    assert option.env == f"SMS_GATEWAY_{option.name.upper()}"
    values = {
        "data_dir": "/srv/sms",
        "database": "sqlite:////srv/x.db",
        "listen": "localhost:1",
        "log_level": "error",
        "log_format": "json",
        "tls_cert": "/c.pem",
        "tls_key": "/k.pem",
        "tls_listen": "[::]:443",
        "trusted_proxies": "127.0.0.1, fd00::/8",
        "trusted_hosts": "a.example, b.example",
        "serial_ports": "/dev/ttyUSB*, /dev/serial/by-id/*",
        "power_command": "uhubctl -l 1-1 -p 2 -a cycle",
    }
    pair = {name: values[name] for name in ("tls_cert", "tls_key") if option.name.startswith("tls")}
    given = {option.name: values[option.name], **pair}
    file = _file(tmp_path, "\n".join(f'{name} = "{value}"' for name, value in given.items()))
    by_env = _load(**{f"SMS_GATEWAY_{name.upper()}": value for name, value in given.items()})
    assert _load(file) == by_env != _load()


def test_a_list_may_be_written_as_one(tmp_path: Path) -> None:
    assert _load(_file(tmp_path, 'trusted_hosts = ["a.example", "b.example"]')).trusted_hosts == (
        "a.example",
        "b.example",
    )


def test_the_loops_own_driver_means_the_same() -> None:
    assert _load(SMS_GATEWAY_DATABASE="sqlite+aiosqlite:////srv/x.db").database == "sqlite:////srv/x.db"


def test_paths_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert _load(SMS_GATEWAY_DATA_DIR="here").data_dir == tmp_path / "here"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('lissten = "x:1"', "no setting 'lissten'. Did you mean 'listen'?"),
        ("[listen]\nport = 1", "listen"),
        ("listen = ", "not valid TOML"),
        ('listen = "8080"', "address:port"),
        ('listen = "127.0.0.1:99999"', "address:port"),
        ('listen = "0.0.0.0:8080"', "without TLS"),
        ('listen = "0.0.0.0:8080"', "sms-gateway tls init"),
        ('tls_listen = "8443"', "address:port"),
        ('trusted_proxies = "nginx"', "networks such as 192.168.1.0/24"),
        ('trusted_proxies = "10.0.0.1/8"', "host bits set"),
        ('log_level = "loud"', "debug, info, warning, error"),
        ('log_format = "xml"', "text, json"),
        ('database = "postgresql://x"', "not supported yet"),
        ('database = "gateway.db"', "sqlite:///path/to/gateway.db"),
        ('tls_cert = "/c.pem"', "belong together"),
    ],
)
def test_what_cannot_be_used_is_explained(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        _load(_file(tmp_path, text))
    assert says in str(error.value)
    assert str(error.value)[-1] in ".?"


def test_a_variable_with_a_typo_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"SMS_GATEWAY_LISTN.*Did you mean 'SMS_GATEWAY_LISTEN'"):
        _load(SMS_GATEWAY_LISTN="x")


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_named_file_must_be_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="--config"):
        _load(tmp_path / name)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not valid TOML"):
        _load(path)


def test_a_systems_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when it belongs to somebody else; only a file that is not there means the defaults."""
    monkeypatch.setattr(config, "DEFAULT_FILE", tmp_path / ("x" * 300))
    with pytest.raises(ConfigError, match="too long"):
        _load()


def test_other_addresses_open_with_tls() -> None:
    settings = _load(
        SMS_GATEWAY_LISTEN="0.0.0.0:443", SMS_GATEWAY_TLS_CERT="/c.pem", SMS_GATEWAY_TLS_KEY="/k.pem"
    )
    assert settings.listen == ("0.0.0.0", 443)


def test_the_door_for_other_machines_can_be_shut(tmp_path: Path) -> None:
    assert _load(_file(tmp_path, 'tls_listen = ""')).tls_listen is None


@pytest.mark.skipif(os.geteuid() != 0, reason="not run here: needs root")
def test_the_services_settings_are_read_by_root(no_system_file: Path) -> None:
    """Anybody else is told the one thing that helps."""
    no_system_file.write_text("")
    no_system_file.parent.chmod(0o700)
    os.seteuid(65534)
    try:
        with pytest.raises(ConfigError, match=r"only root may .* Run it with sudo\.$"):
            config.load(env={})
    finally:
        os.seteuid(0)
