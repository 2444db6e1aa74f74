"""Rows 1 to 3 and 19 to 22 of the fault matrix: the process dies, is starved, or waits for its turn."""

from __future__ import annotations

import contextlib
import http.client
import random
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fake_modem.control import FakeModem
from tests.faults.conftest import Founded
from tests.faults.judged import Judged, connected, judge, noted
from tests.faults.nursery import Nursery, Program, injected, memory_limit, needs_strace
from tests.office import ANNA, BEN
from tests.stories.harness import until

TEXTS = [[ANNA, "Your table is ready."], [BEN, "See you at nine. " * 15], [ANNA, "Or at ten?"]]
LATER = 200.0
"""Seconds after a crash in which a line is no longer kept quiet, and no doubt holds a conversation back."""
KILLED = -9


class Lives:
    """The lives of one office, one after the other; after each the invariants are held."""

    def __init__(self, nursery: Nursery, folder: Path, founded: Founded) -> None:
        self._nursery, self.folder, self._founded = nursery, folder, founded
        self._ahead_s = 0.0

    def one(self, *faults: str, kill_at: int = 0, texts: list[list[str]] = TEXTS) -> int:
        """One life, with system calls that fail; its exit code."""
        plan = {"kill_at": kill_at, "texts": texts, "ahead_s": self._ahead_s}
        child = self._nursery.office(self.folder, waits=bool(faults), **plan)
        if faults:
            with injected(child.pid, *faults):
                child.go_on()
                code = child.wait()
        else:
            code = child.wait()
        assert code in (0, KILLED), child.said()
        self._ahead_s += LATER
        self.judge()
        return code

    def last(self) -> None:
        """A life in which nothing happens: it ends with nothing left to do."""
        assert self.one(texts=[[BEN, "We are open again."]]) == 0
        self.judge().sent_whole_or_unclear()
        assert list((self.folder / "sim").iterdir()) == []

    def judge(self) -> Judged:
        return judge(self.folder, known=set(self._founded.pdus))

    @property
    def steps(self) -> int:
        """How many steps the last whole life took."""
        return int(noted(self.folder / "steps")[-1][0])


@pytest.fixture
def lives(nursery: Nursery, new_folder: Callable[[str], Path], founded: Founded) -> Callable[[str], Lives]:
    return lambda name: Lives(nursery, new_folder(name), founded)


def sample(seed: int, count: int, of: range) -> list[int]:
    """Some of them, the same in every run."""
    return sorted(random.Random(seed).sample(of, min(count, len(of))))


def whole_life(lives: Callable[[str], Lives]) -> int:
    """How many steps an undisturbed life takes, about: threads make it differ by a few."""
    one = lives("undisturbed")
    assert one.one() == 0
    return one.steps


# --- 1: at any write and sync -------------------------------------------------------------------------

CALLS = ("pwrite64", "fdatasync", "fsync", "ftruncate", "unlink")


def killed_at_call(lives: Callable[[str], Lives], call: str, number: int) -> bool:
    """A life that ends at that system call, and the next one; False when the call was never reached."""
    one = lives(f"{call}-{number}")
    if one.one(f"{call}:signal=KILL:when={number}") == 0:
        return False
    one.last()
    return True


@needs_strace
@pytest.mark.parametrize(("call", "number"), [("pwrite64", n) for n in sample(1, 8, range(1, 120))]
    + [("fdatasync", n) for n in sample(2, 5, range(1, 25))] + [("fsync", 1), ("unlink", 1)])  # fmt: skip
def test_row_01_killed_at_some_writes_and_syncs(
    lives: Callable[[str], Lives], call: str, number: int
) -> None:
    killed_at_call(lives, call, number)


@needs_strace
@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("call", CALLS)
def test_row_01_killed_at_every_write_and_sync(lives: Callable[[str], Lives], call: str) -> None:
    reached = 0
    while killed_at_call(lives, call, reached + 1):
        reached += 1
    print(f"{call}: {reached} points reached")


# --- 2: at any step -----------------------------------------------------------------------------------


def killed_at_step(lives: Callable[[str], Lives], step: int) -> bool:
    """A life that ends before that callback of its loop, and the next one; False when it ended earlier."""
    one = lives(f"step-{step}")
    reached = one.one(kill_at=step) == KILLED
    one.last()
    return reached


def test_row_02_killed_at_some_awaits(lives: Callable[[str], Lives]) -> None:
    steps = sample(2, 12, range(1, whole_life(lives)))
    assert sum(killed_at_step(lives, step) for step in steps) >= len(steps) - 2


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_row_02_killed_at_every_await(lives: Callable[[str], Lives]) -> None:
    step = 1
    while killed_at_step(lives, step):
        step += 1
    print(f"{step - 1} steps")


class OnModem:
    """Lives of offices on one modem, each on a folder of its own. The modem outlives them all."""

    def __init__(self, nursery: Nursery, modem: FakeModem, new_folder: Callable[[str], Path]) -> None:
        self._nursery, self._modem, self._new_folder = nursery, modem, new_folder
        self._known: set[str] = set()
        self.steps = 0

    def killed_at(self, step: int) -> bool:
        """A life that ends at that step, and the next one; False when the first ended earlier."""
        folder = self._new_folder(f"step-{step}")
        with contextlib.closing(connected(folder / "gateway.db")) as connection:
            connection.execute("UPDATE lines SET port = ?", (self._modem.path,))
        body, question = f"Your table {step} is ready.", f"Is table {step} free?"
        self._modem.control.text(BEN, question)
        plan = {"modem": True, "receives": 1}
        killed = self._nursery.office(folder, texts=[[ANNA, body]], kill_at=step, **plan)
        reached = killed.wait() == KILLED
        last = self._nursery.office(folder, texts=[[BEN, body]], ahead_s=LATER, **plan)
        assert last.wait() == 0, last.said()
        self.steps = int(noted(folder / "steps")[0][0])
        self._judge(folder, body)
        return reached

    def _judge(self, folder: Path, body: str) -> None:
        judged = judge(folder)
        with contextlib.closing(connected(folder / "gateway.db")) as connection:
            self._known |= {pdu for (pdu,) in connection.execute("SELECT pdu FROM raw_pdus")}
            to = dict(connection.execute("SELECT id, peer FROM messages"))
        assert self._modem.control("lost", known=sorted(self._known))["lost"] == []
        for message_id, state in judged.states.items():
            times = self._modem.control.texts(to[message_id]).count(body)
            assert times == 1 if state in ("sent", "delivered") else (state, times) <= ("unconfirmed", 1)


@pytest.fixture
def on_modem(nursery: Nursery, new_folder: Callable[[str], Path]) -> Iterator[OnModem]:
    with FakeModem("--air-time", "0", "--report-delay", "-1", "--chunking", "byte") as modem:
        yield OnModem(nursery, modem, new_folder)


def test_row_02_killed_at_some_octets(on_modem: OnModem) -> None:
    assert not on_modem.killed_at(100_000)
    for step in sample(22, 3, range(300, on_modem.steps)):
        on_modem.killed_at(step)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_row_02_killed_at_many_octets(on_modem: OnModem) -> None:
    """Octets to the device or from it, and awaits between them: a tenth of all, for a life takes seconds."""
    assert not on_modem.killed_at(100_000)
    for step in sample(23, on_modem.steps // 10, range(1, on_modem.steps)):
        on_modem.killed_at(step)


# --- 3: while the next life settles what the last left open -------------------------------------------

IN_FLIGHT = 300


def killed_twice(lives: Callable[[str], Lives], first: int, second: int) -> bool:
    """Killed at a step, and again at a step of the next life; False when that ended earlier."""
    one = lives(f"steps-{first}-{second}")
    one.one(kill_at=first)
    reached = one.one(kill_at=second, texts=[]) == KILLED
    one.last()
    return reached


def test_row_03_killed_while_recovering(lives: Callable[[str], Lives]) -> None:
    chance = random.Random(3)
    pairs = [(chance.randrange(50, 600), chance.randrange(1, 60)) for _ in range(6)]
    assert all(killed_twice(lives, *pair) for pair in pairs)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_row_03_killed_at_every_step_of_a_recovery(lives: Callable[[str], Lives]) -> None:
    for first in sample(4, 5, range(100, 600)):
        second = 1
        while killed_twice(lives, first, second):
            second += 3


# --- 19 and 20: too little memory, too few descriptors ------------------------------------------------


def test_row_19_killed_for_its_memory(nursery: Nursery, lives: Callable[[str], Lives]) -> None:
    one = lives("office")
    with memory_limit(100_000_000) as limit:
        child = nursery.office(one.folder, texts=TEXTS, leaks=True, waits=True)
        limit(child.pid)
        child.go_on()
        assert child.wait() == KILLED, child.said()
    one.judge()
    one.last()


def test_row_20_no_descriptors_left(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    """Connections would take all there are: the panel hangs up on them, and texts go out all the same."""
    folder = new_folder("office")
    with (
        FakeModem("--air-time", "0", "--report-delay", "0") as modem,
        contextlib.ExitStack() as held,
        contextlib.ExitStack() as calls,
    ):
        with contextlib.closing(connected(folder / "gateway.db")) as connection:
            connection.execute("UPDATE lines SET port = ?", (modem.path,))
        child = nursery.program(folder, "run", limits={"RLIMIT_NOFILE": 192})
        held.callback(child.kill)
        one = Program(child, founded.token).open()
        assert one.post(ANNA, "before").status == 202
        until(lambda: one.states()["before"] == "delivered")
        host, _, port = one.address.removeprefix("http://").rpartition(":")
        taken = [calls.enter_context(socket.create_connection((host, int(port)))) for _ in range(200)]
        until(lambda: hangs_up(one), what="the panel hangs up")
        sent = nursery.program(folder, "send", BEN, "meanwhile", says=tmp_path)
        assert sent.wait() == 0, sent.said()
        modem.control.text(ANNA, "Are you there?")
        until(lambda: modem.control.texts(BEN) == ["meanwhile"], what="the text went out")
        for call in taken:
            with contextlib.suppress(OSError):  # it was hung up on
                call.sendall(b"GET /healthz/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        wanted = {"before", "meanwhile", "Are you there?"}
        until(lambda: everything_or_nothing(one) == wanted, what="it answers again")
        assert one.end() == 0
    judge(folder)


def hangs_up(one: Program) -> bool:
    try:
        one.states()
    except (OSError, http.client.HTTPException):
        return True
    return False


def everything_or_nothing(one: Program) -> set[str]:
    try:
        return everything(one)
    except (OSError, http.client.HTTPException):
        return set()


def everything(one: Program) -> set[str]:
    """The words of every text; none while it does not answer."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        return {text["body"] for text in one.ask("GET", "/api/v1/messages").body["data"]}
    return set()


# --- 21 and 22: a task dies, the loop is blocked -------------------------------------------------------

FATAL = ("feed", "lines", "other writers", "panel", "lane front")
MENDED = ("line front", "telling of")


@pytest.fixture
def radio() -> Iterator[FakeModem]:
    with FakeModem("--air-time", "0", "--report-delay", "0") as modem:
        yield modem


@pytest.fixture
def struck(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path], radio: FakeModem
) -> Iterator[Callable[[str], Program]]:
    """The program at work on the radio, and a task of it that died."""
    begun: list[Program] = []

    def strike(name: str) -> Program:
        folder = new_folder("office")
        with contextlib.closing(connected(folder / "gateway.db")) as connection:
            connection.execute("UPDATE lines SET port = ?", (radio.path,))
        begun.append(Program(nursery.program(folder, "run", dies=name), founded.token))
        one = begun[-1].open()
        assert one.post(ANNA, "before").status == 202
        until(lambda: one.states()["before"] == "delivered")
        one.child.signal(signal.SIGUSR1)
        until(lambda: "planted by a test" in one.child.said(), what="it is said")
        return one

    yield strike
    for one in begun:
        one.child.kill()
        judge(one.child.folder)


@pytest.mark.parametrize("name", FATAL)
def test_row_21_a_task_that_dies_ends_the_program(struck: Callable[[str], Program], name: str) -> None:
    assert struck(name).child.wait() == 1


@pytest.mark.parametrize("name", MENDED)
def test_row_21_a_task_that_dies_is_begun_anew(
    struck: Callable[[str], Program], radio: FakeModem, name: str
) -> None:
    one = struck(name)
    assert one.post(BEN, "after").status == 202
    radio.control.text(ANNA, "Are you there?")
    until(lambda: one.states()["after"] == "delivered", 40.0)
    path = "/api/v1/messages?direction=inbound"
    until(lambda: [text["body"] for text in one.ask("GET", path).body["data"]] == ["Are you there?"], 40.0)
    assert one.end() == 0


@pytest.mark.parametrize(
    "seconds", [3.0, pytest.param(90.0, marks=[pytest.mark.slow, pytest.mark.timeout(240)])]
)
def test_row_22_a_loop_that_is_blocked(
    nursery: Nursery, founded: Founded, new_folder: Callable[[str], Path], seconds: float
) -> None:
    """Nothing is lost or sent twice. What ends such a program, a watchdog, comes with the service."""
    folder = new_folder("office")
    child = nursery.office(folder, texts=TEXTS, blocked_s=seconds)
    assert child.wait(seconds + 60.0) == 0, child.said()
    judged = judge(folder, known=set(founded.pdus))
    assert set(judged.states.values()) == {"sent"}
    judged.sent_whole_or_unclear()
