"""A whole panel over a real database: an office with people, a line and texts, and browsers signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from gateway.config import Settings, load
from gateway.desk import team
from gateway.domain.message import Purpose
from gateway.domain.people import Role, Scope
from gateway.store import settings as store_settings
from gateway.store import team as store_team
from gateway.web.app import create_app
from tests.office import Office
from tests.web.browser import Browser

PASSWORD = "a short sentence is good"


class _Compiled(BytecodeCache):
    """Templates are compiled once by each process that runs tests, not by each application in it."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


Flask.jinja_options = {"bytecode_cache": _Compiled()}


def _kept_builders() -> None:
    """What builds the address of a route is made once by each process as well: it hangs on the route alone,
    and takes most of the time an application does to make."""
    build, made = Rule._compile_builder, dict[Any, Any]()

    def kept(rule: Rule, append_unknown: bool = True) -> Any:
        defaults = tuple(sorted((rule.defaults or {}).items()))
        of = (rule.rule, rule.subdomain, rule.host, defaults, append_unknown)
        if of not in made:
            made[of] = build(rule, append_unknown)
        return made[of]

    Rule._compile_builder = kept  # type: ignore[method-assign]


_kept_builders()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return team.hash_password(PASSWORD, "")


@pytest.fixture
def boot(tmp_path: Path) -> Settings:
    return load(None, {"SMS_GATEWAY_DATA_DIR": str(tmp_path), "SMS_GATEWAY_LISTEN": "127.0.0.1:0"})


@pytest.fixture
def panel(office: Office, boot: Settings, password_hash: str) -> Iterator[Flask]:
    """The application over an office where one person of each role may sign in."""

    def seed(tx: Any) -> None:
        store_settings.put(tx, "office.name", "Alderwick Dental")
        store_settings.put(tx, "office.second_factor", "offered")
        for role in Role:
            name = {"admin": "Ruth Lindqvist", "agent": "Anna Reid"}.get(role.value, role.value.title())
            team.add_user(tx, role.value, name, role, password_hash, "command:test", office.clock())

    office.write(seed)
    app = create_app(office.database, boot, office.clock)
    app.testing = True
    yield app


@pytest.fixture
def browser_of(panel: Flask, office: Office) -> Callable[[str], Browser]:
    """A browser with somebody of that role signed in, by a session made without the form."""

    def signed_in(role: str) -> Browser:
        def begin(tx: Any) -> str:
            user = store_team.user_by_name(tx, role)
            assert user is not None
            return team.sign_in(tx, user, "test", office.clock())

        browser = Browser(panel.test_client())
        browser.client.set_cookie("sid", office.write(begin), domain="localhost")
        return browser

    return signed_in


@pytest.fixture
def anna(browser_of: Callable[[str], Browser]) -> Browser:
    """An agent at the panel."""
    return browser_of("agent")


@pytest.fixture
def stranger(panel: Flask) -> Browser:
    """A browser nobody is signed in with."""
    return Browser(panel.test_client())


class ApiClient:
    """A program with a token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, headers=self.headers, **more)

    def post(self, path: str, json: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.client.post(path, json=json, headers={**self.headers, **(headers or {})}, **more)

    def send(self, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        return self.post("/api/v1/messages", fields, headers)


def make_token(office: Office, name: str, *scopes: Scope, purposes: tuple[Purpose, ...] = ()) -> str:
    allowed = purposes or (Purpose.TRANSACTIONAL,)
    return office.write(
        lambda tx: team.create_token(tx, name, scopes, allowed, "command:test", office.clock())
    )


@pytest.fixture
def shop(panel: Flask, office: Office) -> ApiClient:
    """A program that may do everything the API has."""
    return ApiClient(panel.test_client(), make_token(office, "shop", *Scope))
