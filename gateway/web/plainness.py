"""What every request is held to, whatever it asks for: a field is given once, and a thing is not asked for
without end."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import abort, request
from flask.json.provider import DefaultJSONProvider

from gateway.domain.language import t

_View = TypeVar("_View", bound=Callable[..., Any])

MOST_FIELDS = 600
"""Of a form; more are not even taken apart."""
REPEATED = frozenset({"id", "line", "own_name", "own_value", "preset"})
"""Fields that a form may hold several times: what is chosen from a list."""


def refuse_many() -> None:
    """Answer 413 to a form of more fields than any of ours has, before they are taken apart."""
    if request.mimetype == "application/x-www-form-urlencoded":
        written = request.get_data(parse_form_data=False)
        if written.count(b"&") >= MOST_FIELDS:
            abort(413)


def refuse_repeated() -> None:
    """Answer 400 where a field is given twice: one part of a program could go by the first, another by the
    second (OWASP ASVS 5.0.0, 15.3.7)."""
    for given in (request.args, request.form):
        for name, values in given.lists():
            if len(values) > 1 and name not in REPEATED:
                abort(
                    400, t("A field was given twice, so nothing was done. Reload the page, then try again.")
                )


class EachNameOnce(DefaultJSONProvider):
    """Reads JSON objects in which no name stands twice, and no others."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """As `json.loads`. Raises ValueError also for a name that is there twice."""
        return super().loads(s, object_pairs_hook=_object, **kwargs)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


# --- how often ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one person may ask for a thing: so many times in so many seconds."""

    times: int
    seconds: float


SEARCHES = Pace(240, 60)
"""More than anybody types, letter by letter."""
EXPORTS = Pace(20, 3600)
"""Copies of what customers wrote that leave the panel."""


def at_most(pace: Pace) -> Callable[[_View], _View]:
    """Declare how often one person may ask for a route (ASVS 2.4.1); those of one pace count together."""

    def declare(view: _View) -> _View:
        view.__dict__["pace"] = pace
        return view

    return declare


class Paces:
    """Who asked when, while the program runs. `now` is monotonic, in seconds. Used from several threads."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._asked: dict[tuple[Pace, int], deque[float]] = {}

    def wait(self, pace: Pace, user_id: int) -> float:
        """Seconds until they may ask again; 0: now, which is noted."""
        now = self._now()
        with self._lock:
            asked = self._asked.setdefault((pace, user_id), deque())
            while asked and asked[0] <= now - pace.seconds:
                asked.popleft()
            if len(asked) >= pace.times:
                return asked[0] + pace.seconds - now
            asked.append(now)
            return 0.0
