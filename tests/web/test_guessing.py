"""Guessing at the door: passwords of one, of many, from many places (fault row 77), and who works here at
all (fault row 78)."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from gateway.desk import alarm_readings, team, tries
from gateway.domain.alarms import RULES, Kind
from tests.office import Office
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

WRONG = "a guess of somebody"
HERE, THERE = "192.0.2.1", "198.51.100.9"


def tried(panel: Flask, username: str, address: str, password: str = WRONG) -> int:
    """The status of one try from an address, with a browser that has nothing yet."""
    browser = Browser(panel.test_client())
    browser.client.environ_base["REMOTE_ADDR"] = address
    browser.get("/sign-in")
    fields = {**browser.page.forms["/sign-in"], "username": username, "password": password}
    return int(browser.client.post("/sign-in", data=fields).status_code)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Passwords are hashed with little work, where how long it takes is not what is asked."""
    monkeypatch.setattr(team, "_hasher", type(team._hasher)(time_cost=1, memory_cost=8, parallelism=1))
    team._nobodys_hash.cache_clear()
    yield
    team._nobodys_hash.cache_clear()


def test_row_77_one_name_many_passwords(panel: Flask, office: Office, quick: None) -> None:
    """Each try takes longer, and no pause is for the person: elsewhere they sign in at once."""
    told = Counter[int]()
    for _ in range(60):
        told[tried(panel, "agent", HERE)] += 1
        office.clock.step(seconds=10)
    assert told[401] < 20, "in ten minutes"
    while tried(panel, "agent", HERE) != 429:
        pass
    assert tried(panel, "agent", HERE, PASSWORD) == 429
    assert tried(panel, "agent", THERE, PASSWORD) == 303
    office.clock.step(seconds=tries.LONGEST_PAUSE.total_seconds() + 1)
    assert tried(panel, "agent", HERE, PASSWORD) == 303, "a minute at most, and no lock that stays"


def test_row_77_many_names_one_password(panel: Flask, office: Office, quick: None) -> None:
    told = Counter[int]()
    for n in range(60):
        told[tried(panel, f"name{n}", HERE)] += 1
        office.clock.step(seconds=5)
    assert told[401] < 50
    while tried(panel, "another", HERE) != 429:
        pass
    assert tried(panel, "agent", THERE, PASSWORD) == 303


def test_row_77_from_many_places_raises_the_alarm_and_keeps_nobody_out(
    panel: Flask, office: Office, quick: None
) -> None:
    for n in range(1, 13):
        tried(panel, "agent", f"203.0.113.{n}")
    assert tried(panel, "agent", HERE, PASSWORD) == 303
    now = office.clock()
    measured = office.read(lambda tx: {one.kind: one.value for one in alarm_readings.often(tx, now, now)})
    assert RULES[Kind.SIGN_INS].is_trouble(measured[Kind.SIGN_INS])


def test_row_77_what_has_to_wait_costs_no_hash(panel: Flask, office: Office) -> None:
    """So that a flood of tries leaves the processor to others: who has to wait is told so before."""
    while tried(panel, "agent", HERE) != 429:
        pass
    began = time.process_time()
    for _ in range(5):
        assert tried(panel, "agent", HERE) == 429
    waiting = time.process_time() - began
    began = time.process_time()
    for n in range(5):
        assert tried(panel, f"another{n}", THERE) == 401
    assert waiting < time.process_time() - began


def test_row_77_after_a_restart_it_goes_on_where_it_was(panel: Flask, office: Office) -> None:
    while tried(panel, "agent", HERE) != 429:
        pass
    office.restart()
    with pytest.raises(tries.TooSoon):
        office.write(lambda tx: tries.begin(tx, "agent", HERE, office.clock()))


# --- who works here ----------------------------------------------------------------------------------


def test_row_78_nothing_in_the_answer_tells_who_there_is(panel: Flask, office: Office) -> None:
    """A name that is there, one that is not, one that may no more, one that can be none."""
    office.write(lambda tx: team.disable_user(tx, "viewer", "command:test", office.clock()))
    heard = set()
    for n, name in enumerate(("agent", "nobody", "viewer", "ünknown; --", "a" * 300)):
        browser = Browser(panel.test_client())
        browser.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{n}"
        browser.get("/sign-in")
        token = browser.page.forms["/sign-in"]["csrf_token"]
        answer = browser.submit("/sign-in", username=name, password=PASSWORD if name == "viewer" else WRONG)
        headers = tuple(
            sorted((k, v) for k, v in answer.headers if k not in ("Content-Length", "Server-Timing"))
        )
        fresh = browser.page.forms["/sign-in"]["csrf_token"]  # holds the second it was made in
        same = browser.html.replace(token, "").replace(fresh, "").replace(f'value="{name}"', "")
        heard.add((answer.status_code, headers, same))
    assert len(heard) == 1


def test_row_78_nor_do_the_pauses(panel: Flask, quick: None) -> None:
    assert [tried(panel, "agent", HERE) for _ in range(5)] == [
        tried(panel, "nobody", THERE) for _ in range(5)
    ]


@contextmanager
def processor() -> Iterator[list[float]]:
    """Seconds of this thread's processor: what else the machine does is not in it."""
    took: list[float] = []
    began = time.thread_time()
    yield took
    took.append(time.thread_time() - began)


def one_look(office: Office, user: object) -> float:
    with processor() as took:
        assert not team.password_fits(user, WRONG)  # type: ignore[arg-type]
    return took[0]


def medians(office: Office, pairs: int) -> tuple[float, float]:
    """Seconds of processor that a wrong password takes, of somebody and of nobody; measured in turns."""
    user = office.read(lambda tx: team.known(tx, "agent"))
    one_look(office, None)  # the first time makes nobody's hash
    known, unknown = [], []
    for n in range(pairs):
        for who in (True, False) if n % 2 else (False, True):
            (known if who else unknown).append(one_look(office, user if who else None))
    return statistics.median(known), statistics.median(unknown)


def test_row_78_nobodys_password_takes_as_long_as_somebodys(panel: Flask, office: Office) -> None:
    known, unknown = medians(office, 15)
    assert 0.5 < known / unknown < 2, "without a hash for nobody it is a thousand times faster"


@pytest.mark.slow
def test_row_78_two_hundred_of_each_cannot_be_told_apart(panel: Flask, office: Office) -> None:
    """Welch's t over pairs measured in turns; the bar is five times what chance passes once in a thousand,
    since a machine that is busy otherwise has heavy tails, and medians stand beside it."""
    user = office.read(lambda tx: team.known(tx, "agent"))
    one_look(office, None)
    kept: dict[bool, list[float]] = {True: [], False: []}
    for n in range(200):
        for who in (True, False) if n % 2 else (False, True):
            kept[who].append(one_look(office, user if who else None))
    known, unknown = (sorted(kept[who])[10:-10] for who in (True, False))
    spread = statistics.variance(known) / len(known) + statistics.variance(unknown) / len(unknown)
    t = (statistics.mean(known) - statistics.mean(unknown)) / spread**0.5
    assert abs(t) < 16, t
    assert 0.9 < statistics.median(known) / statistics.median(unknown) < 1.1
