"""A large file is read from somebody alone who may bring one in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from gateway.domain.people import RIGHTS, Right, Role
from gateway.web.app import LARGEST_REQUEST
from gateway.web.room import LARGER, Room
from gateway.web.server import Router
from gateway.web.site import site_of
from tests.web.browser import Browser


async def _nobody(*_: object) -> None:
    raise AssertionError("not asked")


class Asked:
    """A client that goes on sending; how much of it was read."""

    def __init__(self, panel: Flask, path: str, cookie: str) -> None:
        self.read, self.answered, self._left = 0, 0, 64
        headers = [
            (b"content-length", b"67108864"),
            *([(b"cookie", f"sid={cookie}".encode())] if cookie else []),
        ]
        self.scope = {
            "type": "http", "method": "POST", "path": path, "scheme": "http", "http_version": "1.1",
            "client": ("192.0.2.1", 1), "headers": headers,
        }  # fmt: skip
        self._database = site_of(panel).database
        self._router = Router(_nobody, self._answer, room=Room(site_of(panel)))  # type: ignore[arg-type]

    async def send(self) -> Asked:
        await self._router(self.scope, self._receive, _nobody)
        await self._database.aclose()
        return self

    async def _receive(self) -> dict[str, object]:
        self._left -= 1
        self.read += 1 << 20
        return {"type": "http.request", "body": bytes(1 << 20), "more_body": self._left > 0}

    async def _answer(self, scope: object, receive: Callable[..., object], send: object) -> None:
        self.answered += 1


@pytest.mark.parametrize("path", LARGER)
async def test_of_a_stranger_no_more_is_read_than_of_any_request(panel: Flask, path: str) -> None:
    for cookie in ("", "made-up"):
        asked = await Asked(panel, path, cookie).send()
        assert asked.read <= LARGEST_REQUEST + (1 << 20) and asked.answered == 1


@pytest.mark.parametrize("path", LARGER)
@pytest.mark.parametrize("role", list(Role))
async def test_of_somebody_as_much_as_their_role_may_bring(
    panel: Flask, browser_of: Callable[[str], Browser], path: str, role: Role
) -> None:
    cookie = browser_of(role.value).client.get_cookie("sid")
    assert cookie is not None
    asked = await Asked(panel, path, cookie.value).send()
    may = Right.CONTACT_IMPORT in RIGHTS[role]
    assert (asked.read > LARGER[path]) == may
    assert (asked.read <= LARGEST_REQUEST + (1 << 20)) != may
