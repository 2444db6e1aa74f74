"""Boot settings: the few things the program must know before it can open its database.

One table (`OPTIONS`) names each setting, its type, default and meaning; the file, the environment, the
docs and the tests are made from it. Everything else an office can change lives in the database.
"""

from __future__ import annotations

import difflib
import os
import shlex
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

DEFAULT_FILE = Path("/etc/sms-gateway/config.toml")
ENV_PREFIX = "SMS_GATEWAY_"
Network = IPv4Network | IPv6Network


class ConfigError(Exception):
    """The settings cannot be used. The text says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Validated boot settings. Paths are absolute."""

    data_dir: Path
    database: str
    listen: tuple[str, int]
    log_level: str
    log_format: str
    tls_cert: Path | None
    tls_key: Path | None
    tls_listen: tuple[str, int] | None
    trusted_hosts: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    serial_ports: tuple[str, ...]
    power_command: tuple[str, ...]

    @property
    def database_path(self) -> Path:
        """The database's file."""
        return Path(self.database.removeprefix("sqlite:///"))


@dataclass(frozen=True, slots=True)
class Option:
    """One boot setting: its key in the file, default (None: computed), meaning and parser."""

    name: str
    default: str | None
    meaning: str
    parse: Callable[[str], object]

    @property
    def env(self) -> str:
        """Its environment variable."""
        return ENV_PREFIX + self.name.upper()


def _path(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _path_or_none(value: str) -> Path | None:
    return _path(value) if value else None


def _listen(value: str) -> tuple[str, int]:
    host, colon, port = value.rpartition(":")
    if not colon or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("write it as address:port, for example 127.0.0.1:8080")
    return host.strip("[]") or "127.0.0.1", int(port)


def _listen_or_none(value: str) -> tuple[str, int] | None:
    return _listen(value) if value else None


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in allowed:
            raise ValueError(f"it must be one of: {', '.join(allowed)}")
        return value.lower()

    return parse


def _database(value: str) -> str:
    plain = value.replace("sqlite+aiosqlite:", "sqlite:", 1)
    if plain and not plain.startswith("sqlite:///"):
        raise ValueError("write it as sqlite:///path/to/gateway.db; other databases are not supported yet")
    return plain


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(word) for word in _words(value))
    except ValueError as error:
        raise ValueError(f"write addresses, or networks such as 192.168.1.0/24 ({error})") from None


def _command(value: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(value))
    except ValueError as error:
        raise ValueError(f"write it as one command with its arguments ({error})") from None


OPTIONS: tuple[Option, ...] = (
    Option("data_dir", None, "Folder for the database, keys and logs of consent.", _path),
    Option("database", "", "URL of the database. Default: sqlite:///DATA_DIR/gateway.db", _database),
    Option(
        "listen",
        "127.0.0.1:8080",
        "Address and port of the panel and the API. Other than loopback needs TLS.",
        _listen,
    ),
    Option("log_level", "info", "How much to log.", _one_of("debug", "info", "warning", "error")),
    Option(
        "log_format",
        "text",
        "text for people, json for machines (one object per line).",
        _one_of("text", "json"),
    ),
    Option(
        "tls_cert",
        "",
        "Your own certificate, with its chain (PEM): listen then speaks TLS with it.",
        _path_or_none,
    ),
    Option("tls_key", "", "Private key (PEM) of that certificate.", _path_or_none),
    Option(
        "tls_listen",
        "0.0.0.0:8443",
        "Address and port at which the panel opens over TLS to other machines besides, once sms-gateway tls "
        "init was run. Not with tls_cert. Empty: it never opens.",
        _listen_or_none,
    ),
    Option(
        "trusted_hosts",
        "",
        "Host names the panel answers to besides those of its certificate, comma separated. Empty: loopback "
        "names.",
        _words,
    ),
    Option(
        "trusted_proxies",
        "",
        "Addresses or networks of reverse proxies, comma separated: what they say of the sender, by "
        "X-Forwarded-For and X-Forwarded-Proto, is believed. Empty: nobody is.",
        _networks,
    ),
    Option(
        "serial_ports",
        "",
        "Ports that may be asked for a modem, comma separated, such as /dev/ttyUSB*. Empty: every USB serial "
        "port.",
        _words,
    ),
    Option(
        "power_command",
        "",
        "Command that cuts a hung modem's power and gives it back, such as uhubctl -l 1-1 -p 2 -a cycle. It "
        "is told the port in SMS_GATEWAY_PORT. Empty: that step of recovery is left out.",
        _command,
    ),
)
_BY_NAME = {option.name: option for option in OPTIONS}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def user_data_dir(env: Mapping[str, str]) -> Path:
    """The user's data folder by the XDG base directory rules."""
    base = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME", "~")).expanduser() / ".local" / "share")
    return Path(base) / "sms-gateway"


def load(file: str | os.PathLike[str] | None = None, env: Mapping[str, str] = os.environ) -> Settings:
    """Read boot settings: `file`, else $SMS_GATEWAY_CONFIG, else the system's file, else defaults.

    An environment variable wins over the file.

    Raises:
        ConfigError: a file that is not there or not TOML, an unknown key, a value that cannot be used.
    """
    named = file or env.get(ENV_PREFIX + "CONFIG")
    values = _from_file(Path(named)) if named else _from_file(DEFAULT_FILE, may_be_missing=True)
    _check_env(env)
    values.update({o.name: (env[o.env], o.env) for o in OPTIONS if env.get(o.env)})
    parsed = {option.name: _parse(option, values) for option in OPTIONS if option.default is not None}
    data_dir = _parse(_BY_NAME["data_dir"], values) if "data_dir" in values else user_data_dir(env)
    settings = Settings(data_dir=data_dir, **parsed)  # type: ignore[arg-type]
    return _finish(settings)


def _parse(option: Option, values: Mapping[str, tuple[str, str]]) -> object:
    text, where = values.get(option.name, (option.default or "", "the default"))
    try:
        return option.parse(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {option.name} = {text!r} cannot be used: {error}.") from None


def _from_file(path: Path, may_be_missing: bool = False) -> dict[str, tuple[str, str]]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        if may_be_missing and isinstance(error, FileNotFoundError):
            return {}
        if path == DEFAULT_FILE and isinstance(error, PermissionError):
            raise ConfigError(
                f"{path}: only root may read the service's settings. Run it with sudo."
            ) from None
        raise ConfigError(
            f"{path}: {error.strerror}. Check its path and rights, or name another with --config."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: this is not valid TOML: {error}. Correct that line.") from None
    for key in found:
        if key not in _BY_NAME:
            raise ConfigError(f"{path}: {_unknown(key, tuple(_BY_NAME))}")
    return {key: (_as_text(value), str(path)) for key, value in found.items()}


def _as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _check_env(env: Mapping[str, str]) -> None:
    known = {option.env for option in OPTIONS} | {ENV_PREFIX + "CONFIG"}
    for key in env:
        if key.startswith(ENV_PREFIX) and key not in known:
            raise ConfigError(f"environment: {_unknown(key, tuple(known))}")


def _unknown(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return f"there is no setting {key!r}. Did you mean {near[0]!r}?"


def _finish(settings: Settings) -> Settings:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ConfigError("tls_cert and tls_key belong together. Set both, or neither.")
    host = settings.listen[0]
    if host not in LOOPBACK and not settings.tls_cert:
        raise ConfigError(
            f"listen = {host}: without TLS the panel only opens on this machine. "
            "Leave listen at 127.0.0.1:8080 and open it to the others with: sms-gateway tls init. "
            "Or set tls_cert and tls_key."
        )
    if not settings.database:
        return _with_database(settings, f"sqlite:///{settings.data_dir / 'gateway.db'}")
    return settings


def _with_database(settings: Settings, url: str) -> Settings:
    fields = {name: getattr(settings, name) for name in Settings.__slots__}
    return Settings(**{**fields, "database": url})
