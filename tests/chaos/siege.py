"""One office, one fake modem, and rounds of texts both ways while the program is killed and started.

Clients post over the API with an idempotency key and repeat until they have an answer; customers write;
the program is killed at random moments, also while it starts. When all is out, a clerk decides about the
texts nobody can know about, as on the panel, and `judge` looks at the whole.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.chaos import judge
from tests.chaos.judge import Facts, Text
from tests.fake_modem.control import FakeModem
from tests.stories.harness import Office, exchange

CLIENTS, PHONES, STOPS = 4, 15, 3
SETTLED_WITHIN, ANSWERED_WITHIN, REPORTED_WITHIN = 300.0, 60.0, 1.0
UNFINISHED = ("queued", "sending", "receiving", "unconfirmed")


@dataclass(frozen=True)
class Size:
    """How much happens in a round."""

    texts: int = 100
    inbound: int = 30
    kills: int = 4


@dataclass
class Outcome:
    """What a round came to."""

    number: int
    counts: dict[str, int]
    violations: list[str]
    seconds: float


class Siege(AbstractContextManager["Siege"]):
    """Owns the office and the modem; `play` one round after the other."""

    def __init__(self, folder: Path, size: Size, seed: int) -> None:
        self._size, self._random = size, random.Random(seed)
        self._modem = FakeModem(
            "--link", str(folder / "modem"), "--air-time", "0.02-0.06", "--report-delay", "0.1",
            "--seed", str(seed),
        )  # fmt: skip
        self._given_up = threading.Event()
        self._office = Office.found(folder)
        self._office.must("line", "add", "front", "--port", self._modem.path, "--no-limit")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._office.close()
        self._modem.close()

    def __enter__(self) -> Self:
        return self

    @property
    def database(self) -> Path:
        """The office's database."""
        return self._office.data / "gateway.db"

    def play(self, number: int) -> Outcome:
        """One round on phones of its own."""
        began = time.monotonic()
        facts = Facts(database=self.database)
        phones = [f"+1303555{number * 100 + place:04d}" for place in range(PHONES)]
        before = sum(judge.resolutions(self.database).values())
        kills, starting = self._run(facts, phones, number)
        settled = self._settle(facts)
        self._collect(facts, phones)
        violations = settled + judge.violations(facts)
        counts = {
            "accepted": len(facts.accepted), "refused": len(facts.refused),
            "inbound": len(facts.written), "stops": len(facts.stopped),
            "kills": kills, "starting": starting,
            "unclear": sum(judge.resolutions(self.database).values()) - before,
            "again": len(facts.again), "marked": len(facts.marked),
            "canceled": sum(row["state"] == "canceled" for row in facts.outbound()),
            "unreported": sum(row["state"] == "sent" for row in facts.outbound())
            - sum(facts.stored[one]["state"] == "sent" for one in facts.marked),
        }  # fmt: skip
        return Outcome(number, counts, violations, time.monotonic() - began)

    # --- what happens ---------------------------------------------------------------------------------

    def _run(self, facts: Facts, phones: list[str], number: int) -> tuple[int, int]:
        """Everything at once; returns how often the program was killed, and how often while starting."""
        texts = _texts(self._random, phones, number, self._size.texts)
        letters = _letters(self._random, phones, number, self._size.inbound)
        pace = self._size.kills * 0.5
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            seeds = [self._random.random() for _ in range(CLIENTS + 1)]
            jobs = [
                pool.submit(self._post_all, texts[place::CLIENTS], facts, pace, random.Random(seeds[place]))
                for place in range(CLIENTS)
            ]
            jobs.append(pool.submit(self._write_all, letters, facts, pace, random.Random(seeds[-1])))
            try:
                counts = self._kill_and_start()
            except BaseException:
                self._given_up.set()
                raise
            for job in jobs:
                job.result()
        return counts

    def _pause(self, seconds: float) -> None:
        if self._given_up.wait(seconds):
            raise AssertionError("the round was given up")

    def _kill_and_start(self) -> tuple[int, int]:
        starting = 0
        for _ in range(self._size.kills):
            early = self._random.random() < 0.25
            if self._office.process is None:
                self._office.launch_daemon()
                if early:
                    self._pause(self._random.uniform(0.3, 1.6))
                    starting += 1
                    self._office.kill()
                    continue
                self._office.wait_open()
            self._pause(self._random.uniform(0.2, 2.5))
            self._office.kill()
        self._office.start()
        return self._size.kills, starting

    def _post_all(self, texts: list[Text], facts: Facts, pace: float, chance: random.Random) -> None:
        for text in texts:
            self._pause(chance.uniform(0, 2 * pace / len(texts)))
            status, answer = self._post_until_answered(text)
            if status == 202:
                facts.accepted[answer["id"]] = text
            elif (status, answer.get("code")) == (422, 21610) and text.number in facts.stopped:
                facts.refused.append(text)
            else:
                raise AssertionError(f"{text.mark} was answered {status}: {answer}")

    def _post_until_answered(self, text: Text) -> tuple[int, dict[str, Any]]:
        body = json.dumps({"to": text.number, "body": text.body}).encode()
        headers = {
            "Authorization": f"Bearer {self._office.token}", "Content-Type": "application/json",
            "Idempotency-Key": text.mark,
        }  # fmt: skip
        deadline = time.monotonic() + ANSWERED_WITHIN
        while True:
            try:
                answer = exchange(self._office.address, "POST", "/api/v1/messages", body, headers)
            except (OSError, http.client.HTTPException, ValueError):
                if time.monotonic() > deadline:
                    raise
                self._pause(0.05)
            else:
                return answer.status, answer.body

    def _write_all(
        self, letters: list[tuple[Text, dict[str, Any]]], facts: Facts, pace: float, chance: random.Random
    ) -> None:
        for letter, options in letters:
            self._pause(chance.uniform(0, 2 * pace / len(letters)))
            if letter.body == "STOP":
                facts.stopped.add(letter.number)
            self._modem.control.text(letter.number, letter.body, **options)
            facts.written.append((letter.number, letter.body))

    # --- the end of a round ---------------------------------------------------------------------------

    def _settle(self, facts: Facts) -> list[str]:
        """Wait until everything is out and in; a clerk decides what only a person can."""
        deadline = time.monotonic() + SETTLED_WITHIN
        self._office.until_up(seconds=SETTLED_WITHIN)
        quiet_since = time.monotonic()
        while open_ones := self._open():
            unclear = [row for row in open_ones if row["state"] == "unconfirmed"]
            if self._radio_busy() or any(row["state"] in ("sending", "receiving") for row in open_ones):
                quiet_since = time.monotonic()
            if time.monotonic() > deadline:
                return [f"not settled within {SETTLED_WITHIN:.0f} s: {len(open_ones)} messages open"]
            if unclear and time.monotonic() - quiet_since > 1.0:
                self._decide(facts, unclear)
            time.sleep(0.1)
        self._wait_for_reports(facts)
        return []

    def _open(self) -> list[dict[str, Any]]:
        """What is on its way or waits for somebody's decision."""
        found = [row for state in UNFINISHED for row in self._office.pages(state=state)]
        return [row for row in found if (row["reason"] or {}).get("code") != "sent_again"]

    def _radio_busy(self) -> bool:
        state = self._modem.control.state()
        return bool(state["waiting"] or any(used for used, _ in state["stores"].values()))

    def _decide(self, facts: Facts, unclear: list[dict[str, Any]]) -> None:
        """As the office would: half are sent again, the others are taken as sent."""
        panel = self._office.sign_in()
        for row in unclear:
            thread = f"/conversations/{row['conversation']}"
            if row["to"] in facts.stopped or self._random.random() < 0.5:
                panel.press(thread, "Mark as sent", row["id"])
                facts.marked.add(row["id"])
            else:
                panel.press(thread, "Send again", row["id"])
                facts.again.add(row["id"])

    def _wait_for_reports(self, facts: Facts) -> None:
        """What was reported while the program was away is lost with a modem that does not store reports."""
        deadline = time.monotonic() + REPORTED_WITHIN
        while self._radio_busy() or time.monotonic() < deadline:
            missing = {row["id"] for row in self._office.pages(state="sent")} - facts.marked
            if not missing & facts.accepted.keys():
                return
            time.sleep(0.1)

    def _collect(self, facts: Facts, phones: list[str]) -> None:
        control = self._modem.control
        everything = self._office.pages()
        facts.stored = {
            row["id"]: row for row in everything if (row["to"] in phones or row["from"] in phones)
        }
        facts.phones = {number: control("phone", number=number) for number in phones}
        facts.deleted = control("deleted")["deleted"]
        facts.modem = control.state() | control("lost", known=judge.raw_pdus(self.database))


# --- the plan of a round ------------------------------------------------------------------------------


def _texts(chance: random.Random, phones: list[str], number: int, count: int) -> list[Text]:
    """Short and long texts, some with emoji; every word of one holds its mark."""
    return [
        _text(f"r{number}t{place}.", chance.choice(phones), chance.choice((1, 1, 1, 4, 30)), chance)
        for place in range(count)
    ]


def _text(mark: str, number: str, words: int, chance: random.Random) -> Text:
    ending = chance.choice(("", "", " 😀"))
    return Text(mark, number, " ".join(f"{mark}{word}" for word in range(words)) + ending)


def _letters(
    chance: random.Random, phones: list[str], number: int, count: int
) -> list[tuple[Text, dict[str, Any]]]:
    """What customers write, with the pace of its parts; three of them say STOP."""
    letters: list[tuple[Text, dict[str, Any]]] = []
    for place in range(count - STOPS):
        long = chance.random() < 0.3
        text = _text(f"r{number}i{place}.", chance.choice(phones), 40 if long else 2, chance)
        letters.append((text, {"gap": chance.uniform(0, 0.3)} if long else {}))
    for phone in chance.sample(phones, STOPS):
        letters.insert(chance.randrange(len(letters)), (Text("", phone, "STOP"), {}))
    return letters
