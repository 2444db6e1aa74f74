"""Somebody at the panel, as the network sees it: one connection, a cookie, one page after another."""

from __future__ import annotations

import http.client
import re
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

from .office import PASSWORD, USERNAME

TIMEOUT_S = 120.0
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """Signed in while the context is open."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT_S)
        self._cookies: dict[str, str] = {}

    def __enter__(self) -> Self:
        found = _CSRF.search(self._ask("GET", "/sign-in")[1])
        if found is None:
            raise RuntimeError("the page for signing in has no form")
        typed = {"csrf_token": found[1], "username": USERNAME, "password": PASSWORD, "then": ""}
        status, _ = self._ask("POST", "/sign-in", urlencode(typed))
        if status != 303:
            raise RuntimeError(f"signing in was answered with {status}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, path: str) -> tuple[float, str]:
        """Milliseconds until the whole page was here, and the page.

        Raises:
            RuntimeError: it was answered with something else than a page.
        """
        began = time.perf_counter()
        status, page = self._ask("GET", path)
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            raise RuntimeError(f"{path} was answered with {status}")
        return took, page

    def _ask(self, method: str, path: str, typed: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if typed is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self._host}",
            }  # fmt: skip
        self._connection.request(method, path, typed, headers)
        answer = self._connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, page
